//! The health check.

use crate::{
    http::answer,
    request::{context::RequestContext, reply::Reply, step::Step},
    why::Why,
};

pub(super) fn answer<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let gate = context.gate;
    let (policy, config, id_key) = (&gate.policy.hash, &gate.config_hash, gate.id_key.fingerprint());
    let body = format!(r#"{{"status":"ok","policy":"{policy}","config":"{config}","id_key":"{id_key}"}}"#);
    Step::Done(Reply::Answer(answer::json(200, &body), Vec::new()), Why::Health)
}
