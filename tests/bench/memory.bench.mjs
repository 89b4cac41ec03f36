// What many sign-ins leave behind: 5,000 of them at 50 a second, and after a minute of rest the memory of workerd and the latency of
// a live session, as it was before. It takes three minutes.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Browser, signIn, testbed } from "../worker/support.mjs";
import { client, quantile, row } from "./processor.mjs";

const SIGN_INS = Number(process.argv[2] ?? 5_000);
const A_SECOND = 50;
const REST_SECS = Number(process.argv[3] ?? 60);
const MOST_MB = 250;
/** The latency afterwards over the one before: more than chance on a busy machine. */
const MOST_SLOWER = 1.2;
const PAGES = 2_000;

const policy = '[[rule]]\npath = "/*"\naccess = "login"\n';
const w = await testbed({ policy });
try {
  const pid = w.gate.workerd().at(-1);
  const memory = (what) => Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
  const ann = new Browser(w.url);
  await signIn(w, ann);
  const headers = { host: new URL(w.url).host, cookie: [...ann.cookies].map((pair) => pair.join("=")).join("; "), accept: "text/html" };
  using asking = client(1);
  /** One page after the other, in milliseconds. */
  const latencies = async () => {
    const list = [];
    for (let n = 0; n < PAGES; n++) {
      const began = performance.now();
      await asking.ask(w.gate.address, headers, `/page/${n % 50}`);
      list.push(performance.now() - began);
    }
    return list;
  };
  await latencies(); // warm
  const before = await latencies();
  const first = memory("VmRSS");

  const began = Date.now();
  const all = [];
  const failures = new Map(); // what a failed sign-in said -> how often
  for (let n = 0; n < SIGN_INS; n++) {
    const early = began + (n * 1000) / A_SECOND - Date.now();
    if (early > 0) await sleep(early);
    all.push(signIn(w, new Browser(w.url), ["ann", "ben", "zoe"][n % 3]).catch(({ message }) => failures.set(message.slice(0, 80), (failures.get(message.slice(0, 80)) ?? 0) + 1)));
  }
  await Promise.all(all);
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const secs = (Date.now() - began) / 1000;
  const [peak, busy] = [memory("VmHWM"), memory("VmRSS")];
  await sleep(REST_SECS * 1000);
  const rested = memory("VmRSS");
  const after = await latencies();

  console.log(`\n${SIGN_INS} sign-ins in ${secs.toFixed(0)} s, ${failed} failed; resident ${first.toFixed(0)} MB at first, ${busy.toFixed(0)} MB at their end, ${rested.toFixed(0)} MB after ${REST_SECS} s of rest`);
  for (const [message, count] of failures) console.log(`${count} times: ${message}`);
  console.log(row(failed === 0 && secs < (1.1 * SIGN_INS) / A_SECOND, `${A_SECOND} sign-ins a second: ${(SIGN_INS / secs).toFixed(0)}`));
  console.log(row(peak <= MOST_MB, `the peak of workerd's memory: ${peak.toFixed(0)} MB (goal ${MOST_MB} MB)`));
  for (const [name, part] of [["median", 0.5], ["95 of 100", 0.95]]) {
    const [one, other] = [quantile(before, part), quantile(after, part)];
    console.log(row(other <= MOST_SLOWER * one, `latency of a live session, ${name}: ${other.toFixed(2)} ms after the rest, ${one.toFixed(2)} ms before (goal ${MOST_SLOWER} of it)`));
  }
} finally {
  await w[Symbol.asyncDispose]();
}
