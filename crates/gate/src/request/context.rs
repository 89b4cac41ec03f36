//! One request on its forward_builder through the table: what is known of it, and what is read from it.

use std::net::IpAddr;

use base::UnixMs;
use cas::Ticket;

use crate::{
    forward::request::ForwardBuilder,
    http::{cookie, head::Head, path::Target},
    keys::seal::ObjectName,
    policy::{Access, Rule, site::Site},
    request::{
        gate::Gate,
        reply::{AuditEvent, Facts},
    },
    state::{Instance, breaker::Circuit, cache::Cache, session::Session},
    why::Why,
};

/// One request on its forward_builder through the table.
pub(crate) struct RequestContext<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) site: &'a Site,
    pub(crate) head: Head<'a>,
    pub(crate) target: Target<'a>,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) cas: Circuit,
    /// A cookie of ours that is worth nothing any more is removed with the answer.
    pub(crate) clear_cookie: bool,
    /// Noted before the reply is known; they go with it.
    pub(crate) events: Vec<AuditEvent>,
}

/// What a live session was wanted for.
#[derive(Clone, Copy)]
pub(crate) enum Resource {
    /// The rule of this number.
    Rule(usize),
    /// Telling a script who is signed in.
    Whoami,
}

impl Gate {
    pub(crate) fn context<'a>(&'a self, facts: Facts<'a>) -> Result<RequestContext<'a>, Why> {
        let head = Head::parse(facts.head).ok_or(Why::BadRequest)?;
        let site =
            self.sites.iter().find(|site| site.host().eq_ignore_ascii_case(head.host)).ok_or(Why::UnknownHost)?;
        let target = Target::parse(head.target).ok_or(Why::BadRequest)?;
        let is_open = facts.open_circuits.iter().any(|server| server == site.server.base());
        let cas = if is_open { Circuit::Open } else { Circuit::Closed };
        Ok(RequestContext {
            gate: self,
            site,
            head,
            target,
            peer: facts.peer,
            cas,
            clear_cookie: false,
            events: Vec::new(),
        })
    }
}

impl<'a> RequestContext<'a> {
    /// Opens the session cookie. Two different ones are none: nobody can tell which of them another site planted.
    pub(crate) fn with_session(mut self, instance: &mut Instance, now: UnixMs) -> (Self, Option<Session>) {
        let name = self.site.cookies.session.as_str();
        let (first, value) = {
            let mut values =
                cookie::pairs(self.head.headers()).filter(|(known, _)| *known == name).map(|(_, value)| value);
            let first = values.next();
            (first, first.filter(|first| values.all(|other| other == *first)))
        };
        let had_one = first.is_some();
        let session = value.and_then(|value| self.open(value, &mut instance.cache)).filter(|session| {
            session.is_alive(self.gate.lifetimes(), now) && !instance.ended.contains(&session.object)
        });
        self.clear_cookie = had_one && session.is_none();
        (self, session)
    }

    fn open(&self, value: &str, cache: &mut Cache) -> Option<Session> {
        if let Some(session) = cache.session(&self.site.id, value) {
            return Some(session.clone());
        }
        let session = Session::open(self.site, &self.gate.keyring, value)?;
        // A partial one is remembered only when the object has told the rest.
        if !session.partial {
            cache.remember(&self.site.id, value, session.clone());
        }
        Some(session)
    }

    pub(crate) fn session_cookie(&self) -> Option<&'a str> {
        let name = self.site.cookies.session.as_str();
        cookie::pairs(self.head.headers()).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn forward_builder<'w>(&'w self, rule: &'w Rule) -> ForwardBuilder<'w, 'a> {
        ForwardBuilder {
            policy: &self.gate.policy,
            origin_secret: self.gate.origin_secret.as_deref(),
            site: self.site,
            head: &self.head,
            target: &self.target,
            rule,
            peer: self.peer,
        }
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

    /// The object that owns this ticket.
    pub(crate) fn object(&self, ticket: &Ticket) -> ObjectName {
        self.gate.id_key.ticket(self.site.server.base(), ticket.as_str())
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
