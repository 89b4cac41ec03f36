// What is typed about an account, and the field in which something is wrong.
import type { Account, Fault, HandDraft, Words } from "./model.ts";
import { plainName } from "./names.ts";

export const EMPTY_HAND: HandDraft = { kind: "totp", issuer: "", name: "", secret: "", algorithm: "SHA1", digits: "6", periodSecs: "30", counter: "0" };

/** Names as they are stored; at least one of them must be there, so that the account is found again. */
export function typedNames({ issuer, name }: { issuer: string; name: string }): { issuer: string; name: string } | { fault: Fault } {
  const names = { issuer: plainName(issuer), name: plainName(name) };
  if (names.issuer === "" && names.name === "") return { fault: { field: "issuer", words: { key: "hand.nameless" } } };
  return names;
}

export type Settings = Pick<HandDraft, "kind" | "algorithm" | "digits" | "periodSecs" | "counter">;

/** The settings of an account as numbers. */
export function typedSettings(hand: Settings): { digits: number; algorithm: Settings["algorithm"]; counter?: number; periodSecs?: number } | { fault: Fault } {
  const counts = hand.kind === "hotp";
  const digits = whole(hand.digits);
  if (digits === null || digits < 1 || digits > 10) return { fault: { field: "digits", words: { key: "hand.digits" } } };
  const moving = whole(counts ? hand.counter : hand.periodSecs);
  if (counts) {
    if (moving === null) return { fault: { field: "counter", words: { key: "hand.counter" } } };
    return { digits, algorithm: hand.algorithm, counter: moving };
  }
  if (moving === null || moving < 1 || moving > LONGEST_PERIOD_SECS) return { fault: { field: "periodSecs", words: { key: "hand.period" } } };
  return { digits, algorithm: hand.algorithm, periodSecs: moving };
}

const LONGEST_PERIOD_SECS = 0xffff_ffff; // as the core takes it

/** A whole number from 0 on, written in digits alone: `1e3` and an empty field are none. */
function whole(text: string): number | null {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** The account that was typed in, or the field that is wrong. The key itself is judged by the core. */
export function fromHand(hand: HandDraft): { account: Account } | { fault: Fault } {
  const names = typedNames(hand);
  if ("fault" in names) return names;
  if (hand.secret.trim() === "") return { fault: { field: "secret", words: { key: "hand.keyless" } } };
  const settings = typedSettings(hand);
  if ("fault" in settings) return settings;
  return { account: { kind: hand.kind, ...names, secret: hand.secret.trim(), ...settings } };
}

/** The field that an answer of the core is about, and its sentence there. */
export function faultOf(code: string, words: Words): Fault | null {
  switch (code) {
    case "OTP_NO_SECRET":
      return { field: "secret", words: { key: "hand.short" } }; // Something was typed, or the form would have said so.
    case "OTP_BAD_BASE32":
    case "OTP_BAD_HEX":
      return { field: "secret", words };
    case "OTP_BAD_DIGITS":
      return { field: "digits", words: { key: "hand.digits" } };
    case "OTP_BAD_PERIOD":
      return { field: "periodSecs", words: { key: "hand.period" } };
    case "OTP_BAD_COUNTER":
      return { field: "counter", words: { key: "hand.counter" } };
    case "OTP_BAD_ALGORITHM":
      return { field: "algorithm", words };
    default:
      return null;
  }
}

