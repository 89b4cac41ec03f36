// Names as they are shown: in one direction, and so that two accounts of one service can be told apart.
import type { Entry } from "./model.ts";

/** Characters that turn the reading direction of what follows (Unicode Bidirectional Algorithm, UAX #9 section 2). */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name without the characters that reorder it: `robin<U+202E>exe.txt` must not look like another file. */
export const plainName = (text: string): string => text.replace(TURNING, "").trim();

/** What to call an entry in a sentence. */
export const title = (entry: { issuer: string; name: string }): string => plainName(entry.issuer) || plainName(entry.name) || "—";

/** The account beside the service; empty where the name is the title already. */
export const accountOf = (entry: { issuer: string; name: string }): string => (plainName(entry.issuer) ? plainName(entry.name) : "");

/** Service and account, as one says which entry is meant. */
export const called = (entry: { issuer: string; name: string }): string => [title(entry), accountOf(entry)].filter(Boolean).join(", ");

const LONGEST = 96; // characters: three lines on a phone
const TAIL = 14; // characters that stay at the end: "@example.org", or the digits of a customer number

/** The text in two parts, of which the first gives way where there is no room: the middle goes, not the end. */
export function halves(text: string): [string, string] {
  const characters = [...text];
  if (characters.length <= TAIL) return [text, ""];
  const at = Math.max(characters.length - TAIL, Math.ceil(characters.length / 2));
  return [characters.slice(0, at).join(""), characters.slice(at).join("")];
}

/** The text without its middle where it is longer than any screen shows. */
export function shortened(text: string, most = LONGEST): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor(most / 2);
  return `${characters.slice(0, most - end - 1).join("")}…${characters.slice(-end).join("")}`;
}

/** A word that tells an entry from those that look the same. */
export type Mark = { key: "mark.digits" | "mark.period" | "mark.counter" | "mark.number"; vars: { count: number } } | { key: "mark.algorithm"; vars: { name: string } };

export interface Shown {
  /** Show the whole account name: there are others of this service. */
  whole: boolean;
  mark: Mark | null;
}

type Account = Pick<Entry, "kind" | "issuer" | "name" | "algorithm" | "digits" | "periodSecs">;

/** How an account is shown that nothing else looks like. */
export const ALONE: Shown = { whole: false, mark: null };

/**
 * How each account of a list is shown, in the list's order. Accounts of one service show their names whole; those with one
 * name for both say what else differs, or count.
 */
export function shownAs(list: readonly Account[]): Shown[] {
  const services = new Map<string, number[]>();
  list.forEach((account, at) => {
    const key = title(account).toLowerCase();
    const group = services.get(key);
    if (group) group.push(at);
    else services.set(key, [at]);
  });
  const shown: Shown[] = list.map(() => ALONE);
  for (const group of services.values()) {
    if (group.length < 2) continue;
    const names = new Map<string, number[]>();
    for (const at of group) {
      const key = shortened(accountOf(list[at] as Account)).toLowerCase();
      names.set(key, [...(names.get(key) ?? []), at]);
    }
    for (const alike of names.values()) {
      alike.forEach((at, number) => {
        shown[at] = { whole: true, mark: alike.length > 1 ? mark(list[at] as Account, number, alike.map((other) => list[other] as Account)) : null };
      });
    }
  }
  return shown;
}

/** The first setting that no other account of the same name has; else its place among them. */
function mark(account: Account, at: number, alike: Account[]): Mark {
  const alone = (of: (account: Account) => unknown): boolean => alike.filter((other) => of(other) === of(account)).length === 1;
  if (account.kind === "hotp" && alone(({ kind }) => kind)) return { key: "mark.counter", vars: { count: 1 } };
  if (alone(({ digits }) => digits)) return { key: "mark.digits", vars: { count: account.digits } };
  if (account.periodSecs !== undefined && alone(({ periodSecs }) => periodSecs)) return { key: "mark.period", vars: { count: account.periodSecs } };
  if (alone(({ algorithm }) => algorithm)) return { key: "mark.algorithm", vars: { name: account.algorithm } };
  return { key: "mark.number", vars: { count: at + 1 } };
}
