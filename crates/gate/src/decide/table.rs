//! The decision table, top to bottom: one row, one [`Why`].

use base::{Moment, UnixMs};

use super::{
    authorize::{enter, stranger},
    cached::keep_pass,
};
use crate::{
    forward::{assertion::ASSERTION, request::Forward},
    http::{
        answer,
        head::{Caller, is_echo},
    },
    policy::{Access, Met, rule_for},
    request::{
        context::{Purpose, Visit},
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
enum Look<'a> {
    Open(Visit<'a>, usize),
    Enter(Visit<'a>, Session, Purpose),
    Check(Visit<'a>, Session, Purpose),
    Stranger(Visit<'a>, usize),
    Strip(Visit<'a>),
    Own(Visit<'a>, &'a str),
    Refuse(Visit<'a>, Why),
    Unread(Why),
}

impl Gate {
    /// The whole decision for a request: done, or the first thing that must be asked.
    pub fn decide<'a>(&'a self, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        match self.look(facts, moment.now()) {
            Look::Open(visit, at) => match visit.open_to_all(at) {
                Some(forward) => Step::Done(Reply::Forward(Box::new(forward), Vec::new()), Why::Public),
                None => visit.refuse(Why::NoRule, moment),
            },
            Look::Enter(visit, session, purpose) => enter(visit, session, purpose, Why::LiveSession, None, moment),
            Look::Check(visit, session, purpose) => Step::Ticket(AskTicket {
                object: session.object.clone(),
                call: TicketCall::Touch,
                then: TicketThen::Enter(Box::new(session), purpose),
                visit,
            }),
            Look::Stranger(visit, rule) => stranger(visit, rule, moment),
            Look::Strip(visit) => strip_ticket(&visit),
            Look::Own(visit, path) => routes::own(visit, path, moment),
            Look::Refuse(visit, why) => visit.refuse(why, moment),
            Look::Unread(why) => refuse::unread(why, &self.style, moment),
        }
    }

    /// The same decision where it asks nothing and only sends the request on; `None` leaves it to [`Gate::decide`].
    /// It draws no bytes, and is what the hot path runs.
    pub fn glance(&self, facts: Facts<'_>, now: UnixMs) -> Option<(Forward, Why)> {
        match self.look(facts, now) {
            Look::Open(visit, at) => {
                let mut forward = visit.open_to_all(at)?;
                keep_pass(&visit, at, None, &mut forward);
                Some((forward, Why::Public))
            }
            Look::Enter(visit, session, Purpose::Rule(at)) => {
                let rule = self.policy.rules.get(at)?;
                visit.allowed(rule, &session, now).ok()?;
                let jwt = self.memory.borrow().assertion(&session.sid, &visit.site.id, now)?.to_owned();
                let mut forward = visit.way(rule).forward(Some(&session));
                if !forward.truncated.is_empty() {
                    return None;
                }
                keep_pass(&visit, at, Some((&session, &jwt)), &mut forward);
                forward.set.push((ASSERTION.into(), jwt));
                Some((forward, Why::LiveSession))
            }
            _ => None,
        }
    }

    /// A request went on, and the app could not be reached.
    pub fn app_unavailable<'a>(&'a self, facts: Facts<'a>, moment: &mut Moment) -> Step<'a> {
        match self.visit(facts) {
            Ok(visit) => visit.refuse(Why::AppUnavailable, moment),
            Err(why) => refuse::unread(why, &self.style, moment),
        }
    }

    fn look<'a>(&'a self, facts: Facts<'a>, now: UnixMs) -> Look<'a> {
        let visit = match self.visit(facts) {
            Ok(visit) => visit,
            Err(why) => return Look::Unread(why),
        };
        let site = visit.site;
        // An app that echoes a request (Apache does by default) would show what we add to it: the secret of the origin.
        if is_echo(visit.head.method) {
            return Look::Refuse(visit, Why::BadMethod);
        }
        if visit.target.touches_own() {
            return match visit.target.own() {
                Some(path) => Look::Own(visit, path),
                None => Look::Refuse(visit, Why::AmbiguousPath),
            };
        }
        let (at, rule) = match rule_for(&self.policy.rules, site.host(), visit.head.method, &visit.target) {
            Met::Rule(at, rule) => (at, rule),
            Met::None => return Look::Refuse(visit, Why::NoRule),
            Met::Ambiguous => return Look::Refuse(visit, Why::AmbiguousPath),
        };
        if visit.head.caller() == Caller::Page && visit.ticket_in_query() {
            return Look::Strip(visit);
        }
        if rule.access == Access::Public {
            return Look::Open(visit, at);
        }
        visit.with_session(now, |visit, session| match session {
            Some(session) if session.must_be_checked(rule.revalidate_secs, now) => {
                Look::Check(visit, session, Purpose::Rule(at))
            }
            Some(session) => Look::Enter(visit, session, Purpose::Rule(at)),
            None => Look::Stranger(visit, at),
        })
    }
}

/// A ticket on an app's page: away with it. What follows is the page itself, or its own login.
fn strip_ticket<'a>(visit: &Visit<'a>) -> Step<'a> {
    let location = format!("{}{}", visit.site.public, visit.page());
    Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::TicketStripped)
}
