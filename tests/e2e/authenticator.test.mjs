// The authenticator as an app: it can be installed, works offline, is accessible, and sends no request to another host.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import * as app from "../parts/authenticator.mjs";
import { axe } from "../parts/axe.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import { need } from "../setup.mjs";

const URI = "otpauth://totp/Example:ann@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&digits=8";
const PHONE = { width: 390, height: 844 };

let chromium, authenticator;
shared(async (stack) => {
  await need("tests");
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: PHONE } }), app.start());
});

test("Chromium finds it installable", async () => {
  await using profile = await launch({ persistent: true });
  const page = await (await profile.context()).newPage();
  await app.visit(page, authenticator);
  const devtools = await page.context().newCDPSession(page);
  assert.deepEqual((await devtools.send("Page.getInstallabilityErrors")).installabilityErrors, []);
  const manifest = await devtools.send("Page.getAppManifest");
  assert.deepEqual(manifest.errors, []);
  assert.equal(JSON.parse(manifest.data).icons.filter(({ purpose }) => purpose === "maskable").length, 1);
});

test("after the first visit it shows codes and adds accounts without network and server", async () => {
  await using own = await app.start({ build: false });
  const context = await chromium.context();
  const page = await context.newPage();
  await pictured(context, "offline", async () => {
    await app.open(page, own);
    await app.addByPaste(page, URI);
    await context.setOffline(true);
    await own.stop();
    await page.reload();
    assert.match(await app.readCode(page, "ann@example.org"), /^\d{8}$/);
    await page.getByText("Offline. Your codes work as always.").waitFor();
    await app.addByPaste(page, "otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second");
    await page.reload();
    await page.locator("li.row").nth(1).waitFor();
    assert.deepEqual((await app.codes(page)).map(({ issuer }) => issuer), ["Example", "Second"]);
  });
  await context.close();
});

test("it shows the codes of RFC 6238 at the times of the RFC", async () => {
  const context = await chromium.context();
  const page = await context.newPage();
  await app.open(page, authenticator);
  await app.addByPaste(page, URI);
  for (const [seconds, code] of [[59, "94287082"], [1111111109, "07081804"], [1234567890, "89005924"], [20000000000, "65353130"]]) {
    await page.clock.setFixedTime(seconds * 1000);
    await page.reload();
    await page.locator("li.row").waitFor();
    assert.equal((await app.codes(page))[0].code, code, `at ${seconds} s`);
  }
  await context.close();
});

test("a new version is fetched and waits until the person presses Update now", async () => {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-www-"));
  const built = process.env.PORTCULLIS_WWW ?? join(import.meta.dirname, "../../target/www");
  await cp(built, folder, { recursive: true });
  await using own = await app.start({ build: false, folder });
  const context = await chromium.context();
  const page = await context.newPage();
  await pictured(context, "update", async () => {
    await app.open(page, own);
    await app.addByPaste(page, URI);
    const { version } = JSON.parse(await readFile(join(folder, "version.json"), "utf8"));
    await writeFile(join(folder, "sw.js"), (await readFile(join(folder, "sw.js"), "utf8")).replaceAll(version, "0123456789ab"));
    const html = await readFile(join(folder, "index.html"), "utf8");
    await writeFile(join(folder, "index.html"), html.replace("<title>Portcullis", "<title>New Portcullis"));
    await page.reload();
    const update = page.getByRole("button", { name: "Update now" });
    await update.waitFor();
    await page.reload();
    assert.equal(await page.title(), "Portcullis", "the page changed without a press");
    await update.waitFor();
    const second = await context.newPage();
    await second.goto(own.url);
    await second.getByRole("heading", { name: "Portcullis is open in another tab" }).waitFor();
    await Promise.all([page.waitForEvent("load"), update.click()]);
    assert.equal(await page.title(), "New Portcullis");
    assert.match(await app.readCode(page, "ann@example.org"), /^\d{8}$/);
    assert.equal(await update.isVisible(), false);
    // The files of the old version are deleted, so the other tab must load the new version too. It must not take the vault from this one.
    await second.waitForFunction(() => document.title === "New Portcullis" && document.querySelector("h1")?.textContent.includes("another tab"));
    assert.equal(await page.locator("li.row").count(), 1);
  });
  await context.close();
  await rm(folder, { recursive: true, force: true });
});

test("every request goes to its own origin, and nothing violates its content security policy", async () => {
  const context = await chromium.context();
  const page = await context.newPage();
  const foreign = [];
  const complaints = [];
  context.on("request", (request) => new URL(request.url()).origin === authenticator.url || /^(data|blob):/.test(request.url()) || foreign.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await app.open(page, authenticator);
  await app.addByPaste(page, URI);
  await app.addByPicture(page, await app.qrPng(await chromium.context(), "otpauth://totp/Picture:bob?secret=JBSWY3DPEHPK3PXP&issuer=Picture"));
  await page.getByRole("button", { name: "More for Example" }).click();
  await page.getByRole("button", { name: "Show as QR code" }).click();
  await page.getByRole("img", { name: /^QR code that sets up/ }).waitFor();
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints, []);
  const response = await page.request.get(authenticator.url);
  const policy = response.headers()["content-security-policy"];
  for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part), part);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  await context.close();
});

const dialog = (page) => page.getByRole("dialog");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
/** Every main screen, in the order in which a person sees them. Each step ends when its screen is ready. */
const SCREENS = [
  ["welcome", (page) => page.getByRole("heading", { level: 1 }).waitFor()],
  ["choosing a passphrase", (page) => page.getByRole("button", { name: "Protect with a passphrase" }).click()],
  ["nothing there yet", async (page) => { await press(page, "Back"); await app.startWithoutPassphrase(page); }],
  ["adding, camera not allowed", async (page) => { await press(page, "Add"); await page.getByText("The camera is not allowed").waitFor(); }],
  ["a link to paste", async (page) => { await press(page, "Paste a setup link"); await page.getByRole("textbox").waitFor(); }],
  ["a link that is none", async (page) => { await page.getByRole("textbox").fill("hello"); await press(page, "Show code"); await page.getByText("not a setup link").waitFor(); }],
  ["a key to type", async (page) => { await press(page, "Back"); await dialog(page).getByRole("button", { name: "Type a key" }).click(); await page.getByText("More settings").click(); }],
  ["what was found", async (page) => { await press(page, "Back"); await press(page, "Paste a setup link"); await page.getByRole("textbox").fill(URI); await press(page, "Show code"); await page.getByRole("button", { name: "Save account" }).waitFor(); }],
  ["the recovery key", async (page) => { await press(page, "Save account"); await press(page, "Save the recovery key"); await page.locator('.recovery-key[aria-busy="false"]').waitFor(); }],
  ["the list, with a word at its foot", async (page) => { await press(page, "Later"); await app.addByPaste(page, "otpauth://hotp/Counter:ann?secret=JBSWY3DPEHPK3PXP&issuer=Counter&counter=0"); await page.locator(".toast").waitFor(); }],
  ["two of one service, and one that is left out", async (page) => {
    await press(page, "Add");
    await press(page, "Paste a setup link");
    await page.getByRole("textbox").fill(["8", "7", "6&secret=1"].map((digits) => `otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example&digits=${digits}`).join("\n"));
    await press(page, "Show code");
    await page.getByRole("heading", { name: "2 of 3 accounts can be saved" }).waitFor();
  }],
  ["what was left out", async (page) => { await press(page, "Save 2 accounts"); await page.getByRole("heading", { name: "2 of 3 accounts saved" }).waitFor(); }],
  ["a PIN that is missing", async (page) => {
    await press(page, "Done");
    await press(page, "Add");
    await press(page, "Paste a setup link");
    await page.getByRole("textbox").fill("motp://Example:robin?secret=1d0b8cc6379cd022");
    await press(page, "Show code");
    await press(page, "Save account");
    await page.getByText("The PIN has 4 digits.").waitFor();
  }],
  ["no match", async (page) => { await press(page, "Do not save"); await page.getByRole("searchbox").fill("zzz"); await page.getByText("No account matches").waitFor(); }],
  ["a row's menu", async (page) => { await press(page, "Show all accounts"); await page.getByRole("button", { name: "More for Example, ann@example.org" }).click(); await dialog(page).waitFor(); }],
  ["an account as QR code", async (page) => { await press(page, "Show as QR code"); await dialog(page).getByRole("img").waitFor(); }],
  ["names to edit", async (page) => { await press(page, "Close"); await page.getByRole("button", { name: "More for Example, ann@example.org" }).click(); await press(page, "Edit"); }],
  ["a setting that is none", async (page) => { await page.getByText("More settings").click(); await page.getByLabel("Digits").fill("0"); await press(page, "Save"); await page.getByText("A code has 1 to 10 digits.").waitFor(); }],
  ["settings", async (page) => { await press(page, "Cancel"); await press(page, "Settings"); await dialog(page).waitFor(); }],
  ["keyboard help", async (page) => { await press(page, "Close"); await page.keyboard.press("?"); await dialog(page).waitFor(); }],
];

// Runs all rules of axe at each width, and the contrast rule again in the other colour scheme.
for (const [colorScheme, viewport] of [["light", PHONE], ["dark", { width: 1280, height: 800 }]]) {
  test(`axe finds nothing on any screen, ${colorScheme}, ${viewport.width} wide, and nothing is wider than the screen`, async () => {
    const context = await chromium.context({ colorScheme, viewport, reducedMotion: "reduce" });
    const page = await context.newPage();
    await pictured(context, `axe-${colorScheme}-${viewport.width}`, async () => {
      await app.visit(page, authenticator);
      for (const [name, reach] of SCREENS) {
        await reach(page);
        const { violations, passes } = await axe(page, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), [], name);
        assert.ok(passes.length > 5, `${name}: axe looked at something`);
        await page.emulateMedia({ colorScheme: colorScheme === "light" ? "dark" : "light" });
        const other = await axe(page, { runOnly: { type: "rule", values: ["color-contrast"] } });
        assert.deepEqual(other.violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)), [], `${name}, in the other colours`);
        await page.emulateMedia({ colorScheme });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(over <= 0, `${name}: ${over} px wider than the screen`);
      }
    });
    await context.close();
  });
}

test("everything can be reached with the keyboard", async () => {
  const context = await chromium.context({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await pictured(context, "keyboard", async () => {
    await app.open(page, authenticator);
    await app.addByPaste(page, URI);
    await app.addByPaste(page, "otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second");
    await page.keyboard.press("/");
    await page.keyboard.type("second");
    await page.locator("li.row", { hasText: "Example" }).waitFor({ state: "detached" });
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => document.activeElement?.classList.contains("row-main"));
    const code = await app.readCode(page, "Second");
    await page.keyboard.press("Enter");
    await page.getByText("Code copied.").last().waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
    await page.keyboard.press("n");
    await page.locator(".ahead").waitFor();
    await page.keyboard.press("a");
    await page.getByRole("dialog", { name: "Add an account" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("l");
    await page.getByRole("dialog", { name: "Choose a passphrase" }).waitFor();
  });
  await context.close();
});

test("the page is German for a German browser, and a chosen language is kept", async () => {
  const context = await chromium.context({ locale: "de-DE" });
  const page = await context.newPage();
  await app.visit(page, authenticator);
  await page.getByRole("button", { name: "Gleich anfangen, später schützen" }).click();
  await page.getByRole("heading", { name: "Füge dein erstes Konto hinzu" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await page.getByRole("button", { name: "Einstellungen" }).click();
  await page.getByLabel("Sprache").selectOption("en");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Add your first account" }).waitFor();
  await context.close();
});
