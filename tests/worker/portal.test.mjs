// The portal in workerd: an answer that many requests bring at once, and a session that ends in the objects of every site.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base32, totp } from "./person.mjs";
import { Browser, send, within } from "./support.mjs";

const policy = (port) => `
origin_auth = "unreachable"
peer = { header = "X-Real-IP", from = ["127.0.0.1"] }

[session]
revalidate_secs = 0

[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"

[[site]]
id = "wiki"
public_url = "http://wiki.localhost:${port}"
origin = "binding:ORIGIN"

[[site]]
id = "shop"
public_url = "http://shop.localhost:${port}"
origin = "binding:ORIGIN"

[[rule]]
path = "/plain/*"
access = "login"
factor = "off"

[[rule]]
path = "/*"
access = "login"
`;

/** A browser with its cookies of each host, which follows redirects and signs in as Ann wherever the CAS server is reached. */
class Tab {
  browsers = new Map();
  constructor(w) {
    this.w = w;
    this.port = new URL(w.gate.address).port;
  }
  at(site) {
    return `http://${site}.localhost:${this.port}`;
  }
  browser(url) {
    const { origin } = new URL(url);
    if (!this.browsers.has(origin)) this.browsers.set(origin, new Browser(origin));
    return this.browsers.get(origin);
  }
  /** One request, without following where it leads. */
  async request(url, options = {}) {
    const { pathname, search } = new URL(url);
    return this.browser(url).fetch(pathname + search, { ...options, headers: { "x-real-ip": "192.0.2.7", "user-agent": "Firefox", ...options.headers } });
  }
  async open(url, options) {
    for (let turn = 0; turn < 20; turn++) {
      if (url.startsWith(this.w.cas.url)) {
        const service = new URL(url).searchParams.get("service");
        url = `${service}?ticket=${await this.w.cas.ticket("ann", service, new URL(url).searchParams.has("renew") ? { renew: true } : {})}`;
      }
      const answer = await this.request(url, options);
      const location = answer.headers.get("location");
      if (!location) return { answer, url, text: await answer.text() };
      [url, options] = [new URL(location, url).href, {}];
    }
    throw new Error(`goes round at ${url}`);
  }
  /** Sends a form of the portal, with what every form has. */
  post(page, path, fields) {
    const hidden = Object.fromEntries(["token", "page", "id"].map((name) => [name, new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ""]));
    const body = new URLSearchParams({ ...hidden, ...fields }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
    return this.open(`${this.at("portal")}/.portcullis/factor/${path}`, { method: "POST", body, headers });
  }
  /** Enrols an app at the portal for a page of the wiki. */
  async enrol() {
    const page = await this.open(`${this.at("wiki")}/page`);
    assert.match(page.text, /Add a second factor/);
    const shown = await this.post(page, "enrol", { kind: "app", label: "phone" });
    const secret = base32(/class="key">([^<]*)</.exec(shown.text)[1].replaceAll(" ", ""));
    const codes = await this.post(shown, "confirm", { typed: totp(secret, -1) });
    assert.match(codes.text, /Your recovery codes/);
  }
  /** The address of an answer for the shop that is not taken yet. */
  async answer() {
    await this.open(`${this.at("shop")}/plain/x`);
    let url = `${this.at("shop")}/.portcullis/factor?page=/secret`;
    for (let turn = 0; turn < 3; turn++) url = (await this.request(url)).headers.get("location");
    assert.match(url, /\/factor\/back\//);
    return url;
  }
}

const withPortal = (work) => within({ policy, gate: { portal: "portal.localhost" } }, (w) => work(w, new Tab(w)));

test("f17_an_answer_that_fifty_requests_bring_at_once_raises_the_session_once", async () => {
  await withPortal(async (w, tab) => {
    await tab.enrol();
    const back = await tab.answer();
    const { pathname, search } = new URL(back);
    const browser = tab.browser(back);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", cookie, "x-real-ip": "192.0.2.7", "user-agent": "Firefox" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(`${tab.at("shop")}${pathname}${search}`, { headers })));
    assert.ok(answers.every((answer) => answer.status === 303 && answer.headers.get("location") === `${tab.at("shop")}/secret`), "each leads to its page");
    const session = (answer) => answer.headers.getSetCookie().find((line) => /^portcullis-\d+=[^;]/.test(line));
    const raised = answers.filter(session);
    assert.equal(raised.length, 1, "one of them has a new cookie");
    browser.cookies.set(...session(raised[0]).split(";")[0].split(/=(.*)/).slice(0, 2));
    assert.equal((await tab.request(`${tab.at("shop")}/secret`)).status, 200);
  });
});

for (const where of ["portal", "shop"]) {
  test(`f40_a_sign_out_at_the_${where}_ends_the_portals_session_and_lowers_the_other_site`, async () => {
    await withPortal(async (w, tab) => {
      await tab.enrol();
      assert.equal((await tab.open(`${tab.at("wiki")}/secret`)).answer.status, 200);
      assert.equal((await tab.open(`${tab.at("shop")}/secret`)).url, `${tab.at("shop")}/secret`);
      const out = await tab.request(`${tab.at(where)}/.portcullis/logout`);
      assert.equal(out.status, 303);
      // The person's object tells the objects of the other sessions.
      const end = Date.now() + 10_000;
      let wiki;
      do wiki = await tab.request(`${tab.at("wiki")}/secret`);
      while (wiki.status === 200 && Date.now() < end);
      assert.equal(wiki.headers.get("location"), `${tab.at("wiki")}/.portcullis/factor?page=%2Fsecret`);
      assert.match((await tab.open(`${tab.at("wiki")}/secret`)).text, /Confirm that it is you/);
    });
  });
}
