// What is asked of the app's own server while the page is open: whether a newer version is there, and what time it is.
import type { Surroundings } from "../app/model.ts";
import { lookForUpdate } from "./install.ts";

const EVERY_MS = 6 * 3_600_000;
const AGAIN_MS = 60_000; // one answer may have been stored on its way; two that agree were not
const MUCH_MS = 20_000; // codes of 30 seconds are refused from about here on
const ALIKE_MS = 5_000; // by which two answers about one clock may differ
const SLOW_MS = 10_000; // an answer that takes longer does not say when it was made

/** By how much the device's clock is ahead of the server's, in milliseconds; null where the answer does not tell. */
export function clockOff(answer: { date: string | null; age: string | null; answeredMs: number; tookMs: number }): number | null {
  const { date, age, answeredMs, tookMs } = answer;
  const madeMs = Date.parse(date ?? "");
  if (Number.isNaN(madeMs) || tookMs > SLOW_MS) return null;
  const oldMs = /^\d+$/.test(age ?? "") ? Number(age) * 1000 : 0; // RFC 9111 section 5.1: how long a cache has kept it
  return answeredMs - (madeMs + 500 + oldMs + tookMs / 2); // `Date` leaves out the part of its second.
}

/** What two answers say together: how far the clock is off, 0 where that does not matter or they do not agree. */
export function agreed(first: number | null, second: number | null): number {
  if (first === null || second === null || Math.abs(first - second) > ALIKE_MS) return 0;
  return Math.min(Math.abs(first), Math.abs(second)) > MUCH_MS ? second : 0;
}

/** Whether six hours have gone by, for a clock that may be set meanwhile. */
export const due = (lastMs: number, nowMs: number): boolean => Math.abs(nowMs - lastMs) >= EVERY_MS;

/** Past every cache, for a file that is not kept on the device. */
async function ask(): Promise<number | null> {
  const startedMs = performance.now();
  try {
    const { headers } = await fetch("/version.json", { method: "HEAD", cache: "no-store" });
    return clockOff({ date: headers.get("date"), age: headers.get("age"), answeredMs: Date.now(), tookMs: performance.now() - startedMs });
  } catch {
    return null; // Without a network there is nobody to ask.
  }
}

/** Looks now, and each time the page is seen again, at most every six hours; a clock that was off is looked at each time. */
export function watchServer(tell: (around: Partial<Surroundings>) => void): void {
  let lastMs = -Infinity;
  let off = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const say = (now: number): void => {
    if (now !== off) tell({ clockOffMs: now });
    off = now;
  };
  const checkClock = async (): Promise<void> => {
    clearTimeout(waiting);
    const first = await ask();
    if (first === null) return;
    if (Math.abs(first) <= MUCH_MS) return say(0);
    waiting = setTimeout(async () => say(agreed(first, await ask())), AGAIN_MS);
  };
  const look = (): void => {
    if (document.hidden || !navigator.onLine) return;
    const now = Date.now();
    const late = due(lastMs, now);
    if (late) {
      // The page that was just loaded has looked for updates by itself.
      if (lastMs !== -Infinity) lookForUpdate();
      lastMs = now;
    }
    if (late || off !== 0) void checkClock();
  };
  look();
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
}
