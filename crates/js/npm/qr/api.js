import { readCodes } from "#glue";
import { PortcullisError } from "../error.js";
import { kindOf } from "../given/kind.js";

export { drawQr } from "../qr-draw/api.js";
export { pictureOf } from "./picture.js";

export function readQr(picture) {
  return [...new Set(readQrCodes(picture).map(({ text }) => text))];
}

export function readQrCodes(picture) {
  const { data, width, height } = pixels(picture);
  return readCodes(data, width, height).map(([bytes, ...segments]) => ({ text: segments.map(textOf).join(""), bytes }));
}

/** The core names the encodings that it has no table for. */
function textOf(segment) {
  if (typeof segment === "string") return segment;
  const [label, bytes, substitute] = segment;
  try {
    // Not the stand-in of `load/text.js`, which knows UTF-8 alone.
    return new globalThis.TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return substitute; // A platform without this encoding, or bytes that are not in it.
  }
}

/** Node and workers have no `ImageData`, and a canvas of another frame has another class: what counts is the fields. */
function pixels(picture) {
  const { data, width, height } = picture ?? {};
  const kind = kindOf(data);
  const whole = (side) => Number.isInteger(side) && side >= 0 && side <= 0xffffffff;
  const wrong =
    kind !== "Uint8Array" && kind !== "Uint8ClampedArray"
      ? "data, a Uint8Array or Uint8ClampedArray of four bytes a pixel"
      : !whole(width) ? "width, a whole number of pixels" : !whole(height) ? "height, a whole number of pixels" : null;
  if (wrong) throw new PortcullisError("BAD_ARGUMENT", `The argument "picture" must be an ImageData, or have its fields: it lacks ${wrong}.`);
  return { data, width, height };
}
