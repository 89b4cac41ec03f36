import { build as esbuild } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { FIRST } from "./src/app/first.ts";
import { precacheList } from "./src/sw/precache.ts";

const here = import.meta.dirname;
/** The package as built here, or another build of it. */
const npmPackage = process.env["PORTCULLIS_PACKAGE"] ?? join(here, "../target/npm/portcullis");

/** Resolves `portcullis` and `portcullis/…` to the package as built in this repository, by its own `exports`. */
function ownPackage(): Plugin {
  const pick = (entry: unknown): string | undefined => {
    if (typeof entry === "string") return entry;
    if (entry === null || typeof entry !== "object") return undefined;
    for (const condition of ["browser", "module", "import", "default"]) {
      const found = pick((entry as Record<string, unknown>)[condition]);
      if (found) return found;
    }
    return undefined;
  };
  return {
    name: "portcullis-own-package",
    enforce: "pre",
    resolveId(source) {
      if (source !== "portcullis" && !source.startsWith("portcullis/")) return null;
      const [entry = "", query] = source.replace("portcullis", ".").split("?");
      const { exports } = JSON.parse(readFileSync(join(npmPackage, "package.json"), "utf8"));
      const file = pick(exports[entry]);
      if (!file) throw new Error(`the package has no entry ${source}`);
      return join(npmPackage, file) + (query ? `?${query}` : "");
    },
  };
}

/**
 * Serves a language file in two halves: `en.json?first`, what a person reads before they touch anything, and `en.json?rest`.
 * The file itself stays whole, as translators want it.
 */
function halves(): Plugin {
  return {
    name: "portcullis-halves",
    enforce: "pre",
    load(id) {
      const [file = "", half] = id.split("?");
      if (half !== "first" && half !== "rest") return null;
      const all = Object.entries(JSON.parse(readFileSync(file, "utf8")));
      const wanted = Object.fromEntries(all.filter(([key]) => FIRST.test(key) === (half === "first")));
      return { code: `export default ${JSON.stringify(wanted)};`, moduleType: "js" };
    },
  };
}

/** Lets the vault's wasm travel beside the script that will ask for it, not after it. */
function earlyWasm(): Plugin {
  return {
    name: "portcullis-early-wasm",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => /\/vault-[^/]*\.wasm$/.test(name));
        if (!file) throw new Error("the vault's wasm is not among the built files");
        return [{ tag: "link", attrs: { rel: "preload", as: "fetch", type: "application/wasm", crossorigin: "", href: `/${file}` }, injectTo: "head" }];
      },
    },
  };
}

/** Builds the service worker last, with the list of everything that must be on the device before it takes over. */
function serviceWorker(): Plugin {
  let out = "";
  return {
    name: "portcullis-service-worker",
    apply: "build",
    configResolved(config) {
      out = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(out, join(entry.parentPath, entry.name)).split(sep).join("/"));
      const list = precacheList(files.map((path) => ({ path, hash: sha256(readFileSync(join(out, path))) })));
      const version = sha256(Buffer.from(JSON.stringify(list))).slice(0, 12);
      await esbuild({
        entryPoints: [join(here, "src/sw/sw.ts")],
        outfile: join(out, "sw.js"),
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2022",
        legalComments: "none",
        define: { PRECACHE: JSON.stringify(list.map(({ url }) => url)), VERSION: JSON.stringify(version) },
      });
      writeFileSync(join(out, "version.json"), `${JSON.stringify({ version, files: Object.fromEntries(list.map(({ url, hash }) => [url, hash])) }, null, 1)}\n`);
    },
  };
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

export default defineConfig({
  root: here,
  cacheDir: join(here, "../target/vite"),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [ownPackage(), halves(), earlyWasm(), serviceWorker()],
  worker: { format: "es", plugins: () => [ownPackage()] },
  build: {
    outDir: join(here, "../target/www"),
    emptyOutDir: true,
    target: "es2022",
    // light-dark(), :has() and nesting reach the browser as written.
    cssTarget: ["chrome125", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: "127.0.0.1" },
});
