// What the authenticator keeps when another tab, the disk, an older build or the person is in the way.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { load } from "../vectors/load.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; // base32 of the RFC's ASCII key
const uri = (service, name) => `otpauth://totp/${service}:${name}?secret=${SECRET}&issuer=${service}`;
const OLD = "marble lantern copper thicket";
const NEW = "velvet anchor prairie signal";

let chromium, authenticator;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: { width: 390, height: 844 } } }), app.start());
});

async function person(name, work, { init } = {}) {
  const context = await chromium.context();
  if (init) await context.addInitScript(init);
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await app.visit(page, authenticator);
    await work(page, context);
  });
  await context.close();
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const names = async (page) => (await app.codes(page)).map(({ account }) => account);
const heading = (page, name) => page.getByRole("heading", { name });
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
async function unlock(page, passphrase) {
  await fill(page, "Passphrase", passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}
async function settings(page, item) {
  await page.getByRole("button", { name: "Settings" }).click();
  const line = page.getByRole("dialog").getByRole("button", { name: item });
  const said = await line.innerText();
  return { line, said };
}
const leave = async (page) => {
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
};

/** Runs in the page: what is stored, as plain data. */
const storedIn = (page) =>
  page.evaluate(async () => {
    const asked = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    const db = await asked(indexedDB.open("portcullis"));
    const all = { vault: {}, keys: [] };
    for (const name of await asked(db.transaction("vault").objectStore("vault").getAllKeys())) {
      const { sealed, checksum } = await asked(db.transaction("vault").objectStore("vault").get(name));
      all.vault[name] = { checksum, version: sealed[8], bytes: [...sealed].join() };
    }
    all.keys = await asked(db.transaction("keys").objectStore("keys").getAllKeys());
    db.close();
    return all;
  });

/** Changes what is stored by `change(stores, given)`, where a store is `(method, ...args)`, asynchronous. As text, past the page's policy. */
const meddle = (page, change, given = null) =>
  page.evaluate(`(async () => {
    const asked = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    const store = (name) => async (method, ...args) => {
      const db = await asked(indexedDB.open("portcullis"));
      const result = await asked(db.transaction(name, "readwrite").objectStore(name)[method](...args));
      db.close();
      return result;
    };
    const hash = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return (${change})({ vault: store("vault"), keys: store("keys"), hash, hex }, ${JSON.stringify(given)});
  })()`);

/** From now on nothing can be written, as on a full disk; `globalThis.makeRoom()` ends it. */
const refuseWrites = (page) =>
  page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    globalThis.makeRoom = () => (IDBObjectStore.prototype.put = put);
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
const makeRoom = (page) => page.evaluate(() => globalThis.makeRoom());
const refused = (page) => page.getByText("Not saved: the storage of this device is full.").last().waitFor({ timeout: 30_000 });

test("without locks, a second tab on the welcome page overwrites neither the vault nor the device's key", async () => {
  const init = () => delete Navigator.prototype.locks;
  await person(
    "no-locks",
    async (page, context) => {
      const second = await context.newPage();
      await second.goto(authenticator.url);
      await button(second, "Add").or(second.getByRole("button", { name: "Start now, protect later" })).waitFor();
      assert.equal(await second.evaluate(() => "locks" in navigator), false);
      await app.startWithoutPassphrase(page);
      await app.addByPaste(page, uri("First", "ann"));
      await second.getByRole("button", { name: "Start now, protect later" }).click();
      await heading(second, "Portcullis moved to another tab").or(button(second, "Add")).first().waitFor();
      assert.equal(await heading(second, "Portcullis moved to another tab").count(), 1, "the second tab has not made a vault of its own");
      const { keys } = await storedIn(page);
      assert.equal(keys.length, 1, "one key, of the one vault");
      await second.getByRole("button", { name: "Use it here" }).click();
      await second.locator("li.row").waitFor();
      assert.deepEqual(await names(second), ["ann"]);
      await page.reload();
      await page.locator("li.row").waitFor();
      assert.deepEqual(await names(page), ["ann"]);
    },
    { init },
  );
});

test("a device's key under its old fixed name opens, and is moved with the next change", async () => {
  await person("old-name", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    const { keys } = await storedIn(page);
    assert.match(keys[0], /^[0-9a-f]{16}$/, "a key has the name of its slot");
    await meddle(page, async ({ keys }, id) => {
      await keys("put", await keys("get", id), "device");
      await keys("delete", id);
    }, keys[0]);
    await page.reload();
    await page.locator("li.row").waitFor();
    assert.deepEqual((await storedIn(page)).keys, ["device"], "opening changes nothing");
    await app.addByPaste(page, uri("Second", "bob"));
    assert.deepEqual((await storedIn(page)).keys, keys);
    await page.reload();
    await page.locator("li.row").first().waitFor();
  });
});

test("not saved means as before: adding, editing, counting up and deleting", async () => {
  await person("not-saved", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, `otpauth://hotp/Key:ann?secret=${SECRET}&issuer=Key&counter=0`);
    const before = await storedIn(page);
    await refuseWrites(page);

    await button(page, "Add").click();
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill(uri("Refused", "bob"));
    await page.getByRole("button", { name: "Show code" }).click();
    await page.getByRole("button", { name: "Save account" }).click();
    await refused(page);
    await leave(page);
    assert.deepEqual(await names(page), ["ann"]);
    const bin = await settings(page, /^Bin/);
    assert.match(bin.said, /0 accounts/, "what was refused is not in the bin");
    await leave(page);

    await button(page, "More for Key, ann").click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Account name" }).fill("changed");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await refused(page);
    await leave(page);
    assert.deepEqual(await names(page), ["ann"]);

    await page.locator("li.row").getByRole("button", { name: "Key, ann. Next code" }).last().click();
    await refused(page);
    assert.equal((await app.codes(page))[0].code, null);

    assert.deepEqual(await storedIn(page), before, "and nothing of it is stored");
    await makeRoom(page);
    await page.locator("li.row").getByRole("button", { name: "Key, ann. Next code" }).last().click();
    await page.locator("li.row .code", { hasText: "755224" }).waitFor();
  });
});

test("not saved means as before: passphrase, recovery key, proof, import and beginning", async () => {
  await person("not-saved-ways", async (page) => {
    await refuseWrites(page);
    await page.getByRole("button", { name: "Start now, protect later" }).click();
    await refused(page);
    assert.deepEqual((await storedIn(page)).keys, [], "no key without a vault");
    await makeRoom(page);
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));

    const passphrase = async () => {
      await (await settings(page, /^Passphrase/)).line.click();
      await fill(page, "Passphrase", OLD);
      await fill(page, "The same passphrase again", OLD);
      await page.getByRole("button", { name: "Set passphrase" }).click();
    };
    await refuseWrites(page);
    await passphrase();
    await refused(page);
    await leave(page);
    assert.match((await settings(page, /^Passphrase/)).said, /Not set/);
    await page.getByRole("dialog").getByRole("button", { name: /^Recovery key/ }).click();
    await refused(page);
    await leave(page);
    await makeRoom(page);
    await (await settings(page, /^Recovery key/)).line.click();
    await page.locator('.recovery-key[aria-busy="false"]').waitFor();
    const key = (await page.locator(".recovery-key span").allTextContents()).join("-");
    await refuseWrites(page);
    await page.getByRole("textbox", { name: "Type it back" }).fill(key);
    await page.getByRole("button", { name: "I have it on paper" }).click();
    await refused(page);
    await leave(page);
    assert.match((await settings(page, /^Recovery key/)).said, /Not saved yet/);
    await leave(page);

    // A backup of another vault, which cannot be taken in.
    const row = load("vault").vault.open.find(({ name }) => name === "opens with the passphrase");
    const before = await names(page);
    await button(page, "Add").click();
    await page.getByRole("dialog").getByRole("button", { name: "Open a backup" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: /^Choose (the file|files)/ }).click();
    await (await chooser).setFiles({ name: "my.vault", mimeType: "application/octet-stream", buffer: Buffer.from(row.file, "base64") });
    await fill(page, "Passphrase", row.given.passphrase);
    await page.getByRole("dialog").getByRole("button", { name: "Open backup" }).click();
    await refused(page);
    await leave(page);
    assert.deepEqual(await names(page), before);
    assert.match((await settings(page, /^Bin/)).said, /0 accounts/);
    await leave(page);

    await makeRoom(page);
    await app.addByPaste(page, uri("Second", "bob"));
    await page.reload();
    await page.locator("li.row").first().waitFor();
    assert.deepEqual(await names(page), ["ann", "bob"], "it opens by the device's key as before");
    assert.match((await settings(page, /^Recovery key/)).said, /Not saved yet/);
  });
});

async function changePassphrase(page, to, master) {
  await (await settings(page, /^Passphrase/)).line.click();
  await page.getByText("Older backups still open with the old passphrase.").waitFor();
  await fill(page, "Passphrase", to);
  await fill(page, "The same passphrase again", to);
  if (master) await page.getByRole("checkbox", { name: "Make a new master key too" }).check();
  await page.getByRole("button", { name: "Set passphrase" }).click();
  await heading(page, "Type your new passphrase once more").waitFor({ timeout: 30_000 });
}

test("a changed passphrase: a page that ends before the proof leaves both ways, and after it one", async () => {
  await person("proof", async (page) => {
    await app.startWithPassphrase(page, OLD);
    await app.addByPaste(page, uri("First", "ann"));
    await changePassphrase(page, NEW, false);
    await page.keyboard.press("Escape");
    await heading(page, "Type your new passphrase once more").waitFor();
    await page.reload(); // As a crash would.
    await unlock(page, NEW);
    await page.locator("li.row").waitFor({ timeout: 30_000 });
    await changePassphrase(page, OLD, true);
    await meddle(page, async ({ vault }) => {
      const copies = [await vault("get", 0), await vault("get", 1)];
      const newest = copies[0].savedMs > copies[1].savedMs ? 0 : 1;
      copies[newest].sealed[40] ^= 1;
      await vault("put", copies[newest], newest);
    });
    await page.reload();
    await unlock(page, NEW);
    await page.getByText("The newest copy of your accounts was damaged").waitFor({ timeout: 30_000 });
    await changePassphrase(page, OLD, true);
    await fill(page, "New passphrase", NEW);
    await page.getByRole("button", { name: "Open with it" }).click();
    await page.getByRole("alert").filter({ hasText: "That does not open your codes." }).waitFor({ timeout: 30_000 });
    await fill(page, "New passphrase", OLD);
    await page.getByRole("button", { name: "Open with it" }).click();
    await page.getByText("Passphrase set.").last().waitFor({ timeout: 30_000 });
    await page.reload();
    await unlock(page, NEW);
    await page.getByText("That does not open your codes.").waitFor({ timeout: 30_000 });
    await unlock(page, OLD);
    await page.locator("li.row").waitFor({ timeout: 30_000 });
  });
});

/** What the page says of another tab, once it says anything. */
async function saysOfTabs(page) {
  const said = page.getByRole("heading", { name: /another tab/ }).first();
  await said.waitFor({ timeout: 60_000 });
  return said.innerText();
}

const slow = async (context, page, rate) => {
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
};

test("with the processor slowed eight times, a first load and loads after it never speak of another tab", async () => {
  const init = () =>
    addEventListener("DOMContentLoaded", () => {
      globalThis.seen = [];
      new MutationObserver(() => globalThis.seen.push(document.body.textContent)).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  for (let round = 0; round < 2; round += 1) {
    const context = await chromium.context();
    await context.addInitScript(init);
    const page = await context.newPage();
    await slow(context, page, 8);
    const elsewhere = () => page.evaluate(() => globalThis.seen.filter((text) => /another tab/.test(text)));
    await pictured(context, `slow-${round}`, async () => {
      await page.goto(authenticator.url);
      await page.getByRole("button", { name: "Start now, protect later" }).waitFor({ timeout: 60_000 });
      assert.deepEqual(await elsewhere(), []);
      await app.startWithoutPassphrase(page);
      for (let again = 0; again < 2; again += 1) {
        await page.reload();
        await button(page, "Add").waitFor({ timeout: 60_000 });
        assert.deepEqual(await elsewhere(), []);
      }
    });
    await context.close();
  }
});

test("with the processor slowed eight times, a tab at work answers, and the second one says so", async () => {
  await person("slow-second", async (page, context) => {
    await app.startWithoutPassphrase(page);
    const second = await context.newPage();
    await slow(context, second, 8);
    await second.goto(authenticator.url);
    assert.equal(await saysOfTabs(second), "Portcullis is open in another tab");
  });
});

test("a tab that does not answer is waited for, can be taken over from, and is followed when it goes", async () => {
  await person("silent", async (page, context) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    const silent = await context.newPage();
    await silent.goto(`${authenticator.url}/icons/icon.svg`);
    const hold = () =>
      silent.evaluate(() => {
        void navigator.locks.request("portcullis-vault", { steal: true }, () => new Promise((resolve) => (globalThis.letGo = resolve))).catch(() => undefined);
      });
    await page.goto("about:blank");
    for (const goesOn of ["it goes", "taken over"]) {
      await hold();
      const began = Date.now();
      await page.goto(authenticator.url);
      assert.equal(await saysOfTabs(page), "Waiting for another tab");
      assert.ok(Date.now() - began >= 2_000, "not before two seconds");
      if (goesOn === "it goes") await silent.evaluate(() => globalThis.letGo());
      else await page.getByRole("button", { name: "Use it here" }).click();
      await page.locator("li.row").waitFor();
      await page.goto("about:blank");
    }
  });
});

/** Makes the newest copy one of a newer version, whole: as a later build would leave it. */
const makeNewer = (page) =>
  meddle(page, async ({ vault, hash, hex }) => {
    const copies = [await vault("get", 0), await vault("get", 1)];
    const newest = copies[0].savedMs > copies[1].savedMs ? 0 : 1;
    const { sealed } = copies[newest];
    sealed[8] = 9;
    sealed.set(await hash(sealed.slice(0, -32)), sealed.length - 32);
    await vault("put", { ...copies[newest], checksum: hex(await hash(sealed)) }, newest);
    return [...sealed];
  });

test("a copy of a newer version is the newest: said, given as a file, and nothing is written over it", async () => {
  await person("newer", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    await app.addByPaste(page, uri("Second", "bob"));
    const bytes = await makeNewer(page);
    const before = await storedIn(page);
    await page.reload();
    const newer = heading(page, "These accounts were saved by a newer Portcullis");
    await newer.or(page.locator("li.row")).first().waitFor();
    assert.equal(await newer.count(), 1, "no older copy is opened in its place");
    assert.equal(await page.getByText("damaged").count(), 0);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save what is stored as a file" }).first().click();
    assert.deepEqual([...(await readFile(await (await download).path()))], bytes);
    await page.getByRole("button", { name: "Try again" }).click();
    await heading(page, "These accounts were saved by a newer Portcullis").waitFor();
    assert.deepEqual(await storedIn(page), before);
  });
});

test("a database that a newer version raised is called newer, not unreadable, and is given as a file", async () => {
  await person("newer-database", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const request = indexedDB.open("portcullis", 7);
          request.onerror = () => reject(request.error);
          request.onsuccess = () => resolve(request.result.close());
        }),
    );
    await page.reload();
    await heading(page, "These accounts were saved by a newer Portcullis").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save what is stored as a file" }).first().click();
    await download;
  });
});

test("a vault of format 1 opens; its bytes stay aside until those of format 2 were opened in another page load", async () => {
  const row = load("vault").vault.open.find(({ name }) => name === "opens with the passphrase");
  await person("format-1", async (page) => {
    await meddle(page, async ({ vault, hash, hex }, given) => {
      const sealed = Uint8Array.from(given);
      await vault("put", { sealed, checksum: hex(await hash(sealed)), savedMs: 1 }, 0);
    }, [...Buffer.from(row.file, "base64")]);
    await page.reload();
    await unlock(page, row.given.passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    assert.deepEqual(Object.keys((await storedIn(page)).vault), ["0"], "opening changes nothing");
    await app.addByPaste(page, uri("First", "new"));
    const { vault } = await storedIn(page);
    assert.deepEqual([vault[0].version, vault[1].version, vault["before-2"].version], [1, 2, 1]);
    await app.addByPaste(page, uri("Second", "newer"));
    assert.equal((await storedIn(page)).vault["before-2"]?.bytes, vault[0].bytes);
    await page.reload();
    await unlock(page, row.given.passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    assert.ok((await names(page)).includes("newer"));
    await page.waitForTimeout(300);
    assert.deepEqual(Object.keys((await storedIn(page)).vault), ["0", "1"]);
  });
});

/** Somebody whose passphrase was once stretched on a busy device: the cost of the vault in the vectors is the least. */
async function cheap(name, clock, work) {
  const row = load("vault").vault.open.find(({ name }) => name === "format 2: opens with the passphrase");
  const context = await chromium.context({ serviceWorkers: "block" });
  await context.route(/kdf\.worker/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll("performance.now()", clock) });
  });
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await page.goto(authenticator.url);
    await page.getByRole("button", { name: "Start now, protect later" }).waitFor();
    await meddle(page, async ({ vault, hash, hex }, given) => {
      const sealed = Uint8Array.from(given);
      await vault("put", { sealed, checksum: hex(await hash(sealed)), savedMs: 1 }, 0);
    }, [...Buffer.from(row.file, "base64")]);
    await page.reload();
    await unlock(page, row.given.passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    await work(page, row);
  });
  await context.close();
}

test("a passphrase that is cheaper than this device can bear becomes dearer at an unlock, and opens as before", async () => {
  // The clock of a device on which the least cost takes 50 ms.
  await cheap("dearer", "(globalThis.clock = (globalThis.clock ?? 0) + 50)", async (page, row) => {
    const until = Date.now() + 60_000;
    while (Object.keys((await storedIn(page)).vault).length < 2) {
      assert.ok(Date.now() < until, "it is never stored anew");
      await page.waitForTimeout(250);
    }
    const { readLocked } = await import(pathToFileURL(join(root, "target/npm/portcullis/vault/inline.js")).href);
    const { vault } = await storedIn(page);
    const [before, after] = [0, 1].map((place) => readLocked(Uint8Array.from(vault[place].bytes.split(",").map(Number))).slots.find(({ kind }) => kind === "passphrase").kdf);
    assert.deepEqual([before.memoryKib, before.passes], [19_456, 2]);
    assert.ok(after.memoryKib >= 65_536 && after.passes >= 3, JSON.stringify(after));
    assert.notEqual(after.salt, before.salt);
    await page.reload();
    await unlock(page, "not this one at all");
    await page.getByText("That does not open your codes.").waitFor({ timeout: 30_000 });
    await unlock(page, row.given.passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 60_000 });
  });
});

const spoilAll = (page) =>
  meddle(page, async ({ vault }) => {
    for (const place of await vault("getAllKeys")) {
      const copy = await vault("get", place);
      copy.sealed[40] ^= 1;
      await vault("put", copy, place);
    }
  });

test("nothing readable: starting over needs the word, and gives the old bytes first", async () => {
  await person("over", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    await spoilAll(page);
    const before = await storedIn(page);
    await page.reload();
    await heading(page, "Your accounts could not be opened").waitFor();
    await page.getByText("It does not help").click();
    await page.getByRole("button", { name: "Start over…" }).click();
    const sheet = page.getByRole("dialog");
    const downloads = [];
    page.on("download", (download) => downloads.push(download));
    await sheet.getByRole("button", { name: "Save what is stored as a file" }).click();
    await sheet.getByText("Saved to your downloads.").waitFor();
    await page.waitForFunction(() => true);
    const typed = sheet.getByRole("textbox");
    await typed.fill("start");
    await sheet.getByRole("button", { name: "Delete everything" }).click();
    await sheet.getByText("That is not the word. Nothing was deleted.").waitFor();
    assert.deepEqual(await storedIn(page), before);
    await typed.fill("Start over");
    await sheet.getByRole("button", { name: "Delete everything" }).click();
    await page.getByRole("button", { name: "Start now, protect later" }).waitFor();
    assert.ok(downloads.length >= 1);
    assert.deepEqual(await storedIn(page), { vault: {}, keys: [] });
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("Second", "bob"));
    await page.reload();
    await page.locator("li.row").waitFor();
    assert.deepEqual(await names(page), ["bob"]);
  });
});

test("the device's key is gone: said so, and a backup takes its place while the old bytes are put away", async () => {
  const row = load("vault").vault.open.find(({ name }) => name === "format 2: opens with the passphrase");
  await person("gone", async (page) => {
    await app.startWithoutPassphrase(page);
    await app.addByPaste(page, uri("First", "ann"));
    const { vault } = await storedIn(page);
    await meddle(page, async ({ keys }) => {
      for (const name of await keys("getAllKeys")) await keys("delete", name);
    });
    await page.reload();
    await page.getByText("This browser lost the key that opened your accounts on this device. They are still stored").waitFor();
    assert.equal(await page.getByRole("button", { name: "Unlock" }).count(), 0, "no field that nothing opens");
    await page.getByRole("button", { name: "Open a backup" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: /^Choose (the file|files)/ }).click();
    await (await chooser).setFiles({ name: "my.vault", mimeType: "application/octet-stream", buffer: Buffer.from(row.file, "base64") });
    await fill(page, "Passphrase", row.given.passphrase);
    await page.getByRole("dialog").getByRole("button", { name: "Open backup" }).click();
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
    assert.equal((await names(page)).length, row.expect.entries.filter(({ trashedMs }) => trashedMs === undefined).length);
    const after = Object.entries((await storedIn(page)).vault);
    const old = after.filter(([name]) => name.startsWith("old-")).map(([, { bytes }]) => bytes);
    assert.deepEqual(old.sort(), Object.values(vault).map(({ bytes }) => bytes).sort());
    await page.reload();
    await unlock(page, row.given.passphrase);
    await page.locator("li.row").first().waitFor({ timeout: 30_000 });
  });
});

test("a first visit opens a backup at once, and an account that came since is in no backup until the next one", async () => {
  await person("health", async (page, context) => {
    await app.startWithPassphrase(page, OLD);
    await app.addByPaste(page, uri("First", "ann"));
    await app.addByPaste(page, `otpauth://hotp/Key:cay?secret=${SECRET}&issuer=Key&counter=4`);
    const backup = async () => {
      await (await settings(page, /^Backup/)).line.click();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save backup" }).click();
      await page.getByText("Backup saved to your downloads.").last().waitFor();
      return readFile(await (await download).path());
    };
    const file = await backup();
    const foot = page.locator(".health");
    assert.doesNotMatch(await foot.innerText(), /in no backup/);
    await app.addByPaste(page, uri("Second", "bob"));
    await foot.filter({ hasText: "1 account is in no backup." }).waitFor();
    await page.locator("li.row").getByRole("button", { name: "Key, cay. Next code" }).last().click();
    await page.locator("li.row .code:not(.hidden)").nth(2).waitFor();
    assert.match(await foot.innerText(), /1 account is in no backup\./, "a used counter is no change");
    await backup();
    await foot.filter({ hasNotText: "in no backup" }).waitFor();

    const other = await (await chromium.context()).newPage();
    await app.visit(other, authenticator);
    assert.equal(await other.getByRole("button", { name: "Open a backup" }).count(), 0, "one way in for files of every kind");
    await other.getByRole("button", { name: "Bring your codes along" }).click();
    const chooser = other.waitForEvent("filechooser");
    await other.getByRole("button", { name: /^Choose (the file|files)/ }).click();
    await (await chooser).setFiles({ name: "my.vault", mimeType: "application/octet-stream", buffer: file });
    await fill(other, "Passphrase", OLD);
    await other.getByRole("dialog").getByRole("button", { name: "Open backup" }).click();
    await other.locator("li.row").first().waitFor({ timeout: 30_000 });
    assert.deepEqual(await names(other), ["ann", "cay"]);
    assert.doesNotMatch(await other.locator(".health").innerText(), /in no backup/);
    await other.context().close();
    assert.ok(context);
  });
});
