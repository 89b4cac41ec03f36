// The packed tarball in runtimes without a browser: each has to show the right code, and Node and workerd all vectors.
import assert from "node:assert/strict";
import { test } from "node:test";

import { spawnPart } from "../parts/process.mjs";
import { root } from "../setup.mjs";
import { load } from "../vectors/load.mjs";
import { CODE, PROGRAM, consumer } from "./consumer.mjs";

const ESM = `import { code } from "portcullis";\nconsole.log(${PROGRAM});\n`;
const CJS = `const { code } = require("portcullis");\nconsole.log(${PROGRAM});\n`;
const VECTORS = `
  import * as otp from "portcullis";
  import * as js from "portcullis/js";
  import * as migration from "portcullis/migration";
  import { run } from ${JSON.stringify(`${root}/tests/vectors/run.mjs`)};
  import { load } from ${JSON.stringify(`${root}/tests/vectors/load.mjs`)};
  const rows = load("otp", "uri", "links", "migration");
  console.log(JSON.stringify([run({ ...otp, ...migration }, rows), run(js, rows)]));
`;

test("Node imports it", async () => {
  const app = await consumer("node", { "main.mjs": ESM });
  assert.equal(await app.run(process.execPath, ["main.mjs"]), CODE);
});

test("Node requires it", async () => {
  const app = await consumer("node", { "main.cjs": CJS });
  assert.equal(await app.run(process.execPath, ["main.cjs"]), CODE);
});

test("Node without WebAssembly: `portcullis/auto` has the plain JavaScript, by require at once, by import after `ready`", async () => {
  const app = await consumer("node", {
    "auto.cjs": CJS.replace('"portcullis"', '"portcullis/auto"'),
    "wait.mjs": `import { code, ready } from "portcullis/auto";
      let early; try { code({ secret: "AA" }, 0); } catch (error) { early = error.code; }
      await ready; console.log(early, ${PROGRAM});`,
  });
  assert.equal(await app.run(process.execPath, ["--jitless", "auto.cjs"]), CODE);
  assert.equal(await app.run(process.execPath, ["--jitless", "wait.mjs"]), `NOT_READY ${CODE}`);
  assert.equal(await app.run(process.execPath, ["auto.cjs"]), CODE);
});

const UNCAUGHT = {
  portcullis: `code({ secret: "AA" }, 5n)`,
  "portcullis/auto": `parseUri("x")`,
  "portcullis/migration": `readMigration(["x"])`,
  "portcullis/backup": `readBackup(new Uint8Array(5))`,
  "portcullis/qr": `readQr({ data: new Uint8Array(5), width: 2, height: 2 })`,
  "portcullis/qr-draw": `drawQr("")`,
  "portcullis/cas": `readLogoutRequest("x")`,
  "portcullis/vault": `readLocked(new Uint8Array(5))`,
  "portcullis/kdf": `kdfParams(1, 1)`,
};
for (const [name, call] of Object.entries(UNCAUGHT)) {
  // Node prints the line that threw: the line with the wasm has up to 120 kB.
  for (const flag of ["--jitless", "--no-warnings"]) {
    test(`an error of ${name} that nobody catches is short on a terminal, ${flag === "--jitless" ? "without" : "with"} WebAssembly`, async () => {
      const name_ = call.slice(0, call.indexOf("("));
      const app = await consumer("node", { "uncaught.mjs": `import { ${name_} } from ${JSON.stringify(name)};\nconsole.log("loaded");\n${call};\n`, "uncaught.cjs": `const { ${name_} } = require(${JSON.stringify(name)});\nconsole.log("loaded");\n${call};\n` });
      for (const file of ["uncaught.mjs", "uncaught.cjs"]) {
        const said = await app.run(process.execPath, [flag, file]).then(() => assert.fail("it threw nothing"), (error) => error.message);
        assert.match(said, /loaded/, "loading it threw");
        assert.match(said, /PortcullisError/);
        assert.ok(said.length < 5_000, `it printed ${said.length} characters`);
      }
    });
  }
}

test("every vector, with WebAssembly and as plain JavaScript, in Node", async () => {
  const app = await consumer("node", { "vectors.mjs": VECTORS });
  const [wasm, js] = JSON.parse(await app.run(process.execPath, ["vectors.mjs"]));
  assert.deepEqual(wasm.failures, []);
  assert.deepEqual(js.failures, []);
  const rows = count(load("otp", "uri", "links", "migration"));
  assert.equal(wasm.passed, rows);
  assert.equal(js.passed, rows - count(load("links", "migration")));
});

test("every entry is the same thing by import and by require", async () => {
  const app = await consumer("node", {
    "both.mjs": `import { createRequire } from "node:module"; import { readFileSync } from "node:fs";
      const require = createRequire(import.meta.url);
      const { exports } = JSON.parse(readFileSync("node_modules/portcullis/package.json", "utf8"));
      const names = Object.keys(exports).filter((name) => !/\\.(wasm|json)$/.test(name)).map((name) => "portcullis" + name.slice(1));
      const seen = {};
      for (const name of names) {
        const [esm, cjs] = [Object.keys(await import(name)).sort(), Object.keys(require(name)).sort()];
        seen[name] = esm.filter((key) => key !== "module.exports" && key !== "default").join() === cjs.join() ? esm.length : [esm, cjs];
      }
      console.log(JSON.stringify(seen));`,
  });
  const seen = JSON.parse(await app.run(process.execPath, ["both.mjs"]));
  for (const [name, exported] of Object.entries(seen)) assert.ok(exported > 1, `${name}: ${JSON.stringify(exported)}`);
  assert.ok(Object.keys(seen).length >= 10, Object.keys(seen).join());
});

for (const [name, args] of [["deno", ["run", "--no-remote", "--node-modules-dir=manual", "main.mjs"]], ["bun", ["main.mjs"]]]) {
  test(`${name} imports it`, async () => {
    const app = await consumer(name, { "main.mjs": ESM });
    assert.equal(await app.run(name, args), CODE);
  });
}

test("every vector in workerd, which compiles no wasm from bytes", async () => {
  const app = await consumer("workerd", {
    "worker.mjs": `import * as otp from "portcullis"; import * as migration from "portcullis/migration";
      import { run } from ${JSON.stringify(`${root}/tests/vectors/run.mjs`)};
      import rows from "./rows.json";
      export default { fetch: () => Response.json({ code: otp.${PROGRAM}, ...run({ ...otp, ...migration }, rows) }) };`,
    "rows.json": JSON.stringify(load("otp", "uri", "links", "migration")),
    "config.capnp": `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [(name = "main", worker = .main)],
        sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")] );
      const main :Workerd.Worker = ( compatibilityDate = "2026-07-01", modules = [
        (name = "worker.js", esModule = embed "dist/worker.js"),
        (name = "otp.wasm", wasm = embed "node_modules/portcullis/otp/otp.wasm"),
        (name = "migration.wasm", wasm = embed "node_modules/portcullis/migration/migration.wasm") ]);`,
  });
  await app.run("esbuild", ["worker.mjs", "--bundle", "--format=esm", "--conditions=workerd", "--external:*.wasm", "--outfile=dist/worker.js", "--log-level=error"]);
  const workerd = await spawnPart({
    name: "workerd",
    command: `${root}/node_modules/.bin/workerd`,
    args: ["serve", "config.capnp", "--control-fd=1"],
    cwd: app.folder,
    ready: (lines) => lines.map((line) => /"socket":"http","port":(\d+)/.exec(line)?.[1]).find(Boolean),
  });
  try {
    const answer = await (await fetch(`http://127.0.0.1:${workerd.found}`)).json();
    assert.equal(answer.code, CODE);
    assert.deepEqual(answer.failures, []);
    assert.equal(answer.passed, count(load("otp", "uri", "links", "migration")));
  } finally {
    await workerd.stop();
  }
});

const count = (subjects) => Object.values(subjects).flatMap(Object.values).reduce((sum, rows) => sum + rows.length, 0);
