// Whether a store of many sessions is as fast as one of few: 20,000 of them beside 200, in workerd on the disk. Measured are a
// re-check, which opens an object that nobody used for a while, and the sweep of the records whose time is over, for each step of 200.
//   npm run bench -- store           20,000 sessions
//   npm run bench -- store 100000    more
// 200 people sign in; the other records are copies of theirs under other names, because a sign-in each would take an hour.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { root } from "../setup.mjs";
import { Browser, send, signIn, testbed } from "../worker/support.mjs";
import { client, each, median, row } from "./processor.mjs";

const MANY = Number(process.argv[2] ?? 20_000);
const FEW = 200;
const STEP = 200;
const AT_ONCE = 12;
const MOST = 1.2;
const MOST_KB = 10;
const SWEEPS = 9;
/** workerd closes the database of an object that was idle for ten seconds. */
const IDLE_MS = 25_000;

// Each page asks the object.
const policy = '[session]\nrevalidate_secs = 0\n[[rule]]\npath = "/*"\naccess = "login"\n';

// The released Worker behind an entry that fills and sweeps an object when it is told to.
const ENTRY = `
import real, { TicketDo as Ticket } from "./real.mjs";
export { PersonDo, DirectoryDo, AnchorDo } from "./real.mjs";
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const name = () => Array.from(crypto.getRandomValues(new Uint8Array(52)), (byte) => letters[byte % 32]).join("");
export class TicketDo extends Ticket {
  async fetch(request) {
    const [, what, count] = new URL(request.url).pathname.split("/");
    const { kv } = this.ctx.storage;
    if (what === "sweep") return new Response(await this.alarm());
    if (what === "fill") {
      const [[, record]] = kv.list({ limit: 1 });
      for (let n = 0; n < Number(count); n++) kv.put(name(), record);
    } else return super.fetch(request);
    return new Response(String([...kv.list()].length));
  }
}
export default {
  fetch(request, env, ctx) {
    const [, mark, object, ...what] = new URL(request.url).pathname.split("/");
    if (mark !== "object") return real.fetch(request, env, ctx);
    return env.TICKETS.getByName(object).fetch("https://object/" + what.join("/"));
  },
};`;

const databases = (folder) => readdirSync(folder, { recursive: true }).filter((name) => /ticket.*\.sqlite(-wal)?$/.test(name) && !name.includes("metadata"));

/** A gate with a store of so many sessions in so many objects. */
async function filled(count, objects) {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-store-"));
  const [worker, stateDir] = [join(folder, "worker"), join(folder, "state")];
  for (const each of [worker, stateDir]) mkdirSync(each);
  for (const [from, to] of [["index_bg.wasm", "index_bg.wasm"], ["entry.mjs", "real.mjs"]]) copyFileSync(join(root, "target", "worker", from), join(worker, to));
  writeFileSync(join(worker, "entry.mjs"), ENTRY);
  const w = await testbed({ policy, gate: { stateDir, worker, env: { TICKET_OBJECTS: String(objects) } } });
  const asking = client(1);
  const { host } = new URL(w.url);
  const cookies = [];
  const began = Date.now();
  await each(FEW, AT_ONCE, async () => {
    const browser = new Browser(w.url);
    await signIn(w, browser);
    cookies.push([...browser.cookies].map((pair) => pair.join("=")).join("; "));
  });
  const told = async (object, what) => (await send(new URL(`/object/logins-${object}/${what}`, w.url))).text();
  let records = 0;
  for (let object = 0; object < objects; object++) records += Number(await told(object, `fill/${Math.round((count - FEW) / objects)}`));
  console.log(`${records} sessions in ${objects} ${objects === 1 ? "object" : "objects"}, after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  return {
    count: records,
    /** Both in milliseconds. */
    recheck: (n) => timed(() => asking.ask(w.gate.address, { host, cookie: cookies[n], accept: "text/html" })),
    async sweep() {
      let all = 0;
      for (let object = 0; object < objects; object++) all += await timed(() => told(object, "sweep"));
      return (all * STEP) / records;
    },
    async [Symbol.asyncDispose]() {
      asking[Symbol.dispose]();
      await w[Symbol.asyncDispose]();
      this.kb = databases(stateDir).reduce((sum, name) => sum + statSync(join(stateDir, name)).size, 0) / records / 1024;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function timed(work) {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** The file of a login with an object of its own, in kB. */
async function own() {
  const stateDir = mkdtempSync(join(tmpdir(), "portcullis-store-"));
  try {
    {
      await using w = await testbed({ policy, gate: { stateDir, env: { TICKET_OBJECTS: "" } } });
      await each(20, AT_ONCE, () => signIn(w, new Browser(w.url)));
    }
    return median(databases(stateDir).filter((name) => name.endsWith(".sqlite")).map((name) => statSync(join(stateDir, name)).size)) / 1024;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const stores = { few: await filled(FEW, 1), many: await filled(MANY, 16) };
const { few, many } = stores;
const [rechecks, sweeps] = [{ few: [], many: [] }, { few: [], many: [] }];
try {
  await sleep(IDLE_MS);
  // In turns, so that a busy moment of the machine meets both.
  for (let n = 0; n < FEW; n++) for (const name of ["few", "many"]) rechecks[name].push(await stores[name].recheck(n));
  for (let n = 0; n < SWEEPS; n++) for (const name of ["few", "many"]) sweeps[name].push(await stores[name].sweep());
} finally {
  for (const store of [few, many]) await store[Symbol.asyncDispose]();
}
const compare = (what, { few: one, many: other }) => row(median(other) <= MOST * median(one), `${what}: ${median(other).toFixed(2)} ms of ${many.count}, ${median(one).toFixed(2)} ms of ${few.count} (goal ${MOST} of it)`);
console.log(compare("a re-check of a session", rechecks));
console.log(compare(`a step of the sweep over ${STEP} sessions`, sweeps));
console.log(row(many.kb <= MOST_KB, `a session on disk: ${many.kb.toFixed(1)} kB of ${many.count}, ${few.kb.toFixed(1)} kB of ${few.count} (goal ${MOST_KB} kB)`));
console.log(`            a session in an object of its own, as without TICKET_OBJECTS: ${(await own()).toFixed(1)} kB`);
