//! Authorization by a machine client's bearer. It never chooses between two identities, and never asks for more.

use base::Moment;

use super::authorize::forward_named;
use crate::{
    http::{bearer::GateBearer, cookie},
    policy::Rule,
    request::{context::RequestContext, factor::FactorNeed, step::Step},
    state::{bearer::Bearer, cache::Cache},
    why::Why,
};

pub(super) fn authorize<'a>(
    context: RequestContext<'a>,
    (at, rule): (usize, &Rule),
    cache: &mut Cache,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let name = context.site.cookies.session.as_str();
    if cookie::pairs(context.head.headers()).any(|(known, _)| known == name) {
        return context.refuse(Why::TwoIdentities, moment);
    }
    let sealed = match context.gate_bearer() {
        Some(GateBearer::Exact(sealed)) if context.site.token => sealed,
        _ => return context.refuse(Why::BearerInvalid, moment),
    };
    let bearer = Bearer::open(context.site, &context.gate.keyring, sealed, now);
    let Some((_, session)) = bearer.filter(|(app, _)| app == context.app(rule)) else {
        return context.refuse(Why::BearerInvalid, moment);
    };
    // A factor that the CAS server names is not asked for either: the ticket may be of a long session there.
    let has_factor = !matches!(context.factor_need(rule, &session, now), FactorNeed::Off | FactorNeed::Exempt);
    match context.allowed(rule, &session, now) {
        Ok(()) if !has_factor => forward_named(context, (at, Why::Bearer), session, None, cache, moment),
        Err(Why::UserDenied) => context.refuse(Why::UserDenied, moment),
        Ok(()) | Err(_) => context.refuse(Why::BearerNotEnough, moment),
    }
}
