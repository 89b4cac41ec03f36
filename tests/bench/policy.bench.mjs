// What a large policy costs a live session: 1,000 rules of 50 sites beside 10 rules of one, the last rule of each, in workerd. Both
// gates run at once and are asked in turns. The policy is read once for an instance; what is paid for each request is finding the rule.
import { once } from "node:events";
import { createServer } from "node:http";

import * as demoCas from "../parts/demo_cas.mjs";
import { freePorts } from "../parts/free_ports.mjs";
import * as gatePart from "../parts/gate.mjs";
import { together } from "../parts/together.mjs";
import { Browser, signIn } from "../worker/support.mjs";
import { client, median, race, row } from "./processor.mjs";

const MOST = 1.1;
const AT_ONCE = 16;
const BODY = Buffer.alloc(10_000, "x");

await using stack = new AsyncDisposableStack();
const app = createServer((incoming, response) => response.writeHead(200, { "content-type": "text/html", "content-length": BODY.length }).end(BODY));
app.listen(0, "127.0.0.1");
await once(app, "listening");
stack.defer(() => new Promise((done) => (app.closeAllConnections(), app.close(done))));
const origin = `http://127.0.0.1:${app.address().port}`;
const [cas] = await together(stack, demoCas.start());

/** A gate whose last site's last rule decides. */
async function gateOf(sites, rules) {
  const port = await freePorts(1);
  const hosts = Array.from({ length: sites }, (_, n) => `${sites > 1 ? `site-${n}.` : ""}localhost:${port}`);
  const each = rules / sites;
  const policy = {
    site: hosts.map((host, n) => ({ id: `s${n}`, public_url: `http://${host}`, origin: "binding:ORIGIN", cas_url: cas.url })),
    rule: hosts.flatMap((host) =>
      Array.from({ length: each }, (_, n) => ({ hosts: [host], path: n === each - 1 ? "/*" : `/folder-${n}/*`, access: n % 3 ? "login" : "public", ...(n === each - 1 && { access: "login" }) })),
    ),
  };
  const url = `http://${hosts.at(-1)}`;
  const gate = stack.use(await gatePart.start({ cas: cas.url, origin, port, publicUrl: url, policy: JSON.stringify(policy) }));
  const browser = new Browser(`http://127.0.0.1:${port}`);
  const at = { cas, url: gate.address };
  // Node resolves no name below localhost, so the client names the host itself.
  browser.get = (path) => browser.fetch(new URL(path, url).pathname + new URL(path, url).search, { headers: { host: new URL(url).host } });
  await signIn(at, browser, "ann", "/here");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  return { gate, headers: { host: new URL(url).host, cookie, accept: "text/html" } };
}

using asking = client(AT_ONCE);
const small = await gateOf(1, 10);
const large = await gateOf(50, 1_000);
const server = ({ gate, headers }, path) => ({ pids: () => [gate.workerd().at(-1)], ask: (n) => asking.ask(gate.address, headers, path(n)) });

// One page again and again, and as many pages as there are: a plan is cached for a client and rule, and the rule is found each time.
for (const [what, path] of [["one page", () => "/page?x=1"], ["many pages", (n) => `/page/${n % 997}`]]) {
  const micros = await race({ small: server(small, path), large: server(large, path) }, { rounds: 7, requests: 3_000, atOnce: AT_ONCE });
  const ratio = median(micros.large.map((us, at) => us / micros.small[at]));
  console.log(row(ratio <= MOST, `1,000 rules and 50 sites, ${what}: ${median(micros.large).toFixed(0)} us of processor time a request, ${ratio.toFixed(2)} of ${median(micros.small).toFixed(0)} us with 10 rules (goal ${MOST})`));
}
