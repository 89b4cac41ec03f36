// The example of the talk: a Django dashboard and Plone 6, two apps that know nothing of each other, one CAS server, one
// sign-in and one sign-out. Both stand behind one gate under two hosts, as worker/docs/behind-{django,plone}.md say.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import * as chromiumPart from "../../parts/chromium.mjs";
import * as dashboardApp from "../../parts/dashboard_app.mjs";
import * as demoCas from "../../parts/demo_cas.mjs";
import * as djangoCas from "../../parts/django_cas.mjs";
import { freePorts } from "../../parts/free_ports.mjs";
import * as gatePart from "../../parts/gate.mjs";
import * as ploneApp from "../../parts/plone_app.mjs";
import { shared, together } from "../../parts/together.mjs";
import { appCookies, gateEnv, refusesForgeries, signedIn, users, valueOf } from "./support.mjs";

const policy = (dashboard, documents) => `
origin_auth = "secret-header"

[session]
revalidate_secs = 1

[headers]
Remote-Email = ["mail"]
Remote-Name = ["displayName"]

[[site]]
id = "dashboard"
public_url = "${dashboard}"
origin = "binding:ORIGIN"

[[site]]
id = "documents"
public_url = "${documents}"
origin = "binding:PLONE"
`;

describe("the talk's example", () => {
  const world = {};
  shared(async (stack) => {
    const port = await freePorts(1);
    // Hosts part cookies and ports do not: so these are two sites to a browser.
    world.dashboard = { url: `http://localhost:${port}` };
    world.documents = { url: `http://127.0.0.1:${port}` };
    const state = mkdtempSync(join(tmpdir(), "portcullis-talk-"));
    stack.defer(() => rmSync(state, { recursive: true, force: true }));
    [world.chromium, world.dashboard.app, world.documents.app] = await together(
      stack,
      chromiumPart.launch(),
      dashboardApp.start({ publicUrl: world.dashboard.url, app: "dashboard" }),
      ploneApp.start({ originValue: valueOf("PLONE") }),
    );
    // The same keys for both gates: apps keep the public ones for minutes.
    world.gate = (cas) => gatePart.start({ cas, origin: world.dashboard.app.url, origins: { PLONE: world.documents.app.url }, port, publicUrl: world.dashboard.url, stateDir: state, policy: policy(world.dashboard.url, world.documents.url), env: gateEnv });
  });

  test("a dashboard and a document system with one sign-in and one sign-out", async () => {
    await using cas = await djangoCas.start();
    await using gate = await world.gate(cas.url);
    const context = await world.chromium.context();
    const [dashboard, documents] = [await context.newPage(), await context.newPage()];
    documents.setDefaultTimeout(60_000);
    const atServer = (page) => page.url().startsWith(`${cas.url}/login`);
    try {
      await chromiumPart.pictured(context, "talk", async () => {
        await dashboard.goto(`${world.dashboard.url}/`);
        assert.ok(atServer(dashboard), "a stranger is sent to the CAS server");
        await dashboard.fill('input[name="username"]', cas.person.user);
        await dashboard.fill('input[name="password"]', cas.person.password);
        await Promise.all([dashboard.waitForURL(`${world.dashboard.url}/`), dashboard.press('input[name="password"]', "Enter")]);
        assert.equal(await dashboard.textContent("#user"), cas.person.user);

        await documents.goto(`${world.documents.url}/Plone`, { waitUntil: "domcontentloaded" });
        assert.equal(new URL(documents.url()).pathname, "/Plone", "no second sign-in");
        assert.match(await documents.textContent("#edit-zone"), new RegExp(cas.person.user), "Plone's toolbar shows the person");
        await documents.goto(`${world.documents.url}/Plone`, { waitUntil: "domcontentloaded" });
        assert.match(await documents.textContent("#edit-zone"), new RegExp(cas.person.user), "and goes on doing so");

        // Neither app is visited: the CAS server tells the gate, and both sessions are over.
        const away = await context.newPage();
        await away.goto(`${cas.url}/logout`);
        for (const [page, url] of [[dashboard, `${world.dashboard.url}/`], [documents, `${world.documents.url}/Plone`]]) {
          await page.goto(url, { waitUntil: "domcontentloaded" });
          assert.ok(atServer(page), `${url} asks for a new sign-in`);
        }
      });
    } catch (error) {
      for (const part of [gate, cas, world.dashboard.app, world.documents.app]) console.error(`──\n${part.logs()}`);
      throw error;
    } finally {
      await context.close();
    }
  });

  test("a form in each app, and an absolute redirect that stays on the public address", async () => {
    await using cas = await demoCas.start({ users });
    await using _gate = await world.gate(cas.url);
    const ann = await signedIn(world.dashboard, "ann");
    const kept = await ann.submit(await ann.ask(`${world.dashboard.url}/`), { note: "grün & <b>" });
    assert.equal(kept.status, 302, kept.text);
    assert.equal(kept.headers.location, `${world.dashboard.url}/`);
    assert.match((await ann.ask(kept.location)).text, /<li>grün &amp; &lt;b&gt;<\/li>/);
    const forged = await ann.ask(`${world.dashboard.url}/notes`, { method: "POST", body: "note=x" });
    assert.equal(forged.status, 403, "Django's own guard of forms works");

    const author = await signedIn(world.documents, "ann", "/Plone");
    const blank = await author.ask(`${world.documents.url}/Plone/++add++Document`);
    const made = await author.submit(blank, { "form.widgets.IDublinCore.title": "Grün & gut", "form.buttons.save": "Save" });
    assert.equal(made.status, 302, made.text.slice(0, 500));
    assert.match(made.headers.location, new RegExp(`^${world.documents.url}/Plone/[a-z-]+/view$`), "Plone's absolute address is the public one");
    const page = await author.ask(made.location);
    assert.deepEqual([page.status, /<h1>Gr(ü|&#252;)n &amp; gut<\/h1>/.test(page.text)], [200, true]);
    assert.ok(page.text.split(`="${world.documents.url}/Plone`).length > 5, "links are absolute, and public");
    assert.ok(!page.text.includes(world.documents.app.url), "and none leads past the gate");
  });

  test("h23_the_local_administrators_name_gives_nothing_in_django_and_plone", async () => {
    await using cas = await demoCas.start({ users });
    await using _gate = await world.gate(cas.url);
    const admin = await signedIn(world.dashboard, "admin");
    assert.match((await admin.ask(`${world.dashboard.url}/`)).text, /<p id="user"><\/p>/, "a stranger to Django");
    assert.equal((await admin.ask(`${world.dashboard.url}/admin/`)).status, 302);
    const ann = await signedIn(world.dashboard, "ann");
    assert.match((await ann.ask(`${world.dashboard.url}/`)).text, /<p id="user">ann<\/p>/);
    assert.equal((await ann.ask(`${world.dashboard.url}/admin/`)).status, 302);
    assert.deepEqual(appCookies(await ann.ask(`${world.dashboard.url}/cookies`)), ["first", "second", "third"], "the browser keeps every cookie that the app sets");

    const manager = await signedIn(world.documents, "admin", "/Plone");
    assert.equal((await manager.ask(`${world.documents.url}/Plone`)).status, 403);
    const reader = await signedIn(world.documents, "ann", "/Plone");
    assert.equal((await reader.ask(`${world.documents.url}/Plone`)).status, 200);
    assert.notEqual((await reader.ask(`${world.documents.url}/Plone/@@overview-controlpanel`)).status, 200);
  });

  test("h10_h18_django_and_plone_refuse_what_comes_past_the_gate", async () => {
    await refusesForgeries(world.dashboard, ["/", "/admin/", "/notes"]);
    await refusesForgeries(world.documents, ["/", "/Plone", "/Plone/++add++Document", "/manage_main"]);
  });
});
