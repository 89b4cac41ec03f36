// Personal answers and the platform's caches: what the gate says of a request in `cf`, and what the app hears of it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { signIn, within } from "./support.mjs";

// In the place of the network: tells what came to the app's address, and lets the CAS server be reached.
const outbound = `
export default {
  fetch(request) {
    if (new URL(request.url).hostname !== "app.test") return fetch(request);
    return Response.json({ cf: request.cf ?? null, method: request.method, headers: Object.fromEntries(request.headers) });
  },
};`;
// What the platform itself makes of a request that no cache may see.
const REFERENCE = `export default { fetch: () => fetch("http://app.test/reference", { cache: "no-store" }) };`;
// A Worker as an app hears no more than one behind an address.
const BOUND = `export default { fetch: (request) => Response.json({ cf: request.cf ?? null, headers: Object.fromEntries(request.headers) }) };`;

const policy = `
[[rule]]
path = "/shared/*"
access = "public"
cache = true
[[rule]]
path = "/open/*"
access = "public"
[[rule]]
path = "/reference"
access = "public"
origin = "binding:REFERENCE"
app = "reference"
[[rule]]
path = "/bound"
access = "login"
origin = "binding:BOUND"
app = "bound"
[[rule]]
path = "/*"
access = "login"
`;

test("k02_a_personal_request_passes_the_platforms_caches_as_no_store_does_and_without_its_headers", async () => {
  await within({ policy, gate: { outbound, workers: { REFERENCE, BOUND }, env: { ORIGIN_URL: "http://app.test", PEER: "" } } }, async (w) => {
    const ann = w.browser();
    await signIn(w, ann);
    const heard = async (path, options = {}) => (await ann.fetch(path, { page: false, ...options, headers: { accept: "*/*", ...options.headers } })).json();
    const reference = await heard("/reference");
    assert.equal(reference.headers["cache-control"], "no-cache", "the platform adds what an app takes for a reload");
    assert.equal(reference.headers.pragma, "no-cache");
    assert.ok(reference.cf && Object.keys(reference.cf).length, JSON.stringify(reference.cf));
    const form = { method: "POST", body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } };
    for (const [path, options] of [["/page"], ["/page"], ["/page", form], ["/open/x"], ["/open/x", form], ["/bound"], ["/bound", form]]) {
      const { cf, headers } = await heard(path, options);
      assert.deepEqual(cf, reference.cf, `${options?.method ?? "GET"} ${path}`);
      assert.deepEqual([headers["cache-control"], headers.pragma], [undefined, undefined], path);
    }
    const reload = await heard("/page", { headers: { "cache-control": "no-cache", pragma: "no-cache" } });
    assert.deepEqual([reload.headers["cache-control"], reload.headers.pragma], ["no-cache", "no-cache"], "the client's own reload is told");
    const shared = await heard("/shared/x");
    assert.deepEqual(shared.cf ?? {}, {}, "what may be shared is left to the caches' own rules");
    assert.equal(shared.headers["cache-control"], undefined);
  });
});
