// The time from the bytes of an encrypted Aegis file of 500 accounts to the entries and their codes, as a preview shows them. Node's
// OpenSSL runs the same key derivation (scrypt, N = 2^15, r = 8) for comparison.
//   goal: at most 150 ms for the derivation and 150 ms for the rest
import { scryptSync } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { root } from "../setup.mjs";

const ROUNDS = 9;
const entry = (name) => import(pathToFileURL(join(root, `target/npm/portcullis/${name}/inline.js`)));
const [backup, otp] = [await entry("backup"), await entry("otp")];

const items = Array.from({ length: 500 }, (_, n) => ({
  account: { secret: otp.makeSecret(), issuer: `Service ${n}`, name: `ann+${n}@example.org` },
  tags: [`group ${n % 7}`],
  note: "a note",
}));
const password = "correct horse battery staple";
const [sealed] = backup.writeBackup("aegis-encrypted", items, { password, nowMs: 0 }).parts;
const [plain] = backup.writeBackup("aegis", items, { nowMs: 0 }).parts;

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
function timed(work) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return { least: Math.min(...times), median: median(times) };
}

const shown = (read) => read().entries.map(({ account }) => otp.code(account, 1_767_225_600_000).text);
const rows = {
  "encrypted, to 500 codes": timed(() => shown(() => backup.readBackup(sealed, { password }))),
  "plain, to 500 codes": timed(() => shown(() => backup.readBackup(plain))),
  "the same scrypt by OpenSSL": timed(() => scryptSync(password, "salt".repeat(8), 32, { N: 1 << 15, r: 8, p: 1, maxmem: 1 << 27 })),
};
if (shown(() => backup.readBackup(sealed, { password })).length !== 500) throw new Error("not all accounts came back");
console.table(Object.fromEntries(Object.entries(rows).map(([name, { least, median: middle }]) => [name, { "least ms": +least.toFixed(1), "median ms": +middle.toFixed(1) }])));
