// Serves the authenticator as it is deployed (the files of target/www with the headers of `_headers`), and drives its pages.
//   await using authenticator = await start();          serves at http://localhost:PORT
//   await open(page, authenticator)                     first visit: starts without a passphrase, and waits until it works offline
//   await addByPaste(page, uri)                         adds an account by its setup link
//   await addByPicture(page, png)                       … by a picture
//   await addByHand(page, { issuer, name, secret })     … by typing
//   await scan(page)                                    … by the live camera
//   await readCode(page, "ann")                         the code in the row that contains this text; it does not change in the next seconds
//   await codes(page)                                   every row: { issuer, account, code }
// Tests rely on these roles and names in the pages: buttons "Add", "Lock", "Settings", "Start now, protect later", "Protect with a passphrase",
// "Unlock", "Use the camera", "Open a picture", "Paste a setup link", "Type a key", "Show code", "Save account", "Done";
// fields "Search", "Setup link", "Service", "Account name", "Key", "Passphrase"; each row is a `li.row` whose first button is named
// "<service> <account> Code 1 2 3, 4 5 6. Copy".
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

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

/** Parses the `_headers` of a static host: a path pattern, then its headers, indented. `! Name` removes a header of an earlier pattern. */
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
 * Serves the built authenticator on loopback. `build: false` takes target/www (or `folder`, or PORTCULLIS_WWW) as it is.
 * `clock.offMs` is how far its `Date` header is ahead; it may change while the server runs.
 * @returns {Promise<{ url: string, supports: object, logs: () => string[], asked: () => string[], stop: () => Promise<void> }>}
 */
export async function start({ port = 0, folder = process.env.PORTCULLIS_WWW ?? join(root, "target", "www"), build = !process.env.PORTCULLIS_WWW, clock = { offMs: 0 } } = {}) {
  if (build) await need("npm", "wasm", "driver", "build:www");
  const lines = [];
  const asked = [];
  const server = createServer((request, response) => {
    if (clock.offMs !== 0) response.setHeader("Date", new Date(Date.now() + clock.offMs).toUTCString());
    asked.push(`${request.method} ${new URL(request.url, "http://localhost").pathname}`);
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
    /** Method and path of every request so far. */
    asked: () => [...asked],
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function answer(folder, request, response) {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  // Read for each request, because `_headers` may be built again while it is served.
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

/** Opens the page and waits until the service worker has stored everything that the page needs. */
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

/** Saves what was found, and closes the report of what was left out. */
export async function save(page) {
  const save = page.getByRole("button", { name: /^Save (account|\d+ accounts)$/ });
  await save.click();
  await save.waitFor({ state: "detached" });
  const done = page.getByRole("dialog").getByRole("button", { name: "Done" });
  if (await done.isVisible()) await done.click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator("li.row").first().waitFor();
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

/** Gives the app a picture file, as bytes or as a path, and leaves the result on screen. */
export async function givePicture(page, png, name = "code.png") {
  await givePictures(page, [typeof png === "string" ? png : { name, mimeType: "image/png", buffer: png }]);
}

/** Gives the app several picture files at once, in the form that Playwright takes. */
export async function givePictures(page, files) {
  await button(page, "Add").click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("dialog").getByRole("button", { name: "Open a picture" }).click();
  await (await chooser).setFiles(files);
}

export async function addByPicture(page, png) {
  await givePicture(page, png);
  await save(page);
}

/** Adds the account that the camera shows. The camera starts by itself where it is allowed, else on a click. */
export async function scan(page) {
  await button(page, "Add").click();
  const use = page.getByRole("button", { name: /^Use the camera/ });
  const video = page.locator("dialog video");
  const found = page.getByRole("button", { name: /^Save / });
  await use.or(video).or(found).first().waitFor();
  if (await use.isVisible()) await use.click().catch(() => undefined); // the button disappears when the camera starts by itself at this moment
  await found.waitFor({ timeout: 30_000 });
  await save(page);
}

/** Every row as it is on screen. The code is null where it is hidden, as for a counter. */
export const codes = (page) =>
  page.locator("li.row").evaluateAll((rows) =>
    rows.map((row) => {
      const text = (name) => row.querySelector(name)?.textContent.trim() ?? "";
      const code = row.querySelector(".row-main > .code");
      return { issuer: text(".issuer"), account: text(".account"), code: code.classList.contains("hidden") ? null : code.textContent.trim() };
    }),
  );

/**
 * The code in the first row that contains `text`. With a period of 30 seconds, it does not change for at least `leastMs`.
 */
export async function readCode(page, text, leastMs = 4_000) {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < leastMs) await sleep(left + 200);
  const code = page.locator("li.row", { hasText: text }).first().locator(".row-main > .code");
  await code.waitFor();
  return (await code.textContent()).trim();
}

/** A QR code of any text as a PNG, drawn by the package. It opens a page in `context` for a moment. */
export async function qrPng(context, text) {
  const { drawQr } = await import(pathToFileURL(join(root, "target", "npm", "portcullis", "qr", "inline.js")).href);
  const page = await context.newPage();
  try {
    await page.setContent(`<body style="margin:24px;background:#fff"><div style="width:480px">${drawQr(text)}</div></body>`);
    return await page.locator("div").screenshot();
  } finally {
    await page.close();
  }
}

/** Everything that this origin stores on the device, as one buffer: web storage, cookies, IndexedDB and caches. */
export async function everythingStored(page) {
  const base64 = await page.evaluate(async () => {
    const parts = [];
    const utf8 = new TextEncoder();
    const add = (value) => {
      if (value === null || value === undefined) return;
      if (value instanceof ArrayBuffer) parts.push(new Uint8Array(value));
      else if (ArrayBuffer.isView(value)) parts.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else if (value instanceof CryptoKey) parts.push(utf8.encode(`key:${value.extractable}`));
      else if (typeof value === "object") for (const [key, inner] of Object.entries(value)) add(key), add(inner);
      else parts.push(utf8.encode(String(value)));
    };
    add({ ...localStorage });
    add({ ...sessionStorage });
    add(document.cookie);
    const asked = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    for (const { name } of await indexedDB.databases()) {
      const db = await asked(indexedDB.open(name));
      for (const store of db.objectStoreNames) {
        const objects = db.transaction(store).objectStore(store);
        add(await asked(objects.getAllKeys()));
        add(await asked(db.transaction(store).objectStore(store).getAll()));
      }
      db.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) add(request.url), add(await (await cache.match(request)).arrayBuffer());
    }
    const all = new Blob(parts.flatMap((part) => [part, "\n"]));
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1]);
      reader.readAsDataURL(all);
    });
  });
  return Buffer.from(base64, "base64");
}
