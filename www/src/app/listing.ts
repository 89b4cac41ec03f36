import { groupOf, visible } from "./list.ts";
import type { ListEvent, Open, State } from "./model.ts";
import { AFTER_COPY_MS, type Step, change, noEffects, openPhase, withToast } from "./step.ts";

/** The list of codes, and what is around it. */
export function listing(state: State, event: ListEvent): Step | null {
  switch (event.type) {
    case "setting": {
      const settings = { ...state.settings, ...event.settings };
      return [{ ...state, settings }, [{ do: "keep settings", settings }]];
    }
    case "around":
      return noEffects({ ...state, around: { ...state.around, ...event.around } });
    case "install":
      return [state, [{ do: "install" }]];
    case "update now":
      return [state, [{ do: "update now" }]];
    case "toast over":
      return noEffects(state.toast?.id === event.id ? { ...state, toast: null } : state);
    case "copied":
      return withToast(state, { key: "copied" }, null, AFTER_COPY_MS);
    case "copy failed":
      return withToast(state, { key: "copy.failed" }, null);
    case "said":
      return withToast(state, event.words, null);
    case "settings elsewhere":
      return noEffects({ ...state, settings: event.settings });
  }
  const open = openPhase(state);
  return open ? onRow(state, open, event) : null;
}

function onRow(state: State, open: Open, event: ListEvent): Step | null {
  const put = (change: Partial<Open>): State => ({ ...state, phase: { ...open, ...change } });
  switch (event.type) {
    case "codes":
      return noEffects(put({ codes: event.codes, codesMs: event.codesMs }));
    case "search":
      return noEffects(put({ query: event.query, selected: null }));
    case "select":
      return noEffects(put({ selected: event.id }));
    case "move selection": {
      const ids = visible(open).map((entry) => entry.id);
      const from = open.selected === null ? -1 : ids.indexOf(open.selected);
      const to = from < 0 ? (event.by > 0 ? 0 : ids.length - 1) : Math.min(Math.max(from + event.by, 0), ids.length - 1);
      const id = ids[to];
      return id === undefined ? noEffects(state) : [put({ selected: id }), [{ do: "focus row", id }]];
    }
    case "copy": {
      const text = open.codes.find((code) => code.id === event.id)?.text ?? open.spent[event.id];
      if (text !== undefined) return [put({ selected: event.id }), [{ do: "copy", id: event.id, text }]];
      return isCounter(open, event.id) ? [state, [{ do: "spend", id: event.id }]] : noEffects(state);
    }
    case "next code":
      if (isCounter(open, event.id)) return [state, [{ do: "spend", id: event.id }]];
      return noEffects(put({ ahead: open.ahead === event.id ? null : event.id }));
    case "spent":
      return noEffects(put({ ...event.view, spent: { ...open.spent, [event.id]: event.code } }));
    case "pin":
      return change(state, [{ do: "pin", id: event.id, pinned: event.pinned }], { key: event.pinned ? "pinned" : "unpinned" });
    case "move":
      return move(state, open, event.id, event.by);
    case "trash": {
      const ids = visible(open).map((entry) => entry.id);
      const at = ids.indexOf(event.id);
      const beside = ids[at + 1] ?? ids[at - 1];
      const [after, effects] = change({ ...state, sheet: null }, [{ do: "trash", id: event.id }], { key: "trashed" });
      // Whoever uses the keyboard goes on from the row beside.
      return [after, beside === undefined ? effects : [...effects, { do: "focus row", id: beside }]];
    }
    case "restore":
      return change(state, [{ do: "restore", id: event.id }], { key: "restored" });
    case "remove surely":
      return change(state.sheet?.at === "bin" ? { ...state, sheet: { at: "bin", sure: null } } : state, [{ do: "remove", id: event.id }], { key: "removed" });
    case "undo":
      return state.toast?.undo
        ? [{ ...state, toast: null }, [{ do: "apply", changes: state.toast.undo, words: { key: "undone" }, undoable: false }]]
        : noEffects(state);
    case "changed": {
      if (isSaving(state)) return null; // The sheet has its own chapter: saving.ts.
      const after = put(event.view);
      return event.words ? withToast(after, event.words, event.undo) : noEffects(after);
    }
    case "not saved":
      if (isSaving(state)) return null;
      return withToast(event.view ? put(event.view) : state, event.note, null);
  }
  return null;
}

const isSaving = ({ sheet }: State): boolean => (sheet?.at === "found" || sheet?.at === "edit") && sheet.busy;

function move(state: State, open: Open, id: string, by: 1 | -1): Step {
  const ids = groupOf(open, id);
  const at = ids.indexOf(id);
  if (ids[at + by] === undefined) return noEffects(state);
  const before = (by < 0 ? ids[at - 1] : ids[at + 2]) ?? null;
  return change(state, [{ do: "move", id, before }], { key: by < 0 ? "moved.up" : "moved.down" });
}

const isCounter = (open: Open, id: string): boolean => open.entries.some((entry) => entry.id === id && entry.kind === "hotp");
