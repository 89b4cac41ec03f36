declare module "*?worker&url" {
  const url: string;
  export default url;
}
declare module "*.css";
/** A stylesheet as text, minified. */
declare module "*.css?inline" {
  const styles: string;
  export default styles;
}
declare module "portcullis/vault.wasm?url" {
  const url: string;
  export default url;
}
declare module "portcullis/vault/wasm" {
  export * from "portcullis/vault";
  /** Loads the wasm from its own file; every other function throws until it is done. */
  export function init(source: string): Promise<void>;
}
declare module "portcullis/backup.wasm?url" {
  const url: string;
  export default url;
}
declare module "portcullis/backup/wasm" {
  export * from "portcullis/backup";
  /** Loads the wasm from its own file; every other function throws until it is done. */
  export function init(source: string): Promise<void>;
}
/** Half of a language file: see `halves` in vite.config.ts. */
declare module "*.json?first" {
  const texts: import("./app/i18n.ts").Texts;
  export default texts;
}
declare module "*.json?rest" {
  const texts: import("./app/i18n.ts").Texts;
  export default texts;
}
interface ImportMeta {
  /** Vite's list of the files that match, each with a function that loads it. */
  glob<T>(patterns: readonly string[]): Record<string, () => Promise<T>>;
}
