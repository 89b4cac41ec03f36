//! The health check.

use crate::{
    http::answer,
    request::{context::RequestContext, reply::Reply, step::Step},
    state::breaker::Circuit,
    why::Why,
};

pub(super) fn answer<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let gate = context.gate;
    let (policy, config, id_key) = (&gate.policy.hash, &gate.config_hash, gate.id_key.fingerprint());
    // Of this instance, and without a request of its own: a monitor must not become load for the CAS server.
    let cas = match context.cas {
        Circuit::Closed => "asked",
        Circuit::Open => "resting",
    };
    let body =
        format!(r#"{{"status":"ok","policy":"{policy}","config":"{config}","id_key":"{id_key}","cas":"{cas}"}}"#);
    Step::Done(Reply::Answer(answer::json(200, &body), Vec::new()), Why::Health)
}
