// When the codes on the screen are no longer those of the clock.

const LOOK_MS = 1_000; // A timer does not count the time a device slept, nor hear of a clock that was set.

/** How far the clock of the world is from the one that nobody sets: changed by sleep and by whoever sets the clock. */
const apart = (): number => Date.now() - performance.now();

/**
 * Calls `over` once: at `untilMs`, or soon after the clock was set or the device woke up. Looks at the clock once a second,
 * and draws nothing. Returns what ends the wait.
 */
export function until(untilMs: number, over: () => void): () => void {
  const before = apart();
  let timer: ReturnType<typeof setTimeout>;
  const look = (): void => {
    const left = untilMs - Date.now();
    if (left <= 0 || Math.abs(apart() - before) > LOOK_MS) over();
    else timer = setTimeout(look, Math.min(left + 5, LOOK_MS));
  };
  look();
  return () => clearTimeout(timer);
}

/** A moment by two clocks: the one that may be set, and the one that stands still while some devices sleep. */
export interface Instant {
  wallMs: number;
  steadyMs: number;
}

export const instant = (): Instant => ({ wallMs: Date.now(), steadyMs: performance.now() });

/** How much time has passed at least: the more of the two clocks; without end where the one that may be set went back. */
export function passed(from: Instant, to: Instant): number {
  const wallMs = to.wallMs - from.wallMs;
  return wallMs < 0 ? Infinity : Math.max(wallMs, to.steadyMs - from.steadyMs);
}
