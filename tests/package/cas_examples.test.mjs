// The package's Express and Hono examples, from the packed tarball, with the demo CAS server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { before, describe } from "node:test";
import { pathToFileURL } from "node:url";

import { start as startCas } from "../parts/demo_cas.mjs";
import { PlainClient } from "../parts/plain_client.mjs";
import { need, npmCi, root, run } from "../setup.mjs";

const consumer = join("tests", "package", "cas_examples");
const ann = { user: "ann", password: "ann" };
const script = { headers: { accept: "application/json", "user-agent": "test" } };

before(async () => {
  await need("build:js");
  await npmCi(consumer, "npm packages of the CAS examples");
  const installed = join(root, consumer, "node_modules", "portcullis");
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  await run("tar", ["-xzf", join(root, "target", "npm", "portcullis-0.1.0.tgz"), "--strip-components=1", "-C", installed], { log: "npm.log" });
  assert.ok(existsSync(join(installed, "examples", "cas_client.mjs")));
});

const load = (path) => import(pathToFileURL(join(root, consumer, "node_modules", path)).href);
const frameworks = {
  Express: async (options) => (await load("portcullis/examples/express/app.mjs")).createApp(options),
  Hono: async (options) => {
    const { getRequestListener } = await load("@hono/node-server/dist/index.mjs");
    return getRequestListener((await load("portcullis/examples/hono/app.mjs")).createApp(options).fetch);
  },
};

for (const [name, listener] of Object.entries(frameworks)) {
  describe(name, () => {
    /** A running app and its CAS server. */
    async function start() {
      const cas = await startCas();
      const server = createServer();
      server.listen(0, "localhost");
      await once(server, "listening");
      const url = `http://localhost:${server.address().port}`;
      server.on("request", await listener({ cas: cas.url, publicUrl: url }));
      return {
        cas,
        url,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          server.close();
          await cas[Symbol.asyncDispose]();
        },
      };
    }
    const signIn = async (site, page = "/page?a=1&a=2") => {
      const client = new PlainClient();
      const back = await client.callBack(site.url + page, ann);
      const answer = await client.ask(back);
      return { client, back, answer };
    };
    const status = async (client, site) => (await client.ask(`${site.url}/api`, script)).status;

    test("signs in, returns to the requested page, and has the person's name", async () => {
      await using site = await start();
      assert.equal(await status(new PlainClient(), site), 401);
      const { client, answer } = await signIn(site);
      assert.equal(answer.status, 303);
      assert.equal(answer.location, `${site.url}/page?a=1&a=2`);
      const page = await client.ask(answer.location);
      assert.equal(page.headers["cache-control"], "no-store");
      const { user, attributes, page: path } = JSON.parse(page.text);
      assert.deepEqual([user, path, attributes.memberOf], ["ann", "/page?a=1&a=2", ["staff", "faculty & <admin>"]]);
      for (const line of answer.setCookies) assert.match(line, /HttpOnly; SameSite=Lax/i);
      assert.equal(site.cas.validations(), 1);
    });

    test("s11 a replayed ticket opens no second session, neither later nor at the same time", async () => {
      await using site = await start();
      const client = new PlainClient();
      const back = await client.callBack(`${site.url}/`, ann);
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask(back, { keep: false })));
      assert.equal(answers.filter(({ setCookies }) => setCookies.some((line) => line.startsWith("session="))).length, 1);
      assert.equal(answers.filter(({ status }) => status === 401).length, 19);
      const again = await client.ask(back);
      assert.deepEqual([again.status, again.setCookies.some((line) => line.startsWith("session="))], [401, false]);
      assert.doesNotMatch(again.text, /ST-/);
      assert.equal(site.cas.validations(), 1);
    });

    test("s02 a ticket for another service is refused", async () => {
      await using site = await start();
      const client = new PlainClient();
      const back = await client.callBack(`${site.url}/`, ann);
      const other = site.cas.ticket("ann", `${site.url}/signed-in/another`);
      const answer = await client.ask(`${back.split("?")[0]}?ticket=${other}`);
      assert.equal(answer.status, 401);
      assert.match(answer.text, /does not accept this service/);
      assert.equal(await status(client, site), 401);
    });

    test("s13 the ticket in a call-back that another browser began is not validated", async () => {
      await using site = await start();
      const attacker = await new PlainClient().callBack(`${site.url}/`, ann);
      const victim = new PlainClient();
      const answer = await victim.ask(attacker);
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.setCookies.filter((line) => line.startsWith("session=")), []);
      assert.equal(site.cas.validations(), 0);
    });

    test("o01 a forged page cookie does not lead to another site", async () => {
      await using site = await start();
      const client = new PlainClient();
      const back = await client.callBack(`${site.url}/`, ann);
      client.cookies(site.url).set("page", encodeURIComponent("//evil.example/"));
      assert.equal((await client.ask(back)).location, `${site.url}/`);
    });

    test("single logout ends the session, and a logout for an unknown ticket changes nothing", async () => {
      await using site = await start();
      const { client, back } = await signIn(site);
      const { client: other } = await signIn(site);
      assert.deepEqual([await status(client, site), await status(other, site)], [200, 200]);
      const post = (body) => client.ask(back.split("?")[0], { method: "POST", body, headers: { "user-agent": "test", "content-type": "application/x-www-form-urlencoded" } });
      assert.equal((await post("logoutRequest=%3Cnot")).status, 400);
      assert.equal((await post(`logoutRequest=${encodeURIComponent('<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><p:SessionIndex>ST-unknown</p:SessionIndex></p:LogoutRequest>')}`)).status, 200);
      assert.ok((await post(`logoutRequest=${"x".repeat(20_000)}`)).status >= 400);
      assert.equal(await status(client, site), 200);
      // This ends one single sign-on session. The other browser has another one.
      await client.ask(`${site.cas.url}/logout`);
      assert.deepEqual(site.cas.logouts.map(({ status: told }) => told), [200]);
      assert.deepEqual([await status(client, site), await status(other, site)], [401, 200]);
      const away = await client.ask(`${site.url}/`);
      assert.ok(away.location.startsWith(`${site.cas.url}/login?`));
    });

    test("l05 a logout during the validation prevents the session", async () => {
      await using site = await start();
      const client = new PlainClient();
      const back = await client.callBack(`${site.url}/`, ann);
      const release = site.cas.hold();
      const arrived = site.cas.validating();
      const waiting = client.ask(back);
      await arrived;
      const ticket = new URL(back).searchParams.get("ticket");
      const body = `<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"><p:SessionIndex>${ticket}</p:SessionIndex></p:LogoutRequest>`;
      const told = await new PlainClient().ask(back.split("?")[0], { method: "POST", body, headers: { "user-agent": "test", "content-type": "text/xml" } });
      assert.equal(told.status, 200);
      release();
      assert.equal((await waiting).status, 401);
      assert.equal(await status(client, site), 401);
    });

    test("t02 an unavailable server, or one with an invalid answer, signs nobody in", async () => {
      await using site = await start();
      for (const [fault, wanted] of [[{ drop: true }, 503], [{ html: true }, 401], [{ status: 500 }, 401], [{ body: "yes\nadmin\n" }, 401], [{ redirect: "http://127.0.0.1:1/" }, 401], [{ namespace: "urn:evil" }, 401]]) {
        const client = new PlainClient();
        const back = await client.callBack(`${site.url}/`, ann);
        site.cas.fault({ ...fault, times: 1 });
        const answer = await client.ask(back);
        assert.equal(answer.status, wanted, JSON.stringify(fault));
        assert.doesNotMatch(answer.text, /ST-/);
        assert.equal(await status(client, site), 401);
      }
    });

    test("signing out ends the session and redirects to the server", async () => {
      await using site = await start();
      const { client } = await signIn(site);
      const session = client.cookies(site.url).get("session");
      const out = await client.ask(`${site.url}/sign-out`, { method: "POST", body: "" });
      assert.equal(out.location, `${site.cas.url}/logout`);
      client.cookies(site.url).set("session", session);
      assert.equal(await status(client, site), 401, "a copy of the cookie is dead too");
    });
  });
}
