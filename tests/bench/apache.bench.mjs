// The gate in workerd beside Apache (event MPM) with mod_auth_cas and with mod_auth_openidc, each before the same app: processor time
// of the server for each page of 10 kB of a person who is signed in. All run at once and are asked in turns.
import { once } from "node:events";
import { createServer } from "node:http";

import * as apache from "../parts/apache.mjs";
import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import * as provider from "../parts/openid_provider.mjs";
import { together } from "../parts/together.mjs";
import { send } from "../worker/support.mjs";
import { client, median, race, row } from "./processor.mjs";

const LEAST = 0.8;
const AT_ONCE = 16;
const BODY = Buffer.alloc(10_000, "x");

if (apache.missing()) {
  console.log(`left out: ${apache.missing()}`);
  process.exit(0);
}

await using stack = new AsyncDisposableStack();
let seen;
const app = createServer((incoming, response) => {
  seen = incoming.headers;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": BODY.length, "cache-control": "no-cache", etag: '"1"' }).end(BODY);
});
app.keepAliveTimeout = 60_000; // Apache keeps its connections to the app
app.listen(0, "127.0.0.1");
await once(app, "listening");
stack.defer(() => new Promise((done) => (app.closeAllConnections(), app.close(done))));
const origin = `http://127.0.0.1:${app.address().port}`;
const [cas, openid] = await together(stack, demoCas.start(), provider.start({ claims: { sub: "ann", email: "ann@example.org", name: "Ann Archer" } }));
const [gate, withCas, withOpenid, bare] = await together(
  stack,
  gatePart.start({ cas: cas.url, origin }),
  apache.start({ way: "cas", origin, cas: cas.url }),
  apache.start({ way: "oidc", origin, provider: openid.url }),
  apache.start({ way: "none", origin }),
);

/** Signs in as a browser does, redirect by redirect, and returns the headers of a signed-in request. */
async function signedIn({ url, address }) {
  const jar = new Map();
  const { host } = new URL(url);
  let at = new URL("/page?x=1", url);
  for (let hops = 0; hops < 8; hops++) {
    const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
    const mine = at.host === host;
    const answer = await send(mine ? new URL(at.pathname + at.search, address) : at, { headers: { accept: "text/html", ...(mine && { host, ...(cookie && { cookie }) }) } });
    if (mine) {
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
        if (value) jar.set(name, value);
        else jar.delete(name);
      }
    }
    if (answer.status === 200) return { host, accept: "text/html", ...(cookie && { cookie }) };
    const to = new URL(answer.headers.get("location"), at);
    const service = to.searchParams.get("service");
    at = service && to.href.startsWith(`${cas.url}/login`) ? new URL(`${service}${service.includes("?") ? "&" : "?"}ticket=${cas.ticket("ann", service)}`) : to;
  }
  throw new Error(`${url}: no page after eight redirects`);
}

using asking = client(AT_ONCE);
const servers = {};
for (const [name, part, pids, user] of [
  ["the gate in workerd", gate, () => [gate.workerd().at(-1)], "ann"],
  ["Apache, mod_auth_cas", withCas, withCas.processes, "ann"],
  ["Apache, mod_auth_openidc, client-cookie", withOpenid, withOpenid.processes, "ann"],
  ["Apache, a bare proxy", bare, bare.processes, undefined],
]) {
  const headers = await signedIn(part);
  await asking.ask(part.address, headers);
  if (seen["remote-user"] !== user) throw new Error(`${name}: the app was told ${seen["remote-user"]}`);
  servers[name] = { pids, ask: () => asking.ask(part.address, headers) };
}
const micros = await race(servers, { rounds: 7, requests: 3_000, atOnce: AT_ONCE });
console.log(`\na page of 10 kB for a person who is signed in, ${AT_ONCE} at once, microseconds of processor time of the server`);
for (const [name, list] of Object.entries(micros)) console.log(`${name.padEnd(44)}${median(list).toFixed(0).padStart(6)}`);
const [own, ...others] = Object.values(micros);
const ratio = (list) => median(list.map((us, at) => us / own[at]));
console.log(row(ratio(others[0]) >= LEAST, `the gate >= ${LEAST} of mod_auth_cas: ${ratio(others[0]).toFixed(2)}`));
console.log(`            the gate beside mod_auth_openidc: ${ratio(others[1]).toFixed(2)}, beside a bare proxy: ${ratio(others[2]).toFixed(2)}`);
