// What an attacker, or a used link, must not get. The ids are those of the attack catalogue (tests/vectors/attacks.json).
import assert from "node:assert/strict";

import { PlainClient } from "../../parts/plain_client.mjs";
import { apiStatus, atServer, flipFirst, flipLast, isOurs, isSession, scenario, sessions, signedIn, signIn, user, validations } from "./world.mjs";

export const scenarios = [
  scenario("s13 an attacker's call-back link signs nobody in as the attacker", async (world, context) => {
    const link = await new PlainClient().callBack(`${world.gate.url}/page/5`, world.server.person);
    const before = validations(world);
    const page = await context.newPage();
    await page.goto(link);
    atServer(page, world);
    assert.equal(validations(world), before, "the attacker's ticket was not validated");
    assert.doesNotMatch(page.url(), /ticket/);
    await signIn(page, world.server.person, (url) => url.origin === world.gate.url);
    assert.equal(await user(page), world.server.person.user, "the person can still sign in");
  }),

  scenario("s11 a used call-back opened again in the same browser does no harm", async (world, context) => {
    const page = await context.newPage();
    const callBacks = [];
    page.on("request", (request) => {
      if (request.url().includes("ticket=")) callBacks.push(request.url());
    });
    await page.goto(`${world.gate.url}/page/6`);
    await signIn(page, world.server.person, `${world.gate.url}/page/6`);
    assert.equal(callBacks.length, 1);
    const before = validations(world);
    await page.goto(callBacks[0]);
    await page.waitForURL((url) => url.origin === world.gate.url && !url.search.includes("ticket"));
    assert.equal(await user(page), world.server.person.user);
    assert.ok(validations(world) - before <= 1, "at most one sign-in of the person, by single sign-on");
  }),

  {
    name: "s11 one ticket fifty times in parallel: one validation, one session",
    async run(world) {
      const client = new PlainClient();
      const link = await client.callBack(`${world.gate.url}/page/8`, world.server.person);
      const before = validations(world);
      const answers = await Promise.all(Array.from({ length: 50 }, () => client.ask(link, { keep: false })));
      assert.equal(validations(world) - before, 1);
      assert.equal(sessions(answers).length, 1);
      const other = answers.filter((answer) => !sessions([answer]).length);
      assert.deepEqual(other.filter(({ status }) => status >= 500), []);
      for (const { location } of answers) assert.doesNotMatch(location ?? "", /ticket=/);
    },
  },

  {
    name: "s02 a ticket for another service gives no session",
    async run(world) {
      const client = new PlainClient();
      const { location } = await client.ask(`${world.gate.url}/page/9`);
      const elsewhere = `${world.relay.url}/login?service=${encodeURIComponent("http://localhost:1/elsewhere")}`;
      const form = await client.ask(elsewhere);
      const given = await client.submit(form, { username: world.server.person.user, password: world.server.person.password });
      const ticket = new URL(given.location).searchParams.get("ticket");
      assert.match(ticket, /^ST-/);
      const service = new URL(location).searchParams.get("service");
      const answer = await client.ask(`${service}?ticket=${ticket}`);
      assert.deepEqual(answer.setCookies.filter(isSession), []);
      assert.ok([302, 303, 401, 403].includes(answer.status), `status ${answer.status}`);
      const api = await client.ask(`${world.gate.url}/seen`, { headers: { accept: "application/json" } });
      assert.equal(api.status, 401);
    },
  },

  scenario("h06 a forged session cookie is no session", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const real = (await context.cookies(world.gate.url)).filter(isOurs);
    assert.ok(real.length > 0);
    for (const forge of [flipLast, flipFirst, () => "AAAA", () => "x".repeat(3_000)]) {
      await context.addCookies(real.map((cookie) => ({ ...cookie, value: forge(cookie.value) })));
      assert.equal(await apiStatus(page, world), 401);
    }
    await context.addCookies(real);
    assert.equal(await apiStatus(page, world), 200, "the real session still works");
  }),

  {
    name: "h01 a forged identity header reaches no app, not even on public pages",
    async run(world) {
      const lies = { "Remote-User": "admin", Remote_User: "admin", "remote-USER": "admin", "Remote-Groups": "admins", remote_email: "admin@example.org", "X-Portcullis-Assertion": "e30.e30.", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1" };
      const answer = await new PlainClient().ask(`${world.gate.url}/public/seen`, { headers: { accept: "text/html", ...lies } });
      assert.equal(answer.status, 200);
      assert.equal(JSON.parse(answer.text).user, "");
      assert.doesNotMatch(answer.text, /admin|evil\.example|e30\.e30|10\.0\.0\.1/);
    },
  },

  scenario("a10 the assertion that the app gets verifies with the published keys", async (world, context) => {
    const page = await signedIn(world, context, "/seen");
    const { headers } = JSON.parse(await page.textContent("body"));
    const [head, claims, signature] = headers["X-Portcullis-Assertion"].split(".");
    const { kid, alg } = JSON.parse(Buffer.from(head, "base64url"));
    assert.equal(alg, "ES256");
    const { keys } = await (await context.request.get(`${world.gate.url}/.portcullis/jwks.json`)).json();
    assert.ok(keys.every((key) => key.d === undefined), "no private key is published");
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("jwk", keys.find((one) => one.kid === kid), algorithm, false, ["verify"]);
    const verify = (text) => crypto.subtle.verify(algorithm, key, Buffer.from(signature, "base64url"), Buffer.from(text));
    assert.equal(await verify(`${head}.${claims}`), true);
    assert.equal(await verify(`${head}.${claims.replace(/^./, "f")}`), false);
    const told = JSON.parse(Buffer.from(claims, "base64url"));
    assert.deepEqual([told.iss, told.aud, told.sub], [world.gate.url, new URL(world.gate.url).host, world.server.person.user]);
    assert.ok(told.exp - told.iat <= 300 && told.exp * 1_000 > Date.now(), "at most five minutes");
  }),
];
