// `npm run gate`: what it says when it is told nonsense, and that it serves when it is not.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { childrenOf } from "../parts/process.mjs";
import { root } from "../setup.mjs";
import { app } from "./support.mjs";

const command = join(root, "tests", "gate.mjs");
const run = (...args) => spawnSync(process.execPath, [command, ...args], { encoding: "utf8", cwd: root, timeout: 60_000 });
const good = ["--cas", "https://cas.example.org/cas", "--origin", "http://127.0.0.1:9"];

test("what is missing or wrong is said in a sentence, with exit code 2", () => {
  for (const [args, sentence] of [
    [[], "--cas is missing"],
    [["--cas", "https://cas.example.org/cas"], "--origin is missing"],
    [["--cas", "https://cas.example.org/cas", "--origin", "nonsense"], '--origin must be http://host:port without a path, not "nonsense"'],
    [[...good, "--port", "70000"], "--port must be a number"],
    [[...good, "--policy", "no-such-file"], 'there is no file "no-such-file"'],
    [[...good, "--nonsense"], "Unknown option '--nonsense'"],
  ]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2, args.join(" "));
    assert.ok(stderr.startsWith("portcullis: ") && stderr.includes(sentence), stderr);
    assert.match(stderr, /Use: npm run gate/);
  }
});

test("a taken port is named with its holder", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  // Asked without blocking this process, which holds the port and answers for it.
  const child = spawn(process.execPath, [command, ...good, "--port", String(port)], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  const [status] = await once(child, "exit");
  server.close();
  assert.equal(status, 1);
  assert.match(text, new RegExp(`port ${port} is taken \\(.*process ${process.pid}\\)`));
});

test("it serves, and says what stops it", async () => {
  const behind = await app();
  const serve = (...args) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    const said = new Promise((done) => {
      const look = () => (/Ctrl-C ends it|cannot serve/.test(text) ? done(text) : undefined);
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      child.once("exit", () => done(text));
    });
    return { child, said };
  };
  const running = serve("--cas", "https://cas.example.org/cas", "--origin", behind.url, "--port", "0");
  let state;
  try {
    const text = await running.said;
    const url = /The gate runs at (http:\S+)/.exec(text)?.[1];
    state = /sessions are kept in (\S+)/.exec(text)?.[1];
    assert.ok(url, text);
    const answer = await fetch(`${url}/.portcullis/health`);
    assert.equal((await answer.json()).status, "ok");
  } finally {
    running.child.kill("SIGTERM");
    await once(running.child, "exit");
    await behind[Symbol.asyncDispose]();
    if (state?.includes("gate-state")) rmSync(state, { recursive: true, force: true });
  }
  const broken = serve("--cas", "http://cas.example.org/cas", "--origin", behind.url, "--port", "0");
  assert.match(await broken.said, /CAS_URL: The address of the CAS server must begin with https/);
});

test("SIGTERM to npm ends all that it started", async () => {
  const behind = await app();
  const npm = spawn("npm", ["run", "gate", "--", "--cas", "https://cas.example.org/cas", "--origin", behind.url, "--port", "0"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const below = (pid) => childrenOf(pid).flatMap((child) => [child, ...below(child)]);
  let text = "";
  let started = [];
  try {
    npm.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    while (!text.includes("Ctrl-C ends it") && npm.exitCode === null) await sleep(50);
    started = below(npm.pid);
    assert.ok(started.length >= 3, `the command, the supervisor and workerd run: ${started}`);
    npm.kill("SIGTERM");
    await Promise.race([once(npm, "exit"), sleep(10_000, undefined, { ref: false })]);
    const alive = () => [npm.pid, ...started].filter((pid) => existsSync(`/proc/${pid}`));
    for (let waited = 0; alive().length && waited < 100; waited++) await sleep(50);
    assert.deepEqual(alive(), [], "no process is left");
  } finally {
    for (const pid of started.filter((pid) => existsSync(`/proc/${pid}`))) process.kill(pid, "SIGKILL");
    await behind[Symbol.asyncDispose]();
    const state = /sessions are kept in (\S+)/.exec(text)?.[1];
    if (state?.includes("gate-state")) rmSync(state, { recursive: true, force: true });
  }
});
