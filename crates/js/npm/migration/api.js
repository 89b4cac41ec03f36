import * as migration from "#glue";
import { list, texts } from "../given/index.js";

export function readMigration(parts) {
  texts(parts, "parts");
  return migration.readMigration(parts);
}

export function writeMigration(accounts) {
  list(accounts, "accounts");
  return migration.writeMigration(accounts);
}
