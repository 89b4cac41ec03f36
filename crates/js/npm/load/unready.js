import { PortcullisError } from "../error.js";

// What stands in the place of a wasm until `init` has loaded it, and for good where WebAssembly is absent or refused.
export const unready = new Proxy({}, {
  get() {
    throw new PortcullisError("NOT_READY", "The entry is not ready: wait for `ready` or `init`, unless WebAssembly is absent or refused here.");
  },
});
