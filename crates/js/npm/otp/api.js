import {
  GIVEN, HEAD, LONGEST_CODE, NOT_READY, TAKEN, answer, fail, given, givenNumbers, read, refuse, taken, takenNumbers, wasm,
  write, wrong,
} from "#glue";
import { FIELDS, near } from "../given/near.js";

const KINDS = ["totp", "hotp", "steam", "motp", "yandex"];
const ALGORITHMS = ["SHA1", "SHA256", "SHA512"];
// The functions of the wasm's `run`.
const PARSE = 0;
const FORMAT = 1;
const CODES = 2;
const VERIFY = 3;
const COUNT = 4;
const RESYNC = 5;
const SECRET = 6;

const unknown = (name, what, names) => refuse(`There is no "${name}" in "${what}": ${names.join(", ")}.`);

// The account, if no name in it is a mistyped field; `null` and `undefined` are no values, and columns of a database may stand
// beside its fields. This runs for every code: the compiler turns the switch into comparisons of pointers, where looking each name
// up in a list costs as much as the rest of a call's JavaScript.
function fields(account) {
  if (typeof account != "object" || !account) wrong("account", "an object");
  for (const name in account) {
    switch (name) {
      case "secret":
      case "kind":
      case "issuer":
      case "algorithm":
      case "digits":
      case "periodSecs":
      case "counter":
      case "name":
      case "pin":
        continue;
    }
    if (account[name] != null && near(name)) unknown(name, "account", FIELDS);
  }
  return account;
}

// The options, if every name in them is one of these.
function chosen(options, ...names) {
  options ??= {};
  if (typeof options != "object") wrong("options", "an object");
  for (const name in options) if (options[name] != null && !names.includes(name)) unknown(name, "options", names);
  return options;
}

function number(value, name) {
  if (typeof value != "number") wrong(name, "a number");
  return value;
}

// An account's head at `head` (in numbers) and its texts at `at`; gives where they end.
function put(account, head, at, named) {
  if (!wasm) fail(NOT_READY);
  const { secret, kind, issuer, name, algorithm, digits, periodSecs, counter, pin } = fields(account);
  takenNumbers[head] = kind == null ? 0 : KINDS.indexOf(kind);
  takenNumbers[head + 1] = algorithm == null ? 0 : ALGORITHMS.indexOf(algorithm);
  takenNumbers[head + 2] = number(digits ?? 6, "digits");
  takenNumbers[head + 3] = number(periodSecs ?? 30, "periodSecs");
  takenNumbers[head + 4] = number(counter ?? 0, "counter");
  let end = write(secret, at, "secret");
  takenNumbers[head + 5] = end - at;
  takenNumbers[head + 6] = named ? -end + (end = write(issuer ?? "", end, "issuer")) : 0;
  takenNumbers[head + 7] = named ? -end + (end = write(name ?? "", end, "name")) : 0;
  takenNumbers[head + 8] = pin == null ? 0 : -end + (end = write(pin, end, "pin"));
  return end;
}

// The code that was given at `at`, with spaces after it. The usual length without a list in between: that is the fastest
// way from bytes to a text.
function coded(at, validUntilMs) {
  const text = given[at + 6] == 32 && given[at + 5] > 32
    ? String.fromCharCode(given[at], given[at + 1], given[at + 2], given[at + 3], given[at + 4], given[at + 5])
    : read(at, at + LONGEST_CODE).trimEnd();
  return validUntilMs ? { text, validUntilMs } : { text };
}

export function code(account, nowMs) {
  const end = put(account, 0, HEAD);
  answer(wasm.run(CODES, end, 1, number(nowMs, "nowMs"), 0, 0));
  return coded(8, givenNumbers[0]);
}

export function codes(accounts, nowMs) {
  if (!wasm) fail(NOT_READY);
  if (!Array.isArray(accounts)) wrong("accounts", "an array");
  number(nowMs, "nowMs");
  const found = [];
  for (let begin = 0, count; begin < accounts.length; begin += count) {
    // As many as the block holds.
    count = 0;
    for (let room = TAKEN; count < GIVEN / (8 + LONGEST_CODE) - 1 && begin + count < accounts.length; count++) {
      const { secret, pin } = accounts[begin + count] ?? {};
      room -= HEAD + (secret?.length ?? 0) + 3 * (pin?.length ?? 0);
      if (room < 0 && count) break;
    }
    let end = count * HEAD;
    for (let i = 0; i < count; i++) {
      try {
        end = put(accounts[begin + i], (i * HEAD) / 8, end);
      } catch (error) {
        error.index = begin + i;
        throw error;
      }
    }
    const number = wasm.run(CODES, end, count, nowMs, 0, 0);
    answer(number, begin + (count > 1 ? wasm.at() : 0));
    for (let i = 0; i < count; i++) found.push(coded(8 * count + LONGEST_CODE * i, givenNumbers[i]));
  }
  return found;
}

export function parseUri(uri) {
  if (!wasm) fail(NOT_READY);
  const end = answer(wasm.run(PARSE, write(uri, 0, "uri")));
  const [kind, algorithm, digits, periodSecs, counter, ...lengths] = givenNumbers.subarray(0, HEAD / 8);
  let from = HEAD;
  const [secret, issuer, name, pin] = lengths.map((length) => read(from, (from += length)));
  given.fill(0, 0, end);
  return {
    kind: KINDS[kind],
    secret,
    issuer,
    name,
    algorithm: ALGORITHMS[algorithm] ?? "SHA1",
    digits,
    ...(kind == 1 ? { counter } : { periodSecs }),
    ...(pin && { pin }),
  };
}

export function formatUri(account) {
  const record = put(account, 0, HEAD, true);
  const end = answer(wasm.run(FORMAT, record));
  const uri = read(0, end);
  given.fill(0, 0, end);
  return uri;
}

export function verify(account, typed, options) {
  const { nowMs, window, after } = chosen(options, "nowMs", "window", "after");
  // What is no whole number would be later than every step, and silently match none.
  if (!Number.isSafeInteger(after ?? 0)) wrong("after", "a whole number");
  const record = put(account, 0, HEAD);
  const end = write(typed, record, "typed");
  return answer(wasm.run(VERIFY, end, record, number(nowMs, "nowMs"), number(window ?? 1, "window"), after ?? -1))
    ? { step: givenNumbers[0], drift: givenNumbers[1] }
    : null;
}

const counted = (found) => (answer(found) ? { counter: givenNumbers[0], nextCounter: givenNumbers[1] } : null);
const ahead = (options, usual) => number(chosen(options, "lookAhead").lookAhead ?? usual, "lookAhead");

export function verifyHotp(account, typed, options) {
  const lookAhead = ahead(options, 10);
  const record = put(account, 0, HEAD);
  return counted(wasm.run(COUNT, write(typed, record, "typed"), record, lookAhead));
}

export function resyncHotp(account, first, second, options) {
  const lookAhead = ahead(options, 100);
  const record = put(account, 0, HEAD);
  const middle = write(first, record, "first");
  return counted(wasm.run(RESYNC, write(second, middle, "second"), record, lookAhead, middle));
}

export function makeSecret(bytes) {
  if (!wasm) fail(NOT_READY);
  bytes ??= 20;
  if (!Number.isInteger(bytes) || bytes < 16 || bytes > 64) wrong("bytes", "a whole number from 16 to 64");
  crypto.getRandomValues(taken.subarray(0, bytes));
  return secretTaken(bytes);
}

function secretTaken(length) {
  const end = wasm.run(SECRET, length);
  const secret = read(0, end);
  given.fill(0, 0, end);
  return secret;
}

export function secretFromBytes(bytes) {
  if (!wasm) fail(NOT_READY);
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT != 1 || !bytes.length || bytes.length > 1024) wrong("bytes", "a Uint8Array of 1 to 1024 bytes");
  taken.set(bytes);
  return secretTaken(bytes.length);
}

export function secretToBytes(secret) {
  // The address holds the secret as it is written, whatever was typed; its alphabet is ASCII in order, letters first.
  const letters = formatUri({ secret }).match(/secret=(\w+)/)[1];
  const bytes = new Uint8Array((letters.length * 5) >> 3);
  for (let i = 0, bits = 0, at = 0; i < letters.length; i++) {
    const letter = letters.charCodeAt(i);
    bits = (bits << 5) | (letter - (letter > 64 ? 65 : 24));
    if ((i * 5) % 8 > 2) bytes[at++] = bits >> ((i * 5 + 5) % 8);
  }
  return bytes;
}
