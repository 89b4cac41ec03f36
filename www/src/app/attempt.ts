import { until } from "../ports/clock.ts";
import { StorageError } from "../ports/storage.ts";
import type { Emit, Words } from "./model.ts";
import * as session from "./session.ts";

let waiting: () => void = () => undefined;
export const stopWaiting = (): void => waiting();
/** Until when the codes on the screen hold. */
export let goodUntilMs = Infinity;

/** The sentence for a failure; what it is about is never part of it. */
export function wordsFor(error: unknown): Words {
  if (error instanceof StorageError) return { key: `storage.${error.fault}` };
  const code = (error as { code?: unknown })?.code;
  const group = (error as { group?: unknown })?.group;
  if (code === "VAULT_RECOVERY_KEY_TYPO" && typeof group === "number") return { key: "fault.VAULT_RECOVERY_KEY_TYPO", vars: { group } };
  return typeof code === "string" ? { key: `fault.${code}`, vars: { code } } : { key: "fault.unknown" };
}

/** Shows the codes again when the first of them runs out. */
export function refreshCodes(emit: Emit): void {
  stopWaiting();
  if (!session.isOpen()) return; // Locked meanwhile.
  const { codes, codesMs } = session.view();
  emit({ type: "codes", codes, codesMs });
  goodUntilMs = Math.min(...codes.map(({ validUntilMs }) => validUntilMs));
  if (Number.isFinite(goodUntilMs)) waiting = until(goodUntilMs, () => refreshCodes(emit));
}

/** Tries; a failure becomes the event that `failed` makes of its sentence. */
export async function attempt(work: () => Promise<void>, failed: (note: Words) => Parameters<Emit>[0], emit: Emit): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StorageError && error.fault === "changed elsewhere") emit({ type: "taken over by another tab" });
    else emit(failed(wordsFor(error)));
  }
}
