import * as backup from "#glue";
import { bytes, list, text } from "../given/index.js";

// A Worker has 128 MB for everything, and is ended without a word when it takes more.
const MOST_KIB = globalThis.navigator?.userAgent === "Cloudflare-Workers" ? 96 * 1024 : 1024 * 1024;

function given(file, options) {
  bytes(file, "bytes");
  if (options?.beside !== undefined) {
    list(options.beside, "options.beside");
    options.beside.forEach((other) => bytes(other, "options.beside"));
  }
}

export function inspectBackup(file, options) {
  given(file, options);
  return backup.inspectBackup(file, options);
}

export function sampleBackup(file, options) {
  given(file, options);
  return backup.sampleBackup(file, { maxMemoryKib: MOST_KIB, ...options });
}

export function readBackup(file, options) {
  given(file, options);
  return backup.readBackup(file, { maxMemoryKib: MOST_KIB, ...options });
}

export function backupLosses(format, items) {
  text(format, "format");
  list(items, "items");
  return backup.backupLosses(format, items);
}

export function writeBackup(format, items, options) {
  text(format, "format");
  list(items, "items");
  return backup.writeBackup(format, items, options);
}

export function vaultToText(vault, address) {
  bytes(vault, "vault");
  text(address, "address");
  return backup.vaultToText(vault, address);
}

export function textToVault(given) {
  text(given, "text");
  return backup.textToVault(given);
}

export function vaultToSeries(vault, vaultId) {
  bytes(vault, "vault");
  text(vaultId, "vaultId");
  return backup.vaultToSeries(vault, vaultId);
}

export function seriesToVault(parts) {
  list(parts, "parts");
  return backup.seriesToVault(parts);
}

export { backupApps } from "#glue";
