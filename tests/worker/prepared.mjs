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
    const storage = new Proxy(ctx.storage, {
      get: (target, name) => (store === "read-only" && ["put", "setAlarm"].includes(name) ? () => Promise.reject(new Error("disk full")) : bound(target, name)),
    });
    this.ctx = new Proxy(ctx, { get: (target, name) => (name === "storage" ? storage : bound(target, name)) });
  }
  fetch(request) {
    if (store === "away") throw new Error("the object is unreachable");
    return super.fetch(request);
  }
}
export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/test") return real.fetch(request, env, ctx);
    clock = Number(searchParams.get("clock") ?? clock);
    store = searchParams.get("store") ?? store;
    return Response.json({ calls });
  },
};`;

/**
 * The folder of that Worker, for the gate's option `worker`; it is gone after the tests of the file. A request of `/test` with
 * `clock` moves the clock by so many milliseconds, with `store=away` makes the tickets' objects unreachable, with
 * `store=read-only` lets them write nothing, with `store=` mends them, and tells how often objects were called.
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
