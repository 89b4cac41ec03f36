// A PHP app behind the gate, as worker/docs/behind-php.md says.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as phpApp from "../../parts/php_app.mjs";
import { shared } from "../../parts/together.mjs";
import { appCookies, behindGate, refusesForgeries, signedIn } from "./support.mjs";

describe("PHP behind the gate", { skip: phpApp.missing() }, () => {
  let world;
  shared(async (stack) => (world = await behindGate(stack, phpApp, 'origin_auth = "assertion"')));

  test("one sign-in, a form, and an absolute redirect that stays on the public address", async () => {
    const ann = await signedIn(world, "ann");
    const page = await ann.ask(`${world.url}/`);
    assert.match(page.text, /<p id="user">ann<\/p>/);
    const kept = await ann.submit(page, { note: "grün & <b>" });
    assert.equal(kept.status, 302);
    assert.equal(kept.headers.location, `${world.url}/#kept`);
    assert.match((await ann.ask(`${world.url}/`)).text, /<li>grün &amp; &lt;b&gt;<\/li>/);
  });

  test("the browser keeps every cookie that the app sets", async () => {
    const ann = await signedIn(world, "ann");
    const answer = await ann.ask(`${world.url}/cookies`);
    assert.deepEqual(appCookies(answer), ["first", "second", "third"]);
    assert.ok(answer.setCookies.includes("third=3; Expires=Wed, 01 Jan 2070 00:00:00 GMT"), "as the app wrote it");
  });

  test("h23_the_local_administrators_name_gives_nothing_in_php", async () => {
    const admin = await signedIn(world, "admin");
    assert.match((await admin.ask(`${world.url}/`)).text, /<p id="user">admin<\/p>/);
    assert.equal((await admin.ask(`${world.url}/admin`)).status, 403);
  });

  test("h10_h18_php_refuses_what_comes_past_the_gate", async () => {
    await refusesForgeries(world, ["/", "/admin", "/seen", "/notes"]);
    const seen = await (await signedIn(world, "ann")).ask(`${world.url}/seen`, { headers: { remote_user: "admin", accept: "*/*" } });
    assert.equal(JSON.parse(seen.text).user, "ann");
    assert.equal(JSON.parse(seen.text).server.HTTP_REMOTE_USER, "ann");
  });
});
