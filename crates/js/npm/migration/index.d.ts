// `portcullis/migration`: the QR codes that Google Authenticator exports and imports, without network or clock.

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
