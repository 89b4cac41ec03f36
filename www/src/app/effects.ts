import { until } from "../ports/clock.ts";
import { copy } from "../ports/clipboard.ts";
import { install, updateNow } from "../ports/install.ts";
import { keepSettings } from "../ports/settings.ts";
import { StorageError, persistent } from "../ports/storage.ts";
import { claim } from "../ports/tabs.ts";
import type { Effect, Emit, View, Words } from "./model.ts";
import * as session from "./session.ts";

let stopWaiting: () => void = () => undefined;
/** Until when the codes on the screen hold. */
let goodUntilMs = Infinity;

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
  if (Number.isFinite(goodUntilMs)) stopWaiting = until(goodUntilMs, () => refreshCodes(emit));
}

/** What a tap copies: what is on the screen, or what should be there, where the device has just woken up. */
function copyCode(effect: Effect & { do: "copy" }, emit: Emit): Promise<void> {
  let { text } = effect;
  if (Date.now() >= goodUntilMs) {
    refreshCodes(emit);
    text = (session.isOpen() && session.view().codes.find(({ id }) => id === effect.id)?.text) || text;
  }
  return copy(text).then((ok) => emit({ type: ok ? "copied" : "copy failed" }));
}

/** The vault is open: show it, keep its codes true, and ask the browser not to clear it by itself. */
function opened(found: { view: View; older: boolean }, emit: Emit): void {
  emit({ type: "opened", ...found });
  refreshCodes(emit);
  void persistent(true).then((is) => emit({ type: "around", around: { persistent: is } }));
}

async function find(emit: Emit, force: boolean): Promise<void> {
  session.ready().catch(() => undefined); // Whoever is told that another tab is at work has lost nothing by it.
  const mine = await claim(force, () => emit({ type: "taken over by another tab" }));
  if (!mine) return emit({ type: "open elsewhere" });
  const found = await session.find();
  if (found.is === "nothing") emit({ type: "nothing stored" });
  else if (found.is === "locked") emit({ type: "locked", ways: found.ways });
  else opened(found, emit);
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

/** Does what the state asked for. Everything that comes of it comes back as an event. */
export function run(effect: Effect, emit: Emit): void {
  void perform(effect, emit);
}

function perform(effect: Effect, emit: Emit): Promise<void> | void {
  const sheetFailed = (note: Words) => ({ type: "sheet failed", note }) as const;
  const notSaved = (note: Words) => ({ type: "not saved", view: session.isOpen() ? session.view() : null, note }) as const;
  switch (effect.do) {
    case "start":
    case "take over":
      return attempt(() => find(emit, effect.do === "take over"), (note) => ({ type: "broken", note }), emit);
    case "create":
      return attempt(
        async () => opened({ view: await session.create(effect.passphrase), older: false }, emit),
        (note) => ({ type: "begin failed", note }),
        emit,
      );
    case "unlock":
      return attempt(
        async () => opened(await session.unlock(effect.way, effect.typed), emit),
        (note) => ({ type: "unlock failed", note }),
        emit,
      );
    case "close vault":
      stopWaiting();
      return session.close();
    case "apply":
      return attempt(
        async () => {
          const undo = await session.apply(effect.changes);
          emit({ type: "changed", view: session.view(), words: effect.words, undo: effect.undoable ? undo : null });
          refreshCodes(emit);
        },
        notSaved,
        emit,
      );
    case "spend":
      return attempt(
        async () => {
          const code = await session.spend(effect.id);
          emit({ type: "spent", id: effect.id, code, view: session.view() });
        },
        notSaved,
        emit,
      );
    case "copy":
      return copyCode(effect, emit);
    case "focus row":
      return void requestAnimationFrame(() => document.getElementById(`row-${effect.id}`)?.focus());
    case "forget toast":
      return void setTimeout(() => emit({ type: "toast over", id: effect.id }), effect.afterMs);
    case "keep settings":
      return keepSettings(effect.settings);
    case "install":
      return install();
    case "update now":
      return updateNow();
    case "set passphrase":
      return attempt(async () => emit({ type: "passphrase set", view: await session.setPassphrase(effect.passphrase) }), sheetFailed, emit);
    case "make recovery":
      return attempt(
        async () => {
          const made = await session.makeRecovery();
          emit({ type: "recovery made", ...made, view: session.view() });
        },
        sheetFailed,
        emit,
      );
    case "prove recovery":
      return attempt(
        async () => {
          const right = await session.proveRecovery(effect.typed);
          emit(right ? { type: "recovery proved", view: session.view() } : { type: "sheet failed", note: { key: "recovery.differs" } });
        },
        sheetFailed,
        emit,
      );
    case "forget backup":
      return session.forgetBackup();
    default:
      // What is for adding and for backups comes when it is needed, in the order it was asked for.
      return import("./later.ts").then(
        ({ perform: later }) => later(effect, emit),
        () => {
          // What was never there needs no stopping.
          if (!effect.do.startsWith("stop")) emit({ type: "failed", note: { key: "fault.NOT_HERE" } });
        },
      );
  }
}

/** After the device slept, timers are late: call when the page is seen again. */
export const seenAgain = (emit: Emit): void => refreshCodes(emit);
