// The packed package in the heavy tools, unconfigured. Each must show the code of RFC 6238 appendix B, not just build.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { launch } from "../../parts/chromium.mjs";
import { answers, spawnPart } from "../../parts/process.mjs";
import { serve } from "../../package/serve.mjs";
import { npmCi, root, run } from "../../setup.mjs";
import { freePorts } from "../../parts/free_ports.mjs";

const CODE = "94287082";
const here = join("tests", "interop", "bundlers");
const env = { NEXT_TELEMETRY_DISABLED: "1", CI: "1" };

/** A consumer's folder, absolute, with its locked packages and the packed tarball in it. */
async function consumer(name) {
  const folder = join(here, name);
  await npmCi(folder, `npm packages of the ${name} consumer`);
  const installed = join(root, folder, "node_modules", "portcullis");
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  await run("tar", ["-xzf", join(root, "target", "npm", "portcullis-0.1.0.tgz"), "--strip-components=1", "-C", installed], { log: "npm.log" });
  const cwd = join(root, folder);
  return { cwd, bin: (tool) => join(cwd, "node_modules", ".bin", tool) };
}

/** Opens a page that loads one of a folder's built files, or the folder's own page; gives what the page then shows. */
async function shown(folder, script) {
  if (script) writeFileSync(join(folder, "index.html"), `<!doctype html><body><script type="module" src="/${script}"></script></body>`);
  await using site = await serve(folder);
  await using chromium = await launch();
  const page = await (await chromium.context()).newPage();
  await page.goto(`${site.url}/`);
  await page.waitForFunction(() => document.body.textContent.trim() !== "", null, { timeout: 30_000 });
  return await page.evaluate(() => document.body.textContent.trim());
}

for (const mode of ["production", "development"]) {
  test(`webpack, ${mode}`, async () => {
    const { cwd, bin } = await consumer("webpack");
    rmSync(join(cwd, "dist"), { recursive: true, force: true });
    await run(bin("webpack"), ["--mode", mode], { cwd, env, log: "bundlers.log" });
    assert.equal(await shown(join(cwd, "dist"), "main.js"), `${CODE} true`);
  });
}

test("Rollup", async () => {
  const { cwd, bin } = await consumer("rollup");
  rmSync(join(cwd, "dist"), { recursive: true, force: true });
  await run(bin("rollup"), ["-c"], { cwd, env, log: "bundlers.log" });
  assert.equal(await shown(join(cwd, "dist"), "main.js"), `${CODE} true`);
});

// Parcel does not read `exports` unless it is told to: it finds the entries by the package.json in their folders.
test("Parcel, as it comes", async () => {
  const { cwd, bin } = await consumer("parcel");
  for (const made of ["dist", ".parcel-cache"]) rmSync(join(cwd, made), { recursive: true, force: true });
  await run(bin("parcel"), ["build", "src/index.html", "--dist-dir", "dist"], { cwd, env, log: "bundlers.log" });
  assert.equal(await shown(join(cwd, "dist")), `${CODE} true`);
});

test("Vitest", async () => {
  const { cwd, bin } = await consumer("vitest");
  await run(bin("vitest"), ["run"], { cwd, env, log: "bundlers.log" });
});

test("Jest, in Node and in jsdom", async () => {
  const { cwd, bin } = await consumer("jest");
  await run(bin("jest"), ["--ci"], { cwd, env, log: "bundlers.log" });
});

test("Next.js: server, client component, and every entry in the edge runtime", async () => {
  const { cwd, bin } = await consumer("next");
  copyFileSync(join(cwd, "node_modules/portcullis/examples/useCode.js"), join(cwd, "app/useCode.js"));
  rmSync(join(cwd, ".next"), { recursive: true, force: true });
  await run(bin("next"), ["build"], { cwd, env, log: "bundlers.log" });
  const port = await freePorts(1); // next takes no port 0
  const url = `http://127.0.0.1:${port}/`;
  const part = await spawnPart({
    name: "next start",
    command: bin("next"),
    args: ["start", "-H", "127.0.0.1", "-p", String(port)],
    cwd,
    env,
    ready: () => answers(url),
  });
  try {
    const { headers } = await fetch(url);
    assert.equal(headers.get("x-code"), CODE, "the middleware's code");
    const entries = headers.get("x-entries").split(", ");
    assert.deepEqual(entries.filter((said) => !said.endsWith(" works")), []);
    assert.equal(entries.length, 8);
    await using chromium = await launch();
    const page = await (await chromium.context()).newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(url);
    assert.equal(await page.textContent("#server"), CODE);
    await page.waitForFunction(() => document.querySelector("#client").textContent !== "", null, { timeout: 30_000 });
    assert.equal(await page.textContent("#client"), CODE);
    // The hook of the examples hydrates without a difference: React tells one as an error.
    await page.waitForFunction(() => /^\d{8} \d+$/.test(document.querySelector("#live").textContent), null, { timeout: 30_000 });
    // The app has no icon, which Chromium asks for.
    assert.deepEqual(errors.filter((error) => !error.startsWith("Failed to load resource")), []);
  } finally {
    await part.stop();
  }
});
