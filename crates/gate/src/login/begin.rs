//! To the CAS server: each login is a flight of its own.

use base::Moment;
use cas::{Login, Prompt, ServiceUrl};

use crate::{
    http::{answer, head::Caller},
    request::{context::Visit, reply::Reply, step::Step},
    state::{
        breaker::CasHealth,
        flight::{Flight, Flights},
    },
    why::Why,
};

/// Asks the CAS server whether somebody is signed in already (`gateway=true`).
pub(crate) fn start_gateway<'a>(visit: Visit<'a>, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { gateway: true, ..flight(&visit, &visit.page(), moment) };
    fly(visit, &flight, Why::GatewayStarted, moment)
}

/// Sends the page to sign in with the password, whoever is signed in there already (`renew=true`).
pub(crate) fn start_fresh<'a>(visit: Visit<'a>, moment: &mut Moment) -> Step<'a> {
    match visit.head.caller() {
        Caller::Page => {
            let flight = Flight { renew: true, ..flight(&visit, &visit.page(), moment) };
            fly(visit, &flight, Why::FreshLoginStarted, moment)
        }
        Caller::Submit => visit.refuse(Why::NothingSent, moment),
        Caller::Script => visit.refuse(Why::FreshLoginRequired, moment),
    }
}

/// Sends the page to sign in.
pub(crate) fn start<'a>(visit: Visit<'a>, again: bool, moment: &mut Moment) -> Step<'a> {
    let page = if again { "/".to_owned() } else { visit.page() };
    let flight = Flight { again, ..flight(&visit, &page, moment) };
    fly(visit, &flight, if again { Why::NotOurFlight } else { Why::LoginStarted }, moment)
}

/// A new flight to this page.
pub(super) fn flight(visit: &Visit<'_>, page: &str, moment: &mut Moment) -> Flight {
    Flight::new(page, &visit.gate.id_key, visit.site, moment)
}

/// Begins this flight.
pub(super) fn fly<'a>(visit: Visit<'a>, flight: &Flight, why: Why, moment: &mut Moment) -> Step<'a> {
    if visit.cas == CasHealth::Resting {
        return visit.refuse(Why::CasUnavailable, moment);
    }
    let prompt = match (flight.renew, flight.gateway) {
        (true, _) => Prompt::Renew,
        (false, true) => Prompt::Gateway,
        (false, false) => Prompt::Usual,
    };
    let Ok(service) = ServiceUrl::parse(&flight.service(visit.site)) else {
        return visit.refuse(Why::BadRequest, moment);
    };
    let login = Login { prompt, params: Some(&visit.gate.policy.login_params) };
    let location = visit.site.server.login_url(&service, login);
    let flights = Flights::read(visit.site, &visit.gate.keyring, visit.head.headers(), moment.now());
    let Some(mut cookies) = flights.begin(flight, &visit.gate.keyring, moment) else {
        return visit.refuse(Why::SigningFailed, moment);
    };
    if visit.dead_cookie {
        cookies.push(visit.site.cookies.clear(&visit.site.cookies.session));
    }
    let answer = answer::redirect(302, &location, cookies);
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}
