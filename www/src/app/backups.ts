// Backups of the open vault, and vaults that take the place of one that cannot be opened.
import * as core from "portcullis/vault/wasm";
import { StorageError } from "../ports/storage.ts";
import { merge } from "./merging.ts";
import type { UnlockMethod, View } from "./model.ts";
import { SessionError, changed, inTurn, keep, lookAt, open, opened, ready, stored, view } from "./session.ts";

/** The backup that is being looked at. */
let backup: Uint8Array | null = null;

/** The encrypted vault as a file of the person's own. The vault remembers what it holds. */
export const backupBytes = inTurn(async (): Promise<Uint8Array> => {
  await changed((draft) => draft.noteBackup("file", Date.now()));
  core.readLocked(stored()); // A backup that could not be read again would be none.
  return stored();
});

export async function readBackup(bytes: Uint8Array): Promise<core.LockedInfo> {
  await ready();
  const info = core.readLocked(bytes);
  backup = bytes;
  return info;
}

export const forgetBackup = (): void => {
  backup = null;
};

async function openedBackup(method: UnlockMethod, typed: string): Promise<core.Vault> {
  if (!backup) throw new SessionError("VAULT_CLOSED");
  return opened(backup, method, typed);
}

/** The entries with the same key; none for one that cannot make codes, which is known by its id alone. */
function duplicatesOf(account: core.Account): string[] {
  try {
    return open().duplicatesOf(account);
  } catch {
    return [];
  }
}

/** The kept originals of entries that make no codes, as their apps wrote them. */
export const originals = (): Set<string> =>
  new Set([...open().entries(), ...open().trash()].flatMap(({ id, hasSource }) => (hasSource ? [open().exportSource(id) ?? ""] : [])));

/** Opens the backup and merges it: what is not here is added, what is newer there wins, and nothing is removed. */
export const openBackup = inTurn(async (method: UnlockMethod, typed: string): Promise<{ total: number; added: number; newer: number; present: number }> => {
  const other = await openedBackup(method, typed);
  try {
    const [entries, trash] = [open().entries(), open().trash()];
    const known = new Map([...entries, ...trash].map((entry) => [entry.id, entry]));
    const { changes, added, newer, present } = merge(
      { entries, trash, twins: (account) => duplicatesOf(account).flatMap((id) => known.get(id) ?? []), sources: originals() },
      { entries: other.entries(), trash: other.trash(), account: (id) => other.exportAccount(id), source: (id) => other.exportSource(id) },
    );
    const nowMs = Date.now();
    await changed((draft) => {
      for (const change of changes) draft.apply(change, nowMs);
      draft.setTags([...new Set([...draft.tags(), ...other.tags()])]);
      draft.noteOpened("opened", other, nowMs);
    });
    return { total: added + newer + present, added, newer, present };
  } finally {
    other.free();
  }
});

/**
 * Opens the backup as the vault of this device: its entries, bin and ways in. What stood here is put away, not removed.
 * Where this browser stores nothing the codes are shown all the same, and `kept` is false.
 */
export const adoptBackup = inTurn(async (method: UnlockMethod, typed: string): Promise<{ view: View; kept: boolean }> => {
  const other = await openedBackup(method, typed);
  const bytes = backup as Uint8Array;
  const copy = other.reopen(bytes);
  // Typed from the paper, so it is proved. It may be the only way in that remains.
  if (method === "recovery") for (const { id, kind } of other.slots()) if (kind === "recovery") other.proveSlot(id, core.recoveryKeyBytes(typed), Date.now());
  // A key of another device opens nothing here.
  for (const { kind, id } of other.slots()) if (kind === "device") other.removeSlot(id);
  other.noteBackup("opened", Date.now());
  try {
    await keep(other, { instead: true });
  } catch (error) {
    const nowhere = error instanceof StorageError && error.fault === "blocked";
    if (nowhere) lookAt(copy, bytes);
    else copy.free();
    if (!nowhere) throw error;
    return { view: view(), kept: false };
  }
  copy.free();
  return { view: view(), kept: true };
});
