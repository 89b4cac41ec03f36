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
export const language = (): string => tongue;
