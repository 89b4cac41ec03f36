// The released Worker behind an entry for tests, which moves its clock, takes its store away, and counts the calls of its objects.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { root } from "../setup.mjs";

const ENTRY = `
import real, { TicketDo as Ticket, PersonDo as Person, DirectoryDo as Directory, AnchorDo as Anchor } from "./real.mjs";
let clock = 0;
let store = "";
let calls = 0;
const now = Date.now;
Date.now = () => now() + clock;
const full = () => new Error("disk full");
const bound = (target, name) => (typeof target[name] === "function" ? target[name].bind(target) : target[name]);
const counted = (Class) => class extends Class {
  fetch(request) {
    calls++;
    return super.fetch(request);
  }
};
export const PersonDo = counted(Person);
export const DirectoryDo = counted(Directory);
export const AnchorDo = counted(Anchor);
export class TicketDo extends counted(Ticket) {
  constructor(ctx, env) {
    super(ctx, env);
    const locked = {
      get(target, name) {
        if (store !== "read-only") return bound(target, name);
        if (name === "kv") return new Proxy(target.kv, locked);
        if (name === "put") return () => { throw full(); };
        return name === "setAlarm" ? () => Promise.reject(full()) : bound(target, name);
      },
    };
    const storage = new Proxy(ctx.storage, locked);
    this.ctx = new Proxy(ctx, { get: (target, name) => (name === "storage" ? storage : bound(target, name)) });
  }
  fetch(request) {
    if (store === "away") throw new Error("the object is unreachable");
    if (request.url === "https://object/sweep") return this.alarm().then(async () => Response.json({ records: [...this.ctx.storage.kv.list()].length, alarm: await this.ctx.storage.getAlarm() }));
    return super.fetch(request);
  }
}
export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/test") return real.fetch(request, env, ctx);
    if (searchParams.has("sweep")) return env.TICKETS.getByName(searchParams.get("sweep")).fetch("https://object/sweep");
    clock = Number(searchParams.get("clock") ?? clock);
    store = searchParams.get("store") ?? store;
    return Response.json({ calls });
  },
};`;

/**
 * The folder of that Worker, for the gate's option `worker`; it is gone after the tests of the file. A request of `/test` with
 * `clock` moves the clock by so many milliseconds, with `store=away` makes the tickets' objects unreachable, with
 * `store=read-only` lets them write nothing, with `store=` mends them, and tells how often objects were called. With `sweep=NAME`
 * it runs the alarm of that object of logins, and tells what is left.
 */
export function prepared() {
  const folder = mkdtempSync(join(tmpdir(), "gate-prepared-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const built = join(root, "target", "worker");
  copyFileSync(join(built, "index_bg.wasm"), join(folder, "index_bg.wasm"));
  copyFileSync(join(built, "entry.mjs"), join(folder, "real.mjs"));
  writeFileSync(join(folder, "entry.mjs"), ENTRY);
  return folder;
}
