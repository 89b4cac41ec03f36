// `portcullis/kdf`: from a passphrase to the 32 bytes that open a vault's slot. Slow and hungry on purpose, and so an entry of
// its own: run it in a disposable worker, and end the worker afterwards, which gives the memory back.

import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };

/** Argon2id (RFC 9106), version 1.3, one lane, 32 bytes out. */
export interface KdfParams {
  /** Memory in KiB: 19456 (19 MiB) to 1048576 (1 GiB). */
  memoryKib: number;
  /** Passes over the memory: at least 2; memory times passes is at most 16 GiB. */
  passes: number;
  /** 32 hex digits: 16 random bytes, of this slot alone. */
  salt: string;
}

/** The key for a passphrase slot: 32 bytes. The passphrase is taken in Unicode form NFKC, so that every keyboard gives the same
 * key.
 * @param kdf From the slot (`readLocked`), or from {@link calibrate} for a new one.
 * @param maxMemoryKib What this device can give; 1048576 when absent.
 * @throws {PortcullisError} `VAULT_KDF_TOO_WEAK` below the bounds, `VAULT_KDF_TOO_COSTLY` above them, before any work is done;
 * `BAD_ARGUMENT` when `kdf` is none, for example with a salt that is not 32 hex digits.
 * @example
 * const kdf = { memoryKib: 19456, passes: 2, salt: "000102030405060708090a0b0c0d0e0f" };
 * stretch("correct horse battery staple", kdf).slice(0, 4).join(" "); // => "129 130 89 182"
 */
export function stretch(passphrase: string, kdf: KdfParams, maxMemoryKib?: number | null): Uint8Array<ArrayBuffer>;

/** Parameters that take about `targetMs` (1000 when absent) on this device, with a fresh salt; never below 64 MiB and three
 * passes, unless that takes ten times as long: then 19 MiB and two. Never above 128 MiB, so that another device of the same person can open the
 * vault too. Takes some hundred milliseconds.
 * @param clock Milliseconds from any beginning; the package reads no clock of its own.
 * @throws {PortcullisError} `BAD_ARGUMENT` when `clock` is no function, or gives no number.
 * @example
 * const kdf = calibrate(() => performance.now());
 * kdf.memoryKib >= 19456 && kdf.memoryKib <= 131072 && kdf.passes >= 2; // => true
 */
export function calibrate(clock: () => number, targetMs?: number | null): KdfParams;

/** Parameters of a known cost, with a fresh salt: for tests and for those who know their device.
 * @param memoryKib Memory in KiB, 19456 to 1048576.
 * @param passes Passes over the memory, at least 2.
 * @throws {PortcullisError} `VAULT_KDF_TOO_WEAK`, `VAULT_KDF_TOO_COSTLY`.
 * @example
 * kdfParams(65536, 3).passes; // => 3
 */
export function kdfParams(memoryKib: number, passes: number): KdfParams;
