// Signing in, and everything that must not work on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Browser, signIn, toTicket, world } from "./support.mjs";

let w;
before(async () => (w = await world()));
after(() => w?.[Symbol.asyncDispose]());

test("a page is reached after one sign-in, with a clean address and the person's name", async () => {
  const browser = w.browser();
  const landed = await signIn(w, browser, "ann", "/orders?a=1&a=2&b=%2F");
  assert.equal(landed.headers.get("location"), `${w.url}/orders?a=1&a=2&b=%2F`);
  assert.equal(landed.headers.get("cache-control"), "no-store");
  assert.equal(landed.headers.get("referrer-policy"), "no-referrer");
  const seen = await (await browser.get("/orders?a=1&a=2&b=%2F")).json();
  const of = (name) => seen.headers.find(([known]) => known === name)?.[1];
  assert.equal(seen.url, "/orders?a=1&a=2&b=%2F");
  assert.equal(of("remote-user"), "ann");
  assert.equal(of("remote-email"), "ann@example.org");
  assert.equal(of("remote-name"), "Ann Archer");
  assert.equal(of("remote-groups"), "staff,faculty & <admin>");
  assert.equal(of("x-forwarded-host"), new URL(w.url).host);
  assert.equal(of("x-forwarded-proto"), "http");
  assert.equal(of("x-forwarded-for"), "127.0.0.1");
  assert.equal(of("host"), new URL(w.url).host);
  assert.equal(of("cookie"), undefined);
  assert.ok(of("x-portcullis-assertion"));
});
