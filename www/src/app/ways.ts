// The ways into the open vault. Each change is stored whole or not at all.
import * as core from "portcullis/vault/wasm";
import { stretched } from "../ports/heavy.ts";
import type { UnlockMethod, View } from "./model.ts";
import { changed, inTurn, open, opened, stored, view } from "./session.ts";

/**
 * From now on the vault opens by this passphrase, and no longer by itself on this device. The copy that the old ways open
 * stays beside it until `provePassphrase`. `master`: with a new master key, and so without the recovery key.
 */
export async function setPassphrase(passphrase: string, master: boolean): Promise<View> {
  const { key, kdf } = await stretched({ passphrase }); // While that takes its second, others may have their turn.
  return replaceWays({ kind: "passphrase", key, kdf }, master);
}

const replaceWays = inTurn(async (slot: core.NewSlot, master: boolean): Promise<View> => {
  const nowMs = Date.now();
  await changed((draft) => {
    if (master) return void draft.replaceSlots([slot], nowMs);
    const before = draft.slots().filter(({ kind }) => kind === "passphrase" || kind === "device");
    draft.addSlot(slot, nowMs);
    for (const { id } of before) draft.removeSlot(id);
  });
  return view();
});

/**
 * Raises the cost of the passphrase's slot to what this device can bear now: a calibration on a busy device must not last for ever.
 * The cost never falls.
 */
export async function strengthen(typed: string): Promise<void> {
  const [slot, ...others] = open().slots().filter(({ kind }) => kind === "passphrase");
  // A file of format 1 becomes one of format 2 by a change that the person makes.
  if (!slot?.kdf || others.length > 0 || core.readLocked(stored()).format === 1) return;
  const { key, kdf } = await stretched({ passphrase: typed });
  const { memoryKib, passes } = slot.kdf;
  if (kdf.memoryKib < memoryKib || kdf.passes < passes || (kdf.memoryKib === memoryKib && kdf.passes === passes)) return;
  await redone(slot.id, { kind: "passphrase", key, kdf });
}

/** Throws if the slot is gone, because the passphrase was changed meanwhile. */
const redone = inTurn(async (old: string, slot: core.NewSlot): Promise<void> => {
  await changed((draft) => {
    draft.addSlot(slot, Date.now());
    draft.removeSlot(old);
  });
});

/** Whether this is the passphrase of what is stored. If so, the copy that the old ways open is overwritten. */
export const provePassphrase = inTurn(async (typed: string): Promise<View> => {
  (await opened(stored(), "passphrase", typed)).free();
  await changed(() => undefined);
  return view();
});

/** Throws where this does not open what is stored. */
export async function prove(method: UnlockMethod, typed: string): Promise<void> {
  (await opened(stored(), method, typed)).free();
}

/** A new recovery key. One that was never typed back is replaced; one that was stays until the new one is typed back. */
export const makeRecovery = inTurn(async (): Promise<{ key: string; replaced: boolean }> => {
  const key = core.makeRecoveryKey();
  const replaced = await changed((draft) => {
    const loose = recoverySlots(draft).filter(({ provedMs }) => provedMs === undefined);
    draft.addSlot({ kind: "recovery", key: core.recoveryKeyBytes(key) }, Date.now());
    for (const slot of loose) draft.removeSlot(slot.id);
    return loose.length > 0;
  });
  return { key, replaced };
});

/** Whether what was typed is the newest recovery key; if so, the vault remembers it, and older ones no longer open it. */
export const proveRecovery = inTurn(async (typed: string): Promise<boolean> => {
  const key = core.recoveryKeyBytes(typed);
  const slot = recoverySlots(open()).find(({ provedMs }) => provedMs === undefined);
  if (!slot) return false;
  try {
    await changed((draft) => {
      if (!draft.proveSlot(slot.id, key, Date.now())) throw new Differs();
      for (const { id } of recoverySlots(draft)) if (id !== slot.id) draft.removeSlot(id);
    });
    return true;
  } catch (error) {
    if (error instanceof Differs) return false;
    throw error;
  }
});

class Differs extends Error {}

const recoverySlots = (vault: core.Vault): core.OpenSlotInfo[] => vault.slots().filter(({ kind }) => kind === "recovery");
