// The vault's bytes on this device: two generations, each with a checksum, so that a write that was cut short, or a page
// that the disk lost, costs the last change and never the vault. Device keys are written with the vault that names them.
import { OLD_NAME, type Reading, chosen, keyPlan } from "./copies.ts";

export const DATABASE = "portcullis";
export const VAULT = "vault";
export const KEYS = "keys";
const PLACES = [0, 1] as const;
/** The last bytes of format 1, until those of format 2 were opened in another page load. */
const BEFORE = "before-2";

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

export type StorageFault = "full" | "changed elsewhere" | "lost" | "blocked" | "newer" | "no key";

/** Why the vault could not be read or kept. */
export class StorageError extends Error {
  readonly fault: StorageFault;
  constructor(fault: StorageFault) {
    super(fault);
    this.name = "StorageError";
    this.fault = fault;
  }
}

const FAULTS: Record<string, StorageFault> = { QuotaExceededError: "full", SecurityError: "blocked", InvalidStateError: "blocked", VersionError: "newer", DataCloneError: "no key" };

const faultOf = (error: unknown): StorageError => (error instanceof StorageError ? error : new StorageError(FAULTS[error instanceof Error ? error.name : ""] ?? "lost"));

export const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    transaction.onerror = () => reject(transaction.error);
  });

/** The database stays at version 1 with its two stores, so that an older build never calls it unreadable. */
export async function database(): Promise<IDBDatabase> {
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

const printOf = (stored: Stored | undefined): string | null => (stored ? String(stored.checksum) : null);

/** What this tab last saw in both places, and where the newest copy stands: another writer is noticed by a difference. */
let known: { prints: (string | null)[]; newest: number | null } = { prints: [null, null], newest: null };
/** Whether bytes of format 1 were set aside by an earlier page load. */
let aside = false;

const get = (store: IDBObjectStore, name: IDBValidKey): Promise<Stored | undefined> => done(store.get(name));

async function readAll(db: IDBDatabase): Promise<(Stored | undefined)[]> {
  const store = db.transaction(VAULT).objectStore(VAULT);
  return Promise.all([...PLACES, BEFORE].map((place) => get(store, place)));
}

async function isWhole(stored: Stored | undefined): Promise<boolean> {
  return stored?.sealed instanceof Uint8Array && (await checksum(stored.sealed)) === stored.checksum;
}

/**
 * The newest whole copy; null when nothing was ever stored. `read` tells what a copy is. Throws `newer` for a copy of a
 * newer version: then nothing of it may be shown, and nothing is written.
 */
export async function load(read: (sealed: Uint8Array) => Promise<Reading>): Promise<Loaded | null> {
  try {
    const db = await database();
    const all = await readAll(db);
    db.close();
    aside = all[2] !== undefined;
    if (all.every((stored) => stored === undefined)) {
      known = { prints: [null, null], newest: null };
      return null;
    }
    const copies = await Promise.all(all.map(async (stored) => ({ reading: stored && (await isWhole(stored)) ? await read(stored.sealed) : null, savedMs: stored?.savedMs ?? 0 })));
    // What was set aside counts where nothing else can be opened.
    let { place, newer, older } = chosen(copies.slice(0, PLACES.length).map((copy, at) => (all[at] ? copy : { reading: null, savedMs: -1 })));
    if (place === null && typeof copies[2]?.reading === "number") [place, older] = [2, true];
    if (newer) throw new StorageError("newer");
    const best = place === null ? undefined : all[place];
    if (!best) throw new StorageError("lost");
    known = { prints: PLACES.map((at) => printOf(all[at])), newest: place };
    return { sealed: best.sealed, older };
  } catch (error) {
    throw faultOf(error);
  }
}

/** What has to be known of sealed bytes; null where this version cannot tell. */
export interface Described {
  format: number;
  /** The ids of the device slots. */
  devices: string[];
}

export interface DeviceKey {
  /** The id of the slot that it opens. */
  id: string;
  key: Uint8Array;
}

export interface Saving {
  /** What storage has to know of sealed bytes; null where this version cannot tell. */
  describe: (sealed: Uint8Array) => Described | null;
  /** A device key that these bytes name for the first time. */
  fresh?: DeviceKey | undefined;
  /** Put away what is stored, whatever it is, instead of writing beside it. */
  instead?: boolean;
}

/**
 * Keeps the bytes beside the copy before them, strictly durable, and reads them back; a new device key is kept in the same
 * transaction, and one that no stored vault names goes in it. Throws `changed elsewhere` when what is stored is not what
 * this tab knows, so that no tab ever overwrites what another one saved. After any error all is as it was.
 */
export async function save(sealed: Uint8Array, { describe, fresh, instead = false }: Saving): Promise<void> {
  let db: IDBDatabase | undefined;
  try {
    const record: Stored = { sealed, checksum: await checksum(sealed), savedMs: Date.now() };
    const wrapped = fresh ? await wrap(fresh.key) : null;
    db = await database();
    const transaction = db.transaction([VAULT, KEYS], "readwrite", { durability: "strict" });
    const over = finished(transaction);
    over.catch(() => undefined);
    const place = known.newest === 0 && !instead ? 1 : 0;
    try {
      const [vaults, keys] = [transaction.objectStore(VAULT), transaction.objectStore(KEYS)];
      const stored = await Promise.all([...PLACES, BEFORE].map((at) => get(vaults, at)));
      if (instead) putAway(vaults, stored);
      else if (PLACES.some((at) => printOf(stored[at]) !== known.prints[at])) throw new StorageError("changed elsewhere");
      const standing = known.newest === null || instead ? undefined : stored[known.newest];
      if (standing && !stored[2] && describe(standing.sealed)?.format === 1 && describe(sealed)?.format !== 1) vaults.put(standing, BEFORE);
      if (fresh) keys.put(wrapped, fresh.id);
      vaults.put(record, place);
      const all = await done<Stored[]>(vaults.getAll());
      await tidyKeys(keys, all.map((copy) => describe(copy.sealed)?.devices ?? null));
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It has ended by itself, and says why.
      }
      throw transaction.error ?? error;
    }
    await over;
    const back = (await readAll(db))[place];
    const prints = PLACES.map((at) => (at === place ? printOf(back) : instead ? null : (known.prints[at] ?? null)));
    if (back?.checksum !== record.checksum || !(await isWhole(back))) {
      known.prints = prints;
      throw new StorageError("lost");
    }
    known = { prints, newest: place };
  } catch (error) {
    throw faultOf(error);
  } finally {
    db?.close();
  }
}

/** What could not be opened is kept beside what takes its place: a key for it may be found later. */
function putAway(vaults: IDBObjectStore, stored: (Stored | undefined)[]): void {
  for (const [at, copy] of stored.entries()) {
    if (copy) vaults.put(copy, `old-${copy.savedMs}-${at}`);
    vaults.delete([...PLACES, BEFORE][at] as IDBValidKey);
  }
}

async function tidyKeys(keys: IDBObjectStore, named: (string[] | null)[]): Promise<void> {
  const { move, drop } = keyPlan(named, (await done(keys.getAllKeys())).map(String));
  if (move !== null) {
    keys.put(await done(keys.get(OLD_NAME)), move);
    keys.delete(OLD_NAME);
  }
  for (const name of drop) keys.delete(name);
}

/** The newest copy was opened: what an earlier page load set aside goes, unless it is that copy. */
export async function forgetAside(): Promise<void> {
  if (!aside || known.newest === 2) return;
  aside = false;
  const db = await database();
  const transaction = db.transaction(VAULT, "readwrite");
  transaction.objectStore(VAULT).delete(BEFORE);
  await finished(transaction);
  db.close();
}

/**
 * The device key so that it opens the vault on this device only: wrapped by a key that the browser uses and never gives
 * away.
 */
async function wrap(key: Uint8Array): Promise<{ wrapping: CryptoKey; iv: Uint8Array; wrapped: Uint8Array }> {
  try {
    const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { wrapping, iv, wrapped: new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapping, key as BufferSource)) };
  } catch {
    throw new StorageError("no key");
  }
}

/** The key of a device slot, or null when this device has none (any more). */
export async function deviceKey(id: string): Promise<Uint8Array | null> {
  try {
    const db = await database();
    const store = db.transaction(KEYS).objectStore(KEYS);
    const [own, old] = await Promise.all([done(store.get(id)), done(store.get(OLD_NAME))]);
    db.close();
    const kept = own ?? old;
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, kept.wrapping, kept.wrapped));
  } catch {
    return null; // Restored from another device, or the browser dropped the key: other ways in remain.
  }
}

/** Says whether the browser will not clear this storage by itself; `ask` has it promise, for which some ask the person. */
export async function persistent(ask: boolean): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (ask && (await navigator.storage.persist()));
  } catch {
    return false;
  }
}
