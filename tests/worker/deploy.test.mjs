// What is deployed is what was tested: wrangler takes it as it is, without a network.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { need, root } from "../setup.mjs";

const config = readFileSync(join(root, "worker", "wrangler.toml"), "utf8");

const policyFile = join(root, "worker", "policy.toml");

/** Runs `wrangler deploy --dry-run`, which builds first, and hands on what it printed and the folder that it filled. */
function dryRun(work) {
  const out = mkdtempSync(join(tmpdir(), "gate-deploy-"));
  try {
    const bin = join(root, "node_modules", ".bin");
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, WRANGLER_SEND_METRICS: "false", CI: "1" };
    work(spawnSync(join(bin, "wrangler"), ["deploy", "--dry-run", "--config", join(root, "worker", "wrangler.toml"), "--outdir", out], { encoding: "utf8", env, cwd: root, timeout: 240_000 }), out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

test("wrangler deploy --dry-run takes the Worker, its objects and its wasm", () => {
  dryRun((ran, out) => {
    assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
    assert.doesNotMatch(`${ran.stdout}${ran.stderr}`, /unexpected fields|warning/i, "wrangler knows every key");
    for (const name of ["TicketDo", "PersonDo", "DirectoryDo", "AnchorDo"]) assert.match(ran.stdout, new RegExp(name));
    const files = readdirSync(out, { recursive: true }).map(String);
    assert.ok(files.some((name) => name.endsWith(".wasm")) && files.some((name) => name.endsWith("entry.mjs")), files.join(", "));
    const entry = readFileSync(join(out, files.find((name) => name.endsWith("entry.mjs"))), "utf8");
    assert.equal(entry, readFileSync(join(root, "target", "worker", "entry.mjs"), "utf8"), "byte for byte what the tests ran");
  });
});

test("a policy beside wrangler.toml is checked and goes into the bundle as canonical JSON", { skip: existsSync(policyFile) && "worker/policy.toml is yours" }, () => {
  try {
    writeFileSync(policyFile, '# a comment\n[[rule]]\npath = "/*"\naccess = "login"\n');
    dryRun((ran, out) => {
      assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
      const file = readdirSync(out, { recursive: true }).map(String).find((name) => name.endsWith("policy.mjs"));
      assert.equal(readFileSync(join(out, file), "utf8"), `export default ${JSON.stringify('{"rule":[{"access":"login","path":"/*"}]}')};\n`);
    });
    writeFileSync(policyFile, '[[rule]]\npath = "/*"\nacces = "login"\n');
    dryRun((ran) => {
      assert.notEqual(ran.status, 0);
      assert.match(`${ran.stdout}${ran.stderr}`, /worker\/policy\.toml:3: rule 1, acces: there is no such key here; did you mean `access`\?/);
    });
  } finally {
    rmSync(policyFile);
    assert.equal(spawnSync("cargo", ["xtask", "build", "worker"], { cwd: root }).status, 0, "the bundle is without it again");
  }
});

test("l13_x23_check_policy_reads_the_deployment_and_names_what_no_file_shows", async () => {
  await need("policy");
  const folder = mkdtempSync(join(tmpdir(), "gate-wrangler-"));
  const check = (wrangler) => {
    writeFileSync(join(folder, "wrangler.toml"), wrangler);
    return spawnSync(join(root, "target", "debug", "examples", "check_policy"), ["-", "--wrangler", join(folder, "wrangler.toml")], { input: "", encoding: "utf8" });
  };
  try {
    const filled = `routes = [{ pattern = "app.example.org/*", zone_name = "example.org" }]\n${config.replace('PUBLIC_URL = ""', 'PUBLIC_URL = "https://app.example.org"')}`;
    const good = check(filled);
    assert.equal(good.status, 0, good.stderr);
    for (const line of [/cannot be seen from here: single logout \(L13\) must be on at the CAS server/, /cannot be seen from here: the CAS server's certificate \(X23\)/, /fail closed/, /wrangler\.toml: 0 problems, 0 warnings/]) assert.match(good.stdout, line);
    const unfilled = check(config);
    assert.equal(unfilled.status, 1, unfilled.stdout);
    assert.match(unfilled.stderr, /vars\.PUBLIC_URL: is no address that people type/);
    assert.match(check(filled.replace("enabled = false", "enabled = true")).stderr, /cache: answers before the gate asks who is there/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("k03_k04_no_workers_cache_and_no_static_assets_in_front_of_the_gate", () => {
  assert.match(config, /^\[cache\]\nenabled = false$/m);
  assert.equal(config.match(/\bcache\b.*[\]=]/g).length, 1, "and nothing else says otherwise");
  assert.doesNotMatch(config, /^\s*\[assets\]/m);
});

test("d03_the_deployed_configuration_keeps_no_addresses_in_logs_and_traces", async () => {
  const tables = Object.fromEntries([...config.matchAll(/^\[(observability[\w.]*)\]\n((?:\w.*\n)*)/gm)].map(([, name, lines]) => [name, lines.trim()]));
  assert.deepEqual(tables, {
    observability: "redact_query_string = true",
    "observability.logs": "enabled = true\ninvocation_logs = false",
    "observability.traces": "enabled = false",
  });
  assert.doesNotMatch(config, /tail_consumers|logpush/);
  // The keys are wrangler's own: one that it does not know would be dropped, and only a warning would say so.
  const { properties } = JSON.parse(readFileSync(join(root, "node_modules", "wrangler", "config-schema.json"), "utf8")).definitions.Observability;
  assert.ok(properties.redact_query_string && properties.logs.properties.invocation_logs && properties.traces.properties.enabled);
});

test("the deployed configuration holds no secret and no demo", () => {
  assert.doesNotMatch(config, /^\s*PORTCULLIS_[A-Z_]+\s*=/m);
  assert.doesNotMatch(config, /127\.0\.0\.1|localhost/);
});
