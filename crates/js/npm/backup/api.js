import { askBackup } from "#glue";
import { PortcullisError } from "../error.js";
import { NUMBER, TEXT, account, bytes, chosen, list, refuse, text, texts } from "../given/index.js";
import { kindOf } from "../given/kind.js";

// A Worker has 128 MB for everything, and is ended without a word when it takes more.
const MOST_KIB = globalThis.navigator?.userAgent === "Cloudflare-Workers" ? 96 * 1024 : 1024 * 1024;
// A byte more than a reader takes: enough for it to refuse a file that is larger.
const MOST_BYTES = (64 << 20) + 1;

const FILES = ["an array of Uint8Arrays", (value) => Array.isArray(value) && value.every((file) => kindOf(file) === "Uint8Array")];
const READ = { beside: FILES, password: TEXT, maxMemoryKib: NUMBER };
const WRITE = { password: TEXT, nowMs: NUMBER };
const FORMATS = ["links", "aegis", "aegis-encrypted", "2fas", "google"];

/** The core's answer; its side is crates/backup/src/wire.rs. */
function answer(what, given = {}, data = new Uint8Array()) {
  const said = askBackup(JSON.stringify({ do: what, ...given }), data);
  const { error } = said;
  if (!error) return said;
  const { code, reason, ...more } = error;
  throw Object.assign(new PortcullisError(code, reason), more);
}

/** The core reads whole numbers; any other becomes one that it refuses. */
const whole = (number) => (Number.isSafeInteger(number) && number >= 0 ? number : -1);

/** A file, with those beside it after it. */
function read(what, file, options, usual) {
  bytes(file, "bytes");
  const { beside = [], maxMemoryKib, ...given } = { ...usual, ...chosen(options, READ) };
  if (maxMemoryKib !== undefined && whole(maxMemoryKib) < 0) refuse('The argument "maxMemoryKib" must be a whole number.');
  const files = [file, ...beside].map((one) => one.subarray(0, MOST_BYTES));
  const all = new Uint8Array(files.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const one of files) {
    all.set(one, end);
    end += one.length;
  }
  return answer(what, { ...given, maxMemoryKib, beside: files.slice(1).map(({ length }) => length) }, all);
}

const LOCAL = { maxMemoryKib: MOST_KIB };
export const backupApps = () => answer("apps");
export const inspectBackup = (file, options) => read("inspect", file, options);
export const sampleBackup = (file, options) => read("sample", file, options, LOCAL);
export const readBackup = (file, options) => read("read", file, options, LOCAL);

/** What is written of each item: an entry of another backup has more fields. */
function taken(format, items) {
  text(format, "format");
  if (!FORMATS.includes(format)) refuse(`There is no format "${format}".`);
  list(items, "items");
  const item = (given, index) => {
    const { account: record, note, tags, pinned } = given ?? {};
    const fields = account(record, index);
    for (const name of ["digits", "periodSecs", "counter"]) if (name in fields) fields[name] = whole(fields[name]);
    try {
      if (note != null) text(note, "note");
      if (tags != null) texts(tags, "tags");
    } catch (error) {
      error.index = index;
      throw error;
    }
    return { account: fields, note, tags, pinned: Boolean(pinned) };
  };
  return { format, items: items.map(item) };
}

export const backupLosses = (format, items) => answer("losses", taken(format, items));

export function writeBackup(format, items, options) {
  const { nowMs = 0, password } = chosen(options, WRITE);
  const given = { ...taken(format, items), password, nowMs: whole(Math.trunc(nowMs)) };
  const written = answer("write", given, crypto.getRandomValues(new Uint8Array(32)));
  if (format !== "google") written.parts = written.parts.map((part) => new TextEncoder().encode(part));
  return written;
}

const unpacked = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export function vaultToText(vault, address) {
  bytes(vault, "vault");
  text(address, "address");
  return answer("toText", { address }, vault.subarray(0, MOST_BYTES));
}

export function textToVault(armoured) {
  text(armoured, "text");
  return unpacked(answer("fromText", { text: armoured }));
}

export function vaultToSeries(vault, vaultId) {
  bytes(vault, "vault");
  text(vaultId, "vaultId");
  if (!/^[0-9a-f]{8}$/i.test(vaultId)) refuse('The argument "vaultId" must be eight hexadecimal digits.');
  return answer("toSeries", { vaultId }, vault.subarray(0, MOST_BYTES));
}

export function seriesToVault(parts) {
  texts(parts, "parts");
  const series = answer("fromSeries", { parts });
  if (series.vault !== undefined) series.vault = unpacked(series.vault);
  return series;
}
