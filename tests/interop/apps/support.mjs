// What the tests of real apps share: an app behind a gate with a CAS server, people who sign in, and what must be refused.
import assert from "node:assert/strict";

import { originValue } from "../../keys.mjs";
import * as demoCas from "../../parts/demo_cas.mjs";
import { freePorts } from "../../parts/free_ports.mjs";
import * as gatePart from "../../parts/gate.mjs";
import { PlainClient } from "../../parts/plain_client.mjs";
import { together } from "../../parts/together.mjs";

const SECRET = "of-the-origins-of-these-tests-".repeat(2);
const person = (name) => ({ password: name, attributes: { mail: `${name}@example.org`, displayName: `${name} of the tests`, memberOf: ["staff"] } });
/** `admin` and `root` are names that apps give to their own administrators. */
export const users = { ...demoCas.users, admin: person("admin"), root: person("root") };

/** What the gate sends to the app of this binding alone. */
export const valueOf = (binding) => originValue(SECRET, `binding:${binding}`);
export const gateEnv = { PORTCULLIS_ORIGIN_SECRET: SECRET };

/**
 * An app behind a gate, all ended with the stack.
 *
 * @param {AsyncDisposableStack} stack
 * @param {{ start: (options: object) => Promise<object> }} part
 * @param {string} [policy]
 */
export async function behindGate(stack, part, policy = 'origin_auth = "secret-header"') {
  const port = await freePorts(1);
  const publicUrl = `http://localhost:${port}`;
  const [app, cas] = await together(stack, part.start({ publicUrl, app: `localhost:${port}`, originValue: valueOf("ORIGIN") }), demoCas.start({ users }));
  const [gate] = await together(stack, gatePart.start({ cas: cas.url, origin: app.url, port, publicUrl, policy, env: gateEnv }));
  return { app, cas, gate, url: publicUrl };
}

/** A person who went to a page, signed in at the CAS server once, and stands before the page. */
export async function signedIn({ url }, user, path = "/") {
  const browser = new PlainClient();
  const landed = await browser.ask(await browser.callBack(url + path, { user, password: user }));
  assert.equal(landed.status, 303, landed.text);
  assert.equal(landed.location, url + path, "back at the page that was wanted");
  return browser;
}

const forged = [
  { "Remote-User": "admin" },
  { remote_user: "admin" },
  { "X-Forwarded-User": "admin", "X-Remote-User": "admin" },
  { "Remote-User": "admin", "X-Portcullis-Origin": SECRET },
  { "Remote-User": "admin", "X-Portcullis-Assertion": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZG1pbiJ9." },
];

/** Requests past the gate with a made-up name are refused by the app's own check, in every spelling. */
export async function refusesForgeries({ app }, paths, isRefused = ({ status }) => status === 403) {
  for (const path of paths) {
    for (const headers of forged) {
      const answer = await new PlainClient().ask(app.url + path, { headers });
      assert.ok(isRefused(answer), `${path} with ${Object.keys(headers)}: ${answer.status}`);
    }
  }
}

/** The names of the cookies in `Set-Cookie` lines, but for the gate's own. */
export const appCookies = ({ setCookies }) => setCookies.filter((line) => !/^portcullis/.test(line)).map((line) => line.split("=")[0]).sort();

/** An open WebSocket through the gate, with the person's cookies. */
export async function socket({ url }, browser, path, headers = {}) {
  const cookie = [...browser.cookies(url)].map(([name, value]) => `${name}=${value}`).join("; ");
  const ws = new WebSocket(url.replace("http", "ws") + path, { headers: { cookie, origin: url, ...headers } });
  await new Promise((done, broken) => {
    ws.addEventListener("open", done, { once: true });
    ws.addEventListener("error", () => broken(new Error(`no socket at ${path}`)), { once: true });
  });
  return ws;
}

/** The first message of a socket that passes a test. */
export const message = (ws, wanted = () => true, limitMs = 20_000) =>
  new Promise((done, broken) => {
    const timer = setTimeout(() => broken(new Error(`no such message within ${limitMs / 1000} s`)), limitMs);
    ws.addEventListener("message", ({ data }) => {
      if (!wanted(data)) return;
      clearTimeout(timer);
      done(data);
    });
  });
