// A thousand people are signed in when the CAS server dies: all go on, and each as themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { signIn, untilClosed, untilOpen, within } from "../../worker/support.mjs";

const PEOPLE = 1_000;
const AT_ONCE = 16;
const LATEST_REPLAYS = 100;
// Every session is due for a look at its object all the time, so each page of the outage is one that the gate had to look up.
const policy = '[session]\nrevalidate_secs = 1\n[[rule]]\npath = "/*"\naccess = "login"\n';
const NAMES = Array.from({ length: PEOPLE }, (_, n) => `person-${n}`);
const users = Object.fromEntries(NAMES.map((name) => [name, { password: name, attributes: {} }]));

async function each(list, work) {
  let at = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (at < list.length) await work(list[at++]);
  }));
}

test("t02_a_thousand_live_sessions_go_on_while_the_cas_server_is_dead", { timeout: 280_000 }, async (t) => {
  await within({ policy, cas: { users } }, async (w) => {
    const people = NAMES.map((name) => ({ name, browser: w.browser() }));
    let began = Date.now();
    await each(people, ({ name, browser }) => signIn(w, browser, name));
    t.diagnostic(`${PEOPLE} sign-ins in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    const goOn = (what) =>
      each(people, async ({ name, browser }) => {
        const answer = await browser.get("/page");
        assert.equal(answer.status, 200, `${what}: ${name}`);
        assert.equal((await answer.json()).headers.find(([known]) => known === "remote-user")[1], name, what);
      });
    await w.cas.down();
    await untilOpen(w, NAMES[0]);
    for (const round of ["at once", "later", "and later"]) {
      await sleep(1_100);
      began = Date.now();
      await goOn(round);
      t.diagnostic(`${round}: ${PEOPLE} pages in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    }
    await w.cas.up();
    await untilClosed(w, NAMES[0]);
    // Tickets that were used before stay used, in whoever's browser.
    await each(w.cas.issued.slice(-LATEST_REPLAYS), async (ticket) => {
      const stranger = w.browser();
      const first = await stranger.get("/page");
      const service = new URL(first.headers.get("location")).searchParams.get("service");
      assert.notEqual((await stranger.get(`${service}?ticket=${ticket}`)).status, 303);
      assert.equal(stranger.session, undefined);
    });
    await goOn("when it is back");
  });
});
