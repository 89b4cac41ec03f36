import type { Words } from "../app/model.ts";
import { type Say, type Texts, speaker } from "../app/i18n.ts";
import first from "../text/en.json?first";

let english: Texts = first;
let tongue = "en";
let spoken: Texts = english;
let current: Say = speaker(tongue, spoken, english);

/** Changes the language of everything that is shown from now on. */
export function speak(language: string, texts: Texts | null): void {
  tongue = language;
  spoken = texts ?? english;
  current = speaker(tongue, spoken, english);
}

/** Learns the rest of the English sentences, which the first screen does not need. */
export function learn(rest: Texts): void {
  const wasEnglish = spoken === english;
  english = { ...first, ...rest };
  speak(tongue, wasEnglish ? english : spoken);
}

export const say: Say = (key, vars) => current(key, vars);
export const sayWords = (words: Words): string => current(words.key, words.vars);
/** A day as it is written where the person lives. */
export const sayDay = (ms: number): string => {
  const here = navigator.languages.find((tag) => tag.split("-")[0] === tongue) ?? tongue;
  return new Intl.DateTimeFormat(here, { dateStyle: "medium" }).format(ms);
};
/** A month, such as `2026-11`, in words. */
export const sayMonth = (month: string): string => new Intl.DateTimeFormat(tongue, { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));
/** Several things in one sentence. */
export const sayList = (things: string[]): string => new Intl.ListFormat(tongue, { type: "conjunction" }).format(things);
/** How far a clock is off, in the unit that says it best. */
export function sayOff(ms: number): string {
  const [unit, count] = ms < 100_000 ? ["second", ms / 1000] : ms < 5_400_000 ? ["minute", ms / 60_000] : ["hour", ms / 3_600_000];
  return new Intl.NumberFormat(tongue, { style: "unit", unit: unit as string, unitDisplay: "long", maximumFractionDigits: 0 }).format(count as number);
}
/** Another object for each language and each set of its sentences: what was said before has to be said anew. */
export const speaking = (): object => current;
export const language = (): string => tongue;
