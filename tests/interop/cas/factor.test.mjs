// The second factor of Apereo CAS itself, its Google Authenticator module: where it counts at the gate, and where it does not.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import * as apereoCas from "../../parts/apereo_cas.mjs";
import * as gatePart from "../../parts/gate.mjs";
import { PlainClient } from "../../parts/plain_client.mjs";
import { shared, together } from "../../parts/together.mjs";
import { base32, totp } from "../../worker/person.mjs";
import { app } from "../../worker/support.mjs";

const SEED = "JBSWY3DPEHPK3PXP";
const HANDLER = "GoogleAuthenticatorAuthenticationHandler";
const policy = `
[factor]
mode = "required"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"

[cas.mfa.mfa-gauth]
handler = "${HANDLER}"
amr = ["otp"]

[[rule]]
path = "/*"
access = "login"
`;

const missing = apereoCas.missing();
if (missing) console.log(`left out: ${missing}`);

describe("Apereo CAS with its own second factor", { skip: missing }, () => {
  const world = {};
  shared(async (stack) => {
    const folder = mkdtempSync(join(tmpdir(), "portcullis-gauth-"));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const write = (name, content) => (writeFileSync(join(folder, name), JSON.stringify(content)), join(folder, name));
    const account = { "@class": "org.apereo.cas.gauth.credential.GoogleAuthenticatorAccount", scratchCodes: ["java.util.ArrayList", []], id: 1, secretKey: SEED, validationCode: 123_456, username: "casuser", name: "phone", registrationDate: "2024-01-01T00:00:00Z" };
    const gauth = write("gauth.json", { "@class": "java.util.HashMap", casuser: ["java.util.ArrayList", [account]] });
    // What a directory can say of a person by attributes that are named as the server's own.
    const forged = { authnContextClass: ["mfa-gauth"], bypassMultifactorAuthentication: ["false"], successfulAuthenticationHandlers: [HANDLER] };
    const directory = write("directory.json", { forger: forged, spared: { spare: ["yes"] } });
    [world.app] = await together(stack, app());
    [world.cas] = await together(stack, apereoCas.start({
      modules: ["gauth"],
      settings: [
        "--cas.authn.accept.users=forger::Mellon", "--cas.authn.accept.users=spared::Mellon",
        `--cas.authn.attribute-repository.json[1].location=file:${directory}`,
        `--cas.authn.mfa.gauth.json.location=file:${gauth}`, "--cas.authn.mfa.gauth.crypto.enabled=false",
        "--cas.authn.mfa.gauth.core.issuer=CAS", "--cas.authn.mfa.gauth.core.label=CAS",
        "--cas.authn.mfa.gauth.bypass.principal-attribute-name=spare", "--cas.authn.mfa.gauth.bypass.principal-attribute-value=yes",
      ],
    }));
    [world.gate] = await together(stack, gatePart.start({ cas: world.cas.url, origin: world.app.url, policy }));
  });

  /** The form of the code, with the fields that its script fills in. */
  const withFields = (page) => ({ ...page, text: page.text.replaceAll("</form>", '<input name="accountId" value="1"><input name="_eventId" value="submit"></form>') });

  /** Opens a page of the app, and follows every redirect. `meddle` changes the addresses of the CAS server on the way. */
  async function open(user, meddle = (address) => address) {
    const browser = new PlainClient();
    const asked = [];
    let address;
    let at = await browser.ask(`${world.gate.url}/page`);
    for (let step = 0; step < 20; step++) {
      if (at.location) {
        if (at.location.startsWith(`${world.cas.url}/login`)) asked.push(at.location);
        address = at.location.startsWith(world.cas.url) ? meddle(at.location) : at.location;
        at = await browser.ask(address);
      } else if (at.url.startsWith(world.cas.url)) {
        // As its script does in a browser: the form goes to the address of the page, with `authn_method` in it.
        at.text = at.text.replace('action="login"', `action="${address.replaceAll("&", "&amp;")}"`);
        at = /name="password"/.test(at.text)
          ? await browser.submit(at, { username: user, password: "Mellon", _eventId: "submit" })
          : await browser.submit(withFields(at), { token: totp(base32(SEED)) });
      } else break;
    }
    return { browser, at, asked };
  }

  /** The app was not reached: the gate asks for a factor of its own, and nobody enrols one. */
  async function isAsked({ browser, at }) {
    assert.match(at.text, /\/\.portcullis\/factor\/enrol/, at.text);
    const token = /name="token" value="([^"]*)"/.exec(at.text)[1];
    const body = new URLSearchParams({ token, kind: "app" }).toString();
    const enrolled = await browser.ask(`${world.gate.url}/.portcullis/factor/enrol`, { method: "POST", body, headers: { accept: "text/html", "sec-fetch-site": "same-origin" } });
    assert.equal(enrolled.status, 403);
    assert.match(enrolled.text, /FACTOR_DENIED/);
  }

  const without = (address) => address.replace(/&authn_method=[^&]*/, "");

  test("x28_its_factor_counts_and_the_gate_asks_for_none_of_its_own", async () => {
    const { browser, at, asked } = await open("casuser");
    assert.deepEqual([at.status, at.url], [200, `${world.gate.url}/page`], at.text);
    assert.equal(asked.length, 2, "by password, and then for the factor");
    assert.match(asked[1], /renew=true/);
    assert.match(asked[1], /authn_method=mfa-gauth/);
    const seen = world.app.requests.findLast(({ url }) => url === "/page");
    const claims = JSON.parse(Buffer.from(seen.get("x-portcullis-assertion").split(".")[1], "base64url"));
    assert.deepEqual([claims.acr, claims.amr], ["mfa", ["pwd", "otp", "mfa"]]);
    assert.equal((await browser.ask(`${world.gate.url}/page`)).status, 200);
  });

  test("f35_who_takes_the_factor_out_of_the_address_is_asked_and_enrols_nothing", async () => {
    const result = await open("casuser", without);
    assert.equal(result.asked.length, 2, "renewed by password alone");
    await isAsked(result);
  });

  test("x28_a_bypassed_factor_does_not_count", async () => isAsked(await open("spared")));

  test("x28_attributes_forged_by_the_directory_do_not_count", async () => isAsked(await open("forger", without)));
});
