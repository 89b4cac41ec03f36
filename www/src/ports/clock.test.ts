import assert from "node:assert/strict";
import { test } from "node:test";
import { passed, until } from "./clock.ts";

/** How long it takes until it calls. */
const waited = (ms: number): Promise<number> => {
  const began = performance.now();
  return new Promise((resolve) => until(Date.now() + ms, () => resolve(performance.now() - began)));
};

test("calls when the time has come, not before", async () => {
  const ms = await waited(120);
  assert.ok(ms >= 119, `after ${ms} ms`);
});

test("a clock that is set, or that went on while the device slept, is noticed soon", async () => {
  const real = Date.now;
  for (const set of [3_600_000, -3_600_000]) {
    const over = waited(60_000);
    Date.now = () => real() + set;
    try {
      const ms = await over;
      assert.ok(ms < 2_500, `after ${ms} ms`);
    } finally {
      Date.now = real;
    }
  }
});

test("what was stopped does not call", async () => {
  let called = false;
  const stop = until(Date.now() + 30, () => (called = true));
  stop();
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.equal(called, false);
});

for (const [what, wallMs, steadyMs, ms] of [
  ["both clocks go on", 5_000, 5_000, 5_000],
  ["the device slept, and one clock with it", 900_000, 2_000, 900_000],
  ["the clock was set back, by less than what passed", 100_000, 700_000, 700_000],
  ["the clock was set back: nobody knows how long it was", -1, 2_000, Infinity],
] as const) {
  test(`how long nobody looked: ${what}`, () => assert.equal(passed({ wallMs: 1_000_000, steadyMs: 1_000 }, { wallMs: 1_000_000 + wallMs, steadyMs: 1_000 + steadyMs }), ms));
}
