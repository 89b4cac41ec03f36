// What a program without types may hand over by mistake: each is told by a code and the argument's name, and never reaches
// the wasm's memory.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { consumer } from "./consumer.mjs";

const SECRET = "JBSWY3DPEHPK3PXP";
const CAS = "https://cas.example.org/cas";
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
    () => otp.verify(account, "123456", { nowMs: 0, after: null }),
    () => otp.makeSecret(5),
  ]) {
    assert.throws(call, { name: "PortcullisError", code: "BAD_ARGUMENT" }, String(call));
  }
  assert.throws(() => otp.verify(account, "123456"), { code: "OTP_BAD_TIME" });
});

const early = {
  otp: ({ code }) => code({ secret: SECRET }, 0),
  migration: ({ readMigration }) => readMigration(["otpauth-migration://offline?data=x"]),
  qr: ({ drawQr }) => drawQr("x"),
  cas: ({ takeTicket }) => takeTicket("ticket=ST-1-a"),
  vault: ({ makeDeviceKey }) => makeDeviceKey(),
  kdf: ({ stretch }) => stretch("x", { saltHex: "00".repeat(16), memoryKib: 19456, passes: 2, lanes: 1 }),
};
for (const [name, call] of Object.entries(early)) {
  test(`before init: ${name} says that it is not ready`, async () => {
    const entry = await separate(name);
    assert.throws(() => call(entry), { name: "PortcullisError", code: "NOT_READY" });
  });
}
