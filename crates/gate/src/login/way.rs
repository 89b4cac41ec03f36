//! The way to the CAS server: a new flight, its address and its cookies.

use base::Moment;
use cas::{Login, Prompt, ServiceUrl};

use crate::{
    page::Language,
    policy::cas_factors::CasAsked,
    request::context::RequestContext,
    state::{
        breaker::Circuit,
        flight::{Flight, Flights},
    },
    why::Why,
};

/// A new flight for this page.
pub(super) fn flight(context: &RequestContext<'_>, page: &str, moment: &mut Moment) -> Flight {
    Flight::new(page, &context.gate.id_key, context.site, moment)
}

/// The address of the CAS server's login page for this flight, and the cookies that remember it.
///
/// # Errors
/// The circuit is open, or the flight cannot be sealed.
pub(super) fn way(
    context: &RequestContext<'_>,
    flight: &Flight,
    moment: &mut Moment,
) -> Result<(String, Vec<String>), Why> {
    if context.cas == Circuit::Open {
        return Err(Why::CasUnavailable);
    }
    let prompt = match (flight.renew, flight.gateway) {
        (true, _) => Prompt::Renew,
        (false, true) => Prompt::Gateway,
        (false, false) => Prompt::Usual,
    };
    let service = ServiceUrl::parse(&flight.service(context.site)).map_err(|_| Why::BadRequest)?;
    let language = Language::accepted(context.head.header("accept-language")).tag();
    let policy = &context.gate.policy;
    let asking = policy.cas_factors.login.as_ref().filter(|_| flight.asked != CasAsked::Nothing);
    let params = asking.unwrap_or_else(|| policy.login_ask(flight.rule)).params(language);
    let login = Login { prompt, params: Some(&params) };
    let location = context.site.server.login_url(&service, login);
    let flights = Flights::read(context.site, &context.gate.keyring, context.head.headers(), moment.now());
    let mut cookies = flights.begin(flight, &context.gate.keyring, moment).ok_or(Why::SigningFailed)?;
    if context.clear_cookie {
        cookies.push(context.site.cookies.clear(&context.site.cookies.session));
    }
    Ok((location, cookies))
}
