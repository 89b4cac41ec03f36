import type { Effect, Event, State, Words } from "./model.ts";
import { type Step, openPhase, still } from "./state.ts";

/** The shortest passphrase that is taken; the advice beside the field asks for more. */
export const MIN_PASSPHRASE = 8;

/** Why a new passphrase cannot be taken, or null. */
export function passphraseFault(passphrase: string, again: string): Words | null {
  if ([...passphrase].length < MIN_PASSPHRASE) return { key: "passphrase.short", vars: { least: MIN_PASSPHRASE } };
  if (passphrase !== again) return { key: "passphrase.differs" };
  return null;
}

const LEAVE: Effect[] = [{ do: "stop camera" }, { do: "stop preview" }, { do: "close vault" }];

/** Whether the vault is there, open, and ours. */
export function vaulting(state: State, event: Event): Step | null {
  switch (event.type) {
    case "nothing stored":
      return still({ ...state, phase: { at: "welcome", step: "intro", busy: false, note: null } });
    case "locked":
      return still(lockedWith(state, event.ways));
    case "opened":
      return opened(state, event);
    case "open elsewhere":
      return still({ ...state, phase: { at: "elsewhere", taken: false }, sheet: null });
    case "taken over by another tab":
      return [{ ...state, phase: { at: "elsewhere", taken: true }, sheet: null, toast: null }, LEAVE];
    case "here please":
      return [{ ...state, phase: { at: "loading" } }, [{ do: "take over" }]];
    case "broken":
      return still({ ...state, phase: { at: "broken", note: event.note }, sheet: null });
    case "lock":
      return lock(state);
    case "hidden for long":
      return openPhase(state) && !hasDeviceSlot(state) ? lock(state) : still(state);
  }
  return welcoming(state, event) ?? unlocking(state, event);
}

function opened(state: State, event: Event & { type: "opened" }): Step {
  const phase = { at: "open" as const, ...event.view, query: "", selected: null, spent: {}, ahead: null, older: event.older };
  const texts = state.inbox;
  return [{ ...state, phase, inbox: [] }, texts.length > 0 ? [{ do: "read", texts }] : []];
}

const hasDeviceSlot = (state: State): boolean => openPhase(state)?.slots.some((slot) => slot.kind === "device") ?? false;

const lockedWith = (state: State, ways: ("passphrase" | "recovery")[]): State => ({
  ...state,
  phase: { at: "locked", ways, way: ways[0] ?? "recovery", busy: false, note: null },
  sheet: null,
  toast: null,
});

function lock(state: State): Step {
  const open = openPhase(state);
  if (!open) return still(state);
  if (hasDeviceSlot(state)) {
    // A lock that anybody opens is none: say what is missing instead.
    return still({ ...state, sheet: { at: "passphrase", busy: false, note: null, then: "lock" } });
  }
  const kinds = open.slots.map((slot) => slot.kind);
  return [lockedWith(state, (["passphrase", "recovery"] as const).filter((way) => kinds.includes(way))), LEAVE];
}

function welcoming(state: State, event: Event): Step | null {
  if (state.phase.at !== "welcome") return null;
  const phase = state.phase;
  switch (event.type) {
    case "welcome step":
      return still({ ...state, phase: { ...phase, step: event.step, note: null } });
    case "begin without passphrase":
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "create", passphrase: null }]];
    case "begin with passphrase": {
      const note = passphraseFault(event.passphrase, event.again);
      if (note) return still({ ...state, phase: { ...phase, note } });
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "create", passphrase: event.passphrase }]];
    }
    case "begin failed":
      return still({ ...state, phase: { ...phase, busy: false, note: event.note } });
  }
  return null;
}

function unlocking(state: State, event: Event): Step | null {
  if (state.phase.at !== "locked") return null;
  const phase = state.phase;
  switch (event.type) {
    case "unlock way":
      return still({ ...state, phase: { ...phase, way: event.way, note: null } });
    case "unlock":
      if (phase.busy) return still(state);
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "unlock", way: phase.way, typed: event.typed }]];
    case "unlock failed":
      return still({ ...state, phase: { ...phase, busy: false, note: event.note } });
  }
  return null;
}
