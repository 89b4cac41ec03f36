// Consumers of the packed tarball, each in its own folder under target/consumers/, as in a user's project.
//   const app = await consumer("vite", { "index.html": "…", "main.js": "…" });   a folder with the package installed
//   await app.run("esbuild", ["main.js", "--bundle"]);    a program of the consumer or of this repository; throws when it fails
//   app.file("dist/main.js")                              a path in the folder
// A consumer with its own dependencies has package.json and package-lock.json in tests/package/consumers/<name>/. Its node_modules
// are kept for the next run, which only unpacks the tarball again.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { need, root } from "../setup.mjs";

const exec = promisify(execFile);
// The tarball of this repository, or another one to test, for example the published one.
const given = process.env.PORTCULLIS_TARBALL;
const tarball = given ?? join(root, "target/npm/portcullis-0.1.0.tgz");

/** The code of RFC 6238 appendix B at 59 s, which every consumer must show. */
export const ACCOUNT = { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", digits: 8 };
export const NOW_MS = 59_000;
export const CODE = "94287082";
/** The same as source text: an expression that a consumer prints. */
export const PROGRAM = `code(${JSON.stringify(ACCOUNT)}, ${NOW_MS}).text`;

/**
 * @param {string} name     the folder's name, and that of its dependencies' folder
 * @param {Record<string, string>} [files]  written into the folder
 */
export async function consumer(name, files = {}) {
  await need("npm", ...(given ? [] : ["wasm", "build:js"]));
  const folder = join(root, "target/consumers", name);
  const modules = join(folder, "node_modules");
  await mkdir(folder, { recursive: true });
  await installed(name, folder);
  await rm(join(modules, "portcullis"), { recursive: true, force: true });
  await mkdir(join(modules, "portcullis"), { recursive: true });
  await exec("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "portcullis")]);
  if (!existsSync(join(folder, "package.json"))) files = { "package.json": JSON.stringify({ name, private: true, type: "module" }), ...files };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const bins = [join(modules, ".bin"), join(root, "node_modules/.bin")];
  return {
    folder,
    file: (path) => join(folder, path),
    /** Runs a program in the folder; returns its output, trimmed. */
    async run(command, args = [], { env = {}, cwd = folder } = {}) {
      const PATH = [...bins, process.env.PATH].join(delimiter);
      try {
        const { stdout } = await exec(command, args, { cwd, env: { ...process.env, NO_COLOR: "1", ...env, PATH }, maxBuffer: 2 ** 26, timeout: 240_000 });
        return stdout.trim();
      } catch (error) {
        throw new Error(`${name}: "${command} ${args.join(" ")}" failed\n${error.stdout ?? ""}${error.stderr ?? error}`, { cause: error });
      }
    },
  };
}

/** Installs the consumer's own dependencies from its lock file, if the lock file has changed since the last run. */
async function installed(name, folder) {
  const source = join(root, "tests/package/consumers", name);
  if (!existsSync(source)) return;
  await cp(source, folder, { recursive: true });
  const lock = await readFile(join(source, "package-lock.json"));
  const stamp = join(folder, "node_modules", ".stamp");
  const hash = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === hash) return;
  await exec("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, maxBuffer: 2 ** 26, timeout: 240_000 });
  await writeFile(stamp, hash);
}
