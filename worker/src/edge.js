// Conversion between the platform and the core, and forwarding. Bodies are passed through untouched.
import * as core from "portcullis-core";

/** The head of a request as text, one header a line. */
export function head(request) {
  let text = `${request.method} ${request.url}`;
  for (const [name, value] of request.headers) text += `\n${name}: ${value}`;
  return text;
}

/** The address of the peer: Cloudflare's own header there, the socket in plain workerd, never a header of a client. */
export function peer(request) {
  const cf = request.cf;
  const from = cf?.clientIp ?? (cf?.colo ? (request.headers.get("cf-connecting-ip") ?? "") : "");
  return from.replace(/^\[(.*)\](:\d+)?$|^([^:]*):\d+$/, "$1$3"); // without the port, which differs for each connection
}

// After a trap the glue creates a new instance at its next call, but copies that call's strings into the old memory first.
// A call without arguments must come before.
export const awake = core.__worker_init_state;

/** Answers after a trap of the core, and discards its instance: fails closed. */
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

/** The response when the app cannot be reached. */
function unreachable(request, env) {
  try {
    awake();
    return core.app_unavailable(env, head(request));
  } catch (error) {
    return broken(error);
  }
}

/** Executes a plan: sends the request to the app and returns its response. */
export async function forward(request, env, plan) {
  const { binding, url, personal, set, strip } = plan;
  const headers = new Headers(request.headers);
  for (const name of strip) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  const how = { method: request.method, headers, redirect: "manual", ...(personal && { cache: "no-store" }) };
  let response;
  try {
    // Without a body the parts suffice; a copy of a Request costs twice as much.
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

/** Caches an answer of the core that depends on this text alone. */
function cached(map, text, ask) {
  let answer = map.get(text);
  if (answer === undefined) {
    if (map.size >= MAX_ENTRIES) map.clear();
    map.set(text, (answer = ask(text)));
  }
  return answer;
}

/** The response with the headers that the core decides; rebuilt only if one changes. */
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
