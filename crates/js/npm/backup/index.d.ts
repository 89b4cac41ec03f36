// `portcullis/backup`: the backups of other authenticators and password managers, read and written, without network or clock.
//
// A key derivation may take seconds and up to 1 GiB: in a page, call this in a disposable worker. Ending the worker cancels it and
// gives the memory back.

import type { Account, AccountInput } from "../otp/index.js";
import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type Account, type AccountInput, type ErrorCode };

/** A code of the one list, and its sentence. */
export interface Reason {
  code: ErrorCode;
  reason: string;
}

/** An app whose files are read. */
export interface BackupApp {
  /** The name for programs, such as `aegis`; it does not change. */
  app: string;
  /** The name for people. */
  title: string;
  /** Whether its files have a password. */
  password: "never" | "maybe" | "always";
  /** Where the export is in the app, in English, as its menus name it. */
  help: string;
}

/** Every app whose files are read, by title.
 * @example
 * backupApps().some((row) => row.app === "aegis"); // => true
 */
export function backupApps(): BackupApp[];

/** What else was chosen together with a file. */
export interface InspectOptions {
  /** Steam's `manifest.json` for an encrypted maFile, a key file for a KeePass database. */
  beside?: Uint8Array[] | null | undefined;
}

/** What can be told of a file without its password. */
export interface BackupInfo {
  app: string;
  title: string;
  /** Whether a password is needed: that of the app that wrote the file, never the one of Portcullis. */
  locked: boolean;
  /** What checking the password costs, as the file says; there when `locked`. */
  kdf?: {
    name: "hash" | "pbkdf2" | "scrypt" | "argon2" | "aes-kdf";
    /** Memory in KiB; 0 where it does not matter. */
    memoryKib: number;
    /** For `pbkdf2` and `aes-kdf`. */
    rounds?: number;
    /** Passes over the memory, for `argon2`. */
    passes?: number;
  };
}

/** Which app wrote a file. The content decides, never a name.
 * @throws {PortcullisError} `BACKUP_…`: for a file that cannot be opened here, the message says what to do in that app.
 * @example
 * const list = new TextEncoder().encode("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example");
 * inspectBackup(list); // => { app: "links", title: "List of otpauth addresses", locked: false }
 */
export function inspectBackup(bytes: Uint8Array, options?: ReadOptions | null): BackupInfo;

/** How a file is read. */
export interface ReadOptions extends InspectOptions {
  /** The password that was chosen in the app that wrote the file. */
  password?: string | null | undefined;
  /** What this device can give to a key derivation, in KiB; 1048576 (1 GiB) when absent, 98304 in Cloudflare Workers. */
  maxMemoryKib?: number | null | undefined;
}

/** Spends a small part of what a guess at the file's password costs, and returns how many such parts the whole has (0 for a file that
 * is open): time the call, and multiply, to say beforehand how long a guess takes on this device.
 * @throws {PortcullisError} `BACKUP_KDF_TOO_COSTLY`, `BACKUP_NO_MEMORY`; what {@link inspectBackup} throws.
 * @example
 * const [file] = writeBackup("aegis-encrypted", [], { password: "correct horse" }).parts;
 * sampleBackup(file); // => 4
 */
export function sampleBackup(bytes: Uint8Array, options?: ReadOptions | null): number;

/** One account that was taken. */
export interface BackupEntry {
  account: Account & {
    /** For `motp` and `yandex`. */
    pin?: string;
  };
  note: string;
  tags: string[];
  pinned: boolean;
  /** It lay in the other app's bin or archive. */
  trashed: boolean;
  /** How often it was used there, where the file tells. */
  uses?: number;
  /** When it was used last, in milliseconds since 1970, where the file tells. */
  usedMs?: number;
  /** What was changed on the way. */
  changes: Reason[];
  /** The index of an earlier entry that makes the same codes. */
  duplicateOf?: number;
}

/** One entry that was not taken, and why. */
export interface RefusedEntry extends Reason {
  issuer: string;
  name: string;
  /** The original, where only its codes cannot be made here. It may hold the secret. */
  source?: string;
}

/** What a file holds. Every entry is in `entries` or in `refused`, or counts in `withoutCode`. */
export interface Backup {
  app: string;
  title: string;
  /** In the order of the other app. */
  entries: BackupEntry[];
  refused: RefusedEntry[];
  /** QR codes of a Google Authenticator export that are not there, counted from 1. */
  missing: number[];
  /** Passwords in the file. None of them was kept, and none is in this object. */
  passwords: number;
  /** Entries of a password manager that have no code. */
  withoutCode: number;
}

/** Reads the backup of another app: see {@link backupApps}.
 * @throws {PortcullisError} `BACKUP_NEEDS_PASSWORD` (with `app`) when there is one and none was given, `BACKUP_WRONG_PASSWORD`;
 * `BACKUP_KDF_TOO_COSTLY` and `BACKUP_NO_MEMORY` before any work; `BACKUP_DAMAGED`, `BACKUP_TOO_LARGE`, `BACKUP_HOSTILE`; what
 * {@link inspectBackup} throws.
 * @example
 * const file = new TextEncoder().encode("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example");
 * readBackup(file).entries.map((entry) => entry.account.name); // => ["ann"]
 */
export function readBackup(bytes: Uint8Array, options?: ReadOptions | null): Backup;

/** A format that is written. */
export type BackupFormat = "links" | "aegis" | "aegis-encrypted" | "2fas" | "google";

/** An account to be written. */
export interface BackupItem {
  account: AccountInput;
  note?: string | null | undefined;
  tags?: string[] | null | undefined;
  pinned?: boolean | null | undefined;
}

/** What a format does not carry of one account. */
export interface BackupLoss extends Reason {
  index: number;
  /** The whole account stays out, because the other app would show wrong codes or none. */
  leftOut: boolean;
}

/** What a format loses of these accounts: to be shown before {@link writeBackup}.
 * @throws {PortcullisError} `BAD_ARGUMENT`, or what is wrong with an account; `index` tells which.
 * @example
 * backupLosses("google", [{ account: { secret: "JBSWY3DPEHPK3PXP", digits: 7 } }])[0].code; // => "BACKUP_LOSS_DIGITS"
 */
export function backupLosses(format: BackupFormat, items: readonly BackupItem[]): BackupLoss[];

/** How a backup is written. */
export interface WriteOptions {
  /** For `aegis-encrypted`. */
  password?: string | null | undefined;
  /** The time that 2FAS keeps in the file, in milliseconds since 1970. */
  nowMs?: number | null | undefined;
}

/** An export. It holds the secrets. */
export interface WrittenBackup<Part> {
  /** One file; for `google` the text of each QR code. */
  parts: Part[];
  /** How many accounts are in it. */
  count: number;
  losses: BackupLoss[];
}

/** Writes accounts as another app reads them.
 * @throws {PortcullisError} `BACKUP_NEEDS_PASSWORD`; what {@link backupLosses} throws.
 * @example
 * const items = [{ account: { secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" } }];
 * readBackup(writeBackup("aegis", items).parts[0]).entries[0].account.issuer; // => "Example"
 * writeBackup("google", items).parts[0].startsWith("otpauth-migration://"); // => true
 */
export function writeBackup(format: "google", items: readonly BackupItem[], options?: WriteOptions | null): WrittenBackup<string>;
export function writeBackup(
  format: Exclude<BackupFormat, "google">,
  items: readonly BackupItem[],
  options?: WriteOptions | null,
): WrittenBackup<Uint8Array<ArrayBuffer>>;

/** A sealed vault as a text file, for share sheets that take no other. `address` is where it opens.
 * @example
 * const vault = new TextEncoder().encode("PTCVAULT and what follows");
 * String(textToVault(vaultToText(vault, "https://auth.example.org"))) === String(vault); // => true
 */
export function vaultToText(vault: Uint8Array, address: string): string;

/** The sealed vault in a text of {@link vaultToText}.
 * @throws {PortcullisError} `BACKUP_UNKNOWN`.
 * @example
 * let why;
 * try { textToVault("hello"); } catch (error) { why = (error as { code: string }).code; }
 * why; // => "BACKUP_UNKNOWN"
 */
export function textToVault(text: string): Uint8Array<ArrayBuffer>;

/** A sealed vault as the texts of at most 24 QR codes, for paper. The texts are capital letters and digits, which a QR code packs.
 * @param vaultId Eight hexadecimal digits that name the vault on paper.
 * @throws {PortcullisError} `BACKUP_TOO_LARGE` where 24 codes are not enough: then a file is the way.
 * @example
 * vaultToSeries(new Uint8Array(3000), "0a1b2c3d").length; // => 3
 */
export function vaultToSeries(vault: Uint8Array, vaultId: string): string[];

/** What the codes of a series hold, in any order; the same code twice counts once.
 * @returns `vault` once `missing` is empty.
 * @throws {PortcullisError} `BACKUP_UNKNOWN`, `BACKUP_DAMAGED`, `BACKUP_OTHER_SERIES`; `index` tells which.
 * @example
 * const parts = vaultToSeries(new Uint8Array(3000), "0a1b2c3d");
 * seriesToVault(parts.slice(1)).missing; // => [1]
 * seriesToVault(parts).vault?.length; // => 3000
 */
export function seriesToVault(parts: readonly string[]): {
  total: number;
  missing: number[];
  vault?: Uint8Array<ArrayBuffer>;
};
