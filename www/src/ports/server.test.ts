import assert from "node:assert/strict";
import { test } from "node:test";
import { agreed, clockOff, due } from "./server.ts";

const date = "Thu, 01 Jan 2026 00:00:00 GMT";
const MADE = Date.parse(date);

for (const [what, answer, off] of [
  ["a clock that is right", { answeredMs: MADE + 500, tookMs: 0 }, 0],
  ["half a minute ahead", { answeredMs: MADE + 30_500, tookMs: 0 }, 30_000],
  ["a slow answer: half of its way is no fault of the clock", { answeredMs: MADE + 4_500, tookMs: 8_000 }, 0],
  ["an answer that a cache has kept for a minute", { answeredMs: MADE + 60_500, tookMs: 0, age: "60" }, 0],
  ["an age that is none", { answeredMs: MADE + 500, tookMs: 0, age: "soon" }, 0],
  ["an answer that took too long to tell", { answeredMs: MADE, tookMs: 10_001 }, null],
  ["no date", { answeredMs: MADE, tookMs: 0, date: null }, null],
  ["a date that is none", { answeredMs: MADE, tookMs: 0, date: "yesterday" }, null],
] as const) {
  test(`how far the clock is off, by one answer: ${what}`, () => assert.equal(clockOff({ date, age: null, ...answer }), off));
}

for (const [first, second, off] of [[30_000, 31_000, 31_000], [-90_000, -90_500, -90_500], [19_000, 21_000, 0], [30_000, 90_000, 0], [30_000, null, 0], [null, 30_000, 0], [30_000, -30_000, 0]] as const) {
  test(`two answers, ${first} and ${second} ms off: ${off === 0 ? "nothing is said" : `${off} ms`}`, () => assert.equal(agreed(first, second), off));
}

test("six hours: not before, and also by a clock that was set back", () => {
  const hour = 3_600_000;
  assert.deepEqual([due(-Infinity, 0), due(0, 6 * hour - 1), due(0, 6 * hour), due(10 * hour, hour)], [true, false, true, true]);
});
