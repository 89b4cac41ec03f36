// The platform compiles the wasm and gives the module: compiling from bytes is refused there.
import module from "#wasm-module";
import { initSync } from "#glue";

initSync({ module });

export const ready = Promise.resolve();
export * from "#api";
export { PortcullisError } from "../error.js";
