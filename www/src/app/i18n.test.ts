import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FIRST } from "./first.ts";
import { type Texts, direction, languageFor, speaker } from "./i18n.ts";

const source = join(import.meta.dirname, "..");
const read = (language: string): Texts => JSON.parse(readFileSync(join(source, "text", `${language}.json`), "utf8"));
const languages = readdirSync(join(source, "text")).map((name) => name.replace(".json", ""));
const english = read("en");
const holes = (text: Texts[string]) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();

test("plural forms, numbers and holes", () => {
  const say = speaker("en", english, english);
  assert.equal(say("added", { count: 1 }), "Account saved.");
  assert.equal(say("added", { count: 1200 }), "1,200 accounts saved.");
  assert.equal(say("fault.SOMETHING_NEW", { code: "SOMETHING_NEW" }).includes("SOMETHING_NEW"), true);
  assert.equal(speaker("de", {}, english)("undo"), "Undo", "English where a language lacks a sentence");
});

test("what is left out of an import is said in a sentence, without a code", () => {
  const say = speaker("en", english, english);
  assert.equal(say("left.OTP_NO_SECRET", { code: "OTP_NO_SECRET" }), "The key is missing.");
  assert.equal(say("left.SOMETHING_NEW", { code: "SOMETHING_NEW" }), english["left.other"]);
  const codes = readFileSync(join(source, "../../crates/js/npm/errors.d.ts"), "utf8").match(/\b(OTP|MIGRATION)_[A-Z0-9_]+\b/g) ?? [];
  assert.ok(codes.length > 10);
  for (const language of languages) for (const code of codes) assert.doesNotMatch(speaker(language, read(language), english)(`left.${code}`, { code }), /[A-Z]+_[A-Z]+/, code);
});

test("the language is the first wanted one that there is a text for", () => {
  assert.equal(languageFor("system", ["fr-FR", "de-AT", "en"], ["de", "en"]), "de");
  assert.equal(languageFor("system", ["xx"], ["de", "en"]), "en");
  assert.equal(languageFor("de", ["en"], ["de", "en"]), "de");
  assert.equal(languageFor("xx", ["de"], ["de", "en"]), "en");
  assert.deepEqual(["ar", "he-IL", "de", "en"].map(direction), ["rtl", "rtl", "ltr", "ltr"]);
});

test("what can be said before the sheets are there is among the first sentences", () => {
  const early = ["app/list.ts", "app/passphrase.ts", "app/vaulting.ts", ...["App", "Field", "Icon", "List", "Locked", "Row", "Welcome"].map((name) => `screens/${name}.tsx`)];
  const said = early.flatMap((file) => [...readFileSync(join(source, file), "utf8").matchAll(/"([\w. ]+)"/g)].map(([, key = ""]) => key).filter((key) => key in english));
  assert.ok(said.length > 60, `${said.length} found`);
  const faults = Object.keys(english).filter((key) => /^(storage\.|fault\.(VAULT_|NO_DEVICE|unknown|other))/.test(key));
  assert.deepEqual([...said, ...faults].filter((key) => !FIRST.test(key)), []);
});

for (const language of languages) {
  const texts = read(language);
  test(`${language}: the same sentences as in English, with the same holes and every plural form of the language`, () => {
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, text] of Object.entries(texts)) {
      assert.deepEqual(holes(text), holes(english[key] ?? ""), key);
      if (typeof text === "object") assert.deepEqual(Object.keys(text).sort(), [...forms].sort(), key);
    }
  });
  test(`${language}: no exclamation marks, and none of the words that people need not know`, () => {
    for (const [key, text] of Object.entries(texts)) {
      assert.doesNotMatch(JSON.stringify(text), /!|\bOTP\b|\bURI\b|\btoken\b|\binvalid\b/i, key);
    }
  });
}

test("every sentence that a screen or a state names is there", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."));
  const missing = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(source, file), "utf8");
    for (const [, key] of text.matchAll(/\b(?:say\(|key: )"([a-z][^"]*)"/g)) if (key && !(key in english)) missing.add(key);
  }
  assert.deepEqual([...missing], []);
});
