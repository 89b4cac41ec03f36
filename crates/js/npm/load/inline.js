// The wasm is in this file and compiled at once: no plugin, no path, no waiting.
import packed from "#wasm-packed";
import { initSync } from "#glue";
import { bytes } from "./bytes.js";

initSync({ module: new WebAssembly.Module(bytes(packed)) });

export * from "#api";
export { PortcullisError } from "../error.js";
