import type { ListEvent, Open, Sheet, State } from "./model.ts";
import { type Step, noEffects, withToast } from "./step.ts";

/** The accounts of the sheet "found" are stored: it closes. */
export function foundSaved(state: State, open: Open, event: ListEvent & { type: "changed" }): Step {
  // The first account of a vault that only this device's key opens: now a recovery key is due.
  const first = open.entries.length === 0 && event.view.slots.every((slot) => slot.kind === "device");
  const sheet: Sheet | null = first ? { at: "recovery", key: null, replaced: false, busy: true, note: null } : null;
  const after: State = { ...state, phase: { ...open, ...event.view }, sheet };
  const [next, effects] = event.words ? withToast(after, event.words, event.undo) : noEffects(after);
  return [next, first ? [...effects, { do: "make recovery" }] : effects];
}

/** The accounts of the sheet "found" are not stored: it stays, so that none of them is lost. */
export function foundNotSaved(state: State, open: Open, sheet: Extract<Sheet, { at: "found" }>, event: ListEvent & { type: "not saved" }): Step {
  return noEffects({ ...state, phase: { ...open, ...event.view }, sheet: { ...sheet, busy: false, refused: [event.note] } });
}
