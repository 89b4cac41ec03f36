// Bearers of machine clients, in workerd.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { send, signIn, testbed } from "./support.mjs";

const policy = `
token = true
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/*"
access = "login"
`;
let w;
shared(async (stack) => (w = stack.use(await testbed({ policy }))));

const form = { "content-type": "application/x-www-form-urlencoded", accept: "*/*" };
const buy = (body) => send(new URL("/.portcullis/token", w.url), { method: "POST", headers: form, body });
const service = () => `${w.url}/.portcullis/token`;
const objects = () => readdirSync(join(w.gate.stateDir, "objects"), { recursive: true }).filter((name) => name.endsWith(".sqlite") && !name.includes("metadata")).length;
const of = (seen, wanted) => seen.headers.find(([name]) => name === wanted)?.[1];

test("h19_a_ticket_buys_a_bearer_that_no_app_sees", async () => {
  const answer = await buy(`ticket=${w.cas.ticket("ann", service())}`);
  assert.deepEqual([answer.status, answer.headers.get("cache-control"), answer.headers.get("access-control-allow-origin")], [200, "no-store", null]);
  const { access_token, expires_in } = await answer.json();
  assert.equal(expires_in, 900);
  const headers = { authorization: `Bearer ${access_token}` };
  for (let n = 0; n < 3; n += 1) {
    const seen = await (await send(new URL("/api", w.url), { headers })).json();
    assert.equal(of(seen, "remote-user"), "ann");
    const open = await (await send(new URL("/public/x", w.url), { headers })).json();
    assert.deepEqual([of(seen, "authorization"), of(open, "authorization")], [undefined, undefined]);
    await send(new URL("/public/x", w.url)); // a plan of the open page is cached by now
  }
  const own = await (await send(new URL("/public/x", w.url), { headers: { authorization: "Bearer of-the-app" } })).json();
  assert.equal(of(own, "authorization"), "Bearer of-the-app");
  const browser = w.browser();
  await signIn(w, browser, "ben");
  await browser.get("/api"); // a plan of the session is cached by now
  const both = await browser.get("/api", { page: false, headers: { ...headers, accept: "application/json" } });
  assert.deepEqual([both.status, (await both.json()).error], [401, "TWO_IDENTITIES"]);
  assert.ok(!w.gate.logs(400).includes(access_token.slice(4, 40)));
});

test("h19_a_ticket_is_worth_one_bearer", async () => {
  const ticket = w.cas.ticket("ann", service());
  const answers = await Promise.all(Array.from({ length: 10 }, () => buy(`ticket=${ticket}`)));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  const foreign = await buy(`ticket=${w.cas.ticket("ann", `${w.url}/other`)}`);
  assert.deepEqual([foreign.status, (await foreign.json()).error], [403, "TICKET_REFUSED"]);
});

test("l20_a_thousand_made_up_tickets_and_logouts_address_no_object", { timeout: 120_000 }, async () => {
  const before = objects();
  const logout = (n) => `logoutRequest=${encodeURIComponent(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><samlp:SessionIndex>ST-${n}-made-up</samlp:SessionIndex></samlp:LogoutRequest>`)}`;
  for (let n = 0; n < 1000; n += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, more) => buy((n + more) % 2 ? `ticket=ST-${n + more}-made-up` : logout(n + more))));
    assert.ok(answers.every((answer) => [200, 403, 503].includes(answer.status)));
  }
  assert.equal((await buy(`ticket=${w.cas.ticket("ann", service())}`)).status, 200, "a real one passes");
  assert.equal(objects(), before);
  await signIn(w, w.browser(), "zoe"); // and the circuit of the CAS server is closed
});
