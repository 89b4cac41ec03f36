import { PortcullisError } from "../error.js";

// What stands in the place of a wasm until `init` has loaded it.
export const unready = new Proxy({}, {
  get() {
    throw new PortcullisError("NOT_READY", "The entry is not ready: wait for `ready`, or for `init` where the wasm is a file of its own.");
  },
});
