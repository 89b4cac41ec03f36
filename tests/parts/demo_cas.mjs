// A small CAS server with Node's own modules, for development and tests only: everyone can read its passwords. It listens on
// 127.0.0.1 only. A test can make it fail in many ways.
//   cas.fault({ delayMs, status, drop, html, truncate, oversizeBytes, namespace, redirect, refuse, body, contentType, times })
//   cas.hold() -> release    validations wait until `release()`      cas.validating()   resolves when the next one arrives
//   cas.signIn(user) -> "TGC=…"      cas.ticket(user, service)      cas.logout(user)      cas.down() / cas.up()
//   cas.validations(ticket), cas.requests, cas.issued, cas.logouts    what has happened so far
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import * as answers from "./demo_cas/answers.mjs";
import * as pages from "./demo_cas/pages.mjs";

const LOOPBACK = "127.0.0.1";
const TICKET_LIFE_MS = 10_000; // as at Apereo CAS
const TOLD_WITHIN_MS = 2_000; // how long the logout page waits for services that do not answer

// The attribute "user" must never become the person's name.
export const users = {
  ann: { password: "ann", attributes: { mail: "ann@example.org", displayName: "Ann Archer", memberOf: ["staff", "faculty & <admin>"], user: "evil" } },
  ben: { password: "ben", attributes: { mail: "ben@example.org", displayName: "Ben Ünïcode", memberOf: ["students"] } },
  zoe: { password: "zoe", attributes: { mail: "zoe@example.org", displayName: "Zoë Zimmer", memberOf: [] } },
};

/** What it can do, for the scenarios that run with every CAS server. A text says why it cannot. */
export const supports = {
  attributes: true,
  userAttribute: true,
  singleLogout: true,
  gateway: true,
  renew: true,
  json: true,
  cas1: true,
  postBack: true,
  faults: true,
  proxy: "the demo CAS server hands out proxy tickets to tests only",
  rest: "the demo CAS server has no REST API",
  saml: "the demo CAS server does not speak SAML 1.1",
};

const isLoopback = (service) => /^(.+\.)?localhost$|^127\.0\.0\.1$|^\[::1\]$/.test(new URL(service).hostname);
const printable = (text) => /^[\x21-\x7e]*$/.test(text);
const path = (service) => service.split(/[?;#]/)[0];
const withTicket = (service, ticket) => {
  const [, before, fragment] = /^([^#]*)(.*)$/s.exec(service);
  return `${before}${before.includes("?") ? "&" : "?"}ticket=${ticket}${fragment}`;
};

/**
 * @param {object} [options]
 * @param {number} [options.port]
 * @param {string} [options.host] nothing but 127.0.0.1
 * @param {Record<string, { password: string, attributes: Record<string, string | string[]> }>} [options.users]
 * @param {(service: string) => boolean} [options.services] which services are known; by default those on this machine
 * @param {"block" | "inline" | "both"} [options.style] how attributes are written in XML
 * @param {boolean} [options.onlyTrackMostRecent] like Apereo CAS: a new ticket revokes earlier ones of the same session and service path
 * @param {number} [options.ticketLifeMs]
 */
export async function start(options = {}) {
  const demo = new DemoCas(options);
  await demo.up();
  return demo;
}

class DemoCas {
  supports = supports;
  requests = []; // { method, path, query } of every request
  issued = []; // every ticket, in order
  logouts = []; // { ticket, service, status } of every single logout that was sent
  #sessions = new Map(); // cookie value -> { user, at, tickets: Set }
  #tickets = new Map(); // ticket -> { ticket, user, service, fresh, at, session, proxies }
  #spent = new Map(); // ticket -> how often it was validated
  #executions = new Set();
  #faults = [];
  #held = Promise.resolve();
  #arrivals = [];
  #lines = [];

  constructor({ port = 0, host = LOOPBACK, users: people = users, services = isLoopback, style = "block", onlyTrackMostRecent = false, ticketLifeMs = TICKET_LIFE_MS }) {
    if (host !== LOOPBACK) throw new Error(`The demo CAS server is for development only: it listens on ${LOOPBACK} and nowhere else, not on ${host}.`);
    Object.assign(this, { port, users: people, services, style, onlyTrackMostRecent, ticketLifeMs });
    const [user, { password, attributes }] = Object.entries(people)[0];
    this.person = { user, password, attributes };
  }

  get url() {
    return `http://${LOOPBACK}:${this.port}/cas`;
  }

  logs(last = 40) {
    return this.#lines.slice(-last).join("\n");
  }

  /** Listens; after `down()`, on the same port as before. */
  async up() {
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        this.#lines.push(String(error.stack));
        if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
        response.end("The demo CAS server has failed.\n");
      });
    });
    this.server.listen(this.port, LOOPBACK);
    await once(this.server, "listening");
    this.port = this.server.address().port;
  }

  /** Refuses every connection until `up()`. */
  async down() {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((done) => this.server.close(done));
  }

  async [Symbol.asyncDispose]() {
    await this.down();
  }

  // ── what a test asks for ──

  /** Makes the next `times` validations (by default all) fail; `at: "login"` is for the login page. Returns a function that stops it. */
  fault({ times = Infinity, at = "validate", ...what }) {
    const fault = { times, at, what };
    this.#faults.push(fault);
    return () => this.#faults.splice(0, this.#faults.length, ...this.#faults.filter((one) => one !== fault));
  }

  heal() {
    this.#faults.length = 0;
  }

  /** Validations wait until the returned function is called. */
  hold() {
    let release;
    this.#held = new Promise((done) => (release = done));
    return release;
  }

  /** Resolves when the next validation arrives. */
  validating() {
    return new Promise((done) => this.#arrivals.push(done));
  }

  validations(ticket) {
    return ticket === undefined ? [...this.#spent.values()].reduce((a, b) => a + b, 0) : (this.#spent.get(ticket) ?? 0);
  }

  /** Begins a single sign-on session without a browser, and returns the cookie to send to this server. */
  signIn(user = this.person.user) {
    const id = `TGT-${this.#sessions.size + 1}-${randomBytes(18).toString("hex")}`;
    this.#sessions.set(id, { user, at: new Date(), tickets: new Set() });
    return `TGC=${id}`;
  }

  /** Issues a ticket without a browser. With `proxies` it is a proxy ticket. */
  ticket(user, service, { fresh = true, cookie = this.signIn(user), proxies = [] } = {}) {
    return this.#issue(this.#sessions.get(cookie.replace("TGC=", "")), service, fresh, proxies);
  }

  /** Makes any text a valid ticket for this service: some servers use characters that the protocol does not allow. */
  plant(ticket, user, service) {
    const session = this.#sessions.get(this.signIn(user).replace("TGC=", ""));
    this.#tickets.set(ticket, { ticket, user, service, fresh: true, at: Date.now(), session, proxies: [] });
    session.tickets.add(ticket);
  }

  /** Ends every session of a person, and sends the services a logout request. */
  async logout(user = this.person.user) {
    const theirs = [...this.#sessions].filter(([, session]) => session.user === user);
    return (await Promise.all(theirs.map(([id]) => this.#end(id)))).flat();
  }

  // ── tickets and sessions ──

  #issue(session, service, fresh, proxies = []) {
    if (this.onlyTrackMostRecent) {
      for (const old of session.tickets) {
        if (path(this.#tickets.get(old).service) !== path(service)) continue;
        session.tickets.delete(old);
        this.#tickets.get(old).gone = true;
      }
    }
    const ticket = `${proxies.length ? "PT" : "ST"}-${this.issued.length + 1}-${randomBytes(20).toString("base64url").replaceAll("_", "x")}-demo`;
    this.#tickets.set(ticket, { ticket, user: session.user, service, fresh, at: Date.now(), session, proxies });
    session.tickets.add(ticket);
    this.issued.push(ticket);
    return ticket;
  }

  async #end(id) {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (!session) return [];
    return Promise.all([...session.tickets].map((ticket) => this.#tell(this.#tickets.get(ticket))));
  }

  async #tell(held) {
    held.gone = true; // a ticket that was not validated yet ends with its session
    const one = { ticket: held.ticket, service: held.service, status: 0 };
    this.logouts.push(one);
    const body = new URLSearchParams({ logoutRequest: answers.logoutRequest(held.ticket, held.user, `${this.logouts.length}-${randomBytes(12).toString("hex")}`) });
    try {
      const answer = await fetch(held.service.split("#")[0], { method: "POST", body: body.toString(), redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": "demo-cas" }, signal: AbortSignal.timeout(TOLD_WITHIN_MS) });
      one.status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      this.#lines.push(`single logout to ${new URL(held.service).origin} failed: ${error.name}`);
    }
    return one;
  }

  // ── what a browser or a client asks for ──

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const query = url.searchParams;
    this.requests.push({ method: request.method, path: url.pathname, query: url.search });
    this.#lines.push(`${request.method} ${url.pathname}`); // no query: it holds tickets
    const send = (status, body, headers = pages.headers) => response.writeHead(status, headers).end(body);
    // Against DNS rebinding: requests under another host name are refused.
    if (new URL(`http://${request.headers.host}`).hostname !== LOOPBACK) return send(421, pages.refused("This is the wrong address.", `The demo CAS server answers at ${this.url} only.`));
    const kind = /^\/cas\/(?:p3\/)?(login|logout|validate|serviceValidate|proxyValidate)$/.exec(url.pathname)?.[1];
    if (!request.headers["user-agent"] && kind !== "logout") return send(500, "Request does not specify a user-agent\n", { "content-type": "text/plain" }); // so does Apereo CAS
    if (kind === "login") return this.#login(request, query, send);
    if (kind === "logout") return this.#logout(request, query, send);
    if (kind) return this.#validate(kind, request, query, response);
    if (["/", "/cas", "/cas/"].includes(url.pathname)) return send(302, "", { location: `${this.url}/login` });
    return send(404, pages.refused("There is nothing here.", `The demo CAS server signs people in at ${this.url}/login.`));
  }

  async #login(request, query, send) {
    const fault = this.#faultAt("login");
    if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
    if (fault?.status) return send(fault.status, pages.refused("The demo CAS server has a fault.", "A test asked for it."));
    const form = request.method === "POST" ? new URLSearchParams(await text(request)) : undefined;
    const service = (form ?? query).get("service") || undefined;
    const method = query.get("method") ?? "";
    if (!["", "POST", "REDIRECT"].includes(method)) return send(500, pages.refused("The server has failed.", "method= with an unknown value breaks some servers, and so it does here."));
    if (service !== undefined && !(URL.canParse(service) && /^https?:/i.test(service) && printable(service))) return send(400, pages.refused("This address cannot be used.", "A service must be an absolute http address of printable ASCII characters."));
    if (service !== undefined && !this.services(service)) return send(403, pages.refused("This app is not known here.", "The demo CAS server knows apps on this machine only."));

    const go = (session, fresh, headers = {}) => {
      if (!service) return send(200, pages.signedIn({ name: this.users[session.user]?.attributes.displayName ?? session.user }), { ...pages.headers, ...headers });
      const ticket = this.#issue(session, service, fresh);
      if (method === "POST") return send(200, pages.postBack(service, ticket), { ...pages.headers, ...headers });
      return send(302, "", { location: withTicket(service, ticket), "cache-control": "no-store", ...headers });
    };
    const renew = truthy((form ?? query).get("renew"));
    if (form) {
      const { username = "", password = "", execution } = Object.fromEntries(form);
      const known = Object.hasOwn(this.users, username) && this.users[username].password === password;
      if (!known || !this.#executions.delete(execution)) return send(401, pages.login({ users: this.users, service, renew, user: username, wrong: !known, execution: this.#execution() }));
      const cookie = this.signIn(username);
      return go(this.#sessions.get(cookie.slice(4)), true, { "set-cookie": `${cookie}; Path=/cas; HttpOnly; SameSite=Lax` });
    }
    const session = this.#sessions.get(cookieOf(request));
    // As Apereo CAS: any value of `gateway` counts, and together with `renew` there is no ticket.
    if (service && query.has("gateway")) return session && !renew ? go(session, false) : send(302, "", { location: service, "cache-control": "no-store" });
    if (session && !renew) return go(session, false);
    return send(200, pages.login({ users: this.users, service, renew, execution: this.#execution() }));
  }

  #execution() {
    const execution = randomBytes(16).toString("hex");
    this.#executions.add(execution);
    return execution;
  }

  async #logout(request, query, send) {
    const told = (await this.#end(cookieOf(request))).length;
    const gone = { "set-cookie": "TGC=; Path=/cas; Max-Age=0; HttpOnly; SameSite=Lax" };
    const service = query.get("service");
    if (service && URL.canParse(service) && printable(service) && this.services(service)) return send(302, "", { ...gone, location: service, "cache-control": "no-store" });
    return send(200, pages.signedOut({ told }), { ...pages.headers, ...gone });
  }

  async #validate(kind, request, query, response) {
    for (const arrived of this.#arrivals.splice(0)) arrived();
    const fault = this.#faultAt("validate");
    await this.#held;
    if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
    const asJson = query.get("format") === "JSON";
    const result = fault?.refuse ? { code: "INVALID_TICKET", why: `Ticket '${query.get("ticket")}' not recognized` } : this.#check(kind, query);
    const answer = kind === "validate" ? answers.plain(result.user) : result.code ? answers.failure(result.code, result.why, { asJson }) : answers.success(result, { asJson, style: this.style });
    const sent = answers.applyFault(answer, fault);
    if (sent === "drop") return request.socket.destroy();
    response.writeHead(sent.status, sent.headers).end(sent.body);
  }

  #check(kind, query) {
    const [ticket, service] = [query.get("ticket"), query.get("service")];
    if (!ticket || !service) return { code: "INVALID_REQUEST", why: "" };
    this.#spent.set(ticket, this.validations(ticket) + 1);
    const held = this.#tickets.get(ticket);
    const bad = { code: "INVALID_TICKET", why: `Ticket '${ticket}' not recognized` };
    if (!held || held.gone || Date.now() - held.at > this.ticketLifeMs) return bad;
    held.gone = true; // a ticket has one attempt, even if it fails
    if (held.proxies.length && kind !== "proxyValidate") return bad;
    if (held.service !== service) return { code: "INVALID_SERVICE", why: `Ticket '${ticket}' does not match supplied service. The original service was '${held.service}' and the supplied service was '${service}'.` };
    if (truthy(query.get("renew")) && !held.fresh) return bad;
    const attributes = {
      authenticationDate: held.session.at.toISOString(),
      isFromNewLogin: String(held.fresh),
      longTermAuthenticationRequestTokenUsed: "false",
      ...this.users[held.user]?.attributes,
    };
    return { user: held.user, attributes, proxies: held.proxies };
  }

  #faultAt(at) {
    const fault = this.#faults.find((one) => one.at === at && one.times > 0);
    if (fault) fault.times -= 1;
    return fault?.what;
  }
}

const truthy = (value) => value !== null && value !== undefined && value !== "false";
const cookieOf = (request) => /(?:^|;\s*)TGC=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];

async function text(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > 65_536) throw new Error("a form of more than 64 kB");
  }
  return body;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, otherwise) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
  try {
    const cas = await start({ port: Number(option("--port", 8789)), host: option("--host", LOOPBACK) });
    console.log(`Demo CAS server, for development only: ${cas.url}\nPeople: ${Object.entries(cas.users).map(([name, { password }]) => `${name} / ${password}`).join(", ")}`);
  } catch (error) {
    console.error(error.code === "EADDRINUSE" ? `portcullis: port ${option("--port", 8789)} is taken.\nStop that process, or: node tests/parts/demo_cas.mjs --port 0` : `portcullis: ${error.message}`);
    process.exit(1);
  }
}
