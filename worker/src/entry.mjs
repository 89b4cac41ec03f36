// The only door. Each request is one synchronous call into the core; what it does not settle runs THE loop in Rust.
import { DurableObject } from "cloudflare:workers";
import * as core from "portcullis-core";

import { forward, head, peer } from "./edge.js";
import { cachePlan, cachedPlan, parsePlan } from "./plans.js";

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
function unreachable(request, env) {
  try {
    awake();
    return core.app_unavailable(env, head(request));
  } catch (error) {
    return broken(error);
  }
}

// After a trap the glue makes a fresh instance at its next call, but only once it has put that call's texts into the old
// one's memory. A call without any goes first.
const awake = core.__worker_init_state;

/** A request of which nothing is known yet. */
async function first(request, env, from) {
  let plan;
  try {
    const text = head(request);
    const decided = core.decide_fast(text, from, Date.now()) ?? (await core.decide(request, env, text, from));
    if (typeof decided !== "string") return decided;
    plan = parsePlan(decided);
    cachePlan(request, from, plan);
  } catch (error) {
    return broken(error);
  }
  return forward(request, env, plan, unreachable);
}

export default {
  fetch(request, env) {
    try {
      awake();
      const from = peer(request);
      const plan = cachedPlan(request, from);
      return plan ? forward(request, env, plan, unreachable) : first(request, env, from);
    } catch (error) {
      return broken(error);
    }
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
