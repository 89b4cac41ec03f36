//! The CAS call-back: the browser comes back with a ticket, or the CAS server posts.

use base::Moment;
use cas::{Ticket, percent};

use super::slo;
use crate::{
    http::{answer, cookie, head::Caller},
    login::{begin, finish},
    request::{
        context::Visit,
        refuse,
        reply::Reply,
        step::{Callback, Step},
    },
    state::flight::Flights,
    why::Why,
};

/// The browser comes back from the CAS server by a link.
pub(super) fn returned<'a>(visit: Visit<'a>, at: Callback, moment: &mut Moment) -> Step<'a> {
    let ticket = visit.target.query.and_then(cas::query::last_ticket);
    callback(visit, &at, ticket, moment)
}

/// A body came: the ticket in a form, or a single logout.
pub(crate) fn posted<'a>(visit: Visit<'a>, at: Callback, body: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
    let Some(body) = body else { return visit.refuse(Why::BadRequest, moment) };
    let text = core::str::from_utf8(&body).unwrap_or_default();
    let field = |name: &str| text.split('&').filter_map(|pair| pair.split_once('=')).rfind(|(known, _)| *known == name);
    let ticket = field("ticket").and_then(|(_, value)| percent::decode_form(value)).and_then(|t| Ticket::parse(&t));
    match ticket {
        None => slo::on_flight(visit, &body, &at.id, moment),
        Some(ticket) => {
            let has_flight = cookie::pairs(visit.head.headers())
                .any(|(name, _)| name == format!("{}{}", visit.site.cookies.flight, at.id.as_str()));
            // A Lax cookie does not come with a POST from another site: it comes when our own page posts again.
            if !has_flight && field("again").is_none() && !visit.head.is_from(&visit.site.public) {
                return refuse::post_again(&visit, &ticket);
            }
            callback(visit, &at, Some(ticket), moment)
        }
    }
}

fn callback<'a>(visit: Visit<'a>, at: &Callback, ticket: Option<Ticket>, moment: &mut Moment) -> Step<'a> {
    let now = moment.now();
    let flights = Flights::read(visit.site, &visit.gate.keyring, visit.head.headers(), now);
    let flight = flights.find(&at.id).filter(|flight| flight.again == at.again).cloned();
    match (flight, ticket) {
        (Some(flight), Some(ticket @ Ticket::Service(_))) => finish::redeem(visit, flight, &ticket, moment),
        (Some(flight), None) if flight.gateway => finish::land_anonymous(&visit, &flight),
        (Some(_), _) => visit.refuse(Why::FlightExpired, moment),
        (None, ticket) => visit.with_session(now, |visit, session| match (session, ticket) {
            (Some(_), _) => already(&visit),
            (None, Some(_)) if at.again => visit.refuse(Why::CookiesOff, moment),
            (None, Some(_)) if visit.head.caller() == Caller::Page => begin::start(visit, true, moment),
            (None, Some(_)) => visit.refuse(Why::LoginRequired, moment),
            (None, None) => visit.refuse(Why::FlightExpired, moment),
        }),
    }
}

fn already<'a>(visit: &Visit<'a>) -> Step<'a> {
    let location = format!("{}/", visit.site.public);
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::AlreadySignedIn)
}
