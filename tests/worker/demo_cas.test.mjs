// The demo CAS server itself. The other tests rely on its tickets, its faults and its single logout.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";

import { start } from "../parts/demo_cas.mjs";
import { PlainClient } from "../parts/plain_client.mjs";

const SERVICE = "http://localhost:1/cb/7f3a?a=1&b=%20x&c=%2F&&d";
const agent = { "user-agent": "test" };
const validate = (cas, ticket, { service = SERVICE, at = "p3/serviceValidate", more = "", headers = agent } = {}) =>
  fetch(`${cas.url}/${at}?service=${encodeURIComponent(service)}&ticket=${ticket}${more}`, { headers, redirect: "manual" });
const answer = async (...all) => (await validate(...all)).text();
const signIn = async (cas, service = SERVICE, more = "") => {
  const client = new PlainClient();
  const page = await client.ask(`${cas.url}/login?service=${encodeURIComponent(service)}${more}`);
  const sent = await client.submit(page, { username: "ann", password: "ann" });
  return { client, page, sent, ticket: /ticket=([^&#]+)/.exec(sent.headers.location ?? "")?.[1] };
};

test("listens on 127.0.0.1 alone, and answers to that name alone", async () => {
  await assert.rejects(start({ host: "0.0.0.0" }), /for development only/);
  await assert.rejects(start({ host: "localhost" }), /127\.0\.0\.1 and nowhere else/);
  await using cas = await start();
  assert.equal(cas.server.address().address, "127.0.0.1");
  const { status } = await new PlainClient().ask(`${cas.url}/login`, { headers: { host: "rebound.example", ...agent } });
  assert.equal(status, 421);
});

test("signs in by its form, keeps the service's bytes, and validates once", async () => {
  await using cas = await start();
  const { page, sent, ticket } = await signIn(cas);
  assert.match(page.text, /for development only/i);
  assert.equal(sent.status, 302);
  assert.equal(sent.headers.location, `${SERVICE}&ticket=${ticket}`);
  assert.match(sent.setCookies[0], /^TGC=[^;]+; Path=\/cas; HttpOnly; SameSite=Lax$/);
  const good = await answer(cas, ticket);
  assert.match(good, /<cas:user>ann<\/cas:user>/);
  assert.match(good, /<cas:memberOf>faculty &amp; &lt;admin&gt;<\/cas:memberOf>/);
  assert.match(await answer(cas, ticket), /code="INVALID_TICKET"/);
  assert.equal(cas.validations(ticket), 2);
});

test("a wrong password and a used form sign nobody in", async () => {
  await using cas = await start();
  const client = new PlainClient();
  const page = await client.ask(`${cas.url}/login?service=${encodeURIComponent(SERVICE)}`);
  const wrong = await client.submit(page, { username: "ann", password: "ben" });
  assert.equal(wrong.status, 401);
  assert.match(wrong.text, /do not match/);
  assert.equal((await client.submit(page, { username: "ann", password: "ann" })).status, 302);
  assert.equal((await client.submit(page, { username: "ann", password: "ann" })).status, 401);
  assert.equal((await client.submit(wrong, { username: "__proto__", password: "" })).status, 401);
});

test("single sign-on, renew and gateway", async () => {
  await using cas = await start();
  const { client } = await signIn(cas);
  const login = (more) => client.ask(`${cas.url}/login?service=${encodeURIComponent(SERVICE)}${more}`);
  const again = await login("");
  assert.equal(again.status, 302);
  const ticket = /ticket=(.+)$/.exec(again.headers.location)[1];
  assert.match(await answer(cas, ticket, { more: "&renew=true" }), /INVALID_TICKET/, "a ticket by single sign-on is not fresh");
  assert.equal((await login("&renew=true")).status, 200);
  assert.match((await login("&gateway=true")).headers.location, /ticket=ST-/);
  assert.equal((await login("&gateway=true&renew=true")).headers.location, SERVICE);
  const stranger = await new PlainClient().ask(`${cas.url}/login?gateway=true&service=${encodeURIComponent(SERVICE)}`);
  assert.equal(stranger.headers.location, SERVICE);
  const fresh = await signIn(cas, SERVICE, "&renew=true");
  assert.match(await answer(cas, fresh.ticket, { more: "&renew=true" }), /<cas:isFromNewLogin>true/);
});

test("every way to validate: CAS 1.0, JSON, proxy tickets, other styles", async () => {
  await using cas = await start({ style: "both" });
  assert.equal(await answer(cas, cas.ticket("ann", SERVICE), { at: "validate" }), "yes\nann\n");
  assert.equal(await answer(cas, "ST-none", { at: "validate" }), "no\n\n");
  const json = JSON.parse(await answer(cas, cas.ticket("ann", SERVICE), { more: "&format=JSON" }));
  assert.deepEqual(json.serviceResponse.authenticationSuccess.attributes.memberOf, ["staff", "faculty & <admin>"]);
  assert.equal(JSON.parse(await answer(cas, "ST-none", { more: "&format=JSON" })).serviceResponse.authenticationFailure.code, "INVALID_TICKET");
  assert.match(await answer(cas, cas.ticket("ann", SERVICE)), /<cas:attribute name="mail" value="ann@example.org"\/>/);
  const proxied = () => cas.ticket("ann", SERVICE, { proxies: ["https://portal.example/pgt"] });
  assert.match(await answer(cas, proxied()), /INVALID_TICKET/);
  assert.match(await answer(cas, proxied(), { at: "p3/proxyValidate" }), /<cas:proxies><cas:proxy>https:\/\/portal\.example\/pgt<\/cas:proxy>/);
  assert.match(await answer(cas, cas.ticket("ann", SERVICE), { service: "http://localhost:1/other" }), /INVALID_SERVICE/);
});

test("what breaks real servers breaks this one", async () => {
  await using cas = await start();
  const status = async (path, headers = agent) => (await new PlainClient().ask(`${cas.url}/${path}`, { headers })).status;
  const service = `service=${encodeURIComponent(SERVICE)}`;
  assert.equal(await status(`login?${service}&method=GET`), 500);
  assert.equal(await status(`serviceValidate?${service}&ticket=ST-1`, {}), 500);
  for (const stranger of ["https://evil.example/", "http://localhost.evil.example/", "http://evillocalhost/"]) {
    assert.equal(await status(`login?service=${encodeURIComponent(stranger)}`), 403, stranger);
  }
  for (const here of ["http://localhost:1/", "http://portal.localhost:1/", "http://127.0.0.1:1/"]) {
    assert.equal(await status(`login?service=${encodeURIComponent(here)}`), 200, here);
  }
  assert.equal(await status(`login?service=${encodeURIComponent("http://localhost/é")}`), 400);
  const posted = await signIn(cas, SERVICE, "&method=POST");
  assert.equal(posted.sent.status, 302, "the form forgets method=, as the answer is the server's choice");
  const back = await posted.client.ask(`${cas.url}/login?${service}&method=POST`);
  assert.match(back.text, /<input type="hidden" name="ticket" value="ST-/);
});

test("with onlyTrackMostRecent a new ticket ends the earlier one of the same path", async () => {
  await using cas = await start({ onlyTrackMostRecent: true });
  const cookie = cas.signIn("ann");
  const [first, second, elsewhere] = ["/a?tab=1", "/a?tab=2", "/b"].map((path) => cas.ticket("ann", `http://localhost:1${path}`, { cookie }));
  assert.match(await answer(cas, first, { service: "http://localhost:1/a?tab=1" }), /INVALID_TICKET/);
  assert.match(await answer(cas, second, { service: "http://localhost:1/a?tab=2" }), /<cas:user>/);
  assert.match(await answer(cas, elsewhere, { service: "http://localhost:1/b" }), /<cas:user>/);
});

test("a ticket expires", async () => {
  await using cas = await start({ ticketLifeMs: -1 });
  assert.match(await answer(cas, cas.ticket("ann", SERVICE)), /INVALID_TICKET/);
});

test("single logout is posted to every service of the session", async () => {
  const got = [];
  const app = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    got.push([request.method, request.url, request.headers["content-type"], new URLSearchParams(body).get("logoutRequest")]);
    response.end();
  });
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  try {
    await using cas = await start();
    const service = `http://127.0.0.1:${app.address().port}/cb?x=1#part`;
    const { client, ticket, sent } = await signIn(cas, service);
    assert.ok(sent.headers.location.endsWith(`&ticket=${ticket}#part`));
    const out = await client.ask(`${cas.url}/logout`);
    assert.match(out.text, /You are signed out/);
    assert.deepEqual(got.map((one) => one.slice(0, 3)), [["POST", "/cb?x=1", "application/x-www-form-urlencoded"]]);
    assert.match(got[0][3], new RegExp(`<samlp:SessionIndex>${ticket}</samlp:SessionIndex>`));
    assert.match(await answer(cas, ticket, { service }), /INVALID_TICKET/, "an outstanding ticket is over");
    assert.equal((await client.ask(`${cas.url}/login?service=${encodeURIComponent(service)}`)).status, 200);
    assert.deepEqual(cas.logouts.map(({ status }) => status), [200]);
    const back = await client.ask(`${cas.url}/logout?service=${encodeURIComponent(SERVICE)}`);
    assert.equal(back.headers.location, SERVICE);
    assert.equal((await client.ask(`${cas.url}/logout?service=${encodeURIComponent("https://evil.example/")}`)).status, 200);
  } finally {
    app.close();
  }
});

test("every fault has its effect and can be ended", async () => {
  await using cas = await start();
  const fresh = () => cas.ticket("ann", SERVICE);
  const during = async (what, check) => {
    cas.fault({ ...what, times: 1 });
    await check(validate(cas, fresh()));
    assert.match(await answer(cas, fresh()), /<cas:user>ann/, "healed");
  };
  await during({ status: 500 }, async (one) => assert.equal((await one).status, 500));
  await during({ drop: true }, (one) => assert.rejects(one));
  await during({ html: true }, async (one) => assert.match(await (await one).text(), /^<!doctype html>/));
  await during({ truncate: true }, async (one) => assert.doesNotMatch(await (await one).text(), /<\/cas:serviceResponse>/));
  await during({ oversizeBytes: 300_000 }, async (one) => assert.equal((await (await one).text()).length, 300_000));
  await during({ namespace: "urn:evil" }, async (one) => assert.match(await (await one).text(), /xmlns:cas='urn:evil'/));
  await during({ redirect: "http://127.0.0.1:1/" }, async (one) => assert.equal((await one).headers.get("location"), "http://127.0.0.1:1/"));
  await during({ refuse: true }, async (one) => assert.match(await (await one).text(), /INVALID_TICKET/));
  await during({ body: "yes\nadmin\n", contentType: "text/plain" }, async (one) => assert.equal(await (await one).text(), "yes\nadmin\n"));
  const began = performance.now();
  await during({ delayMs: 60 }, async (one) => assert.ok((await one).ok && performance.now() - began >= 59));
});

test("a held validation waits, and a server that is down refuses and comes back", async () => {
  await using cas = await start();
  const release = cas.hold();
  const arrived = cas.validating();
  let done = false;
  const waiting = validate(cas, cas.ticket("ann", SERVICE)).then((one) => ((done = true), one.text()));
  await arrived;
  assert.equal(done, false);
  release();
  assert.match(await waiting, /<cas:user>ann/);
  const { url } = cas;
  await cas.down();
  await assert.rejects(fetch(`${url}/login`));
  await cas.up();
  assert.equal(cas.url, url);
  assert.equal((await fetch(`${url}/login`)).status, 200);
});
