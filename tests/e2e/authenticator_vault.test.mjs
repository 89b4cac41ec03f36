// What the authenticator keeps: that it is there again, that nobody else reads it, and what happens when something breaks.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; // base32 of the RFC's ASCII key
const RAW = "12345678901234567890";
const URI = `otpauth://totp/Wellspring:marigold@example.org?secret=${SECRET}&issuer=Wellspring`;
const PASSPHRASE = "marble lantern copper thicket";

let chromium, authenticator;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: { width: 390, height: 844 } } }), app.start());
});

async function person(name, work, options = {}) {
  const context = await chromium.context(options);
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await app.visit(page, authenticator);
    await work(page, context);
  });
  await context.close();
}
const unlock = async (page, passphrase) => {
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
};
const accounts = async (page) => (await app.codes(page)).map(({ account }) => account);

test("with a passphrase: closed and opened again, a wrong one is refused in a sentence, the right one opens", async () => {
  await person("passphrase", async (page) => {
    await app.startWithPassphrase(page, PASSPHRASE);
    await app.addByPaste(page, URI);
    await page.reload();
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    assert.doesNotMatch(await page.content(), /marigold|Wellspring/);
    await unlock(page, `${PASSPHRASE}s`);
    await page.getByText("That does not open your codes. Nothing is lost").waitFor({ timeout: 30_000 });
    await unlock(page, PASSPHRASE);
    await page.locator("li.row").waitFor({ timeout: 30_000 });
    assert.deepEqual(await accounts(page), ["marigold@example.org"]);
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    assert.doesNotMatch(await page.content(), /marigold|Wellspring/);
  });
});

for (const [how, begin] of [["a passphrase", (page) => app.startWithPassphrase(page, PASSPHRASE)], ["this device's key", app.startWithoutPassphrase]]) {
  test(`with ${how}: no secret, service or name stands anywhere in what is stored`, async () => {
    await person("stored", async (page) => {
      await begin(page);
      await app.addByPaste(page, URI);
      await page.reload();
      if (how === "a passphrase") await unlock(page, PASSPHRASE);
      await page.locator("li.row").waitFor({ timeout: 30_000 });
      const stored = await app.everythingStored(page);
      assert.ok(stored.length > 10_000, "there is something stored");
      const text = `${stored.toString("latin1")}\n${stored.toString("utf16le")}`.toLowerCase();
      assert.ok(text.includes("portcullis"), "the scan does read what is stored");
      for (const secret of [SECRET, RAW, Buffer.from(RAW).toString("hex"), Buffer.from(RAW).toString("base64"), "Wellspring", "marigold", PASSPHRASE]) {
        assert.equal(text.includes(secret.toLowerCase()), false, "a secret, a service, a name or the passphrase is stored in plain text");
      }
      if (how !== "a passphrase") assert.ok(text.includes("key:false"), "the device's key cannot be taken out of the browser");
    });
  });
}

test("protecting later: the passphrase replaces the device's key, in the older copy too", async () => {
  await person("protect-later", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByText("Locking needs something that only you know.").waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByLabel("The same passphrase again").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Set passphrase" }).click();
    await page.getByLabel("New passphrase", { exact: true }).fill(PASSPHRASE, { timeout: 30_000 });
    await page.getByRole("button", { name: "Open with it" }).click();
    await page.getByText("Passphrase set.").last().waitFor({ timeout: 30_000 });
    assert.equal((await app.everythingStored(page)).includes("key:false"), false, "the device's key is gone");
    await page.reload();
    await unlock(page, PASSPHRASE);
    await page.locator("li.row").waitFor({ timeout: 30_000 });
  });
});

test("the recovery key counts as saved once it is typed back, and opens the vault", async () => {
  await person("recovery", async (page) => {
    await app.startWithPassphrase(page, PASSPHRASE);
    await app.addByPaste(page, URI);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: /^Recovery key/ }).click();
    const shown = page.locator(".recovery-key");
    await page.locator('.recovery-key[aria-busy="false"]').waitFor();
    const groups = await shown.locator("span").allTextContents();
    assert.equal(groups.length, 7);
    const typed = page.getByRole("textbox", { name: "Type it back" });
    const swapped = [groups[1], groups[0], ...groups.slice(2)].join(" ");
    await typed.fill(swapped);
    await page.getByRole("button", { name: "I have it on paper" }).click();
    await page.getByRole("alert").filter({ hasText: /typing error in group|not the key above/ }).waitFor();
    await typed.fill(groups.join(" ").toLowerCase());
    await page.getByRole("button", { name: "I have it on paper" }).click();
    await page.getByText("Recovery key saved.").last().waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Use the recovery key" }).click();
    await page.getByRole("textbox", { name: "Recovery key" }).fill(groups.join("-"));
    await page.getByRole("button", { name: "Unlock" }).click();
    await page.locator("li.row").waitFor();
  });
});

test("a counter's code is stored as used before it is shown, so it never comes twice", async () => {
  await person("counter", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, `otpauth://hotp/Key:ann?secret=${SECRET}&issuer=Key&counter=0`);
    const row = page.locator("li.row");
    const next = row.getByRole("button", { name: "Key, ann. Next code" }).last();
    assert.equal((await app.codes(page))[0].code, null);
    for (const expected of ["755224", "287082"]) {
      await next.click();
      await row.locator(".code", { hasText: expected }).waitFor();
    }
    await page.reload();
    await row.waitFor();
    assert.equal((await app.codes(page))[0].code, null, "a used code is not shown again");
    await next.click();
    await row.locator(".code", { hasText: "359152" }).waitFor();
  });
});

test("a second tab says that the first is at work, and takes over when told to", async () => {
  await person("second-tab", async (page, context) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    const second = await context.newPage();
    await second.goto(authenticator.url);
    await second.getByRole("heading", { name: "Portcullis is open in another tab" }).waitFor();
    assert.equal(await second.locator("li.row").count(), 0);
    await second.getByRole("button", { name: "Use it here" }).click();
    await second.locator("li.row").waitFor();
    await page.getByRole("heading", { name: "Portcullis moved to another tab" }).waitFor();
    assert.doesNotMatch(await page.content(), /marigold/);
  });
});

/** Changes the stored copies in place, what a failing disk or another program would do: "newest", "older" or "both" get a wrong byte. */
const spoil = (page, which) =>
  page.evaluate(async (which) => {
    const asked = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    const db = await asked(indexedDB.open("portcullis"));
    const copies = [];
    for (const place of [0, 1]) copies.push(await asked(db.transaction("vault").objectStore("vault").get(place)));
    const newest = Math.max(...copies.map((copy) => copy.savedMs));
    const change = db.transaction("vault", "readwrite");
    const written = new Promise((resolve, reject) => ((change.oncomplete = resolve), (change.onabort = reject)));
    for (const [place, copy] of copies.entries()) {
      if (which !== "both" && (copy.savedMs === newest) !== (which === "newest")) continue;
      copy.sealed[40] ^= 1;
      change.objectStore("vault").put(copy, place);
    }
    await written;
    db.close();
  }, which);

test("a newest copy that the disk spoiled: the one before it opens, and the app says so", async () => {
  await person("spoiled", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    await app.addByPaste(page, "otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second");
    await spoil(page, "newest");
    await page.reload();
    await page.getByText("The newest copy of your accounts was damaged").waitFor();
    assert.ok((await accounts(page)).includes("marigold@example.org"));
  });
});

test("an older copy that the disk spoiled costs nothing, and nobody is alarmed", async () => {
  await person("spoiled-older", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    await spoil(page, "older");
    await page.reload();
    await page.locator("li.row").waitFor();
    assert.equal(await page.getByText("The newest copy of your accounts was damaged").count(), 0);
  });
});

test("both copies spoiled: nothing is overwritten, and the app says what to do", async () => {
  await person("both-spoiled", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    await spoil(page, "both");
    await page.reload();
    await page.getByRole("heading", { name: "Your accounts could not be opened" }).waitFor();
    assert.match(await page.locator("main p").innerText(), /Nothing was overwritten\./);
    assert.equal(await page.getByRole("button", { name: "Start now, protect later" }).count(), 0, "no way to begin anew over them");
    await page.evaluate(() => {
      globalThis.seen = [];
      new MutationObserver(() => globalThis.seen.push(document.body.textContent)).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForFunction(() => globalThis.seen.at(-1)?.includes("could not be opened"));
    assert.deepEqual(await page.evaluate(() => globalThis.seen.filter((text) => text.includes("another tab"))), [], "this tab is not taken for another one");
  });
});

test("a full storage: says so, what was found stays, and saving works once there is room", async () => {
  await person("full", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    await page.evaluate(() => {
      const put = IDBObjectStore.prototype.put;
      globalThis.makeRoom = () => (IDBObjectStore.prototype.put = put);
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill("otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second");
    await page.getByRole("button", { name: "Show code" }).click();
    await page.getByRole("button", { name: "Save account" }).click();
    await page.getByText("Not saved: the storage of this device is full.").waitFor();
    await page.evaluate(() => globalThis.makeRoom());
    await app.save(page);
    await page.reload();
    await page.locator("li.row").first().waitFor();
    assert.deepEqual(await accounts(page), ["marigold@example.org", "bob"]);
  });
});

test("deleted by mistake: back by Undo, and back from the bin", async () => {
  await person("undo", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, URI);
    const bin = async () => {
      await page.getByRole("button", { name: "More for Wellspring" }).click();
      await page.getByRole("button", { name: "Move to the bin" }).click();
      await page.locator("li.row").waitFor({ state: "detached" });
    };
    await bin();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.locator("li.row").waitFor();
    await bin();
    await page.reload();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: /^Bin/ }).click();
    await page.getByRole("button", { name: "Put back" }).click();
    await page.keyboard.press("Escape");
    await page.locator("li.row").waitFor();
    assert.deepEqual(await accounts(page), ["marigold@example.org"]);
  });
});

test("a backup opens on another device with the passphrase, adds what is missing there, and holds nothing in plain text", async () => {
  await person("backup", async (page) => {
    await app.startWithPassphrase(page, PASSPHRASE);
    await app.addByPaste(page, URI);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: /^Backup/ }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save backup" }).click();
    const file = await (await download).path();
    await page.getByText(/^Saved on this device only\. Recovery key/).waitFor();
    const bytes = await readFile(file);
    for (const secret of [SECRET, RAW, "Wellspring", "marigold"]) assert.equal(bytes.toString("latin1").includes(secret), false);

    const other = await (await chromium.context()).newPage();
    await app.open(other, authenticator);
    const give = async (payload) => {
      await other.getByRole("button", { name: "Add", exact: true }).click();
      await other.getByRole("dialog").getByRole("button", { name: "Open a backup" }).click();
      const chooser = other.waitForEvent("filechooser");
      await other.getByRole("button", { name: "Choose files" }).click();
      await (await chooser).setFiles({ name: "my.vault", mimeType: "application/octet-stream", buffer: payload });
    };
    await give(Buffer.from("not a backup at all"));
    await other.getByRole("alert").filter({ hasText: "This is no backup that Portcullis knows." }).waitFor();
    await other.keyboard.press("Escape");
    await give(bytes);
    await other.getByLabel("Passphrase", { exact: true }).fill("wrong wrong wrong");
    await other.getByRole("dialog").getByRole("button", { name: "Open backup" }).click();
    await other.getByRole("alert").filter({ hasText: "That does not open your codes." }).waitFor({ timeout: 30_000 });
    await other.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await other.getByRole("dialog").getByRole("button", { name: "Open backup" }).click();
    await other.getByText("1 of 1 account opened; 1 added, 0 already here.").last().waitFor({ timeout: 30_000 });
    assert.deepEqual(await accounts(other), ["marigold@example.org"]);
    await other.context().close();
  });
});
