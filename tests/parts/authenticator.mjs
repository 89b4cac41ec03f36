// The authenticator as it is deployed: the files of target/www with the headers of its `_headers`, and what a person does in it.
//   await using authenticator = await start();          serves on a port of its own at http://localhost:PORT
//   await open(page, authenticator)                     first visit: starts without a passphrase, and waits until it works offline
//   await addByPaste(page, uri)                         adds an account by its setup link; `scan(page)` by the live camera,
//   await addByPicture(page, png)                       by a picture, `addByHand(page, { issuer, name, secret })` by typing
//   await readCode(page, "ann")                         the code on screen of the row that holds this text, not about to change
//   await codes(page)                                   every row: { issuer, account, code }
// Hooks that stay: roles and names. Buttons "Add", "Lock", "Settings", "Start now, protect later", "Protect with a passphrase",
// "Unlock", "Use the camera", "Open a picture", "Paste a setup link", "Type a key", "Show code", "Save account", "Later";
// fields "Search", "Setup link", "Service", "Account name", "Key", "Passphrase"; each row is a `li.row` whose first button is named
// "<service>, <account>. Code 1 2 3, 4 5 6. Copy".
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { need, root } from "../setup.mjs";

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** `_headers` of a static host: a path pattern, then its headers, indented; `! Name` takes one away that an earlier pattern gave. */
export function readHeaders(text) {
  const rules = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      const pattern = new RegExp(`^${line.trim().split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
      rules.push({ pattern, changes: [] });
      continue;
    }
    const [, not, name, value] = /^\s+(!\s*)?([\w-]+)(?::\s*(.*))?$/.exec(line) ?? [];
    if (name === undefined || rules.length === 0) throw new Error(`_headers: not a header: ${line.trim()}`);
    rules.at(-1).changes.push(not ? { name } : { name, value });
  }
  return (path) => {
    const headers = {};
    for (const { pattern, changes } of rules) {
      if (!pattern.test(path)) continue;
      for (const { name, value } of changes) {
        if (value === undefined) delete headers[name];
        else headers[name] = value;
      }
    }
    return headers;
  };
}

/**
 * Serves the built authenticator on loopback. `build: false` takes target/www (or `folder`) as it is.
 * @returns {Promise<{ url: string, supports: object, logs: () => string[], stop: () => Promise<void> }>}
 */
export async function start({ port = 0, folder = join(root, "target", "www"), build = true } = {}) {
  if (build) await need("npm", "wasm", "driver", "build:www");
  const lines = [];
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error) => {
      lines.push(`${request.method} ${request.url}: ${error.message}`);
      response.destroy();
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://localhost:${server.address().port}`,
    supports: {},
    logs: () => lines.slice(-40),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function answer(folder, request, response) {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  // Read each time: a page may be built anew while it is served.
  const headers = readHeaders(readFileSync(join(folder, "_headers"), "utf8"))(path);
  const send = async (file, status) => {
    const { size } = await stat(file);
    response.writeHead(status, { ...headers, "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Length": size });
    if (request.method === "HEAD") response.end();
    else createReadStream(file).pipe(response);
  };
  const file = normalize(join(folder, path === "/" ? "index.html" : path));
  const inside = file.startsWith(folder + sep) && !file.endsWith(`${sep}_headers`);
  const there = inside && (await stat(file).catch(() => null))?.isFile();
  if (there) await send(file, 200);
  else await send(join(folder, "404.html"), 404);
}

const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Opens the page and waits until everything it needs is on the device. */
export async function visit(page, authenticator) {
  await page.goto(authenticator.url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  });
}

export async function startWithoutPassphrase(page) {
  await page.getByRole("button", { name: "Start now, protect later" }).click();
  await button(page, "Add").waitFor();
}

export async function startWithPassphrase(page, passphrase) {
  await page.getByRole("button", { name: "Protect with a passphrase" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same passphrase again").fill(passphrase);
  await button(page, "Start").click();
  await button(page, "Add").waitFor({ timeout: 60_000 });
}

/** A first visit that ends in an empty, open vault. */
export async function open(page, authenticator) {
  await visit(page, authenticator);
  await startWithoutPassphrase(page);
}

/** Saves what was found, and puts the recovery key off if it is offered now. */
export async function save(page) {
  await page.getByRole("button", { name: /^Save (account|\d+ accounts)$/ }).click();
  const later = button(page, "Later");
  await page.locator("li.row, dialog .recovery-key").first().waitFor();
  if (await page.locator("dialog .recovery-key").isVisible()) await later.click();
  await page.locator("dialog").waitFor({ state: "detached" });
}

export async function addByPaste(page, uri) {
  await button(page, "Add").click();
  await page.getByRole("button", { name: "Paste a setup link" }).click();
  await page.getByRole("textbox", { name: "Setup link" }).fill(uri);
  await button(page, "Show code").click();
  await save(page);
}

export async function addByHand(page, { issuer, name, secret }) {
  await button(page, "Add").click();
  await page.getByRole("button", { name: "Type a key" }).last().click();
  await page.getByRole("textbox", { name: "Service" }).fill(issuer);
  await page.getByRole("textbox", { name: "Account name" }).fill(name);
  await page.getByLabel("Key", { exact: true }).fill(secret);
  await button(page, "Show code").click();
  await save(page);
}

/** Gives the app a picture file, as bytes or as a path, and leaves what it makes of it on screen. */
export async function givePicture(page, png, name = "code.png") {
  await button(page, "Add").click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("dialog").getByRole("button", { name: "Open a picture" }).click();
  await (await chooser).setFiles(typeof png === "string" ? png : { name, mimeType: "image/png", buffer: png });
}

export async function addByPicture(page, png) {
  await givePicture(page, png);
  await save(page);
}

/** Adds what is before the camera: it starts by itself where it is allowed, else on a click. */
export async function scan(page) {
  await button(page, "Add").click();
  const use = page.getByRole("button", { name: /^Use the camera/ });
  const video = page.locator("dialog video");
  const found = page.getByRole("button", { name: /^Save / });
  await use.or(video).or(found).first().waitFor();
  if (await use.isVisible()) await use.click().catch(() => undefined); // it may start by itself at this very moment
  await found.waitFor({ timeout: 30_000 });
  await save(page);
}

/** Every row as it is on screen. A code that is hidden, as a counter's, is null. */
export const codes = (page) =>
  page.locator("li.row").evaluateAll((rows) =>
    rows.map((row) => {
      const text = (name) => row.querySelector(name)?.textContent.trim() ?? "";
      const code = row.querySelector(".row-main > .code");
      return { issuer: text(".issuer"), account: text(".account"), code: code.classList.contains("hidden") ? null : code.textContent.trim() };
    }),
  );

/**
 * The code of the first row that holds `text`, with at least `leastMs` (of a period of 30 seconds) to go before it changes.
 */
export async function readCode(page, text, leastMs = 4_000) {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < leastMs) await sleep(left + 200);
  const code = page.locator("li.row", { hasText: text }).first().locator(".row-main > .code");
  await code.waitFor();
  return (await code.textContent()).trim();
}
