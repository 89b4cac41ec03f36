// The real gate in plain workerd, as `target/worker/` has it: in front of any app, with any CAS server.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Trouble, root } from "../setup.mjs";
import { forgetEmptyObjects } from "./gate_state.mjs";
import { canonical } from "./policy.mjs";
import { holderOf } from "./ports.mjs";
import { answers, childrenOf, spawnPart } from "./process.mjs";

/** workerd holds three files for each live object, such as a person's; a common limit of 1024 would end at some 300. */
const RAISE = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$0" "$@"';

/**
 * V8 counts its own objects alone, and those of workerd behind them are many times larger: by itself it collects the first old garbage
 * at hundreds of megabytes. So it begins at 8 MB, and goes on by what is in use. Young garbage may grow to 16 MB, because a live
 * session's request then costs a tenth less of the processor than with V8's own 1 MB.
 */
const V8_FLAGS = ["--initial-old-space-size=8", "--min-semi-space-size=16", "--max-semi-space-size=16"];

/** The module of the bundle that holds the policy. */
const POLICY_MODULE = "policy.mjs";

const SUPERVISE = join(root, "tests", "parts", "gate", "supervise.mjs");

export const supports = { keepsState: true };

/**
 * @param {object} options
 * @param {string} options.cas          base address of the CAS server, as browsers reach it
 * @param {string} [options.casValidate] the same server as the gate reaches it
 * @param {string} options.origin       the app: `http://host:port`; it sees the gate's own host
 * @param {Record<string, string>} [options.origins] more apps: a policy names them `binding:NAME`
 * @param {Record<string, string>} [options.workers] Workers, each a module's text, as apps: a policy names them `binding:NAME`
 * @param {string[]} [options.v8Flags] for workerd's JavaScript engine, in place of {@link V8_FLAGS}
 * @param {string} [options.outbound]   a Worker in the place of the network, to which all requests by address go; it has the network
 * @param {string | ((port: number) => string)} [options.policy] a policy's file, or its text; it takes the place of the policy in the bundle
 * @param {number} [options.port]       0 for any
 * @param {string} [options.publicUrl]  what people type; by default `http://localhost:PORT`
 * @param {string} [options.portal]     the address of the portal, or its host at the same port, such as `portal.localhost`
 * @param {string} [options.stateDir]   where keys and sessions are kept; by default gone with the gate
 * @param {Record<string, string>} [options.env] variables of the Worker
 * @param {(line: string) => void} [options.onLine] gets each line of workerd's log, and a sentence for each end of it
 * @param {string} [options.worker]     the folder with `entry.mjs` and its wasm
 */
export async function start({ cas, casValidate, origin, origins = {}, workers = {}, outbound, v8Flags = V8_FLAGS, policy = "", port = 0, publicUrl, portal, stateDir, env = {}, onLine, worker = join(root, "target", "worker") }) {
  if (!existsSync(join(worker, "entry.mjs"))) throw new Trouble("the gate is not built yet.", "Run: cargo xtask build worker");
  const own = stateDir ? undefined : mkdtempSync(join(tmpdir(), "portcullis-gate-"));
  const state = stateDir ?? own;
  const objects = join(state, "objects");
  mkdirSync(objects, { recursive: true, mode: 0o700 });
  const socket = await bind(port);
  const at = socket.address().port;
  const url = publicUrl ?? `http://localhost:${at}`;
  const portalUrl = portal?.includes("://") ? portal : portal && `http://${portal}:${at}`;
  const json = await canonical(typeof policy === "function" ? policy(at) : policy).catch((error) => {
    socket.close();
    throw error;
  });
  const apps = { ORIGIN: origin, ...origins };
  const variables = {
    CAS_URL: cas,
    ...(casValidate && { CAS_VALIDATE_URL: casValidate }),
    PUBLIC_URL: url,
    ORIGIN_URL: "binding:ORIGIN",
    BINDING_ADDRESSES: JSON.stringify(Object.fromEntries(Object.entries(apps).map(([name, address]) => [name, new URL(address).origin]))),
    ...(portalUrl && { PORTAL_URL: portalUrl }),
    PEER: "socket",
    TICKET_OBJECTS: "16",
    ...keys(join(state, "keys.json")),
    ...env,
  };
  const config = join(state, "gate.capnp");
  // Secrets reach workerd by its environment, never by a file that others could read.
  const secrets = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`PORTCULLIS_VAR_${name}`, value]));
  // workerd begins with the first module of its list.
  const modules = readdirSync(worker).filter((name) => /\.(mjs|wasm)$/.test(name) && name !== POLICY_MODULE).sort((a, b) => Number(b === "entry.mjs") - Number(a === "entry.mjs"));
  for (const file of modules) copyFileSync(join(worker, file), join(state, file));
  writeFileSync(join(state, POLICY_MODULE), `export default ${JSON.stringify(json)};\n`);
  modules.push(POLICY_MODULE);
  writeFileSync(config, capnp(modules, Object.keys(variables), apps, { workers, outbound, v8Flags, objects }));
  await forgetEmptyObjects(objects);
  let part;
  try {
    const started = spawnPart({
      name: "the gate (workerd)",
      command: "sh",
      args: ["-c", RAISE, process.execPath, SUPERVISE, join(root, "node_modules", ".bin", "workerd"), "serve", "--socket-fd=http=3", config],
      env: secrets,
      fds: [socket._handle.fd],
      onLine,
      ready: () => answers(`http://127.0.0.1:${at}/.portcullis/health`, { host: new URL(portalUrl ?? url).host }),
    });
    socket.close(); // the child has its own copy, so the port is never free in between
    part = await started;
  } catch (error) {
    socket.close();
    if (own) rmSync(own, { recursive: true, force: true });
    throw error;
  }
  return {
    url,
    portalUrl,
    address: `http://127.0.0.1:${at}`,
    supports,
    logs: part.logs,
    stateDir: state,
    /** The processes of workerd just now; a test that ends them sees the supervisor start others. */
    workerd: () => childrenOf(part.child.pid),
    async [Symbol.asyncDispose]() {
      await part.stop();
      if (own) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** A listening socket that the gate inherits: no other process can take the port in between. */
async function bind(port) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
    throw new Trouble(`port ${port} is taken (${holderOf(port)}).`, "The gate needs it. Stop that process, or choose another with --port.");
  }
  return server;
}

/** Keys of this gate: made once, readable by this user alone. */
function keys(file) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const made = {
    PORTCULLIS_KEYS: randomBytes(32).toString("base64url"),
    PORTCULLIS_ID_KEY: randomBytes(32).toString("base64url"),
    PORTCULLIS_SIGNING_KEYS: JSON.stringify([{ ...jwk, kid: randomBytes(6).toString("hex") }]),
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

const quote = (text) => JSON.stringify(text);

/** The namespaces of Durable Objects: binding, class, and the key under which workerd keeps them. */
const OBJECTS = [
  ["TICKETS", "TicketDo", "portcullis-ticket-v1"],
  ["PERSONS", "PersonDo", "portcullis-person-v1"],
  ["DIRECTORY", "DirectoryDo", "portcullis-directory-v1"],
  ["ANCHOR", "AnchorDo", "portcullis-anchor-v1"],
];

/** The configuration of workerd. `external` services keep the public Host for the app. */
function capnp(modules, variables, apps, { workers, outbound, v8Flags, objects }) {
  const bound = (name, text, net) => `    (name = ${quote(name)}, worker = (modules = [(name = "worker.mjs", esModule = ${quote(text)})], compatibilityDate = "2026-07-01", globalOutbound = ${quote(net)})),`;
  const service = ([name, address]) => {
    const { protocol, hostname, port } = new URL(address);
    const tls = protocol === "https:";
    const at = `${hostname}:${port || (tls ? 443 : 80)}`;
    const how = tls ? `https = (options = (), tlsOptions = (trustBrowserCas = true), certificateHost = ${quote(hostname)})` : "http = ()";
    return `    (name = ${quote(`app-${name}`)}, external = (address = ${quote(at)}, ${how})),`;
  };
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "gate", worker = .gate),
    (name = "${outbound ? "world" : "net"}", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
${outbound ? bound("net", outbound, "world") : ""}
${Object.entries(workers).map(([name, text]) => bound(`app-${name}`, text, "net")).join("\n")}
${Object.entries(apps).map(service).join("\n")}
    (name = "objects", disk = (path = ${quote(objects)}, writable = true)) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "gate") ] );
const gate :Workerd.Worker = (
  modules = [
${modules.map((name) => `    (name = ${quote(name)}, ${name.endsWith(".wasm") ? "wasm" : "esModule"} = embed ${quote(name)}),`).join("\n")} ],
  compatibilityDate = "2026-07-01",
  bindings = [
${variables.map((name) => `    (name = ${quote(name)}, fromEnvironment = ${quote(`PORTCULLIS_VAR_${name}`)}),`).join("\n")}
${Object.keys({ ...apps, ...workers }).map((name) => `    (name = ${quote(name)}, service = ${quote(`app-${name}`)}),`).join("\n")}
${OBJECTS.map(([name, className]) => `    (name = ${quote(name)}, durableObjectNamespace = ${quote(className)}),`).join("\n")} ],
  globalOutbound = "net",
  durableObjectNamespaces = [
${OBJECTS.map(([, className, uniqueKey]) => `    (className = ${quote(className)}, uniqueKey = ${quote(uniqueKey)}, enableSql = true),`).join("\n")} ],
  durableObjectStorage = (localDisk = "objects") );
`;
}
