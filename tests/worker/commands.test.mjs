// Commands of an operator, before a running gate: `npm run adopt`, `npm run check-policy -- --against`, and what the log says of a new
// policy. `npm run invite` is tested in a browser (e2e/second_factor.test.mjs), `npm run keys` in keys.test.mjs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { freePorts } from "../parts/free_ports.mjs";
import { root } from "../setup.mjs";
import { logged, signIn, testbed } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "portcullis-commands-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const RULES = '[[rule]]\npath = "/admin/*"\naccess = "login"\n\n[[rule]]\npath = "/*"\naccess = "login"\n';
const factor = (mode, rules = RULES) => `origin_auth = "unreachable"\n\n[factor]\nmode = "${mode}"\ntenant_id = "uni"\ncas_id = "main"\nuser_key = "cas:user"\nenrolment = "open"\n\n${rules}`;
const file = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Runs a command of package.json. */
function npm(command, args, env = {}) {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", command, "--", ...args], { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" });
  return { code: status, out: stdout, text: stdout + stderr };
}

/** Gates one after the other, with the same address and the same objects. */
async function deployed(name) {
  const port = await freePorts(1);
  const stateDir = join(folder, name);
  return (policy, env, work) => withGate({ policy, gate: { port, stateDir, env } }, work);
}

async function withGate(options, work) {
  await using w = await testbed(options);
  try {
    return await work(w);
  } catch (error) {
    console.error(w.gate.logs());
    throw error;
  }
}

test("f32_a_changed_id_key_closes_the_factor_until_what_npm_run_adopt_prints_is_set", async () => {
  const policy = factor("required");
  const path = file("adopt.toml", policy);
  const gate = await deployed("adopt");
  const page = async (w) => {
    const ann = w.browser();
    await signIn(w, ann);
    return ann.get("/.portcullis/factor?page=/");
  };
  const health = (w) => fetch(`${w.url}/.portcullis/health`).then((answer) => answer.json());
  await gate(policy, {}, async (w) => assert.notEqual((await page(w)).status, 503));
  const env = { PORTCULLIS_ID_KEY: randomBytes(32).toString("base64url") };
  let settings;
  await gate(policy, env, async (w) => {
    const closed = await page(w);
    assert.equal(closed.status, 503);
    assert.match(await closed.text(), /FACTOR_IDENTITY_CHANGED/);
    assert.ok(await health(w), "and the gate itself runs");
    const keys = JSON.parse(readFileSync(join(w.gate.stateDir, "keys.json"), "utf8"));
    settings = { ...keys, ...env, CAS_URL: w.cas.url, PUBLIC_URL: w.url, ORIGIN_URL: w.app.url };
  });
  const said = npm("adopt", ["--policy", path], settings);
  assert.equal(said.code, 0, said.text);
  assert.match(said.out, /^[0-9a-f]{12}\n$/);
  for (const secret of Object.entries(settings).filter(([name]) => name.startsWith("PORTCULLIS_")).map(([, value]) => value)) assert.ok(!said.text.includes(secret), "no secret is printed");
  // Another name adopts nothing, the right one does, and it may stay or go.
  await gate(policy, { ...env, PORTCULLIS_ADOPT: "000000000000" }, async (w) => assert.equal((await page(w)).status, 503));
  await gate(policy, { ...env, PORTCULLIS_ADOPT: said.out.trim() }, async (w) => assert.notEqual((await page(w)).status, 503));
  await gate(policy, env, async (w) => assert.notEqual((await page(w)).status, 503));
  // What is missing is named, and nothing is printed that could be set.
  for (const [args, env, code, words] of [
    [[], settings, 2, /wants a policy/],
    [["--policy", join(folder, "none.toml")], settings, 1, /cannot be read/],
    [["--policy", path], { ...settings, PORTCULLIS_ID_KEY: "" }, 1, /PORTCULLIS_ID_KEY/],
    [["--policy", file("off.toml", factor("off"))], settings, 1, /asks for no factor/],
    [["--policy", file("wrong.toml", "nonsense = 1\n")], settings, 1, /has problems/],
  ]) {
    const refused = npm("adopt", args, env);
    assert.deepEqual([refused.code, refused.out], [code, ""], refused.text);
    assert.match(refused.text, words);
  }
});

test("f51_check_policy_against_lists_what_loses_a_factor", () => {
  const old = file("old.toml", factor("required", RULES.replace('path = "/admin/*"\naccess = "login"', 'path = "/admin/*"\naccess = "login"\nfactor_kinds = ["passkey"]')));
  const lines = (text) => npm("check-policy", [file("new.toml", text), "--against", old]);
  const same = lines(readFileSync(old, "utf8"));
  assert.equal(same.code, 0, same.text);
  assert.match(same.text, /Nothing loses a factor against/);
  const lost = lines(factor("required"));
  assert.match(lost.text, /\/admin\/\*: factor required, was factor required \(passkey\)/);
  assert.doesNotMatch(lost.text, /POST \/\*:|GET \/\*:/, "the other paths keep theirs");
  assert.match(lines(factor("off")).text, /GET \/\*: no factor, was factor required/);
  assert.match(lines("").text, /no factor, was factor required/);
  const none = npm("check-policy", [old, "--against", join(folder, "none.toml")]);
  assert.notEqual(none.code, 0);
});

/** The event in the log, with the beginning of its list. */
const changed = (list) => new RegExp(`"event":"policy-changed",("was":"[0-9a-f]{12}",)?"lost":\\[${list}`);

test("f51_an_instance_with_another_policy_logs_what_loses_its_factor", async () => {
  const gate = await deployed("policy");
  await gate(factor("required"), {}, async (w) => {
    await signIn(w, w.browser());
    assert.doesNotMatch(w.gate.logs(400), /policy-changed/, "the first one is no change");
  });
  await gate(factor("required"), {}, async (w) => {
    await signIn(w, w.browser());
    assert.doesNotMatch(w.gate.logs(400), /policy-changed/, "nor is the same one");
  });
  await gate(factor("off"), {}, (w) => logged(w.gate, changed(String.raw`"GET /admin/\*: no factor, was factor required"`)));
  // A policy without factors at all, as an earlier release would bring it back.
  await gate(factor("required"), {}, (w) => logged(w.gate, changed("]")));
  await gate(RULES.replace(/^/, 'origin_auth = "unreachable"\n'), {}, (w) => logged(w.gate, changed('"GET')));
});
