// Apereo CAS 6.6.15.2 itself, the server that most universities run. It needs Java 17 and Maven, boots in half a minute on
// a quiet machine and in minutes beside others, and holds about 700 MB.
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { need } from "../setup.mjs";
import { jars, javaPath } from "./apereo/install.mjs";
import { freePorts } from "./free_ports.mjs";
import { spawnPart } from "./process.mjs";

export const person = {
  user: "casuser",
  password: "Mellon",
  // "user" is a trap (X4): an attribute of that name must never become the person's name.
  attributes: { mail: "casuser@example.org", displayName: "Cas User", memberOf: ["staff", "faculty & <admin>"], user: "evil" },
};

/** What it can do, and what it cannot, each with the reason that a test prints. */
export const supports = {
  attributes: true,
  userAttribute: true,
  singleLogout: true,
  gateway: true,
  renew: true,
  json: true,
  cas1: true,
  rest: true,
  proxy: true,
  faults: "a real server cannot be told to be slow or wrong",
};

export { missing } from "./apereo/install.mjs";

const SERVICES = {
  "@class": "org.apereo.cas.services.CasRegisteredService",
  serviceId: "^https?://(localhost|127\\.0\\.0\\.1)(:\\d+)?(/.*)?$",
  name: "local",
  id: 1,
  evaluationOrder: 100,
  attributeReleasePolicy: { "@class": "org.apereo.cas.services.ReturnAllAttributeReleasePolicy" },
  logoutType: "BACK_CHANNEL",
  proxyPolicy: { "@class": "org.apereo.cas.services.RegexMatchingRegisteredServiceProxyPolicy", pattern: "^https?://(localhost|127\\.0\\.0\\.1).*" },
};

const LOGGING = `<Configuration><Appenders><Console name="c"><PatternLayout pattern="%d{ISO8601} %p [%c{1}] %m%n"/></Console></Appenders>
<Loggers><Logger name="org.apereo.cas.web.CasWebApplication" level="info"/><Root level="warn"><AppenderRef ref="c"/></Root></Loggers></Configuration>
`;

/**
 * @param {object} [options]
 * @param {("rest" | "ldap" | "gauth")[]} [options.modules] parts of Apereo CAS beyond its core
 * @param {string[]} [options.settings] more `--cas.…=…` arguments; one name twice is joined with a comma
 * @param {object[]} [options.services] its service registry; by default every address of this machine
 * @param {number} [options.timeoutMs] how long it may boot
 * @returns {Promise<{ url: string, person: typeof person, supports: object, logs: (last?: number) => string }>} `url` is the CAS base
 */
export async function start({ modules = [], settings = [], services = [SERVICES], timeoutMs = 240_000 } = {}) {
  await need("apereo");
  const port = await freePorts(1);
  const state = await mkdtemp(join(tmpdir(), "portcullis-apereo-"));
  const remove = () => rm(state, { recursive: true, force: true });
  const base = `http://127.0.0.1:${port}`;
  const write = (name, content) => writeFileSync(join(state, name), content);
  mkdirSync(join(state, "services"));
  for (const service of services) write(join("services", `local-${service.id}.json`), JSON.stringify(service));
  const lists = Object.entries(person.attributes).map(([name, value]) => [name, [value].flat()]);
  write("attributes.json", JSON.stringify({ [person.user]: Object.fromEntries(lists) }));
  write("log4j2.xml", LOGGING);
  const folders = ["lib", "war/WEB-INF/lib", ...modules].map((folder) => join(jars(), folder, "*"));
  const accounts = modules.includes("ldap")
    ? ["--cas.authn.accept.enabled=false"]
    : [`--cas.authn.accept.users=${person.user}::${person.password}`, `--cas.authn.attribute-repository.json[0].location=file:${join(state, "attributes.json")}`];
  try {
    const part = await spawnPart({
      name: "Apereo CAS",
      command: javaPath(),
      args: [
        "-Xms256m", "-Xmx768m", "-XX:TieredStopAtLevel=1", "-cp", folders.join(":"), "org.apereo.cas.web.CasWebApplication",
        "--spring.profiles.active=none", "--spring.cloud.config.enabled=false", `--logging.config=file:${join(state, "log4j2.xml")}`,
        "--server.address=127.0.0.1", `--server.port=${port}`, "--server.ssl.enabled=false",
        `--server.tomcat.basedir=${join(state, "tomcat")}`, "--server.tomcat.accesslog.enabled=false",
        `--cas.standalone.configuration-directory=${join(state, "conf")}`, `--cas.server.name=${base}`, `--cas.server.prefix=${base}/cas`,
        // Browsers keep no cookie that is SameSite=None and not Secure, as it would be over HTTP.
        "--cas.tgc.secure=false", "--cas.tgc.same-site-policy=lax", "--cas.http-client.allow-local-urls=true", "--cas.logout.follow-service-redirects=true",
        "--cas.service-registry.core.init-from-json=true", `--cas.service-registry.json.location=file:${join(state, "services")}`,
        ...accounts,
        ...settings,
      ],
      cwd: state,
      timeoutMs,
      // It opens its port before it can answer, and answers nobody who names no user agent.
      ready: async (lines) => {
        if (!lines.some((line) => line.includes("Started CasWebApplication"))) return sleep(200);
        return fetch(`${base}/cas/login`, { headers: { "user-agent": "portcullis" } }).then((answer) => answer.ok, () => false);
      },
    });
    return {
      url: `${base}/cas`,
      person,
      supports,
      logs: part.logs,
      async [Symbol.asyncDispose]() {
        await part.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
