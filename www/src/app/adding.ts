import { finding } from "./finding.ts";
import { EMPTY_HAND, faultOf, fromHand } from "./hand.ts";
import type { AddEvent, AddSheet, Effect, Found, From, Left, State } from "./model.ts";
import { type Step, noEffects, openPhase } from "./step.ts";

export const emptyAdd = (): AddSheet => ({
  at: "add",
  view: "ways",
  camera: "off",
  texts: [],
  seen: [],
  left: [],
  missing: [],
  total: 0,
  count: 0,
  pasted: "",
  key: null,
  hand: EMPTY_HAND,
  fault: null,
  busy: false,
  note: null,
});

/** From something that holds an account to an account in the vault. */
export function adding(state: State, event: AddEvent): Step | null {
  if (event.type === "text given") return textGiven(state, event.text);
  if (!openPhase(state)) return null;
  switch (event.type) {
    case "add by": {
      const sheet: AddSheet = { ...emptyAdd(), view: event.way === "paste" || event.way === "hand" ? event.way : "ways" };
      const effects: Effect[] = event.way === "picture" ? [{ do: "pick picture" }] : [];
      // The camera starts with the sheet's own video element, see "camera mounted".
      return [{ ...state, sheet: event.way === "camera" ? { ...sheet, camera: "asking" } : sheet }, effects];
    }
    case "read":
      // Whoever has left meanwhile gets nothing put before them.
      return state.sheet?.at === "add" ? read(state, state.sheet, event.items, event.left) : noEffects(state);
    case "pictures given":
      // Dropped or pasted on the list: the sheet that shows what comes of it opens by itself.
      return [withAdd(state, { busy: true, note: null, left: [] }), [{ do: "scan pictures", files: event.files }]];
  }
  if (state.sheet?.at === "add") return onAdd(state, state.sheet, event);
  return finding(state, event);
}

function withAdd(state: State, change: Partial<AddSheet>): State {
  const sheet = state.sheet?.at === "add" ? state.sheet : emptyAdd();
  return { ...state, sheet: { ...sheet, ...change } };
}

function textGiven(state: State, text: string): Step {
  if (!openPhase(state)) return noEffects({ ...state, inbox: [...state.inbox, text].slice(-10) });
  const sheet = state.sheet?.at === "add" ? state.sheet : emptyAdd();
  return take(state, sheet, [text], "text");
}

/** What was given is read together with what waits for more: an export may come in parts, and beside other links. */
function take(state: State, sheet: AddSheet, texts: string[], from: From): Step {
  return [{ ...state, sheet: { ...sheet, busy: true, note: null, key: null } }, [{ do: "read", texts: [...sheet.texts, ...texts], from, partly: false }]];
}

function read(state: State, sheet: AddSheet, items: Found[], refused: Left[]): Step {
  const left = [...refused, ...sheet.left];
  const [only] = left;
  // A single thing that cannot be read is told where it can be mended.
  if (items.length === 0 && left.length <= 1) {
    const key = only?.why.key.replace(/^left\./, "fault.") ?? "text.nothing";
    return noEffects({ ...state, sheet: { ...sheet, busy: false, note: only ? { ...only.why, key } : { key }, left: [] } });
  }
  const accounts = items.map((item) => item.account);
  return [{ ...state, sheet: { at: "found", items, left, busy: false, note: null } }, [{ do: "preview", accounts }]];
}

function onAdd(state: State, sheet: AddSheet, event: AddEvent): Step | null {
  const put = (change: Partial<AddSheet>): Step => noEffects({ ...state, sheet: { ...sheet, ...change } });
  switch (event.type) {
    case "add view": {
      const effects: Effect[] = event.view === "ways" ? [] : [{ do: "stop camera" }];
      const camera = event.view === "ways" ? sheet.camera : "off";
      return [{ ...state, sheet: { ...sheet, view: event.view, camera, note: null, fault: null, key: null } }, effects];
    }
    case "use camera":
      return put({ camera: "asking", note: null });
    case "camera mounted":
      return sheet.camera === "asking" ? [state, [{ do: "watch", video: event.video }]] : noEffects(state);
    case "camera":
      return put({ camera: event.state });
    case "hidden":
      // Nobody looks, so nothing looks back.
      return sheet.camera === "on" ? [{ ...state, sheet: { ...sheet, camera: "off" } }, [{ do: "stop camera" }]] : noEffects(state);
    case "seen":
      return [state, sheet.view === "ways" && sheet.camera === "off" ? [{ do: "ask camera" }] : []];
    case "scanned":
      return scanned(state, sheet, event);
    case "pick picture":
      return [state, [{ do: "pick picture" }]];
    case "paste field":
      return put({ pasted: event.value, note: null, key: null });
    case "hand field":
      return put({ hand: { ...sheet.hand, [event.field]: event.value }, note: null, fault: null });
    case "read hand": {
      const typed = fromHand(sheet.hand);
      if ("fault" in typed) return put({ fault: typed.fault });
      return [{ ...state, sheet: { ...sheet, busy: true, note: null, fault: null } }, [{ do: "read account", account: typed.account }]];
    }
    case "key as typed":
      return put({ view: "hand", hand: { ...sheet.hand, secret: event.key }, note: null, key: null, pasted: "" });
  }
  return onRead(state, sheet, event);
}

/** What came of reading, where it is not an account to save. */
function onRead(state: State, sheet: AddSheet, event: AddEvent): Step | null {
  const put = (change: Partial<AddSheet>): Step => noEffects({ ...state, sheet: { ...sheet, busy: false, ...change } });
  switch (event.type) {
    case "read part": {
      const { texts, missing, total, count } = event;
      // A code that was here already, or is damaged: waiting with it would not bring the missing one.
      const further = sheet.texts.length === 0 || missing.length !== sheet.missing.length || count !== sheet.count;
      if (!further) return put({ view: "ways", note: { key: "parts.known" } });
      // The parts that are missing are named beside the camera, which looks for them.
      return put({ view: "ways", pasted: "", texts, missing, total, count, note: null });
    }
    case "read what is here":
      return [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "read", texts: sheet.texts, from: "text", partly: true }]];
    case "read key":
      return put({ key: event.key, note: { key: "text.key" } });
    case "read nothing":
      return put({ note: { key: event.from === "text" ? "text.other" : "qr.other" } });
    case "read failed": {
      const fault = sheet.view === "hand" ? faultOf(event.note.key.replace("fault.", ""), event.note) : null;
      return fault ? put({ fault }) : put({ note: event.note });
    }
  }
  return null;
}

function scanned(state: State, sheet: AddSheet, event: AddEvent & { type: "scanned" }): Step {
  if (event.from === "camera") {
    // A frame without a code is nothing to speak of, and a code that was read stays in sight for a while.
    if (sheet.busy || event.texts.every((text) => sheet.seen.includes(text))) return noEffects(state);
    return take(state, { ...sheet, seen: event.texts }, event.texts, "camera");
  }
  const after = { ...sheet, left: event.left };
  if (event.texts.length > 0) return take(state, after, event.texts, "picture");
  return read(state, after, [], []);
}
