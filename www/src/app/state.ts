import { adding } from "./adding.ts";
import { visible } from "./list.ts";
import type { Change, Effect, Event, Open, Settings, State, Surroundings, Words } from "./model.ts";
import { sheets } from "./sheets.ts";
import { vaulting } from "./vaulting.ts";

/** What follows from an event: the new state, and what has to be done outside. */
export type Step = [State, Effect[]];

export const AFTER_COPY_MS = 2_000;
export const AFTER_CHANGE_MS = 8_000; // long enough to read the sentence and reach "Undo"

export function start(settings: Settings, around: Surroundings): Step {
  return [{ phase: { at: "loading" }, sheet: null, toast: null, inbox: [], settings, around }, [{ do: "start" }]];
}

/** The whole behaviour of the app: no clock, no browser, no secret kept longer than its screen. */
export function next(state: State, event: Event): Step {
  return vaulting(state, event) ?? adding(state, event) ?? sheets(state, event) ?? listing(state, event) ?? [state, []];
}

export const still = (state: State): Step => [state, []];

export function withToast(state: State, words: Words, undo: Change[] | null): Step {
  const id = (state.toast?.id ?? 0) + 1;
  const afterMs = undo ? AFTER_CHANGE_MS : AFTER_COPY_MS;
  return [{ ...state, toast: { id, words, undo } }, [{ do: "forget toast", id, afterMs }]];
}

export const openPhase = (state: State): Open | null => (state.phase.at === "open" ? state.phase : null);

function listing(state: State, event: Event): Step | null {
  switch (event.type) {
    case "setting": {
      const settings = { ...state.settings, ...event.settings };
      return [{ ...state, settings }, [{ do: "keep settings", settings }]];
    }
    case "around":
      return still({ ...state, around: { ...state.around, ...event.around } });
    case "install":
      return [state, [{ do: "install" }]];
    case "update now":
      return [state, [{ do: "update now" }]];
    case "toast over":
      return still(state.toast?.id === event.id ? { ...state, toast: null } : state);
    case "copied":
      return withToast(state, { key: "copied" }, null);
    case "copy failed":
      return withToast(state, { key: "copy.failed" }, null);
  }
  const open = openPhase(state);
  return open ? onRow(state, open, event) : null;
}

function onRow(state: State, open: Open, event: Event): Step | null {
  const put = (change: Partial<Open>): State => ({ ...state, phase: { ...open, ...change } });
  switch (event.type) {
    case "codes":
      return still(put({ codes: event.codes }));
    case "search":
      return still(put({ query: event.query, selected: null }));
    case "select":
      return still(put({ selected: event.id }));
    case "move selection": {
      const ids = visible(open).map((entry) => entry.id);
      const from = open.selected === null ? -1 : ids.indexOf(open.selected);
      const to = from < 0 ? (event.by > 0 ? 0 : ids.length - 1) : Math.min(Math.max(from + event.by, 0), ids.length - 1);
      const id = ids[to];
      return id === undefined ? still(state) : [put({ selected: id }), [{ do: "focus row", id }]];
    }
    case "copy": {
      const text = open.codes.find((code) => code.id === event.id)?.text ?? open.spent[event.id];
      if (text !== undefined) return [put({ selected: event.id }), [{ do: "copy", text }]];
      return isCounter(open, event.id) ? [state, [{ do: "spend", id: event.id }]] : still(state);
    }
    case "next code":
      if (isCounter(open, event.id)) return [state, [{ do: "spend", id: event.id }]];
      return still(put({ ahead: open.ahead === event.id ? null : event.id }));
    case "spent":
      return still(put({ ...event.view, spent: { ...open.spent, [event.id]: event.code } }));
    case "pin":
      return change(state, [{ do: "pin", id: event.id, pinned: event.pinned }], { key: event.pinned ? "pinned" : "unpinned" });
    case "trash":
      return change({ ...state, sheet: null }, [{ do: "trash", id: event.id }], { key: "trashed" });
    case "restore":
      return change(state, [{ do: "restore", id: event.id }], { key: "restored" });
    case "remove":
      return change(state, [{ do: "remove", id: event.id }], { key: "removed" });
    case "undo":
      return state.toast?.undo
        ? [{ ...state, toast: null }, [{ do: "apply", changes: state.toast.undo, words: { key: "undone" }, undoable: false }]]
        : still(state);
    case "changed": {
      const after = put(event.view);
      return event.words ? withToast(after, event.words, event.undo) : still(after);
    }
    case "not saved":
      return withToast(put(event.view), event.note, null);
  }
  return null;
}

const isCounter = (open: Open, id: string): boolean => open.entries.some((entry) => entry.id === id && entry.kind === "hotp");

export function change(state: State, changes: Change[], words: Words): Step {
  return [state, [{ do: "apply", changes, words, undoable: true }]];
}
