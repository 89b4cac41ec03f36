import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reading, chosen, keyPlan } from "./copies.ts";

for (const [what, copies, expect] of [
  ["the higher generation opens", [[4, 10], [5, 20]], { place: 1, newer: false, older: false }],
  ["a spoiled newest copy is said", [[4, 10], [null, 20]], { place: 0, newer: false, older: true }],
  ["a spoiled older copy is not", [[null, 10], [5, 20]], { place: 1, newer: false, older: false }],
  ["nothing can be read", [[null, 10], [null, 20]], { place: null, newer: false, older: false }],
  ["one copy alone", [[1, 10]], { place: 0, newer: false, older: false }],
  ["a newer version is the newest, however it is dated", [["newer", 10], [5, 20]], { place: 0, newer: true, older: false }],
  ["two of a newer version", [["newer", 10], ["newer", 20]], { place: 1, newer: true, older: false }],
  ["a newer version beside a spoiled copy", [[null, 30], ["newer", 20]], { place: 1, newer: true, older: false }],
] as [string, [Reading, number][], unknown][]) {
  test(`which stored copy counts: ${what}`, () => assert.deepEqual(chosen(copies.map(([reading, savedMs]) => ({ reading, savedMs }))), expect));
}

for (const [what, named, kept, expect] of [
  ["a key that is named stays", [["a"]], ["a"], { move: null, drop: [] }],
  ["a key that only the older copy names stays", [[], ["a"]], ["a"], { move: null, drop: [] }],
  ["a key that nobody names goes", [["b"], []], ["a", "b"], { move: null, drop: ["a"] }],
  ["beside a vault that cannot be read every key stays", [["b"], null], ["a", "b", "device"], { move: null, drop: [] }],
  ["the old fixed name is moved to the slot that has no key", [["a"], ["a"]], ["device"], { move: "a", drop: [] }],
  ["the old fixed name of a vault that opens by a passphrase now goes", [[], []], ["device"], { move: null, drop: ["device"] }],
  ["the old fixed name stays where it may belong to either of two", [["a"], ["b"]], ["device"], { move: null, drop: [] }],
  ["the old fixed name goes where each slot has its key", [["a"]], ["a", "device"], { move: null, drop: ["device"] }],
] as [string, (string[] | null)[], string[], unknown][]) {
  test(`device keys: ${what}`, () => assert.deepEqual(keyPlan(named, kept), expect));
}
