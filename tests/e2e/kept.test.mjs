// The fragment of an address and the form that a tab keeps over a sign-in, in Chromium.
import assert from "node:assert/strict";
import { test } from "node:test";

import { launch } from "../parts/chromium.mjs";
import { shared } from "../parts/together.mjs";
import { testbed } from "../worker/support.mjs";

const policy = `
[[rule]]
path = "/spa/*"
access = "login"
spa = true
[[rule]]
path = "/form/*"
access = "login"
keep_post = true
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/*"
access = "login"
`;
const page = '<!doctype html><title>app</title><form method="post" action="/form/save?x=1"><textarea name="text">draft &amp; möre\n2</textarea><input name="pin_code" value="1234"><button id="save">Save</button></form>';
const posted = [];
const handler = (seen, response, incoming) => {
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    if (seen.method === "POST") posted.push({ url: seen.url, body: Buffer.concat(chunks).toString(), user: seen.get("remote-user") });
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });
};

let w, chromium;
shared(async (stack) => {
  w = stack.use(await testbed({ policy, handler }));
  chromium = stack.use(await launch());
});

/** Signs in at the CAS server's page, which waits in this tab. */
async function signIn(tab, user) {
  await tab.waitForURL((url) => url.href.startsWith(w.cas.url));
  assert.equal(new URL(tab.url()).hash, "", "the CAS server never has the fragment");
  await tab.fill("[name=username]", user);
  await tab.fill("[name=password]", user);
  await tab.click("button, [type=submit]");
}

const at = (tab, path) => tab.waitForURL(`${w.url}${path}`);

test("s21_a_fragment_survives_a_sign_in_with_a_form_and_one_without", async () => {
  const context = await chromium.context();
  const tab = await context.newPage();
  await tab.goto(`${w.url}/spa/x?a=1#/ü?b=%2F`);
  await signIn(tab, "ann");
  await at(tab, "/spa/x?a=1#/%C3%BC?b=%2F");
  // Single sign-on: the session here is lost, the one at the CAS server is not.
  await context.clearCookies({ name: /^portcullis/ });
  await tab.goto(`${w.url}/spa/y#second`);
  await at(tab, "/spa/y#second");
  assert.deepEqual(await tab.evaluate(() => Object.keys(sessionStorage)), [], "nothing is left in the tab");
  assert.ok(w.app.requests.every(({ url }) => !url.includes("second")));
});

test("s21_without_storage_the_page_opens_without_its_fragment", async () => {
  const context = await chromium.context();
  const tab = await context.newPage();
  await tab.addInitScript(() => Object.defineProperty(window, "sessionStorage", { get: () => { throw new Error("refused"); } }));
  await tab.goto(`${w.url}/spa/x?a=1#/lost`);
  await signIn(tab, "ann");
  await tab.getByRole("link", { name: "Go on" }).click();
  await at(tab, "/spa/x?a=1");
});

test("o04_a_kept_value_leads_nowhere_but_to_this_site", async () => {
  const context = await chromium.context();
  const tab = await context.newPage();
  const name = "abcdefgh234567ab";
  for (const [value, want] of [["//evil.example/", "/"], ["javascript:alert(1)", "/"], ["\\\\evil.example", "/"], ["/\\evil.example", "/"], ["https://evil.example/", "/"], ["/.portcullis/logout", "/"], [`/public/${"x".repeat(9000)}`, "/"], ["/public/good#there", "/public/good#there"]]) {
    await tab.goto(`${w.url}/public/start`);
    await tab.evaluate(([name, value]) => sessionStorage.setItem(`portcullis-${name}`, value), [name, value]);
    const next = tab.waitForRequest((request) => request.isNavigationRequest() && !request.url().includes("/.portcullis/") && request.url() !== `${w.url}/public/start`);
    await tab.goto(`${w.url}/.portcullis/spa/${name}`).catch(() => {}); // it goes on before it has loaded
    assert.equal((await next).url(), `${w.url}${want.replace(/#.*/, "")}`, value);
    await tab.waitForLoadState();
  }
  // Anybody can link to this page. What a link says is not followed at once, because that request would look like the site's own.
  for (const [hash, want] of [["#//evil.example", "/"], ["#javascript:alert(1)", "/"], ["#/.portcullis/logout", "/"], ["#/.portcullis", "/"], ["#/public/ok?a=1#b", "/public/ok?a=1#b"]]) {
    await tab.goto(`${w.url}/public/start`);
    await tab.goto(`${w.url}/.portcullis/spa/${name}${hash}`);
    const link = tab.getByRole("link", { name: "Go on" });
    assert.equal(await link.evaluate(({ href }) => href), `${w.url}${want}`, hash);
    assert.equal(new URL(tab.url()).pathname, `/.portcullis/spa/${name}`);
  }
});

/** A form that is posted after its session was ended elsewhere. */
async function draft(context) {
  const tab = await context.newPage();
  await tab.goto(`${w.url}/form/edit`);
  if (tab.url().startsWith(w.cas.url)) await signIn(tab, "ann");
  await at(tab, "/form/edit");
  // The session ends in another tab; this one keeps a copy of its cookie, which is dead now.
  const cookies = await context.cookies();
  const other = await context.newPage();
  await other.goto(`${w.url}/.portcullis/logout`);
  await other.click("button");
  await other.waitForURL((url) => url.href.startsWith(w.cas.url));
  await other.close();
  await context.clearCookies();
  await context.addCookies(cookies.filter(({ name }) => name.startsWith("portcullis")));
  await tab.click("#save");
  await tab.getByText("Nothing was sent yet.").waitFor();
  return tab;
}

test("g09_a_form_is_sent_again_by_its_person_on_a_click", async () => {
  const context = await chromium.context();
  const tab = await draft(context);
  const stored = await tab.evaluate(() => Object.values(sessionStorage).join());
  assert.ok(stored && !stored.includes("draft"), "sealed");
  const before = posted.length;
  await tab.click("#go");
  await signIn(tab, "ann");
  await tab.getByText("Send what you filled in?").waitFor();
  assert.equal(posted.length, before, "nothing is sent by itself");
  assert.equal(await tab.evaluate(() => sessionStorage.length), 0, "used once");
  await tab.fill("[name=pin_code]", "9876");
  await tab.click("button");
  await at(tab, "/form/save?x=1");
  assert.deepEqual(posted.at(-1), { url: "/form/save?x=1", body: "text=draft+%26+m%C3%B6re%0D%0A2&pin_code=9876", user: "ann" });
});

test("g09_another_person_neither_sees_nor_sends_it", async () => {
  const context = await chromium.context();
  const tab = await draft(context);
  const before = posted.length;
  await tab.click("#go");
  await signIn(tab, "ben");
  await tab.getByText("Nothing was sent.").waitFor();
  assert.ok(!(await tab.content()).includes("draft"));
  assert.equal(await tab.evaluate(() => sessionStorage.length), 0, "removed");
  assert.equal(posted.length, before);
});
