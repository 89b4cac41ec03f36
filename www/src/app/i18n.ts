/** A language file: a sentence for each key, or one for each plural form. */
export type Texts = Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>;

export type Say = (key: string, vars?: Record<string, string | number>) => string;

const RIGHT_TO_LEFT = ["ar", "dv", "fa", "he", "ps", "ur", "yi"];

export const direction = (language: string): "ltr" | "rtl" => (RIGHT_TO_LEFT.includes(language.split("-")[0] ?? "") ? "rtl" : "ltr");

/** The first wanted language among the known ones; English where none is known. */
export function languageFor(chosen: string, wanted: readonly string[], known: readonly string[]): string {
  const list = chosen === "system" ? wanted : [chosen];
  return list.map((tag) => tag.split("-")[0] ?? "").find((tag) => known.includes(tag)) ?? "en";
}

/** The sentence for what has none of its own: an unknown fault is said by its code, what is left out without one. */
const otherwise = (key: string): string => (key.startsWith("left.") ? "left.other" : key.startsWith("fault.") ? "fault.other" : "");

/** Says a sentence in the language, in English where the language lacks it. */
export function speaker(language: string, texts: Texts, english: Texts): Say {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (key, vars = {}) => {
    const known = texts[key] ?? english[key] ?? texts[otherwise(key)] ?? english[otherwise(key)];
    const text = typeof known === "object" ? (known[plural.select(Number(vars["count"] ?? 0))] ?? known.other) : known;
    return (text ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = vars[name];
      return value === undefined ? whole : typeof value === "number" ? number.format(value) : value;
    });
  };
}
