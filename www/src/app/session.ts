import * as core from "portcullis/vault/wasm";
import wasm from "portcullis/vault.wasm?url";
import { deviceKey, forgetDeviceKey, keepDeviceKey, load, save } from "../ports/storage.ts";
import { stretched } from "../ports/heavy.ts";
import type { Account, Applied, Change, UnlockMethod, View } from "./model.ts";
import { differences, sameButCounter } from "./twins.ts";

// The one open vault of this tab. Nothing counts before its bytes are on the device and were read back.

let vault: core.Vault | null = null;
/** The bytes of the locked vault, and of a backup that is being looked at. */
let locked: Uint8Array | null = null;
let backup: Uint8Array | null = null;
/** Whether `locked` is the copy before the newest one, which could not be read. */
let older = false;

/** A failure with a stable code, for the sentence that the person reads. */
export class SessionError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = "SessionError";
    this.code = code;
  }
}

const open = (): core.Vault => {
  if (!vault) throw new SessionError("VAULT_CLOSED");
  return vault;
};

export function view(nowMs = Date.now()): View {
  const now = open();
  return { entries: now.entries(), trash: now.trash(), codes: now.codesAt(nowMs), codesMs: nowMs, slots: now.slots() };
}

export const codes = (nowMs = Date.now()): Pick<View, "codes" | "codesMs"> => ({ codes: open().codesAt(nowMs), codesMs: nowMs });

export const isOpen = (): boolean => vault !== null;

/**
 * One piece of work on the vault after the other: two that were stored at once would each find the other's bytes when
 * they read back their own, and one that opens or closes would meet a change that is not stored yet.
 */
let line: Promise<unknown> = Promise.resolve();
const inTurn =
  <Given extends unknown[], Result>(work: (...given: Given) => Result | Promise<Result>) =>
  (...given: Given): Promise<Result> => {
    const mine = line.then(() => work(...given));
    line = mine.catch(() => undefined);
    return mine;
  };

export type Found = { is: "nothing" } | { is: "locked"; methods: UnlockMethod[] } | { is: "open"; view: View; older: boolean };

let loading: Promise<void> | null = null;

/** The core, once. What could not be fetched is tried again at the next call. */
export function ready(): Promise<void> {
  loading ??= core.init(wasm).catch(() => {
    loading = null;
    throw new SessionError("NOT_HERE");
  });
  return loading;
}

/** Looks what is stored, and opens it where this device's own key does. */
export const find = inTurn(async (): Promise<Found> => {
  const loaded = ready();
  // The disk and the core take their time side by side.
  const [stored] = await Promise.all([
    load(async (sealed) => {
      await loaded;
      return core.readLocked(sealed).generation;
    }),
    loaded,
  ]);
  if (!stored) return { is: "nothing" };
  locked = stored.sealed;
  older = stored.older;
  const { slots } = core.readLocked(stored.sealed);
  const device = slots.find(({ kind }) => kind === "device");
  const key = device ? await deviceKey() : null;
  if (device && key) {
    vault = core.unlock(stored.sealed, device.id, key);
    return { is: "open", view: view(), older: stored.older };
  }
  return { is: "locked", methods: methodsOf(slots) };
});

const methodsOf = (slots: core.SlotInfo[]): UnlockMethod[] =>
  (["passphrase", "recovery"] as const).filter((method) => slots.some(({ kind }) => kind === method));

/** A new vault, opened by a passphrase or by a key that stays on this device. */
export const create = inTurn(async (passphrase: string | null): Promise<View> => {
  const nowMs = Date.now();
  if (passphrase === null) {
    const key = core.makeDeviceKey();
    await keepDeviceKey(key).catch(() => {
      throw new SessionError("NO_DEVICE_KEY");
    });
    vault = core.createVault([{ kind: "device", key }], nowMs);
  } else {
    const { key, kdf } = await stretched({ passphrase });
    vault = core.createVault([{ kind: "passphrase", key, kdf }], nowMs);
  }
  await keep();
  return view();
});

async function keep(): Promise<void> {
  const sealed = open().seal();
  await save(sealed);
  locked = sealed;
  older = false;
}

export const unlock = inTurn(async (method: UnlockMethod, typed: string): Promise<{ view: View; older: boolean }> => {
  if (!locked) throw new SessionError("VAULT_CLOSED");
  vault = await opened(locked, method, typed);
  return { view: view(), older };
});

/** Tries each slot of that kind: a vault may have more than one passphrase. */
async function opened(bytes: Uint8Array, method: UnlockMethod, typed: string): Promise<core.Vault> {
  const slots = core.readLocked(bytes).slots.filter(({ kind }) => kind === method);
  let failure: unknown = new SessionError("VAULT_WRONG_KEY");
  for (const slot of slots) {
    try {
      const key = slot.kdf ? (await stretched({ passphrase: typed, kdf: slot.kdf })).key : core.recoveryKeyBytes(typed);
      return core.unlock(bytes, slot.id, key);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

export const close = inTurn((): void => {
  vault?.free();
  vault = null;
});

/** Applies the changes and stores them; on a failure the vault is as it was. Returns what takes them back, in order. */
export const apply = inTurn(applied);

async function applied(changes: Change[]): Promise<Change[] | null> {
  const nowMs = Date.now();
  const done: Applied[] = [];
  try {
    for (const change of changes) done.push(open().apply(change, nowMs));
    await keep();
  } catch (error) {
    for (const { undo } of done.reverse()) if (undo) open().apply(undo, nowMs);
    throw error;
  }
  const undos = done.reverse().map(({ undo }) => undo);
  return undos.every((undo) => undo !== null) ? undos : null;
}

/** Uses up a counter: stored first, shown after. */
export const spend = inTurn(async (id: string): Promise<string> => {
  const { code } = open().apply({ do: "spend", id }, Date.now());
  await keep();
  if (code === undefined) throw new SessionError("VAULT_NO_COUNTER");
  return code;
});

export const duplicatesOf = (account: Account): string[] => open().duplicatesOf(account);
export const exportAccount = (id: string): Account => open().exportAccount(id);
export const exportUri = (id: string): string => open().exportUri(id);

/** From now on the vault opens by this passphrase, and no longer by itself on this device. */
export async function setPassphrase(passphrase: string): Promise<View> {
  return opensBy(await stretched({ passphrase })); // While that takes its second, others may have their turn.
}

const opensBy = inTurn(async ({ key, kdf }: { key: Uint8Array; kdf: core.KdfParams }): Promise<View> => {
  const before = open().slots().filter(({ kind }) => kind === "passphrase" || kind === "device");
  await keepSlot({ kind: "passphrase", key, kdf });
  for (const slot of before) open().removeSlot(slot.id);
  // Twice, so that the copy before it, which the old ways still open, is gone too.
  await keep();
  await keep();
  await forgetDeviceKey();
  return view();
});

/** A new way in. It is stored before an old one goes: what could not be stored must not become the only way later. */
async function keepSlot(slot: Parameters<core.Vault["addSlot"]>[0]): Promise<void> {
  const id = open().addSlot(slot, Date.now());
  try {
    await keep();
  } catch (error) {
    open().removeSlot(id);
    throw error;
  }
}

/** A new recovery key. One that was never typed back is replaced; one that was stays until the new one is typed back. */
export const makeRecovery = inTurn(async (): Promise<{ key: string; replaced: boolean }> => {
  const loose = recoverySlots().filter(({ provedMs }) => provedMs === undefined);
  const key = core.makeRecoveryKey();
  await keepSlot({ kind: "recovery", key: core.recoveryKeyBytes(key) });
  for (const slot of loose) open().removeSlot(slot.id);
  if (loose.length > 0) await keep();
  return { key, replaced: loose.length > 0 };
});

/** Whether what was typed is the newest recovery key; if so, the vault remembers it, and older ones no longer open it. */
export const proveRecovery = inTurn(async (typed: string): Promise<boolean> => {
  const slot = recoverySlots().find(({ provedMs }) => provedMs === undefined);
  if (!slot || !open().proveSlot(slot.id, core.recoveryKeyBytes(typed), Date.now())) return false;
  for (const { id } of recoverySlots()) if (id !== slot.id) open().removeSlot(id);
  await keep();
  return true;
});

const recoverySlots = (): core.OpenSlotInfo[] => open().slots().filter(({ kind }) => kind === "recovery");

/** The encrypted vault as a file of the person's own. */
export const backupBytes = inTurn(async (): Promise<Uint8Array> => {
  await keep();
  if (!locked) throw new SessionError("VAULT_CLOSED");
  core.readLocked(locked); // A backup that could not be read again would be none.
  return locked;
});

export function readBackup(bytes: Uint8Array): core.LockedInfo {
  const info = core.readLocked(bytes);
  backup = bytes;
  return info;
}

export const forgetBackup = (): void => {
  backup = null;
};

/** Throws where this does not open what is stored. */
export async function prove(method: UnlockMethod, typed: string): Promise<void> {
  if (!locked) throw new SessionError("VAULT_CLOSED");
  (await opened(locked, method, typed)).free();
}

/** The backup becomes the vault of a device that has none: with its entries, bin, order and ways in, but no other device's key. */
export const adopt = inTurn(async (method: UnlockMethod, typed: string): Promise<View> => {
  if (!backup || vault) throw new SessionError("VAULT_CLOSED");
  const other = await opened(backup, method, typed);
  try {
    for (const { id, kind } of other.slots()) if (kind === "device") other.removeSlot(id);
    vault = other;
    await keep();
  } catch (error) {
    vault = null;
    other.free();
    throw error;
  }
  backup = null;
  return view();
});

/** Opens the backup and adds what is not here yet. */
export const openBackup = inTurn(async (method: UnlockMethod, typed: string): Promise<{ total: number; added: number; present: number }> => {
  if (!backup) throw new SessionError("VAULT_CLOSED");
  const other = await opened(backup, method, typed);
  try {
    const entries = other.entries();
    const known = new Map([...open().entries(), ...open().trash()].map((entry) => [entry.id, entry]));
    const changes = entries.flatMap((entry): Change[] => {
      const account = other.exportAccount(entry.id);
      // A counter that went on is no other account.
      const twins = open().duplicatesOf(account).flatMap((id) => known.get(id) ?? []);
      if (twins.some((twin) => sameButCounter(differences(twin, account)))) return [];
      return [{ do: "add", account, note: entry.note, tags: entry.tags, icon: entry.icon, pinned: entry.pinned }];
    });
    if (changes.length > 0) await applied(changes);
    return { total: entries.length, added: changes.length, present: entries.length - changes.length };
  } finally {
    other.free();
  }
});
