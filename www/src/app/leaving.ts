// Moving out: which way, whose accounts, what is lost on the way, and how many arrived. Nobody is locked in.
import { locks } from "./list.ts";
import type { Effect, State } from "./model.ts";
import type { Away, LeaveSheet, Leaving, Moving } from "./movingTypes.ts";
import { passphraseFault } from "./passphrase.ts";
import { type Step, noEffects, openPhase } from "./step.ts";

const carry = (is: Away): Effect => ({ do: "moving", is });

const EMPTY: LeaveSheet = { at: "leave", step: "ways", way: null, chosen: null, losses: [], count: 0, total: 0, codes: [], shown: 0, busy: false, note: null };

/** What opens the vault here and is known by the person alone. */
export const methodOf = (state: State): "passphrase" | "recovery" | null => {
  const slots = openPhase(state)?.slots ?? [];
  if (!locks(slots)) return null;
  return slots.some(({ kind }) => kind === "passphrase") ? "passphrase" : "recovery";
};

/** Whether the sealed vault opens anywhere else: by what a person knows, or surely has on paper. */
const isPortable = (state: State): boolean => (openPhase(state)?.slots ?? []).some(({ kind, provedMs }) => kind === "passphrase" || (kind === "recovery" && provedMs !== undefined));

/** The entries that go. */
export const going = (state: State, { chosen }: LeaveSheet): string[] => (openPhase(state)?.entries ?? []).map(({ id }) => id).filter((id) => chosen === null || chosen.includes(id));

/** Null for an event that is not of this half of the chapter. */
export function leaving(state: State, event: Moving): Step | null {
  if (event.type === "leave") return openPhase(state) ? noEffects({ ...state, sheet: EMPTY }) : noEffects(state);
  if (event.type === "show one") return [state, [carry({ do: "may leave", way: "one", ids: [event.id] })]];
  if (event.type === "prove first" && state.sheet?.at === "menu") return noEffects({ ...state, sheet: { ...EMPTY, step: "prove", way: event.way, chosen: event.ids } });
  const sheet = state.sheet?.at === "leave" ? state.sheet : null;
  return sheet ? onLeave(state, sheet, event as Leaving) : null;
}

function onLeave(state: State, sheet: LeaveSheet, event: Leaving): Step | null {
  const put = (change: Partial<LeaveSheet>, ...effects: Effect[]): Step => [{ ...state, sheet: { ...sheet, ...change } }, effects];
  const all = (openPhase(state)?.entries ?? []).map(({ id }) => id);
  switch (event.type) {
    case "choose accounts":
      return put({ step: "choose", chosen: sheet.chosen ?? all });
    case "choose account": {
      const others = (sheet.chosen ?? all).filter((id) => id !== event.id);
      return put({ chosen: event.take ? [...others, event.id] : others });
    }
    case "choose all":
      return put({ chosen: event.take ? all : [] });
    case "leave by":
      if (sheet.busy || going(state, sheet).length === 0) return noEffects(state);
      if (event.way === "series" && !isPortable(state)) return put({ note: { key: "leave.only.here" } });
      return put({ way: event.way, busy: true, note: null }, carry({ do: "may leave", way: event.way, ids: sheet.chosen }));
    case "leave back":
      if (sheet.way === "one") return noEffects({ ...state, sheet: null });
      return put({ ...EMPTY, chosen: sheet.chosen && sheet.chosen.length === all.length ? null : sheet.chosen });
    case "prove first":
      return put({ step: "prove", busy: false, note: null });
    case "prove": {
      const method = methodOf(state);
      if (sheet.busy || !sheet.way || !method) return noEffects(state);
      return put({ busy: true, note: null }, carry({ do: "prove", method, typed: event.typed, way: sheet.way, ids: sheet.chosen }));
    }
    case "losses":
      return put({ step: "look", losses: event.losses, count: event.count, total: event.total, busy: false, note: null });
    case "write": {
      if (sheet.busy || !sheet.way) return noEffects(state);
      const note = sheet.way === "aegis-encrypted" ? passphraseFault(event.password, event.again) : null;
      if (note) return put({ note });
      return put({ busy: true, note: null }, carry({ do: "write", way: sheet.way, ids: sheet.chosen, password: event.password }));
    }
    case "written":
      return put({ step: "made", count: event.count, total: event.total, codes: event.codes, shown: 0, busy: false, note: null });
    case "leave failed":
      return put({ busy: false, note: event.note });
    case "turn":
      return put({ shown: Math.min(Math.max(sheet.shown + event.by, 0), sheet.codes.length - 1) });
    case "print":
      return put({}, carry({ do: "print" }));
    case "save page":
      return put({}, carry({ do: "save page", codes: sheet.codes }));
  }
  return null;
}
