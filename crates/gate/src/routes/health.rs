//! The health check.

use crate::{
    http::answer,
    request::{context::RequestContext, reply::Reply, step::Step},
    why::Why,
};

pub(super) fn answer<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let body =
        format!(r#"{{"status":"ok","policy":"{}","config":"{}"}}"#, context.gate.policy.hash, context.gate.config_hash);
    Step::Done(Reply::Answer(answer::json(200, &body), Vec::new()), Why::Health)
}
