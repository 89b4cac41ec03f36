// Every way to add an account. Bad input gets a clear sentence, and nothing that was entered is lost.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import { root } from "../setup.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const uri = (issuer, name, more = "") => `otpauth://totp/${issuer}:${name}?secret=${SECRET}&issuer=${issuer}${more}`;

let chromium, authenticator;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: { width: 390, height: 844 } } }), app.start());
});

/** Runs `work` with a page that has an open, empty vault. */
async function person(name, work, options = {}, browser = chromium) {
  const context = await browser.context(options);
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await app.open(page, authenticator);
    await work(page, context);
  });
  await context.close();
}
const issuers = async (page) => (await app.codes(page)).map(({ issuer }) => issuer);

test("by live camera, which starts by itself where the permission was given", async () => {
  await using camera = await launch({ camera: true });
  await camera.show(await app.qrPng(await camera.context(), uri("Camera", "ann")));
  await person("camera", async (page) => {
    await app.scan(page);
    assert.deepEqual(await issuers(page), ["Camera"]);
    assert.equal(await page.evaluate(() => document.querySelectorAll("video").length), 0, "the camera is off again");
  }, {}, camera);
});

test("by live camera: a QR code without an account is reported, and the camera keeps scanning", async () => {
  await using camera = await launch({ camera: true });
  await camera.show(await app.qrPng(await camera.context(), "https://example.org/menu"));
  await person("camera-other", async (page) => {
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("This QR code holds something else, not an account.").waitFor({ timeout: 20_000 });
    assert.ok(await page.locator("video").isVisible());
  }, {}, camera);
});

test("a camera without permission is reported, and the other ways can still be used", async () => {
  await using camera = await launch({ args: ["--use-fake-device-for-media-stream"], context: { viewport: { width: 390, height: 844 } } });
  await person("camera-denied", async (page) => {
    await page.getByRole("button", { name: "Scan a QR code" }).click();
    await page.getByText("The camera is not allowed for this page.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("The camera is not allowed for this page.").waitFor();
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill(uri("Pasted", "ann"));
    await page.getByRole("button", { name: "Show code" }).click();
    await app.save(page);
    assert.deepEqual(await issuers(page), ["Pasted"]);
  }, {}, camera);
});

test("by a picture that is opened, dropped or pasted", async () => {
  await person("picture", async (page, context) => {
    const png = (name) => app.qrPng(context, uri(name, "ann", `&digits=${6 + name.length % 3}`));
    await app.addByPicture(page, await png("File"));
    for (const [kind, name] of [["drop", "Drop"], ["paste", "Paste"]]) {
      const bytes = [...(await png(name))];
      await page.evaluate(([type, data]) => {
        const given = new DataTransfer();
        given.items.add(new File([new Uint8Array(data)], "code.png", { type: "image/png" }));
        const event = type === "drop" ? new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }) : new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
      }, [kind, bytes]);
      await page.getByText("It has the same key as “File, ann”. What differs: the service").waitFor();
      await app.save(page);
    }
    assert.deepEqual(await issuers(page), ["File", "Drop", "Paste"]);
  });
});

for (const [what, bytes, says] of [
  ["a QR code that is no account", "https://example.org/wifi", "This QR code holds something else, not an account."],
  ["a QR code with a broken account", "otpauth://totp/Example:ann?secret=1111", "The key has a character that no key has"],
  ["a picture without a QR code", null, "There is no QR code in this picture"],
  ["a file that is no picture", Buffer.from("not a picture"), "This file is not a picture"],
]) {
  test(`by a picture: ${what} is reported in a sentence, and nothing is added`, async () => {
    await person(`picture-${what}`, async (page, context) => {
      const png = typeof bytes === "string" ? await app.qrPng(context, bytes) : (bytes ?? (await page.screenshot()));
      await app.givePicture(page, png);
      await page.getByRole("alert").filter({ hasText: says }).waitFor();
      await page.keyboard.press("Escape");
      assert.deepEqual(await issuers(page), []);
    });
  });
}

test("a screenshot of the app's own QR code gives the same account on another device", async () => {
  await person("own-qr", async (page, context) => {
    await app.addByPaste(page, uri("Example", "ann", "&digits=8&period=60&algorithm=SHA512"));
    await page.getByRole("button", { name: "More for Example" }).click();
    await page.getByRole("button", { name: "Show as QR code" }).click();
    const image = page.getByRole("img", { name: /^QR code that sets up/ });
    await image.evaluate((node) => node.decode());
    const png = await page.locator(".qr").screenshot();
    const other = await (await chromium.context()).newPage();
    await app.open(other, authenticator);
    await app.addByPicture(other, png);
    await page.keyboard.press("Escape");
    await Promise.all([app.readCode(page, "Example"), app.readCode(other, "Example")]).then(([a, b]) => assert.equal(a, b));
    assert.equal((await app.codes(other))[0].account, "ann");
    await other.context().close();
  });
});

test("by hand, with spaces and lower-case letters, and the code is shown before the account is saved", async () => {
  await person("hand", async (page) => {
    await page.getByRole("button", { name: "Type a key" }).click();
    await page.getByRole("textbox", { name: "Service" }).fill("Hand");
    await page.getByRole("textbox", { name: "Account name" }).fill("ann");
    await page.getByLabel("Key", { exact: true }).fill("gezd gnbv gy3t qojq gezd gnbv gy3t qojq");
    await page.getByRole("button", { name: "Show code" }).click();
    await page.locator(".found .code").waitFor();
    assert.match(await page.locator(".found .code").textContent(), /^\d{6}$/);
    await app.save(page);
    assert.deepEqual(await issuers(page), ["Hand"]);
  });
});

for (const [pasted, says] of [
  ["", "There was nothing to read."],
  ["https://example.org/", "This text is not a setup link."],
  ["otpauth://totp/Example:ann", "The key is missing in this setup link."],
  ["otpauth://totp/Example:ann?secret=ABC!DEF1", "The key has a character that no key has"],
  ["otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&digits=99", "A code has 1 to 10 digits."],
  ["otpauth://push/Example:ann?secret=JBSWY3DPEHPK3PXP", "asks for a kind of code that Portcullis does not make"],
  ["otpauth-migration://offline?data=!!!!", ""],
]) {
  test(`by pasting: ${JSON.stringify(pasted.split("?")[0])} ${pasted.includes("?") ? "with something wrong " : ""}is reported in a sentence, and stays in the field`, async () => {
    await person("paste-bad", async (page) => {
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("button", { name: "Paste a setup link" }).click();
      await page.getByRole("textbox").fill(pasted);
      await page.getByRole("button", { name: "Show code" }).click();
      const alert = page.getByRole("alert").filter({ hasText: says });
      await alert.waitFor();
      assert.ok((await alert.textContent()).length > 20, "a whole sentence");
      assert.equal(await page.getByRole("textbox").inputValue(), pasted);
      await page.keyboard.press("Escape");
      assert.deepEqual(await issuers(page), []);
    });
  });
}

test("of several links at once the valid ones are offered and the broken one is reported", async () => {
  await person("paste-many", async (page) => {
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill([uri("One", "ann"), "otpauth://totp/Bad:ann?secret=1", "otpauth://totp/Two:bob?secret=JBSWY3DPEHPK3PXP&issuer=Two"].join("\n"));
    await page.getByRole("button", { name: "Show code" }).click();
    await page.getByRole("heading", { name: "2 of 3 accounts can be saved" }).waitFor();
    await page.getByText("The key has a character that no key has").waitFor();
    await app.save(page);
    assert.deepEqual(await issuers(page), ["One", "Two"]);
  });
});

test("an export of Google Authenticator in two QR codes, in any order: the missing one is named, then all accounts are offered", async () => {
  const { writeMigration } = await import(pathToFileURL(join(root, "target", "npm", "portcullis", "migration", "inline.js")).href);
  const accounts = Array.from({ length: 12 }, (_, index) => ({ secret: `${SECRET.slice(0, 30)}${"ABCDEFGHIJKL"[index]}A`, issuer: "Moved", name: `account ${index}` }));
  const { parts } = writeMigration(accounts);
  assert.equal(parts.length, 2);
  await person("migration", async (page, context) => {
    await app.givePicture(page, await app.qrPng(context, parts[1]));
    await page.getByText("1 of 2 codes read. Still missing: number 1.").waitFor();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("dialog").getByRole("button", { name: "Open a picture" }).click();
    await (await chooser).setFiles({ name: "first.png", mimeType: "image/png", buffer: await app.qrPng(context, parts[0]) });
    await page.getByRole("heading", { name: "12 accounts found" }).waitFor();
    await page.getByLabel("Save Moved").first().uncheck();
    await app.save(page);
    assert.equal((await app.codes(page)).length, 11);
  });
});

test("a new key for an existing name: the older account goes to the bin only when chosen, and Undo brings it back", async () => {
  await person("namesake", async (page) => {
    await app.addByPaste(page, uri("Example", "ann"));
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example");
    await page.getByRole("button", { name: "Show code" }).click();
    await page.getByLabel("Move the older one to the bin").check();
    await app.save(page);
    assert.equal((await app.codes(page)).length, 1);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Taken back.").last().waitFor();
    assert.equal((await app.codes(page)).length, 1, "the older one is back, the newer one gone");
  });
});

test("by a link in the page's address, from which it is removed at once", async () => {
  const context = await chromium.context();
  const page = await context.newPage();
  await app.open(page, authenticator);
  await page.goto(`${authenticator.url}/#add=${encodeURIComponent(uri("Linked", "ann"))}`);
  await app.save(page);
  assert.equal(new URL(page.url()).hash, "");
  assert.deepEqual(await issuers(page), ["Linked"]);
  await context.close();
});
