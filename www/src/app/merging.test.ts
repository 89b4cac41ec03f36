import assert from "node:assert/strict";
import { test } from "node:test";
import { type Here, type Other, merge } from "./merging.ts";
import type { Account, Entry } from "./model.ts";

const entry = (id: string, changedMs: number, more: Partial<Entry> = {}): Entry => ({
  id, kind: "totp", issuer: "Example", name: id, algorithm: "SHA1", digits: 6, periodSecs: 30, pinned: false, note: "", tags: [], icon: "", addedMs: 0, changedMs, ...more,
});
const accountOf = ({ id, kind, issuer, name, algorithm, digits, periodSecs, counter }: Entry): Account =>
  ({ kind, secret: `KEY${id}`, issuer, name, algorithm, digits, ...(kind === "hotp" ? { counter } : { periodSecs }) }) as Account;
const here = (entries: Entry[], trash: Entry[] = [], twins: Entry[] = [], sources: string[] = []): Here => ({ entries, trash, twins: () => twins, sources: new Set(sources) });
const other = (entries: Entry[], trash: Entry[] = []): Other => ({ entries, trash, account: (id) => accountOf([...entries, ...trash].find((one) => one.id === id) as Entry) });
const counts = ({ added, newer, present }: { added: number; newer: number; present: number }) => ({ added, newer, present });

test("what is only in the backup is added, with what stood beside it, and its bin goes to the bin", () => {
  const { changes, ...rest } = merge(here([]), other([entry("a", 1, { note: "n", tags: ["t"], pinned: true })], [entry("b", 1, { trashedMs: 5 })]));
  assert.deepEqual(counts(rest), { added: 1, newer: 0, present: 0 });
  assert.deepEqual(changes.map((change) => change.do === "add" && [change.account.name, change.note, change.pinned, change.trashed, change.restored]), [["a", "n", true, false, true], ["b", "", false, true, true]]);
});

test("of two states of one entry the later one wins, whichever side has it", () => {
  const older = merge(here([entry("a", 9, { note: "mine" })]), other([entry("a", 3, { note: "theirs" })]));
  assert.deepEqual(older, { changes: [], added: 0, newer: 0, present: 1 });
  const newer = merge(here([entry("a", 3)]), other([entry("a", 9, { note: "theirs", pinned: true })]));
  assert.deepEqual(newer.changes.map((change) => change.do), ["edit", "pin"]);
  assert.deepEqual(counts(newer), { added: 0, newer: 1, present: 0 });
});

test("a counter never goes back", () => {
  const { changes } = merge(here([entry("a", 3, { kind: "hotp", counter: 9 })]), other([entry("a", 5, { kind: "hotp", counter: 4 })]));
  assert.equal(changes[0]?.do === "edit" && changes[0].account?.counter, 9);
});

test("nothing is ever removed: an empty backup, one with fewer, one whose bin holds what lives here, and our own bin", () => {
  const mine = [entry("a", 1), entry("b", 1)];
  assert.deepEqual(merge(here(mine), other([])).changes, []);
  assert.deepEqual(merge(here(mine), other([entry("a", 1)])).changes, []);
  assert.deepEqual(merge(here(mine), other([], [entry("a", 99, { trashedMs: 99 })])).changes, []);
  assert.deepEqual(merge(here([], [entry("a", 1, { trashedMs: 2 })]), other([entry("a", 99)])).changes, []);
});

test("the same account under another id is no second account", () => {
  const twin = entry("z", 1, { name: "a" });
  assert.deepEqual(counts(merge(here([twin], [], [twin]), other([entry("a", 99)]))), { added: 0, newer: 0, present: 1 });
});

test("what makes no codes is not kept twice, and a later state changes its names alone", () => {
  const words = '{"type":"quantum"}';
  const kept = entry("a", 9, { name: "later", hasSource: true });
  const backup: Other = { ...other([kept]), source: () => words };
  assert.deepEqual(counts(merge(here([]), backup)), { added: 1, newer: 0, present: 0 });
  assert.deepEqual(counts(merge(here([], [], [], [words]), backup)), { added: 0, newer: 0, present: 1 });
  const { changes } = merge(here([entry("a", 3, { hasSource: true })], [], [], [words]), backup);
  assert.deepEqual(changes, [{ do: "edit", id: "a", issuer: "Example", name: "later", note: "", tags: [], icon: "" }]);
});
