// The packed tarball through bundlers and the type checker, unconfigured: each has to show the right code.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

import { launch } from "../parts/chromium.mjs";
import { spawnPart } from "../parts/process.mjs";
import { shared } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { CODE, PROGRAM, consumer } from "./consumer.mjs";
import { resultOf } from "./page.mjs";
import { serve } from "./serve.mjs";

const ESM = `import { code } from "portcullis";\nconsole.log(${PROGRAM});\n`;
const PAGE = { "index.html": `<!doctype html><title>consumer</title><script type="module" src="/main.js"></script>` };
const IN_PAGE = { "main.js": `import { code } from "portcullis";\nimport { drawQr } from "portcullis/qr";\nglobalThis.result = [${PROGRAM}, drawQr("x").slice(0, 4)];\n` };

let chromium;
shared(async (stack) => (chromium = stack.use(await launch())));

const shown = (url) => resultOf(chromium, url);

for (const format of ["esm", "cjs", "iife"]) {
  test(`esbuild bundles it as ${format}`, async () => {
    const app = await consumer("esbuild", { "main.js": ESM });
    const out = `dist/main.${format === "esm" ? "mjs" : "cjs"}`;
    await app.run("esbuild", ["main.js", "--bundle", `--format=${format}`, "--platform=neutral", `--outfile=${out}`, "--log-level=error"]);
    assert.equal(await app.run(process.execPath, [out]), CODE);
  });
}

test("esbuild leaves out what is not used", async () => {
  const app = await consumer("esbuild", { "unused.js": `import "portcullis"; import { readQr } from "portcullis/qr"; console.log(1);` });
  await app.run("esbuild", ["unused.js", "--bundle", "--format=esm", "--minify", "--outfile=dist/unused.mjs", "--log-level=error"]);
  assert.ok((await readFile(app.file("dist/unused.mjs"), "utf8")).length < 200);
});

test("Vite builds it", async () => {
  const app = await consumer("vite", { ...PAGE, ...IN_PAGE });
  await app.run("vite", ["build", "--logLevel", "warn"]);
  await using site = await serve(app.file("dist"));
  assert.deepEqual(await shown(site.url), [CODE, "<svg"]);
  const scripts = await readdir(app.file("dist/assets"));
  assert.ok(!scripts.some((name) => name.startsWith("asm-")), scripts.join());
});

test("Vite builds `portcullis/auto`, with the plain JavaScript as a file that only those fetch who need it", async () => {
  const app = await consumer("vite-auto", { ...PAGE, "main.js": `import { code, ready } from "portcullis/auto";\nawait ready;\nglobalThis.result = [${PROGRAM}];\n` });
  await app.run("vite", ["build", "--logLevel", "warn", "--target", "es2022"]);
  await using site = await serve(app.file("dist"));
  assert.deepEqual(await shown(site.url), [CODE]);
  assert.deepEqual(await resultOf(chromium, site.url, { script: "delete globalThis.WebAssembly" }), [CODE]);
  const scripts = await readdir(app.file("dist/assets"));
  assert.ok(scripts.some((name) => name.startsWith("asm-")), scripts.join());
});

test("one file without splitting: the plain JavaScript comes along where it is named alone", async () => {
  const has = async (name) => {
    const app = await consumer("esbuild", { "one.js": `export { code } from "${name}";` });
    await app.run("esbuild", ["one.js", "--bundle", "--format=esm", "--minify", "--outfile=dist/one.mjs", "--log-level=error"]);
    return (await readFile(app.file("dist/one.mjs"), "utf8")).length > 60_000;
  };
  assert.deepEqual([await has("portcullis"), await has("portcullis/auto")], [false, true]);
});

test("Vite takes the wasm as a file by ?url", async () => {
  const app = await consumer("vite-url", {
    ...PAGE,
    "main.js": `import { init, code } from "portcullis/wasm";\nimport url from "portcullis/otp.wasm?url";\nawait init(url);\nglobalThis.result = [${PROGRAM}];\n`,
  });
  await app.run("vite", ["build", "--logLevel", "warn", "--target", "es2022", "--assetsInlineLimit", "0"]);
  const wasms = (await readdir(app.file("dist/assets"))).filter((name) => name.endsWith(".wasm"));
  assert.equal(wasms.length, 1);
  await using site = await serve(app.file("dist"));
  assert.deepEqual(await shown(site.url), [CODE]);
});

test("Vite serves it in development", async () => {
  const app = await consumer("vite-dev", { ...PAGE, ...IN_PAGE });
  const vite = await spawnPart({
    name: "vite",
    command: `${root}/node_modules/.bin/vite`,
    args: ["--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"],
    env: { NO_COLOR: "1" },
    cwd: app.folder,
    ready: (lines) => lines.map((line) => /(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]).find(Boolean),
  });
  try {
    assert.deepEqual(await shown(vite.found), [CODE, "<svg"]);
  } finally {
    await vite.stop();
  }
});

const TYPED = `
import { code, codes, formatUri, makeSecret, parseUri, PortcullisError, ready, resyncHotp, verify, verifyHotp, type Account, type Code, type ErrorCode } from "portcullis";
import { readMigration, writeMigration, type Migration } from "portcullis/migration";
import { drawQr, readQr } from "portcullis/qr";
import { loginUrl, readAnswer, takeTicket, type CasServer, type Person } from "portcullis/cas";
import { createVault, makeDeviceKey, unlock, type Change, type Entry, type Vault } from "portcullis/vault";
import { calibrate, stretch, type KdfParams } from "portcullis/kdf";
import { init } from "portcullis/wasm";
import { init as initVault } from "portcullis/vault/wasm";
import * as js from "portcullis/js";
import * as auto from "portcullis/auto";

const account: Account = parseUri("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP");
const shown: Code = code(account, Date.now());
const until: number | undefined = shown.validUntilMs;
const texts: string[] = codes([account, { secret: makeSecret() }], 0).map(({ text }) => text);
const step: number | undefined = verify(account, "123456", { nowMs: 0, window: 1 })?.step;
const next: number | undefined = verifyHotp({ secret: "AA", kind: "hotp" }, "1")?.nextCounter ?? resyncHotp(account, "1", "2")?.counter;
const svg: string = drawQr(formatUri(account), { title: "An account", errorCorrection: "H" });
const read: string[] = readQr({ data: new Uint8ClampedArray(4), width: 1, height: 1 });
const found: Migration = readMigration(writeMigration([account]).parts);
const waited: Promise<void> = ready;
const started: Promise<void> = init(new Response());
const same: Code = js.code(account, 0);
const cas: CasServer = { url: "https://cas.example.org/cas", protocol: 3, format: "json" };
const login: string = loginUrl(cas, "https://app.example.org/", { params: { locale: "de" } });
const ticket: string | undefined = takeTicket("?ticket=ST-1-a")?.ticket;
const who: Person = readAnswer(200, new Uint8Array(0), { renew: true });
const kdf: KdfParams = calibrate(() => performance.now());
const vault: Vault = createVault([{ kind: "device", key: makeDeviceKey() }, { kind: "passphrase", key: stretch("x", kdf), kdf }], 0);
const change: Change = { do: "add", account: { secret: "AA" } };
const entries: Entry[] = unlock(vault.seal(), vault.apply(change, 0).id, makeDeviceKey()).entries();
const stored: Blob = new Blob([vault.seal()]);
const startedVault: Promise<void> = initVault(new URL("https://app.example.org/vault.wasm"));
void [auto.ready, login, ticket, who, entries, stored, startedVault];
try { parseUri(""); } catch (error) { if (error instanceof PortcullisError) { const why: ErrorCode = error.code; void why; } }
void [until, texts, step, next, svg, read, found, waited, started, same];
// What a strict project has at hand: rows with nulls, options that may be undefined.
const row: { id: number; secret: string; issuer: string | null; digits?: number | undefined } = { id: 7, secret: "AA", issuer: null };
void [code(row, 0), drawQr("x", { title: undefined }), loginUrl(cas, "https://app.example.org/", { renew: undefined }), verify(row, "1", { nowMs: 0, after: null, window: undefined })];
void [readAnswer(200, "", { ticket: undefined }), stretch("x", kdf, undefined), vault.apply({ do: "add", account: row, note: undefined }, 0)];
// @ts-expect-error an option that there is not
verify(row, "1", { nowMs: 0, lastStep: 1 });
// @ts-expect-error a kind that there is not
code({ secret: "AA", kind: "telepathy" }, 0);
// @ts-expect-error the time must be said
code({ secret: "AA" });
`;
// What a new project has, and nothing skipped: the types may lean on no newer library than they name themselves.
const CONFIG = (options) => JSON.stringify({ compilerOptions: { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "es2022", lib: ["es2022", "dom"], types: [], ...options }, include: ["src"] });

for (const [name, options, extension] of [
  ["node16, as an ES module", { module: "node16", moduleResolution: "node16" }, "mts"],
  ["node16, as CommonJS", { module: "node16", moduleResolution: "node16" }, "cts"],
  ["bundler", { module: "esnext", moduleResolution: "bundler" }, "ts"],
]) {
  test(`strict TypeScript under moduleResolution ${name}`, async () => {
    const app = await consumer(`types-${extension}`, { "tsconfig.json": CONFIG(options), [`src/main.${extension}`]: TYPED });
    await app.run("tsc", ["-p", "."]);
  });
}

test("TypeScript does see the types: a wrong one is an error", async () => {
  const app = await consumer("types-wrong", {
    "tsconfig.json": CONFIG({ module: "esnext", moduleResolution: "bundler" }),
    "src/main.ts": `import { code } from "portcullis"; const text: number = code({ secret: "AA" }, 0).text; void text;`,
  });
  await assert.rejects(app.run("tsc", ["-p", "."]), /TS2322/);
});
