import { emptyAdd } from "./adding.ts";
import { recoverySaved } from "./list.ts";
import type { Change, Event, Sheet, State, Words } from "./model.ts";
import { type Step, change, openPhase, still, withToast } from "./state.ts";
import { passphraseFault } from "./vaulting.ts";

/** What floats above the list, and what may follow when it closes. */
export function sheets(state: State, event: Event): Step | null {
  const open = openPhase(state);
  if (event.type === "backup made") {
    const settings = { ...state.settings, backupMs: event.atMs, backupChecked: -1 };
    const [after, effects] = toastFor({ ...state, settings, sheet: null }, { key: "backup.made" });
    return [after, [...effects, { do: "keep settings", settings }]];
  }
  if (!open) return null;
  const show = (sheet: Sheet): Step => still({ ...state, sheet });
  switch (event.type) {
    case "open sheet":
      return openSheet(state, event.at);
    case "open menu":
      return show({ at: "menu", id: event.id });
    case "open edit": {
      const entry = open.entries.find(({ id }) => id === event.id);
      return entry ? show({ at: "edit", id: entry.id, issuer: entry.issuer, name: entry.name }) : still(state);
    }
    case "open qr":
      return [{ ...state, sheet: { at: "qr", id: event.id, svg: null } }, [{ do: "draw qr", id: event.id }]];
    case "close sheet":
      return [{ ...state, sheet: null }, [{ do: "stop camera" }, { do: "stop preview" }, { do: "forget backup" }]];
    case "changed": {
      if (state.sheet?.at !== "found") return null;
      // The first account of a vault that opens by itself: this is the moment to make the recovery key.
      const first = open.entries.length === 0 && event.view.slots.every((slot) => slot.kind === "device");
      const after: State = { ...state, phase: { ...open, ...event.view }, sheet: first ? { at: "recovery", key: null, replaced: false, busy: true, note: null } : null };
      const [next, effects] = toastFor(after, event.words, event.undo);
      return [next, first ? [...effects, { do: "make recovery" }] : effects];
    }
    case "not saved":
      return state.sheet?.at === "found" ? still({ ...state, phase: { ...open, ...event.view }, sheet: { ...state.sheet, busy: false, refused: [event.note] } }) : null;
  }
  return state.sheet ? onSheet(state, state.sheet, event) : null;
}

function toastFor(state: State, words: Words | null, undo: Change[] | null = null): Step {
  return words ? withToast(state, words, undo) : still(state);
}

function openSheet(state: State, at: (Event & { type: "open sheet" })["at"]): Step {
  switch (at) {
    case "add":
      return [{ ...state, sheet: emptyAdd() }, [{ do: "ask camera" }]];
    case "passphrase":
      return still({ ...state, sheet: { at, busy: false, note: null, then: "settings" } });
    case "recovery": {
      // A key that is safely written down is not replaced by looking at this sheet.
      const saved = recoverySaved(openPhase(state)?.slots ?? []);
      const sheet: Sheet = { at, key: null, replaced: false, busy: !saved, note: null };
      return [{ ...state, sheet }, saved ? [] : [{ do: "make recovery" }]];
    }
    case "backup": {
      const slots = openPhase(state)?.slots ?? [];
      // A copy that only this device can open is no backup.
      const portable = slots.some((slot) => slot.kind === "passphrase" || (slot.kind === "recovery" && slot.provedMs !== undefined));
      return still({ ...state, sheet: portable ? { at, busy: false, note: null } : { at: "passphrase", busy: false, note: null, then: "backup" } });
    }
    case "restore":
      return still({ ...state, sheet: { at, name: "", info: null, way: "passphrase", busy: false, note: null } });
    default:
      return still({ ...state, sheet: { at } });
  }
}

function onSheet(state: State, sheet: Sheet, event: Event): Step | null {
  const put = (change: Partial<{ busy: boolean; note: Words | null }>): State => ({ ...state, sheet: { ...sheet, ...change } as Sheet });
  if (event.type === "sheet failed" && "note" in sheet) return still(put({ busy: false, note: event.note }));
  switch (sheet.at) {
    case "edit":
      if (event.type === "edit field") return still({ ...state, sheet: { ...sheet, [event.field]: event.value } });
      if (event.type === "save edit") {
        return change({ ...state, sheet: null }, [{ do: "edit", id: sheet.id, issuer: sheet.issuer.trim(), name: sheet.name.trim() }], { key: "edited" });
      }
      return null;
    case "qr":
      return event.type === "qr drawn" && event.id === sheet.id ? still({ ...state, sheet: { ...sheet, svg: event.svg } }) : null;
    case "passphrase": {
      if (event.type === "passphrase set") {
        const after: State = { ...state, phase: { ...openPhase(state)!, ...event.view } };
        const then: Sheet | null = sheet.then === "backup" ? { at: "backup", busy: false, note: null } : null;
        return toastFor({ ...after, sheet: then }, { key: "passphrase.set" });
      }
      if (event.type !== "set passphrase" || sheet.busy) return null;
      const note = passphraseFault(event.passphrase, event.again);
      if (note) return still(put({ note }));
      return [put({ busy: true, note: null }), [{ do: "set passphrase", passphrase: event.passphrase }]];
    }
    case "recovery":
      return onRecovery(state, sheet, event);
    case "backup":
      return event.type === "make backup" ? [put({ busy: true, note: null }), [{ do: "make backup" }]] : null;
    case "restore":
      return onRestore(state, sheet, event);
  }
  return null;
}

function onRecovery(state: State, sheet: Extract<Sheet, { at: "recovery" }>, event: Event): Step | null {
  const open = openPhase(state);
  if (!open) return null;
  switch (event.type) {
    case "new recovery key":
      return sheet.busy ? still(state) : [{ ...state, sheet: { ...sheet, busy: true } }, [{ do: "make recovery" }]];
    case "recovery made":
      return still({ ...state, phase: { ...open, ...event.view }, sheet: { ...sheet, key: event.key, replaced: event.replaced, busy: false } });
    case "recovery typed":
      return [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "prove recovery", typed: event.typed }]];
    case "recovery proved":
      return toastFor({ ...state, phase: { ...open, ...event.view }, sheet: null }, { key: "recovery.saved" });
  }
  return null;
}

function onRestore(state: State, sheet: Extract<Sheet, { at: "restore" }>, event: Event): Step | null {
  switch (event.type) {
    case "pick backup":
      return [state, [{ do: "pick backup" }]];
    case "backup given": {
      const way = event.info.slots.some((slot) => slot.kind === "passphrase") ? "passphrase" : "recovery";
      return still({ ...state, sheet: { ...sheet, name: event.name, info: event.info, way, note: null, busy: false } });
    }
    case "restore way":
      return still({ ...state, sheet: { ...sheet, way: event.way, note: null } });
    case "open backup":
      return [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "open backup", way: sheet.way, typed: event.typed }]];
    case "backup opened": {
      const open = openPhase(state);
      const { total, added, present } = event;
      const phase = open && event.view ? { ...open, ...event.view } : state.phase;
      const settings = { ...state.settings, backupChecked: total };
      const [after, effects] = toastFor({ ...state, phase, settings, sheet: null }, { key: "backup.opened", vars: { count: total, added, present } });
      return [after, [...effects, { do: "keep settings", settings }]];
    }
  }
  return null;
}
