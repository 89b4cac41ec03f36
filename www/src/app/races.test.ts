// What comes late, twice, or to a sheet that has gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./late.ts";
import type { Entry, Event, Found, State, View } from "./model.ts";
import { next, start } from "./state.ts";
import { AFTER_CHANGE_MS } from "./step.ts";

const settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 } as const;
const around = { online: true, installed: false, canInstall: false, iosTab: false, persistent: false, updateReady: false, version: "", clockOffMs: 0 };
const device = { id: "d", kind: "device", addedMs: 0 } as const;
const passphrase = { id: "p", kind: "passphrase", addedMs: 0 } as const;
const view = (more: Partial<View> = {}): View => ({ entries: [], trash: [], codes: [], codesMs: 0, slots: [device], backups: [], unbacked: 0, ...more });
const opened = (more: Partial<View> = {}): Event => ({ type: "opened", view: view(more), older: false });
const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id, kind: "totp", issuer: "Example", name: id, algorithm: "SHA1", digits: 6, periodSecs: 30,
  pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs: 0, ...more,
});
const account = { kind: "totp", secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30 } as const;
const found: Found = { account, preview: null, same: [], kin: [], namesakes: [], changed: [], pin: null, fault: null, take: true, replace: false };

function after(...events: Event[]) {
  let [state, effects] = start(settings, around);
  for (const event of events) [state, effects] = next(state, event);
  return { state, effects, does: effects.map((effect) => effect.do) };
}
const slots = (state: State) => (state.phase.at === "open" ? state.phase.slots.map(({ kind }) => kind) : []);

test("a second tap on Start begins no second vault", () => {
  assert.deepEqual(after({ type: "nothing stored" }, { type: "begin without passphrase" }).does, ["create"]);
  assert.deepEqual(after({ type: "nothing stored" }, { type: "begin without passphrase" }, { type: "begin without passphrase" }).does, []);
  const chosen: Event = { type: "begin with passphrase", passphrase: "long enough", again: "long enough" };
  assert.deepEqual(after({ type: "nothing stored" }, chosen, chosen).does, []);
});

test("a passphrase that is done after another tab took over opens nothing here", () => {
  const late = after({ type: "locked", methods: ["passphrase"] }, { type: "unlock", typed: "x" }, { type: "taken over by another tab" }, opened({ entries: [entry("ann")] }));
  assert.deepEqual(late.state.phase, { at: "elsewhere", taken: true });
  assert.deepEqual(late.does, ["close vault"]);
});

for (const event of [{ type: "nothing stored" }, { type: "locked", methods: ["passphrase"] }, { type: "open elsewhere" }, { type: "broken", note: { key: "storage.lost" } }] as Event[]) {
  test(`what was looked for before another tab took over is not shown after it: ${event.type}`, () => {
    assert.deepEqual(after({ type: "taken over by another tab" }, event).state.phase, { at: "elsewhere", taken: true });
  });
}

test("a passphrase that is set after its sheet was closed counts, and is said", () => {
  const { state } = after(opened(), { type: "open sheet", at: "passphrase" }, { type: "set passphrase", passphrase: "long enough", again: "long enough" },
    { type: "close sheet" }, { type: "open sheet", at: "help" }, { type: "passphrase set", view: view({ slots: [passphrase] }) });
  assert.deepEqual(slots(state), ["passphrase"]);
  assert.equal(state.toast?.words.key, "passphrase.set");
  assert.equal(state.sheet?.at, "help", "the sheet that is open now stays");
});

test("a backup that is opened after its sheet was closed shows what it added", () => {
  const { state } = after(opened(), { type: "open sheet", at: "restore" }, { type: "close sheet" },
    { type: "backup opened", view: view({ entries: [entry("ann")] }), total: 1, added: 1, newer: 0, present: 0 });
  assert.equal(state.phase.at === "open" && state.phase.entries.length, 1);
  assert.equal(state.toast?.words.key, "backup.opened");
});

test("a failure whose sheet has gone is said at the foot, long enough to be read", () => {
  const { state, effects } = after(opened(), { type: "open sheet", at: "backup" }, { type: "close sheet" }, { type: "sheet failed", note: { key: "storage.full" } });
  assert.equal(state.toast?.words.key, "storage.full");
  assert.deepEqual(effects, [{ do: "forget toast", id: 1, afterMs: AFTER_CHANGE_MS }]);
  const edit = after(opened({ entries: [entry("ann", { note: "mine" })] }), { type: "open edit", id: "ann" }, { type: "sheet failed", note: { key: "storage.full" } });
  assert.equal(edit.state.sheet?.at === "edit" && edit.state.sheet.draft.note, "mine", "a note of the person's own is no error");
});

test("what failed stands as long as what can be taken back", () => {
  for (const event of [{ type: "copy failed" }, { type: "not saved", view: null, note: { key: "storage.full" } }] as Event[]) {
    assert.deepEqual(after(opened(), event).effects, [{ do: "forget toast", id: 1, afterMs: AFTER_CHANGE_MS }], event.type);
  }
});

test("the camera stops in whichever way its sheet goes, and while nobody looks", () => {
  const watching: Event[] = [opened(), { type: "open sheet", at: "add" }, { type: "use camera" }, { type: "camera", state: "on" }];
  const ways: Event[] = [{ type: "close sheet" }, { type: "open sheet", at: "restore" }, { type: "lock" }, { type: "taken over by another tab" }, { type: "read", items: [found], left: [] }, { type: "add view", view: "hand" }, { type: "hidden" }];
  for (const way of ways) assert.ok(after(...watching, way).does.includes("stop camera"), way.type);
  assert.deepEqual(after(...watching, { type: "hidden" }, { type: "seen" }).does, ["ask camera"]);
  assert.deepEqual(after(opened(), { type: "hidden" }, { type: "seen" }).does, []);
});

test("what was read after the sheet was closed opens no other sheet", () => {
  const { state, does } = after(opened(), { type: "open sheet", at: "add" }, { type: "close sheet" }, { type: "open sheet", at: "settings" }, { type: "read", items: [found], left: [] });
  assert.equal(state.sheet?.at, "settings");
  assert.deepEqual(does, []);
});

test("the codes of what was found go on after saving failed, and end with the sheet", () => {
  const saving = after(opened(), { type: "open sheet", at: "add" }, { type: "read", items: [found], left: [] }, { type: "save found" });
  assert.deepEqual(saving.does, ["apply"]);
  assert.deepEqual(next(saving.state, { type: "save found" })[1], [], "a second press saves nothing twice");
  assert.deepEqual(next(saving.state, { type: "close sheet" })[1], [{ do: "stop preview" }]);
});

test("a shortcut to adding waits for the vault", () => {
  const { state, does } = after({ type: "open sheet", at: "add" }, { type: "locked", methods: ["passphrase"] }, opened());
  assert.equal(state.sheet?.at, "add");
  assert.deepEqual(does, ["ask camera"]);
  assert.equal(state.wanted, null);
});

test("deleting for good is asked once more, and a second tap on the same place keeps", () => {
  const bin = after(opened({ trash: [entry("ann"), entry("bob")] }), { type: "open sheet", at: "bin" }, { type: "remove", id: "ann" });
  assert.deepEqual(bin.does, []);
  assert.deepEqual(bin.state.sheet, { at: "bin", sure: "ann" });
  assert.deepEqual(next(bin.state, { type: "keep" })[0].sheet, { at: "bin", sure: null });
  const [effect] = next(bin.state, { type: "remove surely", id: "ann" })[1];
  assert.deepEqual(effect?.do === "apply" && effect.changes, [{ do: "remove", id: "ann" }]);
});

test("after a deletion the row beside it has the focus", () => {
  const entries = [entry("ann"), entry("bob"), entry("cay")];
  for (const [id, beside] of [["ann", "bob"], ["cay", "bob"]] as const) {
    assert.deepEqual(after(opened({ entries }), { type: "trash", id }).effects.at(-1), { do: "focus row", id: beside });
  }
});

for (const [id, by, before] of [["b", -1, "a"], ["b", 1, null], ["a", 1, "c"], ["a", -1, undefined], ["c", 1, undefined], ["p", 1, undefined]] as const) {
  test(`${id} moves ${by < 0 ? "up" : "down"}: ${before === undefined ? "is at the end of its group" : `before ${before ?? "nothing"}`}`, () => {
    const entries = [entry("p", { pinned: true }), entry("a"), entry("b"), entry("c")];
    const { effects } = after(opened({ entries }), { type: "move", id, by });
    const changes = effects[0]?.do === "apply" ? effects[0].changes : null;
    assert.deepEqual(changes, before === undefined ? null : [{ do: "move", id, before }]);
  });
}
