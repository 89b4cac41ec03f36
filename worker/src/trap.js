// After a trap of the core: its instance is discarded, and the caller gets an answer that lets nothing through.
import * as core from "portcullis-core";

// After a trap the glue creates a new instance at its next call, but copies that call's strings into the old memory first.
// A call without arguments must come before.
export const awake = core.awake;

const after =
  (ask) =>
  (...all) => {
    awake();
    return ask(...all);
  };
/** Calls that are seldom made, because their answers are cached: each comes after `awake`. */
export const asked = Object.fromEntries(["passes_status", "response_header", "cache_control", "public_address", "confined_cookie", "request_header"].map((name) => [name, after(core[name])]));

/** Logs a trap and discards the instance. */
export function discard(error) {
  console.error(JSON.stringify({ fault: "panic", kind: error?.name ?? "unknown" }));
  core.__wbg_reset_state();
}

/** Answers a request after a trap of the core: fails closed. */
export function broken(error, request) {
  discard(error);
  try {
    awake();
    return core.internal_error(request.headers.get("accept-language") ?? "");
  } catch {
    return new Response("INTERNAL_ERROR: nothing was let through. Please try again.\n", { status: 500, headers: { "cache-control": "no-store" } });
  }
}
