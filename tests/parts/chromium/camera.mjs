// Makes a video of a picture, as a camera would see it, for Chromium's fake camera: YUV4MPEG2, 4:2:0.
import { writeFile } from "node:fs/promises";

// Runs in a page, because the browser has the image decoder and the canvas: draws each frame and converts it to YUV.
function draw({ png, width, height, fill, degrees, frames }) {
  const picture = new Image();
  const loaded = png ? new Promise((done, broken) => Object.assign(picture, { onload: done, onerror: broken, src: png })) : undefined;
  const luma = (r, g, b) => 16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256;
  const blue = (r, g, b) => 128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256;
  const red = (r, g, b) => 128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256;
  return (async () => {
    await loaded;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const out = [];
    for (let frame = 0; frame < frames; frame += 1) {
      context.resetTransform();
      context.fillStyle = png ? "#fff" : "#000";
      context.fillRect(0, 0, width, height);
      if (png) {
        const side = fill * height;
        const wobble = Math.sin((2 * Math.PI * frame) / frames);
        context.translate(width / 2 + 3 * wobble, height / 2 + 2 * wobble);
        context.rotate(((degrees + wobble) * Math.PI) / 180);
        context.drawImage(picture, -side / 2, -side / 2, side, side);
      }
      const { data } = context.getImageData(0, 0, width, height);
      const yuv = new Uint8Array((width * height * 3) / 2);
      for (let i = 0; i < width * height; i += 1) yuv[i] = luma(data[4 * i], data[4 * i + 1], data[4 * i + 2]);
      for (let y = 0; y < height; y += 2) {
        for (let x = 0; x < width; x += 2) {
          const at = 4 * (y * width + x);
          const to = width * height + (y / 2) * (width / 2) + x / 2;
          yuv[to] = blue(data[at], data[at + 1], data[at + 2]);
          yuv[to + (width * height) / 4] = red(data[at], data[at + 1], data[at + 2]);
        }
      }
      let text = "";
      for (let i = 0; i < yuv.length; i += 0x8000) text += String.fromCharCode(...yuv.subarray(i, i + 0x8000));
      out.push(btoa(text));
    }
    return out;
  })();
}

/**
 * Writes a video of `png` (a Buffer; without one, of black) that the fake camera repeats without end.
 *
 * @param {import("playwright-core").Page} page any page: its canvas draws the frames
 * @param {Buffer | undefined} png
 * @param {string} path
 * @param {{ width?: number, height?: number, fill?: number, degrees?: number, frames?: number }} [look] an even width and height; `fill` is
 *   the share of the height that the picture takes
 */
export async function writeCamera(page, png, path, { width = 640, height = 480, fill = 0.7, degrees = 4, frames = 6 } = {}) {
  const url = png && `data:image/png;base64,${png.toString("base64")}`;
  const drawn = await page.evaluate(draw, { png: url, width, height, fill, degrees, frames });
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)];
  for (const frame of drawn) parts.push(Buffer.from("FRAME\n"), Buffer.from(frame, "base64"));
  await writeFile(path, Buffer.concat(parts));
}
