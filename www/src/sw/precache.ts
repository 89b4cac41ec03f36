/** A file of the built app, as a path below its root and the hash of its bytes. */
export interface BuiltFile {
  path: string;
  hash: string;
}

/** What stays with the server: instructions for it, and the worker itself, which the browser keeps on its own. */
const SERVER_SIDE = ["_headers", "_redirects", "404.html", "sw.js", "version.json"];

/**
 * Everything that must be on the device before a version takes over, so that it works whole without a network.
 * The page itself is listed as `/`. Sorted, so that the same files always give the same version.
 */
export function precacheList(files: BuiltFile[]): { url: string; hash: string }[] {
  return files
    .filter(({ path }) => !SERVER_SIDE.includes(path) && !path.endsWith(".map"))
    .map(({ path, hash }) => ({ url: path === "index.html" ? "/" : `/${path}`, hash }))
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}
