import { plainName } from "./names.ts";
import type { Entry, Open, OpenSlotInfo, State } from "./model.ts";

/** Lower case and without accents, so that `muller` finds `Müller`. */
export const fold = (text: string): string =>
  text.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase();

/** The entries that hold every word of the search, in the vault's own order. */
export function visible(open: Pick<Open, "entries" | "query">): Entry[] {
  const words = fold(open.query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return open.entries;
  return open.entries.filter((entry) => {
    const text = fold(`${plainName(entry.issuer)} ${plainName(entry.name)} ${entry.note} ${entry.tags.join(" ")}`);
    return words.every((word) => text.includes(word));
  });
}

/** A code in the groups that people read it in: 3+3, 4+4, 3+4, never a lonely digit. For the eye only: never copied. */
export function groups(code: string): string[] {
  if (code.length < 6) return [code];
  if (code.length === 9) return [code.slice(0, 3), code.slice(3, 6), code.slice(6)];
  const half = Math.floor(code.length / 2);
  return [code.slice(0, half), code.slice(half)];
}

/** A code for a screen reader: digit by digit, with a pause between the groups. */
export const spoken = (code: string): string =>
  groups(code)
    .map((group) => [...group].join(" "))
    .join(", ");

/** One or two letters that stand for the service. */
export function monogram(entry: { issuer: string; name: string }): string {
  const words = (entry.issuer || entry.name).match(/[\p{Letter}\p{Number}]+/gu) ?? [];
  const [first, second] = words;
  if (!first) return "?";
  const letters = second ? [[...first][0], [...second][0]] : [...first].slice(0, 1);
  return letters.join("").toUpperCase();
}

/** A hue of 12, always the same one for the same service. */
export function hue(entry: { issuer: string; name: string }): number {
  let sum = 0x811c9dc5;
  for (const char of fold(entry.issuer || entry.name)) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (sum >>> 4) % 12;
}

/** Whether something that only the person knows or holds is needed to open the vault. */
export const locks = (slots: OpenSlotInfo[]): boolean => !slots.some((slot) => slot.kind === "device");

/** Whether the recovery key was typed back, so that it surely exists outside this device. */
export const recoverySaved = (slots: OpenSlotInfo[]): boolean =>
  slots.some((slot) => slot.kind === "recovery" && slot.provedMs !== undefined);

export type Health = "good" | "unprotected" | "no backup" | "in no backup" | "no recovery" | "old backup";

const OLD_BACKUP_MS = 90 * 24 * 3600 * 1000; // a quarter of a year: more new accounts than one wants to set up again

/** When the last backup was written or opened; 0: never. A vault of format 1 did not remember, so the app did. */
export const lastBackupMs = (state: State): number =>
  Math.max(state.settings.backupMs, ...(state.phase.at === "open" ? state.phase.backups.map(({ ms }) => ms) : []));

/** The one thing that is most worth doing now. */
export function health(state: State, nowMs: number): Health {
  if (state.phase.at !== "open" || state.phase.entries.length === 0) return "good";
  const { slots, backups, unbacked } = state.phase;
  if (!locks(slots) && !recoverySaved(slots)) return "unprotected";
  const lastMs = lastBackupMs(state);
  if (lastMs === 0) return "no backup";
  if (backups.length > 0 && unbacked > 0) return "in no backup";
  if (!recoverySaved(slots)) return "no recovery";
  return nowMs - lastMs > OLD_BACKUP_MS ? "old backup" : "good";
}

/** The entries among which this one stands: the pinned ones, or the others. */
export const groupOf = (open: Open, id: string): string[] => {
  const pinned = open.entries.find((entry) => entry.id === id)?.pinned;
  return open.entries.filter((entry) => entry.pinned === pinned).map((entry) => entry.id);
};
