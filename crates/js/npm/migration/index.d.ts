// `portcullis/migration`: the QR codes that Google Authenticator exports and imports, and links as people paste them;
// without network or clock.

import type { Account, AccountInput } from "../otp/index.js";
import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type Account, type AccountInput, type ErrorCode };

/** The content of the parts of a Google Authenticator export. */
export interface Migration {
  /** The accounts of the parts read so far, in the order of the export. */
  accounts: Account[];
  /** The number of QR codes of the export. */
  total: number;
  /** Numbers of the QR codes not seen yet, counted from 1; empty when the export is complete. */
  missing: number[];
  /** Entries that cannot be used, with the reason. */
  refused: { name: string; issuer: string; code: ErrorCode; reason: string }[];
}

/** Reads the QR codes of one Google Authenticator export (`otpauth-migration://offline?data=…`), in any order; the
 * same code twice counts once. While `missing` is not empty, ask for those codes and call again with all parts.
 * @param parts The texts of the QR codes; an empty list gives an export of nothing.
 * @throws {PortcullisError} `MIGRATION_…` when a part cannot be read, or belongs to another export than the first
 * (`MIGRATION_OTHER_EXPORT`); `index` tells which.
 * @example
 * const parts = writeMigration([{ secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" }]).parts;
 * readMigration(parts).accounts[0].name; // => "ann"
 * readMigration(parts).missing; // => []
 */
export function readMigration(parts: readonly string[]): Migration;

/** An export that Google Authenticator reads. */
export interface MigrationExport {
  /** The text of each QR code; a code has up to ten accounts. */
  parts: string[];
  /** Accounts that the format cannot hold: the index and the reason. */
  losses: { index: number; code: ErrorCode; reason: string }[];
}

/** Writes accounts as QR codes that Google Authenticator reads. They contain the secrets. An account that the format cannot
 * hold is left out and listed in `losses`.
 * @throws {PortcullisError} when a field of any account is out of its range; `index` tells which.
 * @example
 * writeMigration([{ secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" }]).losses; // => []
 */
export function writeMigration(accounts: readonly AccountInput[]): MigrationExport;

/** The content of pasted or scanned texts. */
export interface Links {
  /** The accounts, in the order of the text. Two that are the same in every field count as one. */
  accounts: Account[];
  /** The accounts (by index) that need a PIN before they have a code, with the number of its digits if the link gives it. */
  needsPin: { account: number; digits?: number }[];
  /** What cannot be used, with the reason: a link (its number in the text, from 0) or an account of an export. */
  refused: { link: number; name: string; issuer: string; code: ErrorCode; reason: string }[];
  /** Google Authenticator's exports: the number of QR codes of each, and the numbers of those not seen yet, from 1. */
  exports: { total: number; missing: number[] }[];
  /** The number of links, including repeated and refused ones. */
  links: number;
  /** If the text is a bare key instead of links: that key, in base32. */
  key?: string;
}

/** Finds and reads everything that someone pastes or scans: `otpauth`, `apple-otpauth`, `motp` and `steam` links and
 * Google's export codes, alone or many, on one line or several, in words, quotes, HTML, Markdown or JSON; or a bare key.
 * Text that is not a link is skipped. Two links without a space between them are read as two.
 * @param text One text, or several, such as those of QR codes. While `exports` names missing parts, ask for those and call
 * again with all texts.
 * @throws {PortcullisError} `OTP_TOO_LONG` over 1 MiB or 2,000 links. A link that cannot be used is listed in `refused`.
 * @example
 * const { accounts } = readLinks("Here it is: otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&amp;issuer=Example");
 * accounts[0].name; // => "ann"
 * readLinks("JBSW Y3DP EHPK 3PXP").key; // => "JBSWY3DPEHPK3PXP"
 */
export function readLinks(text: string | readonly string[]): Links;
