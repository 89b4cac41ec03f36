import * as migration from "#glue";
import { account, list, texts } from "../given/index.js";

export function readMigration(parts) {
  texts(parts, "parts");
  return migration.readMigration(parts);
}

export function readLinks(text) {
  const given = typeof text === "string" ? [text] : text;
  texts(given, "text", "a string or an array of strings");
  return migration.readLinks(given);
}

export function writeMigration(accounts) {
  list(accounts, "accounts");
  return migration.writeMigration(accounts.map(account));
}
