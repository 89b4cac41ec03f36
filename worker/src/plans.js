// Plans of the core, parsed and cached, so that the next page of the same client costs little more than passing it on.
// The core decides each time whether a cached plan still holds.
import * as core from "portcullis-core";

import { Bounded, cached } from "./bounded.js";

// Together with the core's cache within 16 MB of the 128 MB at which the platform ends an instance.
const MAX_PEOPLE = 4_000_000;
const MAX_STRANGERS = 1_500_000;
const MAX_REPEATED = 1_500_000;
/** A plan's own objects, beside its text. */
const PLAN = 512;
/** After so many requests in a row that were like no other, such as those with a number of their own, a plan stops to look. */
const MAX_UNLIKE = 16;

/** The plan that `Forward::encode` in crates/gate/src/forward/request.rs wrote. */
export function parsePlan(text) {
  const [binding, url, keep, base, site, cookiePrefix, id, appHosts, prefix, watch, why, siteId, ...changes] = text.split("\n");
  const plan = { binding, url, keep, base, site, cookiePrefix, id, appHosts, prefix, watch, why, siteId, set: [], strip: [], cookies: [] };
  for (const change of changes) {
    const rest = change.slice(1);
    const space = rest.indexOf(" ");
    if (change[0] === "-") plan.strip.push(rest);
    else if (change[0] === "+") plan.cookies.push(rest);
    else plan.set.push([rest.slice(0, space), rest.slice(space + 1)]);
  }
  return plan;
}

// Cache key -> plan id -> plan. Whoever makes up cookies must not push out people, so those without a session are apart.
const people = new Bounded(MAX_PEOPLE);
const strangers = new Bounded(MAX_STRANGERS);
const names = new Map(); // header name -> what becomes of it
// Cached plan and a request's headers -> the headers for the app: what a page loads often differs in its address alone, and to
// set a dozen headers costs a tenth of a request.
const repeated = new Bounded(MAX_REPEATED);
let lastPlan = 0;

let peerHeader; // undefined until the core has its settings

/** The key of `Gate::cached_decision`: two clients behind one proxy differ in the proxy's header alone. */
function cacheKey({ headers }, peer) {
  peerHeader ??= core.peer_header();
  const client = peerHeader ? ` ${headers.get(peerHeader) ?? ""}` : "";
  return `${peer}${client}\n${headers.get("cookie") ?? ""}`;
}

/** Caches a plan that has an id. Only `cookie` is kept of its stripped names: it follows from the key, other names do not. */
export function cachePlan(request, peer, plan, size) {
  if (plan.id === "") return;
  const map = plan.id.endsWith("p") ? people : strangers;
  const key = cacheKey(request, peer);
  const plans = map.get(key) ?? new Map();
  const strip = plan.strip.filter((name) => name === "cookie");
  plans.set(Number.parseInt(plan.id, 10), { ...plan, number: ++lastPlan, unlike: 0, size: PLAN + size, strip });
  let all = 0;
  for (const kept of plans.values()) all += kept.size;
  map.put(key, plans, all);
}

/** The cached plan for this request, if the core says that it still holds. */
export function cachedPlan(request, peer) {
  const key = cacheKey(request, peer);
  const one = people.get(key);
  const other = strangers.get(key);
  if (one === undefined && other === undefined) return undefined;
  // A GET with content is rare, and how it is framed decides whether it can go on.
  if (request.body !== null && (request.method === "GET" || request.method === "HEAD")) return undefined;
  const { url } = request;
  const id = core.cached_decision(`${request.method} ${url}`, key, Date.now());
  const plan = one?.get(id) ?? other?.get(id);
  if (plan === undefined) return undefined;
  const looks = one?.has(id) && request.body === null && plan.unlike < MAX_UNLIKE;
  const headers = looks ? repeatedHeaders(request.headers, plan) : appHeaders(request.headers, plan);
  return headers && { ...plan, headers, url: plan.base + url.slice(url.indexOf("/", "https://".length)) };
}

/** The headers for the app, or nothing where a name asks for a decision of its own. */
function appHeaders(incoming, plan) {
  const strip = [...plan.strip];
  for (const name of incoming.keys()) {
    const kind = cached(names, name, core.request_header);
    if (kind === "strip") strip.push(name);
    else if (kind === "decide") return undefined;
  }
  return changedHeaders(incoming, { strip, set: plan.set });
}

/** The same for a person's request without content, made once for all requests of a plan with the same headers. Nothing changes them. */
function repeatedHeaders(incoming, plan) {
  let key = `${plan.number}`;
  incoming.forEach((value, name) => {
    key += `\n${name}: ${value}`;
  });
  const known = repeated.get(key);
  plan.unlike = known ? 0 : plan.unlike + 1;
  if (known) return known;
  const headers = appHeaders(incoming, plan);
  if (headers) repeated.put(key, headers, key.length);
  return headers;
}

/** New headers as a plan has them. */
export function changedHeaders(incoming, { strip, set }) {
  const headers = new Headers(incoming);
  for (const name of strip) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  return headers;
}
