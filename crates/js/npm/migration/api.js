export { readMigration, writeMigration } from "#glue";
