// Every target of tests/fuzz, from its committed corpus, for a quarter of a minute each and two at a time.
//   npm run interop -- fuzz                                  all of them
//   PORTCULLIS_FUZZ_SECS=600 npm run interop -- fuzz policy  one, for longer
// An input that breaks a target stays in target/fuzz/artifacts/.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { buildFuzz, fuzzBinary, fuzzDir } from "../../fuzz/build.mjs";
import { root } from "../../setup.mjs";

const SECS = Number(process.env.PORTCULLIS_FUZZ_SECS ?? 15);
const AT_ONCE = 2;
/** An input that takes longer is a fault too: a request may cost a hundredth of a second. */
const SLOWEST_SECS = 5;
const MOST_MB = 1024;

const targets = readdirSync(join(root, "tests", "fuzz", "fuzz_targets")).filter((name) => name.endsWith(".rs")).map((name) => name.slice(0, -3)).sort();

let built;
/** Why nothing can run here, said once; nothing where it can. */
const missing = () =>
  (built ??= buildFuzz().then((why) => {
    if (why) console.log(`left out: ${why}`);
    return why;
  }));

function fuzz(name) {
  const found = join(fuzzDir, "found", name); // what a run finds new
  mkdirSync(found, { recursive: true });
  mkdirSync(join(fuzzDir, "artifacts"), { recursive: true });
  const corpus = join(root, "tests", "fuzz", "corpus", name);
  const limits = [`-max_total_time=${SECS}`, `-timeout=${SLOWEST_SECS}`, `-rss_limit_mb=${MOST_MB}`, `-artifact_prefix=${join(fuzzDir, "artifacts", `${name}-`)}`];
  return new Promise((done) => {
    execFile(fuzzBinary(name), [...limits, found, corpus], { maxBuffer: 64 * 1024 * 1024 }, (error, _, said) => done({ error, said }));
  });
}

/** Of a failed run: the panic with its message, what libFuzzer found, and where the input is. */
const what = (said) => [...said.matchAll(/panicked at [^]*?(?=\nnote:|\nstack backtrace:|\n==)|^==\d+==.*ERROR.*|^SUMMARY.*|Test unit written to .*/gm)].map(([line]) => line).join("\n").slice(0, 4_000) || said.slice(-2_000);

describe("fuzz", { concurrency: AT_ONCE }, () => {
  for (const name of targets) {
    test(`fuzz ${name}`, { timeout: (SECS + 600) * 1000 }, async (t) => {
      const why = await missing();
      if (why) return t.skip(why);
      const { error, said } = await fuzz(name);
      assert.ok(!error, `${name}: ${what(said)}`);
      const runs = Number(/Done (\d+) runs/.exec(said)?.[1]);
      t.diagnostic(`${name}: ${runs} runs, ${[...said.matchAll(/cov: (\d+)/g)].at(-1)?.[1]} places reached`);
      assert.ok(runs > 0, "it ran");
    });
  }
});
