// Several addresses of one CAS server, and logouts of sessions that a newer one has replaced.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { signIn, toTicket, within } from "./support.mjs";

/** A server of raw TCP in the place of a CAS server's first address. */
async function first(handle) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", (data) => handle(socket, data.toString()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const seen = { url: `http://127.0.0.1:${server.address().port}/cas`, tries: 0 };
  server.on("connection", () => (seen.tries += 1));
  seen[Symbol.asyncDispose] = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  };
  return seen;
}

const whyOf = async (response) => /<code>([A-Z_]+)<\/code>/.exec(await response.text())?.[1];

/** Signs in once with this first address; the second is the CAS server itself. */
async function landed(at, check) {
  // The CAS server's own address is known once it runs, so it stands in a policy of the gate's variables.
  const { start } = await import("../parts/demo_cas.mjs");
  await using cas = await start({});
  await within({ gate: { cas: cas.url, casValidate: `${at} ${cas.url}` } }, async (w) => {
    const both = { ...w, cas };
    const browser = w.browser();
    const { callback, ticket } = await toTicket(both, browser, "ann", "/here");
    await check(await browser.get(callback), { cas, ticket, browser, w: both });
  });
}

test("t09_an_address_that_refuses_is_followed_by_the_other", async () => {
  await using closed = await first((socket) => socket.destroy());
  const at = closed.url;
  await closed[Symbol.asyncDispose](); // nothing listens there any more
  await landed(at, async (answer, { cas, ticket }) => {
    assert.deepEqual([answer.status, cas.validations(ticket)], [303, 1]);
  });
});

test("t09_an_address_that_breaks_off_early_is_followed_by_the_other_and_comes_last_for_a_while", async () => {
  await using broken = await first((socket) => socket.resetAndDestroy());
  await landed(broken.url, async (answer, { cas, ticket, w }) => {
    assert.deepEqual([answer.status, cas.validations(ticket), broken.tries], [303, 1, 1]);
    await signIn(w, w.browser(), "ben");
    assert.equal(broken.tries, 1, "the next sign-in goes to the other at once");
  });
});

test("t09_a_ticket_that_the_first_has_used_begins_the_login_again", async () => {
  let use;
  await using broken = await first(async (socket, text) => {
    await use(/ (\/\S+) /.exec(text)[1]);
    socket.resetAndDestroy();
  });
  const { start } = await import("../parts/demo_cas.mjs");
  await using cas = await start({});
  use = (path) => fetch(new URL(path, cas.url), { headers: { "user-agent": "test" } }).then((answer) => answer.text());
  await within({ gate: { cas: cas.url, casValidate: `${broken.url} ${cas.url}` } }, async (w) => {
    const browser = w.browser();
    const { callback, ticket } = await toTicket({ ...w, cas }, browser);
    const answer = await browser.get(callback);
    assert.deepEqual([answer.status, cas.validations(ticket), browser.session], [302, 2, undefined]);
  });
});

test("t09_an_answer_of_the_first_address_counts_whatever_it_is", async () => {
  await using bad = await first((socket) => socket.end("HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
  await landed(bad.url, async (answer, { cas, ticket }) => {
    assert.deepEqual([answer.status, await whyOf(answer), cas.validations(ticket)], [503, "CAS_UNAVAILABLE", 0]);
  });
  await using half = await first((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n<cas:"));
  await landed(half.url, async (answer, { cas, ticket }) => {
    assert.deepEqual([answer.status, cas.validations(ticket)], [503, 0], "the head had come");
  });
});

test("t09_an_address_that_breaks_off_late_is_followed_by_no_other", async () => {
  await using late = await first((socket) => setTimeout(() => socket.resetAndDestroy(), 2_500));
  await landed(late.url, async (answer, { cas, ticket }) => {
    assert.deepEqual([answer.status, await whyOf(answer), cas.validations(ticket)], [503, "CAS_UNAVAILABLE", 0], "it may be busy with the ticket");
  });
});

test("t09_both_addresses_together_have_the_time_of_one", { timeout: 60_000 }, async () => {
  await using late = await first((socket) => setTimeout(() => socket.resetAndDestroy(), 1_500));
  await using silent = await first(() => {});
  const { start } = await import("../parts/demo_cas.mjs");
  await using cas = await start({});
  await within({ gate: { cas: cas.url, casValidate: `${late.url} ${silent.url}` } }, async (w) => {
    const browser = w.browser();
    const { callback } = await toTicket({ ...w, cas }, browser);
    const began = Date.now();
    const answer = await browser.get(callback);
    const took = Date.now() - began;
    assert.deepEqual([answer.status, late.tries, silent.tries], [302, 1, 1], "a time-out begins the login again");
    assert.ok(took >= 7_000 && took < 8_500, `${took} ms`);
  });
});

test("t09_silence_is_followed_by_no_other_address", { timeout: 60_000 }, async () => {
  await using silent = await first(() => {});
  await landed(silent.url, async (answer, { cas, ticket }) => {
    assert.deepEqual([answer.status, cas.validations(ticket)], [302, 0], "the login begins again, with a new ticket");
  });
});

test("t09_after_a_silence_the_next_login_goes_to_the_other_address", { timeout: 60_000 }, async () => {
  await using silent = await first(() => {});
  await landed(silent.url, async (answer, { cas, browser, w }) => {
    assert.equal(answer.status, 302, "the login begins again");
    const { callback, ticket } = await toTicket(w, browser, "ann", "/here");
    const began = performance.now();
    assert.equal((await browser.get(callback)).status, 303);
    assert.deepEqual([cas.validations(ticket), silent.tries], [1, 1]);
    assert.ok(performance.now() - began < 5_000, "nobody waits for the silent address again");
  });
});

const logout = (ticket) => `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><samlp:SessionIndex>${ticket}</samlp:SessionIndex></samlp:LogoutRequest>`;
const alive = async (browser) => (await browser.get("/", { page: false, headers: { accept: "*/*" } })).status;

test("l17_l19_a_logout_of_any_one_of_three_tickets_leaves_no_session", async () => {
  const secret = "s".repeat(40);
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const env of [{}, { PORTCULLIS_SLO_SECRET: secret }]) {
    await within({ gate: { env } }, async (w) => {
      for (const order of orders) {
        for (let named = 0; named < 3; named += 1) {
          const browser = w.browser();
          const cookie = w.cas.signIn("ann");
          const tabs = [];
          for (let n = 0; n < 3; n += 1) {
            const { service } = await toTicket(w, browser);
            tabs.push({ service, ticket: w.cas.ticket("ann", service, { cookie }) });
          }
          for (const n of order) assert.equal((await browser.get(`${tabs[n].service}?ticket=${tabs[n].ticket}`)).status, 303);
          assert.equal(await alive(browser), 200);
          const { service, ticket } = tabs[named];
          const [path, body, type] = env.PORTCULLIS_SLO_SECRET
            ? [`/.portcullis/slo/${secret}`, `logoutRequest=${encodeURIComponent(logout(ticket))}`, "application/x-www-form-urlencoded"]
            : [new URL(service).pathname, logout(ticket), "text/xml"]; // as a form, and as a raw body
          assert.equal((await w.browser().fetch(path, { method: "POST", page: false, headers: { "content-type": type }, body })).status, 200);
          assert.equal(await alive(browser), 401, `landed ${order}, logged out ${named}`);
          assert.ok(![secret, ticket].some((one) => w.gate.logs(400).includes(one)), "neither the ticket nor the secret path is in the log");
        }
      }
    });
  }
});

test("l19_a_logout_is_not_passed_on_to_another_person", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    const { service, ticket, callback } = await toTicket(w, browser, "ann");
    assert.equal((await browser.get(callback)).status, 303);
    // Ben signs in at the same browser: Ann's session ends, and her tickets name nothing of his.
    const cookies = new Map(browser.cookies);
    browser.cookies.clear();
    const second = await toTicket(w, browser, "ben");
    browser.cookies = new Map([...cookies, ...browser.cookies]);
    assert.equal((await browser.get(second.callback)).status, 303);
    assert.equal((await w.browser().fetch(new URL(service).pathname, { method: "POST", page: false, headers: { "content-type": "text/xml" }, body: logout(ticket) })).status, 200);
    assert.equal(await alive(browser), 200);
  });
});
