// Helpers for the scenarios: which page is open, who is signed in, how to sign in and out.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { pictured } from "../../parts/chromium.mjs";

/** Fills in the CAS server's sign-in page and waits until the browser is at `wanted`. */
export async function signIn(page, { user, password }, wanted) {
  await page.fill('input[name="username"]', user);
  await page.fill('input[name="password"]', password);
  await Promise.all([page.waitForURL(wanted), page.press('input[name="password"]', "Enter")]);
}

export const user = (page) => page.textContent("#user");
export const title = (page) => page.textContent("h1");
export const atServer = (page, { relay }) => assert.ok(page.url().startsWith(`${relay.url}/login?`), `the page is at the CAS server, not at ${new URL(page.url()).pathname}`);
export const validations = ({ relay }) => relay.count("alidate"); // serviceValidate, p3/serviceValidate, proxyValidate
export const isSession = (line) => /^portcullis-\d+=[^;]/.test(line);
export const isFlight = ({ name }) => /^portcullis-\d+-f-/.test(name);
export const isOurs = ({ name }) => /portcullis/i.test(name);
export const sessions = (answers) => answers.filter(({ setCookies }) => setCookies.some(isSession));

/** A page on which this person is signed in, at `path`. */
export async function signedIn(world, context, path = "/") {
  const page = await context.newPage();
  await page.goto(world.gate.url + path);
  atServer(page, world);
  await signIn(page, world.server.person, world.gate.url + path);
  return page;
}

/** Runs with a new browser context, and saves screenshots when it fails. */
export const inBrowser = (name, work) => async (world) => {
  const context = await world.chromium.context();
  try {
    await pictured(context, `${world.label}-${name}`, () => work(world, context));
  } finally {
    await context.close();
  }
};

export const scenario = (name, work, more = {}) => ({ name, run: inBrowser(name, work), ...more });

/** The reason why a scenario cannot run with a server, if there is one. */
export function lacking(server, { needs = [] }) {
  for (const feature of needs) {
    const has = server.supports[feature];
    if (typeof has === "string") return has;
    if (has !== true) return `its part does not say that it has ${feature}`;
  }
}

export const apiStatus = async (page, { gate }) => (await page.context().request.get(`${gate.url}/api/seen`, { headers: { accept: "application/json" }, maxRedirects: 0 })).status();

export async function eventually(work, limitMs, everyMs = 500) {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(everyMs);
    }
  }
}

/** Waits until this page's session is refused: at most the policy's revalidation time plus one second. */
export const endsSoon = (page, world) => eventually(async () => assert.equal(await apiStatus(page, world), 401), 1_000 * world.revalidateSecs + 1_000, 100);

export async function forgetGate(context, { gate }) {
  const names = (await context.cookies(gate.url)).filter(isOurs).map(({ name }) => name);
  assert.ok(names.length > 0);
  for (const name of names) await context.clearCookies({ name });
}

/** Follows the app's own sign-out link. The gate redirects to the CAS server, so that the person is signed out there too. */
export async function signOutAtGate(page, { gate }) {
  await page.goto(`${gate.url}/public/`);
  await page.evaluate((path) => document.body.append(Object.assign(document.createElement("a"), { href: path, textContent: "Sign out", id: "out" })), "/.portcullis/logout");
  await Promise.all([page.waitForNavigation(), page.click("#out")]);
}

export const flipLast = (value) => value.slice(0, -2) + (value.at(-2) === "A" ? "B" : "A") + value.at(-1);
export const flipFirst = (value) => (value[0] === "A" ? "B" : "A") + value.slice(1);
