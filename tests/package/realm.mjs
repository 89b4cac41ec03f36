// An entry as an edge runtime has it: the wasm is compiled in one realm, the entry runs in another, in which compiling from
// bytes is refused.
//   const edge = await realm(app, "qr");
//   edge.run(`drawQr("x")`, { given })      an expression with the entry's exports and the names given as variables
//   edge.context                            the realm's global object
import { readFile } from "node:fs/promises";
import vm from "node:vm";

/**
 * @param {Awaited<ReturnType<typeof import("./consumer.mjs").consumer>>} app
 * @param {string} entry    its folder
 * @param {string} [file]   the way to load it: "edge", or "wasm", whose `init` is handed the module
 */
export async function realm(app, entry, file = "edge") {
  const out = `dist/${entry}-${file}.cjs`;
  await app.run("esbuild", [`node_modules/portcullis/${entry}/${file}.js`, "--bundle", "--format=cjs", "--external:*.wasm?module", `--outfile=${out}`, "--log-level=error"]);
  const compiled = await WebAssembly.compile(await readFile(app.file(`node_modules/portcullis/${entry}/${entry}.wasm`)));
  const { TextEncoder, TextDecoder, URL, crypto, console, Response, fetch } = globalThis;
  const context = vm.createContext({ TextEncoder, TextDecoder, URL, crypto, console, Response, fetch }, { codeGeneration: { strings: false, wasm: false } });
  // What an instance has in memory after a call is looked at by a test.
  vm.runInContext("instances = []; WebAssembly.Instance = class extends WebAssembly.Instance { constructor(...given) { super(...given); instances.push(this); } }", context);
  const module = { exports: {} };
  const load = vm.runInContext(`(function (require, module) { ${await readFile(app.file(out), "utf8")}\n})`, context);
  load(() => compiled, module);
  const exported = module.exports;
  return {
    context,
    compiled,
    exported,
    run(expression, given = {}) {
      const names = { ...exported, ...given };
      const call = vm.runInContext(`(function (${Object.keys(names).join(", ")}) { return (${expression}); })`, context);
      return call(...Object.values(names));
    },
  };
}
