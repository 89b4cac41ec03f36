//! The decision in full, and its fast path.

use base::{Moment, UnixMs};

use super::{
    authorize::{authorize, unauthenticated},
    bearer,
    cached::cache_decision,
    destination,
    row::{Row, row},
};
use crate::{
    forward::{assertion::ASSERTION, request::Forward},
    http::answer,
    request::{
        context::{RequestContext, Resource},
        gate::Gate,
        refuse,
        reply::{Facts, Reply},
        step::{AskTicket, Step, TicketThen},
    },
    routes,
    state::{Instance, ticket::TicketCall},
    why::Why,
};

/// What became of a request that went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppFailure {
    /// No connection, or none until the head of an answer.
    Unreachable,
    /// An answer that is none: see [`passes_status`](crate::forward::response::passes_status).
    BadAnswer,
}

impl Gate {
    /// The whole decision for a request: done, or the first thing that must be asked.
    pub fn decide<'a>(&'a self, instance: &mut Instance, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        let context = match self.context(facts) {
            Ok(context) => context,
            Err(why) => return refuse::unread(why, self, facts.head, moment),
        };
        let is_portal = context.is_portal();
        by_row(context, instance, moment).isolated(is_portal)
    }

    /// The same decision for a request that is forwarded without any ask; `None` leaves it to [`Gate::decide`]. It draws
    /// no random bytes.
    pub fn decide_fast(&self, instance: &mut Instance, facts: Facts<'_>, now: UnixMs) -> Option<(Forward, Why)> {
        let context = self.context(facts).ok()?;
        if destination::is_present(&context) {
            return None;
        }
        match row(&context) {
            Row::Refuse(_) | Row::Closed(_) | Row::Internal(_) | Row::StripTicket | Row::Bearer(..) => None,
            // The cached plan of an open page would pass the bearer on.
            Row::Public(..) if context.gate_bearer().is_some() => None,
            Row::Public(at, rule) => {
                let mut forward = context.forward_builder(rule, None).forward(None);
                cache_decision(&context, (at, rule), None, &mut forward, &mut instance.cache);
                Some((forward, Why::Public))
            }
            Row::Session(at, rule) => {
                let (context, session) = context.with_session(instance, now);
                let session = session.filter(|session| {
                    !session.needs_revalidation(rule.revalidate_secs, now) && !instance.ended.makes_due(session)
                })?;
                context.allowed(rule, &session, now).ok()?;
                let need = context.factor_need(rule, &session, now);
                if !need.is_open() || need.needs_anchor() && instance.people.is_none() {
                    return None;
                }
                let jwt = instance
                    .cache
                    .assertion(&session.assertion_key(), &context.site.id, context.app(rule), now)?
                    .to_owned();
                let mut forward = context.forward_builder(rule, Some(&session)).forward(Some(&session));
                // The full decision logs a truncated header.
                if !forward.truncated.is_empty() {
                    return None;
                }
                cache_decision(&context, (at, rule), Some((&session, &jwt)), &mut forward, &mut instance.cache);
                forward.set.push((ASSERTION.into(), jwt));
                Some((forward, Why::LiveSession))
            }
        }
    }

    /// A request went on, and there is no answer of the app's to pass on.
    pub fn app_failed<'a>(&'a self, facts: Facts<'a>, failure: AppFailure, moment: &mut Moment) -> Step<'a> {
        let why = match failure {
            AppFailure::Unreachable => Why::AppUnavailable,
            AppFailure::BadAnswer => Why::AppBadAnswer,
        };
        match self.context(facts) {
            Ok(context) => context.refuse(why, moment),
            Err(why) => refuse::unread(why, self, facts.head, moment),
        }
    }
}

/// The decision by the row of the request.
fn by_row<'a>(context: RequestContext<'a>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    match row(&context) {
        Row::Refuse(why) => context.refuse(why, moment),
        Row::Closed(text) => context.refuse_closed(text, moment),
        Row::Internal(path) => routes::internal(context, path, instance, moment),
        Row::StripTicket => strip_ticket(&context),
        Row::Public(_, rule) => match destination::forward(&context, rule, None, moment.now()) {
            Ok(forward) => Step::Done(Reply::Forward(Box::new(forward), Vec::new()), Why::Public),
            Err(why) => context.refuse(why, moment),
        },
        Row::Bearer(at, rule) => bearer::authorize(context, (at, rule), &mut instance.cache, moment),
        Row::Session(at, rule) => {
            let (context, session) = context.with_session(instance, moment.now());
            let (secs, _) = destination::look_secs(&context, rule);
            match session {
                Some(session)
                    if session.needs_revalidation(secs, moment.now()) || instance.ended.makes_due(&session) =>
                {
                    Step::Ticket(AskTicket {
                        object: session.object.clone(),
                        call: TicketCall::touch(&session),
                        then: TicketThen::Authorize(Box::new(session), Resource::Rule(at)),
                        context,
                    })
                }
                Some(session) => {
                    let reason = (Resource::Rule(at), Why::LiveSession);
                    authorize(context, session, reason, None, instance, moment)
                }
                None => unauthenticated(context, at, moment),
            }
        }
    }
}

/// Redirects to the same page without the ticket: an app must never see it, and the page begins its own login.
fn strip_ticket<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let location = format!("{}{}", context.site.public, context.page());
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::TicketStripped)
}
