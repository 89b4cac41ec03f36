import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OTHER_APPS, isHere } from "./otherApps.ts";

const root = join(import.meta.dirname, "../../..");
const apps = join(root, "crates/backup/src/apps");

/** The id of every row of the readers' table, as their sources name it. */
function readers(): string[] {
  const sources = readdirSync(apps).filter((name) => name !== "mod.rs").map((name) => readFileSync(join(apps, name), "utf8"));
  return sources.flatMap((text) => [...text.matchAll(/: App =\s*(?:app|row)\(\s*"([a-z0-9-]+)"/g)].map(([, id = ""]) => id)).sort();
}

test("every kind of file that is read stands in the list of apps, and the list promises no other", () => {
  const known = readers();
  const rows = readFileSync(join(apps, "mod.rs"), "utf8").match(/^ {4}&\w+::\w+,$/gm) ?? [];
  assert.equal(known.length, rows.length, "a reader is written in a way that this test does not see");
  const listed = OTHER_APPS.flatMap(({ formats }) => formats).sort();
  assert.deepEqual(listed, known);
});

test("each app has its two sentences in every language, and none is left over", () => {
  const wanted = OTHER_APPS.flatMap(({ id }) => [`from.${id}`, `from.${id}.then`]).sort();
  for (const file of readdirSync(join(root, "www/src/text"))) {
    const texts = JSON.parse(readFileSync(join(root, "www/src/text", file), "utf8"));
    assert.deepEqual(Object.keys(texts).filter((key) => key.startsWith("from.")).sort(), wanted, file);
  }
});

test("a service is ticked by itself when one of its accounts is here, and by no other name that holds it", () => {
  assert.equal(isHere("GitHub", ["github.com"]), true);
  assert.equal(isHere("Epic Games", ["Epic Games"]), true);
  assert.equal(isHere("X (Twitter)", ["X"]), true);
  assert.equal(isHere("X (Twitter)", ["Xbox"]), false);
  assert.equal(isHere("Steam", []), false);
});
