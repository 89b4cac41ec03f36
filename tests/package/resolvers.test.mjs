// Tools that do not read `exports` look for a file, or for a folder's package.json: Parcel and eslint-plugin-import as they
// come, Metro without exports, TypeScript's node10.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { before, test } from "node:test";

import { consumer } from "./consumer.mjs";

let app, names;
before(async () => {
  app = await consumer("resolvers");
  const { exports } = JSON.parse(readFileSync(app.file("node_modules/portcullis/package.json"), "utf8"));
  names = Object.keys(exports).filter((name) => !/\.(wasm|json)$/.test(name)).map((name) => name.slice(2));
});

const isFile = (path) => existsSync(path) && statSync(path).isFile();

/** A path as those tools find it: the file, with an ending, or what the first of these fields in its package.json names. */
function folder(path, fields) {
  const file = ["", ".js", ".json"].map((ending) => path + ending).find(isFile);
  if (file) return file;
  const manifest = join(path, "package.json");
  const said = isFile(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : {};
  const main = fields.map((field) => said[field]).find(Boolean) ?? "index.js";
  return isFile(resolve(path, main)) ? resolve(path, main) : undefined;
}

test("every subpath resolves without exports, by main and by module, and so do its types", () => {
  assert.ok(names.length >= 10, names.join());
  for (const name of names) {
    const path = app.file(`node_modules/portcullis/${name}`);
    for (const fields of [["main"], ["module", "main"]]) assert.ok(folder(path, fields), `portcullis/${name} by ${fields}`);
    const types = isFile(`${path}.d.ts`) ? `${path}.d.ts` : folder(path, ["types"]);
    assert.match(types ?? "", /\.d\.ts$/, `the types of portcullis/${name}`);
  }
});

test("Node's own rules for a folder give what exports give", () => {
  const require = createRequire(app.file("main.js"));
  for (const name of names) {
    // A folder of the package by its path is resolved without exports. `qr/wasm` is a file beside the entry.
    const [found, wanted] = [require.resolve(app.file(`node_modules/portcullis/${name}`)), require.resolve(name ? `portcullis/${name}` : "portcullis")];
    assert.equal(found.replace(/\.c?js$/, ""), wanted.replace(/\.c?js$/, ""), name);
    assert.equal(typeof require(wanted), "object");
  }
});

test("a wasm file has an address without exports too", () => {
  const require = createRequire(app.file("main.js"));
  assert.equal(require.resolve("portcullis/qr/qr.wasm"), app.file("node_modules/portcullis/qr/qr.wasm"));
  assert.ok(isFile(app.file("node_modules/portcullis/qr/qr.wasm")));
});

test("TypeScript's node10, in the last version that knows it, finds every subpath and its types", async () => {
  const program = names.map((name, i) => `import * as e${i} from "portcullis${name && `/${name}`}";\nvoid e${i}.PortcullisError.name;\n`).join("");
  const wrong = `import { code } from "portcullis/auto";\nexport const text: number = code({ secret: "AA" }, 0).text;\n`;
  const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom", "esnext.disposable"], types: [], module: "commonjs", moduleResolution: "node10" };
  const config = (name) => JSON.stringify({ compilerOptions: options, files: [name] });
  await consumer("resolvers", { "tsconfig.json": config("main.ts"), "main.ts": program, "wrong.json": config("wrong.ts"), "wrong.ts": wrong });
  await app.run("tsc", ["-p", "."]);
  await assert.rejects(app.run("tsc", ["-p", "wrong.json"]), /TS2322/, "it does see the types");
});
