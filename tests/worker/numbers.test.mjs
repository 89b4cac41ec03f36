// Counts, the trace of a request, and the person's id in lines of the log.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { app, logged, send, signIn, testbed } from "./support.mjs";

const token = "metrics-token-".repeat(3);
const policy = `
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/*"
access = "login"
`;
let w;
shared(async (stack) => (w = stack.use(await testbed({ policy, gate: { env: { PORTCULLIS_METRICS_TOKEN: token } } }))));

const metrics = (headers) => send(new URL("/.portcullis/metrics", w.url), { headers });
const read = async () => {
  const lines = (await (await metrics({ authorization: `Bearer ${token}` })).text()).trim().split("\n");
  return new Map(lines.filter((line) => !line.startsWith("#")).map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
};

test("metrics need the token, in the header alone", async () => {
  for (const headers of [{}, { authorization: `Bearer ${token}x` }, { authorization: token }, { authorization: `bearer ${token}` }, { authorization: [`Bearer ${token}`, `Bearer ${token}`] }]) {
    assert.equal((await metrics(headers)).status, 404, JSON.stringify(headers));
  }
  assert.equal((await send(new URL(`/.portcullis/metrics?token=${token}`, w.url))).status, 404);
  const answer = await metrics({ authorization: `Bearer ${token}` });
  assert.deepEqual([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")], [200, "text/plain; version=0.0.4; charset=utf-8", "no-store"]);
});

test("each answer is counted by reason, site and class of status", async () => {
  const site = new URL(w.url).host;
  const series = (why, kind) => `portcullis_requests_total{why="${why}",site="${site}",status="${kind}"}`;
  const before = await read();
  for (let n = 0; n < 3; n++) await send(new URL("/public/x", w.url));
  await send(new URL("/private", w.url), { headers: { accept: "application/json" } });
  const after = await read();
  const grown = (name) => after.get(name) - (before.get(name) ?? 0);
  assert.deepEqual([grown(series("PUBLIC", "2xx")), grown(series("LOGIN_REQUIRED", "4xx")), grown(series("METRICS", "2xx"))], [3, 1, 1]);
});

test("d04_no_client_adds_a_series_by_hosts_paths_or_methods", async () => {
  const ask = async (n) => {
    await send(new URL(`/public/${n}`, w.url));
    await send(new URL(`/private/${n}?q=${n}`, w.url), { headers: { accept: "application/json" } });
    await send(new URL("/public/x", w.url), { headers: { host: `h${n}.example.org` } });
    await send(new URL("/public/x", w.url), { method: ["PUT", "PROPFIND", "TRACE", "DELETE"][n % 4] });
    await send(new URL(`/.portcullis/${n}`, w.url));
  };
  for (let n = 0; n < 4; n++) await ask(n);
  const names = async () => [...(await read()).keys()].sort();
  const before = await names();
  for (let n = 4; n < 200; n += 14) await Promise.all(Array.from({ length: 14 }, (_, more) => ask(n + more)));
  assert.deepEqual(await names(), before);
  assert.ok(!before.some((name) => /h\d+\.example/.test(name)));
});

test("d05_a_trace_goes_to_the_app_and_into_the_log_and_not_to_the_cas_server", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
  const seen = await (await send(new URL("/public/x", w.url), { headers: { traceparent } })).json();
  assert.equal(seen.headers.find(([name]) => name === "traceparent")?.[1], traceparent);
  await send(new URL("/.portcullis/nothing", w.url), { headers: { traceparent } });
  await logged(w.gate, new RegExp(`"trace":"${trace}"[^\n]*"why":"NOT_FOUND"`));
  await send(new URL("/.portcullis/nothing", w.url), { headers: { traceparent: `ff-${"1".repeat(32)}-00f067aa0ba902b7-01` } });
  await send(new URL("/.portcullis/last", w.url), { headers: { traceparent: `00-${"2".repeat(32)}-00f067aa0ba902b7-01` } });
  await logged(w.gate, /"trace":"2{32}"/);
  assert.doesNotMatch(w.gate.logs(400), /1{32}/);
  // The CAS server is asked by the login's object, which knows nothing of the request's headers.
  await using cas = await app((request, response) => response.writeHead(200).end("no\n"));
  await using other = await testbed({ gate: { casValidate: cas.url } });
  const browser = other.browser();
  const first = await browser.get("/", { headers: { traceparent } });
  const service = new URL(first.headers.get("location")).searchParams.get("service");
  await browser.get(`${service}?ticket=ST-1-abc`, { headers: { traceparent } });
  assert.ok(cas.requests.length > 0 && cas.requests.every((request) => request.get("traceparent") === undefined));
});

test("an audit line names a person by an id of the month, which the operator can make", async () => {
  const browser = w.browser();
  await signIn(w, browser, "ann");
  const month = new Date().toISOString().slice(0, 7);
  const { PORTCULLIS_ID_KEY } = JSON.parse(readFileSync(join(w.gate.stateDir, "keys.json"), "utf8"));
  const id = execFileSync(process.execPath, [join(root, "tests", "audit_id.mjs"), "ann", month], { env: { ...process.env, PORTCULLIS_ID_KEY }, encoding: "utf8" }).trim();
  assert.match(id, /^[\w-]{16}$/);
  await logged(w.gate, new RegExp(`"event":"signed-in","session":"[^"]*","person":"${id}"`));
  await browser.fetch("/.portcullis/logout", { method: "POST", headers: { origin: w.url, "sec-fetch-site": "same-origin" } });
  await logged(w.gate, new RegExp(`"event":"ended","session":"[^"]*","person":"${id}"`));
  assert.doesNotMatch(w.gate.logs(400), /\bann\b/);
});
