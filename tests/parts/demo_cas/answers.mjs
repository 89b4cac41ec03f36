// The demo CAS server's answers to a validation, in the forms that real servers use.
const CAS = "http://www.yale.edu/tp/cas";
const SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol";
const SAML = "urn:oasis:names:tc:SAML:2.0:assertion";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const xml = (text) => String(text).replaceAll(/[&<>"']/g, (c) => ENTITIES[c]);
const elementName = (name) => name.replaceAll(/[^\p{L}\p{N}_.-]/gu, "_");
const pairs = (attributes) => Object.entries(attributes).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));

/** How attributes are written: Apereo CAS's default, its INLINE renderer, and both at once as django-cas-server does. */
const styles = {
  block: (all) => `\n    <cas:attributes>${all.map(([name, value]) => `\n      <cas:${elementName(name)}>${xml(value)}</cas:${elementName(name)}>`).join("")}\n    </cas:attributes>`,
  inline: (all) => `\n    <cas:attributes>${all.map(([name, value]) => `\n      <cas:attribute name="${xml(name)}" value="${xml(value)}"></cas:attribute>`).join("")}\n    </cas:attributes>`,
  both: (all) => styles.block(all) + all.map(([name, value]) => `\n    <cas:attribute name="${xml(name)}" value="${xml(value)}"/>`).join(""),
};

const json = (body) => ({ type: "application/json;charset=UTF-8", text: JSON.stringify({ serviceResponse: body }, null, 2) });
const response = (inner) => ({ type: "text/html;charset=UTF-8", text: `<cas:serviceResponse xmlns:cas='${CAS}'>\n  ${inner}\n</cas:serviceResponse>\n` });

export function success({ user, attributes, proxies }, { asJson, style }) {
  if (asJson) return json({ authenticationSuccess: { user, ...(proxies.length && { proxies }), attributes: Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, [values].flat()])) } });
  const chain = proxies.length ? `\n    <cas:proxies>${proxies.map((proxy) => `<cas:proxy>${xml(proxy)}</cas:proxy>`).join("")}</cas:proxies>` : "";
  return response(`<cas:authenticationSuccess>\n    <cas:user>${xml(user)}</cas:user>${chain}${styles[style](pairs(attributes))}\n  </cas:authenticationSuccess>`);
}

export function failure(code, description, { asJson }) {
  if (asJson) return json({ authenticationFailure: { code, description } });
  return response(`<cas:authenticationFailure code="${code}">${xml(description)}</cas:authenticationFailure>`);
}

/** The answer of CAS 1.0. */
export const plain = (user) => ({ type: "text/plain;charset=UTF-8", text: user === undefined ? "no\n\n" : `yes\n${user}\n` });

/** The body that is posted to a service when the session of its ticket ends. */
export const logoutRequest = (ticket, user, id) =>
  `<samlp:LogoutRequest xmlns:samlp="${SAMLP}" ID="LR-${id}" Version="2.0" IssueInstant="${new Date().toISOString().replace(/\.\d+/, "")}">` +
  `<saml:NameID xmlns:saml="${SAML}">${xml(user)}</saml:NameID><samlp:SessionIndex>${xml(ticket)}</samlp:SessionIndex></samlp:LogoutRequest>`;

/**
 * Changes an answer as `fault` says. "drop" closes the connection without an answer.
 * @returns {{ status: number, headers: Record<string, string>, body: string } | "drop"}
 */
export function applyFault({ type, text }, fault = {}) {
  if (fault.drop) return "drop";
  const headers = { "content-type": fault.contentType ?? type, "cache-control": "no-store" };
  if (fault.redirect) return { status: 302, headers: { ...headers, location: fault.redirect }, body: "" };
  let body = fault.body ?? text;
  if (fault.html) [body, headers["content-type"]] = ["<!doctype html><html><title>Sign in</title><p>Please sign in.</p></html>", "text/html"];
  if (fault.truncate) body = body.slice(0, Math.floor(body.length / 2));
  if (fault.namespace) body = body.replace(CAS, fault.namespace);
  if (fault.oversizeBytes) body += " ".repeat(Math.max(0, fault.oversizeBytes - Buffer.byteLength(body)));
  return { status: fault.status ?? 200, headers, body };
}
