// The wasm is a file of its own: cached by itself, compiled while it streams.
import { initSync } from "#glue";
import { kindOf } from "../given/kind.js";

export async function init(source) {
  initSync({ module: await compile(await source) });
}

// By its kind, not `instanceof`: an edge runtime or a frame hands over objects of another realm.
async function compile(source) {
  const kind = kindOf(source);
  if (kind === "WebAssembly.Module") return source;
  if (kind === "ArrayBuffer" || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = kind === "Response" ? source : await fetch(source);
  if (!response.ok) throw new Error(`portcullis: the wasm was not found (${response.status})`);
  // A server that does not know the type of a wasm file must not stop it.
  return WebAssembly.compileStreaming?.(response.clone()).catch(() => whole(response)) ?? whole(response);
}

const whole = async (response) => WebAssembly.compile(await response.arrayBuffer());

export * from "#api";
export { PortcullisError } from "../error.js";
