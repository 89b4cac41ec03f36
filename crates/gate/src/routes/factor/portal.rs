//! The portal's half of the handover: a site's request, and the answer to it.
//!
//! The answer goes through the site's own host, where a service worker of the app can read it. So the person decides, by a factor or
//! by a button that names the site, unless the rule is a plain one and the sign-in at the site came from the same network and browser.

use base::{Moment, UnixMs};
use cas::percent;

use super::pages;
use crate::{
    factor::{
        call::PersonCall,
        portal::{self, PortalAnswer, PortalRequest},
    },
    http::form::Form,
    keys::seal::Scope,
    login::begin,
    policy::demand::Given,
    request::{
        context::RequestContext,
        factor::{Act, FactorFlow, HANDOVER},
        reply::AuditEvent,
        step::{AskPerson, PersonThen, Step},
    },
    state::session::{Place, Session},
    why::Why,
};

/// Longest query with a request, in bytes.
const MAX_QUERY_BYTES: usize = 4096;
/// A session at the portal that was not used for so long asks for a factor again, in seconds.
const IDLE_SECS: u64 = 3600;

/// A site's request arrives: it is kept in a cookie, and the address becomes a short one.
pub(super) fn requested<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    let now = moment.now();
    let query = context.target.query.unwrap_or_default();
    let text = Form::parse(query.as_bytes(), MAX_QUERY_BYTES).and_then(|form| Some(form.last("r")?.into_owned()));
    let tenant = context.gate.policy.factor.as_ref().map_or("", |factor| factor.tenant.as_str());
    let began = |text: &str| PortalRequest::open(&context.gate.keyring, tenant, &context.site.public, text, now);
    let Some((text, request)) = text.and_then(|text| began(&text).map(|request| (text, request))) else {
        return context.refuse(Why::FlightExpired, moment);
    };
    let names = &context.site.cookies;
    let cookies = portal::remember(names, context.head.headers(), (&request.rid, &text), |value| {
        began(value).map(|request| request.at_secs)
    });
    let location = format!("{}{}{}", context.site.public, pages::internal(HANDOVER), request.rid);
    pages::redirect(&location, cookies, Why::FactorAsked)
}

/// The next step of a request that asks for a factor: `Err` with the flow where one must be given first.
pub(super) fn go_on<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    moment: &mut Moment,
) -> Result<Step<'a>, Box<(RequestContext<'a>, FactorFlow)>> {
    let now = moment.now();
    let Some(request) = flow.request.clone() else {
        return Ok(context.refuse(Why::FlightExpired, moment));
    };
    if !is_persons(&context, &flow.session, &request) {
        return Ok(other_person(context, flow, &request, moment));
    }
    let counts = |given: &Given| !given.remembered && reuses(&context, &flow, given, now);
    let given = best(&flow.session, &request, now).filter(counts);
    match given {
        Some(given) => {
            let deed = matches!(flow.act, Act::Continue);
            Ok(hand(context, flow, (request, given), deed, moment))
        }
        None => Err(Box::new((context, flow))),
    }
}

/// The factor of this session that the request wants, the latest one.
pub(super) fn best(session: &Session, request: &PortalRequest, now: UnixMs) -> Option<Given> {
    let meets = |given: &&Given| request.want.is_met(core::slice::from_ref(*given), now).is_ok();
    session.given.iter().filter(meets).max_by_key(|given| (!given.remembered, given.at_secs)).cloned()
}

/// Whether a factor still counts for another site.
fn reuses(context: &RequestContext<'_>, flow: &FactorFlow, given: &Given, now: UnixMs) -> bool {
    let reuse_secs = context.gate.policy.factor.as_ref().map_or(0, |factor| factor.reuse_secs);
    flow.idle_secs < IDLE_SECS && given.at_secs.is_some_and(|at| now.secs().saturating_sub(at) < reuse_secs)
}

/// Whether the portal's session is that of the request's person.
fn is_persons(context: &RequestContext<'_>, session: &Session, request: &PortalRequest) -> bool {
    context.visit(session, &[]).is_ok_and(|(person, _)| person == request.person)
}

/// The portal's session is another person's. A page names both, and its button signs in at the CAS server, which may bring the right
/// one. A link alone must not: the sign-in takes the place of the session.
fn other_person<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    request: &PortalRequest,
    moment: &mut Moment,
) -> Step<'a> {
    if matches!(flow.act, Act::Continue) {
        return begin::start_for(context, &flow.page, moment);
    }
    pages::other_person(context, flow, request).noting(AuditEvent::FactorRefused { code: "PORTAL_OTHER_PERSON" })
}

/// Whether the site may have an answer without anything done by the person.
fn is_silent(session: &Session, request: &PortalRequest) -> bool {
    let is_here =
        |(browser, network): &Place| *browser == request.browser && *network == request.network && !network.is_empty();
    request.want.is_plain() && session.place.as_deref().is_some_and(is_here)
}

/// Hands a factor over, after the person's object has noted to which session. `deed`: the person has just given it or pressed the
/// button.
pub(super) fn hand<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    (request, given): (PortalRequest, Given),
    deed: bool,
    moment: &mut Moment,
) -> Step<'a> {
    if !is_persons(&context, &flow.session, &request) {
        return other_person(context, flow, &request, moment);
    }
    if !deed && !is_silent(&flow.session, &request) {
        return pages::go_on(context, flow, &request);
    }
    let at_secs = given.at_secs.unwrap_or_default();
    match context.person_post(&flow.session, &[], |visit| PersonCall::Hand(visit, request.sid, at_secs, !deed)) {
        Ok(post) => {
            // The rule of another page at the site may want more than the one that was named.
            let flow = FactorFlow { act: Act::Hand(Given { silent: !deed, ..given }), ..flow };
            Step::Person(AskPerson { post, then: PersonThen::Factor(Box::new(flow)), context })
        }
        Err(why) => context.refuse(why, moment),
    }
}

/// The answer to the site.
pub(super) fn answer<'a>(context: RequestContext<'a>, flow: FactorFlow, given: Given, moment: &mut Moment) -> Step<'a> {
    let Some((request, site)) = flow.request.and_then(|request| context.site_of(&request).map(|site| (request, site)))
    else {
        return context.refuse(Why::FlightExpired, moment);
    };
    let answer = PortalAnswer {
        rid: request.rid,
        site: request.site,
        sid: request.sid,
        person: request.person,
        given,
        portal_sid: flow.session.sid,
        at_secs: moment.now().secs(),
    };
    let scope: Scope<'_> = site.scope();
    let Some(sealed) = answer.seal(&context.gate.keyring, scope, moment) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    let back = pages::internal("factor/back/");
    let location = format!("{}{back}{}?a={}", site.public, answer.rid, percent::encode(&sealed));
    pages::redirect(&location, flow.cookies, Why::FactorGiven)
}
