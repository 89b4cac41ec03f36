//! Authorization by a machine client's bearer. It never chooses between two identities, and never asks for more.

use base::Moment;

use super::authorize::forward_named;
use crate::{
    http::{bearer::GateBearer, cookie},
    policy::Rule,
    request::{context::RequestContext, factor::FactorNeed, reply::AuditEvent, step::Step},
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
    let observed = match context.factor_need(rule, &session, now) {
        FactorNeed::Off | FactorNeed::Exempt => Some(None),
        // A policy that only observes closes nothing.
        FactorNeed::Observed(missing) => Some(Some(missing)),
        FactorNeed::Met | FactorNeed::Unmet(..) => None,
    };
    match (context.allowed(rule, &session, now), observed) {
        (Ok(()), Some(observed)) => {
            let step = forward_named(context, (at, Why::Bearer), session, None, cache, moment);
            match observed {
                Some(missing) => step.noting(AuditEvent::FactorAsked { rule: at + 1, observed: true, missing }),
                None => step,
            }
        }
        (Err(Why::UserDenied), _) => context.refuse(Why::UserDenied, moment),
        (Ok(()) | Err(_), _) => context.refuse(Why::BearerNotEnough, moment),
    }
}
