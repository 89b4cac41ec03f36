/// <reference lib="esnext.disposable" />
// `portcullis/vault`: an encrypted store of accounts. The bytes are yours to keep; everything that reads or changes them is
// here, synchronous, without network, clock or storage of its own.

import { PortcullisError, type ErrorCode } from "../errors.js";
import type { Account, AccountInput } from "../otp/index.js";
import type { KdfParams } from "../kdf/index.js";

export { PortcullisError, type ErrorCode };
export type { Account, AccountInput, KdfParams };

/** How a person gets the 32 bytes that open a slot. */
export type SlotKind = "passphrase" | "recovery" | "device" | "passkey";

/** What asks a passkey for the bytes of its slot, by the PRF extension of WebAuthn: `eval: { first: salt }`. */
export interface Passkey {
  /** 32 random bytes of this slot alone. */
  salt: Uint8Array;
  /** 1 to 1023 bytes. */
  credentialId: Uint8Array;
  /** The host that the passkey belongs to. */
  rpId: string;
}

/** One way into a vault, as read from its bytes without any key. */
export interface SlotInfo {
  /** 16 hex digits, unlike that of every other slot. */
  id: string;
  kind: SlotKind;
  /** For `passphrase`: what `stretch` of `portcullis/kdf` needs to make the key from what the person typed. */
  kdf?: KdfParams;
  /** For `passkey`. Its key is what the PRF extension gives; the vault derives the slot's own key from it. */
  passkey?: Passkey;
}

/** A slot of an open vault. */
export interface OpenSlotInfo extends SlotInfo {
  /** When the slot was made, in milliseconds since the epoch. */
  addedMs: number;
  /** When the person last proved that they have its key (`proveSlot`). Absent: never, so a recovery key is not yet saved. */
  provedMs?: number;
}

/** A slot to make. `key` is 32 bytes: `stretch(…)`, `recoveryKeyBytes(…)` or `makeDeviceKey()`. */
export type NewSlot =
  | { kind: "passphrase"; key: Uint8Array; kdf: KdfParams }
  | { kind: "recovery" | "device"; key: Uint8Array }
  | { kind: "passkey"; key: Uint8Array; passkey: Passkey };

/** What the bytes of a locked vault tell without a key. */
export interface LockedInfo {
  /** Those that this version knows; a slot that a later version made is kept and never offered. */
  slots: SlotInfo[];
  /** The version of the file's format, 1 or 2. `seal()` writes 2. */
  format: number;
  /** Grows by one with every `seal()`: of two copies of one vault, the higher one is newer. */
  generation: number;
}

/** An account as the list shows it: everything but its secret. */
export interface Entry {
  /** 32 hex digits; stays the same for the life of the entry. */
  id: string;
  kind: Account["kind"];
  issuer: string;
  name: string;
  algorithm: Account["algorithm"];
  digits: number;
  periodSecs?: number;
  /** HOTP: the counter of the next code. */
  counter?: number;
  pinned: boolean;
  note: string;
  tags: string[];
  /** The name of a built-in icon, or "". */
  icon: string;
  addedMs: number;
  changedMs: number;
  /** Set while the entry is in the bin. */
  trashedMs?: number;
  /** Set when a backup brought the entry, until its counter was edited, or used on another day: a counter may be behind. */
  restoredMs?: number;
  /** Whether the words of the app that it came from are kept: `exportSource`. */
  hasSource?: true;
}

/** A backup that the vault remembers. */
export interface BackupInfo {
  /** Where it is, in your own word. */
  place: string;
  /** When it was written or opened. */
  ms: number;
  /** How many entries it holds, those in the bin among them. */
  held: number;
}

/** A change of the vault. It counts once `seal()`'s bytes are stored. */
export type Change =
  /** Adds an account at the end of the list. Adding the same secret twice is allowed: ask `duplicatesOf` first. `trashed`: it goes to
   * the bin at once. `restored`: it comes from a backup, so that a counter may be behind. `source`: the entry as another app wrote it (16,384
   * characters); with it, an account that cannot make codes is taken too, and shown without. */
  | { do: "add"; account: AccountInput; note?: string | undefined; tags?: string[] | undefined; icon?: string | undefined; pinned?: boolean | undefined; trashed?: boolean | undefined; restored?: boolean | undefined; source?: string | undefined }
  /** Changes what is given and leaves the rest. `account` replaces the secret and its parameters, names included. */
  | { do: "edit"; id: string; issuer?: string | undefined; name?: string | undefined; note?: string | undefined; tags?: string[] | undefined; icon?: string | undefined; account?: AccountInput | undefined }
  | { do: "pin"; id: string; pinned: boolean }
  /** Moves the entry in front of `before`, or to the end of its group (pinned or not) for `null`. */
  | { do: "move"; id: string; before: string | null }
  /** Puts the entry into the bin; it makes no codes there. */
  | { do: "trash"; id: string }
  | { do: "restore"; id: string }
  /** Removes for good what is in the bin. There is no undo. */
  | { do: "remove"; id: string }
  /** HOTP: uses up the next counter. **Store `seal()`'s bytes before you show `Applied.code`.** */
  | { do: "spend"; id: string };

/** What `apply` did. */
export interface Applied {
  /** The entry that was added or changed. */
  id: string;
  /** The change that takes this one back; `null` after `remove` and `spend`, and after an `edit` that replaced `account`. */
  undo: Change | null;
  /** After `spend`: the code of the counter that was used up. */
  code?: string;
}

/** The codes of one entry that counts time. HOTP entries have none until they are spent, so they are not in the list. */
export interface RowCode {
  id: string;
  text: string;
  /** The code after this one. */
  next: string;
  /** From when this code holds, in milliseconds since the epoch. */
  validFromMs: number;
  /** Until when (exclusive) this code holds, in milliseconds since the epoch. */
  validUntilMs: number;
}

/**
 * An open vault. It holds secrets in wasm memory until it is freed: by `using`, by `free()`, or by the garbage collector.
 * Every method throws `VAULT_CLOSED` after that.
 */
export class Vault {
  private constructor();
  /** The live entries as the list shows them: pinned ones first, each group in the person's own order. */
  entries(): Entry[];
  /** The entries in the bin, the newest first. */
  trash(): Entry[];
  /** Applies one change. On an error nothing has changed. `nowMs` dates the change.
   * @throws {PortcullisError} `VAULT_BAD_CHANGE` (a misspelt field too), `VAULT_NO_ENTRY`, `VAULT_IN_THE_BIN`, `VAULT_NOT_IN_THE_BIN`,
   * `VAULT_NOT_COUNTED`, `VAULT_TEXT_TOO_LONG` (notes 10,000 characters, 32 tags of 64), `VAULT_TOO_MANY_ENTRIES` (10,000); `OTP_…`
   * when the account cannot make codes.
   * @example
   * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
   * const { id, undo } = vault.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name: "ann" } }, Date.now());
   * vault.apply({ do: "edit", id, note: "work" }, Date.now()).undo; // => { do: "edit", id, note: "" }
   * if (undo) vault.apply(undo, Date.now());
   * vault.entries().length; // => 0
   */
  apply(change: Change, nowMs: number): Applied;
  /** The codes of all live entries that count time, in the order of `entries()`. */
  codesAt(nowMs: number): RowCode[];
  /** Ids of entries, in the bin too, that have this account's secret and kind. */
  duplicatesOf(account: AccountInput): string[];
  /** The entry's secret leaves the vault: the whole account.
   * @throws {PortcullisError} `VAULT_NO_ENTRY`. */
  exportAccount(id: string): Account;
  /** The entry's secret leaves the vault: as an `otpauth://` URI.
   * @throws {PortcullisError} `VAULT_NO_ENTRY`; `VAULT_BAD_ACCOUNT` for one that a newer version made and this one cannot compute.
   * @example
   * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
   * const { id } = vault.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name: "ann" } }, Date.now());
   * vault.exportUri(id); // => "otpauth://totp/ann?secret=JBSWY3DPEHPK3PXP"
   */
  exportUri(id: string): string;
  /** The entry as the app wrote it that it came from, where that was kept: its secret may leave the vault.
   * @throws {PortcullisError} `VAULT_NO_ENTRY`. */
  exportSource(id: string): string | undefined;
  /** The person's groups in their own order, those without an entry among them; then others that an entry names. */
  tags(): string[];
  /** Gives the groups their order.
   * @throws {PortcullisError} `VAULT_TEXT_TOO_LONG` for a name over 64 characters, or more than 1000 names.
   * @example
   * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
   * vault.setTags(["work", "home"]);
   * vault.tags(); // => ["work", "home"]
   */
  setTags(tags: string[]): void;
  /** The services that the person has set up anew, because the old app exports no file. */
  ticks(): string[];
  /**
   * Replaces the list of these services. No backup becomes outdated by it.
   * @throws {PortcullisError} `VAULT_TEXT_TOO_LONG`: more than 1000 texts, or one of more than 64 characters.
   */
  setTicks(ticks: string[]): void;
  /** Remembers that a backup of this vault as it is now was written to `place` (your own word, at most 64 characters).
   * @throws {PortcullisError} `VAULT_TEXT_TOO_LONG`.
   * @example
   * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
   * vault.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name: "ann" } }, Date.now());
   * vault.notInBackup().length; // => 1
   * vault.noteBackup("file", Date.now());
   * vault.notInBackup().length; // => 0
   */
  noteBackup(place: string, nowMs: number): void;
  /** Remembers that `backup` was opened from `place`.
   * @throws {PortcullisError} `VAULT_TEXT_TOO_LONG`. */
  noteOpened(place: string, backup: Vault, nowMs: number): void;
  /** The backups that were written or opened, the latest of each place. */
  backups(): BackupInfo[];
  /** Ids of live entries that are in no backup as they are now. A used counter and a pin are no change. */
  notInBackup(): string[];
  /** Another copy of this vault, opened by the key that this one holds: after a change that could not be stored, the bytes that are.
   * @throws {PortcullisError} `VAULT_TAMPERED` for a vault of another master key; what {@link readLocked} throws.
   * @example
   * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
   * const stored = vault.seal();
   * vault.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name: "ann" } }, Date.now());
   * vault.reopen(stored).entries(); // => []
   */
  reopen(bytes: Uint8Array): Vault;
  /** The name of this vault, 32 hex digits, the same in all of its copies. Absent until one of format 1 is sealed anew. */
  readonly id: string | undefined;
  /** The encrypted bytes of the vault as it is now, one generation on. Store them, read them back, and only then call it saved.
   * @throws {PortcullisError} `VAULT_TOO_LARGE` over 16 MiB. */
  seal(): Uint8Array<ArrayBuffer>;
  /** The generation of the bytes last read or sealed; 0 before the first `seal()`. */
  readonly generation: number;
  /** The ways in, with what only an open vault knows of them. */
  slots(): OpenSlotInfo[];
  /** Adds a way in and returns its id.
   * @throws {PortcullisError} `VAULT_TOO_MANY_SLOTS` (16), `VAULT_KEY_LENGTH`, `VAULT_KDF_TOO_WEAK`, `VAULT_KDF_TOO_COSTLY`,
   * `VAULT_BAD_PASSKEY`. */
  addSlot(slot: NewSlot, nowMs: number): string;
  /** Takes a way in away; the last one cannot go. Copies made before still open with it: see `replaceSlots`.
   * @throws {PortcullisError} `VAULT_NO_SLOT`, `VAULT_LAST_SLOT`; `VAULT_LAST_PROVED` when only passkeys, or recovery keys that nobody has typed back, would remain. */
  removeSlot(id: string): void;
  /**
   * Draws a new master key and replaces all slots: whoever had a removed slot's key, and an older copy, cannot read what is
   * sealed from now on. Backups of before open by the old keys, so they are forgotten (`notInBackup`). Returns the new ids, in the order of `slots`.
   * @throws {PortcullisError} what {@link createVault} throws.
   */
  replaceSlots(slots: NewSlot[], nowMs: number): string[];
  /** Whether `key` opens the slot; if so, the slot remembers `nowMs` as `provedMs`.
   * @throws {PortcullisError} `VAULT_NO_SLOT`, `VAULT_KEY_LENGTH`.
   * @example
   * const key = makeRecoveryKey();
   * const vault = createVault([{ kind: "recovery", key: recoveryKeyBytes(key) }], Date.now());
   * vault.proveSlot(vault.slots()[0].id, recoveryKeyBytes(key), 1_795_000_000_000); // => true
   * vault.slots()[0].provedMs; // => 1795000000000
   */
  proveSlot(id: string, key: Uint8Array, nowMs: number): boolean;
  /** Closes the vault and wipes its secrets. Closing it twice does nothing. */
  free(): void;
  [Symbol.dispose](): void;
}

/** A new, empty vault. `nowMs` dates its slots; at least one slot is needed.
 * @throws {PortcullisError} `VAULT_LAST_SLOT`, `VAULT_TOO_MANY_SLOTS`, `VAULT_KEY_LENGTH`, `VAULT_KDF_TOO_WEAK`, `VAULT_KDF_TOO_COSTLY`,
 * `VAULT_BAD_PASSKEY`.
 * @example
 * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
 * vault.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" } }, Date.now());
 * vault.entries().map((entry) => entry.name); // => ["ann"]
 * vault.codesAt(59_000).map((row) => row.text); // => ["996554"]
 * vault.free();
 */
export function createVault(slots: NewSlot[], nowMs: number): Vault;

/** What can be known without a key.
 * @throws {PortcullisError} `VAULT_DAMAGED` when a byte was lost or changed by accident, `VAULT_NOT_A_VAULT`, `VAULT_TOO_NEW`,
 * `VAULT_TAMPERED`, `VAULT_TOO_LARGE`.
 * @example
 * const vault = createVault([{ kind: "device", key: makeDeviceKey() }], Date.now());
 * const { generation, slots } = readLocked(vault.seal());
 * [generation, slots.length, slots[0].kind]; // => [1, 1, "device"]
 */
export function readLocked(bytes: Uint8Array): LockedInfo;

/** Opens a vault with the key of one of its slots.
 * @param slotId Which way in, from {@link readLocked}.
 * @param key Its 32 bytes: `stretch(passphrase, slot.kdf)`, `recoveryKeyBytes(typed)` or the device's own.
 * @throws {PortcullisError} `VAULT_WRONG_KEY`; `VAULT_NO_SLOT`; `VAULT_KEY_LENGTH`; `VAULT_TAMPERED` when the key is right and the
 * rest is not what was sealed; `VAULT_BAD_CONTENT`; `VAULT_TOO_NEW` when what is in it is of a newer version; what {@link readLocked} throws.
 * @example
 * const key = makeDeviceKey();
 * const bytes = createVault([{ kind: "device", key }], Date.now()).seal(); // store these, then read them back
 * const [slot] = readLocked(bytes).slots;
 * const vault = unlock(bytes, slot.id, key);
 * vault.entries(); // => []
 */
export function unlock(bytes: Uint8Array, slotId: string, key: Uint8Array): Vault;

/** 32 fresh random bytes for a `device` slot: keep them wrapped by a key that the browser does not give away.
 * @example
 * makeDeviceKey().length; // => 32
 */
export function makeDeviceKey(): Uint8Array<ArrayBuffer>;

/** A fresh recovery key to print: seven groups of five characters, such as `67H7Y-WG4XN-CQ1BH-PJGHT-SRTK8-1EHFP-8C771`.
 * @example
 * makeRecoveryKey().split("-").length; // => 7
 */
export function makeRecoveryKey(): string;

/** The 32 bytes for a `recovery` slot from a recovery key as typed: upper or lower case, any spaces and hyphens, `O` for `0`,
 * `I` and `L` for `1`.
 * @throws {PortcullisError} `VAULT_RECOVERY_KEY_LENGTH`, or `VAULT_RECOVERY_KEY_TYPO` whose `group` (1 to 7) says where.
 * @example
 * const key = makeRecoveryKey();
 * recoveryKeyBytes(key).length; // => 32
 * String(recoveryKeyBytes(key.toLowerCase())) === String(recoveryKeyBytes(key)); // => true
 */
export function recoveryKeyBytes(typed: string): Uint8Array<ArrayBuffer>;
