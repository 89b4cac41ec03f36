// The rules of axe on a page, called directly: the wrapper for Playwright opens a page of its own for each look.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../setup.mjs";

const SOURCE = join(root, "tests", "node_modules", "axe-core", "axe.min.js");

/**
 * What axe finds on a page that has no frames: its rules that were broken, each with the places, and those that were kept.
 * @param {import("playwright-core").Page} page
 * @param {object} [options] of `axe.run`, such as `runOnly`
 */
export async function axe(page, options = {}) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(readFileSync(SOURCE, "utf8"));
  const { violations, passes } = await page.evaluate((chosen) => globalThis.axe.run(document, { ...chosen, resultTypes: ["violations"] }), options);
  return { violations, passes };
}
