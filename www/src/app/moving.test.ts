import assert from "node:assert/strict";
import { test } from "node:test";
import "./late.ts";
import type { Event, Found, State, View } from "./model.ts";
import { moving } from "./moving.ts";
import type { Moving } from "./movingTypes.ts";
import { learn, next, start } from "./state.ts";

const settings = { theme: "system", language: "system", backupMs: 0, backupChecked: -1 } as const;
const around = { online: true, installed: false, canInstall: false, iosTab: false, persistent: false, updateReady: false, version: "", clockOffMs: 0 };
const view: View = { entries: [], trash: [], codes: [], codesMs: 0, slots: [{ id: "p", kind: "passphrase", addedMs: 0 }] };
const opened: Event = { type: "opened", view, older: false };
const welcome: Event = { type: "nothing stored" };
const of = (is: Moving): Event => ({ type: "moving", is });
const files = [{ name: "a.json" }, { name: "b.csv" }];
const found: Found = {
  account: { kind: "totp", secret: "JBSWY3DPEHPK3PXP", issuer: "Example", name: "ann", algorithm: "SHA1", digits: 6, periodSecs: 30 },
  preview: null, same: [], kin: [], namesakes: [], changed: [], pin: null, fault: null, take: true, replace: false,
};

function after(...events: Event[]) {
  let [state, effects] = start(settings, around);
  for (const event of events) [state, effects] = next(state, event);
  return { state, effects, does: effects.map((effect) => (effect.do === "moving" ? effect.is.do : effect.do)), sheet: state.sheet as (State["sheet"] & Record<string, unknown>) | null };
}

test("until the chapter is here, its event asks for it and is not lost", () => {
  learn(null);
  assert.deepEqual(after(opened, of({ type: "show apps" })).effects, [{ do: "moving", is: { do: "fetch", event: { type: "show apps" } } }]);
  learn(moving);
  assert.equal(after(opened, of({ type: "show apps" })).sheet?.at, "move");
});

for (const [where, before, does, waits] of [
  ["an open list", [opened], ["open files"], 0],
  ["the first screen", [welcome], ["open files"], 2],
  ["a locked vault", [{ type: "locked", methods: ["passphrase"] }], ["forget toast"], 2],
  ["a sheet with something that is not saved", [opened, of({ type: "files given", files }), of({ type: "reading", names: ["a"], now: 0 }), of({ type: "files read", items: [found], left: [], said: [] })], ["forget toast"], 0],
] as [string, Event[], string[], number][]) {
  test(`files given to ${where}: they open, they wait, or a sentence says why not`, () => {
    const given = after(...before, of({ type: "files given", files }));
    assert.deepEqual(given.does, does);
    assert.equal(given.state.given.length, waits);
  });
}

test("files that waited open as soon as there is a vault", () => {
  const { does, effects } = after({ type: "locked", methods: ["passphrase"] }, of({ type: "files given", files }), opened);
  assert.deepEqual(does, ["fetch"]);
  assert.deepEqual(effects[0], { do: "moving", is: { do: "fetch", event: { type: "files given", files } } });
});

test("on the first screen a foreign file asks for protection first, and a closed sheet forgets the file", () => {
  const before: Event[] = [welcome, of({ type: "files given", files }), of({ type: "files wait", names: ["a.json"] })];
  const waiting = after(...before);
  assert.equal(waiting.sheet?.["step"], "protect");
  assert.equal(after(...before, of({ type: "protect first" })).state.given.length, 2);
  const closed = after(...before, { type: "close sheet" });
  assert.deepEqual([closed.state.given.length, closed.sheet], [0, null]);
});

test("the password of a file is in one effect and never in the state; a second try while the first runs starts nothing", () => {
  const lock = { title: "Aegis", memoryKib: 32768, tight: false };
  const before: Event[] = [opened, of({ type: "reading", names: ["a"], now: 0 }), of({ type: "locked file", lock }), of({ type: "try password", typed: "only-in-the-effect-4471" })];
  const tried = after(...before);
  assert.deepEqual(tried.does, ["try password"]);
  assert.equal(JSON.stringify(tried.state).includes("4471"), false);
  assert.deepEqual(after(...before, of({ type: "try password", typed: "x" })).does, []);
  assert.equal(after(...before, of({ type: "not opened", note: { key: "fault.BACKUP_WRONG_PASSWORD" } })).sheet?.["busy"], false);
});

test("whoever closed the sheet gets nothing put before them, and what worked for it is stopped", () => {
  const closed = after(opened, of({ type: "reading", names: ["a"], now: 0 }), { type: "close sheet" });
  assert.deepEqual(closed.does, ["stop"]);
  assert.equal(after(opened, of({ type: "reading", names: ["a"], now: 0 }), { type: "close sheet" }, of({ type: "files read", items: [found], left: [], said: [] })).sheet, null);
});

test("files without an account stay on screen with their reasons; with one, the preview opens and nothing is saved yet", () => {
  const left = [{ title: "a.json", why: { key: "fault.BACKUP_EMPTY" } }];
  const reading = of({ type: "reading", names: ["a"], now: 0 });
  const none = after(opened, reading, of({ type: "files read", items: [], left, said: [] }));
  assert.deepEqual([none.sheet?.["step"], none.sheet?.["left"]], ["refused", left]);
  const some = after(opened, reading, of({ type: "files read", items: [found], left, said: [{ key: "said.passwords" }] }));
  assert.deepEqual([some.sheet?.at, some.does], ["found", ["stop", "preview"]]);
});

test("a file that is none counts as no account", () => {
  const left = [{ title: "letter.txt", why: { key: "fault.BACKUP_UNKNOWN" }, file: true as const }];
  const read = of({ type: "files read", items: [found], left, said: [] });
  const { effects } = after(opened, of({ type: "reading", names: ["a"], now: 0 }), read, { type: "save found" });
  assert.deepEqual(effects[0]?.do === "apply" && effects[0].words, { key: "added", vars: { count: 1 } });
});

test("what came beside an account goes into the vault with it, and the other app's bin into ours", () => {
  const beside = { note: "n", tags: ["work"], pinned: true, trashed: true };
  const read = of({ type: "files read", items: [{ ...found, beside }], left: [], said: [] });
  const { effects } = after(opened, of({ type: "reading", names: ["a"], now: 0 }), read, { type: "save found" });
  const [apply] = effects;
  assert.deepEqual(apply?.do === "apply" && apply.changes, [{ do: "add", account: found.account, note: "n", tags: ["work"], pinned: true, trashed: true, restored: false }]);
});

test("a backup of ours is adopted where nothing is, merged where accounts are", () => {
  const info = { generation: 3, format: 2, slots: [{ id: "1", kind: "passphrase" }, { id: "2", kind: "device" }] } as const;
  const given = of({ type: "vault given", name: "my.vault", info: info as never });
  const first = after(welcome, of({ type: "files given", files: [{ name: "my.vault" }] }), given);
  assert.deepEqual([first.sheet?.["step"], first.sheet?.["methods"]], ["adopt", ["passphrase"]]);
  assert.equal(after(opened, given).sheet?.at, "restore");
  const device = of({ type: "vault given", name: "my.vault", info: { generation: 1, format: 2, slots: [{ id: "2", kind: "device" }] } as never });
  assert.equal(after(welcome, of({ type: "files given", files: [{ name: "my.vault" }] }), device).sheet?.["step"], "refused");
});

test("leaving: nothing is written before its losses were named, and an encrypted file has a password typed twice", () => {
  const entry = { id: "1", kind: "totp", issuer: "A", name: "a", algorithm: "SHA1", digits: 6, periodSecs: 30, pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs: 0 } as const;
  const full: Event = { type: "opened", view: { ...view, entries: [{ ...entry, tags: [] }] }, older: false };
  const device: Event = { type: "opened", view: { ...view, slots: [{ id: "d", kind: "device", addedMs: 0 }], entries: [{ ...entry, tags: [] }] }, older: false };
  const alone = after(device, of({ type: "leave" }), of({ type: "leave by", way: "series" }));
  assert.deepEqual([alone.does, (alone.sheet?.["note"] as { key: string }).key], [[], "leave.only.here"], "sealed codes that nobody could open elsewhere are none");
  const way: Event[] = [full, of({ type: "leave" }), of({ type: "leave by", way: "aegis-encrypted" })];
  assert.deepEqual(after(...way).does, ["may leave"]);
  const proof = after(...way, of({ type: "prove first", way: "aegis-encrypted", ids: null }), of({ type: "prove", typed: "secret-8812" }));
  assert.deepEqual(proof.does, ["prove"]);
  assert.equal(JSON.stringify(proof.state).includes("8812"), false);
  const looked: Event[] = [...way, of({ type: "losses", losses: [], count: 1, total: 1 })];
  assert.equal(after(...looked, of({ type: "write", password: "short", again: "short" })).sheet?.["note"] !== null, true);
  assert.deepEqual(after(...looked, of({ type: "write", password: "long enough words", again: "long enough words" })).does, ["write"]);
  assert.deepEqual(after(full, of({ type: "leave" }), of({ type: "choose accounts" }), of({ type: "choose all", take: false }), of({ type: "leave back" }), of({ type: "leave by", way: "links" })).does, [], "nobody chosen, nothing done");
});
