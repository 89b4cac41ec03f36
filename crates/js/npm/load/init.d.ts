/** A `WebAssembly.Module`, or `object` where the types of the platform do not have it. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;

/** Loads this entry's wasm from its own file; every other function throws until it is done. Compiles while it streams.
 * @param source Where the file `portcullis/<entry>.wasm` is (an address, a `Request` or a `Response`), its bytes, or
 * the compiled module. Bundlers give the address, for example `import url from "portcullis/otp.wasm?url"`.
 */
export function init(
  source: string | URL | Request | Response | Promise<Response> | ArrayBuffer | ArrayBufferView | CompiledModule,
): Promise<void>;
