// `npm run gate -- --cas URL --origin URL [--port N] [--public-url URL] [--portal-url URL] [--policy FILE]`: the real gate in local workerd.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { hold } from "./parts/ports.mjs";
import { Trouble, fail, need, root, withPackagedNode } from "./setup.mjs";

const USAGE = `Use: npm run gate -- --cas URL --origin URL [--port N] [--public-url URL] [--portal-url URL] [--policy FILE] [--app NAME=URL]

  --cas URL          the CAS server, for example https://cas.example.org/cas
  --cas-validate URL the address at which this machine reaches that server, if it differs
  --origin URL       the app, for example http://127.0.0.1:8000
  --app NAME=URL     one more app; a policy names it "binding:NAME"
  --port N           the port of the gate on 127.0.0.1; default 8787
  --public-url URL   the address that people type; default http://localhost:N
  --portal-url URL   a host of its own for the pages of a second factor, for example http://portal.localhost:N
  --policy FILE      rules in TOML or JSON; without one every page requires a sign-in`;

function usage(what) {
  console.error(`portcullis: ${what}\n${USAGE}`);
  process.exit(2);
}

function read() {
  let values;
  try {
    const text = { type: "string" };
    ({ values } = parseArgs({ options: { cas: text, "cas-validate": text, origin: text, port: text, "public-url": text, "portal-url": text, policy: text, app: { type: "string", multiple: true }, help: { type: "boolean" } } }));
  } catch (error) {
    usage(error.message.split(". ")[0] + ".");
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (!values.cas) usage("--cas is missing: which CAS server signs people in?");
  if (!values.origin) usage("--origin is missing: which app is behind the gate?");
  const app = (name, value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search || url.hash) usage(`${name} must be http://host:port without a path, not "${value}".`);
    return url.origin;
  };
  const port = Number(values.port ?? 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) usage(`--port must be a number from 0 to 65535, not "${values.port}".`);
  if (values.policy && !existsSync(values.policy)) usage(`--policy: there is no file "${values.policy}".`);
  const origins = {};
  for (const pair of values.app ?? []) {
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(pair) ?? usage(`--app must be NAME=URL with a name in capitals, not "${pair}".`);
    origins[name] = app("--app", value);
  }
  return { cas: values.cas, casValidate: values["cas-validate"], origin: app("--origin", values.origin), origins, port, publicUrl: values["public-url"] && app("--public-url", values["public-url"]), portal: values["portal-url"] && app("--portal-url", values["portal-url"]), policy: values.policy };
}

let shown = true;
/** Prints the gate's log, one JSON object a line. During the start it prints nothing: problems become sentences below. */
const show = (line) => shown && line && console.log(line);

try {
  const options = read();
  shown = false;
  await withPackagedNode();
  // Report a taken port before the long build, not after it.
  if (options.port) await (await hold(options.port, "127.0.0.1", () => {}, "The gate", "Stop that process, or choose another with --port.")).close();
  await need("npm", "rust", "wasm");
  await need("build:worker");
  // A later start with the same arguments finds its keys and sessions again.
  const name = createHash("sha256").update(JSON.stringify([options.cas, options.origin, options.port, options.publicUrl])).digest("hex").slice(0, 16);
  const stateDir = join(root, "target", "gate-state", name);
  mkdirSync(stateDir, { recursive: true });
  const { start } = await import("./parts/gate.mjs");
  const gate = await start({ ...options, stateDir, onLine: show });
  const health = await fetch(`${gate.address}/.portcullis/health`, { headers: { host: new URL(gate.url).host } });
  if (health.status === 503) {
    const problems = gate.logs(100).split("\n").filter((line) => line.includes("NOT_CONFIGURED")).map((line) => JSON.parse(line.slice(line.indexOf("{"))));
    await gate[Symbol.asyncDispose]();
    throw new Trouble("the gate cannot serve with these settings.", [...new Set(problems.map(({ setting, problem }) => `${setting}: ${problem}`))].join("\n"));
  }
  shown = true;
  console.log(`The gate runs at ${gate.url}\n  before   ${options.origin}\n  CAS      ${options.cas}\n  policy   ${options.policy ?? "every page requires a sign-in"}\n  sessions are kept in ${stateDir}\nCtrl-C ends it.`);
  const stop = async () => {
    await gate[Symbol.asyncDispose]();
    process.exit(0);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
} catch (error) {
  fail(error);
}
