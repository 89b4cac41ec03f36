// Apache (event MPM) as a proxy before an app, with mod_auth_cas or mod_auth_openidc. For benchmarks.
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { debianMissing, debianPath, need } from "../setup.mjs";
import { freePorts } from "./free_ports.mjs";
import { answers, childrenOf, spawnPart } from "./process.mjs";

const PACKAGES = { cas: "libapache2-mod-auth-cas", oidc: "libapache2-mod-auth-openidc", none: "libapache2-mod-auth-cas" };
export const missing = () => debianMissing(PACKAGES.cas) ?? debianMissing(PACKAGES.oidc);

const MODULES = "/usr/lib/apache2/modules";
const load = (...names) => names.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join("\n");

/** How each asks for a sign-in: the lines for the server, and those for its pages. */
const ways = {
  cas: ({ cas, state }) => [
    `${load("auth_cas")}\nCASVersion 2\nCASLoginURL ${cas}/login\nCASValidateURL ${cas}/serviceValidate\nCASCookiePath ${state}/sessions/\n`,
    "AuthType CAS\nCASAuthNHeader Remote-User",
  ],
  // The session is in the cookie, as the gate's is: nothing is looked up for a page.
  oidc: ({ provider, url }) => [
    `${load("auth_openidc")}\nOIDCProviderMetadataURL ${provider}/.well-known/openid-configuration\nOIDCClientID bench\nOIDCClientSecret bench\nOIDCRedirectURI ${url}/signed-in\nOIDCCryptoPassphrase bench-passphrase-of-a-machine\nOIDCSessionType client-cookie\nOIDCSSLValidateServer Off\nOIDCRemoteUserClaim sub\n`,
    "AuthType openid-connect\nOIDCAuthNHeader Remote-User",
  ],
  none: () => ["", ""],
};

/**
 * @param {object} options
 * @param {"cas" | "oidc" | "none"} options.way "none" lets everybody in
 * @param {string} options.origin      the app
 * @param {string} [options.cas]       base address of the CAS server
 * @param {string} [options.provider]  address of the OpenID provider
 */
export async function start({ way, origin, cas, provider }) {
  await need(`debian:${PACKAGES[way]}`);
  const state = mkdtempSync(join(tmpdir(), "portcullis-apache-"));
  const remove = () => rmSync(state, { recursive: true, force: true });
  try {
    const port = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    mkdirSync(join(state, "sessions"));
    const asRoot = process.getuid?.() === 0;
    if (asRoot) {
      const [uid, gid] = /^www-data:[^:]*:(\d+):(\d+)/m.exec(readFileSync("/etc/passwd", "utf8")).slice(1).map(Number);
      for (const folder of [state, join(state, "sessions")]) chownSync(folder, uid, gid);
    }
    const [server, pages] = ways[way]({ cas, provider, state, url });
    const config = join(state, "apache.conf");
    writeFileSync(
      config,
      `ServerRoot ${state}
DefaultRuntimeDir ${state}
PidFile ${state}/pid
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
ErrorLog "|/bin/cat 1>&2"
LogLevel error
${load("mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "headers")}
${asRoot ? "User www-data\nGroup www-data\n" : ""}KeepAlive On
MaxKeepAliveRequests 0
StartServers 2
${server}
ProxyPreserveHost On
ProxyPass /signed-in !
ProxyPass / ${origin}/ keepalive=On
<Location />
${pages || "Require all granted"}
${pages && "Require valid-user"}
</Location>
`,
    );
    const part = await spawnPart({ name: "Apache", command: debianPath(PACKAGES[way]), args: ["-D", "FOREGROUND", "-f", config], ready: () => answers(url) });
    return {
      url,
      address: url,
      logs: part.logs,
      /** The processes that serve. */
      processes: () => [part.child.pid, ...childrenOf(part.child.pid)],
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
