import * as core from "portcullis/vault/wasm";
import wasm from "portcullis/vault.wasm?url";
import { type Described, type DeviceKey, StorageError, deviceKey, forgetAside, load, save } from "../ports/storage.ts";
import { stretched } from "../ports/heavy.ts";
import type { Account, Change, UnlockMethod, View } from "./model.ts";

// The one open vault of this tab. Nothing counts before its bytes are on the device and were read back.

let vault: core.Vault | null = null;
/** The bytes that are stored. */
let locked: Uint8Array | null = null;
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

export const open = (): core.Vault => {
  if (!vault) throw new SessionError("VAULT_CLOSED");
  return vault;
};

export function view(nowMs = Date.now()): View {
  const now = open();
  return { entries: now.entries(), trash: now.trash(), codes: now.codesAt(nowMs), codesMs: nowMs, slots: now.slots(), backups: now.backups(), unbacked: now.notInBackup().length };
}

export const codes = (nowMs = Date.now()): Pick<View, "codes" | "codesMs"> => ({ codes: open().codesAt(nowMs), codesMs: nowMs });

export const isOpen = (): boolean => vault !== null;

/**
 * One piece of work on the vault after the other: two that were stored at once would each find the other's bytes when
 * they read back their own, and one that opens or closes would meet a change that is not stored yet.
 */
let line: Promise<unknown> = Promise.resolve();
export const inTurn =
  <Given extends unknown[], Result>(work: (...given: Given) => Result | Promise<Result>) =>
  (...given: Given): Promise<Result> => {
    const mine = line.then(() => work(...given));
    line = mine.catch(() => undefined);
    return mine;
  };

export type Found =
  | { is: "nothing" }
  /** `gone`: this browser had a key that opened it, and has it no longer. */
  | { is: "locked"; methods: UnlockMethod[]; gone: boolean }
  | { is: "open"; view: View; older: boolean };

let loading: Promise<void> | null = null;

/** The core, once. What could not be fetched is tried again at the next call. */
export function ready(): Promise<void> {
  loading ??= core.init(wasm).catch(() => {
    loading = null;
    throw new SessionError("NOT_HERE");
  });
  return loading;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** Looks what is stored, and opens it where this device's own key does. */
export const find = inTurn(async (): Promise<Found> => {
  const loaded = ready();
  // The disk and the core take their time side by side.
  const [stored] = await Promise.all([
    load(async (sealed) => {
      await loaded;
      try {
        return core.readLocked(sealed).generation;
      } catch (error) {
        return codeOf(error) === "VAULT_TOO_NEW" ? "newer" : null;
      }
    }),
    loaded,
  ]);
  if (!stored) return { is: "nothing" };
  locked = stored.sealed;
  older = stored.older;
  const { slots } = core.readLocked(stored.sealed);
  const devices = slots.filter(({ kind }) => kind === "device");
  for (const { id } of devices) {
    const key = await deviceKey(id);
    if (!key) continue;
    try {
      vault = core.unlock(stored.sealed, id, key);
    } catch (error) {
      if (codeOf(error) === "VAULT_WRONG_KEY") continue; // The key of another vault is no key of this one.
      throw error;
    }
    wasOpened();
    return { is: "open", view: view(), older };
  }
  return { is: "locked", methods: methodsOf(slots), gone: devices.length > 0 };
});

const wasOpened = (): void => void forgetAside().catch(() => undefined);

export const methodsOf = (slots: core.SlotInfo[]): UnlockMethod[] =>
  (["passphrase", "recovery"] as const).filter((method) => slots.some(({ kind }) => kind === method));

/** A new vault, opened by a passphrase or by a key that stays on this device. */
export const create = inTurn(async (passphrase: string | null): Promise<View> => {
  const nowMs = Date.now();
  if (passphrase === null) {
    const key = core.makeDeviceKey();
    const made = core.createVault([{ kind: "device", key }], nowMs);
    const id = made.slots()[0]?.id ?? "";
    await keep(made, { fresh: { id, key } }).catch((error: unknown) => {
      throw error instanceof StorageError && error.fault === "no key" ? new SessionError("NO_DEVICE_KEY") : error;
    });
  } else {
    const { key, kdf } = await stretched({ passphrase });
    await keep(core.createVault([{ kind: "passphrase", key, kdf }], nowMs));
  }
  return view();
});

function describe(sealed: Uint8Array): Described | null {
  try {
    const { format, slots } = core.readLocked(sealed);
    return { format, devices: slots.flatMap(({ kind, id }) => (kind === "device" ? [id] : [])) };
  } catch {
    return null;
  }
}

/** Stores the draft, which is the open vault from then on. On a failure it is gone, and the vault is as it was. */
export async function keep(draft: core.Vault, how: { fresh?: DeviceKey; instead?: boolean } = {}): Promise<void> {
  try {
    const sealed = draft.seal();
    await save(sealed, { describe, ...how });
    locked = sealed;
  } catch (error) {
    draft.free();
    throw error;
  }
  vault?.free();
  vault = draft;
  older = false;
}

/** Changes what is stored, whole or not at all: the work is done on the stored bytes, opened again. */
export async function changed<Result>(work: (draft: core.Vault) => Result): Promise<Result> {
  const draft = open().reopen(stored());
  let result: Result;
  try {
    result = work(draft);
  } catch (error) {
    draft.free();
    throw error;
  }
  await keep(draft);
  return result;
}

/** Opens what cannot be stored here, to be looked at. */
export function lookAt(other: core.Vault, bytes: Uint8Array): void {
  vault?.free();
  vault = other;
  locked = bytes;
}

export function stored(): Uint8Array {
  if (!locked) throw new SessionError("VAULT_CLOSED");
  return locked;
}

export const unlock = inTurn(async (method: UnlockMethod, typed: string): Promise<{ view: View; older: boolean }> => {
  vault = await opened(stored(), method, typed);
  wasOpened();
  return { view: view(), older };
});

/** Tries each slot of that kind: a vault may have more than one passphrase. */
export async function opened(bytes: Uint8Array, method: UnlockMethod, typed: string): Promise<core.Vault> {
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

/** Applies the changes and stores them. Returns what takes them back, in order. */
export const apply = inTurn(applied);

export async function applied(changes: Change[]): Promise<Change[] | null> {
  const nowMs = Date.now();
  const done = await changed((draft) => changes.map((change) => draft.apply(change, nowMs)));
  const undos = done.reverse().map(({ undo }) => undo);
  return undos.every((undo) => undo !== null) ? undos : null;
}

/** Uses up a counter: stored first, shown after. */
export const spend = inTurn(async (id: string): Promise<string> => {
  const { code } = await changed((draft) => draft.apply({ do: "spend", id }, Date.now()));
  if (code === undefined) throw new SessionError("VAULT_NO_COUNTER");
  return code;
});

export const ticks = (): string[] => open().ticks();
export const keepTicks = inTurn((kept: string[]): Promise<void> => changed((draft) => draft.setTicks(kept)));

export const duplicatesOf = (account: Account): string[] => open().duplicatesOf(account);
export const exportAccount = (id: string): Account => open().exportAccount(id);
/** What the other app wrote of an entry that makes no codes here; null for any other. */
export function original(id: string): string | null {
  const source = open().exportSource(id) ?? null;
  try {
    if (source !== null) open().exportUri(id);
    return null;
  } catch {
    return source;
  }
}
export const exportUri = (id: string): string => open().exportUri(id);
