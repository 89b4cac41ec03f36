// The gate as a process: workerd is started again when it ends, and files of empty objects are removed.
import assert from "node:assert/strict";
import { readdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { forgetEmptyObjects } from "../parts/gate_state.mjs";
import { send, signIn, testbed, within } from "./support.mjs";

const policy = '[[rule]]\npath = "/*"\naccess = "login"\n';

test("l15_workerd_that_is_killed_answers_again_within_two_seconds_and_signs_nobody_out", async () => {
  await within({ policy }, async (w) => {
    const ann = w.browser();
    await signIn(w, ann);
    const [before] = w.gate.workerd();
    process.kill(before, "SIGKILL");
    const began = Date.now();
    let answer;
    while (!answer && Date.now() - began < 10_000) answer = await ann.get("/").catch(() => sleep(20));
    assert.ok(Date.now() - began < 2_000, `answered after ${Date.now() - began} ms`);
    assert.equal(answer.status, 200, "the session lives");
    assert.notEqual(w.gate.workerd()[0], before, "another process");
    assert.match(w.gate.logs(), /is started again/);
  });
});

test("l15_empty_objects_leave_no_file_behind", async () => {
  const state = mkdtempSync(join(tmpdir(), "portcullis-state-"));
  const files = () => readdirSync(join(state, "objects"), { recursive: true }).filter((name) => name.endsWith(".sqlite") && !/metadata|-anchor-/.test(name)); // the anchor is told of the policy
  try {
    let session;
    {
      const w = await testbed({ policy, gate: { stateDir: state, env: { TICKET_OBJECTS: "" } } });
      const ann = w.browser();
      await signIn(w, ann);
      session = ann.cookies;
      for (let n = 0; n < 5; n++) {
        const first = await w.browser().get(`/page/${n}`);
        const service = new URL(first.headers.get("location")).searchParams.get("service");
        const logout = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:SessionIndex>ST-${n}-made-up</samlp:SessionIndex></samlp:LogoutRequest>`;
        const answer = await send(service, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: `logoutRequest=${encodeURIComponent(logout)}` });
        assert.equal(answer.status, 200);
      }
      await w[Symbol.asyncDispose]();
    }
    assert.ok(session.size > 0);
    assert.equal(files().length, 6, "one file for the session, and one for each flight that a stranger logged out");
    assert.equal(await forgetEmptyObjects(join(state, "objects")), 5);
    assert.equal(files().length, 1, "the session's own is kept");
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
