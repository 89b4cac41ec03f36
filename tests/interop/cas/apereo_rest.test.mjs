// The `curl` example of worker/docs/policy.md, with Apereo's REST API: a machine client's password, ticket, bearer, request.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";

import * as apereoCas from "../../parts/apereo_cas.mjs";
import { POLICY, entriesForApereo } from "../../parts/cas_service.mjs";
import { freePorts } from "../../parts/free_ports.mjs";
import * as gatePart from "../../parts/gate.mjs";
import { root } from "../../setup.mjs";
import { app } from "../../worker/support.mjs";

/** The example with this test's addresses and person. */
function example(places) {
  const text = readFileSync(join(root, "worker", "docs", "policy.md"), "utf8");
  let script = /^## Machine clients$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(text)[1];
  for (const [said, meant] of Object.entries(places)) {
    assert.ok(script.includes(said), `the example says ${said}`);
    script = script.replaceAll(said, meant);
  }
  return script;
}

test("h20_the_example_of_the_guide_buys_a_bearer_by_the_rest_api", async () => {
  const port = await freePorts(1);
  const publicUrl = `http://localhost:${port}`;
  const { user, password } = apereoCas.person;
  await using cas = await apereoCas.start({ modules: ["rest"], services: entriesForApereo(publicUrl) });
  await using theApp = await app();
  await using gate = await gatePart.start({ cas: cas.url, origin: theApp.url, policy: POLICY, port, publicUrl });
  const script = example({ "https://cas.example.org/cas": cas.url, "https://app.example.org": publicUrl, "username=job": `username=${user}` });
  try {
    // Not in one piece with this process, which is the app.
    const run = async (PASSWORD) => (await promisify(execFile)("sh", ["-c", script], { env: { ...process.env, PASSWORD }, timeout: 60_000 })).stdout;
    const seen = JSON.parse(await run(password));
    const value = (name) => seen.headers.find(([known]) => known === name)?.[1];
    assert.deepEqual([seen.url, value("remote-user"), value("remote-email")], ["/api/orders", user, "casuser@example.org"]);
    assert.equal(value("authorization"), undefined, "the app sees no bearer");
    // A wrong password brings no ticket, and the request without a bearer no answer of the app.
    const before = theApp.requests.length;
    assert.match(await run("wrong"), /BEARER_INVALID|LOGIN_REQUIRED/);
    assert.equal(theApp.requests.length, before);
  } catch (error) {
    for (const part of [gate, cas]) console.error(`──\n${part.logs()}`);
    throw error;
  }
});
