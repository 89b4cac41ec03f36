// Conversion between the platform and the core, and forwarding. Bodies are passed through untouched.
import * as core from "portcullis-core";

import { cached } from "./bounded.js";
import { count, counted } from "./metrics.js";
import { changedHeaders } from "./plans.js";
import { watched } from "./sockets.js";
import { asked, awake, broken } from "./trap.js";

/** The request line and the headers, one a line. Content without a length is told even where the platform hides how it is framed. */
export function head(request) {
  const { headers } = request;
  let text = `${request.method} ${request.url}`;
  for (const [name, value] of headers) text += `\n${name}: ${value}`;
  if (request.body !== null && !headers.has("content-length") && !headers.has("transfer-encoding")) text += "\ntransfer-encoding: chunked";
  return text;
}

/**
 * The address of the peer: Cloudflare's own header there, the socket in plain workerd, never a header of a client. `wrangler dev`
 * claims to be a data centre and passes a client's `CF-Connecting-IP` on, so its settings say that the peer is unknown.
 */
export function peer(request, env) {
  if (env.PEER === "unknown") return "";
  const cf = request.cf;
  const from = cf?.clientIp ?? (cf?.colo ? (request.headers.get("cf-connecting-ip") ?? "") : "");
  // Without the port, which differs for each connection. An address of version 6 has brackets before a port.
  if (from[0] === "[") return from.slice(1, from.indexOf("]"));
  const colon = from.indexOf(":");
  return colon > 0 && colon === from.lastIndexOf(":") ? from.slice(0, colon) : from;
}

/** The page in place of an app's answer. */
function failed(request, env, badAnswer) {
  try {
    awake();
    return counted(env, core.app_failed(env, head(request), badAnswer));
  } catch (error) {
    return broken(error, request);
  }
}

// What `cache: "no-store"` makes of a request, without the headers that it would add for the app: no shared cache of the
// platform's looks at the answer or keeps it.
const UNCACHED = { cacheTtl: -1, cacheLevel: "bypass" };

/** The request for the app. Its method is the incoming one's, because a GET with content cannot be made from parts. */
function onward(request, env, plan) {
  const { url, keep, headers = changedHeaders(request.headers, plan) } = plan;
  // The incoming request's `cf` has the client's address, and is never handed on.
  const cf = keep ? UNCACHED : {};
  // What has no body is made from its parts: a request made from another one costs twice as much.
  // Plain workerd has no cache to be told of, and a URL brings no `cf` along.
  if (request.body === null) return [url, { method: request.method, headers, redirect: "manual", cf: env.PEER === "socket" ? undefined : cf }];
  return [new Request(url, new Request(request, { headers, redirect: "manual", cf }))];
}

/** Sends the request to the app as planned, and its answer back. */
export async function forward(request, env, plan) {
  const { binding } = plan;
  let sent;
  try {
    const to = binding && binding !== "*" ? env[binding] : globalThis;
    sent = to.fetch(...onward(request, env, plan));
  } catch (error) {
    return broken(error, request); // of our own making: nothing was sent
  }
  let response;
  try {
    response = await sent;
  } catch (error) {
    console.warn(JSON.stringify({ fault: "app-unreachable", kind: error?.name ?? "unknown" }));
    return failed(request, env, false);
  }
  try {
    if (passes(response.status, request)) {
      count(env, plan.why, plan.siteId, response.status);
      return watched(back(response, plan), plan.watch, env);
    }
    console.warn(JSON.stringify({ fault: "app-bad-answer", status: response.status }));
  } catch (error) {
    return broken(error, request);
  }
  return failed(request, env, true);
}

const statuses = new Map(); // status of an app's answer -> whether it is passed on

/** Whether an answer of this status is passed on. Only for a 101 does it depend on the request. */
function passes(status, request) {
  if (status === 101) return asked.passes_status(status, request.headers.has("upgrade"));
  let known = statuses.get(status);
  if (known === undefined) statuses.set(status, (known = asked.passes_status(status, false)));
  return known;
}

const kinds = new Map(); // header name -> what becomes of it
const controls = new Map(); // plan's word, content type, Cache-Control -> the same for an answer that is not shared

/** The app's answer as the core wants it, rebuilt only where a header changes. */
function back(response, { keep, appHosts, prefix, site, cookiePrefix, cookies }) {
  const set = [];
  const drop = [];
  let control = "";
  let type = "";
  let confined = false;
  response.headers.forEach((value, name) => {
    const kind = cached(kinds, name, asked.response_header);
    switch (kind) {
      case "keep":
        if (name === "content-type") type = value;
        break;
      case "address":
      case "refresh": {
        const address = asked.public_address(value, appHosts, site, prefix, kind === "refresh");
        if (address !== undefined) set.push([name, address]);
        break;
      }
      case "set-cookie":
        confined ||= asked.confined_cookie(value, cookiePrefix) !== value;
        break;
      case "cache-control":
        control = value;
        break;
      case "drop-if-private":
        if (keep) drop.push(name);
    }
  });
  if (keep && response.status !== 101) {
    const wanted = cached(controls, `${keep}\n${type}\n${control}`, asked.cache_control, 256);
    if (wanted !== control) set.push(["cache-control", wanted]);
  }
  if (!set.length && !drop.length && !confined && !cookies.length) return response;

  const { status, webSocket } = response;
  const answer = status === 101 ? new Response(null, { status, webSocket, headers: response.headers }) : new Response(response.body, response);
  const { headers } = answer;
  for (const [name, value] of set) headers.set(name, value);
  for (const name of drop) headers.delete(name);
  if (confined) {
    const allowed = headers.getSetCookie().map((cookie) => asked.confined_cookie(cookie, cookiePrefix));
    headers.delete("set-cookie");
    for (const cookie of allowed) if (cookie !== undefined) headers.append("set-cookie", cookie);
  }
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return answer;
}
