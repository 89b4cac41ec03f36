// Runs every `@example` of the shipped types and every js block of the README against the packed tarball, and compares each
// result with the value after `// =>`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";

const npm = join(root, "crates/js/npm");
const typed = {};

for (const entry of readdirSync(npm).sort()) {
  let types;
  try {
    types = readFileSync(join(npm, entry, "index.d.ts"), "utf8");
  } catch {
    continue; // The folder is not an entry.
  }
  const name = entry === "otp" ? "portcullis" : `portcullis/${entry}`;
  // A function with overloads is declared several times.
  const exported = [...new Set([...types.matchAll(/^export (?:declare )?(?:function|const|class) (\w+)/gm)].map((found) => found[1]))];
  const again = [...types.matchAll(/^export \{([^}]*)\} from/gm)].flatMap((found) => found[1].split(",").map((name) => name.trim()));
  exported.push(...again.filter((name) => name && !name.startsWith("type ")));
  for (const found of types.matchAll(/@example\n([\s\S]*?)\*\/\s*(?:export )?(?:declare )?(?:function|const|class)?\s*(\w+)/g)) {
    const body = found[1].split("\n").map((line) => line.replace(/^\s*\* ?/, "")).join("\n");
    const imports = `import { ${exported.join(", ")} } from ${JSON.stringify(name)};`;
    typed[`${entry}_${found[2]}.ts`] = `${imports}\n${body}`;
    test(`${name}: the example of ${found[2]}`, () => runs(imports, body, "types"));
  }
  test(`${name}: its types declare exactly what it exports`, async () => {
    const app = await consumer("examples-exports", { "main.mjs": `console.log(Object.keys(await import(${JSON.stringify(name)})).sort().join())` });
    assert.equal(await app.run(process.execPath, ["main.mjs"]), [...exported, "PortcullisError"].sort().join());
  });
}

test("every example of the types is strict TypeScript", async () => {
  const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom"], module: "esnext", moduleResolution: "bundler", types: [] };
  const config = JSON.stringify({ compilerOptions: options, include: ["*.ts"] });
  const app = await consumer("examples-typed", { "tsconfig.json": config, ...typed });
  await app.run("tsc", ["-p", "."]);
});

const readme = readFileSync(join(npm, "README.md"), "utf8");
for (const [index, found] of [...readme.matchAll(/^```js\n([\s\S]*?)^```/gm)].entries()) {
  test(`README: block ${index + 1}`, () => runs("", found[1], "readme"));
}

/** Runs a text as a module, and compares each `expression; // => value`. */
async function runs(imports, text, folder) {
  const { source, compared } = instrumented(text);
  const app = await consumer(`examples-${folder}`, {
    "main.ts": `import assert from "node:assert/strict";\n${imports}\nconst is = (got, wanted) => assert.deepEqual(JSON.parse(JSON.stringify(got)), wanted);\n${source}\nconsole.log("compared");\n`,
  });
  await app.run("esbuild", ["main.ts", "--outfile=main.mjs", "--log-level=error"]);
  assert.match(await app.run(process.execPath, ["main.mjs"]), /compared$/);
  assert.ok(compared > 0, "the example shows no result: write one after // =>");
}

const Expression = (async () => {}).constructor;
const parses = (text) => {
  try {
    return Boolean(new Expression(`return (${text}\n)`));
  } catch {
    return false;
  }
};

/** Turns `a; // => 1`, or `a;` with `// => 1` on the next line, into a comparison. The expression may span lines. */
function instrumented(text) {
  const lines = [];
  let compared = 0;
  for (const line of text.split("\n")) {
    const [code, wanted] = line.split(/\s*\/\/ => (.*)$/);
    if (code.trim() !== "") lines.push(code);
    if (wanted === undefined) continue;
    let from = lines.length - 1;
    const expression = () => lines.slice(from).join("\n").replace(/;\s*$/, "");
    while (from > 0 && !parses(expression())) from--;
    assert.ok(parses(expression()), `no expression before: ${line}`);
    lines.splice(from, Infinity, `is(${expression()}, ${wanted});`);
    compared++;
  }
  return { source: lines.join("\n"), compared };
}
