//! The gate's health.

use crate::{
    http::answer,
    request::{context::Visit, reply::Reply, step::Step},
    why::Why,
};

pub(super) fn answer<'a>(visit: &Visit<'a>) -> Step<'a> {
    let body = format!(r#"{{"status":"ok","policy":"{}"}}"#, visit.gate.policy.hash);
    Step::Done(Reply::Answer(answer::json(200, &body), Vec::new()), Why::Health)
}
