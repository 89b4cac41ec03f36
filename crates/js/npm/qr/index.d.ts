import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };
export { drawQr, type DrawOptions } from "../qr-draw/index.js";

/** A picture as a canvas gives it: an `ImageData`, or the same fields from any decoder. */
export interface Picture {
  /** Four bytes a pixel: red, green, blue, alpha; rows from top to bottom. */
  data: Uint8Array | Uint8ClampedArray;
  /** Pixels a row. */
  width: number;
  /** Rows. */
  height: number;
}

/** The text of every QR code in a picture; an empty list where there is none. Synchronous: a large photograph takes some
 * hundred milliseconds, so a page with a camera calls this in a worker.
 * Bytes are read in the encoding that the code names (with the platform's `TextDecoder`), else as UTF-8, Shift JIS or
 * Latin-1, whichever they fit; bytes that are no text at all come as Latin-1, and `readQrCodes` has them as they are.
 * Transparent pictures are read over white, then over black.
 * @param picture An `ImageData`, or the same three fields. At most 134,217,728 pixels (128 times 1024 times 1024).
 * @throws {PortcullisError} `QR_WRONG_LENGTH` when `data` is not `width * height * 4` bytes, `QR_EMPTY_PICTURE`,
 * `QR_PICTURE_TOO_LARGE`; `BAD_ARGUMENT` for an argument without these fields.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQr(white); // => []
 */
export function readQr(picture: Picture): string[];

/** What a QR code holds. */
export interface QrCode {
  /** Its text, as `readQr` gives it. */
  text: string;
  /** Its bytes as they are written; Kanji mode as Shift JIS. */
  bytes: Uint8Array;
}

/** As `readQr`, with the bytes of each code: for codes that hold no text, and for encodings that only you know.
 * @throws {PortcullisError} As `readQr`.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQrCodes(white); // => []
 */
export function readQrCodes(picture: Picture): QrCode[];

/** What a browser has pictures in: elements (`img`, `video`, `canvas`), an `OffscreenCanvas`, an `ImageBitmap`, an
 * `ImageData`, a `Blob` or `File`. Named by their fields, so that these types need no DOM. */
export type PictureSource =
  | { readonly naturalWidth: number; readonly naturalHeight: number; decode(): Promise<void> }
  | { readonly videoWidth: number; readonly videoHeight: number }
  | { readonly width: number; readonly height: number }
  | { readonly size: number; readonly type: string; arrayBuffer(): Promise<ArrayBuffer> };

/** The pixels of a picture in a browser, for `readQr`: `readQr(await pictureOf(file))`. An image is waited for; of a video,
 * it is the frame that is shown.
 * @throws {PortcullisError} `QR_EMPTY_PICTURE` when nothing is loaded, `BAD_ARGUMENT` for a file that is no picture or an
 * object that holds none. The browser's own `SecurityError` for an image of another site that was loaded without CORS.
 */
export function pictureOf(source: PictureSource): Promise<Picture>;
