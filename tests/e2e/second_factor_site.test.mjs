// The authenticator with an independent site: django-two-factor-auth shows its QR code, the camera scans it, the phone goes offline,
// and the site accepts the code that the phone shows.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as authenticatorPart from "../parts/authenticator.mjs";
import * as chromiumPart from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import * as sitePart from "../parts/two_factor_site.mjs";

let chromium, site, authenticator;
shared(async (stack) => {
  [chromium, site, authenticator] = await together(stack, chromiumPart.launch({ camera: true }), sitePart.start(), authenticatorPart.start());
});

async function signIn(page) {
  await page.goto(`${site.url}/account/login/`);
  await page.fill("#id_auth-username", site.person.user);
  await page.fill("#id_auth-password", site.person.password);
  await send(page);
}

const send = (page) => Promise.all([page.waitForNavigation(), page.click("button[type=submit].btn-primary")]);
const whoami = async (page) => {
  await page.goto(`${site.url}/whoami`);
  return JSON.parse(await page.textContent("body"));
};
/** Six digits other than these, to check that the site does not accept any code. */
const wrong = (code) => String((Number(code) + 123_457) % 1_000_000).padStart(6, "0");

test("scan the site's QR code by camera, go offline, and the code on screen is accepted", async () => {
  const desk = await chromium.context({ viewport: { width: 1280, height: 800 } });
  const phone = await chromium.context({ viewport: { width: 390, height: 844 } });
  await chromiumPart.pictured(desk, "two-factor-site", () => chromiumPart.pictured(phone, "two-factor-phone", async () => {
    const page = await desk.newPage();
    await signIn(page);
    assert.deepEqual(await whoami(page), { user: site.person.user, verified: false });
    await page.goto(`${site.url}/account/two_factor/setup/`);
    await send(page);
    const qr = page.locator('img[alt="QR Code"]');
    await qr.evaluate((image) => image.decode());
    await chromium.show(await qr.screenshot());

    const app = await phone.newPage();
    await authenticatorPart.open(app, authenticator);
    await authenticatorPart.scan(app);
    await phone.setOffline(true);
    await app.reload();
    const code = await authenticatorPart.readCode(app, site.person.user);
    assert.match(code, /^\d{6}$/);

    await page.fill("#id_generator-token", wrong(code));
    await send(page);
    assert.match(await page.textContent("body"), /token is not valid/i, "the site checks the code");
    await page.fill("#id_generator-token", await authenticatorPart.readCode(app, site.person.user));
    await send(page);
    assert.deepEqual(await whoami(page), { user: site.person.user, verified: true });

    // From now on the site asks for a code at each sign-in. The same phone, still offline, shows it.
    const elsewhere = await (await chromium.context()).newPage();
    await signIn(elsewhere);
    await elsewhere.fill("#id_token-otp_token", await authenticatorPart.readCode(app, site.person.user));
    await send(elsewhere);
    assert.deepEqual(await whoami(elsewhere), { user: site.person.user, verified: true });
  }));
});
