// The wasm is in this file and compiled at once: no plugin, no path, no waiting.
import base64 from "#wasm-bytes";
import { initSync } from "#glue";
import { bytes } from "./bytes.js";

initSync({ module: new WebAssembly.Module(bytes(base64)) });

export * from "#api";
export { PortcullisError } from "../error.js";
