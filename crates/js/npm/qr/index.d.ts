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

/** The text of every QR code in a picture; an empty list where there is none.
 * @throws {PortcullisError} when `data` is not `width * height * 4` bytes, or the picture is larger than 64 megapixels.
 * @example
 * const white = { data: new Uint8ClampedArray(64 * 64 * 4).fill(255), width: 64, height: 64 };
 * readQr(white); // => []
 */
export function readQr(picture: Picture): string[];

/** How a code is drawn. */
export interface DrawOptions {
  /** What a screen reader says, for example "QR code for Example". */
  title?: string;
  /** White modules around the code; 4 when absent, as ISO/IEC 18004 asks. */
  quietZone?: number;
  /** How much of the code may be dirty: about 7, 15, 25 or 30 percent. "M" when absent. */
  errorCorrection?: "L" | "M" | "Q" | "H";
}

/** A text as a QR code: an SVG document, black on white, that scales to any size.
 * @throws {PortcullisError} when the text is too long for a QR code.
 * @example
 * drawQr("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP").startsWith("<svg "); // => true
 */
export function drawQr(text: string, options?: DrawOptions): string;
