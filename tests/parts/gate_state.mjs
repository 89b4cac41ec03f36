// The files of the gate's Durable Objects on this machine. workerd keeps a file for every object that was ever called, also for
// an empty one.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes the databases of objects that store nothing. Call it before workerd starts, which holds the files open. */
export async function forgetEmptyObjects(folder) {
  let DatabaseSync;
  try {
    ({ DatabaseSync } = await import("node:sqlite"));
  } catch {
    return 0; // This Node has no SQLite; the files are small, and only their number grows.
  }
  let removed = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(".sqlite") && !one.endsWith("metadata.sqlite"))) {
    const file = join(folder, name);
    if (!isEmpty(DatabaseSync, file)) continue;
    for (const ending of ["", "-wal", "-shm"]) await rm(file + ending, { force: true });
    removed++;
  }
  return removed;
}

/** Whether no table has a row. A file that cannot be read is kept. */
function isEmpty(DatabaseSync, file) {
  let database;
  try {
    database = new DatabaseSync(file);
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    return tables.every(({ name }) => database.prepare(`SELECT 1 FROM "${name.replaceAll('"', '""')}" LIMIT 1`).all().length === 0);
  } catch {
    return false;
  } finally {
    database?.close();
  }
}
