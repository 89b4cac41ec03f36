// The only door. Each request is one synchronous call into the core; what it does not settle runs THE loop in Rust.
import { DurableObject } from "cloudflare:workers";
import * as core from "portcullis-core";

import { awake, broken, forward, head, peer } from "./edge.js";
import { cachePlan, cachedPlan, parsePlan } from "./plans.js";

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
  return forward(request, env, plan);
}

export default {
  fetch(request, env) {
    try {
      awake();
      const from = peer(request);
      const plan = cachedPlan(request, from);
      return plan ? forward(request, env, plan) : first(request, env, from);
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
