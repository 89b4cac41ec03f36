// Helpers for the tests of this folder: a gate before a small app, a CAS server, and a simple HTTP client with cookies.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";

/** An app that records its requests. By default it answers with the request as JSON. */
export async function app(handler = (seen, response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen))) {
  const requests = [];
  const server = createServer((incoming, response) => {
    const headers = [];
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) headers.push([incoming.rawHeaders[at].toLowerCase(), incoming.rawHeaders[at + 1]]);
    const seen = { method: incoming.method, url: incoming.url, headers, get: (name) => headers.find(([known]) => known === name)?.[1] };
    requests.push(seen);
    handler(seen, response, incoming);
  });
  const sockets = new Set(); // the server does not close the sockets of WebSockets
  server.on("connection", (socket) => sockets.add(socket.once("close", () => sockets.delete(socket))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
}

/** A gate with a CAS server and an app, stopped together. */
export async function testbed({ policy, handler, cas = {}, gate = {}, apps = {} } = {}) {
  const theCas = await demoCas.start(cas);
  const theApp = await app(handler);
  const theGate = await gatePart.start({ cas: theCas.url, origin: theApp.url, policy, origins: apps, ...gate });
  return {
    cas: theCas,
    app: theApp,
    gate: theGate,
    url: theGate.url,
    browser: () => new Browser(theGate.url),
    async [Symbol.asyncDispose]() {
      await theGate[Symbol.asyncDispose]();
      await theApp[Symbol.asyncDispose]();
      await theCas[Symbol.asyncDispose]();
    },
  };
}

/** Runs `work` with a testbed. When it fails, prints the gate's log. */
export async function within(options, work) {
  const w = await testbed(options);
  try {
    await work(w);
  } catch (error) {
    console.error(w.gate.logs());
    throw error;
  } finally {
    await w[Symbol.asyncDispose]();
  }
}

/** Waits for a line in the gate's log, which may come through its pipe a little later than the answer. */
export async function logged(gate, pattern) {
  const deadline = Date.now() + 10_000;
  while (!pattern.test(gate.logs(400)) && Date.now() < deadline) await sleep(20);
  assert.match(gate.logs(400), pattern);
}

/**
 * One request with Node's HTTP client, because `fetch` would add Sec-Fetch headers, change paths and decompress bodies.
 * The answer is like a `Response`. `path` is sent unchanged.
 */
export function send(url, { method = "GET", headers = {}, body, path } = {}) {
  const { hostname, port, host, pathname, search } = new URL(url);
  return new Promise((done, broken) => {
    const outgoing = request({ host: hostname.endsWith("localhost") ? "127.0.0.1" : hostname, port, method, path: path ?? pathname + search, headers: { host, ...headers }, agent: false }, async (incoming) => {
      try {
        const chunks = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const bytes = Buffer.concat(chunks);
        const raw = incoming.rawHeaders;
        const list = Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at].toLowerCase(), raw[2 * at + 1]]);
        const all = (name) => list.filter(([known]) => known === name).map(([, value]) => value);
        done({
          status: incoming.statusCode,
          headers: { get: (name) => all(name)[0] ?? null, getSetCookie: () => all("set-cookie"), list },
          bytes,
          text: async () => bytes.toString(),
          json: async () => JSON.parse(bytes),
        });
      } catch (error) {
        broken(error);
      }
    });
    outgoing.once("error", broken);
    outgoing.end(body);
  });
}

/** An HTTP client with cookies for the gate's host. It follows no redirect, and sends the headers of a page load. */
export class Browser {
  cookies = new Map();
  constructor(url) {
    this.url = url;
  }
  async get(path, options = {}) {
    return this.fetch(path, options);
  }
  async fetch(path, { headers = {}, page = true, method = "GET", body } = {}) {
    const list = page ? { accept: "text/html", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "sec-fetch-site": "none" } : {};
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await send(new URL(path, this.url), { method, headers: { ...list, ...(cookie && { cookie }), ...headers }, body });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(set);
      if (/max-age=0/i.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
  get session() {
    return [...this.cookies].find(([name]) => /^portcullis(-\d+)?$/.test(name))?.[1];
  }
}

/** Lets newcomers fail at a CAS server that is away until the gate asks it no more; returns their call-backs. */
export async function untilOpen(w, user) {
  const landings = [];
  for (let n = 0; n < 10; n++) {
    const browser = w.browser();
    if ((await browser.get("/page")).status === 503) return landings;
    const { callback } = await toTicket(w, browser, user);
    const { status } = await browser.get(callback);
    assert.ok([302, 503].includes(status) && !browser.session, `a newcomer got ${status}`);
    landings.push({ callback, browser, name: user });
  }
  throw new Error("the circuit of the CAS server stayed closed");
}

/** Waits until the gate asks the CAS server again, and signs the one person in whose try closes the circuit. */
export async function untilClosed(w, user) {
  const end = Date.now() + 20_000;
  const browser = w.browser();
  while ((await browser.get("/page")).status === 503) {
    assert.ok(Date.now() < end, "the circuit closes when the server is back");
    await sleep(100);
  }
  await signIn(w, browser, user);
}

/** Goes to a page and signs in, up to the address of the call-back with its ticket, which is not called yet. */
export async function toTicket(w, browser, user = "ann", path = "/") {
  const first = await browser.get(path);
  if (first.status !== 302) throw new Error(`${path}: expected a redirect to sign in, got ${first.status}`);
  const login = new URL(first.headers.get("location"));
  const service = login.searchParams.get("service");
  const ticket = await w.cas.ticket(user, service);
  return { service, ticket, callback: `${service}?ticket=${ticket}`, login };
}

/** Signs in; returns the answer of the call-back. */
export async function signIn(w, browser, user = "ann", path = "/") {
  const { callback } = await toTicket(w, browser, user, path);
  const landed = await browser.get(callback);
  if (landed.status !== 303) throw new Error(`call-back: expected 303, got ${landed.status}: ${await landed.text()}`);
  return landed;
}
