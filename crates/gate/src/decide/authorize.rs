//! Authorization with a session, and the outcome without one.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::destination;
use crate::{
    factor::AnchorVerdict,
    forward::{
        assertion::{ASSERTION, claims},
        request::{Forward, Keep},
    },
    http::{cookie, head::Caller},
    login::{begin, kept_form},
    policy::Rule,
    request::{
        context::{RequestContext, Resource},
        factor::FactorNeed,
        reply::{AuditEvent, Reply},
        step::{AnchorThen, AskAnchor, AskSign, SignThen, Step},
    },
    routes::{factor, whoami},
    state::{Instance, breaker::Circuit, cache::Cache, session::Session, ticket::TicketVerdict},
    why::Why,
};

/// Life of an assertion: several revalidations, so that it is signed rarely.
const ASSERTION_SECS: u64 = 300;

/// Authorizes a request with a live session. `cookie` is the session's new cookie after a revalidation.
pub(super) fn authorize<'a>(
    context: RequestContext<'a>,
    session: Session,
    (resource, why): (Resource, Why),
    cookie: Option<String>,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let at = match resource {
        Resource::Whoami => return whoami::answer(&session, cookie),
        Resource::Rule(at) => at,
    };
    let Some(rule) = context.gate.policy.rules.get(at) else { return context.refuse(Why::NoRule, moment) };
    match context.allowed(rule, &session, now) {
        Ok(()) => {}
        Err(Why::FreshLoginRequired) => return begin::start_fresh(context, rule, moment),
        Err(why) => return context.refuse_for(why, rule, &session, moment),
    }
    let need = context.factor_need(rule, &session, now);
    if let (true, None, Some(identity)) = (need.needs_anchor(), instance.people, &context.gate.identity) {
        return Step::Anchor(AskAnchor {
            call: context.gate.anchor_call(identity),
            then: AnchorThen::Authorize(Box::new((session, cookie)), (resource, why)),
            context,
        });
    }
    let asked = |observed, missing| AuditEvent::FactorAsked { rule: at + 1, observed, missing };
    let observed = match need {
        FactorNeed::Off | FactorNeed::Exempt | FactorNeed::Met => None,
        FactorNeed::Observed(missing) => Some(asked(true, missing)),
        // The page is open to everybody, but the name goes only with a factor.
        FactorNeed::Unmet(..) if !rule.requirement.login => return anonymous(context, rule, cookie, moment),
        FactorNeed::Unmet(why, missing) => {
            return factor::ask(context, rule, (session, cookie), why, moment).noting(asked(false, missing));
        }
    };
    let step = forward_named(context, (at, why), session, cookie, &mut instance.cache, moment);
    match observed {
        Some(event) => step.noting(event),
        None => step,
    }
}

/// Forwards a request with the name of its person.
pub(super) fn forward_named<'a>(
    context: RequestContext<'a>,
    (at, why): (usize, Why),
    session: Session,
    cookie: Option<String>,
    cache: &mut Cache,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let Some(rule) = context.gate.policy.rules.get(at) else { return context.refuse(Why::NoRule, moment) };
    let mut forward = match destination::forward(&context, rule, Some(&session), now) {
        Ok(forward) => forward,
        Err(why) => return context.refuse(why, moment),
    };
    forward.cookies.extend(cookie);
    let app = context.app(rule).to_owned();
    let key = session.assertion_key();
    let known = cache.assertion(&key, &context.site.id, &app, now).map(str::to_owned);
    match known {
        Some(jwt) => {
            forward.set.push((ASSERTION.into(), jwt));
            forwarded(forward, why)
        }
        None => {
            let acr = context.gate.policy.factor.as_ref().and_then(|factor| factor.acr.as_deref());
            let cas = if session.bearer_secs.is_some() { None } else { context.cas_given(&session) };
            let claims = claims(context.site, &app, (&session, cas.as_ref(), acr), now, ASSERTION_SECS);
            let kid = context.gate.signing.signer(now).map_or("", |key| key.kid.as_str());
            let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{kid}"}}"#);
            let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
            let input = format!("{}.{}", encode(header), encode(claims));
            let until = now.plus_secs(ASSERTION_SECS);
            Step::Sign(AskSign { context, input, kid, then: SignThen { forward, why, session: key, app, until } })
        }
    }
}

/// Continues after the signature, which is `None` when signing failed.
pub(super) fn signed<'a>(
    context: RequestContext<'a>,
    input: String,
    then: SignThen,
    signature: Option<Vec<u8>>,
    cache: &mut Cache,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(signature) = signature.filter(|signature| signature.len() == 64) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    let jwt = format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature));
    let SignThen { mut forward, why, session, app, until } = then;
    cache.remember_assertion(&session, &context.site.id, &app, jwt.clone(), until);
    forward.set.push((ASSERTION.into(), jwt));
    forwarded(forward, why)
}

/// Continues after a revalidation.
pub(super) fn revalidated<'a>(
    context: RequestContext<'a>,
    old: Session,
    resource: Resource,
    verdict: TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    match verdict {
        // A second ticket of the same login has replaced it.
        TicketVerdict::Live(session) if session.sid != old.sid => gone(context, resource, moment),
        TicketVerdict::Live(session) if session.until_secs.is_some() => {
            // The cookie is from before a raise. It is not renewed, and must not replace the one after it.
            if let Some(value) = context.session_cookie() {
                instance.cache.remember(&context.site.id, value, session.clone());
            }
            authorize(context, session, (resource, Why::SessionChecked), None, instance, moment)
        }
        TicketVerdict::Live(session) => {
            let session = context.with_names(session).or_as_before(&old);
            let Some(sealed) = session.seal(context.site, &context.gate.keyring, moment) else {
                return context.refuse(Why::SigningFailed, moment);
            };
            let cache = &mut instance.cache;
            cache.remember(&context.site.id, &sealed, session.clone());
            // Parallel requests still bring the old cookie; caching it spares them a revalidation each.
            if let Some(value) = context.session_cookie() {
                cache.remember(&context.site.id, value, session.clone());
            }
            let names = &context.site.cookies;
            let cookie = names.set(&names.session, &sealed, None);
            authorize(context, session, (resource, Why::SessionChecked), Some(cookie), instance, moment)
        }
        // The session lives on under a later cookie.
        TicketVerdict::Superseded => gone(context, resource, moment),
        TicketVerdict::Gone(_) => {
            instance.ended.insert(&old.object, context.gate.policy.ended_secs(), now);
            gone(context, resource, moment)
        }
        TicketVerdict::Remembered
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Spent
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Unavailable => {
            let (revalidate, grace) = match resource {
                Resource::Rule(at) => {
                    context.gate.policy.rules.get(at).map_or((0, 0), |rule| destination::look_secs(&context, rule))
                }
                Resource::Whoami => (context.gate.policy.revalidate_secs, context.gate.policy.grace_secs),
            };
            if old.within_stale_grace(revalidate, grace, now) && !instance.ended.makes_due(&old) {
                authorize(context, old, (resource, Why::SessionGrace), None, instance, moment)
            } else {
                context.refuse(Why::StoreUnavailable, moment)
            }
        }
    }
}

/// The session of this cookie is over.
fn gone<'a>(context: RequestContext<'a>, resource: Resource, moment: &mut Moment) -> Step<'a> {
    let context = RequestContext { clear_cookie: true, ..context };
    match resource {
        Resource::Rule(at) => unauthenticated(context, at, moment),
        Resource::Whoami => context.refuse(Why::LoginRequired, moment),
    }
}

/// Nobody is signed in.
pub(super) fn unauthenticated<'a>(context: RequestContext<'a>, at: usize, moment: &mut Moment) -> Step<'a> {
    let Some(rule) = context.gate.policy.rules.get(at) else { return context.refuse(Why::NoRule, moment) };
    if rule.requirement.login {
        return match (context.head.caller(), rule.requirement.fresh) {
            (Caller::Page, Some(_)) => begin::start_fresh(context, rule, moment),
            (Caller::Page, None) => begin::start(context, Some(rule), moment),
            (Caller::Submit, _) => kept_form::submitted(context, rule, moment),
            (Caller::Script, _) => context.refuse(Why::LoginRequired, moment),
        };
    }
    // Only for a browser that sends Sec-Fetch headers: a crawler could not come back from the redirect.
    let browser = context.head.caller() == Caller::Page && context.head.header("sec-fetch-dest").is_some();
    if browser && context.cas == Circuit::Closed && rule.identity && !was_passive_checked(&context) {
        return begin::start_gateway(context, rule, moment);
    }
    anonymous(context, rule, None, moment)
}

/// Forwards a request without a name.
fn anonymous<'a>(context: RequestContext<'a>, rule: &Rule, cookie: Option<String>, moment: &mut Moment) -> Step<'a> {
    let mut forward = match destination::forward(&context, rule, None, moment.now()) {
        Ok(forward) => forward,
        Err(why) => return context.refuse(why, moment),
    };
    forward.keep = Keep::Private;
    forward.cookies.extend(cookie);
    if context.clear_cookie {
        forward.cookies.push(context.site.cookies.clear(&context.site.cookies.session));
    }
    forwarded(forward, Why::Anonymous)
}

/// The anchor has answered.
pub(super) fn anchored<'a>(
    context: RequestContext<'a>,
    (session, cookie): (Session, Option<String>),
    reason: (Resource, Why),
    verdict: &AnchorVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match factor::anchored(context, verdict, instance, moment) {
        Ok(context) => authorize(context, session, reason, cookie, instance, moment),
        Err(step) => *step,
    }
}

fn was_passive_checked(context: &RequestContext<'_>) -> bool {
    cookie::pairs(context.head.headers()).any(|(name, _)| name == context.site.cookies.passive_checked)
}

fn forwarded<'a>(forward: Forward, why: Why) -> Step<'a> {
    let events = forward.truncated.iter().map(|header| AuditEvent::Truncated { header: header.clone() }).collect();
    Step::Done(Reply::Forward(Box::new(forward), events), why)
}
