import { initSync } from "#glue";
import { bytes } from "./bytes.js";

// Whether the wasm runs. Where WebAssembly is absent or refused, loading must not throw: what does without the entry goes on,
// and each call says NOT_READY.
export function started(packed) {
  try {
    initSync({ module: new WebAssembly.Module(bytes(packed)) });
    return true;
  } catch {
    return false;
  }
}
