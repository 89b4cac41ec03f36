import { emptyAdd } from "./adding.ts";
import type { Effect, Event, State } from "./model.ts";
import { passphraseFault } from "./passphrase.ts";
import { openSheet } from "./sheets.ts";
import { type Step, openPhase, still } from "./step.ts";

const CLOSE: Effect[] = [{ do: "close vault" }];

/** Whether the vault is there, open, and ours. */
export function vaulting(state: State, event: Event): Step | null {
  const { at } = state.phase;
  switch (event.type) {
    // What was found counts while it is waited for: another tab may have taken over meanwhile.
    case "nothing stored":
    case "locked":
    case "open elsewhere":
    case "broken":
      return at === "loading" ? lookedFor(state, event) : still(state);
    case "opened":
      return at === "elsewhere" ? [state, CLOSE] : opened(state, event);
    case "taken over by another tab":
      return [{ ...state, phase: { at: "elsewhere", taken: true }, sheet: null, toast: null }, CLOSE];
    case "here please":
      return [{ ...state, phase: { at: "loading" } }, [{ do: "take over" }]];
    case "lock":
      return lock(state);
    case "hidden for long":
      return openPhase(state) && !hasDeviceSlot(state) ? lock(state) : still(state);
  }
  return welcoming(state, event) ?? unlocking(state, event);
}

function lookedFor(state: State, event: Event & { type: "nothing stored" | "locked" | "open elsewhere" | "broken" }): Step {
  switch (event.type) {
    case "nothing stored":
      return still({ ...state, phase: { at: "welcome", step: "intro", busy: false, note: null } });
    case "locked":
      return still(lockedWith(state, event.ways));
    case "open elsewhere":
      return still({ ...state, phase: { at: "elsewhere", taken: false } });
    case "broken":
      return still({ ...state, phase: { at: "broken", note: event.note } });
  }
}

function opened(state: State, event: Event & { type: "opened" }): Step {
  const phase = { at: "open" as const, ...event.view, query: "", selected: null, spent: {}, ahead: null, older: event.older };
  const texts = state.inbox;
  const after: State = { ...state, phase, inbox: [], wanted: null };
  if (texts.length > 0) return [{ ...after, sheet: { ...emptyAdd(), busy: true } }, [{ do: "read", texts }]];
  return state.wanted ? openSheet(after, state.wanted) : still(after);
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
  return [lockedWith(state, (["passphrase", "recovery"] as const).filter((way) => kinds.includes(way))), CLOSE];
}

function welcoming(state: State, event: Event): Step | null {
  if (state.phase.at !== "welcome") return null;
  const phase = state.phase;
  switch (event.type) {
    case "welcome step":
      if (phase.busy) return still(state);
      return still({ ...state, phase: { ...phase, step: event.step, note: null } });
    case "begin without passphrase":
      if (phase.busy) return still(state);
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "create", passphrase: null }]];
    case "begin with passphrase": {
      if (phase.busy) return still(state);
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
      if (phase.busy) return still(state);
      return still({ ...state, phase: { ...phase, way: event.way, note: null } });
    case "unlock":
      if (phase.busy) return still(state);
      return [{ ...state, phase: { ...phase, busy: true, note: null } }, [{ do: "unlock", way: phase.way, typed: event.typed }]];
    case "unlock failed":
      return still({ ...state, phase: { ...phase, busy: false, note: event.note } });
  }
  return null;
}
