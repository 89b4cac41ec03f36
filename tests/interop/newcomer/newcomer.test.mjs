// A newcomer's first steps: clones into an empty folder and runs the commands of the README, except `npm test`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { root } from "../../setup.mjs";
import { freePorts } from "../../parts/free_ports.mjs";

const folder = mkdtempSync(join(tmpdir(), "portcullis-newcomer-"));
const clone = join(folder, "portcullis");
const base = await freePorts(4);
const [gate, authenticator, cas] = [base, base + 1, base + 2].map((port, i) => `http://${i === 2 ? "127.0.0.1" : "localhost"}:${port}`);

// A newcomer's shell does not have what this checkout has put on the PATH.
const env = { ...process.env, PATH: process.env.PATH.split(":").filter((part) => !part.includes("node_modules")).join(":") };
for (const name of Object.keys(env)) if (/^(npm_|NODE_|CARGO_TARGET_DIR|INIT_CWD)/.test(name)) delete env[name];

let lines = "";
let npmStart;

function start(args) {
  const child = spawn("npm", args, { cwd: clone, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const seen = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => ((seen.text += text), (lines += text)));
  return { child, seen };
}

async function until(what, minutes, check) {
  const deadline = Date.now() + minutes * 60_000;
  while (Date.now() < deadline) {
    const found = await check().catch(() => undefined);
    if (found) return found;
    await sleep(250);
  }
  assert.fail(`${what}: not within ${minutes} min.\n${lines.slice(-4000)}`);
}

before(() => {
  const cloned = spawnSync("git", ["clone", "--quiet", root, clone], { encoding: "utf8" });
  assert.equal(cloned.status, 0, cloned.stderr);
});

after(async () => {
  if (npmStart && npmStart.child.exitCode === null) process.kill(-npmStart.child.pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
});

test("each command of the README is tested here or run by CI", () => {
  const readme = readFileSync(join(clone, "README.md"), "utf8");
  const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.split("\n")).map((line) => line.replace(/\s+#.*/, "").trim()).filter(Boolean);
  const tried = [/^npm start$/, /^npm test$/, /^npm run gate -- --cas \S+ --origin \S+$/, /^npm install \.\/target\/npm\/portcullis-[\d.]+\.tgz$/, /^git clone .+ portcullis && cd portcullis$/, /^npm run (check|bench|build|interop)$/];
  assert.ok(commands.length > 3);
  assert.deepEqual(commands.filter((command) => !tried.some((pattern) => pattern.test(command))), []);
});

test("a taken port is reported with its process before anything is built", async () => {
  const blocker = createServer().listen(base + 3, "127.0.0.1");
  await once(blocker, "listening");
  const { child, seen } = start(["start", "--", "--ports", String(base)]);
  const [code] = await once(child, "exit");
  blocker.close();
  assert.equal(code, 1);
  assert.match(seen.text, new RegExp(`port ${base + 3} is taken \\(.*process ${process.pid}\\)`));
  assert.match(seen.text, /Stop that process, or: npm start -- --ports/);
  assert.doesNotMatch(seen.text, /npm packages/);
});

test("npm start serves a page about the build within seconds, and then runs", { timeout: 20 * 60_000 }, async () => {
  npmStart = start(["start", "--", "--ports", String(base)]);
  await until("a page that says what is being built", 0.5, async () => {
    const page = await fetch(gate);
    return page.status === 503 && /step \d of 4/.test(await page.text());
  });
  await until("the addresses", 18, async () => /Ctrl-C ends it/.test(npmStart.seen.text));

  const app = await fetch(`${gate}/public`);
  assert.equal(app.status, 200);
  assert.match(await app.text(), /This page is public/);

  const sent = await fetch(`${gate}/`, { redirect: "manual", headers: { accept: "text/html" } });
  assert.ok(sent.headers.get("location").startsWith(`${cas}/cas/login?service=`), sent.headers.get("location"));
  assert.match(await (await fetch(authenticator)).text(), /Portcullis/);
  assert.match(await (await fetch(sent.headers.get("location"))).text(), /development only/i);

  // The portal signs in at the same server. Not every system resolves its name outside of a browser.
  const asked = get({ host: "127.0.0.1", port: base, path: "/", headers: { host: `portal.localhost:${base}`, accept: "text/html" } });
  const [{ headers }] = await once(asked, "response");
  assert.ok(headers.location.startsWith(`${cas}/cas/login?service=`), headers.location);
  assert.match(await (await fetch(headers.location)).text(), /type="password"/);
});

test("Ctrl-C stops everything", async () => {
  const gone = once(npmStart.child, "exit");
  process.kill(-npmStart.child.pid, "SIGINT");
  await gone;
  await until("the ports to be free", 1, async () => {
    const open = await Promise.all([gate, authenticator, cas].map((url) => fetch(url).then(() => true, () => false)));
    return !open.includes(true);
  });
});
