// The calls of tests/vectors/package/calls.json against the packed tarball: one row, one test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { readPng } from "../bench/png.mjs";
import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";
import { realm } from "./realm.mjs";

const vectors = join(root, "tests/vectors");
const { given, calls } = JSON.parse(readFileSync(join(vectors, "package/calls.json"), "utf8"));
const GIVEN = { ...given, pixelsOf: (file) => readPng(readFileSync(join(vectors, file))) };
const folderOf = (entry) => entry.split("/")[1] ?? "otp";

let app;
before(async () => (app = await consumer("calls")));

for (const row of calls) test(row.id, () => run(row));

async function run(row) {
  const { how } = row;
  if (how === undefined) return here(row);
  if (how.includes("node:vm")) return met(row.expect, await outcome(async () => (await realm(app, folderOf(row.entry))).run(row.call, given)));
  if (how.startsWith("only main, module and types")) return oldResolver(row);
  if (how === "node --jitless") return jitless(row);
  if (how.startsWith("tsc ")) return compiled(row);
  assert.fail(`nothing here knows how: ${how}`);
}

async function here({ entry, call, expect }) {
  const names = { ...(await import(pathToFileURL(app.file(`node_modules/portcullis/${folderOf(entry)}/inline.js`)))), ...GIVEN };
  const body = new Function(...Object.keys(names), `return (${call});`);
  met(expect, await outcome(() => body(...Object.values(names))));
}

async function outcome(call) {
  try {
    return { value: JSON.parse(JSON.stringify(await call())) };
  } catch (error) {
    return { error };
  }
}

/** One of the outcomes that the row allows. */
function met(expect, got) {
  const allowed = expect.any_of ?? [expect];
  const failures = allowed.map((one) => differs(one, got));
  assert.ok(failures.includes(undefined), failures.join("\n"));
}

function differs(expect, { value, error }) {
  try {
    if (expect.throws) {
      const { name, code, index, message_names: words = [] } = expect.throws;
      assert.ok(error, `gave ${JSON.stringify(value)}`);
      assert.equal(error.name, name, String(error));
      assert.ok(code.includes(error.code), error.code);
      if (index !== undefined) assert.equal(error.index, index);
      for (const word of words) assert.ok(error.message.includes(word), `"${error.message}" does not name ${word}`);
      return undefined;
    }
    if (error) throw error;
    if (expect.value_has) assert.deepEqual({ ...value, ...expect.value_has }, value);
    else if (expect.value_contains) assert.ok(value.includes(expect.value_contains), value);
    else assert.deepEqual(value, expect.value);
    return undefined;
  } catch (failure) {
    return failure.message;
  }
}

function oldResolver({ call }) {
  const folder = app.file(`node_modules/${/"(.*)"/.exec(call)[1]}`);
  const said = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const field of ["main", "module", "types"]) readFileSync(join(folder, said[field]));
}

async function jitless({ entry }) {
  const source = `const entry = await import(${JSON.stringify(entry)}); entry.drawQr("x");`;
  const failed = await app.run(process.execPath, ["--jitless", "--input-type=module", "-e", source]).then(() => assert.fail("it has no WebAssembly to run on"), (error) => error.message);
  assert.match(failed, /PortcullisError\]?: The entry is not ready/);
  assert.ok(failed.length < 5_000, `it printed ${failed.length} characters`);
}

async function compiled({ id, call, how, entry, expect }) {
  const flags = how.match(/--\w+/g).map((flag) => flag.slice(2)).filter((flag) => flag !== "noEmit");
  const options = { ...Object.fromEntries(flags.map((flag) => [flag, true])), noEmit: true, target: "es2022", lib: ["es2022", "dom"], types: [], module: "esnext", moduleResolution: "bundler" };
  const source = `import { code, verify, verifyHotp } from ${JSON.stringify(entry)};\nconst secret: string = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";\n${call};\nvoid [code, verify, verifyHotp];\n`;
  const files = { [`${id}/tsconfig.json`]: JSON.stringify({ compilerOptions: options, include: ["*.ts"] }), [`${id}/main.ts`]: source };
  const typed = await consumer("calls-typed", files);
  const said = typed.run("tsc", ["-p", id]);
  if (expect.compiles) await said;
  else await assert.rejects(said, /lastStep/);
}
