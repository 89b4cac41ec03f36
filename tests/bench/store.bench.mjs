// Whether a store of many sessions is as fast as one of few: 20,000 session objects beside 200, in workerd on the disk. Measured are a
// re-check, which opens an object that nobody used for a while, and a step of the sweep over 200 objects at the start of `npm run gate`.
//   npm run bench -- store           20,000 objects, some minutes
//   npm run bench -- store 100000    more
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { forgetEmptyObjects } from "../parts/gate_state.mjs";
import { Browser, signIn, testbed } from "../worker/support.mjs";
import { client, each, median, row } from "./processor.mjs";

const MANY = Number(process.argv[2] ?? 20_000);
const FEW = 200;
const STEP = 200;
const AT_ONCE = 12;
const MOST = 1.2;
const MOST_KB = 10;
/** workerd closes the database of an object that was idle for ten seconds. */
const IDLE_MS = 25_000;

// Each page asks the object.
const policy = '[session]\nrevalidate_secs = 0\n[[rule]]\npath = "/*"\naccess = "login"\n';

/** A store of so many sessions, measured. */
async function measured(count) {
  const stateDir = mkdtempSync(join(tmpdir(), "portcullis-store-"));
  try {
    const cookies = [];
    const recheck = [];
    {
      await using w = await testbed({ policy, gate: { stateDir } });
      let failed = 0;
      const began = Date.now();
      await each(count, AT_ONCE, async () => {
        const browser = new Browser(w.url);
        // A busy machine may lose some; they are counted, and a store of fewer is no failure.
        await signIn(w, browser).then(() => cookies.push([...browser.cookies].map((pair) => pair.join("=")).join("; ")), () => failed++);
      });
      console.log(`${cookies.length} sessions in ${((Date.now() - began) / 1000).toFixed(0)} s${failed ? `, ${failed} failed` : ""}`);
      await sleep(IDLE_MS);
      using asking = client(1);
      const { host } = new URL(w.url);
      await asking.ask(w.gate.address, { host, cookie: cookies[0], accept: "text/html" }); // the app's connection
      for (let n = 1; n < STEP; n++) {
        const cookie = cookies[Math.floor((n * cookies.length) / STEP)];
        const before = performance.now();
        await asking.ask(w.gate.address, { host, cookie, accept: "text/html" });
        recheck.push(performance.now() - before);
      }
    }
    const objects = join(stateDir, "objects");
    const sizes = readdirSync(objects, { recursive: true }).filter((name) => /ticket.*\.sqlite$/.test(name) && !name.includes("metadata")).map((name) => statSync(join(objects, name)).size);
    const sweeps = [];
    for (let n = 0; n < 3; n++) {
      const before = performance.now();
      await forgetEmptyObjects(objects);
      sweeps.push(((performance.now() - before) * STEP) / sizes.length);
    }
    return { recheck: median(recheck), sweep: median(sweeps), kb: median(sizes) / 1024, most: Math.max(...sizes) / 1024 };
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const few = await measured(FEW);
const many = await measured(MANY);
const compare = (what, one, other) => row(other <= MOST * one, `${what}: ${other.toFixed(2)} ms of ${MANY}, ${one.toFixed(2)} ms of ${FEW} (goal ${MOST} of it)`);
console.log(compare("a re-check of an idle session", few.recheck, many.recheck));
console.log(compare(`a step of the sweep over ${STEP} objects`, few.sweep, many.sweep));
console.log(row(many.most <= MOST_KB, `an object on disk: ${many.kb.toFixed(1)} kB, the largest ${many.most.toFixed(1)} kB (goal ${MOST_KB} kB)`));
