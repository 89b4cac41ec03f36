// What a sign-in asks of others: one validation of the CAS server, and one call of one object.
import assert from "node:assert/strict";
import { test } from "node:test";

import { prepared } from "./prepared.mjs";
import { signIn, within } from "./support.mjs";

const policy = '[[rule]]\npath = "/*"\naccess = "login"\n';
const folder = prepared();

test("a first login without factors asks the CAS server once and one object once, and pages after it ask nobody", async () => {
  await within({ policy, gate: { worker: folder } }, async (w) => {
    const all = async () => (await (await w.browser().get("/test")).json()).calls;
    // An instance tells the anchor once which policy it has, beside its first answer.
    for (const end = Date.now() + 10_000; (await all()) < 1 && Date.now() < end; );
    const calls = async () => (await all()) - 1;
    const asked = () => w.cas.requests.filter(({ path }) => /validate/i.test(path)).length;
    const ann = w.browser();
    await signIn(w, ann, "ann", "/page");
    assert.deepEqual([asked(), await calls()], [1, 1]);
    for (let n = 0; n < 5; n++) assert.equal((await ann.get(`/page/${n}`)).status, 200);
    assert.deepEqual([asked(), await calls()], [1, 1], "a live session asks nothing");
    await signIn(w, w.browser(), "ben", "/page");
    assert.deepEqual([asked(), await calls()], [2, 2]);
    assert.equal(w.cas.requests.filter(({ path }) => !/validate/i.test(path)).length, 0, "nothing else goes to the CAS server");
  });
});
