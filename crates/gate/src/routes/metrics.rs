//! Counts of answers, behind a token. The adapter counts, and replaces the empty body with its counts.

use base::Moment;
use sha2::{Digest as _, Sha256};

use crate::{
    http::answer,
    request::{context::RequestContext, reply::Reply, step::Step},
    why::Why,
};

pub(super) fn asked<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    let mut lines = context.head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let (line, more) = (lines.next(), lines.next());
    let token = line.filter(|_| more.is_none()).and_then(|(_, value)| value.strip_prefix("Bearer "));
    // By hash, so that the time of the comparison tells nothing of the token.
    let is_known =
        token.is_some_and(|token| Some(Sha256::digest(token.as_bytes()).into()) == context.gate.metrics_token);
    if !is_known {
        return context.refuse(Why::NotFound, moment);
    }
    let mut answer = answer::empty(200);
    answer.headers.push(("content-type".into(), "text/plain; version=0.0.4; charset=utf-8".into()));
    Step::Done(Reply::Answer(answer, Vec::new()), Why::Metrics)
}
