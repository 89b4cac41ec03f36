// `npm run cas-service` as tests run it, and what they expect of a CAS server that has its entries.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "../setup.mjs";
import { PlainClient } from "./plain_client.mjs";

/** Headers need `mail` and `displayName`; nothing else may be released. */
export const POLICY = `token = true
[headers]
Remote-Email = ["mail"]
Remote-Name = ["displayName"]
[[rule]]
path = "/*"
access = "login"
`;

/** What the command prints for this server and site. */
export function printed(server, publicUrl) {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-cas-service-"));
  try {
    const file = join(folder, "policy.toml");
    writeFileSync(file, POLICY);
    const args = ["run", "--quiet", "-p", "gate", "--example", "cas_service", "--", "--for", server, "--policy", file, "--public-url", publicUrl];
    return execFileSync("cargo", args, { cwd: root, encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same for Apereo CAS, one object a file. */
export const entriesForApereo = (publicUrl) => printed("apereo", publicUrl).split(/^\/\/ portcullis-\d+\.json.*$/m).filter((text) => text.trim()).map((text) => JSON.parse(text));

const FLIGHT = "abcdefghijklmnopqrstuvwxyz".replaceAll(/[^a-z2-7]/g, "a");

/** Addresses beside those of the gate: none gets a ticket. */
const neighbours = (site) => [
  `${site}/`,
  `${site}/app`,
  `${site}/.portcullis/cas/`,
  `${site}/.portcullis/cas/${FLIGHT}/x`,
  `${site}/.portcullis/cas/${FLIGHT}?x=1`,
  `${site}/.portcullis/cas/${FLIGHT}%0A`,
  `${site}/.portcullis/cas/${FLIGHT.slice(1)}`,
  `${site}/.portcullis/cas/${FLIGHT.toUpperCase()}`,
  `${site}/.PORTCULLIS/cas/${FLIGHT}`,
  `${site}/xportcullis/cas/${FLIGHT}`, // a dot that is any letter
  `${site}/.portcullis/token/x`,
  `${site}/x?y=${site}/.portcullis/token`,
  `${site.replace("localhost", "localhost.evil.example")}/.portcullis/cas/${FLIGHT}`,
  `${site.replace("localhost", "evil-localhost")}/.portcullis/cas/${FLIGHT}`,
];

/** The ticket that a person gets for a service, or nothing. */
async function ticketFor({ url, person: { user, password } }, service) {
  const browser = new PlainClient();
  let at = await browser.ask(`${url}/login?service=${encodeURIComponent(service)}`);
  if (at.status === 200 && at.text.includes('name="username"')) at = await browser.submit(at, { username: user, password });
  // A server may show a page of its own before it goes on.
  for (let hops = 0; hops < 3 && at.location?.startsWith(url); hops += 1) at = await browser.ask(at.location);
  return /[?&]ticket=([^&#]+)/.exec(at.location ?? "")?.[1] ?? /\bST-[\w.-]{5,}/.exec(at.text)?.[0];
}

/** The gate's addresses get tickets, their neighbours none. */
export async function ticketsForTheGateAlone(cas, site) {
  for (const service of [`${site}/.portcullis/cas/${FLIGHT}`, `${site}/.portcullis/cas/${FLIGHT}/again`, `${site}/.portcullis/token`]) {
    assert.match((await ticketFor(cas, service)) ?? "", /^ST-/, service);
  }
  for (const service of neighbours(site)) assert.equal(await ticketFor(cas, service), undefined, service);
}

/** A sign-in through the gate brings the attributes that the policy names, and no other. */
export async function attributesOfThePolicyAlone(cas, site) {
  const service = `${site}/.portcullis/cas/${FLIGHT}`;
  const ticket = await ticketFor(cas, service);
  const answer = await fetch(`${cas.url}/p3/serviceValidate?service=${encodeURIComponent(service)}&ticket=${ticket}`, { headers: { "user-agent": "tests" } });
  const text = await answer.text();
  assert.ok(text.includes("casuser@example.org") && text.includes("Cas User"), text);
  assert.ok(!text.includes("staff") && !text.includes("evil"), "an attribute that the policy does not name");
}
