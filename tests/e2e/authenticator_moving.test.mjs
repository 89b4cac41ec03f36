// Moving in from other apps, and out again: every file ends in accounts or in a sentence, on a phone, in a few taps.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import { root } from "../setup.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const vectors = join(root, "tests", "vectors", "backup");

let chromium, authenticator, backup, otp;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: PHONE }), app.start());
});
before(async () => {
  const entry = (name) => import(pathToFileURL(join(root, `target/npm/portcullis/${name}/inline.js`)));
  [backup, otp] = await Promise.all([entry("backup"), entry("otp")]);
});

/** Somebody on the first screen of a phone, who counts taps and typed texts. */
async function person(name, work, options = {}, browser = chromium) {
  const context = await browser.context(options);
  const page = await context.newPage();
  const done = { taps: 0, texts: 0 };
  const by = {
    tap: async (what) => {
      done.taps += 1;
      await ("click" in Object(what) ? what : page.getByRole("button", { name: what })).click();
    },
    type: async (label, text) => {
      done.texts += 1;
      await page.getByLabel(label, { exact: true }).fill(text);
    },
    /** What the system's picker does is not counted. */
    choose: async (what, files) => {
      const chooser = page.waitForEvent("filechooser");
      await by.tap(what);
      await (await chooser).setFiles(files);
    },
    done,
  };
  await pictured(context, name, async () => {
    await app.visit(page, authenticator);
    await work(page, by, context);
  });
  await context.close();
}

const file = (name, bytes, mimeType = "application/octet-stream") => ({ name, mimeType, buffer: Buffer.from(bytes) });
const vector = (name) => file(name, readFileSync(join(vectors, name)));
const issuers = async (page) => (await app.codes(page)).map(({ issuer }) => issuer);
const accounts = (count) =>
  Array.from({ length: count }, (_, n) => ({
    account: { secret: otp.makeSecret(), issuer: `Service ${String(n + 1).padStart(2, "0")}`, name: `ann+${n}@example.org`, digits: n % 9 === 4 ? 8 : 6, algorithm: n % 7 === 3 ? "SHA256" : "SHA1" },
    tags: n % 2 ? ["work"] : [],
    note: n === 0 ? "asked at the counter" : "",
    pinned: n === 5,
  }));
/** An open, empty vault without a passphrase, and the list of other apps above it. */
async function begin(page, by) {
  await by.tap("Start now, protect later");
  await by.tap("Bring your codes along");
}
const saved = (page) => page.locator("dialog").waitFor({ state: "detached" });

test("an encrypted Aegis file of 60: from the first screen to the list in 6 taps and 2 texts, every code the same", async () => {
  const items = accounts(60);
  const password = "old app, old password";
  const [bytes] = backup.writeBackup("aegis-encrypted", items, { password, nowMs: 0 }).parts;
  await person("aegis-60", async (page, by) => {
    const start = Date.now();
    await by.tap("Bring your codes along");
    await by.choose(/^Choose files/, [file("aegis-backup.json", bytes)]);
    await page.getByText("You have no accounts here yet.").waitFor();
    await by.tap(page.getByRole("dialog").getByRole("button", { name: "Start now, protect later" }));
    await page.getByText("It comes from Aegis and is encrypted.").waitFor();
    await by.type("Password of the file from Aegis", "not this one");
    await by.tap("Open the file");
    await page.getByRole("alert").filter({ hasText: "That password does not open the file." }).waitFor();
    by.done.taps -= 1; // the typing error is no part of the way
    by.done.texts -= 1;
    await by.type("Password of the file from Aegis", password);
    await by.tap("Open the file");
    await page.getByRole("heading", { name: "60 accounts found" }).waitFor();
    await page.locator(".found .code").first().waitFor();
    await by.tap("Save 60 accounts");
    await saved(page);
    await page.locator("li.row").nth(59).waitFor();
    assert.ok(Date.now() - start < 60_000, `${Date.now() - start} ms`);
    assert.ok(by.done.taps <= 6 && by.done.texts <= 2, JSON.stringify(by.done));
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 5_000) await page.waitForTimeout(left + 500);
    const now = Date.now();
    const shown = new Map((await app.codes(page)).map(({ issuer, code }) => [issuer, code]));
    for (const { account } of items) assert.equal(shown.get(account.issuer), otp.code(otp.parseUri(otp.formatUri(account)), now).text, account.issuer);
    assert.equal((await issuers(page))[0], "Service 06", "what was pinned is pinned");
    await page.getByLabel("Search").fill("counter");
    await page.waitForFunction(() => document.querySelectorAll("li.row").length === 1);
    assert.deepEqual(await issuers(page), ["Service 01"], "its note came along, and is found");
  });
});

test("a file that holds 312 passwords gives its codes, and says what lies in it", async () => {
  const cell = (text) => `"${text}"`;
  const lines = Array.from({ length: 312 }, (_, n) => ["Root", `Site ${n}`, "ann", `pass-word-${n}`, `https://${n}.example.org`, "", n < 3 ? `otpauth://totp/Site%20${n}:ann?secret=${otp.makeSecret()}&issuer=Site%20${n}` : ""].map(cell).join(","));
  const csv = ['"Group","Title","Username","Password","URL","Notes","TOTP"', ...lines].join("\r\n");
  await person("passwords-312", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [file("passwords.csv", csv, "text/csv")]);
    await page.getByText("passwords.csv also holds 312 passwords in plain text.").waitFor();
    await page.getByText("309 entries have no codes").waitFor();
    await by.tap("Save 3 accounts");
    await page.getByRole("heading", { name: "3 of 3 accounts saved" }).waitFor();
    await page.getByText("passwords.csv also holds 312 passwords in plain text.").waitFor();
    assert.equal((await page.content()).includes("pass-word-"), false, "no password is in the page");
    await by.tap("Done");
    await saved(page);
    assert.deepEqual(await issuers(page), ["Site 0", "Site 1", "Site 2"]);
  });
});

test("an entry of another app that makes no codes here is kept as it was and shown, and not kept twice", async () => {
  const [bytes] = backup.writeBackup("aegis", accounts(2), { nowMs: 0 }).parts;
  const aegis = JSON.parse(new TextDecoder().decode(bytes));
  Object.assign(aegis.db.entries[1], { type: "quantum", name: "kept@example.org" });
  const given = file("aegis.json", JSON.stringify(aegis));
  const kept = "Kept as the other app wrote it. It makes no codes here.";
  await person("kept", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [given]);
    await page.getByText("1 of them is kept without codes").waitFor();
    await by.tap("Save account");
    await by.tap("Done");
    await saved(page);
    assert.deepEqual(await issuers(page), ["Service 01", "Service 02"]);
    await page.locator("li.row").nth(1).getByText(kept).waitFor();
    assert.equal((await app.codes(page))[1].code, null);
    await by.tap("More for Service 02, kept@example.org");
    await by.tap("Show as QR code");
    const words = JSON.parse(await page.locator("pre.original").innerText());
    assert.deepEqual([words.type, words.info.secret], ["quantum", aegis.db.entries[1].info.secret]);
    await page.keyboard.press("Escape");
    await saved(page);

    await by.tap("Settings");
    await by.tap("Bring your codes along");
    await by.choose(/^Choose files/, [given]);
    await page.getByText("Left out: 1").waitFor();
    assert.equal(await page.getByText("kept without codes").count(), 0, "it is here already");
    await by.tap("Do not save");
    await saved(page);
    await by.tap("Settings");
    await by.tap("Take your codes elsewhere");
    await by.tap(/^List of setup links/);
    await page.getByText("1 of 2 account goes along.").waitFor();
    await page.getByText("It makes no codes here. What the other app wrote").waitFor();
  });
});

test("services that were set up anew stay ticked, in the vault and nowhere else", async () => {
  await person("ticks", async (page, by) => {
    await page.evaluate(() => localStorage.setItem("portcullis.ticks", '["GitHub"]'));
    const list = async () => {
      await page.locator("summary", { hasText: "Authy" }).click();
      await page.locator("details[open] details summary").first().click();
    };
    const box = (service) => page.locator("details[open]").getByLabel(service, { exact: true });
    await begin(page, by);
    await list();
    await box("GitHub").first().waitFor();
    assert.equal(await box("GitHub").first().isChecked(), true, "one of an earlier version");
    await box("PayPal").first().check();
    // A reload ends what is being written, so it waits until nothing has been written for a while.
    const held = async () => (await app.everythingStored(page)).toString("base64");
    for (let [was, now] = ["", await held()]; was !== now; ) {
      await page.waitForTimeout(500);
      [was, now] = [now, await held()];
    }
    await page.keyboard.press("Escape");
    await saved(page);
    await page.reload();
    await by.tap("Bring your codes along");
    await list();
    for (const service of ["GitHub", "PayPal"]) await page.waitForFunction((service) => [...document.querySelectorAll("details[open] label.tick")].some((label) => label.textContent === service && label.querySelector("input").checked), service);
    const stored = await app.everythingStored(page);
    assert.equal(await page.evaluate(() => localStorage.getItem("portcullis.ticks")), null);
    assert.equal(stored.includes('"PayPal"'), false, "not in the clear");
  });
});

test("several files at once: a list, a CSV, a maFile, and one that is none; each ends in accounts or in its reason", async () => {
  await person("several", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [vector("winauth.txt"), vector("raivo.json"), file("notes.txt", "Milk, bread, and a stamp for the letter."), vector("nordpass.csv")]);
    const alert = page.getByRole("alert");
    await alert.filter({ hasText: "notes.txt" }).filter({ hasText: "This is no backup that Portcullis knows." }).waitFor();
    await alert.filter({ hasText: "This export holds no codes." }).waitFor();
    await page.getByRole("button", { name: /^Save \d+ accounts$/ }).click();
    await page.getByText(/^Left out: 2$/).waitFor();
  });
});

for (const [name, given, says] of [
  ["an empty file", file("backup.json", ""), "The file is empty."],
  ["a text", file("letter.txt", "Dear ann, see you on Sunday."), "This is no backup that Portcullis knows."],
  ["half an Aegis file", file("aegis.json", '{"version":1,"header":{"slots":[{"type":1'), "The file is damaged or incomplete."],
  ["a vault that lost its end", file("my.vault", "PTCVAULT and then nothing"), "This file is damaged."],
  ["an app's own database", file("databases.db", "SQLite format 3\0and more"), "This is an app’s own database."],
  ["a database of KeePass 2.0", file("old.kdbx", Buffer.from("03d9a29a67fb4bb501000300", "hex")), "KDBX 4"],
  ["more than a reader takes", file("large.json", Buffer.alloc((64 << 20) + 1, 0x20)), "larger than 64 MB"],
]) {
  test(`no file ends in nothing: ${name}`, async () => {
    await person(`refused-${given.name}`, async (page, by) => {
      await begin(page, by);
      await by.choose(/^Choose files/, [given.buffer.length > 50e6 ? await onDisk(given) : given]);
      await page.getByRole("alert").filter({ hasText: says }).waitFor({ timeout: 20_000 });
      await page.keyboard.press("Escape");
      assert.deepEqual(await issuers(page), []);
    });
  });
}

/** A file that is too large to be handed over as bytes. */
async function onDisk({ name, buffer }) {
  const { mkdtemp, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const path = join(await mkdtemp(join(tmpdir(), "portcullis-")), name);
  await writeFile(path, buffer);
  return path;
}

test("a file that is dropped anywhere opens, and one that is dropped on a locked app waits", async () => {
  const [bytes] = backup.writeBackup("2fas", accounts(2), { nowMs: 0 }).parts;
  const drop = (page) =>
    page.evaluate((data) => {
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(data)], "backup.2fas"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
    }, [...bytes]);
  await person("dropped", async (page) => {
    await app.startWithPassphrase(page, "four words nobody uses");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    await drop(page);
    await page.getByText("The file opens as soon as your codes do.").first().waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill("four words nobody uses");
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("heading", { name: "2 accounts found" }).waitFor({ timeout: 30_000 });
    await app.save(page);
    await drop(page);
    await page.getByText("You have this very account already").first().waitFor();
  });
});

/** An Ente file whose password costs a gigabyte: what Ente itself writes on a computer. */
const enteFile = (memLimit) =>
  file("ente.txt", JSON.stringify({ version: 1, kdfParams: { memLimit, opsLimit: 4, salt: Buffer.alloc(16, 7).toString("base64") }, encryptedData: Buffer.alloc(64, 9).toString("base64"), encryptionNonce: Buffer.alloc(24, 3).toString("base64") }));

test("a file on a device that cannot give the memory: said before, said after, and nothing lost", async () => {
  await using small = await launch({ context: PHONE, args: ["--js-flags=--wasm-max-mem-pages=4096"] }); // 256 MiB
  await person("no-memory", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [enteFile(1 << 30)]);
    await page.getByText("This file asks for 1,024 MB of memory.").waitFor();
    await by.type("Password of the file from Ente Auth", "whatever it was");
    await by.tap("Open the file");
    await page.getByRole("alert").filter({ hasText: "This device has not enough memory to open this file." }).waitFor({ timeout: 30_000 });
    assert.deepEqual(await issuers(page), []);
  }, {}, small);
});

test("a page that ends while it opens such a file says so at its next start", async () => {
  await person("page-died", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [enteFile(1 << 30)]);
    await by.type("Password of the file from Ente Auth", "whatever it was");
    await by.tap("Open the file");
    await page.waitForFunction(() => sessionStorage.length > 0);
    assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), ["ente.txt, 1 kB"], "name and size, and nothing of what it holds");
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "The page ended while it was opening this file" }).waitFor();
    await by.tap(page.getByRole("dialog").getByText("Close", { exact: true }));
    await page.reload();
    await page.getByRole("button", { name: "Add", exact: true }).waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0, "it is said once");
  });
});

test("opening is cancelled at once, and the list is as it was", async () => {
  await person("cancelled", async (page, by) => {
    await begin(page, by);
    await by.choose(/^Choose files/, [enteFile(1 << 30)]);
    await by.type("Password of the file from Ente Auth", "whatever it was");
    await by.tap("Open the file");
    await by.tap("Cancel");
    await saved(page);
    await by.tap(page.getByRole("button", { name: "Add", exact: true }));
    await page.getByRole("dialog").waitFor();
  });
});

/** The backup becomes the vault of this device, which has none. */
async function adopt(page, by, bytes, passphrase) {
  await by.tap("Bring your codes along");
  await by.choose(/^Choose files/, [file("portcullis.vault", bytes)]);
  await page.getByText("This is a backup of Portcullis.").waitFor();
  await by.type("Passphrase", passphrase);
  await by.tap("Open backup");
}
async function backedUp(page) {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: /^Backup/ }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save backup" }).click();
  return readFileSync(await (await download).path());
}

test("a later backup of the same accounts is merged: what is newer there wins, nothing is doubled, nothing is removed", async () => {
  const passphrase = "four words nobody uses";
  let first, later;
  await person("merge-first", async (page) => {
    await app.startWithPassphrase(page, passphrase);
    for (const name of ["one", "two", "three"]) await app.addByPaste(page, `otpauth://totp/Example:${name}?secret=${otp.makeSecret()}&issuer=Example`);
    first = await backedUp(page);
  });
  await person("merge-later", async (page, by) => {
    await adopt(page, by, first, passphrase);
    await page.locator("li.row").nth(2).waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "More for Example, one" }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Account name").fill("uno");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "More for Example, uno" }).waitFor();
    await page.getByRole("button", { name: "More for Example, two" }).click();
    await page.getByRole("button", { name: "Move to the bin" }).click();
    later = await backedUp(page);
  });
  await person("merge", async (page, by) => {
    await adopt(page, by, first, passphrase);
    await page.locator("li.row").nth(2).waitFor({ timeout: 30_000 });
    await by.tap("Settings");
    await by.tap("Bring your codes along");
    await by.choose(/^Choose files/, [file("portcullis-2.vault", later)]);
    await by.type("Passphrase", passphrase);
    await by.tap(page.getByRole("dialog").getByRole("button", { name: "Open backup" }));
    await page.getByText("2 of 2 accounts opened; 0 added, 1 brought up to date, 1 already here.").last().waitFor({ timeout: 30_000 });
    assert.deepEqual((await app.codes(page)).map(({ account }) => account), ["uno", "two", "three"]);
  });
});

test("what makes no codes here is merged by its words: renamed there, and not kept twice", async () => {
  const passphrase = "four words nobody uses";
  const [bytes] = backup.writeBackup("aegis", accounts(2), { nowMs: 0 }).parts;
  const aegis = JSON.parse(new TextDecoder().decode(bytes));
  aegis.db.entries[1].type = "quantum";
  const given = file("aegis.json", JSON.stringify(aegis));
  const bring = async (page, by) => {
    await by.tap("Bring your codes along");
    await by.choose(/^Choose files/, [given]);
    await by.tap("Save account");
    await by.tap("Done");
    await saved(page);
  };
  const open = async (page, by, backupFile) => {
    await by.tap("Settings");
    await by.tap("Bring your codes along");
    await by.choose(/^Choose files/, [file("portcullis-2.vault", backupFile)]);
    await by.type("Passphrase", passphrase);
    await by.tap(page.getByRole("dialog").getByRole("button", { name: "Open backup" }));
  };
  let first, later;
  await person("words-first", async (page, by) => {
    await app.startWithPassphrase(page, passphrase);
    await bring(page, by);
    first = await backedUp(page);
  });
  await person("words-later", async (page, by) => {
    await adopt(page, by, first, passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: /^More for Service 02/ }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Account name").fill("renamed");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: /^More for .*renamed/ }).waitFor();
    later = await backedUp(page);
  });
  await person("words-merge", async (page, by) => {
    await adopt(page, by, first, passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    await open(page, by, later);
    await page.getByText("0 added, 1 brought up to date, 1 already here.").last().waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: /^More for .*renamed/ }).waitFor();
  });
  await person("words-twice", async (page, by) => {
    await app.startWithPassphrase(page, passphrase);
    await bring(page, by);
    await open(page, by, later);
    await page.getByText("0 added, 2 already here.").last().waitFor({ timeout: 30_000 });
  });
});

test("a backup of Portcullis becomes the vault of a new device with one passphrase: bin, order and ways in", async () => {
  const passphrase = "four words nobody uses";
  let bytes;
  await person("adopt-made", async (page) => {
    await app.startWithPassphrase(page, passphrase);
    for (const name of ["one", "two", "three"]) await app.addByPaste(page, `otpauth://totp/Example:${name}?secret=${otp.makeSecret()}&issuer=Example`);
    await app.addByPaste(page, `otpauth://hotp/Token:counter?secret=${otp.makeSecret()}&issuer=Token&counter=7`);
    await page.getByRole("button", { name: "More for Example, two" }).click();
    await page.getByRole("button", { name: "Move to the bin" }).click();
    bytes = await backedUp(page);
  });
  await person("adopt", async (page, by) => {
    await adopt(page, by, bytes, "wrong wrong wrong");
    await page.getByRole("alert").filter({ hasText: "That does not open your codes." }).waitFor({ timeout: 30_000 });
    await by.type("Passphrase", passphrase);
    await by.tap("Open backup");
    await page.getByText("Its counter may be behind.").waitFor({ timeout: 30_000 });
    await by.tap("Done");
    assert.deepEqual((await app.codes(page)).map(({ account }) => account), ["one", "three", "counter"]);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: /^Bin/ }).click();
    await page.getByRole("dialog").getByText("two").waitFor();
    await page.keyboard.press("Escape");
    await page.reload();
    await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    assert.equal((await app.codes(page)).length, 3, "it is stored, and opens by its own passphrase");
  });
});
