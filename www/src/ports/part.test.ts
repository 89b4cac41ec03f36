// Parts that are loaded later: a part that does not come is always said.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

test("no source chains a handler to import(), which a failure to load would pass by", () => {
  const src = join(import.meta.dirname, "..");
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"));
  assert.ok(sources.length > 50);
  const chained = sources.filter((name) => /\bimport\("[^"]+"\)\s*\.(then|catch|finally)\(/.test(readFileSync(join(src, name), "utf8")));
  assert.deepEqual(chained, []);
});
