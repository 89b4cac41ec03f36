// Reading QR codes, compared with zxing-wasm (tryHarder), jsqr and qr in the same run: the number of codes found in photographs and
// in synthetic frames, the time for a frame with and without a code, the time for a picture that no reader can decode, and the
// size of each reader.
//
// `node qr.bench.mjs` takes frames from a seed on which the reader was not tuned; `--seed N` takes another. The photographs
// are in the folder named by PORTCULLIS_FIXTURES, if it exists. `--unreadable` measures only what a
// picture costs that nobody can decode.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import jsQR from "jsqr";
import decodeQR from "qr/decode.js";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

import { root } from "../setup.mjs";
import { readPng } from "./png.mjs";

const require = createRequire(import.meta.url);
const entry = join(root, "target/npm/portcullis/qr");
const { readQr } = await import(join(entry, "inline.js"));
const zxingWasm = require.resolve("zxing-wasm/reader/zxing_reader.wasm");
await prepareZXingModule({ overrides: { wasmBinary: readFileSync(zxingWasm).buffer }, fireImmediately: true });
const HARDER = {
  formats: ["QRCode"],
  tryHarder: true,
  tryRotate: true,
  tryInvert: true,
  tryDownscale: true,
  maxNumberOfSymbols: 255,
};

/** Each reader returns the texts that it found. */
const readers = {
  "portcullis": (image) => readQr(image),
  "zxing-wasm": async (image) => (await readBarcodes(image, HARDER)).map((code) => code.text),
  "jsqr": (image) => [jsQR(image.data, image.width, image.height)?.data ?? []].flat(),
  "qr": (image) => {
    try {
      return [decodeQR(image)];
    } catch {
      return []; // it throws where it finds nothing
    }
  },
};
const names = Object.keys(readers);

function table(title, head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  console.log(`\n${title}`);
  for (const row of all) console.log(row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  "));
}

/** Reads rows of `{ image, kind, texts }` and prints the number of codes found and of wrong texts for each kind. */
async function count(title, rows) {
  const kinds = new Map();
  for (const { image, kind, texts } of rows) {
    if (!kinds.has(kind)) kinds.set(kind, { codes: 0, pictures: 0, found: names.map(() => 0), wrong: names.map(() => 0) });
    const sum = kinds.get(kind);
    sum.codes += texts.length;
    sum.pictures += 1;
    for (const [i, name] of names.entries()) {
      let got = await readers[name](image);
      if (texts.includes("") && got.length === 1) got = [""];
      sum.found[i] += texts.filter((text) => got.includes(text)).length;
      sum.wrong[i] += got.filter((text) => !texts.includes(text)).length;
    }
  }
  const lines = [...kinds].map(([kind, sum]) => [
    kind,
    sum.codes,
    ...names.map((_, i) => `${sum.found[i]}${sum.wrong[i] ? ` (${sum.wrong[i]} other)` : ""}`),
  ]);
  const total = (field, i) => [...kinds.values()].reduce((sum, kind) => sum + kind[field][i], 0);
  const codes = [...kinds.values()].reduce((sum, kind) => sum + kind.codes, 0);
  lines.push(["all", codes, ...names.map((_, i) => `${total("found", i)}${total("wrong", i) ? ` (${total("wrong", i)} other)` : ""}`)]);
  table(title, ["", "codes", ...names], lines);
}

function frames(seed) {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-frames-"));
  try {
    execFileSync("cargo", ["run", "--quiet", "--release", "-p", "qr", "--example", "frames", "--", folder, String(seed)], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")).map(({ file, kind, texts }) => ({
      kind,
      texts,
      image: readPgm(readFileSync(join(folder, file))),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readPgm(bytes) {
  const [head, width, height] = /^P5 (\d+) (\d+) 255\n/.exec(bytes.subarray(0, 40).toString("latin1"));
  const grey = bytes.subarray(head.length);
  const data = new Uint8ClampedArray(grey.length * 4).fill(255);
  grey.forEach((value, i) => data.fill(value, 4 * i, 4 * i + 3));
  return { data, width: Number(width), height: Number(height), colorSpace: "srgb" };
}

/** Medians of rounds. Each round measures both readers, because the speed of a shared machine drifts. */
async function times(rows) {
  const ROUNDS = 5;
  const measured = ["portcullis", "zxing-wasm"];
  const sets = [
    ["with a code", rows.filter((row) => ["clean", "rotated", "perspective", "uneven light", "jpeg", "phone"].includes(row.kind))],
    ["without a code", rows.filter((row) => row.kind === "nothing")],
  ].map(([title, list]) => [title, list.filter((row) => row.image.width === 1280)]);
  const lines = [];
  for (const [title, list] of sets) {
    const spent = measured.map(() => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, name] of measured.entries()) {
        const start = performance.now();
        for (const { image } of list) await readers[name](image);
        if (round > 0) spent[i].push((performance.now() - start) / list.length);
      }
    }
    const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
    const ratios = spent[0].map((ours, round) => ours / spent[1][round]);
    lines.push([title, list.length, ...spent.map((values) => median(values).toFixed(1)), `${median(ratios).toFixed(2)}x`]);
  }
  table("Milliseconds a frame of 1280x720", ["", "frames", ...measured, "ratio"], lines);
}

/** A picture that looks like a code and is none must not take longer than an empty frame. Takes the fastest of 20 runs, because
 * other programs on a shared machine can only slow a run down. */
async function unreadable(rows) {
  const least = async (read, image) => {
    let ms = Infinity;
    for (let run = 0; run < 20; run++) {
      const start = performance.now();
      await read(image);
      ms = Math.min(ms, performance.now() - start);
    }
    return ms;
  };
  const measured = ["portcullis", "zxing-wasm"];
  const both = async (image) => Promise.all(measured.map((name) => least(readers[name], image)));
  const frame = await both({ data: new Uint8ClampedArray(4 * 1280 * 720).fill(255), width: 1280, height: 720 });
  const lines = [["empty frame 1280x720", ...frame.map((ms) => ms.toFixed(2)), "1.00", ""]];
  for (const { file, image } of rows) {
    const spent = await both(image);
    const bound = image.width * image.height <= 41 * 41 ? 0.25 : 1;
    const share = spent[0] / frame[0];
    const over = share > bound;
    if (over) process.exitCode = 1;
    lines.push([file, ...spent.map((ms) => ms.toFixed(2)), share.toFixed(2), `<= ${bound}${over ? " NOT HELD" : ""}`]);
  }
  table("Milliseconds for a picture that nobody can decode, least of 20", ["", ...measured, "of an empty frame", "bound"], lines);
}

function sizes() {
  const packed = (...files) => (files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0) / 1000).toFixed(1);
  const zxing = join(zxingWasm, "../../es/reader/index.js");
  table("Kilobytes, gzip", ["", "kB"], [
    ["portcullis, wasm beside it", packed(join(entry, "qr.wasm"), join(entry, "wasm.js"))],
    ["portcullis, inlined", packed(join(entry, "inline.js"))],
    ["zxing-wasm", packed(zxingWasm, ...(existsSync(zxing) ? [zxing] : []))],
    ["jsqr", packed(require.resolve("jsqr"))],
    ["qr (decode)", packed(require.resolve("qr/decode.js"))],
  ]);
}

const faults = join(root, "tests/vectors/qr");
const known = JSON.parse(readFileSync(join(faults, "expected.json"), "utf8")).map((row) => ({
  ...row,
  image: readPng(readFileSync(join(faults, row.file))),
}));
const at = process.argv.indexOf("--seed");
const seed = at < 0 ? 7919 : Number(process.argv[at + 1]);
const rows = frames(seed);
if (!process.argv.includes("--unreadable")) {
  await count(`Pictures of tests/vectors/qr: ${known.length} files`, known);
  const photographs = join(process.env.PORTCULLIS_FIXTURES ?? join(root, "../shared/fixtures"), "qr");
  if (existsSync(join(photographs, "expected.json"))) {
    const rows = JSON.parse(readFileSync(join(photographs, "expected.json"), "utf8")).map(({ file, text }) => ({
      kind: text === null ? "read by no listed reader" : "photographs",
      // The list has an empty text for bytes that are none: whichever text a reader gives them is right.
      texts: text === null ? [] : [text],
      image: readPng(readFileSync(join(photographs, file))),
    }));
    await count(`Photographs: ${readdirSync(photographs).filter((file) => file.endsWith(".png")).length} files`, rows);
  } else {
    console.log(`\nPhotographs: ${photographs} is absent; PORTCULLIS_FIXTURES names another folder.`);
  }
  await count(`Synthetic frames, seed ${seed}`, rows);
  await times(rows);
}
await unreadable([
  ...known.filter((row) => row.kind === "unreadable"),
  ...rows.filter((row) => row.kind === "unreadable").map(({ image }, i) => ({ file: `seed ${seed}, ${i}: ${image.width}x${image.height}`, image })),
]);
sizes();
