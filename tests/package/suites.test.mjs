// `npm test` itself: it counts right, names the tests that failed, and turns a test that hangs into a failure.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { locked, root } from "../setup.mjs";

const folder = join(root, "target/consumers/suites");
mkdirSync(folder, { recursive: true });

/** Runs test files as the first of two suites, as `npm test` would with `filter`. */
function runs(name, files, filter, env = {}) {
  const paths = Object.entries(files).map(([file, text]) => {
    const path = join(folder, `${name}.${file}.mjs`);
    writeFileSync(path, `import { test } from "node:test";\n${text}`);
    return path;
  });
  const program = join(folder, `${name}.mjs`);
  writeFileSync(program, `
    import { nodeTest, runSuites } from ${JSON.stringify(pathToFileURL(join(root, "tests/test.mjs")))};
    const filter = ${JSON.stringify(filter)};
    const list = { one: { needs: [], commands: () => [nodeTest(${JSON.stringify(paths)}, filter, 1)] }, two: { needs: [], commands: () => [] } };
    process.exitCode = (await runSuites(list, ["one", "two"], filter)) ? 0 : 1;`);
  const { NODE_TEST_CONTEXT: _, ...outer } = process.env; // Otherwise Node takes the new process for a part of this run.
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", env: { ...outer, ...env }, timeout: 120_000 });
  return { status, stdout, stderr };
}

test("a filter chooses tests by name, and only those are counted", () => {
  const files = { a: `test("x04_one", () => {}); test("other", () => { throw new Error("not asked for"); });`, b: `test("x04_two", { skip: true }, () => {});` };
  const { status, stdout } = runs("counts", files, "x04");
  assert.match(stdout, /^one +1 +0 +1 +\d+ s$/m);
  assert.match(stdout, /\n1 passed, 0 failed, in \d+ min\n$/);
  assert.equal(status, 0);
});

test("the failed tests are named at the end, with coloured output too", () => {
  const { status, stdout } = runs("failed", { a: `test("good", () => {}); test("bad one", () => { throw new Error("x"); });` }, undefined, { FORCE_COLOR: "1" });
  assert.match(stdout, /^one +1 +1 +0 +\d+ s$/m);
  assert.match(stdout, /\nFailed:\n {2}bad one\nStopped after the first failed suite; not run: two\./);
  assert.equal(status, 1);
});

const ONCE_BAD = (file) => `import { existsSync, writeFileSync } from "node:fs";
  test("good", () => {}); test("bad", () => { throw new Error("x"); });
  test("group", async (t) => { await t.test("fails (once)", () => { if (!existsSync("${file}")) { writeFileSync("${file}", ""); throw new Error("x"); } }); });`;

test("in CI a failed test is run once more and named, and one that fails again stays failed", () => {
  const file = join(folder, "once-failed");
  const only = { a: ONCE_BAD(file).replace(/test\("bad".*/, "") };
  rmSync(file, { force: true });
  const { status, stdout } = runs("again", only, undefined, { CI: "true" });
  assert.match(stdout, /\nFailed once, and passed when run again alone:\n {2}fails \(once\)\n/);
  assert.match(stdout, /^one +\d+ +0 +0 +\d+ s$/m);
  assert.equal(status, 0);

  rmSync(file, { force: true });
  const both = runs("again-bad", { a: ONCE_BAD(file) }, undefined, { CI: "true" });
  assert.match(both.stdout, /\nFailed:[^]*\n {2}bad\n/);
  assert.equal(both.status, 1);

  rmSync(file, { force: true });
  assert.equal(runs("again-by-hand", only, undefined, { CI: "" }).status, 1);
});

test("a name that no test has is an error", () => {
  const { status, stderr } = runs("nothing", { a: `test("one", () => {});` }, "zebra");
  assert.match(stderr, /no test is named like "zebra"/);
  assert.equal(status, 1);
});

for (const [name, text] of Object.entries({ "a loop": "for (;;);", "an open timer": "setInterval(() => {}, 1000);", "a top-level await": "setInterval(() => {}, 1000); await new Promise(() => {});" })) {
  test(`a file that hangs fails and is named: ${name}`, () => {
    const file = name.replaceAll(" ", "-");
    const { status, stderr } = runs(`hang-${file}`, { [file]: `test("quick", () => {}); ${text}` }, undefined, { PORTCULLIS_SILENT_MINUTES: "0.1" });
    assert.match(stderr, /printed nothing for 0\.1 minutes and was killed/);
    if (existsSync("/proc/self/task")) assert.match(stderr, new RegExp(`It was running: .*hang-${file}\\.${file}\\.mjs`));
    assert.equal(status, 1);
  });
}

test("the lock of a killed process blocks nobody", { timeout: 10_000 }, async () => {
  const lock = join(root, "target/setup/test-of-a-lock-lock");
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, "pid"), String(spawnSync("true").pid));
  let done = 0;
  await locked("test-of-a-lock", async () => (done += 1));
  assert.equal(done, 1);
  assert.ok(!existsSync(lock));
});

test("npm start and npm test report unknown arguments before they build anything", () => {
  for (const [program, args, status, wanted] of [
    ["start", ["--port", "9787"], 2, /Unknown option '--port'[^]*npm start \[-- --ports N\]/],
    ["start", ["--ports", "80"], 2, /from 1024 to 65000/],
    ["test", ["worker", "s11", "more"], 1, /cannot read the arguments "worker s11 more"/],
    ["test", ["nowhere", "s11"], 1, /there is no suite "nowhere"[^]*worker/],
  ]) {
    const ran = spawnSync(process.execPath, [join(root, `tests/${program}.mjs`), ...args], { encoding: "utf8", timeout: 60_000 });
    assert.match(ran.stderr, wanted);
    assert.equal(ran.status, status, args.join(" "));
  }
});
