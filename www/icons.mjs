// Draws the icon, a portcullis of five bars and two rails, once as SVG and from the same shapes as PNG: `node www/icons.mjs`.
// The drawing is small enough that a rasteriser of our own is shorter than a dependency.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

const OUT = join(import.meta.dirname, "public/icons");
const GROUND = [0x0b, 0x6b, 0x63];
const IRON = [0xfb, 0xfa, 0xf7];
const WIDE = 512;
const BARS = [112, 184, 256, 328, 400].map((x) => ({ x0: x - 15, x1: x + 15, y0: 96, y1: 376, tip: 418 }));
const RAILS = [150, 274].map((y) => ({ x0: 82, x1: 430, y0: y, y1: y + 30 }));

const insideRounded = (x, y, r) => {
  const dx = Math.max(r - x, x - (WIDE - r), 0);
  const dy = Math.max(r - y, y - (WIDE - r), 0);
  return dx * dx + dy * dy <= r * r;
};
const insideIron = (x, y) =>
  RAILS.some((b) => x >= b.x0 && x <= b.x1 && y >= b.y0 && y <= b.y1) ||
  BARS.some((b) => {
    if (x < b.x0 || x > b.x1 || y < b.y0) return false;
    if (y <= b.y1) return true;
    const half = ((b.x1 - b.x0) / 2) * (1 - (y - b.y1) / (b.tip - b.y1));
    return Math.abs(x - (b.x0 + b.x1) / 2) <= half;
  });

/** RGBA of one point; `scale` shrinks the iron about the middle, so that a round mask cuts none of it. */
const paint = ({ radius, scale, ground, iron }) => (x, y) => {
  const middle = WIDE / 2;
  if (insideIron((x - middle) / scale + middle, (y - middle) / scale + middle)) return [...iron, 255];
  return ground && insideRounded(x, y, radius) ? [...ground, 255] : [0, 0, 0, 0];
};

const png = (size, colourAt) => {
  const samples = 4;
  const rows = Buffer.alloc((size * 4 + 1) * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const sum = [0, 0, 0, 0];
      for (let s = 0; s < samples * samples; s += 1) {
        const px = ((x + ((s % samples) + 0.5) / samples) * WIDE) / size;
        const py = ((y + (Math.floor(s / samples) + 0.5) / samples) * WIDE) / size;
        const [r, g, b, a] = colourAt(px, py);
        sum[0] += r * a;
        sum[1] += g * a;
        sum[2] += b * a;
        sum[3] += a;
      }
      const at = y * (size * 4 + 1) + 1 + x * 4;
      for (let c = 0; c < 3; c += 1) rows[at + c] = sum[3] === 0 ? 0 : Math.round(sum[c] / sum[3]);
      rows[at + 3] = Math.round(sum[3] / (samples * samples));
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
};

const hex = (c) => `#${c.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
const path =
  RAILS.map((b) => `M${b.x0} ${b.y0}H${b.x1}V${b.y1}H${b.x0}Z`).join("") +
  BARS.map((b) => `M${b.x0} ${b.y0}H${b.x1}V${b.y1}L${(b.x0 + b.x1) / 2} ${b.tip}L${b.x0} ${b.y1}Z`).join("");
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${WIDE}" role="img"><title>Portcullis</title><rect width="${WIDE}" height="${WIDE}" rx="112" fill="${hex(GROUND)}"/><path fill="${hex(IRON)}" fill-rule="nonzero" d="${path}"/></svg>\n`;

const plain = { radius: 112, scale: 1, ground: GROUND, iron: IRON };
mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, "icon.svg"), svg);
for (const size of [192, 512]) writeFileSync(join(OUT, `icon-${size}.png`), png(size, paint(plain)));
writeFileSync(join(OUT, "apple-180.png"), png(180, paint({ ...plain, radius: 0, scale: 0.86 })));
writeFileSync(join(OUT, "maskable-512.png"), png(512, paint({ ...plain, radius: 0, scale: 0.78 })));
writeFileSync(join(OUT, "monochrome-512.png"), png(512, paint({ ...plain, scale: 0.9, ground: null, iron: [255, 255, 255] })));
