// Moving out: every way behind the passphrase, its losses named before, what arrived counted after, and read by a program that is not ours.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import { need, root, venvPython } from "../setup.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const PASSPHRASE = "four words nobody uses";
const FILE_PASSWORD = "another one for the file";

let chromium, authenticator, otp, links;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: PHONE }), app.start());
});
before(async () => {
  await need("venv:vault_reader");
  otp = await import(pathToFileURL(join(root, "target/npm/portcullis/otp/inline.js")));
  const secret = () => otp.makeSecret();
  links = [
    `otpauth://totp/Alder:ann?secret=${secret()}&issuer=Alder`,
    `otpauth://totp/Birch:ann?secret=${secret()}&issuer=Birch&digits=8&algorithm=SHA256`,
    `otpauth://totp/Cedar:ann?secret=${secret()}&issuer=Cedar&period=60`,
    `otpauth://hotp/Dogwood:ann?secret=${secret()}&issuer=Dogwood&counter=7`,
  ];
});

async function person(name, work) {
  const context = await chromium.context({ acceptDownloads: true });
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await app.visit(page, authenticator);
    await work(page, context);
  });
  await context.close();
}

const tap = (page, name) => page.getByRole("button", { name }).click();

/** Somebody with the accounts and a passphrase, at the sheet of the ways out. */
async function leaver(page) {
  await app.startWithPassphrase(page, PASSPHRASE);
  await app.addByPaste(page, links.join("\n"));
  await leave(page);
}
async function leave(page) {
  await tap(page, "Settings");
  await tap(page, "Take your codes elsewhere");
  await page.getByText(/All of your \d+ accounts|Your 1 account/).waitFor();
}
/** By one way, up to what it loses. */
async function by(page, way, asks = true) {
  await page.getByRole("dialog").getByRole("button", { name: way }).click();
  if (!asks) return;
  await page.getByText("Show that it is you.").waitFor();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await tap(page, "Go on");
}
async function saved(page, button = "Save the file") {
  const download = page.waitForEvent("download");
  await tap(page, button);
  return readFileSync(await (await download).path());
}

/** What another program, of another language, reads in it. */
function read(format, bytes) {
  const { status, stdout, stderr } = spawnSync(venvPython("vault_reader"), [join(root, "tests/parts/python/backup_reader/read.py"), format, FILE_PASSWORD], { input: bytes, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
const issuers = (list) => list.map(({ issuer }) => issuer).sort();

for (const [way, format, left] of [
  [/^Aegis, encrypted/, "aegis-encrypted", []],
  [/^Aegis, not encrypted/, "aegis", []],
  [/^2FAS/, "2fas", []],
  [/^List of setup links/, "links", []],
]) {
  test(`${format}: the passphrase is asked for, what is lost is named, every account is counted, and another program reads them`, async () => {
    await person(`leave-${format}`, async (page) => {
      await leaver(page);
      await by(page, way);
      await page.getByText(`${4 - left.length} of 4 accounts go along.`).waitFor({ timeout: 30_000 });
      if (format === "aegis-encrypted") {
        await page.getByLabel("Password of the new file").fill(FILE_PASSWORD);
        await page.getByLabel("The same password again").fill(FILE_PASSWORD);
      }
      const bytes = await saved(page);
      await page.getByText(`${4 - left.length} of 4 accounts are in the file. It was opened again, and every code is the same.`).waitFor({ timeout: 30_000 });
      assert.deepEqual(issuers(read(format, bytes)), ["Alder", "Birch", "Cedar", "Dogwood"].filter((name) => !left.includes(name)));
      // Within the minute nobody is asked again.
      await tap(page, "Done");
      await leave(page);
      await by(page, /^List of setup links/, false);
      await page.getByText("4 of 4 accounts go along.").waitFor();
    });
  });
}

test("a wrong passphrase takes nothing out; a vault without one says that it cannot ask", async () => {
  await person("leave-wrong", async (page) => {
    await leaver(page);
    await page.getByRole("dialog").getByRole("button", { name: /^List of setup links/ }).click();
    await page.getByLabel("Passphrase", { exact: true }).fill("not this one at all");
    await tap(page, "Go on");
    await page.getByRole("alert").filter({ hasText: "That does not open your codes." }).waitFor({ timeout: 30_000 });
    assert.equal(await page.getByText("go along").count(), 0);
  });
  await person("leave-cannot-ask", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, links.join("\n"));
    await leave(page);
    await by(page, /^List of setup links/, false);
    await page.getByText("You have no passphrase, so nobody was asked for it").waitFor();
  });
});

test("a selection leaves alone, and Google's codes name what they cannot carry", async () => {
  await person("leave-google", async (page, context) => {
    await leaver(page);
    await tap(page, "Choose which");
    await page.getByRole("checkbox", { name: "Birch" }).uncheck();
    await tap(page, "Go on with 3 accounts");
    await page.getByText("3 of 4 accounts", { exact: true }).waitFor();
    await by(page, /^Google Authenticator/);
    await page.getByText("2 of 3 accounts go along.").waitFor({ timeout: 30_000 });
    await page.getByText("The other app knows no codes that last this long.").waitFor();
    await tap(page, "Show the codes");
    await page.getByText("2 of 3 accounts are in the codes.").waitFor({ timeout: 30_000 });
    const image = page.locator(".qr img");
    await image.evaluate((node) => node.decode());
    const png = await page.locator(".qr").screenshot();
    const other = await (await chromium.context()).newPage();
    await app.open(other, authenticator);
    await app.addByPicture(other, png);
    assert.deepEqual(issuers(await app.codes(other)), ["Alder", "Dogwood"]);
    await other.context().close();
  });
});

test("the vault as a series of codes: encrypted, read by another program, and back on another device by its pictures in any order", async () => {
  await person("leave-series", async (page) => {
    await leaver(page);
    await by(page, /^QR codes of the encrypted file/, false);
    await page.getByText("4 of 4 accounts go along.").waitFor();
    await tap(page, "Show the codes");
    await page.getByText("4 of 4 accounts are in the codes, encrypted as here.").waitFor({ timeout: 30_000 });
    const total = Number(/of (\d+)/.exec(await page.locator(".turn [role=status]").textContent())[1]);
    const shots = [];
    for (let number = 1; number <= total; number++) {
      await page.getByRole("img", { name: `Code ${number} of ${total}` }).evaluate((node) => node.decode());
      shots.push({ name: `${number}.png`, mimeType: "image/png", buffer: await page.locator(".qr").screenshot() });
      if (number < total) await page.getByRole("button", { name: "Next", exact: true }).click();
    }
    const other = await (await chromium.context()).newPage();
    await app.open(other, authenticator);
    await app.givePictures(other, shots.slice(1).reverse());
    await other.getByText("Still missing: number 1.").waitFor();
    const chooser = other.waitForEvent("filechooser");
    await other.getByRole("dialog").getByRole("button", { name: "Open a picture" }).click();
    await (await chooser).setFiles(shots.slice(0, 1));
    await other.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await tap(other.getByRole("dialog"), "Open backup");
    await other.getByText("4 of 4 accounts opened; 4 added, 0 already here.").last().waitFor({ timeout: 30_000 });
    assert.deepEqual(issuers(await app.codes(other)), ["Alder", "Birch", "Cedar", "Dogwood"]);
    await other.context().close();
  });
});

test("a sheet of paper: a page that loads nothing, with a code for each account", async () => {
  await person("leave-paper", async (page) => {
    await leaver(page);
    await by(page, /^Sheet of paper/);
    await tap(page, "Draw the sheet");
    await page.getByText("4 of 4 accounts are on the sheet.").waitFor({ timeout: 30_000 });
    const html = (await saved(page, "Save as a page")).toString();
    assert.equal(html.match(/<svg/g).length, 4);
    assert.doesNotMatch(html, /https?:\/\/(?!localhost|www\.w3\.org)|<script/);
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".paper").isVisible());
    assert.equal(await page.getByRole("button", { name: "Print", exact: true }).isVisible(), false, "only the sheet is printed");
  });
});
