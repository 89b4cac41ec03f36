// A servlet app behind the gate, as worker/docs/behind-java.md says.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as javaApp from "../../parts/java_app.mjs";
import { shared } from "../../parts/together.mjs";
import { appCookies, behindGate, message, refusesForgeries, signedIn, socket } from "./support.mjs";

describe("a servlet app behind the gate", { skip: javaApp.missing() }, () => {
  let world;
  shared(async (stack) => (world = await behindGate(stack, javaApp, 'origin_auth = "assertion"')));

  test("one sign-in, a form, and an absolute redirect that stays on the public address", async () => {
    const ann = await signedIn(world, "ann");
    const page = await ann.ask(`${world.url}/`);
    assert.match(page.text, /<p id="user">ann<\/p>/);
    const kept = await ann.submit(page, { note: "kept & safe" });
    assert.equal(kept.status, 302);
    assert.equal(kept.headers.location, `${world.url}/?kept`);
    assert.match((await ann.ask(kept.location)).text, /<li>kept &amp; safe<\/li>/);
    assert.equal((await ann.ask(`${world.url}/address`)).text, `${world.url}/address`, "the container knows what people typed");
  });

  test("the browser keeps every cookie that the app sets", async () => {
    const ann = await signedIn(world, "ann");
    assert.deepEqual(appCookies(await ann.ask(`${world.url}/cookies`)), ["JSESSIONID", "first", "second"]);
  });

  test("a socket is open, and knows the person", async () => {
    const ws = await socket(world, await signedIn(world, "ann"), "/socket");
    const answer = message(ws);
    ws.send("hello");
    assert.equal(await answer, "ann says hello");
    ws.close();
  });

  test("h23_the_local_administrators_name_gives_no_role_in_the_container", async () => {
    const admin = await signedIn(world, "admin");
    assert.match((await admin.ask(`${world.url}/`)).text, /<p id="user">admin<\/p>/);
    assert.equal((await admin.ask(`${world.url}/admin`)).status, 403);
  });

  test("h10_h18_the_servlet_filter_refuses_what_comes_past_the_gate", async () => {
    await refusesForgeries(world, ["/", "/admin", "/notes", "/socket"]);
  });
});
