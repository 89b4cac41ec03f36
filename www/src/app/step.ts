import type { Change, Effect, Open, State, Words } from "./model.ts";

/** What follows from an event: the new state, and what has to be done outside. */
export type Step = [State, Effect[]];

export const AFTER_COPY_MS = 2_000;
export const AFTER_CHANGE_MS = 8_000; // long enough to read what went wrong, or to reach "Undo"

export const noEffects = (state: State): Step => [state, []];

export function withToast(state: State, words: Words, undo: Change[] | null, afterMs = AFTER_CHANGE_MS): Step {
  const id = (state.toast?.id ?? 0) + 1;
  return [{ ...state, toast: { id, words, undo } }, [{ do: "forget toast", id, afterMs }]];
}

export const openPhase = (state: State): Open | null => (state.phase.at === "open" ? state.phase : null);

export function change(state: State, changes: Change[], words: Words): Step {
  return [state, [{ do: "apply", changes, words, undoable: true }]];
}
