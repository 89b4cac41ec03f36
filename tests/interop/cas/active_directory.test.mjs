// Groups of an Active Directory, by Apereo CAS, to the gate's rules and the app's headers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as activeDirectory from "../../parts/active_directory.mjs";
import * as apereoCas from "../../parts/apereo_cas.mjs";
import * as gatePart from "../../parts/gate.mjs";
import { PlainClient } from "../../parts/plain_client.mjs";
import { shared, together } from "../../parts/together.mjs";
import { app } from "../../worker/support.mjs";

const { groupName, people } = activeDirectory;
const policy = `
[headers]
Remote-Groups = { from = ["memberOf"], list = true }

[[rule]]
path = "/staff/*"
access = "login"
require = { memberOf = "${groupName("staff")}" }

[[rule]]
path = "/faculty/*"
access = "login"
require = { memberOf = "${groupName("faculty & admins")}" }

[[rule]]
path = "/nested/*"
access = "login"
require = { memberOf = "${groupName("nested")}" }

[[rule]]
path = "/tokens/*"
access = "login"
require = { tokenGroups = "S-1-5-32-544" }

[[rule]]
path = "/*"
access = "login"
`;

const missing = activeDirectory.missing() ?? apereoCas.missing();
if (missing) console.log(`left out: ${missing}`);

describe("Active Directory behind Apereo CAS", { skip: missing }, () => {
  const world = {};
  shared(async (stack) => {
    [world.app] = await together(stack, app());
    await together(stack, activeDirectory.start());
    [world.cas] = await together(stack, apereoCas.start({ modules: ["ldap"], settings: activeDirectory.apereoSettings }));
    [world.gate] = await together(stack, gatePart.start({ cas: world.cas.url, origin: world.app.url, policy }));
  });

  const signedIn = async (user) => {
    const browser = new PlainClient();
    const landed = await browser.ask(await browser.callBack(`${world.gate.url}/`, { user, password: people[user].password }));
    assert.equal(landed.status, 303, landed.text);
    return { status: async (path) => (await browser.ask(world.gate.url + path)).status, text: async (path) => (await browser.ask(world.gate.url + path)).text };
  };

  test("groups arrive in headers and decide rules", async () => {
    const casuser = await signedIn("casuser");
    assert.equal(await casuser.status("/staff/x"), 200);
    assert.equal(await casuser.status("/faculty/x"), 200);
    const seen = world.app.requests.findLast(({ url }) => url === "/faculty/x");
    assert.equal(seen.get("remote-user"), "casuser");
    const groups = seen.get("remote-groups").split(",").map(decodeURIComponent);
    assert.deepEqual(groups.toSorted(), people.casuser.groups.toSorted());
  });

  test("x24_a_missing_group_or_attribute_closes_the_rule_alone", async () => {
    const other = await signedIn("other");
    assert.equal(await other.status("/"), 200);
    assert.equal(await other.status("/staff/x"), 200);
    assert.equal(await other.status("/faculty/x"), 403);
    assert.equal(await other.status("/nested/x"), 403, "a group's own groups do not arrive: the directory must be asked for them");
    assert.equal(await other.status("/tokens/x"), 403);
    assert.match(await other.text("/tokens/x"), /tokenGroups/, "the page names the attribute that is missing");
  });
});
