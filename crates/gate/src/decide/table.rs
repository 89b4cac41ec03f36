//! The decision table, top to bottom: one row, one [`Why`].

use base::{Moment, UnixMs};

use super::{
    authorize::{authorize, unauthenticated},
    cached::cache_decision,
};
use crate::{
    forward::{assertion::ASSERTION, request::Forward},
    http::{
        answer,
        head::{Caller, is_forbidden_method},
    },
    policy::{Access, RuleMatch, rule_for},
    request::{
        context::{RequestContext, Resource},
        gate::Gate,
        refuse,
        reply::{Facts, Reply},
        step::{AskTicket, Step, TicketThen},
    },
    routes,
    state::{session::Session, ticket::TicketCall},
    why::Why,
};

/// What the table says before anything is asked.
enum Row<'a> {
    Open(RequestContext<'a>, usize),
    Authorize(RequestContext<'a>, Session, Resource),
    Check(RequestContext<'a>, Session, Resource),
    Unauthenticated(RequestContext<'a>, usize),
    Strip(RequestContext<'a>),
    Internal(RequestContext<'a>, &'a str),
    Refuse(RequestContext<'a>, Why),
    Unread(Why),
}

impl Gate {
    /// The whole decision for a request: done, or the first thing that must be asked.
    pub fn decide<'a>(&'a self, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        match self.row(facts, moment.now()) {
            Row::Open(context, at) => match context.forward_public(at) {
                Some(forward) => Step::Done(Reply::Forward(Box::new(forward), Vec::new()), Why::Public),
                None => context.refuse(Why::NoRule, moment),
            },
            Row::Authorize(context, session, resource) => {
                authorize(context, session, resource, Why::LiveSession, None, moment)
            }
            Row::Check(context, session, resource) => Step::Ticket(AskTicket {
                object: session.object.clone(),
                call: TicketCall::Touch,
                then: TicketThen::Authorize(Box::new(session), resource),
                context,
            }),
            Row::Unauthenticated(context, rule) => unauthenticated(context, rule, moment),
            Row::Strip(context) => strip_ticket(&context),
            Row::Internal(context, path) => routes::internal(context, path, moment),
            Row::Refuse(context, why) => context.refuse(why, moment),
            Row::Unread(why) => refuse::unread(why, &self.style, moment),
        }
    }

    /// The same decision where it asks nothing and only sends the request on; `None` leaves it to [`Gate::decide`].
    /// It draws no bytes, and is what the hot path runs.
    pub fn decide_fast(&self, facts: Facts<'_>, now: UnixMs) -> Option<(Forward, Why)> {
        match self.row(facts, now) {
            Row::Open(context, at) => {
                let mut forward = context.forward_public(at)?;
                cache_decision(&context, at, None, &mut forward);
                Some((forward, Why::Public))
            }
            Row::Authorize(context, session, Resource::Rule(at)) => {
                let rule = self.policy.rules.get(at)?;
                context.allowed(rule, &session, now).ok()?;
                let jwt = self.cache.borrow().assertion(&session.sid, &context.site.id, now)?.to_owned();
                let mut forward = context.forward_builder(rule).forward(Some(&session));
                if !forward.truncated.is_empty() {
                    return None;
                }
                cache_decision(&context, at, Some((&session, &jwt)), &mut forward);
                forward.set.push((ASSERTION.into(), jwt));
                Some((forward, Why::LiveSession))
            }
            _ => None,
        }
    }

    /// A request went on, and the app could not be reached.
    pub fn app_unavailable<'a>(&'a self, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        match self.context(facts) {
            Ok(context) => context.refuse(Why::AppUnavailable, moment),
            Err(why) => refuse::unread(why, &self.style, moment),
        }
    }

    fn row<'a>(&'a self, facts: Facts<'a>, now: UnixMs) -> Row<'a> {
        let context = match self.context(facts) {
            Ok(context) => context,
            Err(why) => return Row::Unread(why),
        };
        let site = context.site;
        // An app that echoes a request (Apache does by default) would show what we add to it: the secret of the origin.
        if is_forbidden_method(context.head.method) {
            return Row::Refuse(context, Why::BadMethod);
        }
        if context.target.may_be_internal() {
            return match context.target.internal_path() {
                Some(path) => Row::Internal(context, path),
                None => Row::Refuse(context, Why::AmbiguousPath),
            };
        }
        let (at, rule) = match rule_for(&self.policy.rules, site.host(), context.head.method, &context.target) {
            RuleMatch::Rule(at, rule) => (at, rule),
            RuleMatch::None => return Row::Refuse(context, Why::NoRule),
            RuleMatch::Ambiguous => return Row::Refuse(context, Why::AmbiguousPath),
        };
        if context.head.caller() == Caller::Page && context.ticket_in_query() {
            return Row::Strip(context);
        }
        if rule.access == Access::Public {
            return Row::Open(context, at);
        }
        context.with_session(now, |context, session| match session {
            Some(session) if session.needs_revalidation(rule.revalidate_secs, now) => {
                Row::Check(context, session, Resource::Rule(at))
            }
            Some(session) => Row::Authorize(context, session, Resource::Rule(at)),
            None => Row::Unauthenticated(context, at),
        })
    }
}

/// A ticket on an app's page: away with it. What follows is the page itself, or its own login.
fn strip_ticket<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let location = format!("{}{}", context.site.public, context.page());
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::TicketStripped)
}
