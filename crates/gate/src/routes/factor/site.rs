//! A site's half of the handover: the request to the portal, and its answer.

use base::Moment;
use cas::percent;

use super::pages;
use crate::{
    factor::portal::{self, Here, NotTaken, PortalAnswer, PortalCookie, PortalRequest},
    http::form::Form,
    login::begin,
    request::{
        context::RequestContext,
        factor::{Act, FactorFlow},
        reply::AuditEvent,
        step::{AskTicket, Step, TicketThen},
    },
    state::{Instance, ticket::TicketCall},
    why::Why,
};

/// Longest query with an answer, in bytes.
const MAX_QUERY_BYTES: usize = 4096;
/// Letters of a user name that the portal's page shows.
const SHOWN_LETTERS: usize = 64;

/// Asks the portal for the factor that the page's rule demands.
pub(super) fn request<'a>(context: RequestContext<'a>, flow: FactorFlow, moment: &mut Moment) -> Step<'a> {
    let now = moment.now();
    let (gate, site, session) = (context.gate, context.site, &flow.session);
    let (Some(portal), Some(factor)) = (&gate.portal, &gate.policy.factor) else {
        return context.refuse(Why::NotFound, moment);
    };
    let (person, _) = match context.visit(session, &[]) {
        Ok(visit) => visit,
        Err(why) => return context.refuse(why, moment),
    };
    // A session from before the portal has none, and is never answered without a click.
    let (browser, network) = session.place.as_deref().cloned().unwrap_or_default();
    let request = PortalRequest {
        rid: PortalRequest::rid(moment),
        site: site.id.clone(),
        sid: session.sid.clone(),
        person,
        shown: session.user.chars().take(SHOWN_LETTERS).collect(),
        cas: factor.cas.clone(),
        born_secs: session.born().secs(),
        browser,
        network,
        want: context.asked_for(&flow.page, session, now).0.demand,
        at_secs: now.secs(),
    };
    let sealed = request.seal(&gate.keyring, &factor.tenant, &portal.public, moment);
    let cookie = request.cookie(&flow.page).seal(&gate.keyring, site.scope(), moment);
    let (Some(sealed), Some(cookie)) = (sealed, cookie) else { return context.refuse(Why::SigningFailed, moment) };
    let mut cookies = flow.cookies;
    cookies.extend(portal::remember(&site.cookies, context.head.headers(), (&request.rid, &cookie), |value| {
        PortalCookie::open(&gate.keyring, site.scope(), value, now).map(|cookie| cookie.at_secs)
    }));
    let location = format!("{}{}?r={}", portal.public, pages::internal("factor/ask"), percent::encode(&sealed));
    pages::redirect(&location, cookies, Why::FactorAsked)
}

/// What this browser's cookie has of the request that the address names.
fn remembered(context: &RequestContext<'_>, rid: &str, moment: &Moment) -> Option<PortalCookie> {
    let sealed = portal::remembered(&context.site.cookies, context.head.headers(), rid)?;
    PortalCookie::open(&context.gate.keyring, context.site.scope(), sealed, moment.now())
}

/// The browser returns from the portal.
pub(super) fn returned<'a>(context: RequestContext<'a>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    let rid = context.target.raw.rsplit_once('/').map_or("", |(_, rid)| rid).to_owned();
    let query = context.target.query.unwrap_or_default();
    let answer = Form::parse(query.as_bytes(), MAX_QUERY_BYTES).and_then(|form| Some(form.last("a")?.into_owned()));
    let Some(answer) = answer else { return context.refuse(Why::BadRequest, moment) };
    // Another browser than the one that asked: nothing is compared, and nothing is raised.
    let Some(cookie) = remembered(&context, &rid, moment) else {
        return refused(context, NotTaken::OtherRequest, moment);
    };
    let (context, session) = context.with_session(instance, moment.now());
    match session {
        Some(session) => {
            let flow = super::flow(&context, Act::Back(rid, answer), cookie.page, session, moment);
            super::revalidate(flow, context)
        }
        // It ended meanwhile, and its answer with it. The sign-in leads to the page that was asked for.
        None => begin::start_for(context, &cookie.page, moment),
    }
}

/// Checks the portal's answer, and raises the session by it.
pub(super) fn answered<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    (rid, text): (&str, &str),
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let (asked, _) = context.asked_for(&flow.page, &flow.session, now);
    let person = match context.visit(&flow.session, &[]) {
        Ok((person, _)) => person,
        Err(why) => return context.refuse(why, moment),
    };
    let here = Here { site: &context.site.id, sid: &flow.session.sid, person: &person, demand: &asked.demand };
    let cookie = remembered(&context, rid, moment);
    let judged = PortalAnswer::open(&context.gate.keyring, context.site.scope(), text)
        .and_then(|answer| answer.judge(cookie.as_ref(), here, moment));
    match judged {
        Ok(raise) => Step::Ticket(AskTicket {
            object: flow.session.object.clone(),
            call: TicketCall::Raise(Box::new(raise)),
            then: TicketThen::Raised(Box::new(flow)),
            context,
        }),
        // One button begins again, and the page that was asked for is not lost.
        Err(NotTaken::Over) => pages::took_too_long(context, flow),
        // No second handover: the portal knew the demand, so it would end here again.
        Err(why @ NotTaken::NotEnough) => {
            pages::not_enough(context, flow, &asked.demand).noting(AuditEvent::FactorRefused { code: why.code() })
        }
        Err(why) => refused(context, why, moment),
    }
}

fn refused<'a>(context: RequestContext<'a>, why: NotTaken, moment: &mut Moment) -> Step<'a> {
    context.refuse(Why::FactorNotRaised, moment).noting(AuditEvent::FactorRefused { code: why.code() })
}
