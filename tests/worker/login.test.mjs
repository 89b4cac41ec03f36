// Signing in, and attacks on it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { signIn, toTicket, testbed } from "./support.mjs";

let w;
shared(async (stack) => (w = stack.use(await testbed())));

const whoami = (browser) => browser.get("/.portcullis/whoami", { page: false, headers: { accept: "application/json" } });
const whyOf = async (response) => /<code>([A-Z_]+)<\/code>/.exec(await response.text())?.[1];

test("s15_a_page_is_reached_after_one_sign_in_with_a_clean_address_and_the_name", async () => {
  const browser = w.browser();
  const landed = await signIn(w, browser, "ann", "/orders?a=1&a=2&b=%2F");
  assert.equal(landed.headers.get("location"), `${w.url}/orders?a=1&a=2&b=%2F`);
  assert.equal(landed.headers.get("cache-control"), "no-store");
  assert.equal(landed.headers.get("referrer-policy"), "no-referrer");
  const seen = await (await browser.get("/orders?a=1&a=2&b=%2F")).json();
  const of = (name) => seen.headers.find(([known]) => known === name)?.[1];
  assert.equal(seen.url, "/orders?a=1&a=2&b=%2F");
  assert.equal(of("remote-user"), "ann");
  assert.equal(of("remote-email"), "ann@example.org");
  assert.equal(of("remote-name"), "Ann Archer");
  assert.equal(of("remote-groups"), "staff,faculty & <admin>");
  assert.equal(of("x-forwarded-host"), new URL(w.url).host);
  assert.equal(of("x-forwarded-proto"), "http");
  assert.equal(of("x-forwarded-for"), "127.0.0.1");
  assert.equal(of("host"), new URL(w.url).host);
  assert.equal(of("cookie"), undefined);
  assert.ok(of("x-portcullis-assertion"));
  assert.ok(!JSON.stringify(w.app.requests).includes("ticket="), "the app saw a ticket");
});

test("x11_two_spellings_of_a_name_are_one_user_by_the_platforms_normalisation", async () => {
  const users = Object.fromEntries(["Zo\u00eb", "Zoe\u0308"].map((name) => [name, { password: "x", attributes: {} }]));
  await using own = await testbed({ cas: { users } });
  const names = [];
  for (const name of Object.keys(users)) {
    const browser = own.browser();
    await signIn(own, browser, name);
    names.push((await (await whoami(browser)).json()).user);
  }
  assert.deepEqual(names, ["Zo\u00eb", "Zo\u00eb"]);
});

test("the cookie is HttpOnly, Lax, for the whole site, and plain only because this is http on localhost", async () => {
  const landed = await signIn(w, w.browser());
  const cookie = landed.headers.getSetCookie().find((set) => /^portcullis-\d+=/.test(set));
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax$/);
});

test("s11_fifty_replays_in_parallel_give_one_validation_and_one_session", async () => {
  const browser = w.browser();
  const { callback, ticket } = await toTicket(w, browser);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const answers = await Promise.all(Array.from({ length: 50 }, () => w.browser().get(callback, { headers: { cookie } })));
  const signedIn = answers.filter((answer) => answer.headers.getSetCookie().some((set) => /^portcullis-\d+=[^;]/.test(set)));
  assert.equal(signedIn.length, 1);
  assert.equal(signedIn[0].status, 303);
  assert.equal(w.cas.validations(ticket), 1);
  // The others begin a sign-in of their own, which the person does not notice because of single sign-on.
  const others = answers.filter((answer) => answer !== signedIn[0]);
  assert.ok(others.every((answer) => answer.status === 302 && answer.headers.get("location").startsWith(w.cas.url)));
});

test("s11_a_replay_by_the_browser_that_is_signed_in_is_a_clean_redirect", async () => {
  const browser = w.browser();
  const { callback, ticket } = await toTicket(w, browser, "ann", "/here");
  const flight = [...browser.cookies].find(([name]) => name.includes("-f-"));
  assert.equal((await browser.get(callback)).status, 303);
  browser.cookies.set(...flight);
  const again = await browser.get(callback);
  assert.equal(again.status, 303);
  assert.equal(again.headers.get("location"), `${w.url}/here`);
  assert.equal(w.cas.validations(ticket), 1);
});

test("s02_a_ticket_of_another_service_signs_nobody_in", async () => {
  const browser = w.browser();
  const { service } = await toTicket(w, browser);
  const foreign = w.cas.ticket("ben", "http://localhost:1/other");
  const answer = await browser.get(`${service}?ticket=${foreign}`);
  assert.equal(answer.status, 302, "one silent restart");
  assert.equal(browser.session, undefined);
  const next = new URL(answer.headers.get("location")).searchParams.get("service");
  const second = await browser.get(`${next}?ticket=${w.cas.ticket("ben", "http://localhost:1/other")}`);
  assert.equal(second.status, 403, "and then a page");
  assert.equal(await whyOf(second), "TICKET_REFUSED");
  assert.equal(browser.session, undefined);
});

test("s03_a_ticket_that_would_break_out_of_its_parameter_is_never_sent", async () => {
  const browser = w.browser();
  const { service } = await toTicket(w, browser);
  const before = w.cas.requests.length;
  for (const bad of ["ST-1%26service%3Dhttps://b/", "ST-1%23", "ST-1%00", `ST-${"a".repeat(510)}`, "PT-1-abc", ""]) {
    const answer = await browser.get(`${service}?ticket=${bad}`);
    assert.equal(answer.status, 400, bad);
  }
  assert.equal(w.cas.requests.length, before);
});

test("s13_an_attackers_call_back_link_is_never_validated", async () => {
  const attacker = w.browser();
  const { callback, ticket } = await toTicket(w, attacker, "ben");
  const victim = w.browser();
  const answer = await victim.get(callback);
  assert.equal(w.cas.validations(ticket), 0);
  assert.equal(victim.session, undefined);
  assert.equal(answer.status, 302, "the victim's own sign-in begins");
  assert.ok(answer.headers.get("location").startsWith(`${w.cas.url}/login?service=`));
  assert.ok(!answer.headers.get("location").includes(ticket));
});

test("g02_without_cookies_there_is_one_try_and_then_a_clear_page", async () => {
  const { callback } = await toTicket(w, w.browser());
  const restarted = await w.browser().get(callback);
  const service = new URL(restarted.headers.get("location")).searchParams.get("service");
  const end = await w.browser().get(`${service}?ticket=${w.cas.ticket("ann", service)}`);
  assert.equal(end.status, 400);
  assert.equal(await whyOf(end), "COOKIES_OFF");
});

test("h06_a_forged_cookie_is_no_session", async () => {
  const browser = w.browser();
  await signIn(w, browser);
  const [name] = [...browser.cookies].find(([known]) => /^portcullis-\d+$/.test(known));
  const good = browser.cookies.get(name);
  for (const at of [0, 3, 8, 40, good.length - 1]) {
    const flipped = good[at] === "A" ? "B" : "A";
    browser.cookies.set(name, good.slice(0, at) + flipped + good.slice(at + 1));
    assert.equal((await whoami(browser)).status, 401, `character ${at}`);
  }
  browser.cookies.set(name, good);
  assert.equal((await whoami(browser)).status, 200);
});

test("h05_two_session_cookies_count_as_no_session", async () => {
  const browser = w.browser();
  await signIn(w, browser);
  const [name, value] = [...browser.cookies].find(([known]) => /^portcullis-\d+$/.test(known));
  const answer = await whoami({ get: (path, options) => w.browser().get(path, { ...options, headers: { cookie: `${name}=planted; ${name}=${value}` } }) });
  assert.equal(answer.status, 401);
  assert.ok(answer.headers.getSetCookie().some((set) => set.startsWith(`${name}=;`)), "and it is removed");
});

test("s12_s14_a_new_sign_in_is_a_new_session_and_ends_the_old_one", async () => {
  const browser = w.browser();
  const { callback } = await toTicket(w, browser, "ben", "/as-ben");
  const flight = [...browser.cookies].find(([name]) => name.includes("-f-"));
  browser.cookies.clear();
  await signIn(w, browser, "ann");
  const old = new Map(browser.cookies);
  const before = (await (await whoami(browser)).json()).session;
  browser.cookies.set(...flight);
  assert.equal((await browser.get(callback)).status, 303);
  const after = await (await whoami(browser)).json();
  assert.equal(after.user, "ben");
  assert.notEqual(after.session, before);
  const thief = w.browser();
  thief.cookies = old;
  assert.equal((await whoami(thief)).status, 401, "the old cookie is dead");
});

test("s12_a_bad_ticket_beside_a_live_session_changes_nothing", async () => {
  const browser = w.browser();
  const { service } = await toTicket(w, browser, "ben");
  const flight = [...browser.cookies].find(([name]) => name.includes("-f-"));
  browser.cookies.clear();
  await signIn(w, browser, "ann");
  browser.cookies.set(...flight);
  const answer = await browser.get(`${service}?ticket=ST-1-made-up`);
  assert.equal(answer.status, 302);
  assert.equal((await (await whoami(browser)).json()).user, "ann");
});

test("s17_a_ticket_on_an_apps_page_is_stripped_and_not_validated", async () => {
  const browser = w.browser();
  const ticket = w.cas.ticket("ann", `${w.url}/app`);
  const answer = await browser.get(`/app?x=1&ticket=${ticket}&y=2`);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), `${w.url}/app?x=1&y=2`);
  assert.equal(w.cas.validations(ticket), 0);
});

test("s05_s06_s07_what_is_not_exactly_a_ticket_belongs_to_the_app", async () => {
  const browser = w.browser();
  await signIn(w, browser);
  for (const query of ["ticket=not-cas", "TICKET=ST-1", "ticket[]=ST-1", "ticket=ST-1&ticket=ST-2", "xticket=ST-1", "ticket=", "tick%65t=ST-1"]) {
    const answer = await browser.get(`/app?${query}`);
    assert.equal(answer.status, 200, query);
    assert.equal((await answer.json()).url, `/app?${query}`);
  }
});

test("s07_only_the_exact_pair_is_removed", async () => {
  const browser = w.browser();
  await signIn(w, browser);
  const answer = await browser.get("/app?xticket=ST-1&ticket=ST-1&a=&a=%2F");
  assert.equal(answer.headers.get("location"), `${w.url}/app?xticket=ST-1&a=&a=%2F`);
});

test("g04_programs_get_401_with_a_reason_and_never_a_redirect", async () => {
  for (const headers of [
    { accept: "*/*" },
    { accept: "application/json" },
    { accept: "text/event-stream" },
    { accept: "*/*", "sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors" },
    { accept: "text/html", "x-requested-with": "XMLHttpRequest" },
    { accept: "image/*", "sec-fetch-dest": "image" },
  ]) {
    const answer = await w.browser().get("/api", { page: false, headers });
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error, "LOGIN_REQUIRED");
    assert.equal(answer.headers.get("location"), `${w.url}/`);
    assert.equal(answer.headers.getSetCookie().length, 0);
  }
  const post = await w.browser().fetch("/api", { page: false, method: "POST", headers: { accept: "*/*", "content-type": "application/json" }, body: "{}" });
  assert.equal(post.status, 401);
});

test("g06_a_form_without_a_session_says_that_nothing_was_sent", async () => {
  const before = w.app.requests.length;
  const answer = await w.browser().fetch("/form", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site", origin: "https://evil.example" }, body: "a=1" });
  assert.equal(answer.status, 401);
  assert.equal(await whyOf(answer), "NOTHING_SENT");
  assert.equal(w.app.requests.length, before);
});

test("s18_prefetch_spends_no_ticket_and_begins_nothing", async () => {
  const answer = await w.browser().get("/", { headers: { "sec-purpose": "prefetch;prerender" } });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.getSetCookie().length, 0);
});

test("g03_ten_tabs_each_land_and_forty_leave_no_pile_of_cookies", async () => {
  const browser = w.browser();
  const tabs = [];
  for (let n = 0; n < 10; n += 1) tabs.push(await toTicket(w, browser, "ann", `/tab/${n}`));
  for (const n of [3, 9, 0, 5, 1, 2, 8, 7, 6, 4]) {
    const landed = await browser.get(tabs[n].callback);
    assert.equal(landed.headers.get("location"), `${w.url}/tab/${n}`);
  }
  assert.equal([...browser.cookies].filter(([name]) => name.includes("-f-")).length, 0, "every flight has ended");
  const many = w.browser();
  for (let n = 0; n < 40; n += 1) await many.get(`/page/${n}?${"x".repeat(300)}`);
  const flights = [...many.cookies].filter(([name]) => name.includes("-f-"));
  assert.ok(flights.length <= 16 && flights.length >= 4, String(flights.length));
  assert.ok(flights.map((pair) => pair.join("=")).join("; ").length <= 4096 + 16 * 3);
});

test("o01_the_page_asked_for_is_always_of_this_site", async () => {
  for (const path of ["//evil.example/", "///evil.example", "/https://evil.example", "/%5cevil.example"]) {
    const browser = w.browser();
    const { callback } = await toTicket(w, browser, "ann", `${w.url}${path}`);
    const landed = await browser.get(callback);
    const location = new URL(landed.headers.get("location"));
    assert.equal(location.origin, w.url, path);
  }
});

test("o03_the_referer_decides_nothing", async () => {
  const browser = w.browser();
  const first = await browser.get("/wanted", { headers: { referer: "https://evil.example/" } });
  const service = new URL(first.headers.get("location")).searchParams.get("service");
  const landed = await browser.get(`${service}?ticket=${w.cas.ticket("ann", service)}`);
  assert.equal(landed.headers.get("location"), `${w.url}/wanted`);
});

test("a page of more than 1 kB is not remembered, and the person lands on the first page", async () => {
  const landed = await signIn(w, w.browser(), "ann", `/long?${"x".repeat(1100)}`);
  assert.equal(landed.headers.get("location"), `${w.url}/`);
});

test("g07_an_answer_by_post_from_the_cas_server_is_posted_again_from_here", async () => {
  const browser = w.browser();
  const { service, ticket } = await toTicket(w, browser, "ann", "/posted");
  const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site", origin: "http://127.0.0.1" } };
  // A browser sends no Lax cookie with a cross-site POST, so this one has no cookies.
  const first = await w.browser().fetch(service, { ...form, body: `ticket=${ticket}` });
  assert.equal(first.status, 200);
  const page = await first.text();
  assert.match(page, /name="ticket"/);
  assert.match(page, /name="again" value="1"/);
  assert.match(first.headers.get("content-security-policy"), /script-src 'sha256-/);
  assert.equal(w.cas.validations(ticket), 0);
  const own = { ...form.headers, "sec-fetch-site": "same-origin", origin: w.url };
  const landed = await browser.fetch(service, { ...form, headers: own, body: `ticket=${ticket}&again=1` });
  assert.equal(landed.status, 303);
  assert.equal(landed.headers.get("location"), `${w.url}/posted`);
  const forged = await w.browser().fetch(service, { ...form, headers: own, body: `ticket=${w.cas.ticket("ben", service)}&again=1` });
  assert.equal(forged.headers.getSetCookie().some((set) => /^portcullis-\d+=[^;]/.test(set)), false);
});

test("s01_hosts_and_forwarded_hosts_change_no_service", async () => {
  const strange = await w.browser().get("/", { headers: { host: "evil.example" } });
  assert.equal(strange.status, 421);
  const answer = await w.browser().get("/", { headers: { "x-forwarded-host": "evil.example", "x-forwarded-server": "evil.example", forwarded: "host=evil.example" } });
  assert.equal(answer.status, 302);
  assert.ok(!answer.headers.get("location").includes("evil"));
});

test("s04_s20_the_service_is_the_same_bytes_at_login_and_validation_and_lower_case", async () => {
  const browser = w.browser();
  const { service, callback } = await toTicket(w, browser, "ann", "/a%26b?c=%20+;#f");
  assert.equal(service, service.toLowerCase());
  assert.match(service, /^http:\/\/localhost:\d+\/\.portcullis\/cas\/[a-z2-7]{26}$/);
  await browser.get(callback);
  const validation = w.cas.requests.findLast(({ path }) => path.endsWith("serviceValidate"));
  assert.equal(new URLSearchParams(validation.query).get("service"), service);
});
