// The vault of the packed tarball: what it seals, another reader in another language opens, and it opens what was sealed by
// another hand; every row of tests/vectors/vault.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { need, root, venvPython } from "../setup.mjs";
import { load } from "../vectors/load.mjs";
import { consumer } from "./consumer.mjs";

const NOW_MS = 1_795_000_000_000;
const rows = load("vault").vault;
let vault, kdf, python;

before(async () => {
  await need("venv:vault_reader");
  const app = await consumer("vault");
  const entry = (name) => import(pathToFileURL(app.file(`node_modules/portcullis/${name}/inline.js`)));
  [vault, kdf] = await Promise.all(["vault", "kdf"].map(entry));
  python = (input, ...args) => {
    const script = join(root, "tests/parts/python/vault_reader/read.py");
    const { status, stdout, stderr } = spawnSync(venvPython("vault_reader"), [script, ...args], { input, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
});

const refused = (code, more = {}) => (error) => {
  assert.equal(error.name, "PortcullisError");
  assert.equal(error.code, code);
  for (const [name, value] of Object.entries(more)) assert.equal(error[name], value);
  return true;
};
const fromHex = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

function opened(file, given) {
  const { slots } = vault.readLocked(file);
  const slot = slots.find(({ kind }) => ({ passphrase: "passphrase", recovery: "recoveryKey", device: "deviceKey", passkey: "passkeyPrf" })[kind] in given);
  const key = {
    passphrase: () => kdf.stretch(given.passphrase, slot.kdf),
    recovery: () => vault.recoveryKeyBytes(given.recoveryKey),
    device: () => fromHex(given.deviceKey),
    passkey: () => fromHex(given.passkeyPrf),
  };
  // A vault without a slot of that kind: any other id names none.
  return vault.unlock(file, slot?.id ?? "0".repeat(16), slot ? key[slot.kind]() : new Uint8Array(32));
}

for (const row of rows.open) {
  test(`open: ${row.name}`, () => {
    const file = Uint8Array.from(Buffer.from(row.file, "base64"));
    if (row.refuse) return assert.throws(() => opened(file, row.given), refused(row.refuse));
    const handle = opened(file, row.given);
    const byId = (a, b) => (a.id < b.id ? -1 : 1);
    const got = [...handle.entries(), ...handle.trash()].map((entry) => ({ id: entry.id, name: entry.name, account: handle.exportAccount(entry.id) }));
    // What a later version wrote is kept and not shown.
    const expected = row.expect.entries.map(({ id, account: { later: _, ...account } }) => ({ id, name: account.name, account }));
    assert.deepEqual(got.sort(byId), expected.sort(byId));
    handle.free();
  });
}

for (const row of rows.recovery) {
  test(`recovery key: ${row.name}`, () => {
    if (row.refuse) return assert.throws(() => vault.recoveryKeyBytes(row.typed), refused(row.refuse, row.group ? { group: row.group } : {}));
    assert.deepEqual(vault.recoveryKeyBytes(row.typed), fromHex(row.slotKey));
  });
}

for (const row of rows.stretch) {
  test(`passphrase: ${row.name}`, () => {
    const { memoryKib, passes, salt } = row;
    const run = () => kdf.stretch(row.passphrase, { memoryKib, passes, salt });
    if (row.refuse) return assert.throws(run, refused(row.refuse));
    assert.deepEqual(run(), fromHex(row.key));
  });
}

test("a passphrase is the same key from every keyboard", () => {
  const params = kdf.kdfParams(19_456, 2);
  assert.deepEqual(kdf.stretch("Gru\u0308ße ①", params), kdf.stretch("Grüße 1", params));
});

test("another reader comes to the same end with every row", () => {
  const report = python(undefined, "vectors", join(root, "tests/vectors/vault"));
  assert.equal(report.length, rows.open.length + rows.recovery.length + rows.stretch.length);
  assert.deepEqual(report.filter(({ right }) => !right), []);
});

test("another reader opens what is sealed here, by each way in", () => {
  const params = kdf.kdfParams(19_456, 2);
  const recoveryKey = vault.makeRecoveryKey();
  const deviceKey = vault.makeDeviceKey();
  const handle = vault.createVault([{ kind: "passphrase", key: kdf.stretch("Grüße 🔑", params), kdf: params }, { kind: "device", key: deviceKey }], NOW_MS);
  handle.addSlot({ kind: "recovery", key: vault.recoveryKeyBytes(recoveryKey) }, NOW_MS);
  const accounts = [
    { secret: "JBSWY3DPEHPK3PXP", issuer: "Example \"quoted\" \\ \u0007", name: "日本語 🔑" },
    { kind: "hotp", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", counter: 3 },
    { kind: "motp", secret: "e3152afee62599c8", pin: "1234" },
  ];
  const ids = accounts.map((account) => handle.apply({ do: "add", account, note: "a\nb" }, NOW_MS).id);
  handle.apply({ do: "trash", id: ids[2] }, NOW_MS + 1);
  const file = Buffer.from(handle.seal()).toString("base64");
  for (const given of [{ passphrase: "Gru\u0308ße 🔑" }, { recoveryKey }, { deviceKey: Buffer.from(deviceKey).toString("hex") }]) {
    const { expect, refuse } = python(JSON.stringify({ file, given }), "open");
    assert.equal(refuse, undefined);
    assert.deepEqual(expect.entries.map(({ account }) => account), ids.map((id) => handle.exportAccount(id)));
    assert.deepEqual(expect.entries.map(({ trashedMs }) => trashedMs), [undefined, undefined, NOW_MS + 1]);
  }
  handle.free();
});

test("what a later version wrote is kept and written back, in every object and as a slot", () => {
  const row = rows.open.find(({ name }) => name === "format 2: what a later version wrote is left alone, with the device key");
  const read = (file) => python(JSON.stringify({ file, given: row.given }), "open");
  const before = read(row.file);
  const bytes = Uint8Array.from(Buffer.from(row.file, "base64"));
  const { slots, format } = vault.readLocked(bytes);
  assert.deepEqual([slots.map(({ kind }) => kind), format], [["passphrase", "recovery", "device", "passkey"], 2], "the one to come is not offered");
  const { passkey } = slots[3];
  assert.deepEqual([passkey.salt.length, [...passkey.credentialId], passkey.rpId], [32, [1, 2, 3, 4, 5], "codes.example.org"]);
  const handle = opened(bytes, row.given);
  const [{ id }] = handle.entries();
  handle.apply({ do: "edit", id, note: "changed" }, NOW_MS + 5);
  const after = read(Buffer.from(handle.seal()).toString("base64"));
  assert.deepEqual(after.slots, before.slots, "every slot byte for byte, the unknown one too");
  const wanted = structuredClone(before.expect);
  Object.assign(wanted.entries.find((entry) => entry.id === id), { note: "changed", changedMs: NOW_MS + 5 });
  assert.deepEqual(after.expect, wanted);
  assert.throws(() => handle.removeSlot("09".repeat(8)), refused("VAULT_NO_SLOT"));
  handle.free();
});

test("format 1 opens, and what is sealed after it is format 2 with a name of its own", () => {
  const row = rows.open.find(({ name }) => name === "opens with the device key");
  const bytes = Uint8Array.from(Buffer.from(row.file, "base64"));
  assert.equal(vault.readLocked(bytes).format, 1);
  const handle = opened(bytes, row.given);
  assert.equal(handle.id, undefined);
  const sealed = handle.seal();
  assert.match(handle.id, /^[0-9a-f]{32}$/);
  assert.equal(vault.readLocked(sealed).format, 2);
  const { expect } = python(JSON.stringify({ file: Buffer.from(sealed).toString("base64"), given: row.given }), "open");
  assert.deepEqual([expect.version, expect.needs, expect.vaultId, expect.entries], [2, 2, handle.id, row.expect.entries]);
  handle.free();
});

test("a change that was not stored is taken back by opening the stored bytes again", () => {
  const handle = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  const { id } = handle.apply({ do: "add", account: { kind: "hotp", secret: "JBSWY3DPEHPK3PXP" } }, NOW_MS);
  const stored = handle.seal();
  handle.apply({ do: "spend", id }, NOW_MS);
  handle.addSlot({ kind: "device", key: vault.makeDeviceKey() }, NOW_MS);
  const before = handle.reopen(stored);
  assert.deepEqual([before.entries()[0].counter, before.slots().length, before.generation], [0, 1, 1]);
  assert.equal(handle.entries()[0].counter, 1, "the other handle is its own");
  assert.throws(() => handle.reopen("bytes"), refused("BAD_ARGUMENT"));
  handle.replaceSlots([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  assert.throws(() => handle.reopen(stored), refused("VAULT_TAMPERED"));
  for (const each of [before, handle]) each.free();
});

test("the vault counts what no backup holds, written or opened", () => {
  const handle = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  const ids = ["a", "b"].map((name) => handle.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name }, tags: [name] }, NOW_MS).id);
  assert.deepEqual(handle.notInBackup(), ids);
  handle.noteBackup("file", NOW_MS);
  assert.deepEqual([handle.notInBackup(), handle.backups()], [[], [{ place: "file", ms: NOW_MS, held: 2 }]]);
  handle.apply({ do: "edit", id: ids[1], name: "c" }, NOW_MS + 1);
  assert.deepEqual(handle.notInBackup(), [ids[1]]);
  const other = handle.reopen(handle.seal());
  handle.noteOpened("opened", other, NOW_MS + 2);
  assert.deepEqual(handle.notInBackup(), []);
  handle.setTags(["b", "empty"]);
  assert.deepEqual(handle.tags(), ["b", "empty", "a"]);
  for (const call of [() => handle.setTags("a"), () => handle.noteOpened("opened", {}, NOW_MS), () => handle.noteOpened("opened", handle, NOW_MS), () => handle.noteBackup(1, NOW_MS)]) assert.throws(call, refused("BAD_ARGUMENT"));
  handle.free();
});

test("the words of another app stay with the entry, and leave by name only", () => {
  const handle = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  const { id } = handle.apply({ do: "add", account: { secret: "", name: "odd" }, source: "{}", trashed: true, restored: true }, NOW_MS);
  const [entry] = handle.trash();
  assert.deepEqual([entry.hasSource, entry.restoredMs, handle.exportSource(id)], [true, NOW_MS, "{}"]);
  assert.throws(() => handle.exportSource("no"), refused("VAULT_NO_ENTRY"));
  const { id: plain } = handle.apply({ do: "add", account: { secret: "JBSWY3DPEHPK3PXP", name: "ann" } }, NOW_MS);
  assert.equal(handle.exportSource(plain), undefined);
  handle.free();
});

test("a closed vault says so", () => {
  const handle = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  handle.free();
  for (const call of [() => handle.entries(), () => handle.seal(), () => handle.generation, () => handle.codesAt(NOW_MS)]) {
    assert.throws(call, refused("VAULT_CLOSED"));
  }
});

test("what is no argument is refused with a code", () => {
  const handle = vault.createVault([{ kind: "device", key: vault.makeDeviceKey() }], NOW_MS);
  const calls = {
    BAD_ARGUMENT: [() => vault.createVault("slots", NOW_MS), () => vault.createVault([{ kind: "passkey", key: new Uint8Array(32) }], NOW_MS), () => handle.apply(undefined, NOW_MS), () => kdf.stretch(1, kdf.kdfParams(19_456, 2)), () => kdf.stretch("a", {})],
    VAULT_BAD_CHANGE: [() => handle.apply({ do: "explode" }, NOW_MS), () => handle.apply({ do: "pin", id: "x", pinned: true }, NOW_MS), () => handle.apply({ do: "add", account: { secret: "AA", digits: 6.5 } }, NOW_MS)],
    VAULT_KEY_LENGTH: [() => handle.addSlot({ kind: "device", key: new Uint8Array(31) }, NOW_MS)],
    OTP_BAD_TIME: [() => handle.codesAt(Number.NaN), () => handle.codesAt(-1), () => handle.codesAt(2 ** 60)],
    VAULT_NO_ENTRY: [() => handle.exportUri("no"), () => handle.exportAccount("0".repeat(32))],
  };
  for (const [code, list] of Object.entries(calls)) for (const call of list) assert.throws(call, refused(code), String(call));
});
