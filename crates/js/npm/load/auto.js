// As inline-ready.js; where WebAssembly is absent or refused, the same core as plain JavaScript takes its place.
/* global COMMONJS */
import packed from "#wasm-packed";
import { use } from "#glue";
import { started } from "./started.js";

export const ready = Promise.resolve(
  started(packed) ? undefined : COMMONJS ? use(require("./asm.js")) : import("./asm.js").then(use),
);

export * from "#api";
export { PortcullisError } from "../error.js";
