// Requests that once went wrong, each with what is right: tests/vectors/gate/requests.json over bare sockets.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { root } from "../setup.mjs";
import { ask, rawApp } from "./raw.mjs";

const rows = JSON.parse(readFileSync(join(root, "tests", "vectors", "gate/requests.json"), "utf8"));
/** Rows that are tested elsewhere or cannot be tested, each with the reason. */
const elsewhere = {
  cookie_byte: "JavaScript reads a byte that is not UTF-8 as U+FFFD: worker/docs/proxying.md says so",
  set_cookie_byte: "the same on the way back",
  flight_expired: "no clock of workerd can be moved by half an hour: `FLIGHT_EXPIRED` in tests/vectors/gate/decide.json",
};

/** Rows that test an attack of the catalogue, with its id. */
const attacks = {
  cookie_on_101: "h13_cookie_on_101",
  cookie_on_101_session: "h13_cookie_on_101_session",
  foreign_identity: "h14_foreign_identity",
  app_headers_pass: "h14_app_headers_pass",
  plain_no_reload: "a14_plain_no_reload",
  conditional_session: "a14_conditional_session",
  get_chunked: "h17_get_chunked",
  dav_destination_stricter: "h16_dav_destination_stricter",
  dav_destination_dots: "h16_dav_destination_dots",
  dav_destination_other_host: "h16_dav_destination_other_host",
  gateway_again: "g08_gateway_again",
  optional_while_resting: "g08_optional_while_resting",
  logout_after_40_made_up: "l14_logout_after_40_made_up",
  ended_stays_ended: "l16_ended_stays_ended",
  socket_after_logout: "l10_socket_after_logout",
  socket_age: "l10_socket_age",
  events_after_logout: "l10_events_after_logout",
  personal_page_is_asked_again: "k05_personal_page_is_asked_again",
};

const people = (attributes) => ({ robin: { password: "robin", attributes: attributes ?? {} }, finch: { password: "finch", attributes: attributes ?? {} } });
// The gate opens its WebSocket to the app with its own key, so the app must compute the answer (RFC 6455 section 4.2.2).
const accept = (key) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
const socketAnswer = (request) => `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept(request.get("sec-websocket-key"))}\r\n`;

/** The gate, app and CAS server for a row, in the state that the row gives. */
class World {
  names = {};
  lines = []; // the whole log of the gate
  jar = new Map();
  row;

  static async start(row) {
    const w = new World();
    w.row = row;
    const { given } = row;
    w.cas = await demoCas.start({ users: people(given.attributes) });
    w.app = await rawApp((request) => w.answer(request));
    w.second = await rawApp((request) => w.answer(request));
    const origin = given.origin ?? "binding";
    const port = 0;
    const policyOf = (url) => JSON.parse(w.fill(JSON.stringify(given.policy), { "{app}": w.app.url, "{app_2}": w.second.url, "{public}": url, "{public_2}": url.replace("localhost", "second.localhost") }));
    if (given.state?.includes("Clear-Site-Data")) given.policy.session = { clear_site_data: true };
    // The policy contains the gate's own address, so the port must be known before the gate starts.
    const { freePorts } = await import("../parts/free_ports.mjs");
    const at = given.policy.site ? await freePorts(1) : port;
    const policy = policyOf(`http://localhost:${at}`);
    const away = given.state?.startsWith("nothing listens");
    w.gate = await gatePart.start({
      cas: w.cas.url,
      origin: away ? "http://127.0.0.1:9" : w.app.url,
      port: at,
      onLine: (line) => w.lines.push(line),
      policy: JSON.stringify(policy),
      ...(given.public && { publicUrl: given.public }),
      env: { ...(origin === "url" && { ORIGIN_URL: w.app.url }) },
    });
    const { host } = new URL(w.gate.url);
    const app = new URL(w.app.url);
    const secure = w.gate.url.startsWith("https:");
    const session = (name) => (secure ? "__Host-portcullis" : `portcullis-${new URL(name).port}`);
    w.names = {
      "{public}": w.gate.url, "{host}": host, "{public_2}": w.gate.url.replace("localhost", "second.localhost"), "{host_2}": host.replace("localhost", "second.localhost"),
      "{app}": w.app.url, "{app_host}": app.host, "{app_port}": app.port, "{cas}": w.cas.url, "{session}": session(w.gate.url), "{session_2}": session(w.gate.url),
    };
    return w;
  }

  fill(text, names = this.names, more = {}) {
    for (const [name, value] of Object.entries({ ...names, ...more })) text = text.replaceAll(name, () => value);
    return text;
  }

  answer(request) {
    const { row } = this;
    if (request.target === "/ws" || /websocket/i.test(request.get("upgrade") ?? "")) {
      const extra = (row.app_answer ?? []).slice(1).filter((line) => line.startsWith("set-cookie")).map((line) => `${this.fill(line)}\r\n`).join("");
      return (socket) => {
        socket.write(Buffer.from(`${socketAnswer(request)}${extra}\r\n`, "latin1"));
        socket.on("data", (frame) => socket.write(echo(Buffer.from(frame, "latin1"))));
      };
    }
    if (row.app_answer?.[1]?.includes("event-stream")) {
      return (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        const timer = setInterval(() => socket.write("9\r\ndata: 1\n\n\r\n"), 200);
        socket.on("close", () => clearInterval(timer));
      };
    }
    const [status = "200 OK", ...lines] = (row.app_answer ?? []).map((line) => this.fill(line));
    const body = row.app_body === "of the name in remote-user" ? `of ${request.get("remote-user")}` : (row.app_body ?? (status.startsWith("200") ? "ok" : ""));
    const named = lines.find((line) => /^content-length:/i.test(line));
    const length = Number(named?.split(":")[1] ?? body.length);
    const framing = named || /^(304|204|1..)/.test(status) ? [] : [`content-length: ${length}`];
    const text = request.method === "HEAD" || /^(304|204)/.test(status) ? "" : body.padEnd(length, "x").slice(0, length);
    return `HTTP/1.1 ${status}\r\n${[...lines, ...framing].map((line) => `${line}\r\n`).join("")}\r\n${text}`;
  }

  take(answer) {
    for (const line of answer.all("set-cookie")) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
  }

  get cookies() {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async request(lines, body, more = {}) {
    const filled = lines.map((line) => this.fill(line, this.names, { "{jar}": this.cookies, ...more }));
    if (!filled.some((line) => /^host:/i.test(line))) filled.splice(1, 0, `host: ${this.names["{host}"]}`);
    const text = typeof body === "string" ? this.fill(body, this.names, more) : body;
    if (typeof text === "string" && !filled.some((line) => /^content-length:/i.test(line))) filled.push(`content-length: ${text.length}`);
    filled.push("connection: close");
    if (filled.some((line) => /^upgrade:/i.test(line))) filled.pop();
    return ask(this.gate.address, filled, text);
  }

  /** Begins a login for a page: its call-back, its cookie, and a ticket for it. */
  async fly(path, user = "robin", host = this.names["{host}"]) {
    const page = ["accept: text/html", "sec-fetch-dest: document", "sec-fetch-mode: navigate", "sec-fetch-site: none"];
    const begun = await ask(this.gate.address, [`GET ${path}`, `host: ${host}`, ...page, "connection: close"]);
    assert.equal(begun.status, 302, `${path} begins a login: ${begun.body}`);
    const service = new URL(begun.get("location")).searchParams.get("service");
    const cookie = begun.all("set-cookie").find((line) => /-f-/.test(line)).split(";")[0];
    const ticket = this.cas.ticket(user, service);
    return { service, callback: new URL(service).pathname, cookie, ticket };
  }

  async signIn(user) {
    // For a fresh rule the ticket must come from a sign-in with the password.
    const flight = await this.fly(this.row.given.fresh ? "/pay/sign-in" : "/sign-in-here", user);
    const landed = await ask(this.gate.address, [`GET ${flight.callback}?ticket=${flight.ticket}`, `host: ${this.names["{host}"]}`, "accept: text/html", "sec-fetch-dest: document", "sec-fetch-mode: navigate", `cookie: ${flight.cookie}`, "connection: close"]);
    assert.equal(landed.status, 303, landed.body);
    const cookie = landed.all("set-cookie").find((line) => line.startsWith(`${this.names["{session}"]}=`)).split(";")[0];
    return { ...flight, cookie };
  }

  async prepare() {
    const { given } = this.row;
    const state = given.state ?? "";
    const flightPage = given.flight;
    if (given.session || state.includes("{cookie} is the cookie of before")) {
      const one = await this.signIn(given.session ?? "robin");
      this.at = Date.now();
      Object.assign(this.names, { "{cookie}": one.cookie, "{value}": one.cookie.slice(one.cookie.indexOf("=") + 1), "{callback}": one.callback, "{ticket}": one.ticket });
    }
    if (state.includes("{cookie_2}")) this.names["{cookie_2}"] = (await this.signIn("finch")).cookie;
    if (flightPage) {
      const one = await this.fly(flightPage, given.session ?? "robin");
      Object.assign(this.names, { "{callback}": one.callback, "{flight}": one.cookie, "{flight_value}": one.cookie.slice(one.cookie.indexOf("=") + 1), "{ticket}": one.ticket, "{flight_name_2}": one.cookie.split("=")[0] });
      if (state.startsWith("two flights")) {
        const two = await this.fly("/other");
        Object.assign(this.names, { "{callback_2}": two.callback, "{flight_name_2}": two.cookie.split("=")[0] });
      }
      const named = /ticket=([^ {}]+)/.exec(this.row.request[0])?.[1];
      if (state.startsWith("the CAS server accepts")) this.cas.plant(decodeURIComponent(named), "robin", one.service);
      if (state.includes("INVALID_TICKET")) this.cas.fault({ refuse: "INVALID_TICKET" });
      if (state.includes("/validate with")) this.cas.fault({ body: "yes\nrobin\n", contentType: "text/plain" });
    }
    if (state.startsWith("five pages")) for (let n = 0; n < 5; n++) assert.ok((await this.request(["GET /page", "accept: */*", "cookie: {cookie}"])).status < 400);
    if (state.startsWith("robin signed out")) {
      assert.equal((await this.request(["POST /.portcullis/logout", "accept: text/html", "origin: {public}", "content-length: 0", "cookie: {cookie}"])).status, 303);
      this.names["{callback}"] = (await this.fly("/elsewhere")).callback;
    }
    if (state.startsWith("the CAS server failed")) {
      this.cas.fault({ drop: true });
      await this.cas.down();
      for (let n = 0; n < 5; n++) {
        const one = await this.fly("/maybe/x");
        await ask(this.gate.address, [`GET ${one.callback}?ticket=${one.ticket}`, `host: ${this.names["{host}"]}`, "accept: text/html", "sec-fetch-dest: document", `cookie: ${one.cookie}`, "connection: close"]);
      }
    }
  }

  /** Waits until everything so far has been logged. */
  async quiet() {
    for (let last = -1, now = logLines(this).length; last !== now; now = logLines(this).length) {
      last = now;
      await sleep(100);
    }
  }

  async [Symbol.asyncDispose]() {
    await Promise.all([this.gate, this.app, this.second, this.cas].map((part) => part?.[Symbol.asyncDispose]()));
  }
}

/** A text frame of a WebSocket without its mask. */
function echo(frame) {
  const mask = frame.subarray(2, 6);
  const data = Buffer.from(frame.subarray(6, 6 + (frame[0 + 1] & 127)).map((byte, at) => byte ^ mask[at % 4]));
  return Buffer.concat([Buffer.from([0x81, data.length]), data]);
}

const logLines = (w) => w.lines.flatMap((line) => {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
});
const settle = () => sleep(60); // a line of the log may come through its pipe a little later than the answer

async function holds(w, expect, answer, before, more = {}) {
  const fill = (text) => w.fill(text, w.names, more);
  if (expect.status !== undefined) assert.ok([expect.status].flat().includes(answer.status), `status ${answer.status}, not ${expect.status}: ${answer.body?.slice(0, 300)}`);
  const reached = [...w.app.seen.slice(before.app), ...w.second.seen.slice(before.second)];
  if (expect.app_receives === null) assert.deepEqual(reached.map(({ start }) => start), [], "the app is not asked");
  else if (expect.app_receives) {
    const [request] = reached;
    assert.ok(request, "the app is asked");
    const { method, target, target_one_of: targets, headers = {}, headers_one_of: oneOf = {}, body, absent = [], no_value: noValue } = expect.app_receives;
    if (method) assert.equal(request.method, method);
    if (target) assert.equal(request.target, fill(target));
    if (targets) assert.ok(targets.includes(request.target), request.target);
    for (const [name, value] of Object.entries(headers)) assert.equal(request.get(name), fill(value), name);
    for (const [name, values] of Object.entries(oneOf)) assert.ok(values.map(fill).includes(request.get(name)), `${name}: ${request.get(name)}`);
    for (const name of absent) assert.equal(request.get(name), undefined, `${name} does not reach the app`);
    if (noValue) assert.ok(request.headers.every(([, value]) => !value.includes(noValue)), `no header says ${noValue}`);
    if (body !== undefined) assert.equal(request.body, body);
  }
  const { headers = {}, body, body_contains: contains, set_cookie: cookies, set_cookie_clears: clears, set_cookie_none_named: none, sockets_work: socketsWork } = expect.client_receives ?? {};
  for (const [name, value] of Object.entries(headers)) {
    const got = answer.get(name) ?? "";
    const pattern = new RegExp(`^${fill(value).split("...").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
    assert.match(got, pattern, name);
  }
  if (body !== undefined) assert.equal(answer.body, body);
  if (contains) assert.ok(answer.body.includes(contains), answer.body);
  if (cookies) assert.deepEqual(answer.all("set-cookie"), cookies);
  if (clears) assert.ok(answer.all("set-cookie").some((line) => line.startsWith(`${fill(clears)}=`) && /max-age=0/i.test(line)), "our cookie is cleared");
  for (const name of none ?? []) assert.ok(!answer.all("set-cookie").some((line) => line.replace(/^[=\s]+/, "").startsWith(fill(name))), `no cookie named ${name}`);
  if (socketsWork) {
    const mask = Buffer.from([1, 2, 3, 4]);
    const data = Buffer.from("hi").map((byte, at) => byte ^ mask[at]);
    answer.socket.write(Buffer.concat([Buffer.from([0x81, 0x82]), mask, data]));
    assert.ok(await answer.reader.until((all) => (all.includes("hi") ? all.indexOf("hi") + 2 : -1)), "the socket answers");
  }
  await settle();
  const lines = logLines(w).slice(before.log);
  const whys = lines.map(({ why }) => why).filter(Boolean);
  if (expect.log_code === null) assert.deepEqual(whys, [], "no line of log");
  else if (expect.log_code) assert.ok(whys.includes(expect.log_code), `the log says ${whys}, not ${expect.log_code}`);
  for (const code of expect.log_code_not ?? []) assert.ok(!whys.includes(code), `the log does not say ${code}`);
  if (expect.log_line) assert.ok(whys.length, "there is a line of log");
  if (expect.client_receives?.body_has_log_code) assert.ok(whys.length && answer.status >= 400 && (answer.body === "" || answer.body.includes(whys[0])), `the body names ${whys}`);
  if (expect.log_fault) assert.ok(lines.some(({ fault }) => fault === expect.log_fault), expect.log_fault);
  if (expect.log_event) assert.ok(lines.some((line) => JSON.stringify(line).includes(expect.log_event)), `${expect.log_event}: ${JSON.stringify(lines)}`);
  if (expect.validations !== undefined) assert.equal(w.cas.requests.filter(({ path }) => /alidate$/.test(path)).length - before.validations, expect.validations, "validations");
}

async function holdsOne(w, expect, ...rest) {
  if (!expect.any_of) return holds(w, expect, ...rest);
  const reasons = [];
  for (const one of expect.any_of) {
    try {
      return await holds(w, one, ...rest);
    } catch (error) {
      reasons.push(error.message);
    }
  }
  assert.fail(`none of the right outcomes: ${reasons.join(" | ")}`);
}

const marks = (w) => ({ app: w.app.seen.length, second: w.second.seen.length, log: logLines(w).length, validations: w.cas.requests.filter(({ path }) => /alidate$/.test(path)).length });

async function step(w, one, opened) {
  if (one.wait_ms_since_sign_in) return sleep(Math.max(0, w.at + one.wait_ms_since_sign_in - Date.now()));
  if (one.socket === "closed" || one.stream === "ended") {
    const end = Date.now() + one.within_ms;
    while (!opened.reader.ended && Date.now() < end) await sleep(50);
    assert.ok(opened.reader.ended || opened.reader.rest.includes("\x88"), `${one.socket ?? one.stream} within ${one.within_ms} ms`);
    return opened.socket.destroy();
  }
  const numbers = one.for_n ?? Array.from({ length: one.times ?? 1 }, (_, n) => n);
  for (const n of numbers) {
    const flight = w.flights?.[n];
    const more = { "{n}": String(n), ...(flight && { [`{callback of /tab/{n}}`]: flight.callback, "{ticket}": flight.ticket }) };
    const before = marks(w);
    const lines = flight ? one.request.map((line) => line.replace("{callback of /tab/{n}}", flight.callback).replace("{ticket}", flight.ticket)) : one.request;
    const answer = await w.request(lines, one.body, more);
    w.take(answer);
    if (one.expect && (numbers.length <= 16 || n % 100 === 0)) await holdsOne(w, one.expect, answer, before, more);
    const session = answer.all("set-cookie").find((line) => line.startsWith(`${w.names["{session}"]}=`) && !/max-age=0/i.test(line));
    if (session && !w.names["{cookie}"]) w.names["{cookie}"] = session.split(";")[0];
  }
}

for (const row of rows) {
  if (elsewhere[row.id]) {
    console.log(`left out: ${row.id}, because ${elsewhere[row.id]}`);
    continue;
  }
  test(`${attacks[row.id] ?? row.id}, a request: ${row.why.slice(0, 80)}`, async () => {
    const w = await World.start(row);
    try {
      await w.prepare();
      await w.quiet();
      for (const one of row.before ?? []) await step(w, one);
      await w.quiet();
      const times = row.expect.times ?? 1;
      let answer;
      w.flights = times > 1 ? [] : undefined;
      for (let n = 0; n < times; n++) {
        const before = marks(w);
        const more = { "{n}": String(n) };
        answer = await w.request(row.request, row.body, more);
        w.take(answer);
        await holdsOne(w, row.expect, answer, before, more);
        if (w.flights) {
          const service = new URL(answer.get("location")).searchParams.get("service");
          w.flights.push({ callback: new URL(service).pathname, ticket: w.cas.ticket("robin", service) });
        }
      }
      for (const one of row.then ?? []) await step(w, one, answer);
      answer.socket.destroy();
    } catch (error) {
      error.message += `\n(${row.id}${row.must ? "" : ", a wish"}; ${row.remark ?? "no remark"})\n${w.gate.logs(12)}`;
      throw error;
    } finally {
      await w[Symbol.asyncDispose]();
    }
  });
}
