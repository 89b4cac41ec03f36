// The time from the bytes of an encrypted Aegis file of 500 accounts to the entries and their codes, as a preview shows them. Node's
// OpenSSL runs the same key derivation (scrypt, N = 2^15, r = 8) for comparison.
// Then the same in the authenticator, in Chromium: from "Open the file" (or from the drop of a plain file) to the first screenful of the
// preview, with its codes.
//   goal: at most 150 ms for the derivation and 150 ms for the rest
import { scryptSync } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import * as app from "../parts/authenticator.mjs";
import { launch } from "../parts/chromium.mjs";
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
/** Drops the file on the open list; gives the milliseconds from the last thing that the person did to the first code of the preview. */
async function inPage(page, bytes, typed) {
  const drawn = () =>
    page.evaluate(() => {
      const code = () => document.querySelectorAll(".found .code").length >= 5;
      globalThis.done = new Promise((resolve) => {
        const look = () => (code() ? requestAnimationFrame(() => resolve(performance.now() - globalThis.began)) : requestAnimationFrame(look));
        look();
      });
    });
  await drawn();
  await page.evaluate((data) => {
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(data)], "aegis.json"));
    globalThis.began = performance.now();
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
  }, [...bytes]);
  if (typed) {
    await page.getByLabel("Password of the file from Aegis").fill(typed);
    await page.waitForTimeout(300); // the probe is over by the time that somebody has typed
    await page.getByRole("button", { name: "Open the file" }).evaluate((button) => {
      globalThis.began = performance.now();
      button.click();
    });
  }
  const ms = await page.evaluate(() => globalThis.done);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  return ms;
}
{
  await using authenticator = await app.start();
  await using chromium = await launch({ context: { viewport: { width: 390, height: 844 } } });
  const page = await (await chromium.context()).newPage();
  await app.open(page, authenticator);
  for (const [name, bytes, typed] of [["encrypted, in the app", sealed, password], ["plain, in the app", plain, null]]) {
    const times = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await inPage(page, bytes, typed));
    rows[name] = { least: Math.min(...times), median: median(times) };
  }
}
if (shown(() => backup.readBackup(sealed, { password })).length !== 500) throw new Error("not all accounts came back");
console.table(Object.fromEntries(Object.entries(rows).map(([name, { least, median: middle }]) => [name, { "least ms": +least.toFixed(1), "median ms": +middle.toFixed(1) }])));
