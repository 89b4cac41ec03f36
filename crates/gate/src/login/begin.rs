//! The begin of a login: a redirect to the CAS server with a new flight.

use base::Moment;
use cas::{Login, Prompt, ServiceUrl};

use crate::{
    http::{answer, head::Caller},
    request::{context::RequestContext, reply::Reply, step::Step},
    state::{
        breaker::Circuit,
        flight::{Flight, Flights},
    },
    why::Why,
};

/// Begins a passive login (`gateway=true`).
pub(crate) fn start_gateway<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { gateway: true, ..flight(&context, &context.page(), moment) };
    begin_login(context, &flight, Why::GatewayStarted, moment)
}

/// Begins a login that asks for the password (`renew=true`); a caller that is no page load is refused.
pub(crate) fn start_fresh<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    match context.head.caller() {
        Caller::Page => {
            let flight = Flight { renew: true, ..flight(&context, &context.page(), moment) };
            begin_login(context, &flight, Why::FreshLoginStarted, moment)
        }
        Caller::Submit => context.refuse(Why::NothingSent, moment),
        Caller::Script => context.refuse(Why::FreshLoginRequired, moment),
    }
}

/// Begins a login for this page. A retry leads to the first page, because the flight of the real one is unknown.
pub(crate) fn start<'a>(context: RequestContext<'a>, is_retry: bool, moment: &mut Moment) -> Step<'a> {
    let page = if is_retry { "/".to_owned() } else { context.page() };
    let flight = Flight { is_retry, ..flight(&context, &page, moment) };
    begin_login(context, &flight, if is_retry { Why::NotOurFlight } else { Why::LoginStarted }, moment)
}

/// A new flight for this page.
pub(super) fn flight(context: &RequestContext<'_>, page: &str, moment: &mut Moment) -> Flight {
    Flight::new(page, &context.gate.id_key, context.site, moment)
}

/// Redirects to the CAS server with this flight.
pub(super) fn begin_login<'a>(context: RequestContext<'a>, flight: &Flight, why: Why, moment: &mut Moment) -> Step<'a> {
    if context.cas == Circuit::Open {
        return context.refuse(Why::CasUnavailable, moment);
    }
    let prompt = match (flight.renew, flight.gateway) {
        (true, _) => Prompt::Renew,
        (false, true) => Prompt::Gateway,
        (false, false) => Prompt::Usual,
    };
    let Ok(service) = ServiceUrl::parse(&flight.service(context.site)) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let login = Login { prompt, params: Some(&context.gate.policy.login_params) };
    let location = context.site.server.login_url(&service, login);
    let flights = Flights::read(context.site, &context.gate.keyring, context.head.headers(), moment.now());
    let Some(mut cookies) = flights.begin(flight, &context.gate.keyring, moment) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    if context.clear_cookie {
        cookies.push(context.site.cookies.clear(&context.site.cookies.session));
    }
    let answer = answer::redirect(302, &location, cookies);
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}
