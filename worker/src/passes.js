// What the core said of people's requests, taken apart and kept, so that the next page of the same person costs little more
// than passing it on. The core is asked each time whether it still holds; nothing is decided here.
import * as core from "portcullis-core";

const MOST = 1024;

/** What the core's answer says: `Forward::encode` in crates/gate/src/forward/request.rs. */
export function taken(way) {
  const [binding, url, kept, base, site, own, pass, ...changes] = way.split("\n");
  const plan = { binding, url, personal: kept === "private", base, site, own, pass, set: [], strip: [], cookies: [] };
  for (const change of changes) {
    const rest = change.slice(1);
    const space = rest.indexOf(" ");
    if (change[0] === "-") plan.strip.push(rest);
    else if (change[0] === "+") plan.cookies.push(rest);
    else plan.set.push([rest.slice(0, space), rest.slice(space + 1)]);
  }
  return plan;
}

const plans = new Map(); // by the bearer: by the number of the pass
const names = new Map(); // by a header's name: whether it is removed

/** Puts into a map, which forgets the oldest. */
function put(map, key, value) {
  if (map.size >= MOST) map.delete(map.keys().next().value);
  map.set(key, value);
  return value;
}

const bearerOf = (request, from) => `${from}\n${request.headers.get("cookie") ?? ""}`;

/** Keeps a plan that may be used again. Whether no cookie is left follows from the cookies; other names are judged anew. */
export function keep(request, from, plan) {
  if (plan.pass === "") return;
  const bearer = bearerOf(request, from);
  const mine = plans.get(bearer) ?? put(plans, bearer, new Map());
  mine.set(Number(plan.pass), { ...plan, strip: plan.strip.filter((name) => name === "cookie") });
}

/** The plan for this request, where what was said before to this bearer holds for it. */
export function again(request, from) {
  const bearer = bearerOf(request, from);
  const mine = plans.get(bearer);
  if (mine === undefined) return undefined;
  const { url } = request;
  const plan = mine.get(core.again(`${request.method} ${url}`, bearer, Date.now()));
  if (plan === undefined) return undefined;
  const strip = [...plan.strip];
  for (const name of request.headers.keys()) {
    if (names.get(name) ?? put(names, name, core.strips(name))) strip.push(name);
  }
  return { ...plan, strip, url: plan.base + url.slice(url.indexOf("/", "https://".length)) };
}
