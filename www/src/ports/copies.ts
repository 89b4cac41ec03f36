// Which stored copy counts, and which device keys are still needed: decided here, done in storage.ts.

/** What a copy is: its generation, `"newer"` for one that only a newer version can read, null for one that nobody can. */
export type Reading = number | "newer" | null;

export interface Choice {
  /** The place of the copy to open; null where there is none that can be opened. */
  place: number | null;
  /** Whether that copy is of a newer version: it is shown to nobody and nothing is written over it. */
  newer: boolean;
  /** Whether a copy after it could not be read. */
  older: boolean;
}

/**
 * The copy that counts. One that is whole and of a newer version is the newest, whatever else is there: opening the one
 * beside it would write over what a newer version saved.
 */
export function chosen(copies: { reading: Reading; savedMs: number }[]): Choice {
  const order = (one: number, other: number): number => {
    const [a, b] = [copies[one], copies[other]];
    if (typeof a?.reading === "number" && typeof b?.reading === "number") return b.reading - a.reading;
    return (b?.savedMs ?? 0) - (a?.savedMs ?? 0);
  };
  const places = (wanted: (reading: Reading) => boolean): number[] => copies.flatMap(({ reading }, place) => (wanted(reading) ? [place] : [])).sort(order);
  const [newer] = places((reading) => reading === "newer");
  if (newer !== undefined) return { place: newer, newer: true, older: false };
  const [best] = places((reading) => typeof reading === "number");
  if (best === undefined) return { place: null, newer: false, older: false };
  // A spoiled copy that is older than this one costs nothing, and the next change is written over it.
  const older = copies.some(({ reading, savedMs }) => reading === null && !(savedMs < (copies[best]?.savedMs ?? 0)));
  return { place: best, newer: false, older };
}

/** The name under which the first versions kept the one device key. */
export const OLD_NAME = "device";

/**
 * What becomes of the stored device keys. `named`: the ids of the device slots of each vault that is stored from now on;
 * null for one that cannot be read. A key is deleted only when no stored vault names it.
 */
export function keyPlan(named: (string[] | null)[], kept: string[]): { move: string | null; drop: string[] } {
  const ids = new Set(named.flatMap((list) => list ?? []));
  const without = [...ids].filter((id) => !kept.includes(id));
  const [only] = without;
  const move = kept.includes(OLD_NAME) && without.length === 1 && only !== undefined ? only : null;
  if (named.includes(null)) return { move, drop: [] };
  const spare = (name: string): boolean => (name === OLD_NAME ? without.length === 0 : !ids.has(name));
  return { move, drop: kept.filter(spare) };
}
