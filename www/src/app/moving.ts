// Moving in: files of other apps and of our own, from being given to a preview of what they hold.
import { leaving } from "./leaving.ts";
import type { Bringing, Carry, Moving, OpeningSheet } from "./movingTypes.ts";
import type { Effect, Sheet, State, UnlockMethod } from "./model.ts";
import { type Step, noEffects, openPhase, withToast } from "./step.ts";

const carry = (is: Carry): Effect => ({ do: "moving", is });

const opening = (names: string[], more: Partial<OpeningSheet> = {}): OpeningSheet => ({
  at: "opening",
  names,
  now: 0,
  step: "reading",
  lock: null,
  method: "passphrase",
  methods: [],
  busy: false,
  lastsMs: 0,
  left: [],
  said: [],
  note: null,
  ...more,
});

/** Sheets that hold nothing which would be lost when another takes their place. */
const GIVES_WAY: readonly Sheet["at"][] = ["add", "move", "opening", "menu", "qr", "bin", "settings", "help", "restore", "report", "leave"];

export const moving = (state: State, event: Moving): Step | null => leaving(state, event) ?? bringing(state, event as Bringing);

function bringing(state: State, event: Bringing): Step | null {
  const sheet = state.sheet?.at === "opening" ? state.sheet : null;
  const put = (change: Partial<OpeningSheet>, ...effects: Effect[]): Step => (sheet ? [{ ...state, sheet: { ...sheet, ...change } }, effects] : noEffects(state));
  switch (event.type) {
    case "show apps":
      return hasRoom(state) ? [{ ...state, sheet: { at: "move", ticked: [] } }, [carry({ do: "read ticks" })]] : null;
    case "ticks":
      return state.sheet?.at === "move" ? noEffects({ ...state, sheet: { ...state.sheet, ticked: event.ticked } }) : noEffects(state);
    case "tick": {
      if (state.sheet?.at !== "move") return noEffects(state);
      const others = state.sheet.ticked.filter((service) => service !== event.service);
      const ticked = event.done ? [...others, event.service] : others;
      return [{ ...state, sheet: { ...state.sheet, ticked } }, [carry({ do: "keep ticks", ticked })]];
    }
    case "choose files":
      return [state, [carry({ do: "choose files" })]];
    case "files given":
      return given(state, event.files);
    case "reading": {
      // The sheet that asked for the file gives way; one that was closed meanwhile has stopped the work.
      if (state.sheet && !GIVES_WAY.includes(state.sheet.at)) return [state, [carry({ do: "stop" })]];
      const was = sheet ?? opening(event.names);
      return noEffects({ ...state, sheet: { ...was, names: event.names, now: event.now, step: "reading", lock: null, busy: false, lastsMs: 0, note: null } });
    }
    case "locked file":
      return put({ step: "password", lock: event.lock, busy: false, note: null });
    case "lasts":
      return put({ lastsMs: event.ms });
    case "try password":
      return !sheet || sheet.busy || sheet.step !== "password" ? noEffects(state) : put({ busy: true, note: null }, carry({ do: "try password", typed: event.typed }));
    case "not opened":
      // Where there is no field to say it beside, it is the last word on this file.
      if (sheet?.step === "reading") return put({ step: "refused", left: [{ title: sheet.names[sheet.now] ?? "", why: event.note }], note: null });
      return put({ busy: false, note: event.note });
    case "skip file":
      return sheet?.step === "password" ? put({ busy: false, note: null }, carry({ do: "skip file" })) : noEffects(state);
    case "files read":
      return read(state, sheet, event);
    case "files wait":
      return put({ names: event.names, step: "protect" });
    case "protect first":
      return noEffects({ ...state, sheet: null });
    case "vault given":
      return vaultGiven(state, event.name, event.info);
    case "adopt method":
      return sheet?.busy ? noEffects(state) : put({ method: event.method, note: null });
    case "adopt":
      return !sheet || sheet.busy ? noEffects(state) : put({ busy: true, note: null }, carry({ do: "adopt", method: sheet.method, typed: event.typed }));
    case "adopted": {
      const count = openPhase(state)?.entries.length ?? 0;
      const report: Sheet | null =
        event.counters.length > 0 ? { at: "report", saved: count, total: count, left: [], changed: event.counters, doubles: [], said: [], present: 0 } : null;
      return withToast({ ...state, sheet: report, given: [] }, { key: "adopt.done", vars: { count } }, null);
    }
    case "died":
      return noEffects({ ...state, sheet: opening([event.name], { step: "refused", left: [{ title: event.name, why: { key: "opening.died" } }] }) });
  }
}

/** Whether a sheet can be shown that needs no open vault. */
const hasRoom = ({ phase }: State): boolean => phase.at === "open" || phase.at === "welcome";

function given(state: State, files: unknown[]): Step {
  if (files.length === 0) return noEffects(state);
  if (!hasRoom(state)) return withToast({ ...state, given: files }, { key: "opening.waits" }, null);
  if (state.sheet && !GIVES_WAY.includes(state.sheet.at)) return withToast(state, { key: "opening.later" }, null);
  const look = !openPhase(state);
  const names = files.map((file) => (file as { name?: string }).name ?? "");
  const after: State = look ? { ...state, given: files, sheet: opening(names) } : { ...state, given: [] };
  return [after, [carry({ do: "open files", files, look })]];
}

function read(state: State, sheet: OpeningSheet | null, event: Bringing & { type: "files read" }): Step {
  // Whoever has left meanwhile gets nothing put before them.
  if (!sheet) return noEffects(state);
  const { items, left, said } = event;
  if (items.length === 0) return noEffects({ ...state, sheet: { ...sheet, step: "refused", left, said, busy: false, note: null } });
  const accounts = items.map((item) => item.account);
  return [{ ...state, sheet: { at: "found", items, left, said, busy: false, note: null } }, [{ do: "preview", accounts }]];
}

function vaultGiven(state: State, name: string, info: (Bringing & { type: "vault given" })["info"]): Step {
  const methods = (["passphrase", "recovery"] as const).filter((method) => info.slots.some(({ kind }) => kind === method));
  const method: UnlockMethod = methods[0] ?? "passphrase";
  // Into accounts that are here it is merged; where nothing is, it becomes the vault.
  if (openPhase(state)) return noEffects({ ...state, sheet: { at: "restore", name, info, method, busy: false, note: null } });
  if (methods.length === 0) return noEffects({ ...state, given: [], sheet: opening([name], { step: "refused", left: [{ title: name, why: { key: "adopt.noway" } }] }) });
  return noEffects({ ...state, given: [], sheet: opening([name], { step: "adopt", method, methods: [...methods] }) });
}
