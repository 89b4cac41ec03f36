import { copy } from "../ports/clipboard.ts";
import { install, updateNow } from "../ports/install.ts";
import { loadPart } from "../ports/part.ts";
import { keepSettings } from "../ports/settings.ts";
import { claim } from "../ports/tabs.ts";
import { attempt, goodUntilMs, opened, refreshCodes, stopWaiting } from "./attempt.ts";
import type { Effect, Emit, Words } from "./model.ts";
import { isWeak } from "./passphrase.ts";
import * as session from "./session.ts";

/** What a tap copies: what is on the screen, or what should be there, where the device has just woken up. */
function copyCode(effect: Effect & { do: "copy" }, emit: Emit): Promise<void> {
  let { text } = effect;
  if (Date.now() >= goodUntilMs) {
    refreshCodes(emit);
    text = (session.isOpen() && session.codes().codes.find(({ id }) => id === effect.id)?.text) || text;
  }
  return copy(text).then((ok) => emit({ type: ok ? "copied" : "copy failed" }));
}

const QUIET_MS = 10_000; // by then the first code is copied, and nobody waits for the processor

function strengthenLater(typed: string): void {
  setTimeout(() => void loadPart(() => import("./ways.ts"), ({ strengthen }) => strengthen(typed), () => undefined).catch(() => undefined), QUIET_MS);
}

async function find(emit: Emit, force: boolean): Promise<void> {
  session.ready().catch(() => undefined); // Whoever is told that another tab is at work has lost nothing by it.
  const mine = await claim(force, { lost: () => emit({ type: "taken over by another tab" }), silent: () => emit({ type: "another tab is silent" }) });
  if (mine === null) return; // Another try took the place of this one.
  if (!mine) return emit({ type: "open elsewhere" });
  const found = await session.find();
  if (found.is === "nothing") emit({ type: "nothing stored" });
  else if (found.is === "locked") emit({ type: "locked", methods: found.methods, gone: found.gone });
  else opened(found, emit);
}

/** Does what the state asked for. Everything that comes of it comes back as an event. */
export function run(effect: Effect, emit: Emit): void {
  void perform(effect, emit);
}

function perform(effect: Effect, emit: Emit): Promise<void> | void {
  const notSaved = (note: Words) => ({ type: "not saved", view: session.isOpen() ? session.view() : null, note }) as const;
  switch (effect.do) {
    case "start":
    case "take over":
      return attempt(() => find(emit, effect.do === "take over"), (note) => ({ type: "broken", note }), emit);
    case "learn":
      return loadPart(
        () => import("./late.ts"),
        () => emit(effect.event),
        () => emit({ type: "said", words: { key: "fault.NOT_HERE" } }),
      );
    case "create":
      return attempt(
        async () => opened({ view: await session.create(effect.passphrase), older: false }, emit),
        (note) => ({ type: "begin failed", note }),
        emit,
      );
    case "unlock":
      return attempt(
        async () => {
          const found = await session.unlock(effect.method, effect.typed);
          opened(found, emit);
          if (effect.method === "passphrase" && found.view.slots.some(({ kdf }) => kdf && isWeak(kdf))) strengthenLater(effect.typed);
        },
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
          const view = session.view();
          emit({ type: "changed", view, words: effect.words, undo: effect.undoable ? undo : null });
          refreshCodes(emit, view);
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
    case "moving":
      return loadPart(
        () => import("./movingEffects.ts"),
        ({ carry }) => carry(effect.is, emit),
        () => emit({ type: "said", words: { key: "fault.NOT_HERE" } }),
      );
    default:
      // What is for adding and for backups comes when it is needed, in the order it was asked for.
      return loadPart(
        () => import("./lazyEffects.ts"),
        ({ perform: performLazily }) => performLazily(effect, emit),
        () => {
          // What was never there needs no stopping.
          if (!/^(stop|forget)/.test(effect.do)) emit({ type: "failed", note: { key: "fault.NOT_HERE" } });
        },
      );
  }
}

/** After the device slept, timers are late: call when the page is seen again. */
export const seenAgain = (emit: Emit): void => refreshCodes(emit);
