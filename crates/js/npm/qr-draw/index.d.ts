import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };

/** How a code is drawn. */
export interface DrawOptions {
  /** What a screen reader says, for example "QR code for Example"; "QR code" when absent. */
  title?: string | null | undefined;
  /** White modules around the code, 0 to 64; 4 when absent, as ISO/IEC 18004 asks. */
  quietZone?: number | null | undefined;
  /** How much of the code may be dirty: about 7, 15, 25 or 30 percent. "M" when absent. */
  errorCorrection?: "L" | "M" | "Q" | "H" | null | undefined;
}

/** A text as a QR code: an SVG document, black on white, that scales to any size. Put it into a page as it is: nothing of
 * `text` stands in it, and `title` is escaped.
 * @param text Up to 2331 bytes of UTF-8 at the error correction "M"; 2953 at "L", 1663 at "Q", 1273 at "H".
 * @throws {PortcullisError} `QR_TEXT_TOO_LONG`, `QR_EMPTY_TEXT`; `BAD_ARGUMENT` for an option out of its range.
 * @example
 * drawQr("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP").startsWith("<svg "); // => true
 */
export function drawQr(text: string, options?: DrawOptions | null): string;
