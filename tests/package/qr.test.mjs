// The packed QR entries in Node: every picture of the vectors, invalid arguments, and the entry that only draws.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { readPng } from "../bench/png.mjs";
import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";

const folder = join(root, "tests/vectors/qr");
const rows = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
const picture = (file) => readPng(readFileSync(join(folder, file)));

let qr, draw;
before(async () => {
  const app = await consumer("qr");
  const entry = (name) => import(pathToFileURL(app.file(`node_modules/portcullis/${name}/inline.js`)));
  [qr, draw] = [await entry("qr"), await entry("qr-draw")];
});

for (const { file, kind, texts } of rows) {
  test(`${kind}: ${file}`, () => assert.deepEqual(qr.readQr(picture(file)).sort(), texts.toSorted()));
}

test("without the code's encoding the platform still gets the bytes and a text", () => {
  const Real = globalThis.TextDecoder;
  globalThis.TextDecoder = class extends Real {
    constructor(label, options) {
      if (label !== "utf-8") throw new RangeError("unsupported");
      super(label, options);
    }
  };
  try {
    const [{ text, bytes }] = qr.readQrCodes(picture("eci_windows_1251.png"));
    assert.equal(new Real("windows-1251").decode(bytes), "Привет, robin: «Пример»");
    assert.equal(text, String.fromCharCode(...bytes));
  } finally {
    globalThis.TextDecoder = Real;
  }
});

test("an invalid picture is refused with the name of the missing field", () => {
  const data = new Uint8Array(16);
  for (const [given, code, named] of [
    [undefined, "BAD_ARGUMENT", "data"],
    [{ src: "a.png", naturalWidth: 10, naturalHeight: 10 }, "BAD_ARGUMENT", "data"],
    [{ data: [], width: 2, height: 2 }, "BAD_ARGUMENT", "data"],
    [{ data, width: 2.5, height: 2 }, "BAD_ARGUMENT", "width"],
    [{ data, width: 2, height: -2 }, "BAD_ARGUMENT", "height"],
    [{ data, width: NaN, height: 2 }, "BAD_ARGUMENT", "width"],
    [{ data, width: 0, height: 2 }, "QR_EMPTY_PICTURE", ""],
    [{ data, width: 3, height: 2 }, "QR_WRONG_LENGTH", ""],
  ]) {
    assert.throws(() => qr.readQr(given), (error) => error.name === "PortcullisError" && error.code === code && error.message.includes(named), code);
  }
});

test("the drawing entry draws the same as the whole entry, and cannot read", () => {
  const options = { title: "An account", quietZone: 0, errorCorrection: "H" };
  for (const given of [undefined, null, {}, options]) assert.equal(draw.drawQr("x", given), qr.drawQr("x", given));
  assert.match(draw.drawQr("x", options), /viewBox="0 0 21 21".*<title>An account</);
  assert.equal(draw.readQr, undefined);
});

test("an unknown option or a wrong value is refused with the option's name", () => {
  for (const [options, named] of [
    [{ margin: 1 }, "margin"],
    [{ quietzone: 0 }, "quietzone"],
    [{ quietZone: 65 }, "quietZone"],
    [{ quietZone: 1.5 }, "quietZone"],
    [{ errorCorrection: "low" }, "errorCorrection"],
    [{ title: 1 }, "title"],
    ["H", "options"],
  ]) {
    assert.throws(() => draw.drawQr("x", options), (error) => error.code === "BAD_ARGUMENT" && error.message.includes(named), named);
  }
  assert.equal(draw.drawQr("x", { quietZone: null, title: undefined }), draw.drawQr("x"));
  assert.throws(() => draw.drawQr(""), { code: "QR_EMPTY_TEXT" });
});
