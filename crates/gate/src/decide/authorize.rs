//! Authorization with a session, and the outcome without one.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::destination;
use crate::{
    forward::{
        assertion::{ASSERTION, claims},
        request::{Forward, Keep},
    },
    http::{cookie, head::Caller},
    login::begin,
    request::{
        context::{RequestContext, Resource},
        reply::{AuditEvent, Reply},
        step::{AskSign, SignThen, Step},
    },
    routes::whoami,
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
    cache: &mut Cache,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let rule = match resource {
        Resource::Whoami => return whoami::answer(&session, cookie),
        Resource::Rule(at) => context.gate.policy.rules.get(at),
    };
    let Some(rule) = rule else { return context.refuse(Why::NoRule, moment) };
    match context.allowed(rule, &session, now) {
        Ok(()) => {}
        Err(Why::FreshLoginRequired) => return begin::start_fresh(context, moment),
        Err(why) => return context.refuse_for(why, rule, &session, moment),
    }
    let mut forward = match destination::forward(&context, rule, Some(&session), now) {
        Ok(forward) => forward,
        Err(why) => return context.refuse(why, moment),
    };
    forward.cookies.extend(cookie);
    let app = context.app(rule).to_owned();
    let known = cache.assertion(&session.sid, &context.site.id, &app, now).map(str::to_owned);
    match known {
        Some(jwt) => {
            forward.set.push((ASSERTION.into(), jwt));
            forwarded(forward, why)
        }
        None => {
            let claims = claims(context.site, &app, &session, now, ASSERTION_SECS);
            let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{}"}}"#, context.gate.signing.kid);
            let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
            let input = format!("{}.{}", encode(header), encode(claims));
            let until = now.plus_secs(ASSERTION_SECS);
            Step::Sign(AskSign { context, input, then: SignThen { forward, why, sid: session.sid, app, until } })
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
    let SignThen { mut forward, why, sid, app, until } = then;
    cache.remember_assertion(&sid, &context.site.id, &app, jwt.clone(), until);
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
        TicketVerdict::Live(session) => {
            let session = context.with_names(session);
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
            authorize(context, session, (resource, Why::SessionChecked), Some(cookie), &mut instance.cache, moment)
        }
        TicketVerdict::Gone(_) => {
            instance.ended.insert(&old.object, context.gate.policy.ended_secs(), now);
            gone(context, resource, moment)
        }
        TicketVerdict::Remembered | TicketVerdict::Elsewhere(_) | TicketVerdict::Unavailable => {
            let (revalidate, grace) = match resource {
                Resource::Rule(at) => {
                    context.gate.policy.rules.get(at).map_or((0, 0), |rule| (rule.revalidate_secs, rule.grace_secs))
                }
                Resource::Whoami => (context.gate.policy.revalidate_secs, context.gate.policy.grace_secs),
            };
            if old.within_stale_grace(revalidate, grace, now) && !instance.ended.makes_due(&old) {
                authorize(context, old, (resource, Why::SessionGrace), None, &mut instance.cache, moment)
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
            (Caller::Page, Some(_)) => begin::start_fresh(context, moment),
            (Caller::Page, None) => begin::start(context, false, moment),
            (Caller::Submit, _) => context.refuse(Why::NothingSent, moment),
            (Caller::Script, _) => context.refuse(Why::LoginRequired, moment),
        };
    }
    // Only for a browser that sends Sec-Fetch headers: a crawler could not come back from the redirect.
    let browser = context.head.caller() == Caller::Page && context.head.header("sec-fetch-dest").is_some();
    if browser && context.cas == Circuit::Closed && rule.identity && !was_passive_checked(&context) {
        return begin::start_gateway(context, moment);
    }
    let mut forward = match destination::forward(&context, rule, None, moment.now()) {
        Ok(forward) => forward,
        Err(why) => return context.refuse(why, moment),
    };
    forward.keep = Keep::Private;
    if context.clear_cookie {
        forward.cookies.push(context.site.cookies.clear(&context.site.cookies.session));
    }
    forwarded(forward, Why::Anonymous)
}

fn was_passive_checked(context: &RequestContext<'_>) -> bool {
    cookie::pairs(context.head.headers()).any(|(name, _)| name == context.site.cookies.passive_checked)
}

fn forwarded<'a>(forward: Forward, why: Why) -> Step<'a> {
    let events = forward.truncated.iter().map(|header| AuditEvent::Truncated { header: header.clone() }).collect();
    Step::Done(Reply::Forward(Box::new(forward), events), why)
}
