// Ways on from a screen that cannot go on, and what stays until something new was proved.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./late.ts";
import { health } from "./list.ts";
import type { Entry, Event, View } from "./model.ts";
import { next, start } from "./state.ts";

const settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 } as const;
const around = { online: true, installed: false, canInstall: false, iosTab: false, persistent: false, updateReady: false, version: "", clockOffMs: 0 };
const passphrase = { id: "p", kind: "passphrase", addedMs: 0 } as const;
const recovery = { id: "r", kind: "recovery", addedMs: 0, provedMs: 1 } as const;
const entry: Entry = { id: "a", kind: "totp", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30, pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs: 0 };
const view = (more: Partial<View> = {}): View => ({ entries: [entry], trash: [], codes: [], codesMs: 0, slots: [passphrase, recovery], backups: [], unbacked: 0, ...more });
const opened = (more: Partial<View> = {}): Event => ({ type: "opened", view: view(more), older: false });

function after(...events: Event[]) {
  let [state, effects] = start(settings, around);
  for (const event of events) [state, effects] = next(state, event);
  return { state, effects, does: effects.map((effect) => effect.do) };
}

const stuck: [string, Event][] = [
  ["nothing readable", { type: "broken", note: { key: "storage.lost" } }],
  ["a newer version", { type: "newer" }],
  ["the device's key is gone", { type: "locked", methods: [], gone: true }],
  ["a forgotten passphrase", { type: "locked", methods: ["passphrase"] }],
];

for (const [what, event] of stuck) {
  test(`${what}: a backup can be opened in place of it`, () => {
    const info = { slots: [{ id: "p", kind: "passphrase" }], generation: 1, format: 2 } as const;
    const picking = after(event, { type: "open door", at: "restore" }, { type: "pick backup" });
    assert.deepEqual(picking.effects, [{ do: "pick backup", adopt: true }]);
    const { effects } = after(event, { type: "open door", at: "restore" }, { type: "backup given", name: "x", info: { ...info, slots: [...info.slots] } }, { type: "open backup", typed: "word" });
    assert.deepEqual(effects, [{ do: "open backup", method: "passphrase", typed: "word", adopt: true }]);
    const { state } = after(event, { type: "open door", at: "restore" }, opened());
    assert.deepEqual([state.phase.at, state.sheet], ["open", null]);
  });

  test(`${what}: starting over needs the word, and offers the file first`, () => {
    const door: Event[] = [event, { type: "open door", at: "over" }];
    assert.deepEqual(after(...door, { type: "save old" }).does, ["save old"]);
    const saved = after(...door, { type: "old saved", files: 1 });
    assert.equal(saved.state.sheet?.at === "over" && saved.state.sheet.saved, true);
    for (const typed of ["", "start", "start over now"]) {
      const wrong = after(...door, { type: "start over", typed, word: "start over" });
      assert.deepEqual([wrong.does, wrong.state.sheet?.at === "over" && wrong.state.sheet.note?.key], [[], "over.differs"]);
    }
    const right = after(...door, { type: "start over", typed: " Start Over ", word: "start over" });
    assert.deepEqual([right.does, right.state.phase.at], [["start over"], "loading"]);
    assert.equal(next(right.state, { type: "nothing stored" })[0].phase.at, "welcome");
  });
}

test("an open vault has no such door", () => {
  assert.equal(after(opened(), { type: "open door", at: "over" }).state.sheet, null);
  assert.deepEqual(after(opened(), { type: "start over", typed: "start over", word: "start over" }).does, []);
});

test("a backup in an open vault is merged, not adopted", () => {
  assert.equal(after(opened(), { type: "open sheet", at: "restore" }, { type: "open backup", typed: "x" }).effects.some((effect) => effect.do === "open backup" && !effect.adopt), true);
});

test("a newer version is told at the start and after the passphrase, and is not called damaged", () => {
  for (const before of [[], [{ type: "locked", methods: ["passphrase"] }]] as Event[][]) {
    assert.deepEqual(after(...before, { type: "newer" }).state.phase, { at: "broken", note: null, newer: true });
  }
  assert.equal(after(opened(), { type: "newer" }).state.phase.at, "open");
});

test("a tab that does not answer is waited for, and can be taken over from", () => {
  const waiting = after({ type: "another tab is silent" });
  assert.deepEqual(waiting.state.phase, { at: "loading", waits: true });
  assert.deepEqual(next(waiting.state, { type: "here please" })[1], [{ do: "take over" }]);
  assert.equal(next(waiting.state, opened())[0].phase.at, "open", "it let go");
  assert.deepEqual(next(waiting.state, { type: "open elsewhere" })[0].phase, { at: "elsewhere", taken: false }, "it answered late");
});

const choose: Event[] = [opened(), { type: "open sheet", at: "passphrase" }];
const set: Event[] = [...choose, { type: "set passphrase", passphrase: "long enough", again: "long enough", master: true }];

test("a changed passphrase is typed once more before the sheet can go", () => {
  assert.deepEqual(after(...set).effects, [{ do: "set passphrase", passphrase: "long enough", master: true }]);
  const proving = after(...set, { type: "passphrase set", view: view() });
  assert.equal(proving.state.sheet?.at === "passphrase" && proving.state.sheet.step, "prove");
  assert.equal(proving.state.toast, null, "nothing is promised yet");
  assert.equal(next(proving.state, { type: "close sheet" })[0].sheet?.at, "passphrase", "not by accident");
  assert.equal(next(proving.state, { type: "leave proof" })[0].sheet, null);
  const [busy, effects] = next(proving.state, { type: "prove passphrase", typed: "long enough" });
  assert.deepEqual(effects, [{ do: "prove passphrase", typed: "long enough" }]);
  const [wrong] = next(busy, { type: "sheet failed", note: { key: "fault.VAULT_WRONG_KEY" } });
  assert.equal(wrong.sheet?.at === "passphrase" && wrong.sheet.note?.key, "fault.VAULT_WRONG_KEY");
  const [proved] = next(busy, { type: "passphrase proved", view: view() });
  assert.deepEqual([proved.sheet, proved.toast?.words.key], [null, "passphrase.set"]);
});

for (const [what, more, expect] of [
  ["never", { unbacked: 1 }, "no backup"],
  ["all of it is in one", { backups: [{ place: "file", ms: 5, held: 1 }], unbacked: 0 }, "good"],
  ["one came since", { backups: [{ place: "file", ms: 5, held: 1 }], unbacked: 1 }, "in no backup"],
] as [string, Partial<View>, string][]) {
  test(`the health line knows what no backup holds: ${what}`, () => assert.equal(health(after(opened(more)).state, 10), expect));
}
