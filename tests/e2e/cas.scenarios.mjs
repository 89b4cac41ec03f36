// What a person sees between a CAS server, the gate and the apps behind it: one list, run on every CAS server.
// A scenario is { name, needs?, run(world) }; `needs` names a feature that a server may lack (its part's `supports`).
// The world: { server, relay, gate, chromium, newPerson, plain }. The browser and the gate meet the server through the
// relay, so that a test can count what passes and cut the line.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { pictured } from "../parts/chromium.mjs";
import { PlainClient } from "../parts/plain_client.mjs";

/** The policy that the scenarios are written for; Flask has a rule and an address of its own. */
export const policy = ({ flask, revalidateSecs, freshSecs }) => `
[session]
revalidate_secs = ${revalidateSecs}

[[rule]]
path = "/public/*"
access = "public"

[[rule]]
path = "/open/*"
access = "optional"

[[rule]]
path = "/fresh/*"
access = "fresh"
max_age_secs = ${freshSecs}

[[rule]]
path = "/staff/*"
access = "login"
require = { memberOf = "staff" }

[[rule]]
path = "/directors/*"
access = "login"
require = { memberOf = "directors" }

[[rule]]
path = "/numbered/*"
access = "login"
require = { staffNumber = "1" }

[[rule]]
path = "/flask/*"
access = "login"
origin = "${flask}"

[[rule]]
path = "/*"
access = "login"
`;

/** Fills in the CAS server's own page and waits until the browser stands at `wanted`. */
export async function signIn(page, { user, password }, wanted) {
  await page.fill('input[name="username"]', user);
  await page.fill('input[name="password"]', password);
  await Promise.all([page.waitForURL(wanted), page.press('input[name="password"]', "Enter")]);
}

const user = (page) => page.textContent("#user");
const title = (page) => page.textContent("h1");
const atServer = (page, { relay }) => assert.ok(page.url().startsWith(`${relay.url}/login?`), `the page stands at the CAS server, not at ${new URL(page.url()).pathname}`);
const validations = ({ relay }) => relay.count("alidate"); // serviceValidate, p3/serviceValidate, proxyValidate
const isSession = (line) => /^portcullis-\d+=[^;]/.test(line);
const isFlight = ({ name }) => /^portcullis-\d+-f-/.test(name);
const isOurs = ({ name }) => /portcullis/i.test(name);
const sessions = (answers) => answers.filter(({ setCookies }) => setCookies.some(isSession));

/** A page of this person, signed in and standing at `path`. */
async function signedIn(world, context, path = "/") {
  const page = await context.newPage();
  await page.goto(world.gate.url + path);
  atServer(page, world);
  await signIn(page, world.server.person, world.gate.url + path);
  return page;
}

/** Runs with a fresh browser context, and keeps pictures when it fails. */
const inBrowser = (name, work) => async (world) => {
  const context = await world.chromium.context();
  try {
    await pictured(context, `${world.label}-${name}`, () => work(world, context));
  } finally {
    await context.close();
  }
};

const scenario = (name, work, more = {}) => ({ name, run: inBrowser(name, work), ...more });

export const scenarios = [
  scenario("a first visit signs in at the CAS server and lands on the page asked for", async (world, context) => {
    const page = await signedIn(world, context, "/page/7?a=1&a=2&b=%20x");
    assert.equal(await user(page), world.server.person.user);
    assert.equal(await title(page), "Page 7");
    assert.equal(page.url(), `${world.gate.url}/page/7?a=1&a=2&b=%20x`);
    assert.equal(await page.textContent("#email"), world.server.person.attributes.mail);
    assert.deepEqual(await page.evaluate(() => [document.referrer.includes("ticket="), document.cookie.includes("portcullis")]), [false, false]);
  }),

  scenario("s15 the app sees the person, and neither the ticket nor the gate's cookies", async (world, context) => {
    const page = await signedIn(world, context, "/seen");
    const seen = JSON.parse(await page.textContent("body"));
    assert.equal(seen.user, world.server.person.user);
    assert.equal(seen.url, `${world.gate.url}/seen`);
    assert.doesNotMatch(JSON.stringify(seen), /ST-|ticket=/);
    assert.deepEqual(seen.cookies.filter((name) => isOurs({ name })), []);
    assert.ok((await context.cookies(world.gate.url)).some((cookie) => isOurs(cookie) && cookie.httpOnly), "the browser has the gate's cookie, out of reach of scripts");
  }),

  scenario("x04 an attribute called user is not the user", async (world, context) => {
    const page = await signedIn(world, context, "/");
    assert.equal(await user(page), world.server.person.user);
    assert.notEqual(world.server.person.attributes.user, undefined, "the server does send such an attribute");
  }, { needs: ["userAttribute"] }),

  scenario("a second app behind the same gate needs no second sign-in", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const before = world.relay.seen.length;
    await page.goto(`${world.gate.url}/flask/`);
    assert.equal(await title(page), "Flask");
    assert.equal(await user(page), world.server.person.user);
    assert.equal(await page.textContent("#email"), world.server.person.attributes.mail);
    assert.equal(world.relay.seen.length, before, "the CAS server was not asked again");
  }),

  scenario("a form of the Django app works, with CSRF on", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const text = `a note & more ${Math.random()}`;
    await page.fill("#note", text);
    await Promise.all([page.waitForNavigation(), page.click("#keep")]);
    assert.equal(page.url(), `${world.gate.url}/`, "the app's redirect leads to the gate");
    assert.ok((await page.locator("#notes li").allTextContents()).includes(text));
    const bare = await page.evaluate(() => fetch("/notes", { method: "POST", body: new URLSearchParams({ note: "forged" }) }).then(({ status }) => status));
    assert.equal(bare, 403, "without its token the same form is refused by Django");
  }),

  scenario("signing out at the CAS server ends the session at the gate", async (world, context) => {
    const page = await signedIn(world, context, "/page/1");
    const other = await context.newPage();
    await other.goto(`${world.relay.url}/logout`);
    await endsSoon(page, world);
    await page.goto(`${world.gate.url}/page/2`);
    atServer(page, world);
  }, { needs: ["singleLogout"] }),

  scenario("g03 s16 l12 ten tabs at once land each on its own page, and one sign-out at the CAS server ends them all", async (world, context) => {
    const numbers = Array.from({ length: 10 }, (_, index) => index);
    const tabs = await Promise.all(numbers.map(() => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(`${world.gate.url}/page/${number}`)));
    for (const tab of tabs) atServer(tab, world);
    const [first, ...others] = tabs;
    await first.reload(); // of ten sign-in pages without a session at the server, it may know only the last one's form
    await signIn(first, world.server.person, `${world.gate.url}/page/0`);
    // Each other tab still stands at its own sign-in page: loading it again is what a person does there.
    await Promise.all(others.map((tab, index) => tab.goto(tab.url()).then(() => tab.waitForURL(`${world.gate.url}/page/${index + 1}`))));
    assert.deepEqual(await Promise.all(tabs.map(title)), numbers.map((number) => `Page ${number}`));
    assert.deepEqual(new Set(await Promise.all(tabs.map(user))), new Set([world.server.person.user]));
    const flights = (await context.cookies(world.gate.url)).filter(isFlight);
    assert.deepEqual(flights, [], "no flight cookie is left behind");
    if (!lacking(world.server, { needs: ["singleLogout"] })) {
      await (await context.newPage()).goto(`${world.relay.url}/logout`);
      await endsSoon(first, world);
    }
  }),

  scenario("g03 ten tabs of somebody whose session at the gate is over come back without a sign-in page", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await forgetGate(context, world);
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, number) => tab.goto(`${world.gate.url}/page/${number}`)));
    assert.deepEqual(await Promise.all(tabs.map((tab) => tab.url())), tabs.map((_, number) => `${world.gate.url}/page/${number}`));
    await page.close();
  }),

  scenario("signing out at the gate ends the session there", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const stolen = await context.cookies(world.gate.url);
    await signOutAtGate(page, world);
    assert.equal(await apiStatus(page, world), 401);
    // A copy of the cookie from before is no session either.
    await context.addCookies(stolen);
    assert.equal(await apiStatus(page, world), 401, "the old cookie is dead");
  }),

  scenario("l10 after a sign-out the Back button shows no personal page", async (world, context) => {
    const page = await signedIn(world, context, "/page/3");
    await (await context.newPage()).goto(`${world.relay.url}/logout`); // or single sign-on would bring the person back in
    await signOutAtGate(page, world);
    while (!page.url().startsWith(`${world.gate.url}/page/3`)) {
      await page.goBack();
      if (page.url().startsWith(`${world.relay.url}/login`)) break; // the page itself was asked for again, and refused
    }
    assert.equal(await page.locator("#user").count(), 0);
  }),

  scenario("s13 an attacker's call-back link signs nobody in as the attacker", async (world, context) => {
    const link = await new PlainClient().callBack(`${world.gate.url}/page/5`, world.server.person);
    const before = validations(world);
    const page = await context.newPage();
    await page.goto(link);
    atServer(page, world);
    assert.equal(validations(world), before, "the attacker's ticket was not even looked at");
    assert.doesNotMatch(page.url(), /ticket/);
    await signIn(page, world.server.person, (url) => url.origin === world.gate.url);
    assert.equal(await user(page), world.server.person.user, "an own sign-in still works");
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
    assert.ok(validations(world) - before <= 1, "at most one own sign-in, by the single sign-on that is there");
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
    name: "s02 a ticket that was made for another service is no session",
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

  scenario("t02 a CAS server that goes away during the sign-in gives a clear page, and live sessions stay", async (world, context) => {
    const alive = await signedIn(world, context, "/");
    const stranger = await world.chromium.context();
    try {
      const page = await stranger.newPage();
      await page.goto(`${world.gate.url}/page/4`);
      world.relay.fault = ({ path }) => (path.includes("alidate") ? "cut" : undefined);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith(world.gate.url) && response.status() === 503),
        signIn(page, world.server.person, (url) => url.origin === world.gate.url),
      ]);
      assert.match(answer.headers()["retry-after"] ?? "", /^\d+$/);
      assert.match(await title(page), /sign-in server/i, "the page says what happened");
      assert.doesNotMatch(await page.content(), /ST-/);
      await alive.goto(`${world.gate.url}/page/2`);
      assert.equal(await user(alive), world.server.person.user);
    } finally {
      world.relay.fault = () => undefined;
      await stranger.close();
    }
  }),

  scenario("t02 after the CAS server is back the same person gets in", async (world, context) => {
    await eventually(async () => {
      const page = await context.newPage();
      await page.goto(`${world.gate.url}/page/4`);
      if (page.url().startsWith(world.relay.url)) await signIn(page, world.server.person, (url) => url.origin === world.gate.url);
      assert.equal(await user(page), world.server.person.user);
    }, 15_000); // the breaker lets one try through after ten seconds
  }),

  scenario("g04 a script of the page gets a 401 with a reason, never a redirect", async (world, context) => {
    const page = await context.newPage();
    await page.goto(`${world.gate.url}/public/seen`);
    const answers = await page.evaluate(async () => {
      const ask = async (init) => {
        const response = await fetch("/api/seen", { redirect: "manual", ...init });
        return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
      };
      return [await ask({}), await ask({ headers: { accept: "application/json" } }), await ask({ method: "POST", headers: { "content-type": "application/json" }, body: "{}" })];
    });
    for (const { status, type, text } of answers) {
      assert.equal(status, 401);
      assert.match(type ?? "", /json/);
      assert.match(JSON.stringify(JSON.parse(text)), /[A-Z]{3,}/, "the body names its reason");
    }
  }),

  scenario("h06 a forged session cookie is no session", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const real = (await context.cookies(world.gate.url)).filter(isOurs);
    assert.ok(real.length > 0);
    for (const forge of [flipLast, flipFirst, () => "AAAA", () => "x".repeat(3_000)]) {
      await context.addCookies(real.map((cookie) => ({ ...cookie, value: forge(cookie.value) })));
      assert.equal(await apiStatus(page, world), 401);
    }
    await context.addCookies(real);
    assert.equal(await apiStatus(page, world), 200, "the real one still is");
  }),

  {
    name: "h01 a forged identity header reaches no app, on public pages neither",
    async run(world) {
      const lies = { "Remote-User": "admin", Remote_User: "admin", "remote-USER": "admin", "Remote-Groups": "admins", remote_email: "admin@example.org", "X-Portcullis-Assertion": "e30.e30.", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1" };
      const answer = await new PlainClient().ask(`${world.gate.url}/public/seen`, { headers: { accept: "text/html", ...lies } });
      assert.equal(answer.status, 200);
      assert.equal(JSON.parse(answer.text).user, "");
      assert.doesNotMatch(answer.text, /admin|evil\.example|e30\.e30|10\.0\.0\.1/);
    },
  },

  scenario("a page that is open to all shows who is signed in, and nobody else is asked", async (world, context) => {
    const page = await context.newPage();
    await page.goto(`${world.gate.url}/open/`);
    assert.equal(page.url(), `${world.gate.url}/open/`);
    assert.equal(await user(page), "");
    const member = await signedIn(world, await world.chromium.context(), "/");
    await member.goto(`${world.gate.url}/open/`);
    assert.equal(await user(member), world.server.person.user);
    await member.context().close();
  }, { needs: ["gateway"] }),

  scenario("an open page finds the session of a person who signed in elsewhere (gateway mode)", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await forgetGate(context, world);
    await page.goto(`${world.gate.url}/open/`);
    assert.equal(page.url(), `${world.gate.url}/open/`);
    assert.equal(await user(page), world.server.person.user);
  }, { needs: ["gateway"] }),

  scenario("g05 a page that wants a fresh sign-in asks for the password again", async (world, context) => {
    const page = await signedIn(world, context, "/");
    await sleep(world.freshSecs * 1_000 + 1_000);
    await page.goto(`${world.gate.url}/fresh/`);
    atServer(page, world);
    await signIn(page, world.server.person, `${world.gate.url}/fresh/`);
    assert.equal(await user(page), world.server.person.user);
  }, { needs: ["renew"] }),

  scenario("x24 attributes open and close rules, and a missing one is named", async (world, context) => {
    const page = await signedIn(world, context, "/staff/");
    assert.equal(await user(page), world.server.person.user);
    const closed = await page.goto(`${world.gate.url}/directors/`);
    assert.equal(closed.status(), 403);
    assert.match(await page.textContent("body"), /NOT_ALLOWED/);
    const missing = await page.goto(`${world.gate.url}/numbered/`);
    assert.equal(missing.status(), 403);
    assert.match(await page.textContent("body"), /staffNumber[\s\S]*MISSING_ATTRIBUTE/);
    await page.goto(`${world.gate.url}/page/1`);
    assert.equal(await user(page), world.server.person.user, "the rest of the site stays open");
  }, { needs: ["attributes"] }),

  scenario("a form sent after the session ended says that nothing was sent", async (world, context) => {
    const page = await signedIn(world, context, "/");
    const text = `too late ${Math.random()}`;
    await page.fill("#note", text);
    await (await context.newPage()).goto(`${world.relay.url}/logout`);
    await endsSoon(page, world);
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("#keep")]);
    assert.ok(answer.status() >= 400, `status ${answer.status()}`);
    assert.match(await page.textContent("body"), /NOTHING_SENT/);
    const again = await signedIn(world, context, "/");
    assert.ok(!(await again.locator("#notes li").allTextContents()).includes(text), "the app never got it");
  }, { needs: ["singleLogout"] }),

  scenario("s17 s06 a portal's ticket in an app's address is not taken, an app's own ticket parameter is left alone", async (world, context) => {
    const page = await context.newPage();
    const before = validations(world);
    await page.goto(`${world.gate.url}/page/3?a=1&ticket=ST-17-0123456789abcdefghijklmnopqrstuv-elsewhere`);
    atServer(page, world);
    assert.equal(validations(world), before);
    await signIn(page, world.server.person, `${world.gate.url}/page/3?a=1`);
    await page.goto(`${world.gate.url}/page/4?ticket=seat-27`);
    assert.equal(page.url(), `${world.gate.url}/page/4?ticket=seat-27`);
    assert.equal(await title(page), "Page 4");
  }),

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

/** The reason why a server cannot show a scenario, if there is one. */
export function lacking(server, { needs = [] }) {
  for (const feature of needs) {
    const has = server.supports[feature];
    if (typeof has === "string") return has;
    if (has !== true) return `its part does not say that it has ${feature}`;
  }
}

const apiStatus = async (page, { gate }) => (await page.context().request.get(`${gate.url}/api/seen`, { headers: { accept: "application/json" }, maxRedirects: 0 })).status();

async function eventually(work, limitMs, everyMs = 500) {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(everyMs);
    }
  }
}

/** The session of this page is refused within the bound that the policy states, and a second for the way. */
const endsSoon = (page, world) => eventually(async () => assert.equal(await apiStatus(page, world), 401), 1_000 * world.revalidateSecs + 1_000, 100);

async function forgetGate(context, { gate }) {
  const names = (await context.cookies(gate.url)).filter(isOurs).map(({ name }) => name);
  assert.ok(names.length > 0);
  for (const name of names) await context.clearCookies({ name });
}

async function signOutAtGate(page, { gate }) {
  await page.goto(`${gate.url}/.portcullis/logout`);
  const button = page.locator("form[method=post i] button");
  if (await button.count()) await Promise.all([page.waitForNavigation(), button.first().click()]);
}

const flipLast = (value) => value.slice(0, -2) + (value.at(-2) === "A" ? "B" : "A") + value.at(-1);
const flipFirst = (value) => (value[0] === "A" ? "B" : "A") + value.slice(1);
