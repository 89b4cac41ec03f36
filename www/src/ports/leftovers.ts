// What stands on the device and cannot be opened: given out as files, and wiped when the person says so.
import { DATABASE, KEYS, VAULT, done, finished } from "./storage.ts";

/** Without a version: a newer app may have raised it. */
async function anyDatabase(): Promise<IDBDatabase> {
  return done(indexedDB.open(DATABASE));
}

/** The bytes of every stored copy, the newest first, damaged or not, each once. */
export async function oldBytes(): Promise<Uint8Array[]> {
  const db = await anyDatabase();
  try {
    const copies: { sealed?: unknown; savedMs?: number }[] = db.objectStoreNames.contains(VAULT) ? await done(db.transaction(VAULT).objectStore(VAULT).getAll()) : [];
    return copies.sort((a, b) => (b.savedMs ?? 0) - (a.savedMs ?? 0)).flatMap(({ sealed }) => (sealed instanceof Uint8Array ? [sealed] : []));
  } finally {
    db.close();
  }
}

/** Removes every copy and every key. Nobody can take this back. */
export async function wipe(): Promise<void> {
  const db = await anyDatabase();
  try {
    const stores = [VAULT, KEYS].filter((name) => db.objectStoreNames.contains(name));
    const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
    for (const name of stores) transaction.objectStore(name).clear();
    await finished(transaction);
  } finally {
    db.close();
  }
}
