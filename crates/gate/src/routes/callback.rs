//! The call-back of a login: the browser returns from the CAS server with a ticket.

use base::Moment;
use cas::Ticket;

use super::slo;
use crate::{
    http::{answer, cookie, form::Form, head::Caller},
    login::{begin, finish},
    request::{
        context::RequestContext,
        refuse,
        reply::{AuditEvent, Reply},
        step::{Callback, Step},
    },
    state::{Instance, flight::Flights},
    why::Why,
};

/// Longest form in bytes. Single logouts arrive at the same path, so it is their limit.
const MAX_FORM_BYTES: usize = cas::MAX_LOGOUT_BYTES;

/// Handles a call-back by GET.
pub(super) fn returned<'a>(
    context: RequestContext<'a>,
    at: Callback,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let ticket = context.target.query.and_then(cas::query::last_ticket);
    let unreadable = ticket.is_none() && context.target.query.is_some_and(cas::query::has_ticket);
    callback(context, &at, ticket, unreadable, instance, moment)
}

/// Handles the body of a posted call-back: a form with a ticket, or a single logout.
pub(crate) fn posted<'a>(
    context: RequestContext<'a>,
    at: Callback,
    body: Option<Vec<u8>>,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(body) = body else { return context.refuse(Why::BadRequest, moment) };
    let form = Form::parse(&body, MAX_FORM_BYTES);
    let ticket = form.as_ref().and_then(|form| form.last("ticket")).and_then(|ticket| Ticket::parse_odd(&ticket));
    match ticket {
        None => slo::on_flight(context, &body, &at.id, moment),
        Some(ticket) => {
            let has_flight = cookie::pairs(context.head.headers())
                .any(|(name, _)| name == format!("{}{}", context.site.cookies.flight, at.id.as_str()));
            // A browser sends no Lax cookie with a POST from another site, but does when our own page repeats it.
            if !has_flight && !form.is_some_and(|form| form.has("again")) && !context.head.is_from(&context.site.public)
            {
                return refuse::repost(&context, &ticket);
            }
            callback(context, &at, Some(ticket), false, instance, moment)
        }
    }
}

fn callback<'a>(
    context: RequestContext<'a>,
    at: &Callback,
    ticket: Option<Ticket>,
    unreadable: bool,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let flights = Flights::read(context.site, &context.gate.keyring, context.head.headers(), now);
    let flight = flights.find(&at.id).filter(|flight| flight.is_retry == at.is_retry).cloned();
    match (flight, ticket) {
        (Some(flight), Some(ticket @ Ticket::Service(_))) => finish::redeem(context, flight, &ticket, moment),
        (Some(flight), None) if flight.gateway && !unreadable => {
            finish::finish_passive_login(&context, &flight, moment)
        }
        (Some(flight), ticket) => {
            let is_ticket = ticket.is_some() || unreadable;
            let why = if is_ticket { Why::TicketUnreadable } else { Why::FlightExpired };
            let step = if flight.gateway {
                finish::passive_failed(&context, &flight, why, moment)
            } else {
                context.refuse_login(why, "", &flight.page, moment)
            };
            if is_ticket { step.noting(AuditEvent::SignInFailed { code: why.code().into() }) } else { step }
        }
        (None, ticket) => {
            let (context, session) = context.with_session(instance, now);
            match (session, ticket) {
                (Some(_), _) => already(&context),
                (None, Some(_)) if at.is_retry => context.refuse(Why::CookiesOff, moment),
                (None, Some(_)) if context.head.caller() == Caller::Page => begin::start_retry(context, moment),
                (None, Some(_)) => context.refuse(Why::LoginRequired, moment),
                (None, None) => context.refuse(Why::FlightExpired, moment),
            }
        }
    }
}

fn already<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let location = format!("{}/", context.site.public);
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::AlreadySignedIn)
}
