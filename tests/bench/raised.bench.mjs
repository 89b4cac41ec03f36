// What a request of a session with a second factor costs: processor time of workerd, beside a session without one at the same gate, and
// beside a gate whose policy asks for no factor. All are asked in turns, over kept connections.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";

import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { together } from "../parts/together.mjs";
import { base32, totp } from "../worker/person.mjs";
import { Browser, signIn } from "../worker/support.mjs";

const ROUNDS = 9;
const AT_ONCE = 16;
const REQUESTS = 4_000; // for each round and candidate
const TICK_MS = 10; // Linux counts processor time in hundredths of a second
const BODY = Buffer.alloc(10_000, "x");

const rule = `
[[rule]]
path = "/*"
access = "login"
`;
const asked = `
[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"

[[rule]]
path = "/plain/*"
access = "login"
factor = "off"
${rule}`;

await using stack = new AsyncDisposableStack();
const app = createServer((_, response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": BODY.length, "cache-control": "no-cache" }).end(BODY));
app.listen(0, "127.0.0.1");
await once(app, "listening");
stack.defer(() => new Promise((done) => (app.closeAllConnections(), app.close(done))));
const origin = `http://127.0.0.1:${app.address().port}`;
const [cas] = await together(stack, demoCas.start({}));
const [without, gate] = await together(stack, gatePart.start({ cas: cas.url, origin, policy: rule }), gatePart.start({ cas: cas.url, origin, policy: asked }));

/** A browser with a session. */
async function session(part, path) {
  const browser = new Browser(part.url);
  await signIn({ cas, url: part.url }, browser, "ann", path);
  return browser;
}

/** Enrols an app on the gate's pages. */
async function enrol(browser) {
  let answer = await browser.get("/page");
  for (let to = answer.headers.get("location"); to; to = answer.headers.get("location")) {
    const service = to.startsWith(cas.url) && new URL(to).searchParams.get("service"); // an enrolment takes a recent login
    answer = await browser.get(service ? `${service}?ticket=${await cas.ticket("ann", service)}` : to);
  }
  const post = async (path, fields) => {
    const page = await answer.text();
    const hidden = Object.fromEntries(["token", "page", "id"].map((name) => [name, new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ""]));
    const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
    answer = await browser.fetch(`/.portcullis/factor/${path}`, { method: "POST", headers, body: new URLSearchParams({ ...hidden, ...fields }).toString() });
  };
  await post("enrol", { kind: "app", label: "phone" });
  const secret = base32(/class="key">([^<]*)</.exec(await answer.text())[1].replaceAll(" ", ""));
  await post("confirm", { typed: totp(secret) });
  const { status } = await browser.get("/page");
  if (status !== 200) throw new Error(`after the factor the page answers ${status}`);
  return browser;
}

const candidates = {
  "with its factor, at a page that asks for one": { part: gate, path: "/page?x=1", browser: await enrol(await session(gate, "/page")) },
  "without a factor, at a page that asks for none": { part: gate, path: "/plain/page?x=1", browser: await session(gate, "/plain/page") },
  "at a gate whose policy asks for no factor": { part: without, path: "/page?x=1", browser: await session(without, "/page") },
};

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
stack.defer(() => agent.destroy());
function one({ part, path, browser }) {
  return new Promise((done, broken) => {
    const { hostname, port } = new URL(part.address);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { host: new URL(part.url).host, cookie, accept: "text/html", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin" };
    const outgoing = request({ agent, host: hostname, port, path, headers }, (answer) => {
      let length = 0;
      answer.on("data", (chunk) => (length += chunk.length)).on("error", broken);
      answer.on("end", () => (answer.statusCode === 200 && length === BODY.length ? done() : broken(new Error(`${path}: ${answer.statusCode}, ${length} bytes`))));
    });
    outgoing.on("error", broken).end();
  });
}

async function ask(candidate, count) {
  let left = count;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await one(candidate);
  }));
}

/** User and system time of a process so far, in milliseconds. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const names = Object.keys(candidates);
for (const name of names) await ask(candidates[name], REQUESTS); // warm
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const micros = {};
  for (const name of names) {
    const pid = candidates[name].part.workerd().at(-1);
    const before = processorMs(pid);
    await ask(candidates[name], REQUESTS);
    micros[name] = ((processorMs(pid) - before) * 1000) / REQUESTS;
  }
  rounds.push(micros);
}

console.log(`\na page of 10 kB of a live session (median of ${ROUNDS} rounds of ${REQUESTS} requests, ${AT_ONCE} at once)`);
for (const name of names) console.log(`${name.padEnd(48)}${median(rounds.map((round) => round[name])).toFixed(0).padStart(6)} us of processor time a request`);
const ratio = median(rounds.map((round) => round[names[0]] / round[names[1]]));
console.log(`\n${ratio <= 1.05 ? "reached    " : "NOT reached"} a factor costs a request nothing: ${ratio.toFixed(2)} of one without (goal <= 1.05)`);
