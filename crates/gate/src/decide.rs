//! The decision table, top to bottom: one row, one [`Why`].

use std::net::IpAddr;

use base::{Moment, UnixMs};

use crate::{
    breaker::CasHealth,
    cookie,
    forward::{Forward, Way},
    gate::{Gate, Site},
    head::{Caller, Head},
    path::Target,
    policy::{Access, Met, Rule, rule_for},
    session::Session,
    step::{AskTicket, Facts, Reply, Step},
    ticket::TicketCall,
    why::Why,
};

/// One request on its way through the table.
pub(crate) struct Visit<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) site: &'a Site,
    pub(crate) head: Head<'a>,
    pub(crate) target: Target<'a>,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) cas: CasHealth,
    /// A cookie of ours that is worth nothing any more is removed with the answer.
    pub(crate) dead_cookie: bool,
}

/// What follows when the body has been read.
pub(crate) enum ReadThen {
    /// The CAS call-back.
    Callback(crate::callback::Callback),
    /// The secret path of single logout.
    SecretLogout,
}

/// What follows when a ticket's object has answered.
pub(crate) enum TicketThen {
    /// The request meets its rule.
    Enter(Box<Session>, Purpose),
    /// A login ends.
    Land(Box<crate::flight::Flight>),
    /// The session before is ended; then the login ends as planned.
    Answer(Box<(Reply, Why)>),
    /// A single logout is confirmed. It came on this flight, or on the secret path.
    LoggedOut(Option<String>),
}

/// What a live session was wanted for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The rule of this number.
    Rule(usize),
    /// Telling a script who is signed in.
    Whoami,
}

/// What follows when the assertion is signed.
pub(crate) struct SignThen {
    pub(crate) forward: Forward,
    pub(crate) why: Why,
    pub(crate) sid: String,
    pub(crate) until: UnixMs,
}

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
            Look::Enter(visit, session, purpose) => visit.enter(session, purpose, Why::LiveSession, None, moment),
            Look::Check(visit, session, purpose) => Step::Ticket(AskTicket {
                object: session.object.clone(),
                call: TicketCall::Touch,
                then: TicketThen::Enter(Box::new(session), purpose),
                visit,
            }),
            Look::Stranger(visit, rule) => visit.stranger(rule, moment),
            Look::Strip(visit) => visit.strip_ticket(),
            Look::Own(visit, path) => visit.own(path, moment),
            Look::Refuse(visit, why) => visit.refuse(why, moment),
            Look::Unread(why) => crate::page::unread(why, &self.style, moment),
        }
    }

    /// The same decision where it asks nothing and only sends the request on; `None` leaves it to [`Gate::decide`].
    /// It draws no bytes, and is what the hot path runs.
    pub fn glance(&self, facts: Facts<'_>, now: UnixMs) -> Option<(Forward, Why)> {
        match self.look(facts, now) {
            Look::Open(visit, at) => {
                let mut forward = visit.open_to_all(at)?;
                visit.keep_pass(at, None, &mut forward);
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
                visit.keep_pass(at, Some((&session, &jwt)), &mut forward);
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
            Err(why) => crate::page::unread(why, &self.style, moment),
        }
    }

    pub(crate) fn visit<'a>(&'a self, facts: Facts<'a>) -> Result<Visit<'a>, Why> {
        let head = Head::parse(facts.head).ok_or(Why::BadRequest)?;
        let site =
            self.sites.iter().find(|site| site.host().eq_ignore_ascii_case(head.host)).ok_or(Why::UnknownHost)?;
        let target = Target::parse(head.target).ok_or(Why::BadRequest)?;
        let resting = facts.resting.iter().any(|server| server == site.server.base());
        let cas = if resting { CasHealth::Resting } else { CasHealth::Up };
        Ok(Visit { gate: self, site, head, target, peer: facts.peer, cas, dead_cookie: false })
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

/// Methods that are for the way itself and never for a page.
pub(crate) fn is_echo(method: &str) -> bool {
    matches!(method, "TRACE" | "TRACK" | "CONNECT")
}

/// The header that carries the signed assertion.
pub(crate) const ASSERTION: &str = "x-portcullis-assertion";

impl<'a> Visit<'a> {
    /// Opens the session cookie. Two different ones are none: nobody can tell which of them another site planted.
    pub(crate) fn with_session<T>(mut self, now: UnixMs, then: impl FnOnce(Self, Option<Session>) -> T) -> T {
        let name = self.site.cookies.session.as_str();
        let (first, value) = {
            let mut values =
                cookie::pairs(self.head.headers()).filter(|(known, _)| *known == name).map(|(_, value)| value);
            let first = values.next();
            (first, first.filter(|first| values.all(|other| other == *first)))
        };
        let had_one = first.is_some();
        let session = value.and_then(|value| self.open(value)).filter(|session| {
            session.is_alive(self.gate.lifetimes(), now) && !self.gate.memory.borrow().has_ended(&session.object)
        });
        self.dead_cookie = had_one && session.is_none();
        then(self, session)
    }

    fn open(&self, value: &str) -> Option<Session> {
        if let Some(session) = self.gate.memory.borrow().session(&self.site.id, value) {
            return Some(session.clone());
        }
        let session = Session::open(self.site, &self.gate.keyring, value)?;
        // A partial one is remembered only when the object has told the rest.
        if !session.partial {
            self.gate.memory.borrow_mut().remember(&self.site.id, value, session.clone());
        }
        Some(session)
    }

    pub(crate) fn session_cookie(&self) -> Option<&'a str> {
        let name = self.site.cookies.session.as_str();
        cookie::pairs(self.head.headers()).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn way<'w>(&'w self, rule: &'w Rule) -> Way<'w, 'a> {
        Way { gate: self.gate, site: self.site, head: &self.head, target: &self.target, rule, peer: self.peer }
    }

    /// What goes on under a rule that asks for nobody.
    fn open_to_all(&self, at: usize) -> Option<Forward> {
        Some(self.way(self.gate.policy.rules.get(at)?).forward(None))
    }

    /// Whether a live session opens this rule.
    pub(crate) fn allowed(&self, rule: &Rule, session: &Session, now: UnixMs) -> Result<(), Why> {
        if let Access::Fresh { max_age_secs } = rule.access
            && !session.is_fresh(max_age_secs, now)
        {
            return Err(Why::FreshLoginRequired);
        }
        for condition in &rule.conditions {
            match session.attribute(&condition.attribute) {
                // Whole values, byte for byte: no splitting, no folding, no trimming.
                Some(values) if values.iter().any(|value| condition.values.contains(value)) => {}
                Some(_) => return Err(Why::NotAllowed),
                None => return Err(Why::MissingAttribute),
            }
        }
        Ok(())
    }

    pub(crate) fn ticket_in_query(&self) -> bool {
        self.target.query.and_then(cas::query::only_ticket).is_some()
    }

    /// Path and query of the page asked for, without a ticket.
    pub(crate) fn page(&self) -> String {
        let ticket = self.target.query.and_then(cas::query::only_ticket);
        let query = match (self.target.query, ticket) {
            (Some(query), Some(ticket)) => cas::query::without_ticket(query, &ticket),
            (query, _) => query.map(str::to_owned),
        };
        query.map_or_else(|| self.target.raw.to_owned(), |query| format!("{}?{query}", self.target.raw))
    }
}
