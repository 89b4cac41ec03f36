import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };

/** How the codes of an account are made. */
export type Kind =
  /** By the clock (RFC 6238): nearly every account. */
  | "totp"
  /** By a counter (RFC 4226): hardware tokens with a button. */
  | "hotp"
  /** Steam Guard: five letters and digits, by the clock. */
  | "steam"
  /** Mobile-OTP: by the clock, the secret and a PIN. */
  | "motp"
  /** Yandex Key: eight letters, by the clock, the secret and a PIN. */
  | "yandex";

/** The hash inside the code. */
export type Algorithm = "SHA1" | "SHA256" | "SHA512";

/** An account as plain data: it survives `JSON.stringify`, `structuredClone` and a database. */
export interface Account {
  kind: Kind;
  /** Base32 (RFC 4648 section 6) without padding; hexadecimal for "motp". */
  secret: string;
  /** Whose account it is, such as "Example"; "" where the URI does not say. */
  issuer: string;
  /** Which account it is, such as "ann@example.org"; "" where the URI does not say. */
  name: string;
  /** Fixed by the kind, and not looked at, for "steam", "motp" and "yandex"; so are `digits` and `periodSecs`. */
  algorithm: Algorithm;
  /** Characters of a code, 1 to 10. */
  digits: number;
  /** Seconds that one code is shown, at least 1. Absent for "hotp". */
  periodSecs?: number;
  /** The counter of the next code, 0 to 2^53 - 1. Only for "hotp". */
  counter?: number;
  /** Only for "motp" (4 digits) and "yandex" (4 to 16 digits). */
  pin?: string;
}

/** An account of which only the secret must be given. What is absent, `undefined` or `null` has the usual value: a "totp"
 * with SHA1, 6 digits and 30 seconds, or what the kind fixes. Other columns of a database's row are left alone, but a name
 * that looks like a mistyped field (`algoritm`, `period`) is refused. */
export type AccountInput = Pick<Account, "secret"> & { [Field in Exclude<keyof Account, "secret">]?: Account[Field] | null | undefined };

/** One code. */
export interface Code {
  /** What the person types. */
  text: string;
  /** Milliseconds since the epoch at which the next code takes over. Absent for "hotp". */
  validUntilMs?: number;
}

/** Reads an `otpauth://` URI, the content of an enrolment QR code (Key Uri Format, and the dialects of other
 * authenticators). Also `motp://` and `steam://`.
 * @throws {PortcullisError} with a code that begins with `OTP_`; for a secret, the message of `OTP_BAD_BASE32` or
 * `OTP_BAD_HEX` says what may stand in it.
 * @example
 * const account = parseUri("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example");
 * account.issuer; // => "Example"
 * account.secret; // => "JBSWY3DPEHPK3PXP"
 */
export function parseUri(uri: string): Account;

/** Writes the URI of an account: the text of an enrolment QR code. It holds the secret.
 * @throws {PortcullisError} when a field of the account is out of its range.
 * @example
 * formatUri({ secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann" });
 * // => "otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example"
 */
export function formatUri(account: AccountInput): string;

/** The code of an account at a time.
 * @param nowMs Milliseconds since the epoch, `Date.now()`; 0 will do for "hotp", whose code belongs to `counter`. A number of
 * 1e9 to 1e10 is refused with `OTP_BAD_TIME`: it is seconds, and would give a code of January 1970.
 * @throws {PortcullisError} when a field of the account is out of its range.
 * @example
 * code({ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", digits: 8 }, 59_000);
 * // => { text: "94287082", validUntilMs: 60000 }
 */
export function code(account: AccountInput, nowMs: number): Code;

/** The codes of many accounts at one time, in their order: one call for a whole list.
 * @throws {PortcullisError} when a field of any account is out of its range; `index` tells which.
 * @example
 * const accounts = [{ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }, { secret: "JBSWY3DPEHPK3PXP" }];
 * codes(accounts, 59_000).map((code) => code.text); // => ["287082", "996554"]
 */
export function codes(accounts: readonly AccountInput[], nowMs: number): Code[];

/** The time step that a code belongs to (RFC 6238 section 4.2). */
export interface Match {
  /** Store the greatest step accepted for the account, and accept no step twice (RFC 6238 section 5.2). */
  step: number;
  /** Steps between the server's clock and the code's: -1 is one code ago. */
  drift: number;
}

/** How a code is checked. A name that is not here is refused. */
export interface VerifyOptions {
  /** Milliseconds since the epoch, `Date.now()`. */
  nowMs: number;
  /** Steps to try on each side of now; 1 when absent, at most 10. */
  window?: number | null | undefined;
  /** The greatest step accepted so far, or `null`: only later ones match. Storing the new one must be atomic. */
  after?: number | null | undefined;
}

/** How far a counter may have run ahead. */
export interface LookAhead {
  /** Codes to try after `account.counter`. */
  lookAhead?: number | null | undefined;
}

/** Checks a typed code of an account that goes by the clock, in time that does not depend on which digits agree.
 * @param typed What the person typed. White space, and dashes between digits, are left out; full-width digits are read. It must
 * be a string: look at a missing field of a form first.
 * @returns The step matched, or null. A match is not yet a sign-in: accept each step once.
 * @throws {PortcullisError} when the account is out of its range, or is a "hotp" (see {@link verifyHotp}).
 * @example
 * const account = { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" };
 * verify(account, "287 082", { nowMs: 89_000 }); // => { step: 1, drift: -1 }
 * verify(account, "287082", { nowMs: 179_000 }); // => null
 */
export function verify(account: AccountInput, typed: string, options: VerifyOptions): Match | null;

/** The counter that a code belongs to (RFC 4226 section 7.2). */
export interface HotpMatch {
  /** The counter of the (last) code that was typed. */
  counter: number;
  /** What to store as the account's `counter`: every code up to the typed one is spent. */
  nextCounter: number;
}

/** Checks a typed code of a "hotp" account.
 * @param options.lookAhead Codes to try after `account.counter`, for a button that was pressed without signing in;
 * 10 when absent, at most 10.
 * @example
 * const token = { kind: "hotp", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", counter: 0 } as const;
 * verifyHotp(token, "969429"); // => { counter: 3, nextCounter: 4 }
 */
export function verifyHotp(account: AccountInput, typed: string, options?: LookAhead | null): HotpMatch | null;

/** Finds a "hotp" token again whose counter ran away (RFC 4226 section 7.4): two codes that follow each other are as
 * hard to guess as one in a small look-ahead.
 * @param options.lookAhead Codes to try after `account.counter`; 100 when absent, at most 1000.
 * @example
 * const token = { kind: "hotp", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", counter: 0 } as const;
 * resyncHotp(token, "399871", "520489"); // => { counter: 9, nextCounter: 10 }
 */
export function resyncHotp(
  account: AccountInput, first: string, second: string, options?: LookAhead | null,
): HotpMatch | null;

/** A new random secret in base32, from the platform's cryptographic source.
 * @param bytes Its length, 16 to 64; 20 when absent (RFC 4226 section 4 recommends 160 bits).
 * @example
 * makeSecret().length; // => 32
 */
export function makeSecret(bytes?: number | null): string;

/** The secret of these bytes, in base32: `secretFromBytes(Buffer.from(text, "hex"))`, or `"base64"`.
 * @param bytes 1 to 1024 bytes.
 * @example
 * secretFromBytes(new TextEncoder().encode("12345678901234567890")); // => "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
 */
export function secretFromBytes(bytes: Uint8Array): string;

/** The bytes of a secret in base32, with spaces, dashes and small letters as a person types them.
 * @throws {PortcullisError} `OTP_BAD_BASE32`, `OTP_NO_SECRET`.
 * @example
 * new TextDecoder().decode(secretToBytes("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")); // => "12345678901234567890"
 */
export function secretToBytes(secret: string): Uint8Array<ArrayBuffer>;

/** Fulfilled when the functions can be called, which is at once. `portcullis/auto` alone may take longer: where WebAssembly is
 * absent or refused (iOS Lockdown Mode, a policy without `wasm-unsafe-eval`), `import` of it fetches the same core as plain
 * JavaScript, so a page that must work there too waits once. `require` never has to wait.
 * @example
 * await ready;
 * code({ secret: "JBSWY3DPEHPK3PXP" }, 59_000).text; // => "996554"
 */
export const ready: Promise<void>;
