import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "./model.ts";
import { accountOf, called, halves, plainName, shortened, shownAs, title } from "./names.ts";

const account = (issuer: string, name: string, more: Partial<Entry> = {}) => ({ kind: "totp" as const, issuer, name, algorithm: "SHA1" as const, digits: 6, periodSecs: 30, ...more });

test("a name that turns the reading direction is shown in the order in which it was written", () => {
  assert.equal(plainName("robin\u202etxt.exe"), "robintxt.exe");
  assert.deepEqual([title, accountOf].map((of) => of({ issuer: "Exam\u2067ple", name: "user\u200f7@example.org" })), ["Example", "user7@example.org"]);
  assert.equal(title({ issuer: "\u202e", name: "ann" }), "ann", "a name of nothing else is none");
  assert.equal(plainName("דנה"), "דנה", "letters that are written from right to left stay");
});

test("service and account are named together, and a lone name once", () => {
  assert.deepEqual([["Example", "ann"], ["Example", ""], ["", "ann"], ["", ""]].map(([issuer = "", name = ""]) => called({ issuer, name })), ["Example, ann", "Example", "ann", "—"]);
});

test("the middle of a name gives way, not its end, and no letter is cut in two", () => {
  assert.deepEqual(halves("robin.user@department-of-examples.example.org"), ["robin.user@department-of-exampl", "es.example.org"]);
  assert.equal(halves("🐎".repeat(20)).join(""), "🐎".repeat(20));
  assert.equal(halves("short")[1], "");
  const long = `begin${"x".repeat(300)}end`;
  assert.match(shortened(long), /^begin.*….*end$/);
  assert.equal([...shortened(long)].length, 96);
  assert.equal(shortened("ann"), "ann");
});

for (const [what, list, whole, marks] of [
  ["alone, the name may be shortened", [account("Example", "ann"), account("Other", "ann")], [false, false], [null, null]],
  ["two of one service show their whole names", [account("Example", "a@example.org"), account("EXAMPLE", "a@example.net")], [true, true], [null, null]],
  ["one name, other digits", [account("Example", "ann"), account("Example", "ann", { digits: 8 })], [true, true], [["mark.digits", 6], ["mark.digits", 8]]],
  ["one name, another period", [account("Example", "ann"), account("Example", "ann", { periodSecs: 60 })], [true, true], [["mark.period", 30], ["mark.period", 60]]],
  ["one name, a counter", [account("Example", "ann"), account("Example", "ann", { kind: "hotp" })], [true, true], [["mark.number", 1], ["mark.counter", 1]]],
  ["one name, another algorithm", [account("Example", "ann"), account("Example", "ann", { algorithm: "SHA512" })], [true, true], [["mark.algorithm", "SHA1"], ["mark.algorithm", "SHA512"]]],
  ["one name, another key alone", [account("Example", "ann"), account("Example", "ann")], [true, true], [["mark.number", 1], ["mark.number", 2]]],
  ["names that are the same once they are shortened", [account("Example", `a${"b".repeat(200)}c`), account("Example", `a${"b".repeat(201)}c`)], [true, true], [["mark.number", 1], ["mark.number", 2]]],
] as const) {
  test(`two accounts can be told apart: ${what}`, () => {
    const shown = shownAs(list);
    assert.deepEqual(shown.map(({ whole }) => whole), whole);
    assert.deepEqual(shown.map(({ mark }) => mark && [mark.key, Object.values(mark.vars)[0]]), marks);
  });
}
