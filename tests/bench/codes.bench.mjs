// Codes per second, and the first code of a new process, compared with otplib, otpauth and @noble/hashes in the same run.
// The speed of a shared machine drifts by more than the differences of interest. So every round measures each candidate, and the
// table shows the median of the rounds' ratios.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { TOTP } from "otpauth";
import { generateSync } from "otplib";

import { root } from "../setup.mjs";

const ROUNDS = 9;
const MS = 150;
const modules = join(import.meta.dirname, "node_modules");
mkdirSync(modules, { recursive: true });
rmSync(join(modules, "portcullis"), { recursive: true, force: true });
symlinkSync(join(root, "target/npm/portcullis"), join(modules, "portcullis"));
const portcullis = await import("portcullis");
const plain = await import("portcullis/js");
await portcullis.ready;

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = new TextEncoder().encode("12345678901234567890");
const account = portcullis.parseUri(`otpauth://totp/Example:ann?secret=${SECRET}&issuer=Example`);
const others = Array.from({ length: 1000 }, () => ({ ...account, secret: portcullis.makeSecret() }));
const totp = new TOTP({ secret: SECRET, algorithm: "SHA1", digits: 6, period: 30 });

/** RFC 6238 with noble's HMAC, as one would write it without a TOTP library. */
function noble(nowMs) {
  const message = new Uint8Array(8);
  new DataView(message.buffer).setBigUint64(0, BigInt(Math.floor(nowMs / 30_000)));
  const mac = hmac(sha1, KEY, message);
  const at = mac[19] & 15;
  const value = ((mac[at] & 127) << 24) | (mac[at + 1] << 16) | (mac[at + 2] << 8) | mac[at + 3];
  return String(value % 1_000_000).padStart(6, "0");
}

const candidates = {
  "portcullis": (nowMs) => portcullis.code(account, nowMs).text,
  "portcullis/js (no WebAssembly)": (nowMs) => plain.code(account, nowMs).text,
  "otplib": (nowMs) => generateSync({ secret: SECRET, epoch: Math.floor(nowMs / 1000) }),
  "otpauth": (nowMs) => totp.generate({ timestamp: nowMs }),
  "@noble/hashes hmac by hand": noble,
};
const many = {
  "portcullis": (nowMs) => portcullis.codes(others, nowMs).map((code) => code.text),
  "otplib": (nowMs) => others.map(({ secret }) => generateSync({ secret, epoch: Math.floor(nowMs / 1000) })),
};

// All candidates must give the same codes.
for (const nowMs of [59_000, 1_111_111_109_000, Date.now()]) {
  const wanted = candidates.otplib(nowMs);
  for (const [name, code] of Object.entries(candidates)) {
    if (code(nowMs) !== wanted) throw new Error(`${name} gave another code than otplib at ${nowMs}`);
  }
  if (many.portcullis(nowMs).join() !== many.otplib(nowMs).join()) throw new Error("the lists differ");
}

function perSecond(work, codesPerCall) {
  let calls = 0;
  const start = performance.now();
  let elapsed;
  do {
    for (let i = 0; i < Math.max(1, 200 / codesPerCall); i++) work(1_000_000_000_000 + 30_000 * calls++);
    elapsed = performance.now() - start;
  } while (elapsed < MS);
  return (calls * codesPerCall * 1000) / elapsed;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const grouped = (number) => Math.round(number).toLocaleString("en").padStart(12);

function race(title, works, codesPerCall) {
  const names = Object.keys(works);
  for (const name of names) perSecond(works[name], codesPerCall); // warm-up
  const rounds = Array.from({ length: ROUNDS }, () => Object.fromEntries(names.map((name) => [name, perSecond(works[name], codesPerCall)])));
  console.log(`\n${title} (median of ${ROUNDS} rounds)`);
  console.log(`${"".padEnd(34)}${"codes/s".padStart(12)}${"x otplib".padStart(10)}`);
  for (const name of names) {
    const ratio = median(rounds.map((round) => round[name] / round.otplib));
    console.log(`${name.padEnd(34)}${grouped(median(rounds.map((round) => round[name])))}${ratio.toFixed(2).padStart(10)}`);
  }
  return (name, peer) => median(rounds.map((round) => round[name] / round[peer]));
}

const one = race("one code per call", candidates, 1);
const list = race("1,000 different keys in one call", many, 1000);

/** The time from before the import to the first code, measured inside a new process. */
function cold(name, program) {
  const source = `const start = performance.now(); ${program} process.stdout.write(String(performance.now() - start));`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, encoding: "utf8" }));
}
const colds = {
  portcullis: `const { code } = await import("portcullis"); code({ secret: "${SECRET}" }, 59000);`,
  otpauth: `const { TOTP } = await import("otpauth"); new TOTP({ secret: "${SECRET}" }).generate({ timestamp: 59000 });`,
  otplib: `const { generateSync } = await import("otplib"); generateSync({ secret: "${SECRET}", epoch: 59 });`,
};
const times = Object.fromEntries(Object.keys(colds).map((name) => [name, []]));
for (let round = 0; round < 15; round++) for (const [name, program] of Object.entries(colds)) times[name].push(cold(name, program));
console.log("\nfirst code of a cold process, import included (median of 15)");
for (const name of Object.keys(colds)) console.log(`${name.padEnd(34)}${median(times[name]).toFixed(1).padStart(9)} ms`);

const goals = [
  ["one code per call >= 10x otplib", one("portcullis", "otplib"), 10],
  ["one code per call >= 4x noble hmac", one("portcullis", "@noble/hashes hmac by hand"), 4],
  ["1,000 keys in one call >= 20x otplib", list("portcullis", "otplib"), 20],
  ["without WebAssembly >= 1x otplib", one("portcullis/js (no WebAssembly)", "otplib"), 1],
  ["first code, cold, <= 15 ms", median(times.portcullis), -15],
];
console.log("");
for (const [goal, got, bound] of goals) {
  const reached = bound > 0 ? got >= bound : got <= -bound;
  console.log(`${reached ? "reached    " : "NOT reached"} ${goal}: ${got.toFixed(2)}`);
}
