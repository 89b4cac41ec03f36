// The packed tarball in Chromium without a bundler: every vector, also where WebAssembly is absent or refused.
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { launch } from "../parts/chromium.mjs";
import { shared } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { load } from "../vectors/load.mjs";
import { CODE, PROGRAM, consumer } from "./consumer.mjs";
import { resultOf } from "./page.mjs";
import { serve } from "./serve.mjs";

const IMPORTS = {
  imports: Object.fromEntries(
    [["", "otp/inline"], ["/migration", "migration/inline"], ["/qr", "qr/inline"], ["/wasm", "otp/wasm"], ["/js", "otp/js"]].map(
      ([name, file]) => [`portcullis${name}`, `/node_modules/portcullis/${file}.js`],
    ),
  ),
};
// An import map is inline script to a content security policy, so pages under one name the file.
const page = (script, map = true) =>
  `<!doctype html><title>consumer</title>${map ? `<script type="importmap">${JSON.stringify(IMPORTS)}</script>` : ""}<script type="module" src="${script}"></script>`;
const AUTO = "/node_modules/portcullis/otp/auto.js";
const all = load("otp", "uri", "links", "migration");
const otpOnly = load("otp", "uri");

let app, chromium;
shared(async (stack) => {
  app = await consumer("browser", {
    "index.html": page("main.js"),
    "main.js": `import { code } from "portcullis"; import * as otp from "portcullis"; import * as migration from "portcullis/migration";
      import { run } from "./run.mjs";
      const rows = await (await fetch("rows.json")).json();
      globalThis.result = { code: ${PROGRAM}, ...run({ ...otp, ...migration }, rows) };`,
    "plain.html": page("plain.js", false),
    "plain.js": `import * as otp from "${AUTO}"; import { run } from "./run.mjs";
      await otp.ready;
      const rows = await (await fetch("otp.json")).json();
      globalThis.result = { wasm: typeof WebAssembly, code: otp.${PROGRAM}, ...run(otp, rows) };`,
    "separate.html": page("separate.js", false),
    "separate.js": `import { init, code, verify } from "/node_modules/portcullis/otp/wasm.js";
      let early; try { code({ secret: "AA" }, 0); } catch (error) { early = error.code; }
      await init("/node_modules/portcullis/otp/otp.wasm");
      globalThis.result = { early, code: ${PROGRAM} };`,
    "qr.html": page("qr.js"),
    "qr.js": `import { drawQr, readQr } from "portcullis/qr";
      const text = "otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example";
      const image = new Image();
      image.src = "data:image/svg+xml;base64," + btoa(drawQr(text, { title: "An account" }));
      await image.decode();
      const canvas = new OffscreenCanvas(300, 300);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, 300, 300);
      const pixels = context.getImageData(0, 0, 300, 300);
      globalThis.result = { text, typed: readQr(pixels), plain: readQr({ data: new Uint8Array(pixels.data), width: 300, height: 300 }) };`,
    "sources.html": page("sources.js"),
    "sources.js": `import { drawQr, pictureOf, readQr } from "portcullis/qr";
      const text = "https://example.org/picture";
      const image = new Image(300, 300);
      image.src = "data:image/svg+xml;base64," + btoa(drawQr(text).replace("<svg ", '<svg width="300" height="300" '));
      const read = async (source) => readQr(await pictureOf(source)).join();
      const refused = async (source) => { try { await pictureOf(source); return "read"; } catch (error) { return error.code; } };
      const found = { img: await read(image) }; // Not awaited before: the helper waits.
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 300;
      canvas.getContext("2d").drawImage(image, 0, 0, 300, 300);
      found.canvas = await read(canvas);
      found.blob = await new Promise((done) => canvas.toBlob((blob) => done(read(blob))));
      const offscreen = new OffscreenCanvas(300, 300);
      offscreen.getContext("2d").drawImage(image, 0, 0, 300, 300);
      found.offscreen = await read(offscreen);
      found.file = await read(new File([await offscreen.convertToBlob()], "code.png", { type: "image/png" }));
      found.imageData = await read(offscreen.getContext("2d").getImageData(0, 0, 300, 300));
      const video = document.createElement("video");
      Object.assign(video, { muted: true, srcObject: canvas.captureStream() });
      canvas.getContext("2d").drawImage(image, 0, 0, 300, 300); // A new frame for the stream.
      await video.play();
      found.video = await read(video);
      globalThis.result = { text, found, refused: [await refused(new Image()), await refused(document.createElement("video")), await refused(new Blob(["x"])), await refused("a.png"), await refused(null)] };`,
    "rows.json": JSON.stringify(all),
    "otp.json": JSON.stringify(otpOnly),
  });
  await copyFile(join(root, "tests/vectors/run.mjs"), app.file("run.mjs"));
  chromium = stack.use(await launch());
});

async function result(path, { headers, script } = {}) {
  await using site = await serve(app.folder, { headers });
  return await resultOf(chromium, `${site.url}/${path}`, { script });
}

test("a plain module page: every vector", async () => {
  const { code, passed, failures } = await result("");
  assert.equal(code, CODE);
  assert.deepEqual(failures, []);
  assert.equal(passed, count(all));
});

test("a page without WebAssembly: `portcullis/auto` chooses the plain JavaScript by itself: every vector", async () => {
  const { wasm, code, passed, failures } = await result("plain.html", { script: "delete globalThis.WebAssembly" });
  assert.equal(wasm, "undefined");
  assert.equal(code, CODE);
  assert.deepEqual(failures, []);
  assert.equal(passed, count(otpOnly));
});

test("a policy without wasm-unsafe-eval: `portcullis/auto` chooses the plain JavaScript by itself: every vector", async () => {
  const { wasm, code, passed, failures } = await result("plain.html", { headers: { "content-security-policy": "default-src 'self'" } });
  assert.equal(wasm, "object");
  assert.equal(code, CODE);
  assert.deepEqual(failures, []);
  assert.equal(passed, count(otpOnly));
});

const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
test("a wasm file of its own, under a strict policy, compiled while it streams", async () => {
  const script = "const { compile } = WebAssembly; WebAssembly.compile = () => { throw new Error('not streamed') };";
  assert.deepEqual(await result("separate.html", { headers: { "content-security-policy": STRICT }, script }), { early: "NOT_READY", code: CODE });
});

test("a wasm file that the server calls something else still loads", async () => {
  // Nothing else is served as text here: a script would be refused.
  const script = "const real = fetch; globalThis.fetch = async (...given) => { const { body, status } = await real(...given); return new Response(body, { status, headers: { 'content-type': 'text/plain' } }) };";
  assert.deepEqual(await result("separate.html", { script }), { early: "NOT_READY", code: CODE });
});

test("a code that was drawn is read, from ImageData and from plain bytes", async () => {
  const { text, typed, plain } = await result("qr.html");
  assert.deepEqual(typed, [text]);
  assert.deepEqual(plain, [text]);
});

test("a picture is taken from everything that a browser has pictures in", async () => {
  const { text, found, refused } = await result("sources.html");
  for (const [source, read] of Object.entries(found)) assert.equal(read, text, source);
  assert.deepEqual(Object.keys(found), ["img", "canvas", "blob", "offscreen", "file", "imageData", "video"]);
  assert.deepEqual(refused, ["QR_EMPTY_PICTURE", "QR_EMPTY_PICTURE", "BAD_ARGUMENT", "BAD_ARGUMENT", "BAD_ARGUMENT"]);
});

const count = (subjects) => Object.values(subjects).flatMap(Object.values).reduce((sum, rows) => sum + rows.length, 0);
