// Every entry in an edge runtime: the platform has compiled its wasm in another realm than the one it runs in, and hands it
// bytes and objects of other realms too. `instanceof` sees none of them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import vm from "node:vm";

import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";
import { realm } from "./realm.mjs";

/** One call of each entry that reaches its core. */
const CALLS = {
  otp: `code({ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }, 59_000).text === "287082" && makeSecret().length === 32`,
  migration: `readMigration(writeMigration([{ secret: "JBSWY3DPEHPK3PXP" }]).parts).accounts.length === 1`,
  backup: `readBackup(writeBackup("aegis", [{ account: { secret: "JBSWY3DPEHPK3PXP" } }]).parts[0]).entries.length === 1`,
  qr: `drawQr("x").startsWith("<svg ") && readQr({ data: new Uint8ClampedArray(64), width: 4, height: 4 }).length === 0`,
  "qr-draw": `drawQr("x").startsWith("<svg ")`,
  cas: `loginUrl("https://cas.example.org/cas", "https://app.example.org/", { params: { locale: "de" } }).endsWith("&locale=de")`,
  vault: `unlock(createVault([{ kind: "device", key: new Uint8Array(32) }], 0).seal(), "0".repeat(16), makeDeviceKey())`,
  kdf: `kdfParams(65536, 3).passes === 3`,
};
const entries = readdirSync(join(root, "crates/js/npm"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  .filter((name) => readdirSync(join(root, "crates/js/npm", name)).includes("api.js"));

let app;
before(async () => (app = await consumer("realms")));

for (const entry of entries) {
  test(`two realms: ${entry}`, async () => {
    const edge = await realm(app, entry);
    assert.throws(() => edge.run("new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))"), "this realm compiles, so it is no model of an edge runtime");
    if (entry === "vault") assert.throws(() => edge.run(CALLS.vault), { code: "VAULT_NO_SLOT" });
    else assert.equal(edge.run(CALLS[entry]), true);
  });

  test(`two realms: ${entry} takes a module of another realm by init`, async () => {
    const separate = await realm(app, entry, "wasm");
    await separate.run("init(compiled)", { compiled: separate.compiled });
    if (entry === "vault") assert.throws(() => separate.run(CALLS.vault), { code: "VAULT_NO_SLOT" });
    else assert.equal(separate.run(CALLS[entry]), true);
  });
}

test("two realms: bytes and options of another realm", async () => {
  const bytes = new Uint8Array(32);
  const cas = await realm(app, "cas");
  const answer = `<c:serviceResponse xmlns:c="http://www.yale.edu/tp/cas"><c:authenticationSuccess><c:user>ann</c:user></c:authenticationSuccess></c:serviceResponse>`;
  assert.equal(cas.exported.readAnswer(200, new TextEncoder().encode(answer), { ticket: "ST-1-a" }).user, "ann");
  assert.match(cas.exported.loginUrl({ url: "https://cas.example.org/cas" }, "https://app.example.org/", { params: { locale: "de" } }), /locale=de/);
  const vault = await realm(app, "vault");
  const open = vault.exported.createVault([{ kind: "device", key: bytes }], 0);
  assert.equal(open.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP" } }, 0).id.length, 32);
  assert.equal(vault.exported.unlock(open.seal(), open.slots()[0].id, bytes).entries().length, 1);
  const backup = await realm(app, "backup");
  const file = new TextEncoder().encode("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example");
  assert.equal(backup.exported.readBackup(file, { beside: [bytes] }).entries.length, 1);
  const qr = await realm(app, "qr");
  assert.equal(qr.exported.readQr({ data: new Uint8Array(64), width: 4, height: 4 }).length, 0);
});

test("two realms: an error of another realm is a PortcullisError", async () => {
  const edge = await realm(app, "otp");
  const { PortcullisError } = await import(app.file("node_modules/portcullis/otp/inline.js"));
  assert.throws(() => edge.run(`parseUri("https://example.org")`), (error) => error instanceof PortcullisError && !(error instanceof Error));
  for (const other of [null, undefined, 5, {}, new Error("x"), { name: "PortcullisError" }]) assert.ok(!(other instanceof PortcullisError));
});

test("a call that is refused half-way leaves no secret in the shared block", async () => {
  const edge = await realm(app, "otp");
  const secret = "FFVCQPA2S3MU37AG7QDINOP7ACIGW6JY";
  const held = () => {
    const [{ exports }] = vm.runInContext("instances", edge.context);
    return Buffer.from(exports.memory.buffer).includes(secret);
  };
  for (const call of [
    `code({ secret, pin: 5 }, 0)`,
    `code({ secret }, 5n)`,
    `formatUri({ secret, name: 5 })`,
    `verify({ secret }, undefined, { nowMs: 0 })`,
    `verify({ secret }, "1", { nowMs: 0, window: 1n })`,
    `verifyHotp({ secret, kind: "hotp" }, null)`,
    `resyncHotp({ secret, kind: "hotp" }, "1", null)`,
    `codes([{ secret }, { secret, counter: 1n }], 0)`,
  ]) {
    assert.throws(() => edge.run(call, { secret }), { name: "PortcullisError", code: "BAD_ARGUMENT" }, call);
    assert.ok(!held(), `the secret is left after ${call}`);
  }
});
