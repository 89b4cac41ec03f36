import { typedNames, typedSettings } from "./hand.ts";
import type { EditDraft, EditSheet, Entry, SheetEvent, State } from "./model.ts";
import { plainName } from "./names.ts";
import { type Step, noEffects } from "./step.ts";

export function editOf(entry: Entry): EditSheet {
  const draft: EditDraft = {
    kind: entry.kind === "hotp" ? "hotp" : "totp",
    issuer: plainName(entry.issuer),
    name: plainName(entry.name),
    note: entry.note,
    algorithm: entry.algorithm,
    digits: String(entry.digits),
    periodSecs: String(entry.periodSecs ?? 30),
    counter: String(entry.counter ?? 0),
  };
  // The other kinds have settings that nobody chooses.
  const tunable = entry.kind === "totp" || entry.kind === "hotp";
  return { at: "edit", id: entry.id, tunable, was: draft, draft, fault: null, busy: false, note: null };
}

const SETTINGS = ["algorithm", "digits", "periodSecs", "counter"] as const;

export function editing(state: State, sheet: EditSheet, event: SheetEvent): Step | null {
  const put = (change: Partial<EditSheet>): State => ({ ...state, sheet: { ...sheet, ...change } });
  switch (event.type) {
    case "edit field":
      return noEffects(put({ draft: { ...sheet.draft, [event.field]: event.value }, fault: null, note: null }));
    case "save edit": {
      const { id, draft, was } = sheet;
      if (sheet.busy) return noEffects(state);
      const names = typedNames(draft);
      if ("fault" in names) return noEffects(put({ fault: names.fault }));
      const note = draft.note.trim();
      const words = { key: "edited" };
      if (!sheet.tunable || SETTINGS.every((setting) => draft[setting] === was[setting])) {
        return [put({ busy: true, fault: null, note: null }), [{ do: "apply", changes: [{ do: "edit", id, ...names, note }], words, undoable: true }]];
      }
      const settings = typedSettings(draft);
      if ("fault" in settings) return noEffects(put({ fault: settings.fault }));
      return [put({ busy: true, fault: null, note: null }), [{ do: "edit account", id, names, note, settings, words }]];
    }
  }
  return null;
}
