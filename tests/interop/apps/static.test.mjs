// A static site behind the gate, as worker/docs/behind-static.md says. It sets no cookies, takes no forms and knows no
// names: so no administrator's name can give anything there but what a rule says.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as staticSite from "../../parts/static_site.mjs";
import { shared } from "../../parts/together.mjs";
import { behindGate, refusesForgeries, signedIn } from "./support.mjs";

describe("a static site behind the gate", { skip: staticSite.missing() }, () => {
  let world;
  shared(async (stack) => (world = await behindGate(stack, staticSite, staticSite.policy())));

  test("one sign-in; a folder's redirect stays on the public address; ranges and 304 arrive", async () => {
    const ann = await signedIn(world, "ann");
    const page = await ann.ask(`${world.url}/`);
    assert.match(page.text, /<h1>\/<\/h1>/);
    const folder = await ann.ask(`${world.url}/folder`);
    assert.equal(folder.status, 301);
    assert.equal(folder.headers.location, `${world.url}/folder/`);
    assert.match((await ann.ask(folder.location)).text, /<h1>\/folder<\/h1>/);
    assert.equal((await ann.ask(`${world.url}/`, { headers: { "if-none-match": page.headers.etag } })).status, 304);
    const part = await ann.ask(`${world.url}/big.bin`, { headers: { range: "bytes=6-11" } });
    assert.deepEqual([part.status, part.text, part.headers["content-range"]], [206, "static", "bytes 6-11/1048576"]);
  });

  test("h23_a_folder_is_open_by_its_rule_and_by_no_name", async () => {
    assert.equal((await (await signedIn(world, "ann")).ask(`${world.url}/staff/`)).status, 200);
    assert.equal((await (await signedIn(world, "ben")).ask(`${world.url}/staff/`)).status, 403);
    assert.equal((await (await signedIn(world, "ann")).ask(`${world.url}/Staff/`)).status, 400);
  });

  test("h10_h18_nginx_refuses_what_comes_past_the_gate", async () => {
    await refusesForgeries(world, ["/", "/staff/", "/big.bin"]);
  });
});
