// The entry for other apps' files in runtimes that are not Node: it opens an encrypted file, writes one, and says in a sentence where
// memory ends.
import assert from "node:assert/strict";
import { test } from "node:test";

import { launch } from "../parts/chromium.mjs";
import { spawnPart } from "../parts/process.mjs";
import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";
import { resultOf } from "./page.mjs";
import { serve } from "./serve.mjs";

/** What each runtime computes: an Aegis file written and opened, and an Ente file that asks for a gigabyte. */
const WORK = `function work(backup) {
  const items = [{ account: { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", issuer: "Example", name: "ann" }, tags: ["work"], note: "kept" }];
  const [file] = backup.writeBackup("aegis-encrypted", items, { password: "correct horse" }).parts;
  const info = backup.inspectBackup(file);
  const parts = backup.sampleBackup(file);
  const [entry] = backup.readBackup(file, { password: "correct horse" }).entries;
  const code = (call) => { try { call(); return "none"; } catch (error) { return error.code; } };
  const zeros = (length) => btoa(String.fromCharCode(...new Array(length).fill(0)));
  const large = new TextEncoder().encode(JSON.stringify({ version: 1, kdfParams: { memLimit: 2 ** 30, opsLimit: 4, salt: zeros(16) }, encryptedData: zeros(64), encryptionNonce: zeros(24) }));
  return {
    app: info.app, parts, issuer: entry.account.issuer, note: entry.note, tags: entry.tags.join(),
    wrong: code(() => backup.readBackup(file, { password: "wrong" })),
    large: code(() => backup.readBackup(large, { password: "x", ...(globalThis.navigator?.userAgent === "Cloudflare-Workers" ? {} : { maxMemoryKib: 98304 }) })),
    unknown: code(() => backup.readBackup(new TextEncoder().encode("Dear ann, see you on Sunday."))),
  };
}`;
const RIGHT = { app: "aegis", parts: 4, issuer: "Example", note: "kept", tags: "work", wrong: "BACKUP_WRONG_PASSWORD", large: "BACKUP_NO_MEMORY", unknown: "BACKUP_UNKNOWN" };
const PROGRAM = `import * as backup from "portcullis/backup";\n${WORK}\nconsole.log(JSON.stringify(work(backup)));\n`;

for (const [name, args] of [["deno", ["run", "--no-remote", "--node-modules-dir=manual", "backup.mjs"]], ["bun", ["backup.mjs"]]]) {
  test(`${name} opens an encrypted file, and says where memory ends`, async () => {
    const app = await consumer(name, { "backup.mjs": PROGRAM });
    assert.deepEqual(JSON.parse(await app.run(name, args)), RIGHT);
  });
}

test("workerd opens an encrypted file within its 128 MB, and says that a larger key derivation is too large here", async () => {
  const app = await consumer("workerd-backup", {
    "worker.mjs": `import * as backup from "portcullis/backup";\n${WORK}\nexport default { fetch: () => Response.json(work(backup)) };`,
    "config.capnp": `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [(name = "main", worker = .main)],
        sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")] );
      const main :Workerd.Worker = ( compatibilityDate = "2026-07-01", modules = [
        (name = "worker.js", esModule = embed "dist/worker.js"),
        (name = "backup.wasm", wasm = embed "node_modules/portcullis/backup/backup.wasm") ]);`,
  });
  await app.run("esbuild", ["worker.mjs", "--bundle", "--format=esm", "--conditions=workerd", "--external:*.wasm", "--outfile=dist/worker.js", "--log-level=error"]);
  const workerd = await spawnPart({
    name: "workerd",
    command: `${root}/node_modules/.bin/workerd`,
    args: ["serve", "config.capnp", "--control-fd=1"],
    cwd: app.folder,
    ready: (lines) => lines.map((line) => /"socket":"http","port":(\d+)/.exec(line)?.[1]).find(Boolean),
  });
  try {
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${workerd.found}`)).json(), RIGHT);
  } finally {
    await workerd.stop();
  }
});

test("Chromium opens an encrypted file without a bundler", async () => {
  const app = await consumer("browser-backup", {
    "index.html": `<!doctype html><title>consumer</title><script type="module" src="main.js"></script>`,
    "main.js": `import * as backup from "/node_modules/portcullis/backup/inline.js";\n${WORK}\nglobalThis.result = work(backup);`,
  });
  await using chromium = await launch();
  await using server = await serve(app.folder);
  assert.deepEqual(await resultOf(chromium, server.url), RIGHT);
});
