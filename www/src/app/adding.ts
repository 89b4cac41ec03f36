import type { Account, AddEvent, AddSheet, Change, Effect, Found, HandDraft, State, Words } from "./model.ts";
import { type Step, noEffects, openPhase } from "./step.ts";

const EMPTY_HAND: HandDraft = { kind: "totp", issuer: "", name: "", secret: "", algorithm: "SHA1", digits: "6", periodSecs: "30", counter: "0" };

export const emptyAdd = (): AddSheet => ({
  at: "add",
  view: "ways",
  camera: "off",
  parts: [],
  missing: [],
  total: 0,
  pasted: "",
  hand: EMPTY_HAND,
  busy: false,
  note: null,
});

const isMigration = (text: string): boolean => /^otpauth-migration:/i.test(text.trim());
const isSetup = (text: string): boolean => /^(otpauth|steam|motp):/i.test(text.trim());

/** Sorts what a scan or a paste gave into what can be read and what cannot. */
export function sortTexts(texts: string[]): { links: string[]; parts: string[]; other: number } {
  const lines = texts.flatMap((text) => text.split(/\s*\n\s*/)).filter((text) => text.trim() !== "");
  const parts = lines.filter(isMigration).map((text) => text.trim());
  const links = lines.filter(isSetup).map((text) => text.trim());
  return { links, parts, other: lines.length - parts.length - links.length };
}

/** The account that was typed in, or why it is none. The key itself is judged by the core. */
export function fromHand(hand: HandDraft): { account: Account } | { fault: Words } {
  const digits = Number(hand.digits);
  const counts = hand.kind === "hotp";
  const moving = Number(counts ? hand.counter : hand.periodSecs);
  if (hand.issuer.trim() === "" && hand.name.trim() === "") return { fault: { key: "hand.nameless" } };
  if (hand.secret.trim() === "") return { fault: { key: "hand.keyless" } };
  if (!Number.isInteger(digits) || digits < 1 || digits > 10) return { fault: { key: "hand.digits" } };
  if (!Number.isInteger(moving) || moving < (counts ? 0 : 1)) return { fault: { key: counts ? "hand.counter" : "hand.period" } };
  const account = {
    kind: hand.kind,
    issuer: hand.issuer.trim(),
    name: hand.name.trim(),
    secret: hand.secret.replace(/[\s-]/g, "").replace(/=+$/, "").toUpperCase(),
    algorithm: hand.algorithm,
    digits,
    ...(counts ? { counter: moving } : { periodSecs: moving }),
  };
  return { account };
}

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
      return state.sheet?.at === "add" ? read(state, event.items, event.refused) : noEffects(state);
    case "picture given":
      // Dropped or pasted on the list: the sheet that shows what comes of it opens by itself.
      return [withAdd(state, { busy: true, note: null }), [{ do: "scan picture", file: event.file }]];
  }
  if (state.sheet?.at === "add") return onAdd(state, state.sheet, event);
  if (state.sheet?.at === "found") return onFound(state, state.sheet, event);
  return null;
}

function withAdd(state: State, change: Partial<AddSheet>): State {
  const sheet = state.sheet?.at === "add" ? state.sheet : emptyAdd();
  return { ...state, sheet: { ...sheet, ...change } };
}

function textGiven(state: State, text: string): Step {
  if (!openPhase(state)) return noEffects({ ...state, inbox: [...state.inbox, text].slice(-10) });
  return take(withAdd(state, {}), [text], "text");
}

function take(state: State, texts: string[], from: "camera" | "picture" | "text"): Step {
  const sheet = state.sheet?.at === "add" ? state.sheet : emptyAdd();
  const { links, parts, other } = sortTexts(texts);
  if (parts.length > 0) {
    const all = [...new Set([...sheet.parts, ...parts])];
    if (all.length === sheet.parts.length && from === "camera") return noEffects(state);
    return [withAdd(state, { parts: all, busy: true, note: null }), [{ do: "read parts", parts: all }]];
  }
  if (links.length > 0) return [withAdd(state, { busy: true, note: null }), [{ do: "read", texts: links }]];
  if (other === 0) {
    // A camera frame without a code is nothing to speak of; a picture without one is.
    return noEffects(from === "camera" ? state : withAdd(state, { busy: false, note: { key: from === "picture" ? "picture.nothing" : "text.nothing" } }));
  }
  return noEffects(withAdd(state, { busy: false, note: { key: from === "text" ? "text.other" : "qr.other" } }));
}

function read(state: State, items: Found[], refused: Words[]): Step {
  if (items.length === 0) return noEffects(withAdd(state, { busy: false, note: refused[0] ?? { key: "text.nothing" } }));
  const accounts = items.map((item) => item.account);
  return [{ ...state, sheet: { at: "found", items, refused, busy: false } }, [{ do: "preview", accounts }]];
}

function onAdd(state: State, sheet: AddSheet, event: AddEvent): Step | null {
  const put = (change: Partial<AddSheet>): Step => noEffects({ ...state, sheet: { ...sheet, ...change } });
  switch (event.type) {
    case "add view": {
      const effects: Effect[] = event.view === "ways" ? [] : [{ do: "stop camera" }];
      return [{ ...state, sheet: { ...sheet, view: event.view, camera: event.view === "ways" ? sheet.camera : "off", note: null } }, effects];
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
      return take(state, event.texts, event.from);
    case "pick picture":
      return [state, [{ do: "pick picture" }]];
    case "picture unreadable":
      return put({ busy: false, note: { key: "picture.unreadable" } });
    case "paste field":
      return put({ pasted: event.value, note: null });
    case "hand field":
      return put({ hand: { ...sheet.hand, [event.field]: event.value }, note: null });
    case "read hand": {
      const typed = fromHand(sheet.hand);
      if ("fault" in typed) return put({ note: typed.fault });
      return [{ ...state, sheet: { ...sheet, busy: true, note: null } }, [{ do: "read account", account: typed.account }]];
    }
    case "read part":
      // The parts that are missing are named beside the camera, which looks for them.
      return put({ view: "ways", pasted: "", busy: false, missing: event.missing, total: event.total, note: null });
    case "read failed":
      return put({ busy: false, note: event.note });
  }
  return null;
}

function onFound(state: State, sheet: Extract<State["sheet"], { at: "found" }>, event: AddEvent): Step | null {
  const item = (index: number, change: (found: Found) => Found): Step =>
    noEffects({ ...state, sheet: { ...sheet, items: sheet.items.map((found, at) => (at === index ? change(found) : found)) } });
  switch (event.type) {
    case "previews":
      return noEffects({ ...state, sheet: { ...sheet, items: sheet.items.map((found, at) => ({ ...found, preview: event.previews[at] ?? null })) } });
    case "found field":
      return item(event.index, (found) => ({ ...found, account: { ...found.account, [event.field]: event.value } }));
    case "found take":
      return item(event.index, (found) => ({ ...found, take: event.take }));
    case "found replace":
      return item(event.index, (found) => ({ ...found, replace: event.replace }));
    case "save found": {
      const taken = sheet.items.filter((found) => found.take);
      if (sheet.busy) return noEffects(state);
      if (taken.length === 0) return noEffects({ ...state, sheet: null });
      const changes = taken.flatMap((found): Change[] => [
        { do: "add", account: found.account },
        ...(found.replace ? found.namesakes.map((id): Change => ({ do: "trash", id })) : []),
      ]);
      const words = { key: "added", vars: { count: taken.length } };
      return [{ ...state, sheet: { ...sheet, busy: true } }, [{ do: "apply", changes, words, undoable: true }]];
    }
  }
  return null;
}
