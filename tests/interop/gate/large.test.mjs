// A gigabyte each way through the gate in workerd, for a person signed in, while workerd's peak memory grows by at most 16 MB.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";

import { signIn, within } from "../../worker/support.mjs";

const MB = 1024 * 1024;
const CHUNK = randomBytes(MB);
const MOST_MB = 16;
const policy = '[[rule]]\npath = "/*"\naccess = "login"\n';

/** Sends `count` chunks and waits for the reader; ends the stream. Returns the hash of what was sent. */
async function pour(to, count) {
  const hash = createHash("sha256");
  for (let n = 0; n < count; n++) {
    hash.update(CHUNK);
    if (!to.write(CHUNK)) await new Promise((go) => to.once("drain", go));
  }
  to.end();
  return hash.digest("hex");
}

async function drain(from) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of from) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, hash: hash.digest("hex") };
}

async function handler(seen, response, incoming) {
  const count = Number(new URL(seen.url, "http://app").searchParams.get("mb"));
  if (seen.method === "PUT") return response.end(JSON.stringify(await drain(incoming)));
  // Without a length too: a chunked answer has no end that the gate could know.
  response.writeHead(200, { "content-type": "application/octet-stream", ...(seen.url.includes("counted") && { "content-length": count * MB }) });
  await pour(response, count);
}

/** The greatest resident memory of a process since it was last forgotten, in MB (proc(5), VmHWM). */
const peak = (pid) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");

test("a gigabyte goes up and comes down without being kept", { timeout: 280_000, skip: process.platform !== "linux" && "the memory of a process is read from Linux's /proc" }, async (t) => {
  await within({ policy, handler }, async (w) => {
    const ann = w.browser();
    await signIn(w, ann);
    const pid = w.gate.workerd().at(-1);
    const headers = { host: new URL(w.url).host, cookie: [...ann.cookies].map((pair) => pair.join("=")).join("; ") };
    const call = (method, path, more = {}) => {
      let asked;
      const answer = new Promise((done, broken) => {
        asked = request(`${w.gate.address}${path}`, { method, agent: false, headers: { ...headers, ...more } }, done).once("error", broken);
      });
      return { asked, answer };
    };
    const up = async (mb, more) => {
      const { asked, answer } = call("PUT", `/up?mb=${mb}`, more);
      const [sent, got] = await Promise.all([pour(asked, mb), answer.then(async (incoming) => JSON.parse(Buffer.concat(await incoming.toArray())))]);
      assert.deepEqual(got, { bytes: mb * MB, hash: sent });
    };
    const down = async (mb, kind) => {
      const { asked, answer } = call("GET", `/down?mb=${mb}&${kind}`);
      asked.end();
      assert.equal((await drain(await answer)).bytes, mb * MB);
    };
    const journeys = {
      "up, with a length": (mb) => up(mb, { "content-length": mb * MB }),
      "up, chunked": (mb) => up(mb),
      "down, with a length": (mb) => down(mb, "counted"),
      "down, chunked": (mb) => down(mb, "chunked"),
    };
    for (const [name, go] of Object.entries(journeys)) {
      await go(10); // what any large body needs
      forgetPeak(pid);
      await go(10);
      const before = peak(pid);
      const began = Date.now();
      await go(1024);
      const grown = peak(pid) - before;
      t.diagnostic(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s, peak ${before.toFixed(0)} MB after 10 MB, ${grown.toFixed(1)} MB more after 1 GB`);
      assert.ok(grown <= MOST_MB, `${name}: the peak grew by ${grown.toFixed(1)} MB`);
    }
    assert.deepEqual(w.gate.workerd().at(-1), pid, "workerd did not end");
  });
});
