//! The request in hand: what the adapter told, and what is parsed from it.

use std::net::IpAddr;

use base::UnixMs;
use cas::Ticket;

use crate::{
    forward::request::ForwardBuilder,
    http::{
        bearer::{GateBearer, gate_bearer},
        cookie,
        head::Head,
        path::Target,
    },
    keys::seal::ObjectName,
    page::readable,
    policy::{Rule, site::Site},
    request::{
        gate::Gate,
        reply::{AuditEvent, Facts},
    },
    state::{
        Instance,
        breaker::Circuit,
        cache::Cache,
        flight::FlightId,
        session::{NotFresh, Session},
    },
    why::Why,
};

/// The request in hand, passed from room to room by value.
pub(crate) struct RequestContext<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) site: &'a Site,
    pub(crate) head: Head<'a>,
    pub(crate) target: Target<'a>,
    /// The client's address, where it is known.
    pub(crate) peer: Option<IpAddr>,
    /// The other end of the connection, from the platform; a proxy, where there is one.
    pub(crate) platform_peer: Option<IpAddr>,
    pub(crate) cas: Circuit,
    /// Whether the answer removes the session cookie, because it opens no live session.
    pub(crate) clear_cookie: bool,
    /// Events noted before the reply is known; they join its own.
    pub(crate) events: Vec<AuditEvent>,
}

/// The resource that needs a live session.
#[derive(Clone, Copy)]
pub(crate) enum Resource {
    /// A page of the app, under the rule with this index.
    Rule(usize),
    /// The `whoami` route.
    Whoami,
}

impl Gate {
    pub(crate) fn context<'a>(&'a self, facts: Facts<'a>) -> Result<RequestContext<'a>, Why> {
        let head = Head::parse(facts.head).ok_or(Why::BadRequest)?;
        let site = self.site_at(head.host).ok_or(Why::UnknownHost)?;
        let target = Target::parse(head.target).ok_or(Why::BadRequest)?;
        let is_open = facts.open_circuits.iter().any(|server| server == site.server.base());
        let cas = if is_open { Circuit::Open } else { Circuit::Closed };
        let peer = match &self.policy.peer {
            Some(header) => header.client(facts.peer, &head),
            None => facts.peer,
        };
        Ok(RequestContext {
            gate: self,
            site,
            head,
            target,
            peer,
            platform_peer: facts.peer,
            cas,
            clear_cookie: false,
            events: Vec::new(),
        })
    }
}

impl<'a> RequestContext<'a> {
    /// Opens the session cookie. Two cookies with different values count as none: a sibling host may have planted either.
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
        // A partial session lacks attributes, so it must not be served from the cache.
        if !session.partial {
            cache.remember(&self.site.id, value, session.clone());
        }
        Some(session)
    }

    /// Whether the request is for the portal.
    pub(crate) fn is_portal(&self) -> bool {
        self.gate.portal.as_ref().is_some_and(|portal| core::ptr::eq(portal, self.site))
    }

    /// Whether the pages of the factor are at a portal, and this is a site.
    pub(crate) fn is_beside_portal(&self) -> bool {
        self.gate.portal.is_some() && !self.is_portal()
    }

    pub(crate) fn session_cookie(&self) -> Option<&'a str> {
        let name = self.site.cookies.session.as_str();
        cookie::pairs(self.head.headers()).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The name of a rule's app in assertions.
    pub(crate) fn app<'w>(&'w self, rule: &'w Rule) -> &'w str {
        rule.app.as_deref().unwrap_or(&self.site.id)
    }

    pub(crate) fn forward_builder<'w>(&'w self, rule: &'w Rule, session: Option<&Session>) -> ForwardBuilder<'w, 'a> {
        ForwardBuilder {
            factor_until: session
                .and_then(|session| self.factor_until(rule, session).or_else(|| self.exempt_until(rule, session))),
            exempt: session.is_some_and(|session| self.is_exempt(rule, session)),
            policy: &self.gate.policy,
            origin_key: self.gate.origin_key.as_ref(),
            site: self.site,
            head: &self.head,
            target: &self.target,
            rule,
            peer: self.peer,
            has_bearer: self.gate_bearer().is_some(),
            binding_addresses: &self.gate.binding_addresses,
        }
    }

    /// An object's session with the policy's names in the place of attribute values. The object stores the original values, so
    /// that a changed policy applies from the next revalidation on.
    pub(crate) fn with_names(&self, mut session: Session) -> Session {
        self.gate.policy.values.apply(&mut session.attributes);
        session
    }

    /// Checks a live session against the requirement and the conditions of a rule.
    pub(crate) fn allowed(&self, rule: &Rule, session: &Session, now: UnixMs) -> Result<(), Why> {
        if self.gate.policy.denies(&session.user) {
            return Err(Why::UserDenied);
        }
        session.meets(&rule.requirement, now).map_err(|NotFresh| Why::FreshLoginRequired)?;
        for condition in &rule.conditions {
            match session.attribute(&condition.attribute) {
                // Whole values, byte for byte: splitting or trimming could turn one group into another.
                Some(values) if values.iter().any(|value| condition.values.contains(value)) => {}
                Some(_) => return Err(Why::NotAllowed),
                None => return Err(Why::MissingAttribute),
            }
        }
        Ok(())
    }

    /// A person's id for the log, which holds for this month.
    pub(crate) fn audit_id(&self, user: &str, now: UnixMs) -> String {
        let site = self.gate.policy.sites.iter().find(|site| site.public == self.site.public);
        let own_cas = site.and_then(|site| site.cas.as_ref()).map(|(url, _)| url.as_str());
        self.gate.id_key.audit(readable(now).get(..7).unwrap_or_default(), user, own_cas)
    }

    /// The gate's bearer of the request, where any site gives out bearers.
    pub(crate) fn gate_bearer(&self) -> Option<GateBearer<'a>> {
        if self.gate.has_bearers() { gate_bearer(&self.head) } else { None }
    }

    /// The object that owns what comes of a flight.
    pub(crate) fn login_object(&self, flight: &FlightId) -> ObjectName {
        self.gate.id_key.login(&self.site.public, flight.as_str())
    }

    /// The keyed name of a ticket.
    pub(crate) fn ticket_name(&self, ticket: &Ticket) -> ObjectName {
        self.gate.id_key.ticket(self.site.server.base(), ticket.as_str())
    }

    /// All sessions whose cookies open, of all cookies of the session's name, at most eight.
    pub(crate) fn all_sessions(&self, cache: &mut Cache) -> Vec<Session> {
        let name = self.site.cookies.session.as_str();
        let mut values: Vec<&str> = Vec::new();
        for (known, value) in cookie::pairs(self.head.headers()) {
            if known == name && !values.contains(&value) && values.len() < 8 {
                values.push(value);
            }
        }
        values.into_iter().filter_map(|value| self.open(value, cache)).collect()
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
