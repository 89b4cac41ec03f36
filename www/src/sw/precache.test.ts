import assert from "node:assert/strict";
import { test } from "node:test";
import { precacheList } from "./precache.ts";

test("everything the app needs is kept, what is for the server is not, and the order of the disk does not matter", () => {
  const paths = ["sw.js", "assets/b.js", "_headers", "index.html", "404.html", "assets/a.wasm", "version.json", "assets/b.js.map", "manifest.webmanifest"];
  const files = paths.map((path) => ({ path, hash: "0" }));
  const expected = ["/", "/assets/a.wasm", "/assets/b.js", "/manifest.webmanifest"];
  assert.deepEqual(precacheList(files).map(({ url }) => url), expected);
  assert.deepEqual(precacheList(files.toReversed()).map(({ url }) => url), expected);
});
