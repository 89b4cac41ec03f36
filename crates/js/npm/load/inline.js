// The wasm is in this file and compiled at once: no plugin, no path, no waiting.
import packed from "#wasm-packed";
import { started } from "./started.js";

started(packed);

export * from "#api";
export { PortcullisError } from "../error.js";
