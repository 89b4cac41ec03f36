// The portal in a real browser: two sites and the portal on hosts of their own, with the pages of the second factor at the portal.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as chromiumPart from "../parts/chromium.mjs";
import * as djangoApp from "../parts/django_app.mjs";
import * as djangoCas from "../parts/django_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { shared, together } from "../parts/together.mjs";
import { base32, totp } from "../worker/person.mjs";
import { app as recorder } from "../worker/support.mjs";
import { signIn, user } from "./scenarios/world.mjs";

// Each browser says its address by itself: the gate takes the word of a proxy on this machine.
const policy = (port) => `
origin_auth = "unreachable"
peer = { header = "X-Real-IP", from = ["127.0.0.1"] }

[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"
issuer = "Example University"

[[site]]
id = "wiki"
public_url = "http://wiki.localhost:${port}"
origin = "binding:ORIGIN"

[[site]]
id = "shop"
public_url = "http://shop.localhost:${port}"
origin = "binding:SHOP"

[[rule]]
path = "/public/*"
access = "public"

[[rule]]
path = "/plain/*"
access = "login"
factor = "off"

[[rule]]
path = "/form/*"
access = "login"
keep_post = true

[[rule]]
path = "/*"
access = "login"
`;

/** The shop: a page of its own, and a service worker that sends every address that it sees to its server. */
const shopApp = () =>
  recorder((seen, response, incoming) => {
    seen.body = "";
    incoming.setEncoding("utf8").on("data", (chunk) => (seen.body += chunk));
    const [type, text] = seen.url.endsWith("/sw.js")
      ? ["text/javascript", "self.addEventListener('install', () => self.skipWaiting()); self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim())); self.addEventListener('fetch', (event) => event.waitUntil(fetch('/public/saw?' + encodeURIComponent(event.request.url))))"]
      : ["text/html; charset=utf-8", `<!doctype html><title>Shop</title><p id="user">${seen.get("remote-user") ?? ""}</p><form method="post" action="/form/save?x=1"><input name="text"><button>Save</button></form>`];
    response.writeHead(200, { "content-type": type, "service-worker-allowed": "/" }).end(text);
  });

let chromium, cas, wiki;
shared(async (stack) => {
  [chromium, cas, wiki] = await together(stack, chromiumPart.launch(), djangoCas.start(), djangoApp.start());
});

async function within(name, work) {
  await using shop = await shopApp();
  await using gate = await gatePart.start({ cas: cas.url, origin: wiki.url, origins: { SHOP: shop.url }, policy, portal: "portal.localhost" });
  const { port } = new URL(gate.address);
  const at = (site) => `http://${site}.localhost:${port}`;
  const contexts = [];
  /** A browser whose requests come from this address. */
  const browser = async (address = "192.0.2.7", more = {}) => {
    const context = await chromium.context({ extraHTTPHeaders: { "x-real-ip": address }, ...more });
    contexts.push(context);
    return context;
  };
  try {
    await work({ gate, shop, at, browser, pictured: (context, run) => chromiumPart.pictured(context, `portal-${name}`, run) });
  } catch (error) {
    console.error(gate.logs());
    throw error;
  } finally {
    for (const context of contexts) await context.close();
  }
}

const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor({ timeout: 10_000 });
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

async function type(page, code) {
  await page.locator("#typed").fill(code);
  await press(page, "Confirm");
}

/** Signs in at the CAS server wherever it asks for the password, until the browser is somewhere else. */
async function byPassword(page, url) {
  await page.goto(url);
  while (page.url().startsWith(cas.url)) await signIn(page, cas.person, (now) => !now.href.startsWith(cas.url) || /[?&]renew=/.test(now.href));
}

/** Enrols an app at the portal, from a page of the wiki; its secret. */
async function enrol(page, at) {
  await byPassword(page, `${at("wiki")}/page/1`);
  assert.ok(page.url().startsWith(`${at("portal")}/.portcullis/factor/ask/`), page.url());
  await press(page, "Use an authenticator app");
  await heading(page, "Scan this with your authenticator");
  const secret = base32((await page.locator(".key").first().textContent()).replaceAll(/\s/g, ""));
  await type(page, totp(secret, -1));
  await heading(page, "Your recovery codes");
  await page.getByRole("link", { name: "I have them" }).click();
  await page.waitForURL(`${at("wiki")}/page/1`);
  return secret;
}

test("f40_a_factor_given_once_at_the_portal_opens_an_app_on_another_host_without_being_asked_again", async () => {
  await within("twice", async ({ at, browser, pictured }) => {
    const context = await browser();
    await pictured(context, async () => {
      const page = await context.newPage();
      await enrol(page, at);
      assert.equal(await user(page), cas.person.user);
      const asked = [];
      page.on("framenavigated", (frame) => asked.push(frame.url()));
      await page.goto(`${at("shop")}/secret`);
      assert.equal(page.url(), `${at("shop")}/secret`);
      assert.equal(await user(page), cas.person.user);
      assert.deepEqual(asked, [`${at("shop")}/secret`], "no page in between, of the CAS server or of the portal");

      // Signed out of the shop, the browser is asked for both again, at the wiki too.
      await page.goto(`${at("shop")}/.portcullis/logout`);
      await context.clearCookies({ domain: new URL(cas.url).hostname });
      await page.goto(`${at("portal")}/`);
      assert.ok(page.url().startsWith(cas.url), `the portal's session is over: ${page.url()}`);
    });
  });
});

test("f38_a_passkey_is_made_at_the_portal_and_opens_a_site_on_another_host", async () => {
  await within("passkey", async ({ at, browser, pictured }) => {
    const context = await browser();
    await pictured(context, async () => {
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send("WebAuthn.enable");
      await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
      await byPassword(page, `${at("wiki")}/page/4`);
      await press(page, "Use a passkey");
      await press(page, "Make passkey");
      await heading(page, "Your recovery codes");
      await context.clearCookies();
      await byPassword(page, `${at("shop")}/secret`);
      await heading(page, "Confirm that it is you");
      assert.ok(page.url().startsWith(at("portal")), page.url());
      await press(page, "Use passkey");
      await page.waitForURL(`${at("shop")}/secret`);
      assert.equal(await user(page), cas.person.user);
    });
  });
});

test("f52_without_script_the_code_form_of_the_portal_leads_to_the_site_and_to_no_other", async () => {
  await within("form", async ({ at, browser, pictured }) => {
    const secret = await enrol(await (await browser()).newPage(), at);
    const plain = await browser("192.0.2.8", { javaScriptEnabled: false });
    await pictured(plain, async () => {
      const page = await plain.newPage();
      await byPassword(page, `${at("wiki")}/page/2`);
      await heading(page, "Confirm that it is you");
      await page.getByText("wiki.localhost").waitFor();
      await type(page, totp(secret));
      await page.waitForURL(`${at("wiki")}/page/2`);
      assert.equal(await user(page), cas.person.user);
    });
    // A form that leads elsewhere is stopped by the browser, on the way to another site of the gate too.
    const other = await browser("192.0.2.9");
    const page = await other.newPage();
    await byPassword(page, `${at("wiki")}/page/3`);
    await heading(page, "Confirm that it is you");
    const stopped = await page.evaluate(
      (action) =>
        new Promise((done) => {
          document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => done({ effectiveDirective, blockedURI }));
          const form = document.querySelector("form");
          form.action = action;
          form.querySelector("#typed").value = "123456";
          form.submit();
        }),
      `${at("shop")}/public/steal`,
    );
    assert.equal(stopped.effectiveDirective, "form-action");
    assert.ok(page.url().startsWith(at("portal")));
  });
});

test("f41_neither_an_opener_nor_a_service_worker_of_a_site_gets_an_answer_for_another_browser", async () => {
  await within("thief", async ({ at, shop, browser, pictured }) => {
    const ann = await browser();
    await pictured(ann, async () => {
      const page = await ann.newPage();
      await enrol(page, at);
      await page.goto(`${at("shop")}/secret`);

      // The thief has her password and a script on the shop's page, and asks for an answer to his own session.
      const request = async (address) => {
        const thief = await browser(address);
        const his = await thief.newPage();
        await byPassword(his, `${at("shop")}/plain/x`);
        const asked = his.waitForRequest((one) => one.url().startsWith(`${at("portal")}/.portcullis/factor/ask?r=`));
        await his.goto(`${at("shop")}/secret`);
        return (await asked).url();
      };

      // From her own network the portal answers by itself; the window that opened it reads nothing.
      const near = await request("192.0.2.99");
      const popup = ann.waitForEvent("page");
      const read = await page.evaluate(async (url) => {
        const opened = window.open(url);
        const seen = [];
        for (let turn = 0; turn < 60; turn++) {
          try {
            seen.push(opened.location.href);
          } catch (error) {
            seen.push(error.name);
          }
          await new Promise((next) => setTimeout(next, 50));
        }
        return { seen: [...new Set(seen)], closed: opened.closed };
      }, near);
      const ended = await popup;
      assert.match(ended.url(), /\/factor\/back\//, "it came to the answer, which her browser is refused");
      await ended.getByText("FACTOR_NOT_RAISED").waitFor();
      assert.ok(!read.seen.some((url) => url.includes("/factor/back/")), read.seen.join(" "));
      assert.equal(read.closed, true, "the window is out of its opener's reach");
      await ended.close();

      // A service worker sees navigations to its host, so from another network there is no answer without her button.
      const far = await request("198.51.100.1");
      await page.evaluate(() => navigator.serviceWorker.register("/public/sw.js", { scope: "/" }).then(() => navigator.serviceWorker.ready));
      await page.reload();
      const saw = () => shop.requests.filter(({ url }) => url.startsWith("/public/saw?")).map(({ url }) => decodeURIComponent(url.split("?")[1]));
      const victim = await ann.newPage();
      await victim.goto(`${at("shop")}/public/here`);
      await until(() => saw().some((url) => url.endsWith("/public/here")), "the worker sees navigations");
      await victim.goto(far);
      await heading(victim, "Go on to the site?");
      await victim.getByRole("button", { name: `Continue to ${new URL(at("shop")).host}` }).waitFor();
      await victim.getByText("Chrome").waitFor();
      assert.ok(!saw().some((url) => url.includes("/factor/back/")), saw().join(" "));
    });
  });
});

async function until(condition, what) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < end, what);
    await new Promise((next) => setTimeout(next, 50));
  }
}

test("f53_a_form_whose_factor_is_missing_waits_in_the_tab_over_the_portal_and_is_sent_on_a_click", async () => {
  await within("form", async ({ shop, at, browser, pictured }) => {
    const secret = await enrol(await (await browser()).newPage(), at);
    const context = await browser("198.51.100.9");
    await pictured(context, async () => {
      const page = await context.newPage();
      await byPassword(page, `${at("shop")}/plain/x`);
      await page.locator("[name=text]").fill("draft & möre");
      await press(page, "Save");
      await heading(page, "Nothing was sent yet.");
      assert.ok(!shop.requests.some(({ method }) => method === "POST"), "it has not arrived");
      await page.getByRole("link", { name: "Go on" }).click();
      await page.waitForURL((url) => url.href.startsWith(at("portal")) || url.href.startsWith(cas.url));
      while (page.url().startsWith(cas.url)) await signIn(page, cas.person, (now) => !now.href.startsWith(cas.url));
      await heading(page, "Confirm that it is you");
      await type(page, totp(secret));
      // Back at the shop, the tab still has it.
      await heading(page, "Send what you filled in?");
      await press(page, "Send it");
      await page.waitForURL(`${at("shop")}/form/save?x=1`);
      const [sent] = shop.requests.filter(({ method }) => method === "POST");
      assert.deepEqual([sent.url, new URLSearchParams(sent.body).get("text"), sent.get("remote-user")], ["/form/save?x=1", "draft & möre", cas.person.user]);
      assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), [], "nothing is left in the tab");
    });
  });
});
