// Faults of the surroundings, and the one promise over all of them: live sessions go on, no ticket is used twice, and nobody becomes
// somebody else.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import * as demoCas from "../parts/demo_cas.mjs";
import { prepared } from "./prepared.mjs";
import { logged, signIn, toTicket, untilClosed, untilOpen, within } from "./support.mjs";

const policy = `
[session]
revalidate_secs = 1
idle_secs = 1800
absolute_secs = 36000
[[rule]]
path = "/*"
access = "login"
`;
const NAMES = Array.from({ length: 12 }, (_, n) => `user-${n}`);
const users = Object.fromEntries(NAMES.map((name) => [name, { password: name, attributes: { mail: `${name}@example.org` } }]));

const folder = prepared();

const whyOf = async (response) => /<code>([A-Z_]+)<\/code>/.exec(await response.text())?.[1];
const moved = (w, query) => w.browser().get(`/test?${query}`);

/** Signs everybody in; returns the browsers by name. */
async function everybody(w, names = NAMES) {
  const browsers = new Map(names.map((name) => [name, w.browser()]));
  await Promise.all([...browsers].map(([name, browser]) => signIn(w, browser, name)));
  return browsers;
}

/** Each browser opens a page, all at once, and the app is told the right name each time. */
async function goOn(browsers, what) {
  await Promise.all([...browsers].map(async ([name, browser]) => {
    const answer = await browser.get("/page");
    assert.equal(answer.status, 200, `${what}: ${name}`);
    const { headers } = await answer.json();
    assert.deepEqual(headers.filter(([known]) => known === "remote-user").map(([, value]) => value), [name], what);
  }));
}

/** Whatever happened, a ticket was validated with success at most once. */
function usedOnce(w) {
  for (const ticket of w.cas.issued) assert.ok(w.cas.validations(ticket) <= 1, `${ticket.slice(0, 6)}… was used ${w.cas.validations(ticket)} times`);
}

/** The old call-backs, in a browser that never began a login and in their own: they sign nobody in. */
async function replay(w, landings, what) {
  for (const { callback, browser, name } of landings) {
    const stranger = w.browser();
    const answer = await stranger.get(callback);
    assert.ok(answer.status !== 303 && !stranger.session, `${what}: a stranger with ${name}'s call-back got ${answer.status}`);
    await browser.get(callback);
    const page = await browser.get("/page");
    if (page.status === 200) assert.equal((await page.json()).headers.find(([known]) => known === "remote-user")?.[1], name, what);
  }
  usedOnce(w);
}

const RUBBISH = [
  { body: "" },
  { body: "\u0000\u0001\u0002 not XML" },
  { body: "yes\nevil\n" },
  { body: "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess><cas:user>evil" },
  { body: '{"serviceResponse":{"authenticationSuccess":{"user":"evil","user":"ann"}}}' },
  { html: true },
  { status: 500 },
  { status: 204 },
  { oversizeBytes: 1_000_000 },
  { redirect: true },
];

test("t02_a_cas_server_that_is_killed_hangs_or_answers_rubbish_stops_sign_ins_alone", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users } }, async (w) => {
    const browsers = await everybody(w);
    await sleep(1_100); // each session is due for its object
    const landings = [];
    const newcomer = async (what) => {
      const browser = w.browser();
      const { callback } = await toTicket(w, browser, NAMES[0]);
      landings.push({ callback, browser, name: NAMES[0] });
      const answer = await browser.get(callback);
      assert.ok([302, 503].includes(answer.status) && !browser.session, `${what}: ${answer.status}`);
    };
    for (const fault of RUBBISH) {
      const over = w.cas.fault(fault);
      await newcomer(JSON.stringify(fault));
      over();
    }
    await goOn(browsers, "after rubbish");
    const over = w.cas.fault({ delayMs: 20_000 });
    await Promise.all([newcomer("hanging"), sleep(1_100).then(() => goOn(browsers, "while it hangs"))]);
    over();
    await w.cas.down();
    landings.push(...(await untilOpen(w, NAMES[0])));
    for (let n = 0; n < 3; n++) {
      await sleep(1_050);
      await goOn(browsers, "while it is down, and asked no more");
    }
    await w.cas.up();
    await untilClosed(w, NAMES[0]);
    await replay(w, landings, "after the faults");
    await signIn(w, w.browser(), "user-1");
    usedOnce(w);
  });
});

test("t05_two_nodes_of_which_one_lags_behind_use_no_ticket_twice_and_mix_nobody_up", { timeout: 120_000 }, async () => {
  await using cas = await demoCas.start({ users });
  // A balancer in turns before two nodes: one is the server, the other does not know a ticket yet.
  let turn = 0;
  const balancer = createServer(async (incoming, response) => {
    if (turn++ % 2 === 0) {
      return response.end("<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationFailure code='INVALID_TICKET'>not recognized</cas:authenticationFailure></cas:serviceResponse>");
    }
    const answer = await fetch(new URL(incoming.url, cas.url), { headers: { "user-agent": "balancer" } });
    response.writeHead(answer.status, { "content-type": "application/xml" }).end(await answer.text());
  });
  await new Promise((done) => balancer.listen(0, "127.0.0.1", done));
  try {
    await within({ policy, gate: { cas: cas.url, casValidate: `http://127.0.0.1:${balancer.address().port}/cas` } }, async (w) => {
      const both = { ...w, cas };
      const browsers = new Map();
      const ends = { 303: 0, 403: 0 };
      await Promise.all(NAMES.map(async (name) => {
        const browser = w.browser();
        let answer = await browser.get((await toTicket(both, browser, name)).callback);
        if (answer.status === 302) {
          const service = new URL(answer.headers.get("location")).searchParams.get("service");
          answer = await browser.get(`${service}?ticket=${cas.ticket(name, service)}`);
        }
        ends[answer.status]++;
        if (answer.status === 303) browsers.set(name, browser);
        else assert.deepEqual([await whyOf(answer), browser.session], ["TICKET_REFUSED", undefined]);
      }));
      assert.equal(ends[303] + ends[403], NAMES.length, JSON.stringify(ends));
      assert.ok(browsers.size > 0);
      await goOn(browsers, "behind two nodes");
      usedOnce(both);
    });
  } finally {
    balancer.closeAllConnections();
    balancer.close();
  }
});

test("t06_an_unreachable_store_lets_nobody_in_and_live_sessions_have_their_grace", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users }, gate: { worker: folder } }, async (w) => {
    const browsers = await everybody(w);
    const early = w.browser();
    const { callback, ticket } = await toTicket(w, early, NAMES[0]);
    await moved(w, "store=away");
    await sleep(1_100);
    await goOn(browsers, "in their grace");
    const landing = await early.get(callback);
    assert.deepEqual([landing.status, await whyOf(landing), early.session, w.cas.validations(ticket)], [503, "STORE_UNAVAILABLE", undefined, 0]);
    await logged(w.gate, /"fault":"ticket-object"/);
    await moved(w, "store=");
    await goOn(browsers, "after it");
    assert.equal((await early.get(callback)).status, 303, "the ticket was not used, and is good");
    usedOnce(w);
  });
});

test("t06_a_store_that_takes_no_writes_signs_nobody_in_and_uses_no_ticket_twice", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users }, gate: { worker: folder } }, async (w) => {
    const browsers = await everybody(w, NAMES.slice(0, 4));
    await moved(w, "store=read-only");
    const landings = [];
    for (const name of NAMES.slice(4, 8)) {
      const browser = w.browser();
      const { callback } = await toTicket(w, browser, name);
      const answer = await browser.get(callback);
      assert.deepEqual([answer.status, await whyOf(answer), browser.session], [503, "STORE_UNAVAILABLE", undefined]);
      landings.push({ callback, browser, name });
    }
    await sleep(1_100);
    await goOn(browsers, "while nothing can be written");
    await moved(w, "store=");
    await replay(w, landings, "after a full disk");
    await goOn(browsers, "after it");
  });
});

/** Waits until the supervisor has started workerd again. */
async function again(w) {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const answer = await w.browser().get("/.portcullis/health").catch(() => sleep(50));
    if (answer?.status === 200) return;
  }
  assert.fail("the gate is started again");
}
const kill = (w) => process.kill(w.gate.workerd().at(-1), "SIGKILL");

test("s11_workerd_killed_in_mid_login_and_between_claim_and_validation", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users } }, async (w) => {
    const browsers = await everybody(w, NAMES.slice(0, 4));
    // While the person types a password: the login goes on afterwards.
    const typing = w.browser();
    const { callback } = await toTicket(w, typing, "user-5");
    kill(w);
    await again(w);
    assert.equal((await typing.get(callback)).status, 303, "a login in flight outlives the process");
    await goOn(browsers, "after the first end");

    // The object has claimed the ticket, and the CAS server is asked: the claim is on the disk.
    const release = w.cas.hold();
    const asked = w.browser();
    const { callback: claimed, ticket } = await toTicket(w, asked, "user-6");
    const arrived = w.cas.validating();
    const cut = asked.get(claimed).catch(() => undefined);
    await arrived;
    kill(w);
    await cut;
    release();
    await again(w);
    const answer = await asked.get(claimed);
    assert.ok(answer.status !== 303 && !asked.session, `a claimed ticket is not tried again: ${answer.status}`);
    assert.ok(w.cas.validations(ticket) <= 1);
    await signIn(w, asked, "user-6");
    await goOn(new Map([...browsers, ["user-5", typing], ["user-6", asked]]), "after the second end");
    usedOnce(w);
  });
});

test("s11_workerd_killed_at_any_moment_of_many_logins_mixes_nobody_up", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users } }, async (w) => {
    const landings = [];
    for (const delay of [4, 12, 25]) {
      const round = await Promise.all(NAMES.map(async (name) => {
        const browser = w.browser();
        return { name, browser, ...(await toTicket(w, browser, name)) };
      }));
      const all = round.map(({ browser, callback }) => browser.get(callback).catch(() => undefined));
      await sleep(delay);
      kill(w);
      await Promise.all(all);
      await again(w);
      landings.push(...round);
    }
    await replay(w, landings, "after three ends");
    await goOn(new Map(landings.filter(({ browser }) => browser.session).map(({ name, browser }) => [name, browser])), "who was signed in");
    await signIn(w, w.browser(), NAMES[0]);
  });
});

const HOUR_MS = 3_600_000;
test("t01_a_clock_that_jumps_ends_sessions_at_most_and_mixes_nobody_up", { timeout: 120_000 }, async () => {
  await within({ policy, cas: { users }, gate: { worker: folder } }, async (w) => {
    const browsers = await everybody(w);
    const landed = w.browser();
    const { callback } = await toTicket(w, landed, "user-3");
    assert.equal((await landed.get(callback)).status, 303);
    const landings = [{ callback, browser: landed, name: "user-3" }];
    for (const minutes of [5, -5, 20, -20, 0]) {
      await moved(w, `clock=${minutes * 60_000}`);
      await goOn(browsers, `${minutes} minutes`);
      await replay(w, landings, `${minutes} minutes`);
    }
    // Far ahead all sessions are over, and nothing else happens; when the clock is right again, nobody is somebody else.
    await moved(w, `clock=${11 * HOUR_MS}`);
    for (const browser of browsers.values()) assert.equal((await browser.get("/page")).status, 302, "over");
    await replay(w, landings, "eleven hours ahead");
    await moved(w, "clock=0");
    await replay(w, landings, "right again");
    for (const [name, browser] of browsers) {
      const answer = await browser.get("/page");
      assert.ok([200, 302].includes(answer.status));
      if (answer.status === 200) assert.equal((await answer.json()).headers.find(([known]) => known === "remote-user")[1], name);
    }
    // Far back: what was signed in then is younger than this clock says.
    const later = await everybody(w, NAMES.slice(0, 3));
    await moved(w, `clock=${-48 * HOUR_MS}`);
    for (const [name, browser] of later) {
      const answer = await browser.get("/page");
      assert.ok([200, 302].includes(answer.status), `${answer.status}`);
      if (answer.status === 200) assert.equal((await answer.json()).headers.find(([known]) => known === "remote-user")[1], name);
    }
    await signIn(w, w.browser(), "user-9");
    await moved(w, "clock=0");
    await goOn(await everybody(w, NAMES.slice(4, 7)), "in the end");
    usedOnce(w);
  });
});
