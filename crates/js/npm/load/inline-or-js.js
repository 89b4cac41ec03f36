// As inline.js; where WebAssembly is absent or refused, the same core as plain JavaScript takes its place.
/* global COMMONJS */
import packed from "#wasm-packed";
import { initSync, use } from "#glue";
import { bytes } from "./bytes.js";

export let ready;
try {
  initSync({ module: new WebAssembly.Module(bytes(packed)) });
} catch {
  ready = COMMONJS ? use(require("./asm.js")) : import("./asm.js").then(use);
}
ready = Promise.resolve(ready);

export * from "#api";
export { PortcullisError } from "../error.js";
