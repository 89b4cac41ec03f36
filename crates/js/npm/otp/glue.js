// The JavaScript side of crates/js/src/otp.rs: one block of memory that never moves, because nothing allocates.
import { PortcullisError } from "../error.js";
import { constants } from "./constants.js";
import { ERRORS } from "./errors.js";

export let wasm, taken, given, takenNumbers, givenNumbers;
export const TAKEN = 65536;
export const GIVEN = 16384;
export const HEAD = 72;
export const LONGEST_CODE = 10;

export function initSync({ module }) {
  use(new WebAssembly.Instance(module).exports);
}

export function use(exports) {
  const { buffer } = exports.memory;
  taken = new Uint8Array(buffer, exports.taken(), TAKEN);
  given = new Uint8Array(buffer, exports.given(), GIVEN);
  takenNumbers = new Float64Array(buffer, exports.taken(), TAKEN / 8);
  givenNumbers = new Float64Array(buffer, exports.given(), GIVEN / 8);
  constants(new DataView(buffer));
  wasm = exports;
}

// A call that ends early has not reached the core, which wipes what it took: so it is wiped here.
function raise(code, sentence, index) {
  taken?.fill(0);
  const error = new PortcullisError(code, sentence);
  if (index >= 0) error.index = index;
  throw error;
}

// An error by its place in the list.
export function fail(number, index) {
  const [, code, sentence] = /(\S+) (.*)/.exec(ERRORS[number]);
  raise(code, sentence, index);
}

export const NOT_READY = ERRORS.length - 1;

// An argument, option or field that is none.
export const wrong = (name, what) => refuse(`The argument "${name}" must be ${what}.`);
export const refuse = (sentence) => raise("BAD_ARGUMENT", sentence);

// An answer of the wasm: a number that is not negative, or an error.
export function answer(number, index) {
  if (number >= 0) return number;
  fail(-1 - number, index);
}

// Writes a text as UTF-8; gives where it ends. What does not fit makes the length too great, which the wasm refuses.
// Without TextEncoder, which jsdom has not, and which is slower than this loop for a line of ASCII.
export function write(text, from, name) {
  if (typeof text != "string") wrong(name, "a string");
  if (letters(text, from) > 127) {
    // What is half of a pair becomes U+FFFD, as TextEncoder has it; the rest is never refused.
    letters((text = unescape(encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd")))), from);
  }
  return from + text.length;
}

function letters(text, from) {
  const { length } = text;
  let seen = 0;
  for (let i = 0; i < length; i++) seen |= taken[from + i] = text.charCodeAt(i);
  return seen;
}

export function read(from, to) {
  const bytes = given.subarray(from, to);
  const text = String.fromCharCode.apply(null, bytes);
  if (!/[^\0-\x7f]/.test(text)) return text;
  // jsdom has no TextDecoder; there what is no UTF-8 at all throws.
  return globalThis.TextDecoder ? new globalThis.TextDecoder().decode(bytes) : decodeURIComponent(escape(text));
}
