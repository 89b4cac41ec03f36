// The three verifiers of the gate's assertion give the same verdict on every row. Each runs in its own runtime, the way an app
// uses it: as WSGI middleware, on $_SERVER, as a servlet filter.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { compile, missing as javaMissing } from "../../parts/java/install.mjs";
import { sitesPython } from "../../parts/python_site.mjs";
import { debianMissing, debianPath, need, root } from "../../setup.mjs";

const vectors = join(root, "tests", "vectors", "assertion/verify.json");
const data = JSON.parse(readFileSync(vectors, "utf8"));
const here = join(root, "tests", "interop", "apps", "verifiers");
const lines = (command, args) => execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 24 }).trim().split("\n").map((line) => JSON.parse(line));

const hex = (text) => Buffer.from(text).toString("hex");
/** The rows as lines of words: the Java runner needs no JSON parser of its own. */
function rowsForJava(rows) {
  const out = [`for ${hex(data.issuer)} ${hex(data.audience)}`];
  for (const row of rows) {
    out.push(`row ${row.required ?? true}`);
    for (const { after = 0, keys = "current", headers } of row.steps ?? [row]) {
      out.push(`at ${data.now + after} ${keys === null ? "-" : hex(data.sets[keys])}`);
      out.push(...headers.map(([name, value]) => `header ${hex(name)} ${hex(value)}`), "ask");
    }
    out.push("done");
  }
  return out.join("\n");
}

const verifiers = {
  python: { run: async (file) => lines(await sitesPython(), ["-B", join(here, "rows.py"), file]) },
  php: {
    missing: debianMissing("php-cli"),
    run: async (file, folder) => {
      await need("debian:php-cli");
      return lines(debianPath("php-cli"), [join(here, "rows.php"), file, folder]);
    },
  },
  java: {
    missing: javaMissing(),
    run: async (file, folder) => {
      const sources = [join(root, "worker", "verifiers", "PortcullisAssertion.java"), join(here, "Rows.java")];
      const path = await compile(sources, join(folder, "classes"));
      const rows = join(folder, "rows.txt");
      writeFileSync(rows, rowsForJava(JSON.parse(readFileSync(file, "utf8")).rows));
      return lines("java", ["-cp", path, "Rows", rows]);
    },
  },
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/%{}\"'".split("");
/** Good assertions with a letter changed, removed, added or moved, or with a part of another one. */
function changed(count) {
  const good = data.rows.filter((row) => row.expect?.user && row.headers?.length === 1).map((row) => row.headers[0][1]);
  const one = (list) => list[randomInt(list.length)];
  const change = {
    replace: (text, at) => text.slice(0, at) + one(LETTERS) + text.slice(at + 1),
    remove: (text, at) => text.slice(0, at) + text.slice(at + 1 + randomInt(3)),
    add: (text, at) => text.slice(0, at) + one(LETTERS) + text.slice(at),
    move: (text, at) => text.slice(at) + text.slice(0, at),
    part: (text) => text.split(".").with(randomInt(3), one(one(good).split("."))).join("."),
  };
  const out = new Set();
  while (out.size < count) {
    const text = one(Object.values(change))(one(good), randomInt(100));
    // The signature's end too, where bits of the last letter count for nothing.
    const end = randomInt(4) ? text : `${text.slice(0, -1)}${one(LETTERS)}`;
    if (!good.includes(end) && end.split(".").length > 1) out.add(end);
  }
  return [...out];
}

for (const [name, { missing, run }] of Object.entries(verifiers)) {
  describe(`the verifier in ${name}`, { skip: missing }, () => {
    test("h22_every_row_has_the_verdict_of_the_vectors", async () => {
      const folder = mkdtempSync(join(tmpdir(), "portcullis-verifier-"));
      try {
        const got = await run(vectors, folder);
        assert.equal(got.length, data.rows.length);
        for (const [at, row] of data.rows.entries()) {
          const expected = (row.steps ?? [row]).map(({ refuse, expect }) => (refuse ? { refuse } : expect));
          assert.deepEqual(got[at].seen, expected, row.name);
          if (row.fetches !== undefined) assert.equal(got[at].fetches, row.fetches, row.name);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    test("h22_an_assertion_that_is_changed_anywhere_is_refused", async () => {
      const folder = mkdtempSync(join(tmpdir(), "portcullis-verifier-"));
      try {
        const tokens = changed(1_000);
        const file = join(folder, "changed.json");
        writeFileSync(file, JSON.stringify({ ...data, rows: tokens.map((token) => ({ name: "changed", headers: [["X-Portcullis-Assertion", token]] })) }));
        const got = await run(file, folder);
        assert.equal(got.length, tokens.length);
        for (const [at, token] of tokens.entries()) assert.ok(got[at].seen[0].refuse, `taken: ${token}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
