// Decodes pictures to red, green, blue, alpha for `portcullis qr`: PNG (with Node's own zlib) and the binary PNM
// formats, which every converter can write. Other formats would need a dependency, and this package has none.
import { inflateSync } from "node:zlib";

const MAX_PIXELS = 64_000_000;

/** What is wrong with a picture, as a sentence. */
export class PictureError extends Error {}

/** @returns {{ data: Uint8Array, width: number, height: number }} */
export function decode(bytes) {
  if (bytes.length > 8 && bytes[0] === 0x89 && bytes[1] === 0x50) return png(bytes);
  if (bytes[0] === 0x50 && (bytes[1] === 0x35 || bytes[1] === 0x36)) return pnm(bytes);
  throw new PictureError("This is neither a PNG nor a PPM or PGM picture. Convert it first, for example: magick photo.jpg photo.png");
}

function sized(width, height) {
  if (!(width > 0 && height > 0 && width * height <= MAX_PIXELS)) throw new PictureError(`The picture is empty or larger than ${MAX_PIXELS / 1e6} megapixels.`);
  return { width, height, data: new Uint8Array(width * height * 4).fill(255) };
}

function pnm(bytes) {
  const header = /^P([56])(?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)\s/.exec(Buffer.from(bytes.subarray(0, 512)).toString("latin1"));
  if (!header) throw new PictureError("The header of the PNM picture cannot be read.");
  const [kind, width, height, most] = header.slice(1).map(Number);
  const picture = sized(width, height);
  const channels = kind === 6 ? 3 : 1;
  const step = most > 255 ? 2 : 1;
  if (most < 1 || bytes.length < header[0].length + width * height * channels * step) throw new PictureError("The PNM picture is cut off.");
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const at = header[0].length + (i * channels + (channels === 3 ? c : 0)) * step;
      const value = step === 2 ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
      picture.data[i * 4 + c] = (value * 255) / most;
    }
  }
  return picture;
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
// Adam7: first column and row, and the steps, of each pass (PNG specification section 8.2).
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

function png(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = {};
  const idat = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (at + 12 + length > bytes.length) throw new PictureError("The PNG picture is cut off.");
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (name === "IDAT") idat.push(body);
    else chunks[name] ??= body;
    if (name === "IEND") break;
    at += 12 + length;
  }
  const header = chunks.IHDR;
  if (!header || header.length !== 13) throw new PictureError("The PNG picture has no header.");
  const at = new DataView(header.buffer, header.byteOffset, 13);
  const picture = sized(at.getUint32(0), at.getUint32(4));
  const [depth, colour, , , interlaced] = header.subarray(8);
  if (!DEPTHS[colour]?.includes(depth) || interlaced > 1) throw new PictureError("The PNG picture has settings that the PNG standard does not allow.");
  const bits = CHANNELS[colour] * depth;
  const passes = (interlaced ? ADAM7 : [[0, 0, 1, 1]]).map(([x, y, dx, dy]) => ({
    x, y, dx, dy, columns: Math.ceil((picture.width - x) / dx), rows: Math.ceil((picture.height - y) / dy),
  }));
  const wanted = passes.reduce((sum, { columns, rows }) => sum + (columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0), 0);
  let raw;
  try {
    raw = inflateSync(Buffer.concat(idat), { maxOutputLength: wanted + 1024 });
  } catch {
    throw new PictureError("The PNG picture is damaged.");
  }
  if (raw.length < wanted) throw new PictureError("The PNG picture is cut off.");
  let from = 0;
  for (const pass of passes) if (pass.columns > 0 && pass.rows > 0) from = lines(raw, from, pass, bits, (row, y) => paint(picture, row, y, pass, depth, colour, chunks));
  return picture;
}

/** Undoes the filters of one pass, line by line (PNG specification section 9). */
function lines(raw, from, { columns, rows }, bits, give) {
  const length = Math.ceil((columns * bits) / 8);
  const back = Math.max(1, bits >> 3);
  let above = new Uint8Array(length);
  for (let y = 0; y < rows; y++) {
    const filter = raw[from];
    const row = raw.subarray(from + 1, from + 1 + length);
    for (let i = 0; i < length; i++) {
      const [a, b, c] = [i >= back ? row[i - back] : 0, above[i], i >= back ? above[i - back] : 0];
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      row[i] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter] ?? 0;
    }
    give(row, y);
    above = row;
    from += 1 + length;
  }
  return from;
}

function paint({ data, width }, row, y, pass, depth, colour, { PLTE: palette = [], tRNS: clear = [] }) {
  const channels = CHANNELS[colour];
  const most = 2 ** Math.min(depth, 8) - 1;
  const sample = (i) => (depth === 16 ? row[i * 2] : depth === 8 ? row[i] : (row[(i * depth) >> 3] >> (8 - depth - ((i * depth) & 7))) & most);
  for (let x = 0; x < pass.columns; x++) {
    const at = ((pass.y + y * pass.dy) * width + pass.x + x * pass.dx) * 4;
    const first = sample(x * channels);
    if (colour === 3) {
      for (let c = 0; c < 3; c++) data[at + c] = palette[first * 3 + c] ?? 0;
      data[at + 3] = clear[first] ?? 255;
      continue;
    }
    for (let c = 0; c < 3; c++) data[at + c] = (sample(x * channels + (channels > 2 ? c : 0)) * 255) / most;
    if (channels % 2 === 0) data[at + 3] = sample(x * channels + channels - 1);
  }
}
