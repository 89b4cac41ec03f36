// Signing in: first visits, several apps, several tabs.
import assert from "node:assert/strict";

import { atServer, endsSoon, forgetGate, isFlight, isOurs, lacking, scenario, signedIn, signIn, title, user, validations } from "./world.mjs";

export const scenarios = [
  scenario("a first visit signs in at the CAS server and lands on the page asked for", async (world, context) => {
    const page = await signedIn(world, context, "/page/7?a=1&a=2&b=%20x");
    assert.equal(await user(page), world.server.person.user);
    assert.equal(await title(page), "Page 7");
    assert.equal(page.url(), `${world.gate.url}/page/7?a=1&a=2&b=%20x`);
    assert.equal(await page.textContent("#email"), world.server.person.attributes.mail);
    assert.deepEqual(await page.evaluate(() => [document.referrer.includes("ticket="), document.cookie.includes("portcullis")]), [false, false]);
  }),

  scenario("s15 the app sees the person, and neither the ticket nor the gate's cookies", async (world, context) => {
    const page = await signedIn(world, context, "/seen");
    const seen = JSON.parse(await page.textContent("body"));
    assert.equal(seen.user, world.server.person.user);
    assert.equal(seen.url, `${world.gate.url}/seen`);
    assert.doesNotMatch(JSON.stringify(seen), /ST-|ticket=/);
    assert.deepEqual(seen.cookies.filter((name) => isOurs({ name })), []);
    assert.ok((await context.cookies(world.gate.url)).some((cookie) => isOurs(cookie) && cookie.httpOnly), "the browser has the gate's cookie, out of reach of scripts");
  }),

  scenario("x04 an attribute called user is not the user", async (world, context) => {
    const page = await signedIn(world, context, "/");
    assert.equal(await user(page), world.server.person.user);
    assert.notEqual(world.server.person.attributes.user, undefined, "the server does send such an attribute");
  }, { needs: ["userAttribute"] }),

  scenario("a second app behind the same gate needs no second sign-in", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const before = world.relay.seen.length;
    await page.goto(`${world.gate.url}/flask/`);
    assert.equal(await title(page), "Flask");
    assert.equal(await user(page), world.server.person.user);
    assert.equal(await page.textContent("#email"), world.server.person.attributes.mail);
    assert.equal(world.relay.seen.length, before, "the CAS server was not asked again");
  }),

  scenario("a form of the Django app works, with CSRF on", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const text = `a note & more ${Math.random()}`;
    await page.fill("#note", text);
    await Promise.all([page.waitForNavigation(), page.click("#keep")]);
    assert.equal(page.url(), `${world.gate.url}/`, "the app's redirect leads to the gate");
    assert.ok((await page.locator("#notes li").allTextContents()).includes(text));
    const bare = await page.evaluate(() => fetch("/notes", { method: "POST", body: new URLSearchParams({ note: "forged" }) }).then(({ status }) => status));
    assert.equal(bare, 403, "without its token the same form is refused by Django");
  }),

  scenario("g03 s16 l12 ten tabs at once land each on its own page, and one sign-out at the CAS server ends them all", async (world, context) => {
    const numbers = Array.from({ length: 10 }, (_, index) => index);
    const tabs = await Promise.all(numbers.map(() => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(`${world.gate.url}/page/${number}`)));
    for (const tab of tabs) atServer(tab, world);
    const [first, ...others] = tabs;
    await first.reload(); // without a session, a CAS server may accept only the form of the last sign-in page that it sent
    await signIn(first, world.server.person, `${world.gate.url}/page/0`);
    // The other tabs still show their own sign-in page. A person loads it again.
    await Promise.all(others.map((tab, index) => tab.goto(tab.url()).then(() => tab.waitForURL(`${world.gate.url}/page/${index + 1}`))));
    assert.deepEqual(await Promise.all(tabs.map(title)), numbers.map((number) => `Page ${number}`));
    assert.deepEqual(new Set(await Promise.all(tabs.map(user))), new Set([world.server.person.user]));
    const flights = (await context.cookies(world.gate.url)).filter(isFlight);
    assert.deepEqual(flights, [], "no flight cookie is left behind");
    if (!lacking(world.server, { needs: ["singleLogout"] })) {
      await (await context.newPage()).goto(`${world.relay.url}/logout`);
      await endsSoon(first, world);
    }
  }),

  scenario("g03 ten tabs of somebody whose session at the gate is over come back without a sign-in page", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await forgetGate(context, world);
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(`${world.gate.url}/page/${number}`)));
    assert.deepEqual(await Promise.all(tabs.map((tab) => tab.url())), tabs.map((_, number) => `${world.gate.url}/page/${number}`));
    await page.close();
  }),

  scenario("s17 s06 a portal's ticket in an app's address is not taken, an app's own ticket parameter is left alone", async (world, context) => {
    const page = await context.newPage();
    const before = validations(world);
    await page.goto(`${world.gate.url}/page/3?a=1&ticket=ST-17-0123456789abcdefghijklmnopqrstuv-elsewhere`);
    atServer(page, world);
    assert.equal(validations(world), before);
    await signIn(page, world.server.person, `${world.gate.url}/page/3?a=1`);
    await page.goto(`${world.gate.url}/page/4?ticket=seat-27`);
    assert.equal(page.url(), `${world.gate.url}/page/4?ticket=seat-27`);
    assert.equal(await title(page), "Page 4");
  }),
];
