// When things fail: the CAS server, the keys, the core itself.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { root } from "../setup.mjs";
import { logged, send, signIn, toTicket, within } from "./support.mjs";

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const whyOf = async (response) => /<code>([A-Z_]+)<\/code>/.exec(await response.text())?.[1];

test("t02_a_cas_server_that_is_down_is_a_503_and_live_sessions_go_on", async () => {
  await within({}, async (w) => {
    const live = w.browser();
    await signIn(w, live);
    const browser = w.browser();
    const { callback } = await toTicket(w, browser);
    await w.cas.down();
    const answer = await browser.get(callback);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "10");
    assert.equal(await whyOf(answer), "CAS_UNAVAILABLE");
    assert.equal((await live.get("/")).status, 200);
    await w.cas.up();
    await signIn(w, w.browser());
  });
});

test("t02_after_five_failures_the_cas_server_is_not_asked_for_a_while", async () => {
  await within({}, async (w) => {
    const typing = w.browser();
    const late = await toTicket(w, typing);
    w.cas.fault({ drop: true }); // no answer at all: an answer with any status would not count as a failure
    for (let n = 0; n < 5; n += 1) {
      const browser = w.browser();
      const { callback } = await toTicket(w, browser);
      assert.equal((await browser.get(callback)).status, 503, `failure ${n + 1}`);
    }
    const before = w.cas.requests.length;
    const answer = await w.browser().get("/");
    assert.equal(answer.status, 503, "answered at once");
    assert.equal(await whyOf(answer), "CAS_UNAVAILABLE");
    assert.equal((await typing.get(late.callback)).status, 503, "nor for a login that began before");
    assert.equal(w.cas.requests.length, before);
  });
});

test("t02_t05_a_slow_validation_is_given_up_and_restarted_once", async () => {
  await within({}, async (w) => {
    w.cas.fault({ delayMs: 30_000, times: 1 });
    const browser = w.browser();
    const { callback } = await toTicket(w, browser);
    const began = Date.now();
    const answer = await browser.get(callback);
    const took = Date.now() - began;
    assert.ok(took >= 7_000 && took < 8_500, `${took} ms`);
    assert.equal(answer.status, 302, "one silent restart");
    const service = new URL(answer.headers.get("location")).searchParams.get("service");
    assert.equal((await browser.get(`${service}?ticket=${w.cas.ticket("ann", service)}`)).status, 303);
  });
});

test("t05_invalid_ticket_restarts_once_and_then_says_so", async () => {
  await within({}, async (w) => {
    w.cas.fault({ refuse: true });
    const browser = w.browser();
    const { callback } = await toTicket(w, browser);
    const first = await browser.get(callback);
    assert.equal(first.status, 302);
    const service = new URL(first.headers.get("location")).searchParams.get("service");
    const second = await browser.get(`${service}?ticket=${w.cas.ticket("ann", service)}`);
    assert.equal(second.status, 403);
    assert.equal(await whyOf(second), "TICKET_REFUSED");
  });
});

test("x13_x14_x22_answers_that_cannot_be_used_sign_nobody_in", async () => {
  await within({}, async (w) => {
    const faults = {
      "a web page": { html: true },
      "cut in the middle": { truncate: 200 },
      "redirect elsewhere": { redirect: "http://127.0.0.1:1/evil" },
      "wrong namespace": { namespace: "urn:evil" },
      "far too long": { oversizeBytes: 300_000 },
    };
    for (const [name, fault] of Object.entries(faults)) {
      const heal = w.cas.fault(fault);
      const browser = w.browser();
      const { callback } = await toTicket(w, browser);
      const answer = await browser.get(callback);
      assert.equal(answer.status, 503, name);
      assert.equal(browser.session, undefined, name);
      heal();
    }
  });
});

test("d01_no_log_page_or_error_holds_a_ticket_a_cookie_or_a_key", async () => {
  await within({}, async (w) => {
    const browser = w.browser();
    const pages = [];
    const { callback, ticket } = await toTicket(w, browser);
    pages.push(await (await browser.get(callback)).text());
    const session = browser.session;
    w.cas.fault({ refuse: true });
    const other = w.browser();
    const next = await toTicket(w, other);
    const first = await other.get(next.callback);
    const service = new URL(first.headers.get("location")).searchParams.get("service");
    const last = w.cas.ticket("ann", service);
    pages.push(await (await other.get(`${service}?ticket=${last}`)).text());
    pages.push(await (await w.browser().get(callback)).text());
    const keys = Object.values(JSON.parse(readFileSync(join(w.gate.stateDir, "keys.json"), "utf8")));
    await logged(w.gate, /"why":"SIGNED_IN"[\s\S]*"why":"TICKET_REFUSED"/); // the log has the event
    const all = `${w.gate.logs(400)}\n${pages.join("\n")}`;
    for (const secret of [ticket, next.ticket, last, session, ...keys, "ann@example.org"]) assert.ok(!all.includes(secret), "a secret is shown");
  });
});

test("a missing or short key stops the gate with a page that says which", async () => {
  await within({ gate: { env: { PORTCULLIS_KEYS: "c2hvcnQ", PORTCULLIS_SIGNING_KEYS: "" } } }, async (w) => {
    const answer = await send(`${w.url}/`, { headers: { accept: "text/html" } });
    assert.equal(answer.status, 503);
    const page = await answer.text();
    assert.match(page, /PORTCULLIS_KEYS: The key is shorter than 32 bytes\./);
    assert.match(page, /PORTCULLIS_SIGNING_KEYS/);
    assert.ok(!page.includes("c2hvcnQ"));
    assert.equal(w.app.requests.length, 0);
  });
});

test("a binding that is named and not there stops the gate too", async () => {
  for (const [env, at] of [[{ ORIGIN_URL: "binding:NOWHERE" }, "ORIGIN_URL"], [{ CAS_FETCHER: "NOWHERE" }, "CAS_FETCHER"]]) {
    await within({ gate: { env } }, async (w) => {
      const answer = await send(`${w.url}/`, { headers: { accept: "text/html" } });
      assert.equal(answer.status, 503);
      const page = await answer.text();
      assert.ok(page.includes(at) && page.includes("NOWHERE"), page);
    });
  }
  await within({ gate: { env: { CAS_FETCHER: "" } } }, (w) => signIn(w, w.browser()));
});

test("p05_the_log_says_why_a_sign_in_failed_by_a_code_and_x25_the_page_how_to_repair_it", async () => {
  await within({}, async (w) => {
    const land = async (fault) => {
      const heal = w.cas.fault(fault);
      const browser = w.browser();
      const { callback } = await toTicket(w, browser);
      const answer = await browser.get(callback);
      heal();
      return answer.text();
    };
    assert.match(await land({ html: true }), /The CAS server answered with a web page\./);
    await land({ refuse: true });
    await land({ status: 404 });
    for (const want of [/"event":"sign-in-failed","code":"CAS_ANSWER_WEB_PAGE"/, /"code":"CAS_INVALID_TICKET"/, /"fault":"cas-status-404"/]) await logged(w.gate, want);
  });
});

test("a08_a_policy_with_an_unknown_key_lets_nothing_through", async () => {
  const wrong = { rule: [{ path: "/*", access: "public", login: true }] };
  await within({ policy: JSON.stringify(wrong) }, async (w) => {
    assert.equal((await send(`${w.url}/`)).status, 503);
    assert.equal(w.app.requests.length, 0);
  });
});

test("a08_the_variable_POLICY_is_json_alone_and_stands_beside_no_bundled_policy", async () => {
  const open = { rule: [{ path: "/*", access: "public" }] };
  for (const [bundled, variable, says] of [
    ["", JSON.stringify(open), undefined],
    [JSON.stringify(open), "", undefined],
    ["", '[[rule]]\npath = "/*"\naccess = "public"\n', /is not JSON\. Write the policy to worker\/policy\.toml/],
    [JSON.stringify(open), JSON.stringify(open), /stands beside the policy in the bundle/],
  ]) {
    await within({ policy: bundled, gate: { env: { POLICY: variable } } }, async (w) => {
      assert.equal((await send(`${w.url}/`)).status, says ? 503 : 200, variable);
      assert.equal(w.app.requests.length, says ? 0 : 1, variable);
      if (says) await logged(w.gate, says);
    });
  }
});

/** The released wasm, changed to trap on a request head of more than 20,000 bytes. */
async function brittle(exported) {
  const { default: binaryen } = await import("binaryen");
  const built = join(root, "target", "worker");
  const folder = mkdtempSync(join(tmpdir(), "gate-brittle-"));
  folders.push(folder);
  const module = binaryen.readBinary(readFileSync(join(built, "index_bg.wasm")));
  module.setFeatures(binaryen.Features.All);
  const at = Array.from({ length: module.getNumExports() }, (_, n) => binaryen.getExportInfo(module.getExportByIndex(n))).find(({ name }) => name === exported);
  const info = binaryen.getFunctionInfo(module.getFunction(at.value));
  const params = binaryen.expandType(info.params);
  // A text is passed as pointer and length, so the odd parameters are lengths. The head is the first text.
  const lengths = params.map((type, n) => [type, n]).filter(([type, n]) => type === binaryen.i32 && n % 2 === 1);
  const test = lengths.map(([type, n]) => module.if(module.i32.gt_u(module.local.get(n, type), module.i32.const(20_000)), module.unreachable()))[0];
  const [body, vars] = [binaryen.Function(module.getFunction(at.value)).body, info.vars];
  const name = at.value;
  module.removeFunction(name);
  module.addFunction(name, info.params, info.results, vars, module.block(null, [test, body], info.results));
  writeFileSync(join(folder, "index_bg.wasm"), module.emitBinary());
  copyFileSync(join(built, "entry.mjs"), join(folder, "entry.mjs"));
  return folder;
}

test("d02_a_panic_is_one_500_and_the_next_request_works", async () => {
  await within({ gate: { worker: await brittle("decide_fast") } }, async (w) => {
    const browser = w.browser();
    await signIn(w, browser);
    const slow = browser.get("/");
    const broken = await browser.get("/", { headers: { "x-padding": "x".repeat(25_000) } });
    assert.equal(broken.status, 500);
    const said = await broken.text();
    assert.ok(said.includes("INTERNAL_ERROR") && !said.includes("unreachable"), said);
    assert.equal((await slow).status, 200, "the other request is served");
    assert.equal((await browser.get("/")).status, 200, "and so is the next request");
    assert.equal((await w.browser().get("/", { page: false })).status, 401, "still closed");
    await signIn(w, w.browser(), "ben");
  });
});

/** The released Worker, changed to trap where its asynchronous part reads the time -1 from the clock. */
async function interrupted() {
  const { default: binaryen } = await import("binaryen");
  const built = join(root, "target", "worker");
  const folder = mkdtempSync(join(tmpdir(), "gate-interrupted-"));
  folders.push(folder);
  const module = binaryen.readBinary(readFileSync(join(built, "index_bg.wasm")));
  module.setFeatures(binaryen.Features.All);
  const text = module.emitText();
  const [, clock] = /\(import "[^"]*" "__wbg_now_[^"]*" \(func (\$\S+)/.exec(text);
  const trapping = text
    .replaceAll(`(call ${clock})`, "(call $checked_clock)")
    .replace(/\)\s*$/, `(func $checked_clock (result f64) (local $t f64) (if (f64.lt (local.tee $t (call ${clock})) (f64.const 0)) (then (unreachable))) (local.get $t)))`);
  assert.ok(trapping.split("$checked_clock").length > 2, "the core reads the clock somewhere");
  const patched = binaryen.parseText(trapping);
  patched.setFeatures(binaryen.Features.All);
  writeFileSync(join(folder, "index_bg.wasm"), patched.emitBinary());
  copyFileSync(join(built, "entry.mjs"), join(folder, "real.mjs"));
  writeFileSync(
    join(folder, "entry.mjs"),
    `import real from "./real.mjs";
     const now = Date.now;
     let calls = Infinity; // the first call is by entry.mjs, the second by the core
     Date.now = () => ((calls -= 1) === 0 ? ((calls = Infinity), -1) : now());
     export * from "./real.mjs";
     export default { fetch(request, env, ctx) { if (request.headers.has("x-break")) calls = 2; return real.fetch(request, env, ctx); } };`,
  );
  return folder;
}

test("d02_a_core_that_breaks_in_its_asynchronous_part_is_one_500_too", async () => {
  await within({ gate: { worker: await interrupted() } }, async (w) => {
    const browser = w.browser();
    await signIn(w, browser);
    const broken = await w.browser().get("/private", { headers: { "x-break": "1" } });
    assert.equal(broken.status, 500);
    assert.equal((await browser.get("/")).status, 200, "the session goes on");
    await signIn(w, w.browser(), "ben");
    assert.equal((await w.browser().get("/", { page: false })).status, 401, "and what is closed stays closed");
  });
});
