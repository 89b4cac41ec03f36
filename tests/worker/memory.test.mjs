// The memory of an instance is bounded by bytes: a stranger's junk in cookies and header names does not fill it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { test } from "node:test";

import { Bounded } from "../../worker/src/bounded.js";
import * as gatePart from "../parts/gate.mjs";

/** Half of what an instance has at Cloudflare. Without a bound, workerd collects garbage only when it must. */
const HEAP_MB = 64;

test("g03_a_bounded_map_counts_what_it_holds_and_forgets_what_was_not_used_for_longest", () => {
  const entry = 256 + 1 + 99;
  const map = new Bounded(entry * 8);
  for (let n = 0; n < 8; n++) map.put(String(n), n, 99);
  assert.equal(map.held, entry * 8);
  assert.equal(map.get("0"), 0);
  map.put("8", 8, 99);
  assert.deepEqual([..."012345678"].filter((key) => map.get(key) !== undefined), [..."02345678"]);
  assert.equal(map.held, entry * 8);
  map.put("8", 9, 1);
  assert.deepEqual([map.get("8"), map.held], [9, entry * 8 - 98], "an entry is counted once");
  map.put("9", 10, entry * 8);
  assert.deepEqual([map.get("9"), map.held], [undefined, entry * 8 - 98], "one that is larger than the map is not kept, and costs no entry in use");
  for (let n = 0; n < 2_000; n++) {
    map.put(`x${n}`, n, n % 500);
    assert.ok(map.held <= entry * 8);
  }
});

const resident = (gate) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gate.workerd().at(-1)}/status`, "utf8"))[1]) / 1000);

const places = Array.from({ length: 8 }, (_, n) => `/open${n}`);
const policy = [...places.map((place) => `[[rule]]\npath = "${place}/*"\naccess = "public"`), '[[rule]]\npath = "/*"\naccess = "login"'].join("\n");

/** A stranger's junk: cookies of 8 kB at each of eight rules, and header names of 60 kB. Gives the memory before, between and after. */
async function junk(gate) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { port } = new URL(gate.address);
  const ask = (path, headers) =>
    new Promise((done, broken) => {
      const outgoing = request({ agent, host: "127.0.0.1", port, path, headers: { host: new URL(gate.url).host, ...headers } }, (answer) => answer.resume().on("end", () => done(answer.statusCode)));
      outgoing.on("error", broken).end();
    });
  const each = async (count, one) => {
    let n = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (n < count) await one(n++);
    }));
  };
  try {
    assert.equal(await ask("/open0/page", {}), 200);
    const memory = [resident(gate)];
    await each(1024, async (n) => {
      const cookie = `x=${n}-${randomBytes(3_990).toString("hex")}`;
      for (const place of places) assert.equal(await ask(`${place}/page`, { cookie }), 200);
    });
    memory.push(resident(gate));
    await each(1024, async (n) => {
      const name = `x-${n}-${randomBytes(30_000).toString("hex")}`;
      // The second time, a cached plan is there, and each name is judged by itself.
      for (let again = 0; again < 2; again++) assert.equal(await ask("/open0/page", { cookie: "a=1", [name]: "1" }), 200);
    });
    return [...memory, resident(gate)];
  } finally {
    agent.destroy();
  }
}

test("g03_l15_junk_cookies_and_header_names_end_no_instance_whose_heap_is_half_of_the_platforms", async (t) => {
  const app = createServer({ maxHeaderSize: 200_000 }, (incoming, response) => response.end("x"));
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const v8Flags = [`--max-old-space-size=${HEAP_MB}`, "--max-semi-space-size=4"];
  try {
    await using gate = await gatePart.start({ cas: "https://cas.example.org/cas", origin: `http://127.0.0.1:${app.address().port}`, policy, v8Flags });
    const before = gate.workerd();
    const [first, cookies, names] = await junk(gate);
    t.diagnostic(`resident: ${first} MB at first, ${cookies} MB after the cookies, ${names} MB after the names`);
    assert.deepEqual(gate.workerd(), before, "workerd did not end");
    assert.ok(names - first < 128, `${first} MB became ${names} MB`);
    assert.ok(names - cookies < 32, `the names alone took ${names - cookies} MB`);
  } finally {
    app.closeAllConnections();
    app.close();
  }
});
