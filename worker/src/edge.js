// Between the platform and the core: a request's head as text, and a request that goes on, body and answer untouched.
import * as core from "portcullis-core";

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

// After a trap the glue makes a fresh instance at its next call, but only once it has put that call's texts into the old
// one's memory. A call without any goes first.
export const awake = core.__worker_init_state;

/** The core broke on this request: fail closed, and give the next one a fresh instance. */
export function broken(error) {
  console.error(JSON.stringify({ fault: "panic", kind: error?.name ?? "unknown" }));
  core.__wbg_reset_state();
  try {
    awake();
    return core.internal_error();
  } catch {
    return new Response("INTERNAL_ERROR: nothing was let through. Please try again.\n", { status: 500, headers: { "cache-control": "no-store" } });
  }
}

/** The page for an app that does not answer. */
function unreachable(request, env) {
  try {
    awake();
    return core.app_unavailable(env, head(request));
  } catch (error) {
    return broken(error);
  }
}

/** Sends the request to the app as planned, and its answer back. */
export async function forward(request, env, plan) {
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
  if (response.status === 101) return response;
  try {
    awake();
    return back(response, plan);
  } catch (error) {
    return broken(error);
  }
}

const MAX_ENTRIES = 1024;
const kinds = new Map(); // header name -> what becomes of it
const controls = new Map(); // Cache-Control -> the same for a personal page

/** A cached answer of the core that depends on this text alone. */
function cached(map, text, ask) {
  let answer = map.get(text);
  if (answer === undefined) {
    if (map.size >= MAX_ENTRIES) map.clear();
    map.set(text, (answer = ask(text)));
  }
  return answer;
}

/** The app's answer as the core wants it, rebuilt only where a header changes. */
function back(response, { personal, base, site, cookiePrefix, cookies }) {
  const set = [];
  const drop = [];
  let control = "";
  let confined = false;
  response.headers.forEach((value, name) => {
    switch (cached(kinds, name, core.response_header)) {
      case "location": {
        const location = core.location(value, base, site);
        if (location !== undefined) set.push([name, location]);
        break;
      }
      case "set-cookie":
        confined ||= core.confined_cookie(value, cookiePrefix) !== value;
        break;
      case "cache-control":
        control = value;
        break;
      case "drop-if-private":
        if (personal) drop.push(name);
    }
  });
  if (personal) {
    const wanted = cached(controls, control, core.private_cache_control);
    if (wanted !== control) set.push(["cache-control", wanted]);
  }
  if (!set.length && !drop.length && !confined && !cookies.length) return response;

  const answer = new Response(response.body, response);
  const { headers } = answer;
  for (const [name, value] of set) headers.set(name, value);
  for (const name of drop) headers.delete(name);
  if (confined) {
    const allowed = headers.getSetCookie().map((cookie) => core.confined_cookie(cookie, cookiePrefix));
    headers.delete("set-cookie");
    for (const cookie of allowed) if (cookie !== undefined) headers.append("set-cookie", cookie);
  }
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return answer;
}
