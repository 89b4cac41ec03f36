// The Worker's entry. A request is first decided by one synchronous call; the asynchronous loop in Rust is the fallback.
import { DurableObject } from "cloudflare:workers";
import * as core from "portcullis-core";

import { forward, head, peer } from "./edge.js";
import { counted } from "./metrics.js";
import { cachePlan, cachedPlan, parsePlan } from "./plans.js";
import { awake, broken } from "./trap.js";

/** Whether this instance has told which policy it has. */
let told = false;

/** Decides a request without a cached plan. */
async function first(request, env, from, ctx) {
  let plan;
  try {
    const text = head(request);
    const decided = core.decide_fast(text, from, Date.now()) ?? (await core.decide(request, env, text, from));
    if (!told) {
      told = true;
      ctx.waitUntil(core.policy_deployed(env));
    }
    if (typeof decided !== "string") return counted(env, decided);
    plan = parsePlan(decided);
    cachePlan(request, from, plan, decided.length);
  } catch (error) {
    return broken(error, request);
  }
  return forward(request, env, plan);
}

export default {
  fetch(request, env, ctx) {
    try {
      awake();
      const from = peer(request, env);
      const plan = cachedPlan(request, from);
      return plan ? forward(request, env, plan) : first(request, env, from, ctx);
    } catch (error) {
      return broken(error, request);
    }
  },
};

/** The object of one login, or of many; the core decides its calls. */
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

/** The object of one person: the record of the second factors. */
export class PersonDo extends DurableObject {
  fetch(request) {
    awake();
    return core.person(request, this.ctx, this.env);
  }
  alarm() {
    awake();
    return core.person_alarm(this.ctx, this.env);
  }
}

/** One of the objects that list the people with a factor. */
export class DirectoryDo extends DurableObject {
  fetch(request) {
    awake();
    return core.directory(request, this.ctx);
  }
}

/** The object that remembers the settings that must never change. */
export class AnchorDo extends DurableObject {
  fetch(request) {
    awake();
    return core.anchor(request, this.ctx);
  }
  alarm() {
    awake();
    return core.anchor_alarm(this.ctx, this.env);
  }
}
