//! The public keys of the gate's assertions (RFC 7517 section 5).

use crate::{
    http::answer,
    request::{context::RequestContext, reply::Reply, step::Step},
    why::Why,
};

pub(super) fn answer<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let mut answer = answer::json(200, &context.gate.signing.public);
    answer::cacheable(&mut answer, 300);
    Step::Done(Reply::Answer(answer, Vec::new()), Why::Jwks)
}
