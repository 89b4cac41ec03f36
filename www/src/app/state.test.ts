import assert from "node:assert/strict";
import { test } from "node:test";
import "./late.ts";
import { fromHand } from "./hand.ts";
import { meaning } from "./keys.ts";
import { fold, groups, health, hue, monogram, spoken, visible } from "./list.ts";
import type { Account, Entry, Event, Found, RowCode, State, View } from "./model.ts";
import { passphraseFault } from "./passphrase.ts";
import { next, start } from "./state.ts";
import { AFTER_CHANGE_MS, AFTER_COPY_MS } from "./step.ts";

const settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 } as const;
const around = { online: true, installed: false, canInstall: false, iosTab: false, persistent: false, updateReady: false, version: "", clockOffMs: 0 };
const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id, kind: "totp", issuer: "Example", name: id, algorithm: "SHA1", digits: 6, periodSecs: 30,
  pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs: 0, ...more,
});
const code = (id: string, text = "123456"): RowCode => ({ id, text, next: "654321", validFromMs: 0, validUntilMs: 30_000 });
const device = { id: "d", kind: "device", addedMs: 0 } as const;
const passphrase = { id: "p", kind: "passphrase", addedMs: 0 } as const;
const view = (more: Partial<View> = {}): View => ({ entries: [], trash: [], codes: [], codesMs: 0, slots: [passphrase], backups: [], unbacked: 0, ...more });
const account: Account = { kind: "totp", secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30 };
const found = (more: Partial<Found> = {}): Found => ({ account, preview: null, same: [], kin: [], namesakes: [], changed: [], pin: null, fault: null, take: true, replace: false, ...more });

/** The state after these events, and what the last of them asked for. */
function after(...events: Event[]) {
  let [state, effects] = start(settings, around);
  for (const event of events) [state, effects] = next(state, event);
  return { state, effects, does: effects.map((effect) => effect.do) };
}
const opened = (more: Partial<View> = {}): Event => ({ type: "opened", view: view(more), older: false });
const open = (state: State) => {
  if (state.phase.at !== "open") throw new Error(`the app is ${state.phase.at}, not open`);
  return state.phase;
};

test("the first visit offers a choice, and a short passphrase is refused before any work", () => {
  const { state, does } = after({ type: "nothing stored" }, { type: "welcome step", step: "passphrase" }, { type: "begin with passphrase", passphrase: "short", again: "short" });
  assert.deepEqual(does, []);
  assert.equal(state.phase.at === "welcome" && state.phase.note?.key, "passphrase.short");
});

for (const [given, again, fault] of [
  ["correct horse battery", "correct horse battery", null],
  ["correct horse battery", "correct horse batteri", "passphrase.differs"],
  ["1234567", "1234567", "passphrase.short"],
  ["héllo wörld", "héllo wörld", null],
  ["🐎🔋🐎🔋", "🐎🔋🐎🔋", "passphrase.short"],
] as const) {
  test(`a new passphrase of ${[...given].length} characters${given === again ? "" : ", repeated wrongly"}: ${fault ?? "taken"}`, () => {
    assert.equal(passphraseFault(given, again)?.key ?? null, fault);
  });
}

test("no passphrase stays in the state after it was sent", () => {
  const typed = "only-in-the-effect-7361";
  const { state, effects } = after({ type: "nothing stored" }, { type: "begin with passphrase", passphrase: typed, again: typed });
  assert.equal(JSON.stringify(state).includes(typed), false);
  assert.deepEqual(effects, [{ do: "create", passphrase: typed }]);
  const unlock = after({ type: "locked", methods: ["passphrase"] }, { type: "unlock", typed });
  assert.equal(JSON.stringify(unlock.state).includes(typed), false);
});

test("a wrong passphrase says so, and the next try is possible", () => {
  const { state } = after({ type: "locked", methods: ["passphrase"] }, { type: "unlock", typed: "x" }, { type: "unlock failed", note: { key: "fault.VAULT_WRONG_KEY" } });
  assert.deepEqual(state.phase, { at: "locked", methods: ["passphrase"], method: "passphrase", gone: false, busy: false, note: { key: "fault.VAULT_WRONG_KEY" } });
});

test("a second try while the first still runs does not start another", () => {
  assert.deepEqual(after({ type: "locked", methods: ["passphrase"] }, { type: "unlock", typed: "x" }, { type: "unlock", typed: "x" }).does, []);
});

test("locking closes the vault, stops the camera, and leaves no account in the state", () => {
  const { state, does } = after(opened({ entries: [entry("ann")], codes: [code("ann")] }), { type: "open sheet", at: "add" }, { type: "lock" });
  assert.deepEqual(does, ["stop camera", "close vault"]);
  assert.equal(JSON.stringify(state).includes("ann"), false);
});

test("a vault that this device opens by itself is not locked in appearance only", () => {
  const { state, does } = after(opened({ slots: [device] }), { type: "lock" });
  assert.equal(state.phase.at, "open");
  assert.equal(state.sheet?.at === "passphrase" && state.sheet.then, "lock");
  assert.deepEqual(does, []);
});

test("another tab that takes over closes this one's vault", () => {
  const { state, does } = after(opened({ entries: [entry("ann")] }), { type: "taken over by another tab" });
  assert.deepEqual(state.phase, { at: "elsewhere", taken: true });
  assert.ok(does.includes("close vault"));
});

test("a tap copies the code without its spaces, says so, and the sentence goes after two seconds", () => {
  const here = opened({ entries: [entry("ann")], codes: [code("ann", "012345")] });
  assert.deepEqual(after(here, { type: "copy", id: "ann" }).effects, [{ do: "copy", id: "ann", text: "012345" }]);
  const { state, effects } = after(here, { type: "copy", id: "ann" }, { type: "copied" });
  assert.equal(state.toast?.words.key, "copied");
  assert.deepEqual(effects, [{ do: "forget toast", id: 1, afterMs: AFTER_COPY_MS }]);
});

test("an older toast's end does not take a newer toast away", () => {
  const { state } = after(opened(), { type: "copied" }, { type: "copy failed" }, { type: "toast over", id: 1 });
  assert.equal(state.toast?.words.key, "copy.failed");
});

test("a counter's code is asked for, never copied before it was stored", () => {
  const here = opened({ entries: [entry("key", { kind: "hotp" })] });
  assert.deepEqual(after(here, { type: "copy", id: "key" }).effects, [{ do: "spend", id: "key" }]);
  const shown = after(here, { type: "copy", id: "key" }, { type: "spent", id: "key", code: "755224", view: view({ entries: [entry("key", { kind: "hotp", counter: 1 })] }) });
  assert.equal(open(shown.state).spent["key"], "755224");
  assert.deepEqual(next(shown.state, { type: "copy", id: "key" })[1], [{ do: "copy", id: "key", text: "755224" }]);
});

test("a counter's code that could not be stored is not shown", () => {
  const here = opened({ entries: [entry("key", { kind: "hotp" })] });
  const { state } = after(here, { type: "copy", id: "key" }, { type: "not saved", view: view({ entries: [entry("key", { kind: "hotp" })] }), note: { key: "storage.full" } });
  assert.deepEqual(open(state).spent, {});
  assert.equal(state.toast?.words.key, "storage.full");
});

test("deleting can be taken back for as long as the sentence stands", () => {
  const here = opened({ entries: [entry("ann")] });
  const undo = [{ do: "restore", id: "ann" }] as const;
  const deleted = after(here, { type: "trash", id: "ann" }, { type: "changed", view: view({ trash: [entry("ann")] }), words: { key: "trashed" }, undo: [...undo] });
  assert.deepEqual(deleted.effects, [{ do: "forget toast", id: 1, afterMs: AFTER_CHANGE_MS }]);
  const [state, effects] = next(deleted.state, { type: "undo" });
  assert.deepEqual(effects, [{ do: "apply", changes: [...undo], words: { key: "undone" }, undoable: false }]);
  assert.deepEqual(next(state, { type: "undo" })[1], [], "the same thing is not taken back twice");
});

test("search is by words, without regard to case and accents, and arrows move among what is found", () => {
  const entries = [entry("1", { issuer: "Müller Bank", name: "ann" }), entry("2", { issuer: "Mail", name: "ann" }), entry("3", { issuer: "Muller", name: "bob" })];
  assert.deepEqual(visible({ entries, query: "muller" }).map(({ id }) => id), ["1", "3"]);
  assert.deepEqual(visible({ entries, query: "ANN mÜll" }).map(({ id }) => id), ["1"]);
  assert.deepEqual(visible({ entries, query: "zzz" }), []);
  const { state, effects } = after(opened({ entries }), { type: "search", query: "muller" }, { type: "move selection", by: 1 }, { type: "move selection", by: 1 }, { type: "move selection", by: 1 });
  assert.equal(open(state).selected, "3");
  assert.deepEqual(effects, [{ do: "focus row", id: "3" }]);
});

test("a QR code that holds something else is said to, and the camera goes on", () => {
  const { state, does } = after(opened(), { type: "add by", way: "camera" }, { type: "camera", state: "on" }, { type: "scanned", texts: ["https://example.org"], from: "camera" }, { type: "read nothing", from: "camera" });
  assert.equal(state.sheet?.at === "add" && state.sheet.note?.key, "qr.other");
  assert.equal(state.sheet?.at === "add" && state.sheet.camera, "on");
  assert.deepEqual(does, []);
});

test("a picture without a code is said to be one; a camera frame without is not worth a word", () => {
  const pictured = after(opened(), { type: "pictures given", files: [1] }, { type: "scanned", texts: [], from: "picture", left: [{ title: "a.png", why: { key: "left.picture" } }] });
  assert.equal(pictured.state.sheet?.at === "add" && pictured.state.sheet.note?.key, "fault.picture");
  const framed = after(opened(), { type: "add by", way: "camera" }, { type: "scanned", texts: [], from: "camera" });
  assert.equal(framed.state.sheet?.at === "add" && framed.state.sheet.note, null);
});

test("parts of an export gather in any order beside what came with them, and the missing ones are named", () => {
  const part = (n: number) => `otpauth-migration://offline?data=${n}`;
  const scanned = (n: number): Event => ({ type: "scanned", texts: [part(n)], from: "camera" });
  const two = after(opened(), { type: "add by", way: "camera" }, scanned(3), { type: "read part", texts: [part(3)], missing: [1, 2], total: 3, count: 10 });
  assert.deepEqual(two.state.sheet?.at === "add" && two.state.sheet.missing, [1, 2]);
  assert.deepEqual(next(two.state, scanned(3))[1], [], "the camera still looks at the same code");
  assert.deepEqual(next(two.state, scanned(1))[1], [{ do: "read", texts: [part(3), part(1)], from: "camera", partly: false }]);
  const [again] = next(next(two.state, { type: "text given", text: part(3) })[0], { type: "read part", texts: [part(3), part(3)], missing: [1, 2], total: 3, count: 10 });
  assert.equal(again.sheet?.at === "add" && again.sheet.note?.key, "parts.known");
  assert.deepEqual(again.sheet?.at === "add" && again.sheet.texts, [part(3)]);
  assert.deepEqual(next(two.state, { type: "read what is here" })[1], [{ do: "read", texts: [part(3)], from: "text", partly: true }], "the other code may be lost for good");
});

test("the camera is asked for on a click only, and stops when the sheet closes", () => {
  const adding = after(opened(), { type: "open sheet", at: "add" });
  assert.deepEqual(adding.does, ["ask camera"]);
  assert.deepEqual(next(adding.state, { type: "camera mounted", video: 1 })[1], []);
  const [asked] = next(adding.state, { type: "use camera" });
  assert.deepEqual(next(asked, { type: "camera mounted", video: 1 })[1], [{ do: "watch", video: 1 }]);
  assert.ok(next(asked, { type: "close sheet" })[1].some((effect) => effect.do === "stop camera"));
});

test("what was found is saved on a click; a namesake goes to the bin only when asked", () => {
  const read = after(opened(), { type: "open sheet", at: "add" }, { type: "read", items: [found({ namesakes: ["old"] })], left: [] });
  const [plain] = next(read.state, { type: "save found" })[1];
  assert.deepEqual(plain, { do: "apply", changes: [{ do: "add", account }], words: { key: "added", vars: { count: 1 } }, undoable: true });
  const [wanting] = next(read.state, { type: "found replace", index: 0, replace: true });
  const [replacing] = next(wanting, { type: "save found" })[1];
  assert.deepEqual(replacing?.do === "apply" && replacing.changes, [{ do: "add", account }, { do: "trash", id: "old" }]);
});

test("an account that is here already is not taken unless asked", () => {
  const read = after(opened(), { type: "open sheet", at: "add" }, { type: "read", items: [found({ same: ["x"], take: false })], left: [] });
  assert.deepEqual(next(read.state, { type: "save found" })[1].map((effect) => effect.do), ["stop preview"]);
});

test("when saving fails, what was found stays on screen", () => {
  const read = after(opened(), { type: "open sheet", at: "add" }, { type: "read", items: [found()], left: [] }, { type: "save found" }, { type: "not saved", view: view(), note: { key: "storage.full" } });
  assert.equal(read.state.sheet?.at === "found" && read.state.sheet.items.length, 1);
  assert.deepEqual(read.state.sheet?.at === "found" && [read.state.sheet.note, read.state.sheet.left], [{ key: "storage.full" }, []], "it is no account that was left out");
});

test("nothing covers the code of an account that was just saved, the first one of an unprotected vault neither", () => {
  const save = (slots: View["slots"]) =>
    after(opened({ slots }), { type: "open sheet", at: "add" }, { type: "read", items: [found()], left: [] }, { type: "save found" },
      { type: "changed", view: view({ entries: [entry("ann")], slots }), words: { key: "added" }, undo: null });
  for (const slots of [[device], [passphrase]]) assert.equal(save(slots).state.sheet, null);
  assert.equal(health(save([device]).state, 0), "unprotected", "the line at the foot asks for the recovery key");
});

test("looking at a saved recovery key does not replace it", () => {
  const saved = { id: "r", kind: "recovery", addedMs: 0, provedMs: 5 } as const;
  assert.deepEqual(after(opened({ slots: [device, saved] }), { type: "open sheet", at: "recovery" }).does, []);
  const loose = { id: "r", kind: "recovery", addedMs: 0 } as const;
  assert.deepEqual(after(opened({ slots: [device, loose] }), { type: "open sheet", at: "recovery" }).does, ["make recovery"]);
});

test("a backup that only this device could open is not offered", () => {
  const { state } = after(opened({ slots: [device] }), { type: "open sheet", at: "backup" });
  assert.equal(state.sheet?.at === "passphrase" && state.sheet.then, "backup");
  assert.equal(after(opened({ slots: [passphrase] }), { type: "open sheet", at: "backup" }).state.sheet?.at, "backup");
});

test("a link that comes while locked is read after unlocking", () => {
  const { effects } = after({ type: "locked", methods: ["passphrase"] }, { type: "text given", text: "otpauth://totp/x?secret=AA" }, opened());
  assert.deepEqual(effects, [{ do: "read", texts: ["otpauth://totp/x?secret=AA"], from: "text", partly: false }]);
});

const hand = { kind: "totp", issuer: "Example", name: "ann", secret: "jbsw y3dp-ehpk 3pxp==", algorithm: "SHA1", digits: "6", periodSecs: "30", counter: "0" } as const;
for (const [what, change, fault] of [
  ["as shown on a page", {}, null],
  ["a counter", { kind: "hotp", counter: "7" }, null],
  ["no name at all", { issuer: " ", name: "" }, ["issuer", "hand.nameless"]],
  ["no key", { secret: "  " }, ["secret", "hand.keyless"]],
  ["eleven digits", { digits: "11" }, ["digits", "hand.digits"]],
  ["half a digit", { digits: "6.5" }, ["digits", "hand.digits"]],
  ["a period of nothing", { periodSecs: "0" }, ["periodSecs", "hand.period"]],
  ["a negative counter", { kind: "hotp", counter: "-1" }, ["counter", "hand.counter"]],
] as const) {
  test(`typed by hand, ${what}: ${fault?.[1] ?? "taken"}`, () => {
    const result = fromHand({ ...hand, ...change });
    assert.deepEqual("fault" in result ? [result.fault.field, result.fault.words.key] : null, fault);
  });
}

test("codes are grouped for the eye and spelled for the ear", () => {
  assert.deepEqual(["123456", "12345678", "1234567", "12345", "1234567890", "123456789"].map((text) => groups(text).join(" ")),
    ["123 456", "1234 5678", "123 4567", "12345", "12345 67890", "123 456 789"]);
  assert.equal(spoken("492039"), "4 9 2, 0 3 9");
});

test("a monogram is one or two letters, and the same service always has the same hue", () => {
  assert.deepEqual([["Example Bank", ""], ["GitHub", ""], ["", "ann@example.org"], ["", ""], ["ßeta", ""]].map(([issuer = "", name = ""]) => monogram({ issuer, name })), ["EB", "G", "AE", "?", "SS"]);
  assert.equal(hue({ issuer: "GitHub", name: "ann" }), hue({ issuer: "github", name: "bob" }));
  assert.equal(fold("ÅÉ"), "ae");
});

test("health names the one thing worth doing", () => {
  const saved = { id: "r", kind: "recovery", addedMs: 0, provedMs: 1 } as const;
  const with_ = (slots: View["slots"], backupMs = 0) => ({ ...after(opened({ entries: [entry("ann")], slots })).state, settings: { ...settings, backupMs } });
  assert.equal(health(with_([device]), 1), "unprotected");
  assert.equal(health(with_([device, saved]), 1), "no backup");
  assert.equal(health(with_([passphrase], 1), 2), "no recovery");
  assert.equal(health(with_([passphrase, saved], 1), 2), "good");
  assert.equal(health(with_([passphrase, saved], 1), 200 * 86_400_000), "old backup");
});

for (const [key, more, means] of [
  ["/", {}, "search"],
  ["a", {}, { type: "open sheet", at: "add" }],
  ["l", {}, { type: "lock" }],
  ["?", {}, { type: "open sheet", at: "help" }],
  ["n", {}, { type: "next code", id: "ann" }],
  ["a", { typing: true }, null],
  ["a", { held: true }, null],
  ["ArrowDown", { typing: true }, { type: "move selection", by: 1 }],
  ["x", {}, null],
] as const) {
  test(`the key ${key}${"typing" in more ? " in a field" : ""}${"held" in more ? " with Ctrl" : ""} means ${means === null ? "nothing" : typeof means === "string" ? means : means.type}`, () => {
    const { state } = after(opened({ entries: [entry("ann")] }), { type: "select", id: "ann" });
    assert.deepEqual(meaning(state, { key, held: false, typing: false, ...more }), means);
  });
}

test("keys mean nothing while a sheet is open or the vault is locked", () => {
  assert.equal(meaning(after(opened(), { type: "open sheet", at: "help" }).state, { key: "a", held: false, typing: false }), null);
  assert.equal(meaning(after({ type: "locked", methods: [] }).state, { key: "a", held: false, typing: false }), null);
});
