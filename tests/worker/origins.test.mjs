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
    for (const path of ["/", "/mail/x", "/", "/mail/y", "/open/x"]) assert.equal((await ann.get(path)).status, 200, path);
    const [wiki, letters, open] = [w.app.requests.find(({ url }) => url === "/"), mail.requests[0], w.app.requests.find(({ url }) => url === "/open/x")];
    const value = (origin) => execFileSync(process.execPath, [join(root, "tests", "keys.mjs"), "--origin", origin], { env: { ...process.env, PORTCULLIS_ORIGIN_SECRET: secret }, encoding: "utf8" }).trim();
    assert.equal(wiki.get("x-portcullis-origin"), value("binding:ORIGIN"));
    assert.equal(open.get("x-portcullis-origin"), value("binding:ORIGIN"));
    assert.equal(letters.get("x-portcullis-origin"), value("binding:MAIL"));
    assert.notEqual(value("binding:ORIGIN"), value("binding:MAIL"));
    for (const seen of [...w.app.requests, ...mail.requests]) assert.ok(!JSON.stringify(seen.headers).includes(secret), "no app sees the secret");
    assert.equal(claims(wiki.get("x-portcullis-assertion")).aud, new URL(w.url).host);
    for (const seen of mail.requests) assert.equal(claims(seen.get("x-portcullis-assertion")).aud, "mail");
  } finally {
    await w[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
  }
});
