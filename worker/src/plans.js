// Plans of the core, parsed and cached, so that the next page of the same client costs little more than passing it on.
// The core decides each time whether a cached plan still holds.
import * as core from "portcullis-core";

const MAX_ENTRIES = 1024;

/** The plan that `Forward::encode` in crates/gate/src/forward/request.rs wrote. */
export function parsePlan(text) {
  const [binding, url, keep, base, site, cookiePrefix, id, appHosts, prefix, ...changes] = text.split("\n");
  const plan = { binding, url, keep, base, site, cookiePrefix, id, appHosts, prefix, set: [], strip: [], cookies: [] };
  for (const change of changes) {
    const rest = change.slice(1);
    const space = rest.indexOf(" ");
    if (change[0] === "-") plan.strip.push(rest);
    else if (change[0] === "+") plan.cookies.push(rest);
    else plan.set.push([rest.slice(0, space), rest.slice(space + 1)]);
  }
  return plan;
}

const plans = new Map(); // cache key -> plan id -> plan
const requestHeaders = new Map(); // header name -> what becomes of it

/** Inserts, and evicts the oldest entry of a full map. */
function put(map, key, value) {
  if (map.size >= MAX_ENTRIES) map.delete(map.keys().next().value);
  map.set(key, value);
  return value;
}

const cacheKey = (request, peer) => `${peer}\n${request.headers.get("cookie") ?? ""}`;

/** Caches a plan that has an id. Only `cookie` is kept of its stripped names: it follows from the key, other names do not. */
export function cachePlan(request, peer, plan) {
  if (plan.id === "") return;
  const key = cacheKey(request, peer);
  const ofClient = plans.get(key) ?? put(plans, key, new Map());
  ofClient.set(Number(plan.id), { ...plan, strip: plan.strip.filter((name) => name === "cookie") });
}

/** The cached plan for this request, if the core says that it still holds. */
export function cachedPlan(request, peer) {
  const key = cacheKey(request, peer);
  const ofClient = plans.get(key);
  if (ofClient === undefined) return undefined;
  // A GET with content is rare, and how it is framed decides whether it can go on.
  if (request.body !== null && (request.method === "GET" || request.method === "HEAD")) return undefined;
  const { url } = request;
  const plan = ofClient.get(core.cached_decision(`${request.method} ${url}`, key, Date.now()));
  if (plan === undefined) return undefined;
  const strip = [...plan.strip];
  for (const name of request.headers.keys()) {
    const kind = requestHeaders.get(name) ?? put(requestHeaders, name, core.request_header(name));
    if (kind === "strip") strip.push(name);
    else if (kind === "decide") return undefined;
  }
  return { ...plan, strip, url: plan.base + url.slice(url.indexOf("/", "https://".length)) };
}
