import { until } from "../ports/clock.ts";
import { StorageError, persistent } from "../ports/storage.ts";
import type { Emit, View, Words } from "./model.ts";
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

/** Shows the codes again when the first of them runs out. `made`: the codes that are shown already. */
export function refreshCodes(emit: Emit, made?: Pick<View, "codes">): void {
  stopWaiting();
  if (!session.isOpen()) return; // Locked meanwhile.
  const { codes } = made ?? shownNow(emit);
  goodUntilMs = Math.min(...codes.map(({ validUntilMs }) => validUntilMs));
  if (Number.isFinite(goodUntilMs)) waiting = until(goodUntilMs, () => refreshCodes(emit));
}

function shownNow(emit: Emit): Pick<View, "codes"> {
  const now = session.codes();
  emit({ type: "codes", ...now });
  return now;
}

/** The vault is open: show it, keep its codes true, and ask the browser not to clear it by itself. */
export function opened(found: { view: View; older: boolean; loose?: boolean }, emit: Emit): void {
  emit({ type: "opened", ...found });
  refreshCodes(emit, found.view);
  void persistent(true).then((is) => emit({ type: "around", around: { persistent: is } }));
}

/** Tries; a failure becomes the event that `failed` makes of its sentence. */
export async function attempt(work: () => Promise<void>, failed: (note: Words) => Parameters<Emit>[0], emit: Emit): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StorageError && error.fault === "changed elsewhere") emit({ type: "taken over by another tab" });
    else if (error instanceof StorageError && error.fault === "newer") emit({ type: "newer" });
    else emit(failed(wordsFor(error)));
  }
}
