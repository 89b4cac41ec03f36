// `npm run keys`: secrets of a new gate, and their rotation before a running one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { firstKeys, rotateSigning } from "../keys.mjs";
import { freePorts } from "../parts/free_ports.mjs";
import { root } from "../setup.mjs";
import { signIn, testbed } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "portcullis-keys-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name) => join(folder, name);
const secretsIn = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Runs the command; its output must hold no secret of these files. */
async function keys(args, ...files) {
  const { code, text } = await new Promise((done) => {
    execFile(process.execPath, [join(root, "tests", "keys.mjs"), ...args], { encoding: "utf8" }, (error, stdout, stderr) => done({ code: error?.code ?? 0, text: stdout + stderr }));
  });
  for (const file of files.filter(existsSync)) {
    for (const value of Object.values(secretsIn(file))) assert.ok(!text.includes(value), "no secret on the terminal");
  }
  return { code, text };
}

test("k06_keys_twice_overwrite_nothing_and_make_no_new_id_key", async () => {
  const [first, other, next, cookies] = ["first.json", "other.json", "next.json", "cookies.json"].map(at);
  assert.equal((await keys(["--first", first], first)).code, 0);
  const before = readFileSync(first, "utf8");
  assert.equal(statSync(first).mode & 0o777, 0o600);
  const twice = await keys(["--first", first], first);
  assert.deepEqual([twice.code, readFileSync(first, "utf8")], [2, before]);
  assert.match(twice.text, /is not written over/);

  const port = await freePorts(1);
  const stateDir = at("state");
  const theGate = (file) => ({ gate: { port, stateDir, env: secretsIn(file) } });
  let w = await testbed(theGate(first));
  const ann = w.browser();
  try {
    await signIn(w, ann);
    for (const [kind, from, to] of [["signing", first, next], ["cookies", next, cookies]]) {
      const ran = await keys(["rotate", kind, from, to, "--gate", w.url], from, to);
      assert.equal(ran.code, 0, ran.text);
      assert.equal(statSync(to).mode & 0o777, 0o600);
      assert.equal(secretsIn(to).PORTCULLIS_ID_KEY, secretsIn(first).PORTCULLIS_ID_KEY);
    }
    assert.equal((await keys(["rotate", "cookies", first, next, "--gate", w.url], first)).code, 2, "nor is the target written over");
    assert.equal(secretsIn(next).PORTCULLIS_KEYS, secretsIn(first).PORTCULLIS_KEYS);
    // A file of another gate, or of one that lost its ID key.
    writeFileSync(other, JSON.stringify(firstKeys(0)));
    const foreign = await keys(["rotate", "signing", other, at("wrong.json"), "--gate", w.url], other);
    assert.deepEqual([foreign.code, existsSync(at("wrong.json"))], [2, false]);
    assert.match(foreign.text, /is not the one of/);
    assert.equal((await keys(["rotate", "signing", first, at("wrong.json"), "--gate", "http://127.0.0.1:9"], first)).code, 2, "no gate, no file");
    assert.equal(existsSync(at("wrong.json")), false);
    assert.equal(readFileSync(first, "utf8"), before);
  } finally {
    await w[Symbol.asyncDispose]();
  }

  // With the rotated secrets the session goes on, both keys are published, and the old one signs for another day.
  w = await testbed(theGate(cookies));
  try {
    const seen = await (await ann.get("/", { page: false })).json();
    const value = (name) => seen.headers.find(([known]) => known === name)?.[1];
    assert.equal(value("remote-user"), "ann");
    const { kid } = JSON.parse(Buffer.from(value("x-portcullis-assertion").split(".")[0], "base64url"));
    const [old, young] = JSON.parse(secretsIn(cookies).PORTCULLIS_SIGNING_KEYS);
    assert.equal(kid, old.kid);
    const published = (await (await w.browser().get("/.portcullis/jwks.json")).json()).keys;
    assert.deepEqual(published.map((key) => [key.kid, key.d, key.from]), [[old.kid, undefined, undefined], [young.kid, undefined, undefined]]);
  } finally {
    await w[Symbol.asyncDispose]();
  }
});

test("t10_a_new_signing_key_waits_a_day_and_the_old_one_stays_for_an_hour", () => {
  const [DAY, HOUR] = [24 * 3600, 3600];
  const plain = (text) => JSON.parse(text).map(({ kid, from }) => [kid, from]);
  const now = 1_800_000_000;
  const one = firstKeys(now - 90 * DAY).PORTCULLIS_SIGNING_KEYS;
  const two = rotateSigning(one, now);
  const [[a], [b]] = [plain(one)[0], plain(two)[1]];
  assert.deepEqual(plain(two), [[a, now - 90 * DAY], [b, now + DAY]]);
  for (const early of [now + 1, now + DAY - 1]) assert.throws(() => rotateSigning(two, early), /a rotation is under way/);
  // Within the hour the old key is still published; a release that reads no dates takes the second of three.
  const within = plain(rotateSigning(two, now + DAY + HOUR - 1));
  assert.deepEqual([within.length, within[1][0], within[2][0], within[0][1]], [3, b, a, now + 2 * DAY + HOUR - 1]);
  const later = plain(rotateSigning(two, now + DAY + HOUR));
  assert.deepEqual([later.length, later[0][0], later[1][1]], [2, b, now + 2 * DAY + HOUR]);
  // Lists without dates keep their signer.
  const undated = (text) => JSON.stringify(JSON.parse(text).map(({ from: _, ...key }) => key));
  const dated = plain(rotateSigning(undated(two), now));
  assert.deepEqual(dated.map(([kid]) => kid).slice(0, 1), [a], "`current, previous`: the first one signs");
  assert.throws(() => rotateSigning("[]", now), /no list/);
});

test("a key that begins signs from its second on, in a running instance", async () => {
  const now = Math.floor(Date.now() / 1000);
  const all = firstKeys(0);
  const list = [...JSON.parse(all.PORTCULLIS_SIGNING_KEYS), { ...JSON.parse(firstKeys(0).PORTCULLIS_SIGNING_KEYS)[0], from: now + 12 }];
  const policy = "[session]\nrevalidate_secs = 1";
  const w = await testbed({ policy, gate: { env: { ...all, PORTCULLIS_SIGNING_KEYS: JSON.stringify(list) } } });
  try {
    const kidFor = async (user) => {
      const browser = w.browser();
      await signIn(w, browser, user);
      const seen = await (await browser.get("/", { page: false })).json();
      return JSON.parse(Buffer.from(seen.headers.find(([name]) => name === "x-portcullis-assertion")[1].split(".")[0], "base64url")).kid;
    };
    assert.equal(await kidFor("ann"), list[0].kid);
    while (Date.now() / 1000 < now + 12) await new Promise((done) => setTimeout(done, 200));
    assert.equal(await kidFor("ben"), list[1].kid, "the key that was imported before is not used under the new name");
  } finally {
    await w[Symbol.asyncDispose]();
  }
});
