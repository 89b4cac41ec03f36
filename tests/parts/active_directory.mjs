// An Active Directory by Samba 4, LDAP alone, for a CAS server to look people up in. Its ports are fixed, so there is one at a
// time on a machine, and it wants root.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { debianMissing, debianPath, need, run } from "../setup.mjs";
import { spawnPart } from "./process.mjs";

const PASSWORD = "Bind.pw1";
const DOMAIN = "DC=campus,DC=example";
const group = (name) => `CN=${name},CN=Users,${DOMAIN}`;

/** People, and the groups that arrive for each: by their whole names, and without the groups that their groups are in. */
export const people = {
  casuser: { password: "Mellon", groups: ["staff", "faculty & admins"].map(group) },
  other: { password: "Other1", groups: ["staff"].map(group) },
};
export const groupName = group;

/** Why this machine cannot run it, in one line; nothing where it can. */
export function missing() {
  if (process.getuid?.() !== 0) return "Active Directory (Samba) needs root, for its ports 389 and 636";
  return debianMissing("samba-ad-dc");
}

/** What Apereo CAS is told, as arguments. */
export const apereoSettings = [
  "type=AUTHENTICATED",
  "ldap-url=ldap://127.0.0.1:389",
  `base-dn=${DOMAIN}`,
  "search-filter=(|(sAMAccountName={user})(userPrincipalName={user}))",
  "bind-dn=svc-cas@campus.example",
  `bind-credential=${PASSWORD}`,
  "principal-attribute-id=sAMAccountName",
  "principal-attribute-list=sAMAccountName,mail,memberOf,userPrincipalName",
].map((line) => `--cas.authn.ldap[0].${line}`);

export async function start() {
  await need("debian:samba-ad-dc");
  const state = mkdtempSync(join(tmpdir(), "portcullis-ad-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  const config = join(state, "etc", "smb.conf");
  const tool = (...words) => run("samba-tool", words, { log: "samba.log", quiet: true });
  try {
    await tool(
      "domain", "provision", `--targetdir=${state}`, "--realm=CAMPUS.EXAMPLE", "--domain=CAMPUS", "--server-role=dc", "--dns-backend=NONE",
      "--adminpass=Passw0rd.Admin", "--host-name=dc1", "--host-ip=127.0.0.1",
      "--option=interfaces=127.0.0.1", "--option=bind interfaces only=yes", `--option=posix:eadb=${join(state, "eadb.tdb")}`,
    );
    writeFileSync(config, `[global]
netbios name = DC1
realm = CAMPUS.EXAMPLE
workgroup = CAMPUS
server role = active directory domain controller
server services = ldap
interfaces = 127.0.0.1
bind interfaces only = yes
private dir = ${state}/private
state directory = ${state}/state
cache directory = ${state}/cache
lock directory = ${state}
pid directory = ${state}
binddns dir = ${state}/bind-dns
ncalrpc dir = ${state}/ncalrpc
log file = ${state}/log.samba
ldap server require strong auth = no
posix:eadb = ${state}/eadb.tdb
`);
    const change = (...words) => tool(...words, "-s", config);
    await change("domain", "passwordsettings", "set", "--complexity=off", "--min-pwd-length=4");
    for (const [name, { password }] of Object.entries(people)) await change("user", "create", name, password, `--mail-address=${name}@campus.example`);
    await change("user", "create", "svc-cas", PASSWORD);
    for (const name of ["staff", "faculty & admins", "nested"]) await change("group", "add", name);
    await change("group", "addmembers", "staff", "casuser,other");
    await change("group", "addmembers", "faculty & admins", "casuser");
    await change("group", "addmembers", "nested", "staff");
    const part = await spawnPart({
      name: "Active Directory (Samba)",
      command: debianPath("samba-ad-dc"),
      args: ["-F", "--no-process-group", "-M", "single", "-s", config, "--debug-stdout", "-d1"],
      ready: () => listens(389),
    });
    return {
      url: "ldap://127.0.0.1:389",
      logs: part.logs,
      async [Symbol.asyncDispose]() {
        await part.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

const listens = (port) =>
  new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => (socket.destroy(), done(true))).once("error", () => done(false));
  });
