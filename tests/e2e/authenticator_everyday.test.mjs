// Everyday trouble with the authenticator: double taps, dialogs closed early, a changed clock, a lost network.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as app from "../parts/authenticator.mjs";
import { launch, pictured } from "../parts/chromium.mjs";
import { shared, together } from "../parts/together.mjs";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; // base32 of the RFC's ASCII key
const URI = `otpauth://totp/Example:ann?secret=${SECRET}&issuer=Example`;
const SECOND = "otpauth://totp/Second:bob?secret=JBSWY3DPEHPK3PXP&issuer=Second";

let chromium, authenticator;
shared(async (stack) => {
  [chromium, authenticator] = await together(stack, launch({ context: { viewport: { width: 390, height: 844 } } }), app.start());
});

async function person(name, work, { visit = app.open, ...options } = {}) {
  const context = await chromium.context(options);
  const page = await context.newPage();
  await pictured(context, name, async () => {
    await visit(page, authenticator);
    await work(page);
  });
  await context.close();
}
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.tagName);
const menu = (page, name) => page.getByRole("button", { name: `More for ${name}` }).click();

test("the ring shows the time also after a redraw, and the codes follow a change of the clock", async () => {
  await person("ring", async (page) => {
    await app.addByPaste(page, URI);
    // How many seconds the ring is off the clock.
    const off = () => page.evaluate(() => {
      const { progress } = document.querySelector(".ring-left").getAnimations()[0].effect.getComputedTiming();
      return Math.abs(progress * 30 - (Date.now() / 1000) % 30);
    });
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 8_000) await page.waitForTimeout(left + 200);
    await page.waitForTimeout(2_500);
    await page.getByRole("searchbox").fill("e");
    await page.locator("li.row").waitFor();
    const seconds = await off();
    assert.ok(seconds < 1 || seconds > 29, `${seconds} s beside the clock`);
    const { code } = (await app.codes(page))[0];
    await page.evaluate(() => {
      const real = Date.now;
      Date.now = () => real() + 3_600_000;
    });
    await page.waitForFunction((code) => document.querySelector(".row-main > .code").textContent !== code, code, { timeout: 4_000 });
  });
});

test("with fast taps each tap uses one counter, and none is reported as lost", async () => {
  await person("fast-counter", async (page) => {
    await app.addByPaste(page, `otpauth://hotp/Key:ann?secret=${SECRET}&issuer=Key&counter=0`);
    await page.locator(".toast").waitFor({ state: "detached", timeout: 15_000 });
    await page.getByRole("button", { name: "Key, ann. Next code" }).last().evaluate((button) => {
      for (let tap = 0; tap < 3; tap += 1) button.click();
    });
    await page.locator("li.row .code", { hasText: "359152" }).waitFor();
    assert.equal(await page.locator(".toast").count(), 0);
  });
});

test("Undo can be pressed while a dialog is open, and deleting for good asks again", async () => {
  await person("bin", async (page) => {
    await app.addByPaste(page, URI);
    await menu(page, "Example");
    await press(page, "Move to the bin");
    await page.locator("li.row").waitFor({ state: "detached" });
    await press(page, "Settings");
    await page.getByRole("button", { name: /^Bin/ }).click();
    await press(page, "Put back");
    await press(page, "Undo");
    await page.getByRole("dialog").getByText("Taken back.").last().waitFor();
    const remove = page.getByRole("button", { name: "Delete for good" });
    await remove.dblclick();
    // The second tap of the double click pressed "Keep it".
    await remove.click();
    await press(page, "Yes, delete it");
    await page.getByText("The bin is empty.").waitFor();
  });
});

test("the focus goes to a sensible place after a dialog, a deletion, a lock and a wrong passphrase", async () => {
  await person("focus", async (page) => {
    await page.getByRole("button", { name: "Protect with a passphrase" }).click();
    assert.equal(await focused(page), "new-passphrase");
    await press(page, "Back");
    await app.startWithPassphrase(page, "marble lantern copper");
    assert.equal(await focused(page), "Portcullis");
    await app.addByPaste(page, URI);
    await app.addByPaste(page, SECOND);
    await menu(page, "Example");
    await press(page, "Edit");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focused(page), "More for Example, ann");
    await menu(page, "Example");
    await press(page, "Move to the bin");
    await page.getByText("Moved to the bin.").last().waitFor();
    assert.match(await focused(page), /^row-/);
    await press(page, "Lock");
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    assert.equal(await focused(page), "key");
    await press(page, "Unlock");
    await page.getByText("That does not open your codes.").waitFor({ timeout: 30_000 });
    assert.equal(await focused(page), "BUTTON");
  }, { visit: app.visit });
});

test("a camera that starts after its dialog was closed is stopped, and so is one whose dialog is replaced", async () => {
  const slowCamera = async (page) => {
    await page.addInitScript(() => {
      globalThis.tracks = [];
      globalThis.asked = 0;
      navigator.mediaDevices.getUserMedia = async () => {
        globalThis.asked++;
        await new Promise((resolve) => setTimeout(resolve, 400));
        const canvas = document.createElement("canvas");
        canvas.getContext("2d").fillRect(0, 0, 9, 9);
        const stream = canvas.captureStream(10);
        globalThis.tracks.push(...stream.getTracks());
        return stream;
      };
    });
    await app.open(page, authenticator);
  };
  await person("camera", async (page) => {
    const live = (count) => page.waitForFunction((count) => globalThis.tracks.filter(({ readyState }) => readyState === "live").length === count, count);
    await press(page, "Add");
    await page.waitForFunction(() => globalThis.asked === 1); // the camera has been requested
    await page.keyboard.press("Escape");
    await press(page, "Add");
    await page.getByText("Point the camera at the QR code").waitFor();
    await page.waitForFunction(() => globalThis.tracks.length === 2);
    await live(1);
    await page.getByRole("dialog").getByRole("button", { name: "Open a backup" }).click();
    await live(0);
  }, { visit: slowCamera, permissions: ["camera"] });
});

test("a first visit that loses the network says so, and continues when it is back", async () => {
  await person("half-loaded", async (page) => {
    await press(page, "Add");
    await page.getByText("This part of the app is not on your device yet").last().waitFor();
    await page.unroute(/Sheets-/);
    await press(page, "Add");
    await page.getByRole("dialog", { name: "Add an account" }).waitFor();
    assert.equal(await page.evaluate(() => document.adoptedStyleSheets.length), 1, "the dialog came without its styles");
  }, {
    serviceWorkers: "block",
    visit: async (page) => {
      await page.route(/Sheets-/, (route) => route.abort());
      await page.goto(authenticator.url);
      await app.startWithoutPassphrase(page);
    },
  });
});

test("a German browser never shows English text first, and the shortcut for adding opens that dialog", async () => {
  await person("german", async (page) => {
    await page.waitForFunction(() => globalThis.read.some((text) => text.includes("Deine")));
    assert.deepEqual(await page.evaluate(() => globalThis.read.filter((text) => /Your|Opening/.test(text))), []);
    await page.getByRole("button", { name: "Gleich anfangen, später schützen" }).click();
    await page.getByRole("dialog", { name: "Konto hinzufügen" }).waitFor();
  }, {
    locale: "de-DE",
    serviceWorkers: "block",
    visit: async (page) => {
      await page.addInitScript(() => {
        globalThis.read = [];
        new MutationObserver(() => globalThis.read.push(document.getElementById("app")?.textContent ?? "")).observe(document, { subtree: true, childList: true, characterData: true });
      });
      await page.route(/\/de-/, (route) => setTimeout(() => void route.continue(), 700));
      await page.goto(`${authenticator.url}/#add`);
    },
  });
});

test("an account can be moved up and given a note that the search finds, and both survive a reload", async () => {
  await person("order", async (page) => {
    await app.addByPaste(page, URI);
    await app.addByPaste(page, SECOND);
    await menu(page, "Second");
    await press(page, "Move up");
    await page.getByText("Moved up.").last().waitFor();
    await press(page, "Edit");
    await page.getByLabel("Note").fill("spare phone in the drawer");
    await press(page, "Save");
    await page.getByText("Saved.").last().waitFor();
    await page.reload();
    await page.locator("li.row").nth(1).waitFor();
    assert.deepEqual((await app.codes(page)).map(({ issuer }) => issuer), ["Second", "Example"]);
    await page.getByRole("searchbox").fill("drawer");
    await page.locator("li.row", { hasText: "Example" }).waitFor({ state: "detached" });
    await menu(page, "Second");
    await page.getByText("spare phone in the drawer").waitFor();
  });
});

test("on a narrow phone the longest codes do not touch the ring, in the list and before they are saved", async () => {
  await person("narrow", async (page) => {
    const apart = (within) => page.locator(within).evaluateAll((rows) => rows.map((row) => row.querySelector(".ring").getBoundingClientRect().left - row.querySelector(".code").lastElementChild.getBoundingClientRect().right));
    await press(page, "Add");
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill([8, 10].map((digits) => `otpauth://totp/Long${digits}:ann?secret=${SECRET.slice(digits)}&issuer=Long${digits}&digits=${digits}`).join("\n"));
    await press(page, "Show code");
    await page.locator(".found-item .code").nth(1).waitFor();
    for (const space of await apart(".found-item")) assert.ok(space >= 0, `${space} px before the ring`);
    await app.save(page);
    await page.locator("li.row").nth(1).waitFor();
    for (const space of await apart("li.row")) assert.ok(space >= 0, `${space} px before the ring`);
  }, { viewport: { width: 320, height: 640 } });
});
