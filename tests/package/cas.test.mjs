// The entry `portcullis/cas` of the built package in Node: the vectors, with import and with require, and its argument checks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { before } from "node:test";
import { pathToFileURL } from "node:url";

import { need, root } from "../setup.mjs";
import { runCas } from "../vectors/run_cas.mjs";

const built = join(root, "target", "npm", "portcullis");
const files = Object.fromEntries(["answers", "urls", "services", "queries", "logouts", "tickets"].map((name) => [name, JSON.parse(readFileSync(join(root, "tests", "vectors", "cas", `${name}.json`), "utf8"))]));
let cas;
let required;

before(async () => {
  await need("build:js");
  cas = await import(pathToFileURL(join(built, "cas", "inline.js")).href);
  required = createRequire(import.meta.url)(join(built, "cas", "inline.cjs"));
});

test("every row passes with import", () => assert.deepEqual(runCas(cas, files), []));
test("every row passes with require", () => assert.deepEqual(runCas(required, files), []));

test("a wrong row is reported", () => {
  const broken = {
    ...files,
    logouts: [...files.logouts, { name: "x", body: "a=1", expect: "ST-1" }],
    answers: [...files.answers, { name: "y", body: "no\n", refuse: "CAS_REFUSED" }],
  };
  assert.equal(runCas(cas, broken).length, 2);
});

test("a misspelt option is refused, not ignored", () => {
  const bad = [
    () => cas.loginUrl("https://cas.example.org", "https://a.example/", { renw: true }),
    () => cas.loginUrl("https://cas.example.org", "https://a.example/", { renew: true, gateway: true }),
    () => cas.loginUrl("https://cas.example.org", "https://a.example/", { renew: "yes" }),
    () => cas.loginUrl("https://cas.example.org", "https://a.example/", { params: { a: 1 } }),
    () => cas.loginUrl("https://cas.example.org", "https://a.example/", "renew"),
    () => cas.loginUrl({ uri: "https://cas.example.org" }, "https://a.example/"),
    () => cas.loginUrl({ url: "https://cas.example.org", protocol: 4 }, "https://a.example/"),
    () => cas.loginUrl({ url: "https://cas.example.org", format: "yaml" }, "https://a.example/"),
    () => cas.loginUrl(undefined, "https://a.example/"),
    () => cas.validateUrl("https://cas.example.org", "https://a.example/", "ST-1", { renew: 1 }),
    () => cas.readAnswer(200, "no\n", { strict: true }),
    () => cas.readAnswer(200, "no\n", { ticket: "x" }),
    () => cas.readAnswer(200, 7),
    () => cas.readAnswer(200, null),
    () => cas.readLogoutRequest({}),
  ];
  for (const call of bad) assert.throws(call, (error) => error instanceof cas.PortcullisError && error.code === "BAD_ARGUMENT", String(call));
});

test("an unusual status is not a success", () => {
  const good = files.answers.find(({ expect, protocol, status, chains }) => expect && !protocol && !status && !chains).body;
  assert.ok(cas.readAnswer(200, good).user);
  for (const status of [0, -1, 1e9, NaN, Infinity, 200.5, 200 + 65_536, 299, undefined]) {
    assert.throws(() => cas.readAnswer(status, good), (error) => error.code === "CAS_BAD_STATUS", String(status));
  }
});

test("bytes and text give the same result, and a long input is refused before it is copied", () => {
  const text = files.answers[0].body;
  assert.deepEqual(cas.readAnswer(200, new TextEncoder().encode(text), { proxies: files.answers[0].chains }), cas.readAnswer(200, text, { proxies: files.answers[0].chains }));
  for (const huge of ["x".repeat(50_000_000), new Uint8Array(50_000_000)]) {
    assert.throws(() => cas.readAnswer(200, huge), (error) => error.code === "CAS_ANSWER_TOO_LONG");
    assert.throws(() => cas.readLogoutRequest(huge), (error) => error.code === "CAS_LOGOUT_TOO_LONG");
  }
});
