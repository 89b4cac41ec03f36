// The entry for other apps' files of the packed tarball: what it opens, what it refuses, and that another program in another
// language reads what it writes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { need, root, venvPython } from "../setup.mjs";
import { consumer } from "./consumer.mjs";

const vectors = join(root, "tests/vectors/backup");
const fixtures = join(process.env.PORTCULLIS_FIXTURES ?? join(root, "../shared/fixtures"), "backups");
const list = (name) => JSON.parse(readFileSync(join(vectors, name), "utf8"));
let backup, otp, app;

before(async () => {
  await need("venv:vault_reader");
  app = await consumer("backup", { "pass.txt": "authy backup\n" });
  const entry = (name) => import(pathToFileURL(app.file(`node_modules/portcullis/${name}/inline.js`)));
  [backup, otp] = await Promise.all(["backup", "otp"].map(entry));
});

const refused = (code) => (error) => {
  assert.equal(error.name, "PortcullisError");
  assert.equal(error.code, code);
  return true;
};

for (const [folder, { atMs, files }] of [[vectors, list("expected.json")], [fixtures, list("theirs.json")]]) {
  for (const [file, row] of Object.entries(files)) {
    // The dear ones run natively; here one file of each kind of cipher is enough.
    const dear = /kdbx|stratum_encrypted.bin|freeotp_v2|andotp_enc|bitwarden_enc/.test(file);
    test(`opens ${file}`, { skip: !existsSync(join(folder, file)) ? "the file belongs to others and is not here" : dear && "native" }, () => {
      const bytes = new Uint8Array(readFileSync(join(folder, file)));
      if (row.accounts.length === 0) return assert.throws(() => backup.readBackup(bytes), refused("BACKUP_NO_CODE_COLUMN"));
      assert.equal(backup.inspectBackup(bytes).locked, row.password !== undefined);
      if (row.password) assert.throws(() => backup.readBackup(bytes), refused("BACKUP_NEEDS_PASSWORD"));
      const { entries } = backup.readBackup(bytes, { password: row.password });
      const codes = entries.map(({ account }) => otp.code(account, atMs).text);
      assert.deepEqual(codes.sort(), row.accounts.map(({ code }) => code).sort());
    });
  }
}

const items = [
  { account: { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", issuer: "Example & Söhne", name: "ann@example.org" }, tags: ["work"], note: "two\nlines", pinned: true },
  { account: { secret: "JBSWY3DPEHPK3PXP", issuer: "A:B", name: "x", algorithm: "SHA512", digits: 8 }, tags: ["home"] },
  { account: { kind: "hotp", secret: "JBSWY3DPEHPK3PXP", issuer: "Counter", name: "c", counter: 7 } },
  { account: { kind: "steam", secret: "JRZCL47CMXVOQMNPZR2F7J4RGI", issuer: "Steam", name: "s" } },
  { account: { kind: "motp", secret: "e3152afee62599c8", pin: "1234", issuer: "M", name: "m" } },
];

for (const [format, count] of [["links", 5], ["aegis", 5], ["aegis-encrypted", 5], ["2fas", 4], ["google", 3]]) {
  test(`another program reads what is written for ${format}`, () => {
    const password = "correct horse";
    const losses = backup.backupLosses(format, items);
    const written = backup.writeBackup(format, items, { password, nowMs: 1_795_000_000_000 });
    assert.deepEqual(written.losses, losses);
    assert.equal(written.count, count);
    const input = written.parts.map((part) => (typeof part === "string" ? part : new TextDecoder().decode(part))).join("\n");
    const script = join(root, "tests/parts/python/backup_reader/read.py");
    const { status, stdout, stderr } = spawnSync(venvPython("vault_reader"), [script, format, password], { input, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const left = new Set(losses.filter((loss) => loss.leftOut).map((loss) => loss.index));
    const kept = items.filter((_, index) => !left.has(index));
    const got = JSON.parse(stdout);
    const expected = kept.map(({ account }) => ({ issuer: account.issuer, name: account.name, kind: account.kind ?? "totp", code: otp.code(account, 1_767_225_600_000).text }));
    assert.deepEqual(got.map(({ issuer, name, kind, code }) => ({ issuer, name, kind, code })), expected);
    if (format.startsWith("aegis")) assert.deepEqual(got[0], { ...got[0], tags: ["work"], note: "two\nlines", pinned: true });
  });
}

for (const [form, written] of [
  ["series", (vault) => backup.vaultToSeries(vault, "0a1b2c3d").toReversed().join("\n")],
  ["text", (vault) => backup.vaultToText(vault, "https://auth.example.org")],
]) {
  test(`another program puts a sealed vault together again from its ${form}`, () => {
    const vault = new Uint8Array(5000).map((_, at) => (at < 8 ? "PTCVAULT".charCodeAt(at) : (at * 31) & 255));
    const script = join(root, "tests/parts/python/backup_reader/read.py");
    const { status, stdout, stderr } = spawnSync(venvPython("vault_reader"), [script, form], { input: written(vault), encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [Buffer.from(vault).toString("base64")]);
  });
}

test("a wrong password, none, and a device with too little memory each have an answer", () => {
  const [file] = backup.writeBackup("aegis-encrypted", items, { password: "right" }).parts;
  assert.throws(() => backup.readBackup(file, { password: "wrong" }), refused("BACKUP_WRONG_PASSWORD"));
  assert.throws(() => backup.readBackup(file, { password: "right", maxMemoryKib: 1024 }), refused("BACKUP_NO_MEMORY"));
  assert.throws(() => backup.writeBackup("aegis-encrypted", items), refused("BACKUP_NEEDS_PASSWORD"));
  assert.equal(backup.readBackup(file, { password: "right" }).entries.length, 5);
});

test("npx portcullis open", () => {
  const run = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [app.file("node_modules/portcullis/bin/portcullis.mjs"), "open", ...args], { input: "", encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const authy = join(vectors, "authy-gdpr.csv");
  const opened = run(authy, "--password-file", app.file("pass.txt"));
  assert.equal(opened.status, 0, opened.stderr);
  assert.match(opened.stdout, /^Harbour Bank: ann@example\.org/);
  assert.doesNotMatch(opened.stdout, /64XJEMMD/, "no secret is printed");
  assert.match(run(authy).stderr, /needs a password/);
  assert.equal(run(join(vectors, "raivo.json"), "--uris").status, 2, "secrets need --yes");
  assert.match(run(join(vectors, "raivo.json"), "--uris", "--yes").stdout, /^otpauth:\/\/totp\/Harbour/);
  const some = run(join(vectors, "refused-by-name.txt"));
  assert.equal(some.status, 1);
  assert.match(some.stderr, /BACKUP_ENTRY_MICROSOFT_PUSH/);
  assert.match(run(join(vectors, "keepassxc.csv")).stderr, /holds 3 passwords/);
});
