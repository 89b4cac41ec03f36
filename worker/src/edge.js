// Between the platform and the core: a request's head as text, and a request that goes on, body and answer untouched.

/** The request line and the headers, one a line. */
export function head(request) {
  let text = `${request.method} ${request.url}`;
  for (const [name, value] of request.headers) text += `\n${name}: ${value}`;
  return text;
}

/** The peer as the platform knows it: on Cloudflare its own header, in plain workerd the socket. Never a client's word. */
export function peer(request) {
  const cf = request.cf;
  const from = cf?.clientIp ?? (cf?.colo ? (request.headers.get("cf-connecting-ip") ?? "") : "");
  return from.replace(/^\[(.*)\](:\d+)?$|^([^:]*):\d+$/, "$1$3"); // without a port, which each connection has another of
}

const SHARED = new Set(["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control", "surrogate-key", "cache-tag", "x-accel-expires", "edge-control"]);

/** Sends the request to the app as planned, and its answer back. */
export async function forward(request, env, plan, unreachable) {
  const { binding, url, personal, set, strip } = plan;
  const headers = new Headers(request.headers);
  for (const name of strip) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  const how = { method: request.method, headers, redirect: "manual", ...(personal && { cache: "no-store" }) };
  let response;
  try {
    // What has no body is made from its parts: a request made from another one costs twice as much.
    const onward = request.body === null ? [url, how] : [new Request(url, new Request(request, how))];
    response = await (binding && binding !== "*" ? env[binding] : globalThis).fetch(...onward);
  } catch (error) {
    console.warn(JSON.stringify({ fault: "app-unreachable", kind: error?.name ?? "unknown" }));
    return unreachable(request, env);
  }
  return response.status === 101 ? response : back(response, plan);
}

/** The app's answer, rebuilt only where a header must change. */
function back(response, { personal, base, site, cookiePrefix, cookies }) {
  const set = [];
  const drop = [];
  let control = null;
  let changed = false;
  response.headers.forEach((value, name) => {
    if (name === "cache-control") control = value;
    else if (name === "location") {
      const location = mapped(value, base, site);
      if (location) set.push(["location", location]);
    } else if (name === "set-cookie") changed ||= confined(value, cookiePrefix) !== value;
    else if (personal && SHARED.has(name)) drop.push(name);
  });
  if (personal) {
    const cache = privately(control);
    if (cache) set.push(["cache-control", cache]);
  }
  if (!set.length && !drop.length && !changed && !cookies.length) return response;

  const answer = new Response(response.body, response);
  const { headers } = answer;
  for (const [name, value] of set) headers.set(name, value);
  for (const name of drop) headers.delete(name);
  if (changed) {
    const allowed = headers.getSetCookie().map((cookie) => confined(cookie, cookiePrefix));
    headers.delete("set-cookie");
    for (const cookie of allowed) if (cookie !== null) headers.append("set-cookie", cookie);
  }
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return answer;
}

/** `Location` with the app's own address as people know it. */
function mapped(location, base, site) {
  if (!location || base === site) return null;
  const host = base.slice(base.indexOf("://") + 1);
  for (const prefix of [base, host]) {
    if (location.startsWith(prefix) && /^[/?#]?$/.test(location.charAt(prefix.length))) return site + location.slice(prefix.length);
  }
  return null;
}

/** A personal page stays out of every shared cache, whatever the app says. */
function privately(control) {
  if (control === null) return "private";
  const parts = control.split(",").map((part) => part.trim());
  const names = parts.map((part) => part.split("=")[0].toLowerCase());
  // `private="a-field"` is no `private`: it lets the rest be kept (RFC 9111 section 5.2.2.7).
  const whole = parts.some((part) => part.toLowerCase() === "private");
  if (names.includes("no-store") || (whole && !names.some(shared))) return null;
  const rest = parts.filter((part, at) => part && names[at] !== "private" && !shared(names[at]));
  return ["private", ...rest].join(", ");
}

const shared = (name) => ["public", "s-maxage", "proxy-revalidate", "stale-while-revalidate", "stale-if-error", "must-understand"].includes(name);

/** A cookie of the app, kept to this host; `null` for one that has a name of ours. */
function confined(cookie, cookiePrefix) {
  const [pair, ...attributes] = cookie.split(";");
  // A cookie without a name is sent back as its bare value, so `=ours=x` would come as ours.
  const name = pair.replace(/^[\s=]+/, "").split("=")[0].trim();
  if (name.toLowerCase().startsWith(cookiePrefix.toLowerCase())) return null;
  const kept = attributes.filter((attribute) => attribute.trim().split("=")[0].trim().toLowerCase() !== "domain");
  return kept.length === attributes.length ? cookie : [pair, ...kept].join(";");
}
