// Reads configuration out of the guides in worker/docs. A part runs with the guide's own files, so a guide that does not work
// makes a test fail.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../setup.mjs";

/**
 * The code blocks of a guide, keyed by the file name in a comment on the first or second line, with placeholders replaced. A
 * placeholder that occurs in no block is an error.
 *
 * @param {string} name        `worker/docs/behind-NAME.md`
 * @param {Record<string, string>} placeholders what the guide says -> what it is here; longer ones first
 * @returns {Record<string, string>}
 */
export function guide(name, placeholders) {
  const text = readFileSync(join(root, "worker", "docs", `behind-${name}.md`), "utf8");
  const found = {};
  for (const [, code] of text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)) {
    const file = code.split("\n").slice(0, 2).map((line) => /^(?:#|\/\/|;|<!--)\s*(?:\S*\/)?([\w-]+\.\w+)\b/.exec(line)?.[1]).find(Boolean);
    if (file) found[file] = (found[file] ?? "") + code;
  }
  for (const [word, meaning] of Object.entries(placeholders)) {
    let times = 0;
    for (const file of Object.keys(found)) found[file] = found[file].replaceAll(word, () => (times++, meaning));
    if (times === 0) throw new Error(`behind-${name}.md does not say "${word}"`);
  }
  return found;
}
