//! What a session opens, and what follows without one.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};

use crate::{
    forward::{
        assertion::{ASSERTION, claims},
        request::Forward,
    },
    http::{cookie, head::Caller},
    login::begin,
    policy::Access,
    request::{
        context::{Purpose, Visit},
        reply::{AuditEvent, Reply},
        step::{AskSign, SignThen, Step},
    },
    routes::whoami,
    state::{breaker::CasHealth, session::Session, ticket::TicketVerdict},
    why::Why,
};

/// Well over the time between two looks at a session, and no more than DESIGN 4.3 allows.
const ASSERTION_SECS: u64 = 300;

/// A live session meets what it was wanted for. `cookie` is its new cookie, where it was looked up just now.
pub(super) fn enter<'a>(
    visit: Visit<'a>,
    session: Session,
    purpose: Purpose,
    why: Why,
    cookie: Option<String>,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let rule = match purpose {
        Purpose::Whoami => return whoami::answer(&session, cookie),
        Purpose::Rule(at) => visit.gate.policy.rules.get(at),
    };
    let Some(rule) = rule else { return visit.refuse(Why::NoRule, moment) };
    match visit.allowed(rule, &session, now) {
        Ok(()) => {}
        Err(Why::FreshLoginRequired) => return begin::start_fresh(visit, moment),
        Err(why) => return visit.refuse_for(why, rule, &session, moment),
    }
    let mut forward = visit.way(rule).forward(Some(&session));
    forward.cookies.extend(cookie);
    let known = visit.gate.memory.borrow().assertion(&session.sid, &visit.site.id, now).map(str::to_owned);
    match known {
        Some(jwt) => {
            forward.set.push((ASSERTION.into(), jwt));
            forwarded(forward, why)
        }
        None => {
            let claims = claims(visit.site, &session, now, ASSERTION_SECS);
            let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{}"}}"#, visit.gate.signing.kid);
            let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
            let input = format!("{}.{}", encode(header), encode(claims));
            let until = now.plus_secs(ASSERTION_SECS);
            Step::Sign(AskSign { visit, input, then: SignThen { forward, why, sid: session.sid, until } })
        }
    }
}

/// The assertion was signed, or could not be.
pub(super) fn signed<'a>(
    visit: Visit<'a>,
    input: String,
    then: SignThen,
    signature: Option<Vec<u8>>,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(signature) = signature.filter(|signature| signature.len() == 64) else {
        return visit.refuse(Why::SigningFailed, moment);
    };
    let jwt = format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature));
    let SignThen { mut forward, why, sid, until } = then;
    visit.gate.memory.borrow_mut().remember_assertion(&sid, &visit.site.id, jwt.clone(), until);
    forward.set.push((ASSERTION.into(), jwt));
    forwarded(forward, why)
}

/// The object's word on a session that was due for a look.
pub(super) fn checked<'a>(
    visit: Visit<'a>,
    old: Session,
    purpose: Purpose,
    verdict: TicketVerdict,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    match verdict {
        TicketVerdict::Live(session) => {
            let Some(sealed) = session.seal(visit.site, &visit.gate.keyring, moment) else {
                return visit.refuse(Why::SigningFailed, moment);
            };
            let mut memory = visit.gate.memory.borrow_mut();
            memory.remember(&visit.site.id, &sealed, session.clone());
            // The same cookie may come again beside this answer; it need not be looked up again for it.
            if let Some(value) = visit.session_cookie() {
                memory.remember(&visit.site.id, value, session.clone());
            }
            drop(memory);
            let names = &visit.site.cookies;
            let cookie = names.set(&names.session, &sealed, None);
            enter(visit, session, purpose, Why::SessionChecked, Some(cookie), moment)
        }
        TicketVerdict::Gone(_) => {
            visit.gate.memory.borrow_mut().end(&old.object);
            let visit = Visit { dead_cookie: true, ..visit };
            match purpose {
                Purpose::Rule(at) => stranger(visit, at, moment),
                Purpose::Whoami => visit.refuse(Why::LoginRequired, moment),
            }
        }
        TicketVerdict::Unavailable => {
            let (revalidate, grace) = match purpose {
                Purpose::Rule(at) => {
                    visit.gate.policy.rules.get(at).map_or((0, 0), |rule| (rule.revalidate_secs, rule.grace_secs))
                }
                Purpose::Whoami => (visit.gate.policy.revalidate_secs, visit.gate.policy.grace_secs),
            };
            if old.has_grace(revalidate, grace, now) {
                enter(visit, old, purpose, Why::SessionGrace, None, moment)
            } else {
                visit.refuse(Why::StoreUnavailable, moment)
            }
        }
    }
}

/// Nobody is signed in.
pub(super) fn stranger<'a>(visit: Visit<'a>, at: usize, moment: &mut Moment) -> Step<'a> {
    let Some(rule) = visit.gate.policy.rules.get(at) else { return visit.refuse(Why::NoRule, moment) };
    match (&rule.access, visit.head.caller()) {
        (Access::Public | Access::Optional, caller) => {
            // Only a browser that shows by its headers what it is: a robot would be sent away from an open page.
            let browser = caller == Caller::Page && visit.head.header("sec-fetch-dest").is_some();
            if browser && visit.cas == CasHealth::Up && rule.access == Access::Optional && !was_asked(&visit) {
                return begin::start_gateway(visit, moment);
            }
            let mut forward = visit.way(rule).forward(None);
            forward.private = true;
            if visit.dead_cookie {
                forward.cookies.push(visit.site.cookies.clear(&visit.site.cookies.session));
            }
            forwarded(forward, Why::Anonymous)
        }
        (Access::Fresh { .. }, Caller::Page) => begin::start_fresh(visit, moment),
        (Access::Login, Caller::Page) => begin::start(visit, false, moment),
        (Access::Login | Access::Fresh { .. }, Caller::Submit) => visit.refuse(Why::NothingSent, moment),
        (Access::Login | Access::Fresh { .. }, Caller::Script) => visit.refuse(Why::LoginRequired, moment),
    }
}

fn was_asked(visit: &Visit<'_>) -> bool {
    cookie::pairs(visit.head.headers()).any(|(name, _)| name == visit.site.cookies.asked)
}

fn forwarded<'a>(forward: Forward, why: Why) -> Step<'a> {
    let events = forward.truncated.iter().map(|header| AuditEvent::Truncated { header: header.clone() }).collect();
    Step::Done(Reply::Forward(Box::new(forward), events), why)
}
