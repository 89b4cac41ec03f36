import type { Words } from "../app/model.ts";
import { type Say, speaker } from "../app/i18n.ts";
import english from "../text/en.json" with { type: "json" };

let current: Say = speaker("en", english, english);
let tongue = "en";

/** Changes the language of everything that is shown from now on. */
export function speak(language: string, texts: typeof english): void {
  tongue = language;
  current = speaker(language, texts, english);
}

export const say: Say = (key, vars) => current(key, vars);
export const sayWords = (words: Words): string => current(words.key, words.vars);
export const sayDay = (ms: number): string => new Intl.DateTimeFormat(tongue, { dateStyle: "medium" }).format(ms);
export const language = (): string => tongue;
