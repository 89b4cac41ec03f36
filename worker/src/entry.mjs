// The only door. Each request is one synchronous call into the core; what it does not settle runs THE loop in Rust.
import { DurableObject } from "cloudflare:workers";
import * as core from "portcullis-core";

import { forward, head, peer } from "./edge.js";

/** The core broke on this request: fail closed, and give the next one a fresh instance. */
function broken(error) {
  console.error(JSON.stringify({ fault: "panic", kind: error?.name ?? "unknown" }));
  core.__wbg_reset_state();
  return new Response("Something went wrong here. Nothing was let through. Please try again.\n", {
    status: 500,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

/** The page for an app that does not answer. */
function unreachable(env, text) {
  try {
    awake();
    return core.app_unavailable(env, text);
  } catch (error) {
    return broken(error);
  }
}

// After a trap the glue makes a fresh instance at its next call, but only once it has put that call's texts into the old
// one's memory. A call without any goes first.
const awake = core.__worker_init_state;

export default {
  async fetch(request, env) {
    let way;
    let text;
    try {
      awake();
      text = head(request);
      const from = peer(request);
      way = core.glance(text, from, Date.now()) ?? (await core.decide(request, env, text, from));
    } catch (error) {
      return broken(error);
    }
    return typeof way === "string" ? forward(request, env, way, () => unreachable(env, text)) : way;
  },
};

/** One ticket's whole life; all of it is decided in the core. */
export class TicketDo extends DurableObject {
  fetch(request) {
    awake();
    return core.ticket(request, this.ctx, this.env);
  }
  alarm() {
    awake();
    return core.ticket_alarm(this.ctx);
  }
}
