import { reportOf } from "./finding.ts";
import type { EditSheet, FoundSheet, ListEvent, Open, Sheet, State } from "./model.ts";
import { type Step, noEffects, openPhase, withToast } from "./step.ts";

/** What becomes of a sheet whose content is stored when it closes. */
export function saving(state: State, event: ListEvent): Step | null {
  const [open, { sheet }] = [openPhase(state), state];
  if (!open || !saves(sheet)) return null;
  if (event.type === "changed") return sheetSaved(state, open, sheet, event);
  return event.type === "not saved" ? sheetNotSaved(state, open, sheet, event) : null;
}

const saves = (sheet: Sheet | null): sheet is FoundSheet | EditSheet => (sheet?.at === "found" || sheet?.at === "edit") && sheet.busy;

/** The content of the sheet is stored. Nothing covers the list: a website waits for the code that now stands in it. */
function sheetSaved(state: State, open: Open, sheet: FoundSheet | EditSheet, event: ListEvent & { type: "changed" }): Step {
  const after: State = { ...state, phase: { ...open, ...event.view }, sheet: sheet.at === "found" ? reportOf(sheet) : null };
  return event.words ? withToast(after, event.words, event.undo) : noEffects(after);
}

/** The content of the sheet is not stored: it stays, so that none of it is lost. */
function sheetNotSaved(state: State, open: Open, sheet: FoundSheet | EditSheet, event: ListEvent & { type: "not saved" }): Step {
  return noEffects({ ...state, phase: { ...open, ...event.view }, sheet: { ...sheet, busy: false, note: event.note } });
}
