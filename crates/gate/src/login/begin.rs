//! The begin of a login: a redirect to the CAS server with a new flight.

use base::Moment;

use super::{
    kept_form,
    way::{flight, way},
};
use crate::{
    http::{answer, head::Caller},
    page::{Button, Script},
    policy::{Rule, cas_factors::CasAsked},
    request::{context::RequestContext, refuse, reply::Reply, step::Step},
    state::flight::{Flight, Kept, kept_name},
    why::Why,
};

/// Begins a passive login (`gateway=true`).
pub(crate) fn start_gateway<'a>(context: RequestContext<'a>, rule: &Rule, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { gateway: true, ..flight(&context, &context.page(), moment) };
    let flight = at_rule(&context, flight, rule, moment);
    begin_login(context, &flight, Why::GatewayStarted, moment)
}

/// Begins a login that asks for the password (`renew=true`); a caller that is no page load is refused.
pub(crate) fn start_fresh<'a>(context: RequestContext<'a>, rule: &Rule, moment: &mut Moment) -> Step<'a> {
    match context.head.caller() {
        Caller::Page => {
            let flight = Flight { renew: true, ..flight(&context, &context.page(), moment) };
            let flight = at_rule(&context, flight, rule, moment);
            begin_login(context, &flight, Why::FreshLoginStarted, moment)
        }
        Caller::Submit => kept_form::submitted(context, rule, moment),
        Caller::Script => context.refuse(Why::FreshLoginRequired, moment),
    }
}

/// Begins a login that asks for the password, for one of the gate's own pages.
pub(crate) fn start_fresh_own<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { renew: true, ..flight(&context, &context.page(), moment) };
    begin_login(context, &flight, Why::FreshLoginStarted, moment)
}

/// Begins a login that asks for the password and for the CAS server's second factor (`authn_method`), for one of the gate's own
/// pages.
pub(crate) fn start_factor<'a>(context: RequestContext<'a>, asked: CasAsked, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { renew: true, asked, ..flight(&context, &context.page(), moment) };
    begin_login(context, &flight, Why::FreshLoginStarted, moment)
}

/// Begins a login for this page; without a rule, for one of the gate's own.
pub(crate) fn start<'a>(context: RequestContext<'a>, rule: Option<&Rule>, moment: &mut Moment) -> Step<'a> {
    let flight = flight(&context, &context.page(), moment);
    let flight = match rule {
        Some(rule) => at_rule(&context, flight, rule, moment),
        None => flight,
    };
    begin_login(context, &flight, Why::LoginStarted, moment)
}

/// Begins a login for another page of this site than the requested one.
pub(crate) fn start_for<'a>(context: RequestContext<'a>, page: &str, moment: &mut Moment) -> Step<'a> {
    let flight = flight(&context, page, moment);
    begin_login(context, &flight, Why::LoginStarted, moment)
}

/// Begins a login after a call-back without its flight. It leads to the first page, because the real one is unknown.
pub(crate) fn start_retry<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    let flight = Flight { is_retry: true, ..flight(&context, "/", moment) };
    begin_login(context, &flight, Why::NotOurFlight, moment)
}

/// For an app that keeps its place in the fragment, which no server sees, the browser keeps the address itself.
fn at_rule(context: &RequestContext<'_>, flight: Flight, rule: &Rule, moment: &mut Moment) -> Flight {
    let kept = rule.spa.then(|| Kept::Address(kept_name(moment)));
    Flight { kept, rule: context.gate.policy.place_of(rule), ..flight }
}

/// Goes to the CAS server with this flight: by a redirect, or by a page that first keeps its own address.
pub(super) fn begin_login<'a>(context: RequestContext<'a>, flight: &Flight, why: Why, moment: &mut Moment) -> Step<'a> {
    let (location, cookies) = match way(&context, flight, moment) {
        Ok(way) => way,
        Err(why) => return context.refuse(why, moment),
    };
    match &flight.kept {
        // A login that begins again has its address in the tab already.
        Some(Kept::Address(name)) if flight.tries == 0 => {
            let link = Button::Keep { to: location, name: name.clone(), value: String::new() };
            refuse::step_page(&context, Why::LoginFromPage, "", (link, Some(Script::KeepAddress)), cookies)
        }
        _ => Step::Done(Reply::Answer(answer::redirect(302, &location, cookies), Vec::new()), why),
    }
}
