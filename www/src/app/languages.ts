import type { Texts } from "./i18n.ts";

// English is part of the app, in two halves: screens/say.ts.
const files = import.meta.glob<{ default: Texts }>(["../text/*.json", "!../text/en.json"]);
const tagOf = (file: string): string => file.slice("../text/".length, -".json".length);

/** The tags of the languages that have a file in `text/`. */
export const LANGUAGES: readonly string[] = ["en", ...Object.keys(files).map(tagOf)].sort();

/** The texts of a language other than English; null where there is no file. */
export async function textsOf(language: string): Promise<Texts | null> {
  return (await files[`../text/${language}.json`]?.())?.default ?? null;
}

/** The name of a language in itself, with a capital letter. */
export function nameOf(language: string): string {
  const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
