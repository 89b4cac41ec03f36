// django-cas-server 3.1.0, a CAS server in real use. It has one person, and accepts every service on localhost.
import { startSite } from "./python_site.mjs";

export const person = {
  user: "casuser",
  password: "Mellon",
  // An attribute with the name "user" must never become the person's name (attack x04).
  attributes: { mail: "casuser@example.org", displayName: "Cas User", memberOf: ["staff", "faculty & <admin>"], user: "evil" },
};

/** What it can do. A text says why it cannot, and the test prints it. */
export const supports = {
  attributes: true,
  userAttribute: true,
  singleLogout: true,
  gateway: true,
  renew: true,
  rest: "django-cas-server has no REST API",
  json: "django-cas-server ignores format=JSON and answers in XML",
  faults: "a real server cannot be made slow or wrong on purpose",
};

/**
 * @param {{ user?: string, password?: string, attributes?: Record<string, unknown>, services?: string }} [options] `services` is Python that
 *   makes its entries; by default one for every address of this machine
 * @returns {Promise<{ url: string, person: typeof person, supports: object, logs: (last?: number) => string }>} `url` is the CAS base
 */
export async function start({ user = person.user, password = person.password, attributes = person.attributes, services = "" } = {}) {
  const site = await startSite("django_cas", ["--user", user, "--password", password, "--attributes", JSON.stringify(attributes), "--services", services]);
  return { ...site, url: `${site.url}/cas`, person: { user, password, attributes }, supports };
}
