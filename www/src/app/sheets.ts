import { emptyAdd } from "./adding.ts";
import { editOf, editing } from "./editing.ts";
import { recoverySaved } from "./list.ts";
import type { Opening, PassphraseSheet, Sheet, SheetEvent, State, View, Words } from "./model.ts";
import { type Step, noEffects, openPhase, withToast } from "./step.ts";
import { passphraseFault } from "./passphrase.ts";

/** What floats above the list, and what may follow when it closes. */
export function sheets(state: State, event: SheetEvent): Step | null {
  const open = openPhase(state);
  if (event.type === "backup made") {
    const settings = { ...state.settings, backupMs: event.atMs, backupChecked: -1 };
    const phase = open ? { ...open, ...event.view } : state.phase;
    const [after, effects] = withToast({ ...state, phase, settings, sheet: null }, { key: "backup.made" }, null);
    return [after, [...effects, { do: "keep settings", settings }]];
  }
  if (!open && event.type === "close sheet") return noEffects({ ...state, sheet: null, given: [] });
  // What a shortcut asks for waits until there is something to add to.
  if (!open) return event.type === "open sheet" ? noEffects({ ...state, wanted: event.at }) : doors(state, event);
  const show = (sheet: Sheet | null): Step => noEffects({ ...state, sheet });
  const seen = (view: View): State => ({ ...state, phase: { ...open, ...view } });
  switch (event.type) {
    case "go on": {
      const [texts, { wanted }] = [state.inbox, state];
      const after: State = { ...state, inbox: [], wanted: null };
      if (texts.length > 0) return [{ ...after, sheet: { ...emptyAdd(), busy: true } }, [{ do: "read", texts, from: "text", partly: false }]];
      return wanted ? openSheet(after, wanted) : noEffects(after);
    }
    case "open sheet":
      return openSheet(state, event.at);
    case "open menu":
      return show({ at: "menu", id: event.id });
    case "open edit": {
      const entry = open.entries.find(({ id }) => id === event.id);
      return entry ? show(editOf(entry)) : noEffects(state);
    }
    case "open qr":
      return [{ ...state, sheet: { at: "qr", id: event.id, svg: null } }, [{ do: "draw qr", id: event.id }]];
    case "close sheet":
      // Not by accident: until the new passphrase was typed once more, nobody knows whether it was meant.
      return isProof(state.sheet) ? noEffects(state) : show(null);
    // What follows was begun by a sheet, and is true whether or not that sheet is still there.
    case "sheet failed":
    case "failed":
      // The sheets that save accounts fail by "not saved": this is of another one, which has gone.
      if (state.sheet && "note" in state.sheet && "busy" in state.sheet && state.sheet.at !== "edit" && state.sheet.at !== "found") return show({ ...state.sheet, busy: false, note: event.note });
      return withToast(state, event.note, null);
    case "passphrase set": {
      const was = state.sheet?.at === "passphrase" ? state.sheet : null;
      if (!was) return withToast(seen(event.view), { key: "passphrase.set" }, null);
      return noEffects({ ...seen(event.view), sheet: { ...was, step: "prove", busy: false, note: null } });
    }
    case "passphrase proved": {
      const was = state.sheet?.at === "passphrase" ? state.sheet : null;
      const sheet: Sheet | null = was?.then === "backup" ? { at: "backup", busy: false, note: null } : was ? null : state.sheet;
      return withToast({ ...seen(event.view), sheet }, { key: "passphrase.set" }, null);
    }
    case "recovery made": {
      const sheet = state.sheet?.at === "recovery" ? { ...state.sheet, key: event.key, replaced: event.replaced, busy: false } : state.sheet;
      return noEffects({ ...seen(event.view), sheet });
    }
    case "recovery proved":
      return withToast({ ...seen(event.view), sheet: state.sheet?.at === "recovery" ? null : state.sheet }, { key: "recovery.saved" }, null);
    case "backup opened": {
      const { total, added, newer, present } = event;
      const settings = { ...state.settings, backupChecked: total };
      const sheet = state.sheet?.at === "restore" ? null : state.sheet;
      const [after, effects] = withToast({ ...seen(event.view), settings, sheet }, { key: newer > 0 ? "backup.merged" : "backup.opened", vars: { count: total, added, newer, present } }, null);
      return [after, [...effects, { do: "keep settings", settings }]];
    }
  }
  return state.sheet ? onSheet(state, state.sheet, event) : null;
}

const isProof = (sheet: Sheet | null): boolean => sheet?.at === "passphrase" && sheet.step === "prove";

const EMPTY_RESTORE: Sheet = { at: "restore", name: "", info: null, method: "passphrase", busy: false, note: null };

/** The ways on from a screen that cannot go on: a backup, or starting over. */
function doors(state: State, event: SheetEvent): Step | null {
  const { sheet } = state;
  switch (event.type) {
    case "open door":
      if (state.phase.at !== "locked" && state.phase.at !== "broken") return noEffects(state);
      return noEffects({ ...state, sheet: event.at === "restore" ? EMPTY_RESTORE : { at: "over", saved: false, busy: false, note: null } });
    case "close sheet":
      return noEffects({ ...state, sheet: null });
    case "save old":
      return [state, [{ do: "save old" }]];
    case "failed":
    case "sheet failed":
      if (sheet && "busy" in sheet) return noEffects({ ...state, sheet: { ...sheet, busy: false, note: event.note } as Sheet });
      return withToast(state, event.note, null);
  }
  if (event.type === "old saved" && sheet?.at !== "over") return withToast(state, { key: event.files > 0 ? "over.saved" : "over.nothing" }, null);
  if (sheet?.at === "restore") return onRestore(state, sheet, event, true);
  if (sheet?.at !== "over") return null;
  switch (event.type) {
    case "old saved":
      return noEffects({ ...state, sheet: { ...sheet, saved: event.files > 0, note: event.files > 0 ? null : { key: "over.nothing" } } });
    case "start over": {
      if (sheet.busy) return noEffects(state);
      const plain = (text: string): string => text.trim().toLowerCase();
      if (plain(event.typed) !== plain(event.word)) return noEffects({ ...state, sheet: { ...sheet, note: { key: "over.differs" } } });
      return [{ ...state, phase: { at: "loading" }, sheet: null }, [{ do: "start over" }]];
    }
  }
  return null;
}

function openSheet(state: State, at: Opening): Step {
  switch (at) {
    case "add":
      return [{ ...state, sheet: emptyAdd() }, [{ do: "ask camera" }]];
    case "passphrase":
      return noEffects({ ...state, sheet: { at, step: "choose", busy: false, note: null, then: "settings" } });
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
      return noEffects({ ...state, sheet: portable ? { at, busy: false, note: null } : { at: "passphrase", step: "choose", busy: false, note: null, then: "backup" } });
    }
    case "restore":
      return noEffects({ ...state, sheet: EMPTY_RESTORE });
    case "bin":
      return noEffects({ ...state, sheet: { at, sure: null } });
    default:
      return noEffects({ ...state, sheet: { at } });
  }
}

function onSheet(state: State, sheet: Sheet, event: SheetEvent): Step | null {
  const put = (change: Partial<{ busy: boolean; note: Words | null }>): State => ({ ...state, sheet: { ...sheet, ...change } as Sheet });
  switch (sheet.at) {
    case "bin":
      // There is no way back from this one: it is asked once more.
      if (event.type === "remove") return noEffects({ ...state, sheet: { ...sheet, sure: event.id } });
      return event.type === "keep" ? noEffects({ ...state, sheet: { ...sheet, sure: null } }) : null;
    case "edit":
      return editing(state, sheet, event);
    case "qr":
      return event.type === "qr drawn" && event.id === sheet.id ? noEffects({ ...state, sheet: { ...sheet, svg: event.svg, ...(event.original === undefined ? {} : { original: event.original }) } }) : null;
    case "passphrase":
      return onPassphrase(state, sheet, event);
    case "recovery":
      return onRecovery(state, sheet, event);
    case "backup":
      return event.type === "make backup" && !sheet.busy ? [put({ busy: true, note: null }), [{ do: "make backup" }]] : null;
    case "restore":
      return onRestore(state, sheet, event, false);
  }
  return null;
}

function onPassphrase(state: State, sheet: PassphraseSheet, event: SheetEvent): Step | null {
  const busy: State = { ...state, sheet: { ...sheet, busy: true, note: null } };
  if (event.type === "leave proof") return noEffects({ ...state, sheet: null });
  if (sheet.busy) return null;
  switch (event.type) {
    case "set passphrase": {
      const note = passphraseFault(event.passphrase, event.again);
      if (note) return noEffects({ ...state, sheet: { ...sheet, note } });
      return [busy, [{ do: "set passphrase", passphrase: event.passphrase, master: event.master ?? false }]];
    }
    case "prove passphrase":
      return [busy, [{ do: "prove passphrase", typed: event.typed }]];
  }
  return null;
}

function onRecovery(state: State, sheet: Extract<Sheet, { at: "recovery" }>, event: SheetEvent): Step | null {
  switch (event.type) {
    case "new recovery key":
      return sheet.busy ? noEffects(state) : [{ ...state, sheet: { ...sheet, busy: true } }, [{ do: "make recovery" }]];
    case "recovery typed":
      return sheet.busy ? noEffects(state) : [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "prove recovery", typed: event.typed }]];
  }
  return null;
}

function onRestore(state: State, sheet: Extract<Sheet, { at: "restore" }>, event: SheetEvent, adopt: boolean): Step | null {
  switch (event.type) {
    case "pick backup":
      return [state, [{ do: "pick backup", adopt }]];
    case "backup given": {
      const method = event.info.slots.some((slot) => slot.kind === "passphrase") ? "passphrase" : "recovery";
      return noEffects({ ...state, sheet: { ...sheet, name: event.name, info: event.info, method, note: null, busy: false } });
    }
    case "backup method":
      if (sheet.busy) return noEffects(state);
      return noEffects({ ...state, sheet: { ...sheet, method: event.method, note: null } });
    case "open backup":
      return sheet.busy ? noEffects(state) : [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "open backup", method: sheet.method, typed: event.typed, adopt }]];
  }
  return null;
}
