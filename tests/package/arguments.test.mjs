// What a program without types may hand over by mistake: each is told by a code and the argument's name, and never reaches
// the wasm's memory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { root } from "../setup.mjs";
import { consumer } from "./consumer.mjs";

const SECRET = "JBSWY3DPEHPK3PXP";
const CAS = "https://cas.example.org/cas";
const KDF = { salt: "00".repeat(16), memoryKib: 19456, passes: 2 };
let entries, separate;
before(async () => {
  const app = await consumer("arguments");
  const entry = (name) => import(pathToFileURL(app.file(`node_modules/portcullis/${name}/inline.js`)));
  separate = (name) => import(pathToFileURL(app.file(`node_modules/portcullis/${name}/wasm.js`)));
  const names = ["otp", "migration", "backup", "qr", "cas", "vault", "kdf"];
  entries = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await entry(name)])));
});

/** A number, nothing, and an object that looks like a text: what is no text in any of these places. */
const noTexts = [5, undefined, new URL("https://app.example.org/")];
const noBytes = [undefined, "abc", new ArrayBuffer(32), [1, 2, 3]];

const calls = {
  "cas.loginUrl: service": [noTexts, ({ cas }, given) => cas.loginUrl(CAS, given)],
  "cas.logoutUrl: service": [[5, new URL(CAS)], ({ cas }, given) => cas.logoutUrl(CAS, given)],
  "cas.validateUrl: service": [noTexts, ({ cas }, given) => cas.validateUrl(CAS, given, "ST-1-a")],
  "cas.validateUrl: ticket": [noTexts, ({ cas }, given) => cas.validateUrl(CAS, "https://app.example.org/", given)],
  "cas.takeTicket: query": [[...noTexts, new URLSearchParams("ticket=ST-1-a")], ({ cas }, given) => cas.takeTicket(given)],
  "qr.drawQr: text": [noTexts, ({ qr }, given) => qr.drawQr(given)],
  "migration.readMigration: parts": [[undefined, "otpauth-migration://offline", [5], {}], ({ migration }, given) => migration.readMigration(given)],
  "migration.writeMigration: accounts": [[undefined, {}, { secret: SECRET }], ({ migration }, given) => migration.writeMigration(given)],
  "vault.readLocked: bytes": [noBytes, ({ vault }, given) => vault.readLocked(given)],
  "vault.unlock: bytes": [noBytes, ({ vault }, given) => vault.unlock(given, "0".repeat(16), new Uint8Array(32))],
  "vault.unlock: slotId": [noTexts, ({ vault }, given) => vault.unlock(new Uint8Array(0), given, new Uint8Array(32))],
  "vault.unlock: key": [noBytes, ({ vault }, given) => vault.unlock(new Uint8Array(0), "0".repeat(16), given)],
  "vault.recoveryKeyBytes: typed": [noTexts, ({ vault }, given) => vault.recoveryKeyBytes(given)],
  "vault.exportUri: id": [noTexts, (_, given, open) => open.exportUri(given)],
  "vault.exportAccount: id": [noTexts, (_, given, open) => open.exportAccount(given)],
  "vault.setTicks: ticks": [[undefined, "GitHub", [5]], (_, given, open) => open.setTicks(given)],
  "vault.removeSlot: id": [noTexts, (_, given, open) => open.removeSlot(given)],
  "vault.proveSlot: id": [noTexts, (_, given, open) => open.proveSlot(given, new Uint8Array(32), 0)],
  "vault.proveSlot: key": [noBytes, (_, given, open) => open.proveSlot("0".repeat(16), given, 0)],
  "kdf.calibrate: clock": [[undefined, 5], ({ kdf }, given) => kdf.calibrate(given)],
};

for (const [name, [wrong, call]] of Object.entries(calls)) {
  test(`refused with its name: ${name}`, () => {
    const open = entries.vault.createVault([{ kind: "device", key: entries.vault.makeDeviceKey() }], 0);
    for (const given of wrong) {
      assert.throws(() => call(entries, given, open), (error) => {
        assert.equal(error.name, "PortcullisError", String(error));
        assert.equal(error.code, "BAD_ARGUMENT");
        assert.match(error.message, new RegExp(`^The argument "${name.split(": ")[1]}" must be `));
        return true;
      });
    }
    open.free();
  });
}

test("a vault that is closed twice is closed", () => {
  const open = entries.vault.createVault([{ kind: "device", key: entries.vault.makeDeviceKey() }], 0);
  open.free();
  open.free();
  open[Symbol.dispose]?.();
  assert.throws(() => open.entries(), { code: "VAULT_CLOSED" });
});

test("the main entry tells what is no account, no list and no step", () => {
  const { otp } = entries;
  const account = { secret: SECRET };
  for (const call of [
    () => otp.code(undefined, 0),
    () => otp.code(null, 0),
    () => otp.code({}, 0),
    () => otp.formatUri(undefined),
    () => otp.parseUri(5),
    () => otp.codes(undefined, 0),
    () => otp.codes({ secret: SECRET }, 0),
    () => otp.codes([undefined], 0),
    () => otp.verify(account, undefined, { nowMs: 0 }),
    () => otp.verify(account, "123456", { nowMs: 0, after: NaN }),
    () => otp.verify(account, "123456"),
    () => otp.makeSecret(5),
    () => otp.secretFromBytes([1, 2]),
    () => otp.secretFromBytes(new Uint8Array(0)),
    () => otp.secretFromBytes(new Uint16Array(2)),
  ]) {
    assert.throws(call, { name: "PortcullisError", code: "BAD_ARGUMENT" }, String(call));
  }
});

test("a secret is the same from bytes and back, whatever its length, and as a person types it", () => {
  const { secretFromBytes, secretToBytes } = entries.otp;
  for (const { text, expect } of JSON.parse(readFileSync(join(root, "tests/vectors/otp/typed_secrets.json"), "utf8"))) {
    if (expect) assert.equal(secretFromBytes(secretToBytes(text)), expect, text);
    else assert.throws(() => secretToBytes(text), { name: "PortcullisError" }, text);
  }
  for (let length = 1; length <= 128; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (length * 37 + i * 101) % 256);
    assert.deepEqual(secretToBytes(secretFromBytes(bytes)), bytes);
    assert.deepEqual(secretToBytes(secretFromBytes(Buffer.from(bytes))), bytes);
  }
});

/** What only looks like an option, and the argument of the wrong type, in every entry that has options. */
const unknown = {
  "verify: lastStep": ({ otp }) => otp.verify({ secret: SECRET }, "1", { nowMs: 0, lastStep: 1 }),
  "verifyHotp: window": ({ otp }) => otp.verifyHotp({ kind: "hotp", secret: SECRET }, "1", { window: 1 }),
  "drawQr: margin": ({ qr }) => qr.drawQr("x", { margin: 1 }),
  "loginUrl: Renew": ({ cas }) => cas.loginUrl(CAS, "https://app.example.org/", { Renew: true }),
  "loginUrl: renew": ({ cas }) => cas.loginUrl(CAS, "https://app.example.org/", { renew: "yes" }),
  "loginUrl: params": ({ cas }) => cas.loginUrl(CAS, "https://app.example.org/", { params: { locale: 5n } }),
  "loginUrl: server.Url": ({ cas }) => cas.loginUrl({ Url: CAS }, "https://app.example.org/"),
  "loginUrl: server": ({ cas }) => cas.loginUrl(5n, "https://app.example.org/"),
  "validateUrl: gateway": ({ cas }) => cas.validateUrl(CAS, "https://app.example.org/", "ST-1-a", { gateway: true }),
  "readAnswer: allowNamespace": ({ cas }) => cas.readAnswer(200, "", { allowNamespace: true }),
  "readAnswer: expect.proxies": ({ cas }) => cas.readAnswer(200, "", { proxies: ["https://proxy.example.org"] }),
  "readAnswer: status": ({ cas }) => cas.readAnswer(200n, ""),
  "readAnswer: body": ({ cas }) => cas.readAnswer(200, 5n),
  "readLogoutRequest: body": ({ cas }) => cas.readLogoutRequest(undefined),
  "readBackup: passwort": ({ backup }) => backup.readBackup(new Uint8Array(1), { passwort: "x" }),
  "readBackup: password": ({ backup }) => backup.readBackup(new Uint8Array(1), { password: 5n }),
  "readBackup: maxMemoryKib": ({ backup }) => backup.readBackup(new Uint8Array(1), { maxMemoryKib: 5n }),
  "inspectBackup: besides": ({ backup }) => backup.inspectBackup(new Uint8Array(1), { besides: [] }),
  "writeBackup: now": ({ backup }) => backup.writeBackup("2fas", [], { now: 0 }),
  "writeBackup: digits": ({ backup }) => backup.writeBackup("2fas", [{ account: { secret: SECRET, digits: 6n } }]),
  "writeBackup: algoritm": ({ backup }) => backup.writeBackup("2fas", [{ account: { secret: SECRET, algoritm: "SHA512" } }]),
  "writeMigration: period": ({ migration }) => migration.writeMigration([{ secret: SECRET, period: 60 }]),
  "writeMigration: secret": ({ migration }) => migration.writeMigration([{ name: "ann" }]),
  "stretch: passphrase": ({ kdf }) => kdf.stretch(5n, KDF),
  "stretch: kdf.salt": ({ kdf }) => kdf.stretch("x", { ...KDF, salt: undefined }),
  "stretch: kdf.passes": ({ kdf }) => kdf.stretch("x", { ...KDF, passes: 2n }),
  "stretch: maxMemoryKib": ({ kdf }) => kdf.stretch("x", KDF, 5n),
  "calibrate: targetMs": ({ kdf }) => kdf.calibrate(() => 0, 5n),
  "kdfParams: memoryKib": ({ kdf }) => kdf.kdfParams(65536n, 3),
  "createVault: slots.key": ({ vault }) => vault.createVault([{ kind: "device", key: "x" }], 0),
  "createVault: nowMs": ({ vault }) => vault.createVault([{ kind: "device", key: new Uint8Array(32) }], 0n),
  "Vault.apply: periodSec": (_, open) => open.apply({ do: "add", account: { secret: SECRET, periodSec: 60 } }, 0),
  "Vault.apply: nowMs": (_, open) => open.apply({ do: "add", account: { secret: SECRET } }, 0n),
  "Vault.codesAt: nowMs": (_, open) => open.codesAt(0n),
  "Vault.duplicatesOf: account": (_, open) => open.duplicatesOf(null),
};
for (const [name, call] of Object.entries(unknown)) {
  test(`named: ${name}`, () => {
    const open = entries.vault.createVault([{ kind: "device", key: entries.vault.makeDeviceKey() }], 0);
    assert.throws(() => call(entries, open), (error) => {
      assert.equal(error.name, "PortcullisError", String(error));
      assert.equal(error.code, "BAD_ARGUMENT");
      const named = name.split(": ")[1].split(".").at(-1);
      assert.ok(error.message.includes(named), error.message);
      return true;
    });
    open.free();
  });
}

test("null and undefined are no options, and columns of a database are no settings", () => {
  const { otp, cas, backup, migration, vault, kdf } = entries;
  const row = { id: 7, user: "ann", note: "x", created_at: "2026-01-01", ip: "::1", secret: SECRET, digits: null, kind: null, period: null, pin: undefined };
  assert.equal(otp.code(row, 59_000).text, "996554");
  assert.equal(otp.verify(row, "996554", { nowMs: 59_000, after: null, window: null, lastStep: undefined }).step, 1);
  assert.equal(otp.verifyHotp({ ...row, kind: "hotp" }, "1", null), null);
  assert.equal(otp.makeSecret(null).length, 32);
  assert.equal(migration.writeMigration([row]).parts.length, 1);
  assert.equal(backup.writeBackup("aegis", [{ account: row, note: null, tags: null, pinned: null }], null).count, 1);
  assert.equal(cas.loginUrl({ url: CAS, format: null }, "https://app.example.org/", { renew: null, params: undefined }), cas.loginUrl(CAS, "https://app.example.org/"));
  assert.equal(cas.logoutUrl(CAS, null), cas.logoutUrl(CAS));
  assert.equal(kdf.stretch("x", KDF, null).length, 32);
  const open = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], 0);
  const { id } = open.apply({ do: "add", account: row }, 0);
  assert.deepEqual(open.duplicatesOf(row), [id]);
  open.free();
});

test("an index says which account of a list, in every entry that takes one", () => {
  const accounts = [{ secret: SECRET }, { secret: SECRET, counter: 1n }];
  const { otp, backup, migration } = entries;
  for (const call of [
    () => otp.codes(accounts, 0),
    () => migration.writeMigration(accounts),
    () => backup.writeBackup("aegis", accounts.map((account) => ({ account }))),
    () => backup.backupLosses("aegis", [{ account: { secret: SECRET } }, { account: { secret: SECRET }, tags: [5] }]),
  ]) {
    assert.throws(call, { code: "BAD_ARGUMENT", index: 1 }, String(call));
  }
  // Alone in its call to the core, where the place of an error is that of the wrong letter.
  const wrong = { secret: "JBSWY3D!" };
  assert.throws(() => otp.codes([wrong], 0), { code: "OTP_BAD_BASE32", index: 0 });
  assert.throws(() => otp.codes([...Array(909).fill({ secret: SECRET }), wrong], 0), { code: "OTP_BAD_BASE32", index: 909 });
});

test("a time that looks like seconds is refused wherever milliseconds are meant", () => {
  const { otp, backup, vault } = entries;
  const account = { secret: SECRET };
  for (const seconds of [1e9, 1_767_225_600, 1_767_225_600.25, 1e10]) {
    const open = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], 0);
    for (const call of [
      () => otp.code(account, seconds),
      () => otp.codes([account], seconds),
      () => otp.verify(account, "1", { nowMs: seconds }),
      () => open.codesAt(seconds),
      () => open.apply({ do: "add", account }, seconds),
      () => vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], seconds),
      () => backup.writeBackup("2fas", [{ account }], { nowMs: seconds }),
    ]) {
      assert.throws(call, { code: "OTP_BAD_TIME", message: /milliseconds/ }, `${call}: ${seconds}`);
    }
    open.free();
  }
  for (const time of [0, 59_000, 999_999_999, 10_000_000_001, 1_767_225_600_000.25]) assert.equal(otp.code(account, time).text.length, 6);
});

const early = {
  otp: ({ code }) => code({ secret: SECRET }, 0),
  migration: ({ readMigration }) => readMigration(["otpauth-migration://offline?data=x"]),
  qr: ({ drawQr }) => drawQr("x"),
  cas: ({ takeTicket }) => takeTicket("ticket=ST-1-a"),
  vault: ({ makeDeviceKey }) => makeDeviceKey(),
  kdf: ({ stretch }) => stretch("x", KDF),
  backup: ({ backupApps }) => backupApps(),
  "qr-draw": ({ drawQr }) => drawQr("x"),
};
for (const [name, call] of Object.entries(early)) {
  test(`before init: ${name} says that it is not ready`, async () => {
    const entry = await separate(name);
    assert.throws(() => call(entry), { name: "PortcullisError", code: "NOT_READY" });
  });
}
