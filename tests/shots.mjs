// Pictures of the running authenticator for the documents: `node tests/shots.mjs`. Always the same ten invented accounts at the same
// moment, phone and desktop, light and dark, below 150 kB each, into www/docs/pictures/. Look at each before it is committed.
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import * as app from "./parts/authenticator.mjs";
import { launch } from "./parts/chromium.mjs";
import { root } from "./setup.mjs";

const MOST = 150_000; // bytes
const MOMENT = Date.UTC(2026, 4, 12, 9, 41, 11); // eleven seconds into a period: the ring has something to show
const folder = join(root, "www", "docs", "pictures");

// Keys of nobody: each is made of one letter group, and opens nothing.
const ACCOUNTS = [
  "otpauth://totp/Alder%20Bank:r.finch%40example.org?secret=AAAAAAAABBBBBBBB&issuer=Alder%20Bank",
  "otpauth://totp/Birch%20University:rfinch?secret=CCCCCCCCDDDDDDDD&issuer=Birch%20University",
  "otpauth://totp/Cedar%20Mail:robin%40example.org?secret=EEEEEEEEFFFFFFFF&issuer=Cedar%20Mail",
  "otpauth://totp/Dogwood:robin.finch?secret=GGGGGGGGHHHHHHHH&issuer=Dogwood&digits=8",
  "otpauth://totp/Elm%20Travel:RF-204418?secret=IIIIIIIIJJJJJJJJ&issuer=Elm%20Travel",
  "otpauth://totp/Fir%20Cloud:ops%40example.org?secret=KKKKKKKKLLLLLLLL&issuer=Fir%20Cloud&period=60",
  "otpauth://totp/Ginkgo%20Health:robin?secret=MMMMMMMMNNNNNNNN&issuer=Ginkgo%20Health",
  "otpauth://hotp/Hazel%20Key:robin?secret=OOOOOOOOPPPPPPPP&issuer=Hazel%20Key&counter=7",
  "otpauth://totp/Ivy%20Code:rfinch?secret=QQQQQQQQRRRRRRRR&issuer=Ivy%20Code&algorithm=SHA256",
  "otpauth://totp/Juniper:robin%40example.org?secret=SSSSSSSSTTTTTTTT&issuer=Juniper",
];
const VIEWS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

await mkdir(folder, { recursive: true });
await using authenticator = await app.start();
await using chromium = await launch({ camera: true }); // a camera before a dark wall

async function take(page, name) {
  await page.waitForTimeout(250); // motion is over
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MOST) throw new Error(`${name}.png has ${size} bytes; ${MOST} are allowed`);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

for (const [view, viewport] of Object.entries(VIEWS)) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await chromium.context({ viewport, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.clock.setFixedTime(MOMENT);
    await app.visit(page, authenticator);
    const name = (what) => `${what}-${view}-${colorScheme}`;
    await page.getByRole("heading", { level: 1 }).waitFor();
    await take(page, name("welcome"));
    await app.startWithPassphrase(page, "four words nobody uses");
    await take(page, name("empty"));
    await press(page, "Add");
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill(ACCOUNTS.join("\n"));
    await press(page, "Show code");
    await page.getByRole("heading", { name: "10 accounts found" }).waitFor();
    await take(page, name("found"));
    await app.save(page);
    await page.getByRole("button", { name: "More for Alder Bank" }).click();
    await press(page, "Pin to the top");
    await page.locator(".toast", { hasText: "Pinned" }).waitFor();
    await page.evaluate(() => document.querySelectorAll(".toast").forEach((toast) => toast.remove()));
    await page.mouse.click(2, viewport.height / 2);
    await take(page, name("list"));
    await press(page, "Add");
    await page.getByText("Point the camera at the QR code").waitFor();
    await take(page, name("add"));
    await page.keyboard.press("Escape");
    await press(page, "Settings");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await take(page, name("settings"));
    await page.keyboard.press("Escape");
    await press(page, "Lock");
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    await take(page, name("locked"));
    await context.close();
  }
}
