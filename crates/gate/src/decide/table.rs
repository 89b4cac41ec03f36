//! The decision in full, and its fast path.

use base::{Moment, UnixMs};

use super::{
    authorize::{authorize, unauthenticated},
    cached::cache_decision,
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

impl Gate {
    /// The whole decision for a request: done, or the first thing that must be asked.
    pub fn decide<'a>(&'a self, instance: &mut Instance, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        let context = match self.context(facts) {
            Ok(context) => context,
            Err(why) => return refuse::unread(why, self, moment),
        };
        match row(&context) {
            Row::Refuse(why) => context.refuse(why, moment),
            Row::Internal(path) => routes::internal(context, path, instance, moment),
            Row::StripTicket => strip_ticket(&context),
            Row::Public(_, rule) => {
                let forward = context.forward_builder(rule).forward(None);
                Step::Done(Reply::Forward(Box::new(forward), Vec::new()), Why::Public)
            }
            Row::Session(at, rule) => {
                let (context, session) = context.with_session(instance, moment.now());
                match session {
                    Some(session) if session.needs_revalidation(rule.revalidate_secs, moment.now()) => {
                        Step::Ticket(AskTicket {
                            object: session.object.clone(),
                            call: TicketCall::Touch,
                            then: TicketThen::Authorize(Box::new(session), Resource::Rule(at)),
                            context,
                        })
                    }
                    Some(session) => {
                        let reason = (Resource::Rule(at), Why::LiveSession);
                        authorize(context, session, reason, None, &mut instance.cache, moment)
                    }
                    None => unauthenticated(context, at, moment),
                }
            }
        }
    }

    /// The same decision for a request that is forwarded without any ask; `None` leaves it to [`Gate::decide`]. It draws
    /// no random bytes.
    pub fn decide_fast(&self, instance: &mut Instance, facts: Facts<'_>, now: UnixMs) -> Option<(Forward, Why)> {
        let context = self.context(facts).ok()?;
        match row(&context) {
            Row::Refuse(_) | Row::Internal(_) | Row::StripTicket => None,
            Row::Public(at, rule) => {
                let mut forward = context.forward_builder(rule).forward(None);
                cache_decision(&context, (at, rule), None, &mut forward, &mut instance.cache);
                Some((forward, Why::Public))
            }
            Row::Session(at, rule) => {
                let (context, session) = context.with_session(instance, now);
                let session = session.filter(|session| !session.needs_revalidation(rule.revalidate_secs, now))?;
                context.allowed(rule, &session, now).ok()?;
                let jwt = instance.cache.assertion(&session.sid, &context.site.id, now)?.to_owned();
                let mut forward = context.forward_builder(rule).forward(Some(&session));
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

    /// The reply for a request whose app could not be reached.
    pub fn app_unavailable<'a>(&'a self, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        match self.context(facts) {
            Ok(context) => context.refuse(Why::AppUnavailable, moment),
            Err(why) => refuse::unread(why, self, moment),
        }
    }
}

/// Redirects to the same page without the ticket: an app must never see it, and the page begins its own login.
fn strip_ticket<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let location = format!("{}{}", context.site.public, context.page());
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::TicketStripped)
}
