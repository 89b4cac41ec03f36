// One honest address, as a campus or a proxy is: what counts against strangers never counts against it.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";

import { Browser, signIn, within } from "./support.mjs";

const LOADS = 5_000;
const SIGN_INS = 500;
const AT_ONCE = 16;
/** A minute of a quiet machine; on a busy one the same in a few. What it shows is that nobody is refused, not how fast. */
const LIMIT_MS = 240_000;

async function each(count, one) {
  let n = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (n < count) await one(n++);
  }));
}

test("l15_five_thousand_page_loads_and_five_hundred_sign_ins_from_one_address_all_pass", { timeout: LIMIT_MS }, async (t) => {
  await within({}, async (w) => {
    const ann = w.browser();
    await signIn(w, ann);
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const headers = { host: new URL(w.url).host, cookie: [...ann.cookies].map((pair) => pair.join("=")).join("; "), accept: "text/html" };
    const { port } = new URL(w.gate.address);
    const load = (path) =>
      new Promise((done, broken) => {
        request({ agent, host: "127.0.0.1", port, path, headers }, (answer) => answer.resume().on("end", () => done(answer.statusCode))).on("error", broken).end();
      });
    const began = Date.now();
    try {
      const refused = [];
      await each(LOADS, async (n) => {
        const status = await load(`/page/${n}`);
        if (status !== 200) refused.push(status);
      });
      assert.deepEqual(refused, [], "page loads");
      const loaded = Date.now();
      // `signIn` throws at any answer but the redirects of a sign-in.
      await each(SIGN_INS, async () => signIn(w, new Browser(w.url), "ann"));
      t.diagnostic(`${LOADS} page loads in ${loaded - began} ms, ${SIGN_INS} sign-ins in ${Date.now() - loaded} ms`);
      assert.equal((await ann.get("/")).status, 200);
    } finally {
      agent.destroy();
    }
  });
});
