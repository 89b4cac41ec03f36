import type { Effect, State, UnlockMethod, VaultEvent, Words } from "./model.ts";
import { passphraseFault } from "./passphrase.ts";
import { type Step, noEffects, openPhase } from "./step.ts";

const CLOSE: Effect[] = [{ do: "close vault" }];

/** Whether the vault is there, open, and ours. */
export function vaulting(state: State, event: VaultEvent): Step | null {
  const { at } = state.phase;
  switch (event.type) {
    // What was found counts while it is waited for: another tab may have taken over meanwhile.
    case "nothing stored":
    case "locked":
    case "open elsewhere":
    case "another tab is silent":
    case "broken":
      return at === "loading" ? lookedFor(state, event) : noEffects(state);
    case "newer":
      // It may be told by its content, when it is unlocked.
      return at === "loading" || at === "locked" ? noEffects(broken(state, null, true)) : noEffects(state);
    case "opened":
      return at === "elsewhere" ? [state, CLOSE] : opened(state, event);
    case "taken over by another tab":
      return [{ ...state, phase: { at: "elsewhere", taken: true }, sheet: null, toast: null }, CLOSE];
    case "here please":
      return [{ ...state, phase: { at: "loading" }, sheet: null }, [{ do: "take over" }]];
    case "lock":
      return lock(state);
    case "hidden for long":
      return openPhase(state) && !hasDeviceSlot(state) ? lock(state) : noEffects(state);
  }
  return welcoming(state, event) ?? unlocking(state, event);
}

function lookedFor(state: State, event: VaultEvent & { type: "nothing stored" | "locked" | "open elsewhere" | "another tab is silent" | "broken" }): Step {
  switch (event.type) {
    case "nothing stored":
      return noEffects({ ...state, phase: { at: "welcome", step: "intro", busy: false, note: null } });
    case "locked":
      return noEffects(lockedWith(state, event.methods, event.gone ?? false));
    case "open elsewhere":
      return noEffects({ ...state, phase: { at: "elsewhere", taken: false } });
    case "another tab is silent":
      return noEffects({ ...state, phase: { at: "loading", waits: true } });
    case "broken":
      return noEffects(broken(state, event.note, false));
  }
}

const broken = (state: State, note: Words | null, newer: boolean): State => ({ ...state, phase: { at: "broken", note, newer }, sheet: null });

function opened(state: State, event: VaultEvent & { type: "opened" }): Step {
  const phase = { at: "open" as const, ...event.view, query: "", selected: null, spent: {}, ahead: null, older: event.older, loose: event.loose ?? false };
  return noEffects({ ...state, phase, sheet: null });
}

const hasDeviceSlot = (state: State): boolean => openPhase(state)?.slots.some((slot) => slot.kind === "device") ?? false;

const lockedWith = (state: State, methods: UnlockMethod[], gone: boolean): State => ({
  ...state,
  phase: { at: "locked", methods, method: methods[0] ?? "recovery", gone, busy: false, note: null },
  sheet: null,
  toast: null,
});

function lock(state: State): Step {
  const open = openPhase(state);
  if (!open) return noEffects(state);
  if (hasDeviceSlot(state)) {
    // A lock that anybody opens is none: say what is missing instead.
    return noEffects({ ...state, sheet: { at: "passphrase", step: "choose", busy: false, note: null, then: "lock" } });
  }
  const kinds = open.slots.map((slot) => slot.kind);
  return [lockedWith(state, (["passphrase", "recovery"] as const).filter((method) => kinds.includes(method)), false), CLOSE];
}

function welcoming(state: State, event: VaultEvent): Step | null {
  if (state.phase.at !== "welcome") return null;
  const phase = state.phase;
  switch (event.type) {
    case "welcome step":
      if (phase.busy) return noEffects(state);
      return noEffects({ ...state, phase: { ...phase, step: event.step, note: null } });
    case "begin without passphrase":
      if (phase.busy) return noEffects(state);
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "create", passphrase: null }]];
    case "begin with passphrase": {
      if (phase.busy) return noEffects(state);
      const note = passphraseFault(event.passphrase, event.again);
      if (note) return noEffects({ ...state, phase: { ...phase, note } });
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "create", passphrase: event.passphrase }]];
    }
    case "begin failed":
      return noEffects({ ...state, phase: { ...phase, busy: false, note: event.note } });
  }
  return null;
}

function unlocking(state: State, event: VaultEvent): Step | null {
  if (state.phase.at !== "locked") return null;
  const phase = state.phase;
  switch (event.type) {
    case "unlock method":
      if (phase.busy) return noEffects(state);
      return noEffects({ ...state, phase: { ...phase, method: event.method, note: null } });
    case "unlock":
      if (phase.busy) return noEffects(state);
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "unlock", method: phase.method, typed: event.typed }]];
    case "unlock failed":
      return noEffects({ ...state, phase: { ...phase, busy: false, note: event.note } });
  }
  return null;
}
