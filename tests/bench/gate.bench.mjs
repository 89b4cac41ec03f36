// What the gate costs a live session: processor time for each request in workerd, beside a Worker that does nothing but
// rewrite the URL and pass the request on. Both run at once and are asked in turns, over kept connections, by a client
// and before an app in other processes than theirs. Time on the clock would measure the client; this is what is paid for.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { together } from "../parts/together.mjs";
import { Browser, signIn } from "../worker/support.mjs";

const ROUNDS = 9;
const AT_ONCE = 16;
const REQUESTS = 4_000; // for each round and candidate: about a second of processor time
const TICK_MS = 10; // Linux counts processor time in hundredths of a second
const BODY = Buffer.alloc(10_000, "x");

// Five headers beside the assertion, and what makes the cookie about 1 KiB.
const policy = `
[headers]
Remote-Email = "mail"
Remote-Name = "displayName"
Remote-Groups = { from = ["memberOf"], list = true }
Staff-Number = "employeeNumber"

[[rule]]
path = "/*"
access = "login"
`;
const users = {
  ann: {
    password: "ann",
    attributes: { mail: "ann@example.org", displayName: "Ann Example", employeeNumber: "4711", memberOf: Array.from({ length: 9 }, (_, n) => `cn=group-${n},ou=groups,dc=example,dc=org`) },
  },
};
const PASS_THROUGH = `
class None { fetch() { return new Response(null, { status: 404 }); } }
export { None as TicketDo, None as PersonDo, None as DirectoryDo, None as AnchorDo };
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    url.hostname = "app.internal";
    return env.ORIGIN.fetch(new Request(url, request));
  },
};`;
// As a browser sends them with a click inside an app.
const headers = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-GB,en;q=0.9",
  "cache-control": "max-age=0",
  "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "sec-fetch-dest": "document",
  "sec-fetch-mode": "navigate",
  "sec-fetch-site": "same-origin",
  "upgrade-insecure-requests": "1",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
};

await using stack = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), "portcullis-bench-"));
stack.defer(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "entry.mjs"), PASS_THROUGH);

let seen; // the headers of the last request that reached the app
const app = createServer((incoming, response) => {
  seen = incoming.headers;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": BODY.length, "cache-control": "no-cache", etag: '"1"' }).end(BODY);
});
app.listen(0, "127.0.0.1");
await once(app, "listening");
stack.defer(() => new Promise((done) => (app.closeAllConnections(), app.close(done))));
const origin = `http://127.0.0.1:${app.address().port}`;

const [cas] = await together(stack, demoCas.start({ users }));
const [gate, passThrough] = await together(stack, gatePart.start({ cas: cas.url, origin, policy }), gatePart.start({ cas: cas.url, origin, worker: folder }));
async function session(part) {
  const browser = new Browser(part.url);
  await signIn({ cas, url: part.url }, browser, "ann");
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}
const cookie = await session(gate);

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
stack.defer(() => agent.destroy());
const candidates = { "the gate, a live session": gate, "pass-through, rewrites the URL": passThrough };
const cookies = new Map([[gate, cookie], [passThrough, cookie]]);
// `npm run bench -- gate --beside FOLDER`: another build of the gate, asked in the same turns.
const beside = process.argv.indexOf("--beside");
if (beside > 0) {
  const [other] = await together(stack, gatePart.start({ cas: cas.url, origin, policy, worker: process.argv[beside + 1] }));
  candidates["the other build of the gate"] = other;
  cookies.set(other, await session(other));
}

function one(part) {
  return new Promise((done, broken) => {
    const { hostname, port, host } = new URL(part.address);
    const outgoing = request({ agent, host: hostname, port, path: "/page?x=1", headers: { host: new URL(part.url).host ?? host, cookie: cookies.get(part), ...headers } }, (answer) => {
      let length = 0;
      answer.on("data", (chunk) => (length += chunk.length)).on("error", broken);
      answer.on("end", () => (answer.statusCode === 200 && length === BODY.length ? done() : broken(new Error(`${answer.statusCode}, ${length} bytes`))));
    });
    outgoing.on("error", broken).end();
  });
}

async function ask(part, count) {
  let left = count;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await one(part);
  }));
}

/** User and system time of a process so far, in milliseconds. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

// The race is worth nothing unless each does its work: names and assertion arrive by the gate, and nothing by the other.
await one(gate);
for (const name of ["remote-user", "remote-email", "remote-name", "remote-groups", "staff-number", "x-portcullis-assertion"]) {
  if (!seen[name]) throw new Error(`the app was not told ${name}`);
}
if (seen.cookie) throw new Error("the gate's cookie reached the app");
await one(passThrough);
if (seen["remote-user"] || seen.cookie !== cookie) throw new Error("the pass-through changed the request");

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const names = Object.keys(candidates);
const pids = names.map((name) => candidates[name].workerd().at(-1));
for (const name of names) await ask(candidates[name], REQUESTS); // warm
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const micros = {};
  for (const [at, name] of names.entries()) {
    const before = processorMs(pids[at]);
    await ask(candidates[name], REQUESTS);
    micros[name] = ((processorMs(pids[at]) - before) * 1000) / REQUESTS;
  }
  rounds.push(micros);
}

console.log(`\na page of 10 kB through workerd, cookie of ${cookie.length} bytes, 5 identity headers and the assertion`);
console.log(`(median of ${ROUNDS} rounds of ${REQUESTS} requests, ${AT_ONCE} at once)`);
for (const name of names) console.log(`${name.padEnd(34)}${median(rounds.map((round) => round[name])).toFixed(0).padStart(6)} us of processor time a request`);
const ratio = median(rounds.map((round) => round[names[1]] / round[names[0]]));
console.log(`\n${ratio >= 0.9 ? "reached    " : "NOT reached"} the gate >= 0.9 of a pass-through: ${ratio.toFixed(2)}`);
