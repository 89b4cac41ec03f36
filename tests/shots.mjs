// `node tests/shots.mjs` makes the pictures of the documents from the running programs. The authenticator always has the same ten
// invented accounts at the same time of day: phone and desktop, light and dark. Then come the gate and the package. Look at each
// picture before you commit it.
import { spawnSync } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import * as app from "./parts/authenticator.mjs";
import { launch } from "./parts/chromium.mjs";
import { start as startApp } from "./parts/demo_app.mjs";
import { start as startCas } from "./parts/demo_cas.mjs";
import { start as startGate } from "./parts/gate.mjs";
import { root } from "./setup.mjs";

const MOST = 150_000; // bytes
const MOMENT = Date.UTC(2026, 4, 12, 9, 41, 11); // eleven seconds into a period, so that the ring is neither full nor empty
const folder = join(root, "www", "docs", "pictures");

// Invented keys: each has only two different letters, as no real key has.
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
const IMPORT = [
  "otpauth://totp/Kestrel:robin%40north.example.org?secret=TTTTTTTTUUUUUUUU&issuer=Kestrel",
  "otpauth://totp/Kestrel:robin%40south.example.org?secret=UUUUUUUUVVVVVVVV&issuer=Kestrel",
  "otpauth://totp/Larch%20Post:rfinch?secret=1&issuer=Larch%20Post",
];
const VIEWS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

await mkdir(folder, { recursive: true });
await using authenticator = await app.start();
await using chromium = await launch({ camera: true }); // a fake camera that shows a dark picture

async function take(page, name, where = folder) {
  await page.mouse.move(0, 0); // nothing looks as if it was pointed at
  await page.waitForTimeout(250); // animations have ended
  const path = join(where, `${name}.png`);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MOST) throw new Error(`${name}.png has ${size} bytes; ${MOST} are allowed`);
  console.log(`${name}.png ${Math.round(size / 1000)} kB`);
}

/** The ring animations run on while the clock is fixed. Hiding and showing the rows starts them again at the fixed time. */
async function freshRings(page) {
  const search = page.getByRole("searchbox");
  await search.fill("no such account");
  await page.locator("li.row").first().waitFor({ state: "detached" });
  await search.fill("");
  await page.locator("li.row").nth(9).waitFor();
  await page.evaluate(() => document.activeElement.blur());
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
    await page.getByRole("button", { name: "Bring your codes along" }).click();
    await page.getByText("Aegis", { exact: true }).click();
    await take(page, name("move"));
    await page.keyboard.press("Escape");
    await press(page, "Add");
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill(ACCOUNTS.join("\n"));
    await press(page, "Show code");
    await page.getByRole("heading", { name: "10 accounts found" }).waitFor();
    await take(page, name("found"));
    await app.save(page);
    await page.locator(".toast").waitFor({ state: "detached" });
    await freshRings(page);
    // What an import leaves out, before and after it is saved, and two accounts of one service.
    await press(page, "Add");
    await page.getByRole("button", { name: "Paste a setup link" }).click();
    await page.getByRole("textbox").fill(IMPORT.join("\n"));
    await press(page, "Show code");
    await page.getByRole("heading", { name: "2 of 3 accounts can be saved" }).waitFor();
    await take(page, name("import"));
    await page.getByRole("button", { name: "Save 2 accounts" }).click();
    await page.getByRole("heading", { name: "2 of 3 accounts saved" }).waitFor();
    await page.locator(".toast").waitFor({ state: "detached" });
    await take(page, name("report"));
    await press(page, "Done");
    await page.getByRole("searchbox").fill("kestrel");
    await page.locator("li.row").nth(2).waitFor({ state: "detached" });
    await take(page, name("alike"));
    await page.getByRole("searchbox").fill("");
    for (const name of ["robin@north.example.org", "robin@south.example.org"]) {
      await page.getByRole("button", { name: `More for Kestrel, ${name}` }).click();
      await press(page, "Move to the bin");
      await page.getByRole("button", { name: `More for Kestrel, ${name}` }).waitFor({ state: "detached" });
    }
    await page.getByRole("button", { name: "More for Alder Bank" }).click();
    await press(page, "Pin to the top");
    await page.locator(".toast", { hasText: "Pinned" }).waitFor();
    await page.locator(".toast").waitFor({ state: "detached" }); // so that no message covers the list
    await page.evaluate(() => document.querySelectorAll(".toast").forEach((toast) => toast.remove()));
    await page.mouse.click(2, viewport.height / 2);
    await freshRings(page);
    await take(page, name("list"));
    await press(page, "Add");
    await page.getByText("Point the camera at the QR code").waitFor();
    await take(page, name("add"));
    await page.keyboard.press("Escape");
    await press(page, "Settings");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await take(page, name("settings"));
    await page.getByRole("button", { name: "Take your codes elsewhere" }).click();
    await page.getByText("All of your 10 accounts").waitFor();
    await take(page, name("leave"));
    await page.keyboard.press("Escape");
    await press(page, "Lock");
    await page.getByRole("heading", { name: "Your codes are locked" }).waitFor();
    await take(page, name("locked"));
    await context.close();
  }
}

// The gate: the demo app behind it, after a sign-in.
{
  const folder = join(root, "worker", "docs", "pictures");
  await mkdir(folder, { recursive: true });
  await using parts = new AsyncDisposableStack();
  const cas = parts.use(await startCas());
  const demo = parts.use(await startApp());
  const gate = parts.use(await startGate({ cas: cas.url, origin: demo.url, policy: join(root, "tests", "parts", "demo_policy.toml") }));
  const page = await (await chromium.context({ viewport: { width: 900, height: 700 }, reducedMotion: "reduce" })).newPage();
  await page.goto(gate.url);
  await page.getByLabel("Name").fill("ann");
  await page.getByLabel("Password").fill("ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Hello, Ann Archer." }).waitFor();
  await take(page, "gate", folder);
}

// The package: what its command line prints.
{
  const folder = join(root, "crates", "js", "npm", "pictures");
  await mkdir(folder, { recursive: true });
  const uri = ACCOUNTS[1];
  const lines = [
    ["npx portcullis uri", uri],
    ["npx portcullis uri --json", uri],
    [`npx portcullis code --at ${MOMENT}`, uri],
  ].map(([command, input]) => {
    const [, , ...args] = command.split(" ");
    const { stdout, status, stderr } = spawnSync(process.execPath, [join(root, "target", "npm", "portcullis", "bin", "portcullis.mjs"), ...args], { input, encoding: "utf8" });
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
    return `<b>$ ${command} &lt; account.txt</b>\n${stdout.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}`;
  });
  const page = await (await chromium.context({ viewport: { width: 900, height: 300 } })).newPage();
  await page.setContent(`<style>body{margin:0;background:#121417;color:#f1f0ec;padding:32px;font:18px/28px ui-monospace,monospace}
    pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 20px}b{color:#63d2c4;font-weight:500}</style>${lines.map((line) => `<pre>${line}</pre>`).join("")}`);
  await take(page, "package", folder);
}
