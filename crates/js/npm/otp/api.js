import {
  BAD_ARGUMENT, GIVEN, HEAD, LONGEST_CODE, NOT_READY, TAKEN, answer, fail, given, givenNumbers, read, taken,
  takenNumbers, wasm, write,
} from "#glue";

const KINDS = ["totp", "hotp", "steam", "motp", "yandex"];
const ALGORITHMS = ["SHA1", "SHA256", "SHA512"];

// An account's head at `head` (in numbers) and its texts at `at`; gives where they end.
function put(account, head, at, named) {
  if (!wasm) fail(NOT_READY);
  if (!account) fail(BAD_ARGUMENT);
  const { secret, kind, algorithm, pin } = account;
  takenNumbers[head] = kind === undefined ? 0 : KINDS.indexOf(kind);
  takenNumbers[head + 1] = algorithm === undefined ? 0 : ALGORITHMS.indexOf(algorithm);
  takenNumbers[head + 2] = account.digits ?? 6;
  takenNumbers[head + 3] = account.periodSecs ?? 30;
  takenNumbers[head + 4] = account.counter ?? 0;
  let end = write(secret, at);
  takenNumbers[head + 5] = end - at;
  takenNumbers[head + 6] = named ? -end + (end = write(account.issuer ?? "", end)) : 0;
  takenNumbers[head + 7] = named ? -end + (end = write(account.name ?? "", end)) : 0;
  takenNumbers[head + 8] = pin ? -end + (end = write(pin, end)) : 0;
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
  answer(wasm.codes(end, 1, nowMs));
  return coded(8, givenNumbers[0]);
}

export function codes(accounts, nowMs) {
  if (!Array.isArray(accounts)) fail(BAD_ARGUMENT);
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
    for (let i = 0; i < count; i++) end = put(accounts[begin + i], (i * HEAD) / 8, end);
    const number = wasm.codes(end, count, nowMs);
    answer(number, begin + wasm.at());
    for (let i = 0; i < count; i++) found.push(coded(8 * count + LONGEST_CODE * i, givenNumbers[i]));
  }
  return found;
}

export function parseUri(uri) {
  if (!wasm) fail(NOT_READY);
  const end = answer(wasm.parse(write(uri, 0)));
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
  const end = answer(wasm.format(record));
  const uri = read(0, end);
  given.fill(0, 0, end);
  return uri;
}

export function verify(account, typed, { nowMs, window = 1, after = -1 } = {}) {
  // What is no number would be later than every step, and silently match none.
  if (!Number.isInteger(after)) fail(BAD_ARGUMENT);
  const record = put(account, 0, HEAD);
  const length = write(typed, record) - record;
  return answer(wasm.verify(record, length, nowMs, window, after))
    ? { step: givenNumbers[0], drift: givenNumbers[1] }
    : null;
}

const counted = (found) => (answer(found) ? { counter: givenNumbers[0], nextCounter: givenNumbers[1] } : null);

export function verifyHotp(account, typed, { lookAhead = 10 } = {}) {
  const record = put(account, 0, HEAD);
  return counted(wasm.count(record, write(typed, record) - record, lookAhead));
}

export function resyncHotp(account, first, second, { lookAhead = 100 } = {}) {
  const record = put(account, 0, HEAD);
  const middle = write(first, record);
  return counted(wasm.resync(record, middle - record, write(second, middle) - middle, lookAhead));
}

export function makeSecret(bytes = 20) {
  if (!wasm) fail(NOT_READY);
  if (!(bytes >= 16 && bytes <= 64 && bytes % 1 == 0)) fail(BAD_ARGUMENT);
  crypto.getRandomValues(taken.subarray(0, bytes));
  const end = wasm.secret(bytes);
  const secret = read(0, end);
  given.fill(0, 0, end);
  return secret;
}
