// The only installer. It checks whether each thing is there, installs it if not, and then writes a file under `target/setup`, so
// that the next run only looks for that file. It imports only Node's own modules, because it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, appendFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const setupDir = join(root, "target", "setup");
const python = join(root, "tests", "parts", "python");
mkdirSync(setupDir, { recursive: true });

/** A problem that the reader can solve: one sentence and the remedy, printed without a stack. */
export class Trouble extends Error {
  constructor(what, remedy) {
    super(`portcullis: ${what}\n${remedy}`);
  }
}

/** Prints a `Trouble` as its sentences and any other error with its stack; exits with code 1. */
export function fail(error) {
  console.error(error instanceof Trouble ? error.message : error);
  process.exit(1);
}

// A step that took no second prints no line: it was there already.
let report = (what, seconds) => seconds > 0 && console.log(`portcullis: ${what} … ${seconds} s`);
let showOutput = process.stdout.isTTY;
/**
 * Shows the steps through `callback` instead. It gets (what) at the start of a step, (what, undefined, line) for each line that
 * the step prints, and (what, seconds) at its end.
 */
export function reportTo(callback) {
  report = callback;
  showOutput = false;
}

export const hash = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
const stampOf = (name, key) => join(setupDir, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}-${key}`);

export function onPath(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
}

// A whole cold build, or the first `npm start`, may print nothing for a long time on a slow machine.
const SILENT_MINUTES = Number(process.env.PORTCULLIS_SILENT_MINUTES ?? 25);

/**
 * Passes on what a process prints until it ends, and returns its exit code. A process that prints nothing for a long time is
 * killed; the result then has no code but `hung`, the sentence to print.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @param {(chunk: string, stream: "stdout" | "stderr") => void} take
 * @returns {Promise<{ code?: number, hung?: string }>}
 */
export async function ended(child, take) {
  let hung;
  const silent = () => {
    const busy = childrenOf(child.pid).map((args) => `\nIt was running: ${args}`).join("");
    hung = `"${child.spawnargs.join(" ").slice(0, 200)}" printed nothing for ${SILENT_MINUTES} minutes and was killed.${busy}`;
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
  };
  const timer = setTimeout(silent, SILENT_MINUTES * 60_000);
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (chunk) => {
      timer.refresh();
      take(chunk, stream);
    });
  }
  // A child that it left running may keep its output open for ever. Do not wait for that.
  child.once("exit", () => setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), 10_000).unref());
  try {
    const code = await new Promise((done, broken) => child.once("error", broken).once("close", done));
    return hung ? { hung } : { code };
  } finally {
    clearTimeout(timer);
  }
}

/** The commands of a process's children, where the system tells (Linux). Node's test runner starts one for each file. */
function childrenOf(pid) {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/);
    return pids.map((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").split("\0").filter((word) => !word.startsWith("--")).join(" ").trim());
  } catch {
    return [];
  }
}

/** Runs a command; its output goes to a log file and, dimmed, to a terminal. Rejects with the last lines. */
export async function run(command, args, { cwd = root, env = {}, log = "setup.log", quiet = false, step } = {}) {
  const file = join(setupDir, log);
  const text = `$ ${command} ${args.join(" ")}\n`;
  appendFileSync(file, text);
  const show = showOutput && !quiet;
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  const take = (chunk) => {
    appendFileSync(file, chunk);
    tail = (tail + chunk).slice(-6_000);
    if (show) process.stdout.write(`\x1b[2m${chunk}\x1b[0m`);
    else if (step) report(step, undefined, chunk.trimEnd().split("\n").at(-1).trim());
  };
  const { code, hung } = await ended(child, take);
  if (hung) throw new Trouble(hung, `${tail}\nThe whole output is in ${file}`);
  if (code !== 0) throw new Trouble(`"${command} ${args.join(" ")}" ended with ${code}.`, `${tail}\nThe whole output is in ${file}`);
}

// Several test files may need the same thing at once: the first installs, the others wait. The lock of a killed process is removed.
export async function locked(name, work) {
  const lock = stampOf(name, "lock");
  for (let told = false, began = Date.now(); ; ) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const { holder, ageMs } = heldBy(lock);
    if (holder ? !lives(holder) : ageMs > 60_000) rmSync(lock, { recursive: true, force: true });
    else if (!told && Date.now() - began > 5_000) {
      told = true;
      console.log(`portcullis: waiting for process ${holder ?? "(unknown)"}, which installs ${name}`);
    }
    await sleep(200);
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

function heldBy(lock) {
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  let holder;
  try {
    holder = Number(readFileSync(join(lock, "pid"), "utf8"));
  } catch {
    // The holder has not written its pid yet, or has just removed the lock.
  }
  return { holder, ageMs: Date.now() - made };
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM"; // It runs and belongs to another user.
  }
}

/**
 * Installs what is not there, once for each `key`; several processes may ask at the same time.
 *
 * @param {() => boolean} present looks whether it still is there
 */
export async function once(name, key, what, present, install) {
  const stamp = stampOf(name, key);
  const fresh = () => existsSync(stamp) && present();
  if (fresh()) return;
  await locked(name, async () => {
    if (fresh()) return;
    const began = Date.now();
    report(what);
    await install();
    writeFileSync(stamp, "");
    report(what, Math.round((Date.now() - began) / 1000));
  });
}

/** `npm ci` in a folder that has a lock file. It runs again only when the lock file has changed. */
export async function npmCi(folder, what = `npm packages of ${folder}`) {
  const lock = readFileSync(join(root, folder, "package-lock.json"), "utf8");
  const present = () => existsSync(join(root, folder, "node_modules"));
  await once(`npm-${folder}`, hash(lock), what, present, () =>
    run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: join(root, folder), log: "npm.log" }),
  );
}

/** The Python interpreter of a part's own environment, which `need("venv:NAME")` creates. */
export function venvPython(name) {
  const requirements = readFileSync(join(python, name, "requirements.txt"), "utf8");
  return join(setupDir, `venv-${name}-${hash(requirements)}`, "bin", "python");
}

async function venv(name) {
  const interpreter = venvPython(name);
  const folder = dirname(dirname(interpreter));
  await once(`venv-${name}`, hash(folder), `Python environment ${name}`, () => existsSync(interpreter), async () => {
    if (!onPath("python3")) throw new Trouble("the tests need Python 3.", "Install python3 with its venv module, then run this again.");
    rmSync(folder, { recursive: true, force: true });
    await run("python3", ["-m", "venv", folder], { log: "venv.log" });
    await run(interpreter, ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", join(python, name, "requirements.txt")], { log: "venv.log" });
  });
}

export const chromiumPath = () =>
  process.env.CHROMIUM ?? ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].map(onPath).find(Boolean);
export const chromedriverPath = () => process.env.CHROMEDRIVER ?? ["chromedriver", "chromium.chromedriver"].map(onPath).find(Boolean);

/** Programs that Debian brings. Elsewhere, and without root, they must be there already. */
const canInstall = () => process.getuid?.() === 0 && Boolean(onPath("apt-get"));

async function fromDebian(what, packages, present, trouble) {
  if (present()) return;
  if (!canInstall()) throw trouble;
  await locked(`apt-${packages[0]}`, async () => {
    if (present()) return;
    const began = Date.now();
    report(what);
    const apt = (...words) => run("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...words], { log: "apt.log", env: { DEBIAN_FRONTEND: "noninteractive" } });
    await apt("update", "-qq");
    await withoutServices(() => apt("install", "-y", "-qq", "--no-install-recommends", ...packages));
    if (!present()) throw trouble;
    report(what, Math.round((Date.now() - began) / 1000));
  });
}

/** Debian starts what it installs, a web server on port 80 for one; where this file says 101 it does not. */
async function withoutServices(work) {
  const file = "/usr/sbin/policy-rc.d";
  if (existsSync(file)) return work();
  writeFileSync(file, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const remove = () => rmSync(file, { force: true });
  process.once("exit", remove);
  try {
    await work();
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function chromium() {
  const remedy = "Install Chromium and its driver (Debian: apt-get install chromium chromium-driver), or name them in CHROMIUM and CHROMEDRIVER.";
  const trouble = new Trouble("the browser tests need Chromium and chromedriver.", remedy);
  await fromDebian("Chromium", ["chromium", "chromium-driver"], () => chromiumPath() && chromedriverPath(), trouble);
}

/** What the interop tests and the benchmarks take from Debian, by the package's name: how it is found, and what it is for. */
const debian = {
  "libapache2-mod-auth-cas": { find: () => apacheWith("auth_cas"), what: "Apache with mod_auth_cas", more: ["apache2"] },
  "libapache2-mod-auth-openidc": { find: () => apacheWith("auth_openidc"), what: "Apache with mod_auth_openidc", more: ["apache2"] },
  "nginx-light": { find: () => inSbin("nginx"), what: "nginx" },
  oathtool: { find: () => onPath("oathtool"), what: "oathtool" },
  "php-cli": { find: () => onPath("php"), what: "PHP" },
  "samba-ad-dc": { find: () => onPath("samba-tool") && inSbin("samba"), what: "Samba", more: ["samba", "samba-ad-provision"] },
};
const inSbin = (name) => onPath(name) ?? [`/usr/sbin/${name}`].find((path) => existsSync(path));
const apacheWith = (module) => (existsSync(`/usr/lib/apache2/modules/mod_${module}.so`) ? inSbin("apache2") : undefined);
export const debianPath = (name) => debian[name].find();
/** Why this machine cannot have it, in one line; nothing where it can. */
export const debianMissing = (name) => (debianPath(name) || canInstall() ? undefined : `${debian[name].what} is not here, and without root it cannot be installed (Debian: apt-get install ${name})`);

async function debianPackage(name) {
  const { find, what, more = [] } = debian[name];
  await fromDebian(what, [name, ...more], () => Boolean(find()), new Trouble(`the tests need ${what}.`, `Debian: apt-get install ${name}`));
}

function rust() {
  if (!onPath("cargo") || !onPath("rustup")) {
    throw new Trouble("building needs Rust.", "Install it with rustup (https://rustup.rs), open a new terminal, then run this again.");
  }
}

async function wasm() {
  rust();
  const installed = spawnSync("rustup", ["target", "list", "--installed"], { cwd: root, encoding: "utf8" });
  if (installed.stdout?.split("\n").includes("wasm32-unknown-unknown")) return;
  report("Rust's WebAssembly target");
  const began = Date.now();
  await run("rustup", ["target", "add", "wasm32-unknown-unknown"], { log: "rustup.log" });
  report("Rust's WebAssembly target", Math.round((Date.now() - began) / 1000));
}

async function driver() {
  rust();
  // Only the first build is slow. `cargo xtask` itself builds it again when its sources have changed.
  if (existsSync(join(root, "target", "debug", "xtask"))) return;
  const began = Date.now();
  report("build driver");
  await run("cargo", ["build", "-p", "xtask"], { log: "cargo.log", step: "build driver" });
  report("build driver", Math.round((Date.now() - began) / 1000));
}

/** The command that checks policies, which also converts them for the Worker. Cargo looks whether it is fresh. */
async function policyCommand() {
  rust();
  const began = Date.now();
  report("check-policy");
  await run("cargo", ["build", "--quiet", "--locked", "-p", "gate", "--example", "check_policy"], { log: "cargo.log", step: "check-policy", env: { CARGO_TARGET_DIR: join(root, "target") } });
  report("check-policy", Math.round((Date.now() - began) / 1000));
}

const buildNames = {
  js: "the npm package, with the core as WebAssembly",
  worker: "the gate, with the core as WebAssembly",
  www: "the authenticator",
  start: "the gate and the authenticator",
};

async function build(what) {
  await driver();
  const began = Date.now();
  report(buildNames[what]);
  await run("cargo", ["xtask", "build", what], { log: "build.log", step: buildNames[what] });
  report(buildNames[what], Math.round((Date.now() - began) / 1000));
}

const MUTANTS = "27.1.0";
/** cargo-mutants, made by `need("mutants")`. */
export const mutantsPath = join(setupDir, `cargo-mutants-${MUTANTS}`, "bin", "cargo-mutants");

const mutants = () =>
  once("mutants", MUTANTS, "cargo-mutants", () => existsSync(mutantsPath), () =>
    run("cargo", ["install", "--quiet", "--locked", "--version", MUTANTS, "--root", dirname(dirname(mutantsPath)), "cargo-mutants"], {
      log: "cargo.log",
      env: { CARGO_TARGET_DIR: join(setupDir, "cargo-mutants-build") },
    }),
  );

const needs = {
  npm: () => npmCi(".", "npm packages"),
  tests: () => npmCi("tests", "npm packages of the tests"),
  bench: () => npmCi("tests/bench", "npm packages of the benchmarks"),
  rust: async () => rust(),
  wasm,
  driver,
  chromium,
  policy: policyCommand,
  mutants,
  tomcat: async () => (await import("./parts/java/install.mjs")).install(),
  apereo: async () => (await import("./parts/apereo/install.mjs")).install(),
};

/**
 * Makes sure that something is there: "npm", "tests", "bench" (npm packages), "rust", "wasm" (its target), "driver"
 * (the compiled build driver), "policy" (the command check-policy), "chromium", "mutants" (cargo-mutants), "apereo" (Apereo CAS's jars), "tomcat" (Tomcat's jars), "debian:NAME" (a package of Debian), "venv:NAME" (a Python environment), "build:js" | "build:worker" | "build:www",
 * "build:start" (what `npm start` serves).
 */
export async function need(...names) {
  for (const name of names) {
    const [kind, rest] = name.split(":");
    if (kind === "venv") await venv(rest);
    else if (kind === "debian") await debianPackage(rest);
    else if (kind === "build") await build(rest);
    else if (needs[kind]) await needs[kind]();
    else throw new Error(`need("${name}"): no such need`);
  }
}

/** wrangler and the tests need Node 22; on an older Node this runs the program again with the Node of the npm package `node`. */
export async function withPackagedNode() {
  if (Number(process.versions.node.split(".")[0]) >= 22) return;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Trouble(`Node ${process.versions.node} is too old.`, "Install Node 20.19 or newer, then run this again.");
  await need("npm");
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: bin + delimiter + process.env.PATH };
  const child = spawn(join(bin, "node"), process.argv.slice(1), { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  process.exit(await new Promise((done) => child.once("close", (code) => done(code ?? 1))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) need(...process.argv.slice(2)).catch(fail);
