// Compares our codes with those of PyOTP, an independent program, for random secrets, times and settings.
// The seed is printed; PORTCULLIS_SEED=… repeats a run.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "node:test";

import { root } from "../setup.mjs";
import { sitesPython } from "../parts/python_site.mjs";

const seed = process.env.PORTCULLIS_SEED ?? String(randomInt(2 ** 47));
console.log(`seed ${seed}`);
const ROWS = 1_000;
const YEAR_9999_MS = 253_370_764_800_000; // the last year of Python's calendar
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Random numbers that are the same for the same seed: SHA-256 in counter mode. */
function dice(text) {
  let counter = 0;
  const bytes = (count) => {
    const out = [];
    while (out.length < count) out.push(...createHash("sha256").update(`${text}/${(counter += 1)}`).digest());
    return Buffer.from(out.slice(0, count));
  };
  const below = (end) => Number(bytes(8).readBigUInt64BE() % BigInt(end));
  return { bytes, below, pick: (list) => list[below(list.length)] };
}

function base32(bytes) {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

function accounts({ bytes, below, pick }) {
  return Array.from({ length: ROWS }, (_, index) => {
    const shared = { secret: base32(bytes(1 + below(64))), issuer: "Example", name: `row ${index}`, algorithm: pick(["SHA1", "SHA256", "SHA512"]), digits: 1 + below(10) };
    const kind = pick(["totp", "hotp"]);
    if (kind === "hotp") return { account: { kind, ...shared, counter: below(pick([10, 2 ** 32, Number.MAX_SAFE_INTEGER])) }, nowMs: 0 };
    const periodSecs = pick([30, 60, 1 + below(86_400)]);
    // Also times at the edges of a step, to find off-by-one errors.
    const stepMs = periodSecs * 1_000;
    const edge = stepMs * below(1_000_000);
    const drawn = pick([below(YEAR_9999_MS), 1_790_000_000_000 + below(10 ** 9), edge, edge + 1, Math.max(edge - 1, 0)]);
    // Times that the package refuses because they look like seconds, later by whole steps.
    const nowMs = drawn >= 1e9 && drawn < 1e10 ? drawn + Math.ceil(1e10 / stepMs) * stepMs : drawn;
    return { account: { kind, ...shared, periodSecs }, nowMs };
  });
}

async function pyotp(rows) {
  const child = spawn(await sitesPython(), ["-B", join(root, "tests", "parts", "python", "sites", "otp_answers.py")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(rows.map((row) => JSON.stringify(row)).join("\n"));
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += chunk;
  const lines = text.trim().split("\n");
  assert.equal(lines.length, rows.length, "PyOTP answered every row");
  return lines;
}

/** The package, loaded through its `exports` as Node loads an installed tarball. */
async function portcullis() {
  const folder = join(root, "target", "npm", "portcullis");
  let target = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).exports["."];
  while (typeof target !== "string") target = target.node ?? target.import ?? target.default;
  return import(pathToFileURL(join(folder, target)).href);
}

test(`${ROWS} codes of the packed package equal PyOTP's`, async () => {
  const { code, codes } = await portcullis();
  const rows = accounts(dice(`codes/${seed}`));
  const expected = await pyotp(rows.map(({ account, nowMs }) => ({ ...account, nowMs })));
  const differing = rows.flatMap(({ account, nowMs }, index) => {
    const { text: ours, validUntilMs } = code(account, nowMs);
    assert.equal(validUntilMs, account.periodSecs && (Math.floor(nowMs / account.periodSecs / 1_000) + 1) * account.periodSecs * 1_000);
    return ours === expected[index] ? [] : [{ account, nowMs, ours, pyotp: expected[index] }];
  });
  assert.deepEqual(differing, []);
  // A call with many keys uses other code in the core.
  const nowMs = rows.find(({ account }) => account.kind === "totp").nowMs;
  const list = rows.map(({ account }) => account);
  const together = await pyotp(list.map((account) => ({ ...account, nowMs })));
  assert.deepEqual(codes(list, nowMs).map(({ text }) => text), together);
});

test(`PyOTP reads the URIs that we write in the same way`, async () => {
  const { formatUri, parseUri } = await portcullis();
  const rows = accounts(dice(`uris/${seed}`)).filter(({ account: { kind, digits, periodSecs, secret } }) => kind === "totp" && [6, 7, 8].includes(digits) && periodSecs <= 120 && secret.length >= 24); // what PyOTP accepts in a URI
  assert.ok(rows.length >= 20, `${rows.length} rows`);
  const expected = await pyotp(rows.map(({ account, nowMs }) => ({ ...account, nowMs })));
  const through = await pyotp(rows.map(({ account, nowMs }) => ({ kind: "uri", uri: formatUri(account), nowMs })));
  assert.deepEqual(through, expected);
  for (const { account } of rows) assert.deepEqual({ ...parseUri(formatUri(account)) }, account);
});
