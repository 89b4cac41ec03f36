// Signing out, and a CAS server that becomes unavailable.
import assert from "node:assert/strict";

import { apiStatus, atServer, endsSoon, eventually, scenario, signedIn, signIn, signOutAtGate, title, user } from "./world.mjs";

export const scenarios = [
  scenario("signing out at the CAS server ends the session at the gate", async (world, context) => {
    const page = await signedIn(world, context, "/page/1");
    const other = await context.newPage();
    await other.goto(`${world.relay.url}/logout`);
    await endsSoon(page, world);
    await page.goto(`${world.gate.url}/page/2`);
    atServer(page, world);
  }, { needs: ["singleLogout"] }),

  scenario("signing out at the gate ends the session there", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const stolen = await context.cookies(world.gate.url);
    await signOutAtGate(page, world);
    assert.equal(await apiStatus(page, world), 401);
    // A copy of the old cookie gives no session either.
    await context.addCookies(stolen);
    assert.equal(await apiStatus(page, world), 401, "the old cookie is refused");
  }),

  scenario("l09 another site can neither sign a person out by a picture nor by a link without asking", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const evil = await context.newPage();
    const out = `${world.gate.url}/.portcullis/logout`;
    await evil.route(`${world.relay.url}/evil`, (route) => route.fulfill({ contentType: "text/html", body: `<img src="${out}"><iframe src="${out}"></iframe><a id="out" href="${out}">win</a>` }));
    await evil.goto(`${world.relay.url}/evil`);
    assert.equal(await apiStatus(page, world), 200);
    await Promise.all([evil.waitForNavigation(), evil.click("#out")]);
    assert.match(await evil.textContent("body"), /LOGOUT_ASKED/);
    assert.equal(await apiStatus(page, world), 200, "asked, and nothing done yet");
    await Promise.all([evil.waitForNavigation(), evil.click("form button")]);
    assert.equal(await apiStatus(page, world), 401);
  }),

  scenario("l10 after a sign-out the Back button shows no personal page", async (world, context) => {
    const page = await signedIn(world, context, "/page/3");
    await signOutAtGate(page, world);
    while (!page.url().startsWith(`${world.gate.url}/page/3`)) {
      await page.goBack();
      if (page.url().startsWith(`${world.relay.url}/login`)) break; // the browser loaded the page again and was refused
    }
    assert.equal(await page.locator("#user").count(), 0);
  }),

  scenario("t02 a CAS server that goes away during the sign-in gives a clear page, and live sessions stay", async (world, context) => {
    const alive = await signedIn(world, context, "/");
    const stranger = await world.chromium.context();
    try {
      const page = await stranger.newPage();
      await page.goto(`${world.gate.url}/page/4`);
      world.relay.fault = ({ path }) => (path.includes("alidate") ? "cut" : undefined);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith(world.gate.url) && response.status() === 503),
        signIn(page, world.server.person, (url) => url.origin === world.gate.url),
      ]);
      assert.match(answer.headers()["retry-after"] ?? "", /^\d+$/);
      assert.match(await title(page), /sign-in server/i, "the page says what happened");
      assert.doesNotMatch(await page.content(), /ST-/);
      await alive.goto(`${world.gate.url}/page/2`);
      assert.equal(await user(alive), world.server.person.user);
      world.relay.fault = () => undefined;
      await page.getByRole("link", { name: "Try again" }).click();
      await page.waitForURL(`${world.gate.url}/page/4`);
      assert.equal(await user(page), world.server.person.user, "after one more try the requested page is there");
    } finally {
      world.relay.fault = () => undefined;
      await stranger.close();
    }
  }),

  scenario("t02 after the CAS server is back the same person gets in", async (world, context) => {
    await eventually(async () => {
      const page = await context.newPage();
      await page.goto(`${world.gate.url}/page/4`);
      if (page.url().startsWith(world.relay.url)) await signIn(page, world.server.person, (url) => url.origin === world.gate.url);
      assert.equal(await user(page), world.server.person.user);
    }, 15_000); // the circuit breaker lets one try through after ten seconds
  }),

  scenario("a form sent after the session ended says that nothing was sent", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const text = `too late ${Math.random()}`;
    await page.fill("#note", text);
    await (await context.newPage()).goto(`${world.relay.url}/logout`);
    await endsSoon(page, world);
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("#keep")]);
    assert.ok(answer.status() >= 400, `status ${answer.status()}`);
    assert.match(await page.textContent("body"), /NOTHING_SENT/);
    const again = await signedIn(world, context, "/");
    assert.ok(!(await again.locator("#notes li").allTextContents()).includes(text), "the app never got it");
  }, { needs: ["singleLogout"] }),
];
