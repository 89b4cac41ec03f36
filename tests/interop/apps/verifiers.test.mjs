// The three verifiers of the gate's assertion give the same verdict on every row. Each runs in its own runtime, the way an app
// uses it: as WSGI middleware, on $_SERVER, as a servlet filter.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { compile, missing as javaMissing } from "../../parts/java/install.mjs";
import { sitesPython } from "../../parts/python_site.mjs";
import { debianMissing, debianPath, need, root } from "../../setup.mjs";

const data = JSON.parse(readFileSync(join(root, "tests", "vectors", "assertion/verify.json"), "utf8"));
const here = join(root, "tests", "interop", "apps", "verifiers");
const lines = (command, args) => execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 24 }).trim().split("\n").map((line) => JSON.parse(line));

const hex = (text) => Buffer.from(text).toString("hex");
/** The rows as lines of words: the Java runner needs no JSON parser of its own. */
function rowsForJava() {
  const out = [`for ${hex(data.issuer)} ${hex(data.audience)}`];
  for (const row of data.rows) {
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
  python: { run: async () => lines(await sitesPython(), ["-B", join(here, "rows.py")]) },
  php: {
    missing: debianMissing("php-cli"),
    run: async (folder) => {
      await need("debian:php-cli");
      return lines(debianPath("php-cli"), [join(here, "rows.php"), folder]);
    },
  },
  java: {
    missing: javaMissing(),
    run: async (folder) => {
      const sources = [join(root, "worker", "verifiers", "PortcullisAssertion.java"), join(here, "Rows.java")];
      const path = await compile(sources, join(folder, "classes"));
      const rows = join(folder, "rows.txt");
      writeFileSync(rows, rowsForJava());
      return lines("java", ["-cp", path, "Rows", rows]);
    },
  },
};

for (const [name, { missing, run }] of Object.entries(verifiers)) {
  describe(`the verifier in ${name}`, { skip: missing }, () => {
    test("h22_every_row_has_the_verdict_of_the_vectors", async () => {
      const folder = mkdtempSync(join(tmpdir(), "portcullis-verifier-"));
      try {
        const got = await run(folder);
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
  });
}
