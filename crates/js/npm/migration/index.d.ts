// `portcullis/migration`: the QR codes that Google Authenticator exports and imports, and links as people paste them;
// without network or clock.

import type { Account, AccountInput } from "../otp/index.js";
import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type Account, type AccountInput, type ErrorCode };

/** What the parts of a Google Authenticator export hold. */
export interface Migration {
  /** The accounts of the parts read so far, in the order of the export. */
  accounts: Account[];
  /** How many QR codes the export has. */
  total: number;
  /** Numbers of the QR codes not seen yet, counted from 1; empty when the export is complete. */
  missing: number[];
  /** Entries that cannot be taken, and why. */
  refused: { name: string; issuer: string; code: ErrorCode; reason: string }[];
}

/** Reads the QR codes of one Google Authenticator export (`otpauth-migration://offline?data=…`), in any order; the
 * same code twice counts once. While `missing` names any, ask for those and call again with all parts.
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
  /** The text of each QR code, ten accounts a code. */
  parts: string[];
  /** What the format cannot carry: the account's index, and why. */
  losses: { index: number; code: ErrorCode; reason: string }[];
}

/** Writes accounts as QR codes that Google Authenticator reads. They hold the secrets. What the format cannot carry is
 * left out and named in `losses`; nothing is changed in silence.
 * @throws {PortcullisError} when a field of any account is out of its range; `index` tells which.
 * @example
 * writeMigration([{ secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" }]).losses; // => []
 */
export function writeMigration(accounts: readonly AccountInput[]): MigrationExport;

/** What pasted or scanned texts hold. */
export interface Links {
  /** The accounts, in the order of the text; two that are the same in every field are one. */
  accounts: Account[];
  /** Accounts of the list (by index) that show no code before a person gives their PIN, and how many digits it has where
   * the link says so. */
  needsPin: { account: number; digits?: number }[];
  /** What cannot be taken, and why: a link (its number in the text, from 0), or an account of an export. */
  refused: { link: number; name: string; issuer: string; code: ErrorCode; reason: string }[];
  /** Google Authenticator's exports: how many QR codes each has, and the numbers of those not seen yet, from 1. */
  exports: { total: number; missing: number[] }[];
  /** How many links there are, those that came twice and those that were refused among them. */
  links: number;
  /** Where there is no link at all: the key that the text is, in base32. */
  key?: string;
}

/** Finds and reads everything that someone pastes or scans: `otpauth`, `apple-otpauth`, `motp` and `steam` links and
 * Google's export codes, alone or many, on one line or several, in words, quotes, HTML, Markdown or JSON; or a bare key.
 * Whatever is no link is passed over, and where two links meet no part of one becomes a part of the other.
 * @param text One text, or several, such as those of QR codes. While `exports` names missing parts, ask for those and call
 * again with all texts.
 * @throws {PortcullisError} `OTP_TOO_LONG` over 1 MiB or 2,000 links. A link that cannot be taken stands in `refused`.
 * @example
 * const { accounts } = readLinks("Here it is: otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&amp;issuer=Example");
 * accounts[0].name; // => "ann"
 * readLinks("JBSW Y3DP EHPK 3PXP").key; // => "JBSWY3DPEHPK3PXP"
 */
export function readLinks(text: string | readonly string[]): Links;
