// The client's address behind a proxy that names it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { send, within } from "./support.mjs";

const policy = (from) => `peer = { header = "X-Real-IP", from = ["${from}"] }\n[[rule]]\npath = "/*"\naccess = "public"`;
const forwardedFor = async (w, headers) => {
  const seen = await (await send(new URL("/a", w.url), { headers })).json();
  assert.ok(!seen.headers.some(([name]) => name === "x-real-ip"), "the app sees the gate's word alone");
  return seen.headers.find(([name]) => name === "x-forwarded-for")?.[1];
};

test("h21_two_clients_behind_one_proxy_are_told_apart_in_a_warm_cache", () =>
  within({ policy: policy("127.0.0.0/8") }, async (w) => {
    for (const client of ["192.0.2.7", "192.0.2.7", "192.0.2.8", "192.0.2.7", "192.0.2.8"]) {
      assert.equal(await forwardedFor(w, { "x-real-ip": client }), client);
    }
    for (const [what, value] of [["a list", "192.0.2.7, 192.0.2.8"], ["two lines", ["192.0.2.7", "192.0.2.8"]], ["no address", "unknown"]]) {
      assert.equal(await forwardedFor(w, { "x-real-ip": value }), undefined, what);
    }
    assert.equal(await forwardedFor(w, {}), undefined, "never the proxy's own");
  }));

test("h21_a_strangers_header_is_ignored", () =>
  within({ policy: policy("10.0.0.1") }, async (w) => {
    assert.equal(await forwardedFor(w, { "x-real-ip": "192.0.2.7" }), "127.0.0.1");
    assert.equal(await forwardedFor(w, { "x-real-ip": "192.0.2.7", "cf-connecting-ip": "192.0.2.7" }), "127.0.0.1");
  }));

test("h21_with_an_unknown_peer_nobody_names_an_address", () =>
  within({ policy: policy("127.0.0.0/8"), gate: { env: { PEER: "unknown" } } }, async (w) => {
    assert.equal(await forwardedFor(w, { "x-real-ip": "192.0.2.7", "cf-connecting-ip": "10.1.2.3" }), undefined);
  }));
