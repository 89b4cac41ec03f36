// `npm start`: installs what is missing, builds, and serves everything on loopback. Ctrl-C stops all of it.
import { mkdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { hold } from "./parts/ports.mjs";
import { fail, need, reportTo, root, run, withPackagedNode } from "./setup.mjs";

const USAGE = "Use: npm start [-- --ports N]   uses four ports, N to N + 3; default 8787";

function usage(what) {
  console.error(`portcullis: ${what}\n${USAGE}`);
  process.exit(2);
}

let options;
try {
  options = parseArgs({ options: { ports: { type: "string", default: "8787" }, help: { type: "boolean" } } }).values;
} catch (error) {
  usage(`${error.message.split(". ")[0]}.`);
}
const base = Number(options.ports);
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!Number.isInteger(base) || base < 1024 || base > 65_000) usage("--ports must be a number from 1024 to 65000.");
const PORTAL = "portal.localhost"; // browsers resolve it to this machine
const ports = { gate: base, authenticator: base + 1, cas: base + 2, app: base + 3 };
const steps = ["npm packages", "build driver", "the gate and the authenticator", "starting"];
let at = 1;

const building = (request, response) => {
  const doing = `step ${at} of ${steps.length}: ${steps[at - 1]}`;
  response.writeHead(503, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "retry-after": "2" });
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Building Portcullis</title>
<style>:root{color-scheme:light dark}body{font:16px/24px system-ui,sans-serif;max-width:28rem;margin:20vh auto;padding:0 16px}progress{width:100%;accent-color:#0b6b63}</style>
<h1 style="font-size:20px">Portcullis is being built.</h1><p>This is ${doing}. The page opens by itself when it is ready; the first time takes a minute or two.</p>
<progress max="${steps.length}" value="${at - 1}"></progress></html>`);
};

/** Shows the steps: on a terminal one line that is redrawn, elsewhere one line for each step of a second or more. Returns a function that stops it. */
function progress() {
  const running = new Map(); // each step that runs: when it began, and the last line that it printed
  const tty = process.stdout.isTTY;
  const draw = () => {
    const words = [...running].map(([what, { began, line }]) => `${what} ${Math.round((Date.now() - began) / 1000)} s${line && ` (${line})`}`);
    if (words.length) process.stdout.write(`\r\x1b[2K${`[${at}/${steps.length}] ${words.join(", ")}`.slice(0, process.stdout.columns - 1)}`);
  };
  const timer = tty ? setInterval(draw, 200) : undefined;
  reportTo((what, seconds, line) => {
    if (line !== undefined) {
      if (running.has(what)) running.get(what).line = line.replace(/^(xtask:|Compiling) /, "");
    } else if (seconds === undefined) {
      running.set(what, { began: Date.now(), line: "" });
      at = Math.max(at, steps.indexOf(what) + 1);
    } else {
      running.delete(what);
      if (!tty && seconds > 0) console.log(`[${steps.indexOf(what) + 1 || at}/${steps.length}] ${what} … ${seconds} s${seconds > 20 ? " (0 s next time)" : ""}`);
    }
  });
  return () => {
    clearInterval(timer);
    reportTo(() => {});
    if (tty) process.stdout.write("\r\x1b[2K");
  };
}

async function parts() {
  const load = (name) => import(`./parts/${name}.mjs`);
  const [cas, app, authenticator, gate] = await Promise.all(["demo_cas", "demo_app", "authenticator", "gate"].map(load));
  const publicUrl = `http://localhost:${ports.gate}`;
  // The objects remember the host of the pages of the factor, which must never change.
  const stateDir = join(root, "target", "start-portal");
  mkdirSync(stateDir, { recursive: true });
  const demoCas = await cas.start({ port: ports.cas });
  const demoApp = await app.start({ port: ports.app });
  const built = join(root, "target", "start");
  await authenticator.start({ port: ports.authenticator, folder: join(built, "www"), build: false });
  const startGate = () =>
    gate.start({ worker: join(built, "worker"), cas: demoCas.url, origin: demoApp.url, port: ports.gate, publicUrl, portal: PORTAL, stateDir, env: { AUTHENTICATOR_URL: `http://localhost:${ports.authenticator}` }, policy: readFileSync(join(built, "policy.json"), "utf8") });
  return { startGate, gate: await startGate(), casUrl: demoCas.url };
}

function say(casUrl) {
  console.log(`
Portcullis runs. Ctrl-C ends it.

  The gate, before a demo app   http://localhost:${ports.gate}
  Its portal for second factors http://${PORTAL}:${ports.gate}
  The authenticator             http://localhost:${ports.authenticator}
  A demo CAS server             ${casUrl}   (for development only)

Sign in as ann with the password ann, or as ben with ben. Then try:
  1. Open the gate's address: you are sent to the CAS server, sign in, and the app greets you by name.
  2. Open http://localhost:${ports.gate}/public in a private window: no one had to sign in.
  3. Open http://localhost:${ports.gate}/secret: it asks for a second factor, at the portal. Scan its QR with the authenticator, or paste the key there.
  4. Sign out at ${casUrl}/logout and reload the app: single logout has ended your session at the gate.
`);
}

/** Builds again after each change in the sources, and starts the gate again. */
function watchSources(running) {
  let timer;
  let last = Promise.resolve();
  const rebuild = async () => {
    try {
      console.log("A source changed: building again.");
      await run("cargo", ["xtask", "build", "start"], { log: "build.log" });
      await running.gate[Symbol.asyncDispose]();
      running.gate = await running.startGate();
      console.log("Ready again: reload the page.");
    } catch (error) {
      console.error(error.message);
    }
  };
  for (const folder of ["crates", join("worker", "src"), join("www", "src"), join("tests", "parts", "demo_policy.toml")]) {
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => (last = last.then(rebuild)), 300); // One build after the other: all of them replace the same gate.
    });
  }
}

try {
  // Report a taken port before the long build, not after it.
  const remedy = `Stop that process, or: npm start -- --ports ${base + 1000}`;
  const held = [
    await hold(ports.gate, "localhost", building, "The gate", remedy),
    await hold(ports.authenticator, "localhost", building, "The authenticator", remedy),
    await hold(ports.cas, "127.0.0.1", building, "The demo CAS server", remedy),
    await hold(ports.app, "127.0.0.1", building, "The demo app", remedy),
  ];
  const done = progress();
  // npm unpacks while cargo compiles.
  await Promise.all([need("npm"), need("wasm", "driver")]);
  if (Number(process.versions.node.split(".")[0]) < 22) {
    await Promise.all(held.map((server) => server.close())); // the newer Node takes the ports again at once
    await withPackagedNode();
  }
  await need("build:start");
  at = steps.length;
  done();
  await Promise.all(held.map((server) => server.close()));
  const running = await parts();
  say(running.casUrl);
  if (process.stdout.isTTY) watchSources(running);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
} catch (error) {
  fail(error);
}
