// The life of a session: its lookup, its end, and that nothing of it works afterwards.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { signIn, toTicket, within } from "./support.mjs";

const quick = `
[session]
revalidate_secs = 2
idle_secs = 5
absolute_secs = 8
`;

const status = async (browser, path = "/") => (await browser.get(path, { page: false, headers: { accept: "*/*" } })).status;
const logoutOf = (ticket) => `logoutRequest=${encodeURIComponent(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><saml:NameID>x</saml:NameID><samlp:SessionIndex>${ticket}</samlp:SessionIndex></samlp:LogoutRequest>`)}`;
const form = { method: "POST", page: false, headers: { "content-type": "application/x-www-form-urlencoded" } };
const objects = (folder) => readdirSync(join(folder, "objects"), { recursive: true }).filter((name) => name.endsWith(".sqlite") && !/metadata|-anchor-/.test(name)); // the anchor is told of the policy

test("l01_single_logout_ends_the_session_that_it_names_and_no_other", async () => {
  await within({}, async (w) => {
    const [ann, ben] = [w.browser(), w.browser()];
    await signIn(w, ann, "ann");
    await signIn(w, ben, "ben");
    assert.equal(await status(ann), 200);
    const told = await w.cas.logout("ann");
    assert.deepEqual(told.map((one) => one.status), [200]);
    assert.equal(await status(ann), 401);
    assert.equal(await status(ben), 200);
  });
});

test("s16_one_logout_at_the_cas_server_ends_what_ten_tabs_began", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    const cookie = w.cas.signIn("ann");
    const services = [];
    for (let n = 0; n < 10; n += 1) services.push((await toTicket(w, browser, "ann", `/tab/${n}`)).service);
    for (const service of services) assert.equal((await browser.get(`${service}?ticket=${w.cas.ticket("ann", service, { cookie })}`)).status, 303);
    assert.equal(await status(browser), 200);
    await w.cas.logout("ann");
    assert.equal(await status(browser), 401);
  });
});

test("l12_one_logout_at_the_cas_server_ends_every_session_of_a_browser", async () => {
  await within({ policy: '[[rule]]\npath = "/fresh"\naccess = "fresh"\n[[rule]]\npath = "/*"\naccess = "login"\n' }, async (w) => {
    const cookie = w.cas.signIn("ann");
    const browser = w.browser();
    const begin = async (path) => new URL((await browser.get(path)).headers.get("location")).searchParams.get("service");
    const land = async (service) => assert.equal((await browser.get(`${service}?ticket=${w.cas.ticket("ann", service, { cookie, fresh: true })}`)).status, 303);
    // Two tabs finish their sign-in at the same time, so neither sends the other's session cookie. Then a page asks for the password again.
    const tabs = [await begin("/a"), await begin("/b")];
    const before = new Map(browser.cookies);
    const kept = [];
    for (const service of tabs) {
      browser.cookies = new Map(before);
      await land(service);
      kept.push(new Map(browser.cookies));
    }
    await land(await begin("/fresh"));
    kept.push(new Map(browser.cookies));
    const alive = async (cookies) => ((browser.cookies = new Map(cookies)), status(browser));
    assert.deepEqual([await alive(kept[0]), await alive(kept[2])], [200, 200]);
    await w.cas.logout("ann");
    for (const cookies of kept) assert.equal(await alive(cookies), 401);
  });
});

test("l05_a_logout_while_the_ticket_is_validated_makes_the_sign_in_fail", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    const { callback, service, ticket } = await toTicket(w, browser);
    const release = w.cas.hold();
    const arrived = w.cas.validating();
    const landing = browser.get(callback);
    await arrived;
    assert.equal((await w.browser().fetch(service, { ...form, body: logoutOf(ticket) })).status, 200);
    release();
    const answer = await landing;
    assert.equal(answer.status, 302, "one silent restart");
    assert.equal(browser.session, undefined);
  });
});

test("l02_l03_what_is_no_single_logout_changes_nothing", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    const { service, callback, ticket } = await toTicket(w, browser);
    await browser.get(callback);
    const xml = decodeURIComponent(logoutOf(ticket).slice(14));
    const bad = {
      "not XML": "logoutRequest=<a",
      "no index": `logoutRequest=${encodeURIComponent(xml.replace(/<samlp:SessionIndex>.*<\/samlp:SessionIndex>/, ""))}`,
      "two indexes": `logoutRequest=${encodeURIComponent(xml.replace("</samlp:LogoutRequest>", `<samlp:SessionIndex>${ticket}</samlp:SessionIndex></samlp:LogoutRequest>`))}`,
      "an entity": `logoutRequest=${encodeURIComponent(`<!DOCTYPE x [<!ENTITY e "${ticket}">]>${xml.replace(ticket, "&e;")}`)}`,
      "too long": `logoutRequest=${"x".repeat(20_000)}`,
      empty: "",
    };
    for (const [name, body] of Object.entries(bad)) {
      assert.equal((await w.browser().fetch(service, { ...form, body })).status, 400, name);
    }
    assert.equal(await status(browser), 200);
  });
});

test("l11_logouts_of_strangers_create_nothing", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "gate-test-"));
  try {
    await within({ gate: { stateDir, env: { TICKET_OBJECTS: "" } } }, async (w) => {
      const kept = () => objects(stateDir).length;
      for (let n = 0; n < 20; n += 1) {
        const madeUp = `/.portcullis/cas/${String(n).padStart(26, "a").replaceAll(/[0189]/g, "b")}`;
        assert.equal((await w.browser().fetch(madeUp, { ...form, body: logoutOf(`ST-${n}-made-up`) })).status, 200);
      }
      assert.equal(kept(), 0, "on flights that nobody began");
      const { service } = await toTicket(w, w.browser());
      for (let n = 0; n < 20; n += 1) assert.equal((await w.browser().fetch(service, { ...form, body: logoutOf(`ST-${n}-made-up`) })).status, 200);
      assert.ok(kept() <= 4, `on a flight of the stranger's own: ${kept()}`);
    });
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

test("l01_with_sources_a_stranger_is_refused_and_the_secret_path_is_taken", async () => {
  const secret = "s".repeat(20) + "0123456789abcdef";
  await within({ policy: '[slo]\nsources = ["192.0.2.7"]\n', gate: { env: { PORTCULLIS_SLO_SECRET: secret } } }, async (w) => {
    const browser = w.browser();
    const { service, callback, ticket } = await toTicket(w, browser);
    await browser.get(callback);
    assert.equal((await w.browser().fetch(service, { ...form, body: logoutOf(ticket) })).status, 403);
    // a11: an address that a client claims in a header does not count.
    const claimed = { "cf-connecting-ip": "192.0.2.7", "x-real-ip": "192.0.2.7", "x-forwarded-for": "192.0.2.7", forwarded: "for=192.0.2.7" };
    assert.equal((await w.browser().fetch(service, { ...form, headers: { ...form.headers, ...claimed }, body: logoutOf(ticket) })).status, 403);
    assert.equal((await w.browser().fetch(`/.portcullis/slo/${"x".repeat(36)}`, { ...form, body: logoutOf(ticket) })).status, 404);
    assert.equal(await status(browser), 200);
    assert.equal((await w.browser().fetch(`/.portcullis/slo/${secret}`, { ...form, body: logoutOf(ticket) })).status, 200);
    assert.equal(await status(browser), 401);
    // A logout request of the CAS server also counts when it arrives before the ticket.
    const late = w.browser();
    const next = await toTicket(w, late);
    assert.equal((await w.browser().fetch(`/.portcullis/slo/${secret}`, { ...form, body: logoutOf(next.ticket) })).status, 200);
    assert.equal((await late.get(next.callback)).status, 302);
    assert.equal(late.session, undefined);
    assert.equal(w.cas.validations(next.ticket), 1, "validated once, and without effect");
  });
});

test("l04_a_logout_request_in_a_form_of_the_app_belongs_to_the_app", async () => {
  let body = "";
  await within({ handler: (seen, response, incoming) => incoming.on("data", (chunk) => (body += chunk)).on("end", () => response.end("kept")) }, async (w) => {
    const browser = w.browser();
    const { callback, ticket } = await toTicket(w, browser);
    await browser.get(callback);
    const sent = logoutOf(ticket);
    assert.equal(await (await browser.fetch("/form", { ...form, body: sent })).text(), "kept");
    assert.equal(body, sent);
    assert.equal(await status(browser, "/.portcullis/whoami"), 200);
  });
});

test("l09_o02_signing_out_needs_the_person_and_leads_nowhere_else", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    await signIn(w, browser);
    const image = await browser.get("/.portcullis/logout", { page: false, headers: { "sec-fetch-dest": "image", "sec-fetch-site": "cross-site" } });
    assert.equal(image.status, 200);
    const asked = await browser.get("/.portcullis/logout?service=https://evil.example/", { headers: { "sec-fetch-site": "cross-site" } });
    assert.match(await asked.text(), /Sign out\?/);
    const forged = await browser.fetch("/.portcullis/logout", { ...form, headers: { ...form.headers, origin: "https://evil.example", accept: "text/html" } });
    assert.equal(forged.status, 403);
    assert.equal(await status(browser), 200, "still signed in");
    const old = new Map(browser.cookies);
    const out = await browser.fetch("/.portcullis/logout?service=https://evil.example/", { method: "POST", headers: { origin: w.url, "sec-fetch-site": "same-origin" } });
    assert.equal(out.status, 303);
    assert.equal(out.headers.get("location"), `${w.cas.url}/logout?service=${encodeURIComponent(`${w.url}/`).replaceAll("'", "%27")}`);
    assert.equal(browser.session, undefined);
    browser.cookies = old;
    assert.equal(await status(browser), 401, "the cookie of before is dead");
  });
});

test("t04_a_revocation_takes_effect_within_the_revalidation_time", async () => {
  await within({ policy: quick }, async (w) => {
    // Another instance of the Worker ends the session. This instance only notices when it asks the object again.
    const browser = w.browser();
    await signIn(w, browser);
    const first = browser.session;
    assert.equal(await status(browser), 200);
    assert.equal(browser.session, first, "no look within two seconds");
    await sleep(2100);
    assert.equal(await status(browser), 200);
    assert.notEqual(browser.session, first, "looked up, and the cookie is newer");
  });
});

test("t01_idle_and_absolute_lifetimes_end_a_session", async () => {
  await within({ policy: quick }, async (w) => {
    const [idle, busy] = [w.browser(), w.browser()];
    await signIn(w, idle);
    await signIn(w, busy, "ben");
    for (let n = 0; n < 3; n += 1) {
      await sleep(2200);
      assert.equal(await status(busy), 200, `busy after ${2.2 * (n + 1)} s`);
    }
    assert.equal(await status(idle), 401, "idle for 6.6 s");
    await sleep(1800);
    assert.equal(await status(busy), 401, "8.4 s in all");
  });
});

test("sessions and keys survive a restart of the gate", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "gate-test-"));
  try {
    let port;
    const browser = { kept: undefined };
    await within({ policy: "[session]\nrevalidate_secs = 0\n", gate: { stateDir } }, async (w) => {
      const first = w.browser();
      await signIn(w, first);
      assert.equal(await status(first), 200);
      port = Number(new URL(w.url).port);
      browser.kept = first;
    });
    assert.equal(statSync(join(stateDir, "keys.json")).mode & 0o777, 0o600);
    await within({ policy: "[session]\nrevalidate_secs = 0\n", gate: { stateDir, port } }, async () => {
      assert.equal(await status(browser.kept), 200, "looked up in the object that was on disk");
    });
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});
