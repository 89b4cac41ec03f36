// For platforms that import a wasm file as a compiled module and refuse to compile bytes, such as workerd.
import module from "#wasm-module";
import { initSync } from "#glue";

initSync({ module });

export const ready = Promise.resolve();
export * from "#api";
export { PortcullisError } from "../error.js";
