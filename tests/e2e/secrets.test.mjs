// Searches for a known password, ticket, cookie and key in everything that the gate puts out: its log, its pages, its answers, the
// addresses in the browser, and the requests to the app (attacks d01 and s15).
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

import * as chromiumPart from "../parts/chromium.mjs";
import * as djangoApp from "../parts/django_app.mjs";
import * as djangoCas from "../parts/django_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { PlainClient } from "../parts/plain_client.mjs";
import * as relayPart from "../parts/relay.mjs";
import { signIn } from "./cas.scenarios.mjs";

const PASSWORD = "Very-Secret-Pass-phrase-7261";
const IN_QUERY = "reset-8f2c1d7e5b9a4c30";
const IN_BODY = "field-5d0c9be4a1f87236";
const BEARER = "bearer-1b7f9a3c5e2d4806";
const MADE_UP = "ST-0-madeup9f8e7d6c5b4a39281706-nowhere";

/** A secret in each encoding in which it could appear. */
const spellings = (secret) => {
  const all = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, ""), Buffer.from(secret).toString("base64url"), Buffer.from(secret).toString("hex")];
  return [...new Set(all)];
};
const finds = (haystack, needles) => [...needles].flatMap(([what, secret]) => (spellings(secret).some((one) => haystack.includes(one)) ? [what] : []));

/** Collects the gate's answers to a browser, except the header that must carry a secret. */
function listen(context, gate, heard) {
  context.on("response", async (response) => {
    if (!response.url().startsWith(gate.url)) return;
    const { "set-cookie": cookies, ...headers } = await response.allHeaders();
    heard.push(JSON.stringify(headers), await response.text().catch(() => ""));
  });
}

test("no password, ticket, cookie or key appears in the gate's log, pages, answers or addresses, nor at the app", async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), "portcullis-secrets-"));
  t.after(() => rm(stateDir, { recursive: true, force: true }));
  await using cas = await djangoCas.start({ password: PASSWORD });
  await using relay = await relayPart.start(cas.url);
  await using app = await djangoApp.start();
  await using gate = await gatePart.start({ cas: relay.url, origin: app.url, stateDir, policy: "[session]\nrevalidate_secs = 0\n[[rule]]\npath = \"/public/*\"\naccess = \"public\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"\n" });
  await using chromium = await chromiumPart.launch();
  const person = { user: cas.person.user, password: PASSWORD };
  const heard = []; // the gate's answers
  const needles = new Map([["the password", PASSWORD], ["a secret in a query", IN_QUERY], ["a secret in a body", IN_BODY], ["a bearer", BEARER], ["a made-up ticket", MADE_UP]]);
  const remember = (cookies) => {
    for (const [name, value] of cookies) if (/portcullis/.test(name) && value.length >= 20) needles.set(`the cookie ${name} of ${value.length} characters, ending ${value.slice(-3)}`, value);
  };

  const context = await chromium.context();
  listen(context, gate, heard);
  const addresses = [];
  const keep = async (page) => {
    addresses.push(page.url(), await page.evaluate(() => `${document.referrer} ${JSON.stringify({ ...localStorage })} ${JSON.stringify({ ...sessionStorage })}`));
    remember((await context.cookies(gate.url)).map(({ name, value }) => [name, value]));
  };

  // A normal sign-in, a visit and a sign-out.
  const page = await context.newPage();
  await page.goto(`${gate.url}/page/1?token=${IN_QUERY}`);
  await keep(page);
  await signIn(page, person, (url) => url.origin === gate.url);
  await keep(page);
  for (const path of ["/seen", "/public/seen", "/.portcullis/whoami", "/.portcullis/health", "/.portcullis/jwks.json", "/.portcullis/metrics", "/.portcullis/nothing-here"]) {
    await page.goto(gate.url + path);
    await keep(page);
  }
  await page.goto(`${relay.url}/logout`); // the CAS server then sends the gate a logout request with the ticket
  await page.goto(`${gate.url}/page/2`);
  await keep(page);

  // Failures, where secrets easily get into messages.
  const client = new PlainClient();
  const ask = async (path, options) => {
    const answer = await client.ask(new URL(path, gate.url).href, options);
    const { "set-cookie": cookies, ...headers } = answer.headers;
    // The CAS server's login page needs the service in its address. What the gate itself sends there is searched like the rest.
    heard.push(JSON.stringify(headers), answer.text);
    if (answer.url.startsWith(gate.url)) remember(client.cookies(gate.url));
    return answer;
  };
  const link = await client.callBack(`${gate.url}/page/3`, person);
  remember(client.cookies(gate.url));
  needles.set("a ticket", new URL(link).searchParams.get("ticket"));
  await ask(link);
  await ask(link); // the same link a second time
  await ask(`${new URL(link).pathname}?ticket=${MADE_UP}`);
  await ask(`/page/1?ticket=${MADE_UP}`);
  const stranger = new PlainClient();
  const refused = await stranger.ask(`${gate.url}/seen?token=${IN_QUERY}`, { headers: { accept: "application/json", authorization: `Bearer ${BEARER}` } });
  heard.push(refused.text, JSON.stringify(refused.headers));
  const posted = await stranger.ask(`${gate.url}/notes?token=${IN_QUERY}`, { method: "POST", body: `note=${IN_BODY}` });
  heard.push(posted.text, JSON.stringify(posted.headers.location ?? ""));
  await stranger.ask(`${new URL(link).origin}${new URL(link).pathname}`, { method: "POST", body: `logoutRequest=${encodeURIComponent(`<samlp:LogoutRequest>${MADE_UP}`)}` });
  relay.fault = ({ path }) => (path.includes("alidate") ? "cut" : undefined);
  const late = new PlainClient();
  const unlucky = await late.callBack(`${gate.url}/page/4`, person);
  remember(late.cookies(gate.url));
  needles.set("a ticket that could not be checked", new URL(unlucky).searchParams.get("ticket"));
  const answer = await late.ask(unlucky);
  heard.push(answer.text, JSON.stringify({ ...answer.headers, "set-cookie": undefined }));
  assert.match(`${answer.status} ${answer.location}`, /^(503|30\d http.*login)/, "an unavailable server, or a second try to sign in");
  await ask("/.portcullis/logout");

  for (const { query } of relay.seen) {
    const ticket = new URLSearchParams(query).get("ticket");
    if (ticket && ticket !== MADE_UP) needles.set(`the ticket of ${ticket.length} characters, ending ${ticket.slice(-3)}`, ticket);
  }
  for (const [what, key] of await keys(stateDir)) needles.set(what, key);

  // The search must find a secret where there is one; otherwise an empty result proves nothing.
  const traffic = JSON.stringify(relay.seen);
  assert.ok(finds(traffic, needles).includes("the password"));
  assert.ok(finds(traffic, needles).includes("a ticket"));
  assert.ok([...needles.keys()].some((what) => what.startsWith("the cookie")));
  assert.ok([...needles.keys()].some((what) => what.startsWith("the key")), "the gate's own keys are known");
  assert.ok(gate.logs(100_000).length > 200, "the gate has a log");

  assert.deepEqual(finds(gate.logs(100_000), needles), [], "in the gate's log");
  // The app may show what the person has sent to it.
  const notTheApps = new Map([...needles].filter(([what]) => what !== "a secret in a query"));
  assert.deepEqual(finds(heard.join("\n"), notTheApps), [], "in the gate's answers");
  assert.deepEqual(finds(addresses.join("\n"), notTheApps), [], "in the browser's addresses and storage");
  assert.deepEqual(finds(app.logs(100_000), notTheApps), [], "at the app");
});

/** The gate's own secrets. The public halves of its signing keys are published on purpose. */
async function keys(stateDir) {
  const { PORTCULLIS_SIGNING_KEYS: signing, ...sealing } = JSON.parse(await readFile(join(stateDir, "keys.json"), "utf8"));
  return [...Object.entries(sealing), ...JSON.parse(signing).map(({ kid, d }) => [`signing ${kid}`, d])].map(([name, value]) => [`the key ${name}`, value]);
}
