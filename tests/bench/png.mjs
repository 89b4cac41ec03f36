// Decodes a PNG to the fields of an ImageData: all colour types and depths, no interlacing.
import { inflateSync } from "node:zlib";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Throws for other data and for interlaced PNGs. */
export function readPng(bytes) {
  if (bytes.readUInt32BE(0) !== 0x89504e47) throw new Error("not a PNG");
  const chunks = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    chunks.push([bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at))]);
  }
  const chunk = (name) => chunks.find(([type]) => type === name)?.[1];
  const head = chunk("IHDR");
  const [width, height, depth, type] = [head.readUInt32BE(0), head.readUInt32BE(4), head[8], head[9]];
  if (head[12] !== 0) throw new Error("an interlaced PNG");
  const bits = depth * CHANNELS[type];
  const stride = Math.ceil((width * bits) / 8);
  const rows = unfilter(inflateSync(Buffer.concat(chunks.filter(([name]) => name === "IDAT").map(([, data]) => data))), stride, height, Math.max(1, bits >> 3));
  const [palette, alphas] = [chunk("PLTE"), chunk("tRNS")];
  const data = new Uint8ClampedArray(width * height * 4);
  const full = 2 ** Math.min(depth, 8) - 1;
  for (let y = 0; y < height; y++) {
    const sample = (i) => {
      if (depth === 16) return rows[y * stride + 2 * i]; // the high byte
      const bit = i * depth;
      return (rows[y * stride + (bit >> 3)] >> (8 - depth - (bit & 7))) & full;
    };
    for (let x = 0; x < width; x++) {
      const first = x * CHANNELS[type];
      const grey = (sample(first) * 255) / full;
      const pixel = {
        0: () => [grey, grey, grey, 255],
        2: () => [sample(first), sample(first + 1), sample(first + 2), 255],
        3: () => [...palette.subarray(3 * sample(first), 3 * sample(first) + 3), alphas?.[sample(first)] ?? 255],
        4: () => [grey, grey, grey, sample(first + 1)],
        6: () => [sample(first), sample(first + 1), sample(first + 2), sample(first + 3)],
      }[type]();
      data.set(pixel, (y * width + x) * 4);
    }
  }
  return { data, width, height, colorSpace: "srgb" };
}

/** Undoes the filter of each row (PNG specification, section 9). */
function unfilter(raw, stride, height, back) {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= back ? out[y * stride + i - back] : 0;
      const up = y > 0 ? out[(y - 1) * stride + i] : 0;
      const corner = y > 0 && i >= back ? out[(y - 1) * stride + i - back] : 0;
      out[y * stride + i] = raw[y * (stride + 1) + 1 + i] + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  return out;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
