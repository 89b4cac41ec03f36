// As inline.js, with the promise that the main entry's other ways have.
import packed from "#wasm-packed";
import { started } from "./started.js";

started(packed);

export const ready = Promise.resolve();
export * from "#api";
export { PortcullisError } from "../error.js";
