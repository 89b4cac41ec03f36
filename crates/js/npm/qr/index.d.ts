import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };

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
 * @param picture An `ImageData`, or the same three fields. At most 134,217,728 pixels (128 times 1024 times 1024).
 * @throws {PortcullisError} `QR_WRONG_LENGTH` when `data` is not `width * height * 4` bytes, `QR_EMPTY_PICTURE`,
 * `QR_PICTURE_TOO_LARGE`; `BAD_ARGUMENT` for what is no picture at all.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQr(white); // => []
 */
export function readQr(picture: Picture): string[];

/** How a code is drawn. */
export interface DrawOptions {
  /** What a screen reader says, for example "QR code for Example"; "QR code" when absent. */
  title?: string;
  /** White modules around the code, 0 to 64; 4 when absent, as ISO/IEC 18004 asks. */
  quietZone?: number;
  /** How much of the code may be dirty: about 7, 15, 25 or 30 percent. "M" when absent. */
  errorCorrection?: "L" | "M" | "Q" | "H";
}

/** A text as a QR code: an SVG document, black on white, that scales to any size. Put it into a page as it is: nothing of
 * `text` stands in it, and `title` is escaped.
 * @param text Up to 2331 bytes of UTF-8 at the error correction "M"; 2953 at "L", 1663 at "Q", 1273 at "H".
 * @throws {PortcullisError} `QR_TEXT_TOO_LONG`, `QR_EMPTY_TEXT`; `BAD_ARGUMENT` for an option out of its range.
 * @example
 * drawQr("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP").startsWith("<svg "); // => true
 */
export function drawQr(text: string, options?: DrawOptions): string;
