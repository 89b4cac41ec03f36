// The headers that reach the app: those of the gate, and none that a client has forged.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { send, signIn, testbed } from "./support.mjs";

const policy = `
[headers]
Remote-Email = "mail"
Remote-Groups = { from = ["memberOf"], list = true }
Remote-Name = "displayName"
Staff-Number = ["employeeNumber", "uidNumber"]

[[rule]]
path = "/open/*"
access = "public"

[[rule]]
path = "/maybe/*"
access = "optional"

[[rule]]
path = "/staff/*"
access = "login"
require = { memberOf = "staff" }

[[rule]]
path = "/secret/*"
access = "login"
require = { clearance = ["high"] }

[[rule]]
path = "/fresh/*"
access = "fresh"
max_age_secs = 300

[[rule]]
path = "/*"
access = "login"
`;
const many = Array.from({ length: 300 }, (_, n) => `cn=group-${String(n).padStart(3, "0")},ou=${"x".repeat(70)}`);
const users = {
  ann: { password: "ann", attributes: { mail: "ann@example.org", displayName: "Ann\nX-Evil: 1, Ärcher 100%", memberOf: ["staff", "admin,user"], employeeNumber: "7" } },
  big: { password: "big", attributes: { mail: "big@example.org", displayName: "x".repeat(20_000), memberOf: many } },
  near: { password: "near", attributes: { memberOf: ["Staff", "staff.", "staff,admin"] } },
};

let w;
shared(async (stack) => (w = stack.use(await testbed({ policy, cas: { users } }))));

const forged = [
  "X-Remote-User", "X_Remote_User", "x-remote_user", "Remote-User", "remote_user", "REMOTE.USER", "Remote-User%20", "CAS-User", "cas_user", "Remote-Groups",
  "X-Portcullis-Assertion", "x_portcullis_assertion", "X-Forwarded-Host", "X_Forwarded_For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP",
  "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "Staff-Number", "staff_number", "X-Staff-Number", "X-HTTP-Method-Override", "Proxy",
];

test("h01_h03_a03_a11_no_spelling_of_a_forged_header_reaches_the_app_on_any_route", async () => {
  const person = w.browser();
  await signIn(w, person);
  const evil = Object.fromEntries(forged.map((name) => [name, "evil-value"]));
  const routes = [
    [w.browser(), "/open/x"],
    [w.browser(), "/maybe/x"],
    [person, "/open/x"],
    [person, "/maybe/x"],
    [person, "/mine"],
  ];
  for (const [browser, path] of routes) {
    const answer = await browser.get(path, { page: false, headers: { accept: "*/*", ...evil } });
    assert.equal(answer.status, 200, path);
    const seen = await answer.json();
    assert.deepEqual(seen.headers.filter(([, value]) => value.includes("evil-value")), [], path);
  }
});

test("h01_a_request_like_an_earlier_one_has_its_own_headers_and_no_others", async () => {
  const people = { ann: w.browser(), near: w.browser() };
  for (const [name, browser] of Object.entries(people)) await signIn(w, browser, name);
  const told = async (name, headers) => {
    const answer = await people[name].get("/mine", { page: false, headers: { accept: "*/*", ...headers } });
    const seen = (await answer.json()).headers;
    const values = (of) => seen.filter(([known]) => known === of).map(([, value]) => value);
    assert.deepEqual(values("remote-user"), [name]);
    assert.deepEqual(values("cookie"), []);
    assert.deepEqual(seen.filter(([, value]) => value.includes("evil-value")), []);
    for (const [own, value] of Object.entries(headers).filter(([own]) => !forged.includes(own))) assert.deepEqual(values(own), [value], own);
    assert.deepEqual(values("x-only-sometimes"), headers["x-only-sometimes"] ? [headers["x-only-sometimes"]] : []);
  };
  const requests = [{}, { "accept-language": "de" }, { "accept-language": "fr" }, { "x-only-sometimes": "1" }, { remote_user: "evil-value" }, { "X-Remote-User": "evil-value", "x-only-sometimes": "2" }];
  for (let round = 0; round < 3; round++) for (const headers of requests) for (const name of Object.keys(people)) await told(name, headers);
  // So many that are like no other, that the gate stops to look for one that is.
  for (let number = 0; number < 40; number++) await told("ann", { "x-only-sometimes": String(number), ...(number % 3 === 0 && { "Remote-User": "evil-value" }) });
  for (const headers of requests) await told("ann", headers);
});

test("h01_duplicated_headers_do_not_survive_either", async () => {
  const answer = await send(`${w.url}/open/x`, { headers: { "x-remote-user": ["evil-a", "evil-b"], "remote-user": ["evil-c", "evil-d"] } });
  assert.ok(!(await answer.text()).includes("evil-"));
});

test("h05_a_session_inside_the_value_of_another_cookie_is_no_session", async () => {
  const person = w.browser();
  await signIn(w, person);
  const [[name, value]] = person.cookies;
  const ask = (cookie) => send(`${w.url}/mine`, { headers: { accept: "*/*", cookie } });
  assert.equal((await ask(`x=1,${name}=${value}`)).status, 401, "what a sibling host sets for the whole domain");
  assert.equal((await ask([`x=1`, `${name}=${value}`])).status, 200, "two lines of cookies are one, joined by a semicolon");
  const seen = await (await ask(`x="1, 2"; ${name}=${value}; y=a,${name}=b`)).json();
  assert.equal(seen.headers.find(([known]) => known === "cookie")[1], 'x="1, 2"; y=a', "and nothing of ours reaches the app");
});

test("h04_a_header_named_in_connection_removes_none_of_ours", async () => {
  const person = w.browser();
  await signIn(w, person);
  const seen = await (await person.get("/mine", { page: false, headers: { accept: "*/*", connection: "close, Remote-User, X-Portcullis-Assertion", te: "trailers" } })).json();
  assert.equal(seen.headers.find(([name]) => name === "remote-user")?.[1], "ann");
  assert.ok(!seen.headers.some(([name, value]) => name === "te" || (name === "connection" && /remote/i.test(value))));
});

test("h02_values_cannot_split_a_header_and_lists_keep_their_commas", async () => {
  const person = w.browser();
  await signIn(w, person);
  const seen = await (await person.get("/mine")).json();
  const of = (name) => seen.headers.filter(([known]) => known === name).map(([, value]) => value);
  assert.deepEqual(of("x-evil"), []);
  assert.deepEqual(of("remote-name"), ["Ann%0AX-Evil: 1, %C3%84rcher 100%25"]);
  assert.deepEqual(of("remote-groups"), ["staff,admin%2Cuser"]);
  assert.deepEqual(of("staff-number"), ["7"]);
});

test("h11_three_hundred_groups_and_a_20_kb_name_sign_in_and_are_cut_at_a_values_end", async () => {
  const person = w.browser();
  await signIn(w, person, "big");
  assert.ok(person.session.length <= 3584, String(person.session.length));
  const seen = await (await person.get("/mine")).json();
  const of = (name) => seen.headers.find(([known]) => known === name)?.[1];
  assert.equal(of("remote-user"), "big");
  assert.equal(of("remote-email"), "big@example.org");
  assert.equal(of("remote-name"), undefined, "half a name could be somebody else's");
  const groups = of("remote-groups").split(",").map(decodeURIComponent);
  assert.ok(groups.length > 10 && groups.length < 300);
  assert.deepEqual(groups, many.slice(0, groups.length));
  assert.equal(of("x-portcullis-truncated"), "Remote-Groups,Remote-Name");
  const whole = await (await person.get("/.portcullis/whoami")).json();
  assert.equal(whole.attributes.memberOf.length, 300, "the object has them all");
});

test("a07_conditions_are_compared_exactly", async () => {
  const [ann, near] = [w.browser(), w.browser()];
  await signIn(w, ann);
  await signIn(w, near, "near");
  assert.equal((await ann.get("/staff/x")).status, 200);
  const refused = await near.get("/staff/x");
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /NOT_ALLOWED/);
});

test("x24_a_missing_attribute_closes_its_rule_and_is_named", async () => {
  const ann = w.browser();
  await signIn(w, ann);
  const closed = await ann.get("/secret/x");
  assert.equal(closed.status, 403);
  const page = await closed.text();
  assert.match(page, /MISSING_ATTRIBUTE/);
  assert.match(page, /Attribute: clearance/);
  assert.equal((await ann.get("/mine")).status, 200, "other pages stay open");
});

test("g05_a_fresh_rule_goes_to_the_cas_server_with_renew_and_validates_with_it", async () => {
  const ann = w.browser();
  await signIn(w, ann);
  const away = await ann.get("/fresh/x");
  assert.equal(away.status, 302);
  const login = new URL(away.headers.get("location"));
  assert.equal(login.searchParams.get("renew"), "true");
  const service = login.searchParams.get("service");
  const stale = w.cas.ticket("ann", service, { fresh: false });
  assert.equal((await ann.get(`${service}?ticket=${stale}`)).status, 302, "an old sign-in is not enough");
  const again = await ann.get("/fresh/x");
  const second = new URL(again.headers.get("location")).searchParams.get("service");
  assert.equal((await ann.get(`${second}?ticket=${w.cas.ticket("ann", second)}`)).status, 303);
  assert.equal((await ann.get("/fresh/x")).status, 200);
  assert.match(w.cas.requests.findLast(({ path }) => path.endsWith("Validate")).query, /renew=true/);
  const script = await w.browser().get("/fresh/x", { page: false, headers: { accept: "*/*" } });
  assert.equal(script.status, 401);
});

test("g01_gateway_mode_asks_once_and_never_loops", async () => {
  const browser = w.browser();
  const away = await browser.get("/maybe/x");
  const login = new URL(away.headers.get("location"));
  assert.equal(login.searchParams.get("gateway"), "true");
  const back = await browser.get(login.searchParams.get("service"));
  assert.equal(back.headers.get("location"), `${w.url}/maybe/x`);
  const seen = await (await browser.get("/maybe/x")).json();
  assert.equal(seen.get, undefined);
  assert.ok(!seen.headers.some(([name]) => name === "remote-user"));
  const signedIn = w.browser();
  const first = new URL((await signedIn.get("/maybe/x")).headers.get("location")).searchParams.get("service");
  await signedIn.get(`${first}?ticket=${w.cas.ticket("ann", first)}`);
  const known = await (await signedIn.get("/maybe/x")).json();
  assert.equal(known.headers.find(([name]) => name === "remote-user")?.[1], "ann");
});

test("h07_a_bearer_token_is_no_session", async () => {
  const answer = await w.browser().get("/mine", { page: false, headers: { accept: "*/*", authorization: "Bearer eyJhbGciOiJub25lIn0.e30." } });
  assert.equal(answer.status, 401);
});

test("a10_the_assertion_is_signed_and_names_issuer_audience_and_end", async () => {
  const ann = w.browser();
  await signIn(w, ann);
  const jwtOf = async () => (await (await ann.get("/mine")).json()).headers.find(([name]) => name === "x-portcullis-assertion")[1];
  const jwt = await jwtOf();
  const [head, claims, signature] = jwt.split(".");
  const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));
  const { keys } = await (await ann.get("/.portcullis/jwks.json")).json();
  assert.ok(keys.every((key) => key.d === undefined && key.alg === "ES256"));
  const key = keys.find(({ kid }) => kid === decode(head).kid);
  assert.equal(decode(head).alg, "ES256");
  const check = (input, key_) => verify("sha256", Buffer.from(input), { key: createPublicKey({ key: key_, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  assert.ok(check(`${head}.${claims}`, key));
  assert.ok(!check(`${head}.${claims}x`, key));
  const said = decode(claims);
  assert.equal(said.iss, w.url);
  assert.equal(said.aud, new URL(w.url).host);
  assert.equal(said.sub, "ann");
  assert.ok(said.exp - said.iat <= 300 && said.exp > Date.now() / 1000);
  assert.ok(said.auth_time <= said.iat && said.sid.length === 22);
  const other = await testbed();
  try {
    const bob = other.browser();
    await signIn(other, bob);
    const theirs = (await (await bob.get("/x")).json()).headers.find(([name]) => name === "x-portcullis-assertion")[1];
    assert.notEqual(decode(theirs.split(".")[1]).aud, said.aud, "another site is another audience");
    assert.ok(!keys.some(({ kid }) => kid === decode(theirs.split(".")[0]).kid), "and another key");
  } finally {
    await other[Symbol.asyncDispose]();
  }
  assert.equal(await jwtOf(), jwt, "made once a session and re-check, not per request");
});

test("f14_no_page_of_the_gate_opens_in_a_frame", async () => {
  const person = w.browser();
  await signIn(w, person);
  const pages = [[person, "/.portcullis/logout"], [person, "/.portcullis/nothing-here"], [person, "/secret/x"], [w.browser(), "/.portcullis/cas/aaaaaaaaaaaaaaaaaaaaaaaaaa"]];
  for (const [browser, path] of pages) {
    const answer = await browser.get(path, { headers: { "sec-fetch-site": "cross-site" } });
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/, path);
    assert.match(answer.headers.get("content-security-policy"), /default-src 'none'.*frame-ancestors 'none'/, path);
    assert.equal(answer.headers.get("x-frame-options"), "DENY", path);
  }
});

test("a11_the_app_gets_the_peer_of_the_socket_not_an_address_that_a_client_claims", async () => {
  const claimed = { "cf-connecting-ip": "192.0.2.7", "x-real-ip": "192.0.2.7", "x-forwarded-for": "192.0.2.7" };
  const seen = await (await w.browser().get("/open/x", { headers: claimed })).json();
  assert.deepEqual(seen.headers.filter(([name]) => /-ip$|forwarded-for/.test(name)), [["x-forwarded-for", "127.0.0.1"]]);
});
