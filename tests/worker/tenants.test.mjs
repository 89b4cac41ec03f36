// Two sites, each with a CAS server of its own, in which a user of the same name gets a ticket of the same text: they share nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as demoCas from "../parts/demo_cas.mjs";
import { freePorts } from "../parts/free_ports.mjs";
import { root } from "../setup.mjs";
import { Browser, toTicket, untilClosed, untilOpen, within } from "./support.mjs";

const TICKET = "ST-1-the-same-text-at-both-servers";
const logout = (ticket) => `logoutRequest=${encodeURIComponent(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><samlp:SessionIndex>${ticket}</samlp:SessionIndex></samlp:LogoutRequest>`)}`;

for (const secret of [undefined, "the-secret-path-of-single-logouts-of-this-test"]) {
  test(`f19_two_cas_servers_share_no_person_ticket_session_and_breaker${secret ? "_with_the_secret_path" : ""}`, { timeout: 60_000 }, async () => {
    const person = (mail) => ({ ann: { password: "ann", attributes: { mail } } });
    await using other = await demoCas.start({ users: person("ann@other.example") });
    const port = await freePorts(1);
    // Hosts part cookies and ports do not: so these are two sites to a browser.
    const [one, two] = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
    const policy = `
[session]
revalidate_secs = 0
[headers]
Remote-Email = ["mail"]
[[site]]
id = "one"
public_url = "${one}"
origin = "binding:ORIGIN"
[[site]]
id = "two"
public_url = "${two}"
origin = "binding:ORIGIN"
cas_url = "${other.url}"
[[rule]]
path = "/*"
access = "login"
`;
    await within({ policy, cas: { users: person("ann@one.example") }, gate: { port, publicUrl: one, env: secret ? { PORTCULLIS_SLO_SECRET: secret } : {} } }, async (w) => {
      const world = (url, cas) => ({ ...w, url, cas, browser: () => new Browser(url) });
      const sites = [world(one, w.cas), world(two, other)];
      const seen = async (browser) => {
        const answer = await browser.get("/page", { page: false, headers: { accept: "application/json" } });
        return answer.status === 200 ? (await answer.json()).headers.filter(([name]) => /^remote-(user|email)$/.test(name)).map(([, value]) => value).sort() : answer.status;
      };
      const ann = [];
      for (const site of sites) {
        const browser = site.browser();
        const { service } = await toTicket(site, browser);
        site.cas.plant(TICKET, "ann", service);
        assert.equal((await browser.get(`${service}?ticket=${TICKET}`)).status, 303);
        ann.push({ browser, service });
      }
      assert.deepEqual([await seen(ann[0].browser), await seen(ann[1].browser)], [["ann", "ann@one.example"], ["ann", "ann@other.example"]]);
      const people = w.gate.logs(400).split("\n").flatMap((line) => line.match(/"person":"[^"]*"/g) ?? []);
      const { PORTCULLIS_ID_KEY } = JSON.parse(readFileSync(join(w.gate.stateDir, "keys.json"), "utf8"));
      const month = new Date().toISOString().slice(0, 7);
      const id = (...more) => execFileSync(process.execPath, [join(root, "tests", "audit_id.mjs"), "ann", month, ...more], { env: { ...process.env, PORTCULLIS_ID_KEY }, encoding: "utf8" }).trim();
      assert.deepEqual(people, [`"person":"${id()}"`, `"person":"${id(other.url)}"`], "two persons in the audit");
      const session = [...ann[0].browser.cookies];
      const borrowed = sites[1].browser();
      borrowed.cookies = new Map(session);
      assert.equal(await seen(borrowed), 401, "the cookie of one site opens nothing at the other");

      // The first server is away, and its circuit opens: the other's people come and go.
      await w.cas.down();
      await untilOpen(sites[0], "ann");
      const late = sites[1].browser();
      assert.equal((await late.get((await toTicket(sites[1], late)).callback)).status, 303, "the breaker of one server is not the other's");
      await w.cas.up();
      await untilClosed(sites[0], "ann");

      // The ticket of this text is logged out at the first site alone.
      const path = secret ? `/.portcullis/slo/${secret}` : new URL(ann[0].service).pathname;
      const told = await new Browser(one).fetch(path, { method: "POST", page: false, headers: { "content-type": "application/x-www-form-urlencoded" }, body: logout(TICKET) });
      assert.equal(told.status, 200);
      assert.equal(await seen(ann[0].browser), 401);
      assert.deepEqual(await seen(ann[1].browser), ["ann", "ann@other.example"], "the session at the other site lives");
    });
  });
}
