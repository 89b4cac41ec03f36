// The vault's bytes on this device: two generations, each with a checksum, so that a write that was cut short, or a page
// that the disk lost, costs the last change and never the vault.

const DATABASE = "portcullis";
const VAULT = "vault";
const KEYS = "keys";
const DEVICE = "device";
const PLACES = [0, 1] as const;

interface Stored {
  sealed: Uint8Array;
  /** SHA-256 of `sealed`, as hex. */
  checksum: string;
  savedMs: number;
}

export interface Loaded {
  sealed: Uint8Array;
  /** Whether the newest copy could not be read and this is the one before it. */
  older: boolean;
}

export type StorageFault = "full" | "changed elsewhere" | "lost" | "blocked";

/** Why the vault could not be read or kept. */
export class StorageError extends Error {
  readonly fault: StorageFault;
  constructor(fault: StorageFault) {
    super(fault);
    this.name = "StorageError";
    this.fault = fault;
  }
}

const faultOf = (error: unknown): StorageError => {
  if (error instanceof StorageError) return error;
  const name = error instanceof Error ? error.name : "";
  return new StorageError(name === "QuotaExceededError" ? "full" : name === "SecurityError" || name === "InvalidStateError" ? "blocked" : "lost");
};

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });

async function database(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(VAULT);
    request.result.createObjectStore(KEYS);
  };
  return done(request);
}

async function checksum(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What this tab last read or wrote, by place: another writer is noticed by its absence. */
let known: { place: 0 | 1; checksum: string } | null = null;

async function readAll(db: IDBDatabase): Promise<(Stored | undefined)[]> {
  const store = db.transaction(VAULT).objectStore(VAULT);
  return Promise.all(PLACES.map((place) => done<Stored | undefined>(store.get(place))));
}

async function isWhole(stored: Stored | undefined): Promise<boolean> {
  return stored?.sealed instanceof Uint8Array && (await checksum(stored.sealed)) === stored.checksum;
}

/** The newest whole copies, the newest first; null when nothing was ever stored. `generationOf` reads a copy's number. */
export async function load(generationOf: (sealed: Uint8Array) => Promise<number>): Promise<Loaded | null> {
  try {
    const db = await database();
    const all = await readAll(db);
    db.close();
    if (all.every((stored) => stored === undefined)) return null;
    const whole: { place: 0 | 1; stored: Stored; generation: number }[] = [];
    for (const place of PLACES) {
      const stored = all[place];
      if (!stored || !(await isWhole(stored))) continue;
      try {
        whole.push({ place, stored, generation: await generationOf(stored.sealed) });
      } catch {
        // Whole as stored, but not readable as a vault: treated like a lost copy.
      }
    }
    whole.sort((a, b) => b.generation - a.generation);
    const best = whole[0];
    if (!best) throw new StorageError("lost");
    known = { place: best.place, checksum: best.stored.checksum };
    // A spoiled copy that is older than this one costs nothing, and the next change is written over it.
    const newer = (stored: Stored | undefined): boolean => stored !== undefined && !(stored.savedMs < best.stored.savedMs);
    return { sealed: best.stored.sealed, older: all.some((stored, place) => newer(stored) && !whole.some((good) => good.place === place)) };
  } catch (error) {
    throw faultOf(error);
  }
}

/**
 * Keeps the bytes beside the copy before them, strictly durable, and reads them back. Throws `changed elsewhere` when what
 * is stored is not what this tab knows, so that no tab ever overwrites what another one saved.
 */
export async function save(sealed: Uint8Array): Promise<void> {
  const record: Stored = { sealed, checksum: await checksum(sealed), savedMs: Date.now() };
  try {
    const db = await database();
    const transaction = db.transaction(VAULT, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(VAULT);
    const over = finished(transaction);
    const place = known?.place === 0 ? 1 : 0;
    const standing = known ? await done<Stored | undefined>(store.get(known.place)) : undefined;
    const other = known ? undefined : await done<Stored | undefined>(store.get(1));
    if (standing?.checksum !== known?.checksum || other !== undefined) {
      transaction.abort();
      await over.catch(() => undefined);
      throw new StorageError("changed elsewhere");
    }
    store.put(record, place);
    await over;
    const back = (await readAll(db))[place];
    db.close();
    if (back?.checksum !== record.checksum || !(await isWhole(back))) throw new StorageError("lost");
    known = { place, checksum: record.checksum };
  } catch (error) {
    throw faultOf(error);
  }
}

/**
 * Keeps the device key so that it opens the vault on this device only: wrapped by a key that the browser uses and never
 * gives away. Throws where a browser cannot keep such a key (private windows, lockdown modes).
 */
export async function keepDeviceKey(key: Uint8Array): Promise<void> {
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, key as BufferSource);
  const db = await database();
  const transaction = db.transaction(KEYS, "readwrite", { durability: "strict" });
  transaction.objectStore(KEYS).put({ wrapping, iv, wrapped: new Uint8Array(wrapped) }, DEVICE);
  await finished(transaction);
  db.close();
}

/** The device key, or null when this device has none (any more). */
export async function deviceKey(): Promise<Uint8Array | null> {
  try {
    const db = await database();
    const kept = await done(db.transaction(KEYS).objectStore(KEYS).get(DEVICE));
    db.close();
    if (!kept) return null;
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, kept.wrapping, kept.wrapped));
  } catch {
    return null; // Restored from another device, or the browser dropped the key: other ways in remain.
  }
}

export async function forgetDeviceKey(): Promise<void> {
  const db = await database();
  const transaction = db.transaction(KEYS, "readwrite", { durability: "strict" });
  transaction.objectStore(KEYS).delete(DEVICE);
  await finished(transaction);
  db.close();
}

/** Says whether the browser will not clear this storage by itself; `ask` has it promise, for which some ask the person. */
export async function persistent(ask: boolean): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (ask && (await navigator.storage.persist()));
  } catch {
    return false;
  }
}
