// `wrangler dev`, as the document says: it claims to be a data centre and passes on a client's `CF-Connecting-IP`, so the peer is set to unknown.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../setup.mjs";
import * as demoCas from "../parts/demo_cas.mjs";
import { freePorts } from "../parts/free_ports.mjs";
import { answers, spawnPart } from "../parts/process.mjs";
import { app, Browser, send, signIn } from "./support.mjs";

const POLICY = '{"peer":{"from":["127.0.0.0/8"],"header":"X-Real-IP"},"rule":[{"access":"public","path":"/public/*"},{"access":"login","path":"/*"}]}';

test("h21_under_wrangler_dev_people_sign_in_and_no_client_names_its_address", { timeout: 120_000 }, async () => {
  const config = readFileSync(join(root, "worker", "wrangler.toml"), "utf8");
  mkdirSync(join(root, "target", "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "target", "tmp", "dev-"));
  const [port, inspector] = [await freePorts(1), await freePorts(1)];
  const url = `http://localhost:${port}`;
  await using theApp = await app();
  await using cas = await demoCas.start();
  const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const variables = {
    CAS_URL: cas.url,
    PUBLIC_URL: url,
    ORIGIN_URL: theApp.url,
    POLICY,
    PEER: "unknown", // what worker/docs/operate.md says for `.dev.vars`
    PORTCULLIS_KEYS: randomBytes(32).toString("base64url"),
    PORTCULLIS_ID_KEY: randomBytes(32).toString("base64url"),
    PORTCULLIS_SIGNING_KEYS: JSON.stringify([{ ...jwk, kid: "dev" }]),
  };
  try {
    // The deployed configuration, without its build, from a folder of its own: `.dev.vars` lies beside it.
    const without = config.replace(/\[build\]\n.*\n/, "").replace("../target/worker/entry.mjs", join(root, "target", "worker", "entry.mjs"));
    writeFileSync(join(folder, "wrangler.toml"), without);
    writeFileSync(join(folder, ".dev.vars"), Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`).join(""));
    const part = await spawnPart({
      name: "wrangler dev",
      command: join(root, "node_modules", ".bin", "wrangler"),
      args: ["dev", "--config", join(folder, "wrangler.toml"), "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(inspector), "--persist-to", join(folder, "state"), "--show-interactive-dev-session=false"],
      env: { PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}`, WRANGLER_SEND_METRICS: "false", CI: "1", HOME: folder },
      cwd: folder,
      ready: () => answers(`http://127.0.0.1:${port}/.portcullis/health`, { host: new URL(url).host }),
      timeoutMs: 90_000,
    });
    try {
      const browser = new Browser(url);
      await signIn({ cas, url }, browser);
      const seen = await (await browser.get("/page")).json();
      assert.equal(seen.headers.find(([name]) => name === "remote-user")?.[1], "ann");
      for (const headers of [{}, { "cf-connecting-ip": "10.1.2.3" }, { "x-real-ip": "10.1.2.3" }, { "x-forwarded-for": "10.1.2.3", "cf-connecting-ip": "127.0.0.1", "x-real-ip": "10.1.2.3" }]) {
        const public_ = await (await send(new URL("/public/x", url), { headers })).json();
        assert.ok(!public_.headers.some(([name, value]) => /^(x-real-ip|x-forwarded-for)$/.test(name) && value.includes("10.1.2.3")), JSON.stringify(headers));
      }
    } catch (error) {
      console.error(part.logs(60));
      throw error;
    } finally {
      await part.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
