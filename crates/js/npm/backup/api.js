import * as backup from "#glue";
import { NUMBER, TEXT, account, bytes, chosen, list, text, texts } from "../given/index.js";
import { kindOf } from "../given/kind.js";

// A Worker has 128 MB for everything, and is ended without a word when it takes more.
const MOST_KIB = globalThis.navigator?.userAgent === "Cloudflare-Workers" ? 96 * 1024 : 1024 * 1024;

const FILES = ["an array of Uint8Arrays", (value) => Array.isArray(value) && value.every((file) => kindOf(file) === "Uint8Array")];
const READ = { beside: FILES, password: TEXT, maxMemoryKib: NUMBER };
const WRITE = { password: TEXT, nowMs: NUMBER };

export function inspectBackup(file, options) {
  bytes(file, "bytes");
  return backup.inspectBackup(file, chosen(options, READ));
}

export function sampleBackup(file, options) {
  bytes(file, "bytes");
  return backup.sampleBackup(file, { maxMemoryKib: MOST_KIB, ...chosen(options, READ) });
}

export function readBackup(file, options) {
  bytes(file, "bytes");
  return backup.readBackup(file, { maxMemoryKib: MOST_KIB, ...chosen(options, READ) });
}

/** What is written of each item: an entry of another backup has more fields. */
function taken(items) {
  list(items, "items");
  return items.map((item, index) => {
    const { account: given, note, tags, pinned } = item ?? {};
    const fields = { account: account(given, index), note: note ?? undefined, tags: tags ?? undefined, pinned };
    try {
      if (fields.note !== undefined) text(note, "note");
      if (fields.tags !== undefined) texts(tags, "tags");
    } catch (error) {
      error.index = index;
      throw error;
    }
    return fields;
  });
}

export function backupLosses(format, items) {
  text(format, "format");
  return backup.backupLosses(format, taken(items));
}

export function writeBackup(format, items, options) {
  text(format, "format");
  return backup.writeBackup(format, taken(items), chosen(options, WRITE));
}

export function vaultToText(vault, address) {
  bytes(vault, "vault");
  text(address, "address");
  return backup.vaultToText(vault, address);
}

export function textToVault(armoured) {
  text(armoured, "text");
  return backup.textToVault(armoured);
}

export function vaultToSeries(vault, vaultId) {
  bytes(vault, "vault");
  text(vaultId, "vaultId");
  return backup.vaultToSeries(vault, vaultId);
}

export function seriesToVault(parts) {
  texts(parts, "parts");
  return backup.seriesToVault(parts);
}

export { backupApps } from "#glue";
