// Areas with different rules (public, open, fresh, by attribute), and programs instead of people.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { atServer, forgetGate, scenario, signedIn, signIn, user } from "./world.mjs";

export const scenarios = [
  scenario("g04 a script of the page gets a 401 with a reason, never a redirect", async (world, context) => {
    const page = await context.newPage();
    await page.goto(`${world.gate.url}/public/seen`);
    const answers = await page.evaluate(async () => {
      const ask = async (init) => {
        const response = await fetch("/api/seen", { redirect: "manual", ...init });
        return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
      };
      return [await ask({}), await ask({ headers: { accept: "application/json" } }), await ask({ method: "POST", headers: { "content-type": "application/json" }, body: "{}" })];
    });
    for (const { status, type, text } of answers) {
      assert.equal(status, 401);
      assert.match(type ?? "", /json/);
      assert.match(JSON.stringify(JSON.parse(text)), /[A-Z]{3,}/, "the body names its reason");
    }
  }),

  scenario("a page that is open to all shows who is signed in, and nobody else is asked", async (world, context) => {
    const page = await context.newPage();
    await page.goto(`${world.gate.url}/open/`);
    assert.equal(page.url(), `${world.gate.url}/open/`);
    assert.equal(await user(page), "");
    const member = await signedIn(world, await world.chromium.context(), "/");
    await member.goto(`${world.gate.url}/open/`);
    assert.equal(await user(member), world.server.person.user);
    await member.context().close();
  }, { needs: ["gateway"] }),

  scenario("an open page finds the session of a person who signed in elsewhere (gateway mode)", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await forgetGate(context, world);
    await page.goto(`${world.gate.url}/open/`);
    assert.equal(page.url(), `${world.gate.url}/open/`);
    assert.equal(await user(page), world.server.person.user);
  }, { needs: ["gateway"] }),

  scenario("g05 a page that wants a fresh sign-in asks for the password again", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await sleep(world.freshSecs * 1_000 + 1_000);
    await page.goto(`${world.gate.url}/fresh/`);
    atServer(page, world);
    await signIn(page, world.server.person, `${world.gate.url}/fresh/`);
    assert.equal(await user(page), world.server.person.user);
  }, { needs: ["renew"] }),

  scenario("x24 attributes open and close rules, and a missing one is named", async (world, context) => {
    const page = await signedIn(world, context, "/staff/");
    assert.equal(await user(page), world.server.person.user);
    const closed = await page.goto(`${world.gate.url}/directors/`);
    assert.equal(closed.status(), 403);
    assert.match(await page.textContent("body"), /NOT_ALLOWED/);
    const missing = await page.goto(`${world.gate.url}/numbered/`);
    assert.equal(missing.status(), 403);
    assert.match(await page.textContent("body"), /staffNumber[\s\S]*MISSING_ATTRIBUTE/);
    await page.goto(`${world.gate.url}/page/1`);
    assert.equal(await user(page), world.server.person.user, "the rest of the site stays open");
  }, { needs: ["attributes"] }),
];
