import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };
export { drawQr, type DrawOptions } from "../qr-draw/index.js";

/** A picture: an `ImageData` from a canvas, or the same fields from any decoder. */
export interface Picture {
  /** Four bytes for each pixel (red, green, blue, alpha), in rows from top to bottom. */
  data: Uint8Array | Uint8ClampedArray;
  /** The number of pixels in a row. */
  width: number;
  /** The number of rows. */
  height: number;
}

/** The text of every QR code in a picture; an empty list if there is none. It is synchronous, and a large photograph
 * takes some hundred milliseconds, so call it in a worker if your page reads from a camera.
 * Bytes are decoded in the encoding that the code names (with the platform's `TextDecoder`), else as UTF-8, Shift JIS or
 * Latin-1, whichever fits. Bytes that are not text are returned as Latin-1; `readQrCodes` returns them unchanged.
 * Transparent pictures are read over white, then over black.
 * @param picture An `ImageData`, or the same three fields. At most 134,217,728 pixels (128 times 1024 times 1024).
 * @throws {PortcullisError} `QR_WRONG_LENGTH` when `data` is not `width * height * 4` bytes, `QR_EMPTY_PICTURE`,
 * `QR_PICTURE_TOO_LARGE`; `BAD_ARGUMENT` for an argument without these fields.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQr(white); // => []
 */
export function readQr(picture: Picture): string[];

/** The content of a QR code. */
export interface QrCode {
  /** Its text, as `readQr` returns it. */
  text: string;
  /** Its bytes, unchanged; Kanji mode gives Shift JIS. */
  bytes: Uint8Array;
}

/** Like `readQr`, with the bytes of each code: for codes without text, and for encodings that only you know.
 * @throws {PortcullisError} As `readQr`.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQrCodes(white); // => []
 */
export function readQrCodes(picture: Picture): QrCode[];

/** A browser's objects that hold a picture: elements (`img`, `video`, `canvas`), an `OffscreenCanvas`, an `ImageBitmap`, an
 * `ImageData`, a `Blob` or `File`. They are described by their fields, so that these types do not need the DOM's. */
export type PictureSource =
  | { readonly naturalWidth: number; readonly naturalHeight: number; decode(): Promise<void> }
  | { readonly videoWidth: number; readonly videoHeight: number }
  | { readonly width: number; readonly height: number }
  | { readonly size: number; readonly type: string; arrayBuffer(): Promise<ArrayBuffer> };

/** The pixels of a picture in a browser, for `readQr`: `readQr(await pictureOf(file))`. Waits until an image has loaded; takes
 * the current frame of a video.
 * @throws {PortcullisError} `QR_EMPTY_PICTURE` when nothing is loaded, `BAD_ARGUMENT` for a file that is not a picture or
 * another object. The browser's own `SecurityError` for an image of another site that was loaded without CORS.
 */
export function pictureOf(source: PictureSource): Promise<Picture>;
