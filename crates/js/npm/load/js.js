// Without WebAssembly: the same core as plain JavaScript.
import * as asm from "./asm.js";
import { use } from "#glue";

use(asm);

export const ready = Promise.resolve();
export * from "#api";
export { PortcullisError } from "../error.js";
