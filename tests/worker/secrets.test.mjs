// Secrets that stand in addresses and answers (the secret path of single logout, tickets, proxy-granting tickets, bearers) on every
// way that ends in an error: no line of the gate's log and no answer has one.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { prepared } from "./prepared.mjs";
import { logged, send, signIn, toTicket, within } from "./support.mjs";

const SECRET_PATH = `secret-path-${"7c1f9e".repeat(5)}`;
const PGT = "PGT-1-4f7b2c9d8e1a6035-of-the-cas-server";
const PGT_IOU = "PGTIOU-1-9a8b7c6d5e4f3021-of-the-cas-server";
const MADE_UP = "ST-1-made-up-b3a29c187f60-of-a-stranger";
const policy = `
token = true
[slo]
sources = ["192.0.2.7"]
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/optional/*"
access = "optional"
[[rule]]
path = "/fresh/*"
access = "fresh"
[[rule]]
path = "/dead/*"
access = "login"
origin = "binding:DEAD"
app = "dead"
[[rule]]
path = "/*"
access = "login"
`;
const folder = prepared();
const form = { "content-type": "application/x-www-form-urlencoded", accept: "*/*" };
const json = { accept: "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
const cas = (inside) => `<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>${inside}</cas:serviceResponse>`;
const logout = (index) =>
  `logoutRequest=${encodeURIComponent(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><samlp:SessionIndex>${index}</samlp:SessionIndex></samlp:LogoutRequest>`)}`;

/** What a CAS server may answer to a validation, with the ticket and a proxy-granting ticket in it. */
const answers = (ticket) => [
  { body: cas(`<cas:authenticationFailure code='INVALID_TICKET'>Ticket ${ticket} of ${PGT} not recognized</cas:authenticationFailure>`) },
  { body: cas(`<cas:authenticationFailure code='${ticket}'>${PGT}</cas:authenticationFailure>`) },
  { body: cas(`<cas:authenticationSuccess><cas:user>${ticket} ${PGT}\u202e</cas:user></cas:authenticationSuccess>`) },
  { body: cas(`<cas:authenticationSuccess><cas:user>ann</cas:user><cas:proxyGrantingTicket>not an IOU: ${PGT}</cas:proxyGrantingTicket></cas:authenticationSuccess>`) },
  { body: cas(`<cas:authenticationSuccess><cas:user>ann</cas:user><cas:proxies><cas:proxy>https://p.example/?pgtId=${PGT}</cas:proxy></cas:proxies></cas:authenticationSuccess>`) },
  { body: `{"serviceResponse":{"authenticationFailure":{"code":"${PGT}","description":"${ticket}"}}}` },
  { body: `<${PGT}>` },
  { body: `<html>${ticket} ${PGT}</html>` },
  { body: `no\n${ticket} ${PGT}\n` },
  { status: 500, body: `${ticket} ${PGT}` },
  { status: 403, body: cas(`<cas:authenticationFailure code='UNAUTHORIZED_SERVICE'>${ticket} ${PGT}</cas:authenticationFailure>`) },
  { oversizeBytes: 400_000 },
  { redirect: true },
  { drop: true },
];

test("d03_a_secret_in_an_address_or_an_answer_is_in_no_line_and_no_answer_of_ours", { timeout: 120_000 }, async () => {
  const gate = { worker: folder, env: { PORTCULLIS_SLO_SECRET: SECRET_PATH }, origins: { DEAD: "http://127.0.0.1:9" } };
  await within({ policy, gate }, async (w) => {
    const secrets = new Map([["the secret path", SECRET_PATH], ["the PGT", PGT], ["the PGTIOU", PGT_IOU], ["a made-up ticket", MADE_UP]]);
    const said = [];
    /** Keeps what the gate itself says; what an app echoes is the app's. */
    const note = async (answer) => {
      if (answer.status === 200 && (await answer.text()).startsWith('{"method":')) return answer;
      said.push(JSON.stringify(answer.headers.list.filter(([name]) => name !== "set-cookie")), await answer.text());
      return answer;
    };
    const ask = async (path, options = {}) => note(await send(new URL("/", w.url), { path, ...options }));
    const around = (text, spelling) => text.slice(Math.max(0, text.indexOf(spelling) - 300), text.indexOf(spelling) + spelling.length + 20);
    const landing = async (fault, user = "ann") => {
      const browser = w.browser();
      const { callback, ticket } = await toTicket(w, browser, user);
      secrets.set(`ticket ${secrets.size}`, ticket);
      const over = fault && w.cas.fault(typeof fault === "function" ? fault(ticket) : fault);
      const answer = await note(await browser.get(callback));
      over?.();
      return { browser, callback, ticket, answer };
    };

    // Tickets and proxy-granting tickets, in whatever the CAS server answers.
    for (let at = 0; at < answers("").length; at += 1) {
      const { answer, browser } = await landing((ticket) => answers(ticket)[at]);
      assert.ok(answer.status !== 303 && !browser.session, `answer ${at} signs nobody in: ${answer.status}`);
    }
    const used = await landing();
    assert.equal(used.answer.status, 303);
    const withIou = await landing({ body: cas(`<cas:authenticationSuccess><cas:user>ann</cas:user><cas:proxyGrantingTicket>${PGT_IOU}</cas:proxyGrantingTicket></cas:authenticationSuccess>`) });
    assert.equal(withIou.answer.status, 303);
    const { pathname } = new URL(used.callback);
    for (const path of [
      used.callback.slice(w.url.length),
      `${pathname}?ticket=${MADE_UP}`,
      `${pathname}?ticket=${MADE_UP}&ticket=${PGT}`,
      `${pathname}?ticket=${MADE_UP}${"a".repeat(600)}`,
      `${pathname}?ticket=%FF${MADE_UP}`,
      `/.portcullis/cas/abcdefghijklmnopqrstuvwxyz?ticket=${MADE_UP}`,
      `/optional/page?ticket=${MADE_UP}`,
      `/x?ticket=${MADE_UP}`,
      `/a/..%2fx?ticket=${MADE_UP}`,
    ]) {
      for (const options of [{}, { headers: json }, { method: "POST", headers: form, body: `t=${MADE_UP}&pgtId=${PGT}` }, { method: "TRACE" }]) await ask(path, options);
    }
    await note(await used.browser.get(`/dead/page?ticket=${MADE_UP}`));

    // A proxy-granting ticket where its call-back might be, and in single logouts.
    for (const path of ["/.portcullis/pgt", "/.portcullis/proxy", pathname, "/.portcullis/token"]) {
      await ask(`${path}?pgtId=${PGT}&pgtIou=${PGT_IOU}`);
      await ask(path, { method: "POST", headers: form, body: `pgtId=${PGT}&pgtIou=${PGT_IOU}` });
      await ask(path, { method: "POST", headers: form, body: logout(PGT) });
    }

    // The secret path of single logouts.
    const secret = `/.portcullis/slo/${SECRET_PATH}`;
    for (const path of [secret, `${secret}x`, `${secret}/`, `${secret}?ticket=${MADE_UP}`, `/x/..${secret}`, `${secret}%2f`]) {
      await ask(path);
      for (const body of [logout(used.ticket), logout(PGT), logout(`${MADE_UP}<!-- -->`), "logoutRequest=%3C!DOCTYPE", "x".repeat(20_000), ""]) await ask(path, { method: "POST", headers: form, body });
    }

    // Bearers.
    const bought = await send(new URL("/.portcullis/token", w.url), { method: "POST", headers: form, body: `ticket=${w.cas.ticket("ann", `${w.url}/.portcullis/token`)}` });
    const bearer = (await bought.json()).access_token;
    secrets.set("a bearer", bearer.slice(4, 60));
    const bad = `pc1.${randomBytes(60).toString("base64url")}`;
    secrets.set("a bad bearer", bad.slice(4, 60));
    secrets.set("a ticket at the token's path", w.cas.issued.at(-1));
    for (const body of [`ticket=${w.cas.issued.at(-1)}`, `ticket=${MADE_UP}`, `ticket=${PGT}`, `ticket=${MADE_UP}&ticket=${MADE_UP}`, `ticket=${MADE_UP}${"a".repeat(2_000)}`]) {
      await ask("/.portcullis/token", { method: "POST", headers: form, body });
      await ask(`/.portcullis/token?${body.slice(0, 200)}`, { headers: json });
    }
    const cookie = [...used.browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const authorization of [`Bearer ${bearer}`, `bearer ${bad}`, `Bearer ${bad}, Bearer ${bearer}`, `Basic x, Bearer ${bad}`]) {
      for (const path of ["/dead/page", "/fresh/page", `/a/..%2fx?bearer=${bad}`, "/.portcullis/whoami", "/.portcullis/proxy"]) {
        await ask(path, { headers: { ...json, authorization } });
        await ask(path, { headers: { ...json, authorization, cookie } });
      }
    }

    // The same while the store is away, and while the CAS server is.
    await w.browser().get("/test?store=away");
    await landing();
    await ask(secret, { method: "POST", headers: form, body: logout(used.ticket) });
    await ask(pathname, { method: "POST", headers: form, body: logout(PGT) });
    await logged(w.gate, /"fault":"ticket-object"/);
    await w.browser().get("/test?store=");
    const late = w.browser();
    const { callback, ticket } = await toTicket(w, late);
    secrets.set("a ticket while the CAS server is down", ticket);
    await w.cas.down();
    await note(await late.get(callback));
    await ask("/.portcullis/token", { method: "POST", headers: form, body: `ticket=${MADE_UP}` });
    await w.cas.up();
    await signIn(w, w.browser(), "ben");

    const log = w.gate.logs(100_000);
    assert.ok(log.split("\n").length > 150, `the gate has a log: ${log.split("\n").length} lines`);
    for (const [what, text] of secrets) {
      for (const spelling of [text, Buffer.from(text).toString("base64url"), Buffer.from(text).toString("hex"), encodeURIComponent(text)]) {
        assert.ok(!log.includes(spelling), `${what} in the gate's log: ${around(log, spelling)}`);
        const found = said.find((one) => one.includes(spelling));
        assert.equal(found, undefined, `${what} in an answer: ${found && around(found, spelling)}`);
      }
    }
  });
});
