// What was found, what is wrong with it, and what is said of it at the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./late.ts";
import { editOf } from "./editing.ts";
import { isPin, savedWords } from "./finding.ts";
import { faultOf, fromHand } from "./hand.ts";
import type { Account, Entry, Event, Found, FoundSheet, Left, State, View } from "./model.ts";
import { next, start } from "./state.ts";
import { differences, sameButCounter } from "./twins.ts";

const settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 } as const;
const around = { online: true, installed: false, canInstall: false, iosTab: false, persistent: false, updateReady: false, version: "", clockOffMs: 0 };
const view = (more: Partial<View> = {}): View => ({ entries: [], trash: [], codes: [], codesMs: 0, slots: [{ id: "p", kind: "passphrase", addedMs: 0 }], ...more });
const account: Account = { kind: "totp", secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30 };
const found = (more: Partial<Found> = {}): Found => ({ account, preview: null, same: [], kin: [], namesakes: [], changed: [], pin: null, fault: null, take: true, replace: false, ...more });
const left = (title: string): Left => ({ title, why: { key: "left.OTP_NO_SECRET" } });
const entry = (more: Partial<Entry> = {}): Entry => ({
  id: "ann", kind: "totp", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30,
  pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs: 0, ...more,
});
const opened = (more: Partial<View> = {}): Event => ({ type: "opened", view: view(more), older: false });

function after(...events: Event[]) {
  let [state, effects] = start(settings, around);
  for (const event of events) [state, effects] = next(state, event);
  return { state, effects, sheet: state.sheet };
}
const at = <T extends NonNullable<State["sheet"]>["at"]>(state: State, wanted: T) => {
  if (state.sheet?.at !== wanted) throw new Error(`${state.sheet?.at ?? "no sheet"} is open, not ${wanted}`);
  return state.sheet as Extract<NonNullable<State["sheet"]>, { at: T }>;
};
const reading = (items: Found[], lost: Left[]): Event[] => [opened(), { type: "open sheet", at: "add" }, { type: "read", items, left: lost }];
const stored: Event = { type: "changed", view: view(), words: { key: "added" }, undo: null };

test("an import that leaves accounts out says so in its last word and keeps the list of them on screen", () => {
  const items = Array.from({ length: 16 }, () => found());
  const { state, effects } = after(...reading(items, [left("Example 5"), left("Example 14")]), { type: "save found" });
  const words = { key: "added.without", vars: { saved: 16, total: 18, names: "Example 5; Example 14" } };
  assert.deepEqual(effects.map((effect) => effect.do === "apply" && effect.words), [words]);
  const [done] = next(state, { ...stored, words } as Event);
  assert.deepEqual(done.sheet, { at: "report", saved: 16, total: 18, left: [left("Example 5"), left("Example 14")], changed: [], doubles: [], said: [], present: 0 });
  assert.deepEqual(done.toast?.words, words);
});

test("what makes no codes here is kept as the other app wrote it, with what is saved and not without", () => {
  const original = { issuer: "Example", name: "bob", source: '{"type":"quantum"}' };
  const lost = [left("plain"), { ...left("Example, bob"), original }];
  const changes = (items: Found[]) => after(...reading(items, lost), { type: "save found" }).effects.flatMap((effect) => (effect.do === "apply" ? effect.changes : []));
  const [, kept, ...more] = changes([found()]);
  assert.deepEqual(more, []);
  assert.deepEqual(kept, { do: "add", account: { ...account, name: "bob", secret: "" }, source: original.source });
  assert.deepEqual(changes([found({ take: false })]), []);
});

for (const [what, sheet, words] of [
  ["one", { items: [found()], left: [] }, { key: "added", vars: { count: 1 } }],
  ["all", { items: [found(), found()], left: [] }, { key: "added", vars: { count: 2 } }],
  ["one that was not wanted", { items: [found(), found({ take: false })], left: [] }, { key: "added.some", vars: { count: 1, total: 2 } }],
  ["five left out: three by name, the others counted", { items: [found()], left: "abcde".split("").map(left) }, { key: "added.without.more", vars: { saved: 1, total: 6, names: "a; b; c", count: 2 } }],
] as const) {
  test(`the last word of an import: ${what}`, () => {
    assert.deepEqual(savedWords({ at: "found", busy: false, note: null, ...sheet } as unknown as FoundSheet), words);
  });
}

test("what was taken in another form is reported too; an import of which nothing is to be said closes", () => {
  const changed = found({ changed: [{ key: "left.other" }] });
  const report = after(...reading([changed, found({ take: false })], []), { type: "save found" }, stored);
  assert.deepEqual(report.sheet, { at: "report", saved: 1, total: 2, left: [], changed: [{ title: "Example", why: { key: "left.other" } }], doubles: [], said: [], present: 1 });
  assert.equal(after(...reading([found(), found({ take: false })], []), { type: "save found" }, stored).sheet, null);
});

test("one thing that cannot be read is told where it can be mended, several are listed", () => {
  const one = after(...reading([], [left("Example")]));
  assert.deepEqual(at(one.state, "add").note?.key, "fault.OTP_NO_SECRET");
  const two = after(...reading([], [left("Example"), left("Second")]));
  assert.equal(at(two.state, "found").left.length, 2);
});

test("pictures in which nothing was found are among what was left out", () => {
  const blank: Left = { title: "holiday.png", why: { key: "left.picture" } };
  const { state, effects } = after(opened(), { type: "pictures given", files: [1, 2] }, { type: "scanned", texts: ["otpauth://x"], from: "picture", left: [blank] });
  assert.deepEqual(effects, [{ do: "read", texts: ["otpauth://x"], from: "picture", partly: false }]);
  assert.deepEqual(at(next(state, { type: "read", items: [found()], left: [] })[0], "found").left, [blank]);
});

test("an account that needs a PIN is saved with one that it can have, and not before", () => {
  const motp = found({ account: { ...account, kind: "motp", pin: "" }, pin: { digits: null } });
  const asked = after(...reading([motp], []), { type: "save found" });
  assert.deepEqual(asked.effects, []);
  assert.deepEqual(at(asked.state, "found").items[0]?.fault, { field: "pin", words: { key: "pin.count", vars: { count: 4 } } });
  const [typed, effects] = next(asked.state, { type: "found field", index: 0, field: "pin", value: "1357" });
  assert.deepEqual(effects.map((effect) => effect.do), ["preview"], "its code comes with its PIN");
  const [, saving] = next(typed, { type: "save found" });
  assert.equal(saving[0]?.do === "apply" && saving[0].changes[0]?.do === "add" && saving[0].changes[0].account.pin, "1357");
});

for (const [kind, digits, pin, right] of [
  ["motp", null, "1234", true], ["motp", null, "12345", false], ["motp", null, "12a4", false], ["motp", null, "", false],
  ["yandex", null, "1234", true], ["yandex", null, "1234567890123456", true], ["yandex", null, "123", false], ["yandex", 6, "1234", false], ["yandex", 6, "123456", true],
] as const) {
  test(`a PIN of ${kind}${digits ? `, which has ${digits} digits` : ""}: ${pin || "none"} is ${right ? "one" : "not one"}`, () => {
    assert.equal(isPin(found({ account: { ...account, kind, pin }, pin: { digits } })), right);
  });
}

test("an account that stands alone cannot be saved without any name", () => {
  const { state, effects } = after(...reading([found({ account: { ...account, issuer: " ", name: "\u202e" } })], []), { type: "save found" });
  assert.deepEqual(effects, []);
  assert.equal(at(state, "found").items[0]?.fault?.field, "issuer");
});

for (const [what, change, parts] of [
  ["the same account", {}, []],
  ["another name", { name: "bob" }, ["name"]],
  ["another service and digits", { issuer: "Other", digits: 8 }, ["issuer", "digits"]],
  ["another period", { periodSecs: 60 }, ["period"]],
  ["another algorithm", { algorithm: "SHA256" }, ["algorithm"]],
  ["a counter that went on", { counter: 7 }, ["counter"]],
  ["a name that differs by a mark of direction alone", { name: "an\u200fn" }, []],
] as const) {
  test(`two accounts with one key: ${what}`, () => {
    const differ = differences({ ...account }, { ...account, ...change } as Account);
    assert.deepEqual(differ, parts);
    assert.equal(sameButCounter(differ), parts.every((part) => part === "counter"));
  });
}

test("a PIN tells two accounts apart where both are known", () => {
  assert.deepEqual(differences({ ...account, pin: "1111" }, { ...account, pin: "2222" }), ["pin"]);
  assert.deepEqual(differences({ ...account, pin: "1111" }, { ...account, pin: "" }), []);
});

test("an edit of names and note can be taken back; one of settings goes to the account itself", () => {
  const edit = (...changes: [string, string][]) =>
    after(opened({ entries: [entry()] }), { type: "open edit", id: "ann" }, ...changes.map(([field, value]) => ({ type: "edit field", field, value }) as Event), { type: "save edit" });
  assert.deepEqual(edit(["name", " bob "], ["note", "mine"]).effects,
    [{ do: "apply", changes: [{ do: "edit", id: "ann", issuer: "Example", name: "bob", note: "mine" }], words: { key: "edited" }, undoable: true }]);
  assert.deepEqual(edit(["digits", "8"]).effects,
    [{ do: "edit account", id: "ann", names: { issuer: "Example", name: "ann" }, note: "", settings: { digits: 8, algorithm: "SHA1", periodSecs: 30 }, words: { key: "edited" } }]);
});

for (const [what, change, fault] of [
  ["no name", { issuer: "", name: " " }, ["issuer", "hand.nameless"]],
  ["a name of marks alone", { issuer: "\u202e", name: "" }, ["issuer", "hand.nameless"]],
  ["no digits", { digits: "" }, ["digits", "hand.digits"]],
  ["a period in words", { periodSecs: "1e1" }, ["periodSecs", "hand.period"]],
] as const) {
  test(`an edit with ${what} is not saved, and the field says why`, () => {
    const events = Object.entries(change).map(([field, value]) => ({ type: "edit field", field, value }) as Event);
    const { state, effects } = after(opened({ entries: [entry()] }), { type: "open edit", id: "ann" }, ...events, { type: "save edit" });
    assert.deepEqual(effects, []);
    const { fault: said } = at(state, "edit");
    assert.deepEqual([said?.field, said?.words.key], fault);
  });
}

test("an edit that could not be stored stays on screen", () => {
  const saving = after(opened({ entries: [entry()] }), { type: "open edit", id: "ann" }, { type: "edit field", field: "name", value: "bob" }, { type: "save edit" });
  const [state] = next(saving.state, { type: "not saved", view: view({ entries: [entry()] }), note: { key: "storage.full" } });
  assert.deepEqual([at(state, "edit").draft.name, at(state, "edit").note, at(state, "edit").busy], ["bob", { key: "storage.full" }, false]);
});

test("what nobody chooses is not offered: a Steam account has no settings, a counter has one", () => {
  assert.equal(editOf(entry({ kind: "steam" })).tunable, false);
  assert.deepEqual([editOf(entry({ kind: "hotp", counter: 7 })).tunable, editOf(entry({ kind: "hotp", counter: 7 })).draft.counter], [true, "7"]);
});

test("what the core says of a typed account stands beside the field that it is about", () => {
  const words = { key: "fault.OTP_BAD_BASE32" };
  assert.deepEqual(faultOf("OTP_BAD_BASE32", words), { field: "secret", words });
  assert.deepEqual(faultOf("OTP_NO_SECRET", words), { field: "secret", words: { key: "hand.short" } }, "something was typed: it is not missing");
  assert.equal(faultOf("OTP_UNKNOWN_KIND", words), null);
  const failed = after(opened(), { type: "add by", way: "hand" }, { type: "read failed", note: words });
  assert.deepEqual([at(failed.state, "add").fault, at(failed.state, "add").note], [{ field: "secret", words }, null]);
});

test("a key that was pasted where a link was asked for goes into its own field", () => {
  const key = "mz5w misp ugq7 grxl";
  const { state } = after(opened(), { type: "add by", way: "paste" }, { type: "text given", text: key }, { type: "read key", key });
  assert.deepEqual([at(state, "add").key, at(state, "add").note?.key], [key, "text.key"]);
  const [hand] = next(state, { type: "key as typed", key });
  assert.deepEqual([at(hand, "add").view, at(hand, "add").hand.secret], ["hand", key]);
  assert.ok("fault" in fromHand(at(hand, "add").hand), "a name is still wanted");
});
