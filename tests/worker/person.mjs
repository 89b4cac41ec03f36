// The objects of the second factor in workerd, called as the gate's own Worker calls them.
import { createHmac } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import * as gatePart from "../parts/gate.mjs";
import { root } from "../setup.mjs";

export const POLICY = `
[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"

[[rule]]
path = "/*"
access = "login"
`;

// An entry before the real one, for tests only: it calls the objects without a sign-in, reads and writes their records, evicts them, moves
// the clock, fills the disk, and lets the directory answer nothing.
const ENTRY = `
import real, { PersonDo as Person, DirectoryDo as Directory, AnchorDo as Anchor } from "./real.mjs";
let clock = 0;
let silent = false;
let full = false;
let asked = 0;
const now = Date.now;
Date.now = () => now() + clock;
const bound = (target, name) => (typeof target[name] === "function" ? target[name].bind(target) : target[name]);
const instead = (target, name, made) => new Proxy(target, { get: (it, known) => (known === name ? made(it) : bound(it, known)) });
const put = (kv) => (...args) => {
  if (full) throw new Error("disk full");
  kv.put(...args);
};
const opened = (Class) => class extends Class {
  constructor(ctx, env) {
    super(ctx, env);
    const storage = instead(ctx.storage, "kv", ({ kv }) => instead(kv, "put", put));
    this.ctx = instead(ctx, "storage", () => storage);
  }
  fetch(request) {
    const { pathname } = new URL(request.url);
    const { kv } = this.ctx.storage;
    if (pathname === "/read") return new Response(kv.get("record") ?? "");
    if (pathname === "/forget") return (kv.delete("record"), new Response());
    if (pathname === "/write") return request.text().then((text) => (kv.put("record", text), new Response()));
    if (pathname === "/evict") return this.ctx.abort("evicted by a test");
    return super.fetch(request);
  }
};
export const PersonDo = opened(Person);
export class DirectoryDo extends opened(Directory) {
  async fetch(request) {
    asked++;
    while (silent) await scheduler.wait(20);
    return super.fetch(request);
  }
}
export const AnchorDo = opened(Anchor);
export { TicketDo } from "./real.mjs";
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const [, mark, binding, name, what] = pathname.split("/");
    if (mark === "test") {
      clock = Number(searchParams.get("clock"));
      silent = searchParams.has("silent");
      full = searchParams.has("full");
      return new Response(asked);
    }
    if (mark !== "object") return real.fetch(request, env, ctx);
    return env[binding].getByName(name).fetch("https://object/" + what, { method: "POST", body: await request.text() });
  },
};`;

/** The real Worker in a folder of its own, with that entry. */
export function opened() {
  const folder = mkdtempSync(join(tmpdir(), "gate-opened-"));
  const built = join(root, "target", "worker");
  copyFileSync(join(built, "index_bg.wasm"), join(folder, "index_bg.wasm"));
  copyFileSync(join(built, "entry.mjs"), join(folder, "real.mjs"));
  writeFileSync(join(folder, "entry.mjs"), ENTRY);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A gate whose objects are called directly. Its CAS server and its app are never asked. */
export async function objects(options = {}) {
  using worker = opened();
  const gate = await gatePart.start({ cas: "http://127.0.0.1:9/cas", origin: "http://127.0.0.1:9", policy: POLICY, worker: worker.folder, ...options });
  const post = async (path, body = "") => {
    const answer = await fetch(`${gate.address}/object/${path}`, { method: "POST", body });
    return { status: answer.status, text: await answer.text() };
  };
  return {
    gate,
    post,
    /** Moves the clock by so many seconds; with "silent" the directory answers nothing, with "full" no object can write. Returns how often the directory was asked. */
    moved: async (secs, fault = "") => Number(await (await fetch(`${gate.address}/test?clock=${secs * 1000}&${fault}`)).text()),
    person: (user) => new Person(post, user),
    directory: async (shard, call) => JSON.parse((await post(`DIRECTORY/${shard}/`, JSON.stringify(call))).text),
    anchor: async (call) => JSON.parse((await post("ANCHOR/anchor/", JSON.stringify(call))).text),
    [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
  };
}

/** The name of an object: 52 letters of base32, as the gate makes them by a key. */
export function named(text) {
  const bytes = createHmac("sha256", "a test").update(text).digest();
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return Array.from({ length: 52 }, (_, at) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(bits.slice(5 * at, 5 * at + 5).padEnd(5, "0"), 2)]).join("");
}

export const now = () => Math.floor(Date.now() / 1000);

/** The purposes of a proof: to sign in, or to pay for a change. */
export const SIGN_IN = { SignIn: { remember: false } };
export const pay = (change) => ({ Pay: change });
export const code = (typed) => ({ Code: { of: null, typed } });

class Person {
  constructor(post, user) {
    this.post = post;
    this.object = named(`person ${user}`);
  }

  /** A session right after a sign-in by password. */
  visit(sid, more = {}) {
    return { sid, object: named(`session ${sid}`), site: "wiki", browser: "Firefox", shown: "ann", born_secs: now(), fresh: true, ...more };
  }

  async raw(call, required = true) {
    return this.post(`PERSONS/${this.object}/`, JSON.stringify({ object: this.object, required, call }));
  }

  async call(call, required) {
    const { status, text } = await this.raw(call, required);
    if (status !== 200) throw new Error(`the object answered ${status}: ${text}`);
    return JSON.parse(text);
  }

  offer = (visit) => this.call({ Offer: visit });
  check = (visit, purpose, proof) => this.call({ Check: [visit, purpose, proof] });
  record = async () => JSON.parse((await this.post(`PERSONS/${this.object}/read`)).text || "null")?.person;

  /** Begins an authenticator app: the enrolment's id and its secret. */
  async beginApp(visit) {
    const verdict = await this.call({ Begin: [visit, "App", "phone"] });
    if (!verdict.Show) throw new Error(`no app begins: ${JSON.stringify(verdict)}`);
    return { id: verdict.Show.App.id, secret: base32(verdict.Show.App.key) };
  }

  /** An app, confirmed by the code of the step before this one, so that two codes are left to be used. */
  async enrolApp(visit = this.visit("enrol"), steps = -1) {
    const { id, secret } = await this.beginApp(visit);
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 3_000) await sleep(left); // the step must not end on the way
    const verdict = await this.call({ Confirm: [visit, id, { Code: totp(secret, steps) }] });
    if (!verdict.Enrolled) throw new Error(`not enrolled: ${JSON.stringify(verdict)}`);
    return { id, secret, codes: verdict.Enrolled.codes };
  }
}

export function base32(text) {
  let bits = "";
  for (const letter of text) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(Array.from({ length: Math.floor(bits.length / 8) }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8), 2)));
}

/** HOTP (RFC 4226 section 5.3) by Node's own hash. */
export function hotp(secret, counter, digits = 6) {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", secret).update(message).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fff_ffff) % 10 ** digits).padStart(digits, "0");
}

/** The code so many steps from now. */
export const totp = (secret, steps = 0) => hotp(secret, Math.floor(Date.now() / 30_000) + steps);

/** A code that is right in none of the steps that count. */
export function wrong(secret) {
  const near = new Set([-2, -1, 0, 1, 2].map((steps) => totp(secret, steps)));
  return Array.from({ length: 9 }, (_, n) => String(n).repeat(6)).find((typed) => !near.has(typed));
}
