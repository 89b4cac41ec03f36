// Two apps behind one gate: neither can use the assertion or the origin value that the other one gets.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../setup.mjs";
import { app, signIn, testbed } from "./support.mjs";

const secret = "s3cret-of-the-origins-".repeat(2);
const policy = `
origin_auth = "secret-header"

[[rule]]
path = "/mail/*"
access = "login"
origin = "binding:MAIL"
app = "mail"

[[rule]]
path = "/open/*"
access = "public"

[[rule]]
path = "/*"
access = "login"
`;
const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

test("h18_each_app_gets_its_own_origin_value_and_audience_and_never_the_secret", async () => {
  const mail = await app();
  const w = await testbed({ policy, apps: { MAIL: mail.url }, gate: { env: { PORTCULLIS_ORIGIN_SECRET: secret } } });
  try {
    const ann = w.browser();
    await signIn(w, ann);
    // Again and again, and with the same headers, so that whatever the gate remembers of one app is at hand for the other.
    for (const path of Array.from({ length: 4 }, () => ["/", "/mail/x", "/", "/mail/y", "/open/x"]).flat()) assert.equal((await ann.get(path)).status, 200, path);
    assert.deepEqual([w.app.requests.filter(({ url }) => url === "/").length, mail.requests.length], [8, 8]);
    const value = (origin) => execFileSync(process.execPath, [join(root, "tests", "keys.mjs"), "--origin", origin], { env: { ...process.env, PORTCULLIS_ORIGIN_SECRET: secret }, encoding: "utf8" }).trim();
    for (const seen of w.app.requests) assert.equal(seen.get("x-portcullis-origin"), value("binding:ORIGIN"));
    for (const seen of mail.requests) assert.equal(seen.get("x-portcullis-origin"), value("binding:MAIL"));
    assert.notEqual(value("binding:ORIGIN"), value("binding:MAIL"));
    for (const seen of [...w.app.requests, ...mail.requests]) assert.ok(!JSON.stringify(seen.headers).includes(secret), "no app sees the secret");
    for (const seen of w.app.requests.filter(({ url }) => url === "/")) assert.equal(claims(seen.get("x-portcullis-assertion")).aud, new URL(w.url).host);
    for (const seen of mail.requests) assert.equal(claims(seen.get("x-portcullis-assertion")).aud, "mail");
  } finally {
    await w[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
  }
});
