//! The whole life of one login: its ticket claimed, validated, live, ended. One object owns it, named by the login's flight,
//! so whatever happens in parallel happens there one after the other, and every single logout at a flight's address asks
//! that one object.

use base::UnixMs;
use cas::{AnswerError, Call, Expect, Notations, Protocol, answer};
use json::{FromJson, ToJson};

use crate::{
    keys::seal::ObjectName,
    policy::{cas_factors::CasAsked, demand::Given},
    state::{
        raise::{PortalLink, Raise},
        session::{Lifetimes, Place, Session},
        spent::Spent,
    },
};

/// Life of a tombstone in seconds. It outlives every ticket: CAS 3.0 section 3.1.1 recommends five minutes at most.
const TOMBSTONE_SECS: u64 = 24 * 3600;
/// An object that was ended between a claim and the answer (a crash) may be claimed again: no validation takes longer.
const CLAIM_SECS: u64 = 30;
/// Tickets that one login may open: a person who reloads a slow page brings a second one at times.
const MAX_OPENED: usize = 4;
/// Tickets of one login that open nothing. One login is worth no more questions to the CAS server.
const MAX_REFUSED: usize = 8;
/// Logouts that are remembered before their ticket came.
const MAX_EARLY_LOGOUTS: usize = 4;
/// How long the cookie before a raise keeps its own factors, in seconds: requests of other tabs are on their way.
const FORMER_SECS: u64 = 60;
/// A ticket that the CAS server refused cannot become good. It is remembered for parallel replays only, so that a stranger
/// who makes up tickets fills no store.
const REFUSED_SECS: u64 = 600;

/// What is asked of a login's object.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum TicketCall {
    /// Claim the ticket, validate it, and become the session.
    Redeem(Box<Redeem>),
    /// Revalidate the session. This counts as use.
    Touch,
    /// Revalidate the session for a cookie of this id. [`Touch`](Self::Touch) is for a cookie without one.
    TouchBy(String),
    /// A second factor was given: raise the session.
    Raise(Box<Raise>),
    /// Forget the second factors that were given until this time, and refuse a raise by one of them.
    Lower {
        /// The session's public id.
        sid: String,
        /// The time, in seconds since 1970.
        before_secs: u64,
        /// Whether the person has a second factor now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        enrolled: Option<bool>,
    },
    /// Is the session live? This does not count as use: an open socket alone keeps nobody signed in.
    Peek,
    /// End the session of a ticket, or of a cookie.
    End {
        /// Which one.
        of: Named,
        /// Whether the sender proved more than knowing the ticket. Such a logout is remembered for a ticket yet to come.
        proven: bool,
    },
    /// End the session of a cookie, because a newer one of the same person has taken its place in that browser. A logout of
    /// one of its tickets is passed on to the newer one: some CAS servers keep only one ticket of a browser.
    Replace {
        /// The session's public id.
        sid: String,
        /// The session that has taken its place.
        by: Heir,
    },
    /// Take over the link to the portal of the session that this one has replaced: whoever signs out now ends the factor there too.
    Inherit {
        /// The session's public id.
        sid: String,
        /// The session at the portal that the replaced session's factor came from.
        portal: PortalLink,
    },
    /// Asked of the object that a ticket's own name leads to, for single logout on the secret path: where its login is.
    Remember {
        /// The login's object.
        login: ObjectName,
        /// How long that is of use, in seconds.
        secs: u64,
    },
}

impl TicketCall {
    /// The call that revalidates a session, by its cookie.
    pub(crate) fn touch(session: &Session) -> Self {
        if session.cookie_id.is_empty() { Self::Touch } else { Self::TouchBy(session.cookie_id.clone()) }
    }
}

/// A session as a call names it.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Named {
    /// By the keyed name of a ticket that opened it.
    Ticket(ObjectName),
    /// By its public id.
    Session(String),
    /// By its public id, for a logout that is passed on to it, and from it to the session that replaced it.
    Heir(String),
}

/// The session that has replaced another one.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct Heir {
    /// Its object.
    pub object: ObjectName,
    /// Its public id.
    pub sid: String,
    /// Its end, in seconds since 1970.
    pub until_secs: u64,
}

/// Input of the object for a login. The call's address holds the ticket, so `Debug` is not derived.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
pub struct Redeem {
    /// The validation to send.
    pub call: Call,
    /// Whether the login must have asked for the password.
    pub renew: bool,
    /// What the login asked for beside the password.
    #[serde(default, skip_serializing_if = "is_default")]
    pub asked: CasAsked,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// Notations of attributes that are read beside the protocol's own.
    #[serde(default, skip_serializing_if = "Notations::is_none")]
    pub notations: Notations,
    /// Base address of the CAS server, the key of its circuit.
    pub server: String,
    /// The keyed name of the ticket.
    pub ticket: ObjectName,
    /// The same call at other addresses of that server: one of them is tried when the first cannot be reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Call>,
    /// A call with a made-up ticket, by which a server that is away is told from one that a ticket keeps busy.
    pub probe: Call,
    /// The same call at those other addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_probes: Vec<Call>,
    /// The object's own name.
    pub object: ObjectName,
    /// Public id of the session.
    pub sid: String,
    /// Browser and network of the sign-in, where there is a portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
    /// Names of the attributes that the session keeps.
    #[serde(rename = "keep")]
    pub attribute_allow_list: Vec<String>,
    /// Lifetimes of the session.
    pub lifetimes: Lifetimes,
}

impl core::fmt::Debug for Redeem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Redeem").field("object", &self.object).field("renew", &self.renew).finish_non_exhaustive()
    }
}

/// The result of a call to a ticket's object.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum TicketVerdict {
    /// The session is live.
    Live(Session),
    /// There is no session.
    Gone(Gone),
    /// It is written down.
    Remembered,
    /// The ticket's login is in this object.
    Elsewhere(ObjectName),
    /// The session was replaced by this one.
    Replaced(Heir),
    /// This session was ended, now. If its factor came from a session at the portal, that one must end too.
    Ended(Box<Session>, Option<PortalLink>),
    /// The session had ended before. Its factor came from this session at the portal, which must end too.
    EndedFrom(PortalLink),
    /// This session was replaced by another one. Its factor came from that session at the portal.
    Inherited(Box<Session>, Heir, PortalLink),
    /// The factor does not raise the session, because it does not count any more.
    NotRaised,
    /// The factor's request was used before. Nothing changed.
    Spent,
    /// The cookie is from before a raise, and no longer accepted.
    Superseded,
    /// The object could not be reached.
    Unavailable,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Gone {
    /// The object has no record.
    Unknown,
    /// The ticket was used before.
    Used,
    /// This login has brought too many tickets.
    Exhausted,
    /// The session was ended.
    Ended,
    /// Its lifetime is over.
    Expired,
    /// The session was ended during the validation.
    #[serde(rename = "Poisoned")]
    EndedDuringValidation,
    /// The CAS server refused the ticket; the code of `cas::AnswerError`.
    Refused(String),
    /// The CAS server's answer cannot be used; the code of `cas::AnswerError`.
    BadAnswer(String),
    /// The CAS server could not be asked.
    Fault(Fault),
}

/// A failure to reach the CAS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Fault {
    /// The connection failed or broke.
    Unreachable,
    /// No answer in time, after the ticket was sent.
    Timeout,
    /// Not asked: the circuit is open.
    #[serde(rename = "Resting")]
    CircuitOpen,
}

/// What came of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Outcome {
    /// It opened the session.
    Opened,
    /// The CAS server refused it, or could not be asked.
    Refused,
    /// A logout for it came before it did, or while it was validated.
    LoggedOut,
}

/// A session that lives.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct LiveSession {
    /// All of it.
    pub session: Session,
    /// How long it lives.
    pub lifetimes: Lifetimes,
}

/// What the object remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct TicketRecord {
    /// When the last call changed anything, in seconds since 1970.
    pub secs: u64,
    /// The ticket that is being validated, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<(ObjectName, u64)>,
    /// The session, while it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveSession>,
    /// The tickets that came, and what came of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<(ObjectName, Outcome)>,
    /// In an object that a ticket's own name leads to: where the login is, and until when that is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<(ObjectName, u64)>,
    /// The session that has replaced this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Heir>,
    /// The requests whose factor has raised the session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spent: Spent,
    /// The cookie before the last raise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// The session at the portal that raised this one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<PortalLink>,
    /// Factors that were given until this time, in seconds since 1970, do not count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lowered_before_secs: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The cookie that a session had before a raise.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// Its id.
    pub cookie_id: String,
    /// Its factors.
    pub given: Vec<Given>,
    /// Its end, in seconds since 1970.
    pub until_secs: u64,
}

impl TicketRecord {
    /// The time from which the record may be deleted.
    pub fn forget_at(&self) -> UnixMs {
        if let Some(LiveSession { session, lifetimes }) = &self.live {
            return session.born().plus_secs(lifetimes.absolute_secs + TOMBSTONE_SECS);
        }
        if let Some((_, until)) = &self.login {
            return UnixMs::from_secs(*until);
        }
        if let Some(heir) = &self.replaced {
            return UnixMs::from_secs(heir.until_secs).plus_secs(TOMBSTONE_SECS);
        }
        let only_refused =
            self.claimed.is_none() && self.tickets.iter().all(|(_, outcome)| *outcome == Outcome::Refused);
        UnixMs::from_secs(self.secs).plus_secs(if only_refused { REFUSED_SECS } else { TOMBSTONE_SECS })
    }

    fn outcome(&self, ticket: &ObjectName) -> Option<Outcome> {
        self.tickets.iter().find(|(known, _)| known == ticket).map(|(_, outcome)| *outcome)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.tickets.iter().filter(|(_, known)| *known == outcome).count()
    }

    /// Handles one call. The changed record must be saved before anything else is done.
    pub fn apply(record: &mut Option<Self>, call: TicketCall, now: UnixMs) -> TicketStep {
        let secs = now.secs();
        let done = TicketStep::Done;
        match call {
            TicketCall::Redeem(redeem) => {
                let known = record.get_or_insert_default();
                if let Err(gone) = known.claim(&redeem.ticket, secs) {
                    return done(TicketVerdict::Gone(gone));
                }
                known.secs = secs;
                TicketStep::Validate(Validate { redeem })
            }
            TicketCall::Touch | TicketCall::TouchBy(_) | TicketCall::Peek => {
                let Some(known) = record else { return done(TicketVerdict::Gone(Gone::Unknown)) };
                match known.live.take() {
                    Some(LiveSession { session, lifetimes }) if session.is_alive(lifetimes, now) => {
                        let cookie_id = match &call {
                            TicketCall::TouchBy(id) => id.as_str(),
                            TicketCall::Peek => session.cookie_id.as_str(),
                            _ => "",
                        };
                        let (seen, used) = match known.seen_by(&session, cookie_id, secs) {
                            // A copy of a cookie from before the raise. It counts as no use.
                            None => (TicketVerdict::Superseded, session.clone()),
                            Some(seen) if call == TicketCall::Peek => {
                                (TicketVerdict::Live(seen.revalidated(now)), session.clone())
                            }
                            Some(seen) => {
                                // A write costs a row and a sync of the disk for each person and minute.
                                let is_due = session.since_revalidation_secs(now) >= lifetimes.unwritten_secs().max(1);
                                let used = if is_due { session.clone().revalidated(now) } else { session.clone() };
                                (TicketVerdict::Live(seen.revalidated(now)), used)
                            }
                        };
                        known.live = Some(LiveSession { session: used, lifetimes });
                        done(seen)
                    }
                    Some(_) => {
                        known.secs = secs;
                        done(TicketVerdict::Gone(Gone::Expired))
                    }
                    None if known.tickets.is_empty() => done(TicketVerdict::Gone(Gone::Unknown)),
                    None => done(TicketVerdict::Gone(Gone::Ended)),
                }
            }
            TicketCall::Raise(raise) => done(TicketVerdict::raise(record, *raise, now)),
            TicketCall::Lower { sid, before_secs, enrolled } => {
                let known =
                    record.as_mut().and_then(|known| Some((known.live.as_ref()?.session.sid == sid).then_some(known)));
                let Some(Some(known)) = known else { return done(TicketVerdict::Gone(Gone::Unknown)) };
                known.secs = secs;
                known.lower(before_secs, enrolled);
                done(
                    known
                        .live
                        .as_ref()
                        .map_or(TicketVerdict::Gone(Gone::Ended), |live| TicketVerdict::Live(live.session.clone())),
                )
            }
            TicketCall::End { of, proven } => done(TicketVerdict::end(record, &of, proven, secs)),
            TicketCall::Replace { sid, by } => {
                let Some(known) = record else { return done(TicketVerdict::Gone(Gone::Unknown)) };
                let Some(old) = known.live.take_if(|live| live.session.sid == sid) else {
                    return done(TicketVerdict::Gone(Gone::Unknown));
                };
                known.secs = secs;
                known.replaced = Some(by.clone());
                let old = Box::new(old.session);
                done(match known.portal.clone() {
                    Some(link) => TicketVerdict::Inherited(old, by, link),
                    None => TicketVerdict::Ended(old, None),
                })
            }
            TicketCall::Inherit { sid, portal } => {
                let known = record.as_mut().filter(|known| known.live.as_ref().is_some_and(|l| l.session.sid == sid));
                let Some(known) = known else { return done(TicketVerdict::Gone(Gone::Unknown)) };
                known.portal.get_or_insert(portal);
                done(TicketVerdict::Remembered)
            }
            TicketCall::Remember { login, secs: life } => {
                let known = record.get_or_insert_default();
                if !known.tickets.is_empty() {
                    return done(TicketVerdict::Gone(Gone::EndedDuringValidation));
                }
                known.secs = secs;
                known.login = Some((login, secs.saturating_add(life)));
                done(TicketVerdict::Remembered)
            }
        }
    }

    /// The session as a cookie of this id shows it: the earlier cookie keeps its own factors, for a while.
    fn seen_by(&self, session: &Session, cookie_id: &str, secs: u64) -> Option<Session> {
        if session.cookie_id == cookie_id {
            return Some(session.clone());
        }
        let former = self.former.as_ref().filter(|former| former.cookie_id == cookie_id && secs < former.until_secs)?;
        Some(session.former(&former.cookie_id, &former.given, former.until_secs))
    }

    /// Forgets the factors that were given until this time, and keeps whether the person has one.
    fn lower(&mut self, before_secs: u64, enrolled: Option<bool>) {
        self.lowered_before_secs = self.lowered_before_secs.max(before_secs);
        let counts = |given: &Given| given.at_secs.is_some_and(|at| at > before_secs);
        if let Some(live) = &mut self.live {
            live.session.given.retain(counts);
            live.session.enrolled = enrolled.or(live.session.enrolled);
        }
        if let Some(former) = &mut self.former {
            former.given.retain(counts);
        }
    }

    fn claim(&mut self, ticket: &ObjectName, secs: u64) -> Result<(), Gone> {
        match self.outcome(ticket) {
            Some(Outcome::LoggedOut) => return Err(Gone::EndedDuringValidation),
            Some(Outcome::Opened | Outcome::Refused) => return Err(Gone::Used),
            None => {}
        }
        if let Some((_, since)) = &self.claimed
            && secs.saturating_sub(*since) < CLAIM_SECS
        {
            return Err(Gone::Used);
        }
        // A claim without an answer was ended by a crash. Its ticket may have been used, so it is never sent again.
        if let Some((unanswered, _)) = self.claimed.take() {
            self.tickets.push((unanswered, Outcome::Refused));
            if self.outcome(ticket).is_some() {
                return Err(Gone::Used);
            }
        }
        let was_ended = self.live.is_none() && self.count(Outcome::Opened) > 0;
        if was_ended || self.count(Outcome::Opened) >= MAX_OPENED || self.count(Outcome::Refused) >= MAX_REFUSED {
            return Err(Gone::Exhausted);
        }
        self.claimed = Some((ticket.clone(), secs));
        Ok(())
    }
}

impl TicketVerdict {
    /// Spends the request and raises the session in one write.
    fn raise(record: &mut Option<TicketRecord>, raise: Raise, now: UnixMs) -> Self {
        let Some(known) = record else { return Self::Gone(Gone::Unknown) };
        let Some(live) = known.live.as_mut().filter(|live| live.session.is_alive(live.lifetimes, now)) else {
            return Self::Gone(if known.tickets.is_empty() { Gone::Unknown } else { Gone::Ended });
        };
        // Another session of the same object is not raised, and neither is one by a factor that was removed meanwhile.
        let counts = raise.given.at_secs.is_some_and(|at| at > known.lowered_before_secs);
        if live.session.sid != raise.sid || raise.cookie_id.is_empty() || !counts {
            return Self::NotRaised;
        }
        if !known.spent.spend(&raise.rid) {
            return Self::Spent;
        }
        known.portal = raise.portal.or(known.portal.take());
        let Session { given, cookie_id, .. } = live.session.clone();
        known.former = Some(Former { cookie_id, given, until_secs: now.plus_secs(FORMER_SECS).secs() });
        known.secs = now.secs();
        live.session.raise(raise.given);
        live.session.cookie_id = raise.cookie_id;
        live.session = live.session.clone().revalidated(now);
        Self::Live(live.session.clone())
    }

    fn end(record: &mut Option<TicketRecord>, of: &Named, proven: bool, secs: u64) -> Self {
        // A stranger's logout creates nothing.
        if record.is_none() && !proven {
            return Self::Gone(Gone::Unknown);
        }
        let known = record.get_or_insert_default();
        let link = known.portal.clone();
        let before = link.clone().map_or(Self::Gone(Gone::Ended), Self::EndedFrom);
        let ended = |live: LiveSession| Self::Ended(Box::new(live.session), link);
        let ticket = match of {
            Named::Session(sid) => {
                let Some(live) = known.live.take_if(|live| live.session.sid == *sid) else {
                    return Self::Gone(Gone::Unknown);
                };
                known.secs = secs;
                return ended(live);
            }
            Named::Heir(sid) => {
                if let Some(live) = known.live.take_if(|live| live.session.sid == *sid) {
                    known.secs = secs;
                    return ended(live);
                }
                return known.replaced.clone().map_or(Self::Gone(Gone::Unknown), Self::Replaced);
            }
            Named::Ticket(ticket) => ticket,
        };
        if let Some((login, _)) = &known.login {
            return Self::Elsewhere(login.clone());
        }
        match known.outcome(ticket) {
            Some(Outcome::Opened) => {
                if let (None, Some(heir)) = (&known.live, &known.replaced) {
                    return Self::Replaced(heir.clone());
                }
                known.secs = secs;
                known.live.take().map_or(before, ended)
            }
            Some(Outcome::LoggedOut | Outcome::Refused) => before,
            None if known.claimed.as_ref().is_some_and(|(claimed, _)| claimed == ticket) => {
                known.claimed = None;
                known.tickets.push((ticket.clone(), Outcome::LoggedOut));
                known.secs = secs;
                before
            }
            None => {
                if proven && known.count(Outcome::LoggedOut) < MAX_EARLY_LOGOUTS {
                    known.tickets.push((ticket.clone(), Outcome::LoggedOut));
                    known.secs = secs;
                }
                Self::Gone(Gone::Unknown)
            }
        }
    }
}

/// The next step of an object.
#[must_use]
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one step lives at a time")]
pub enum TicketStep {
    /// The verdict to return.
    Done(TicketVerdict),
    /// The ticket must be validated.
    Validate(Validate),
}

/// A pending validation.
#[must_use]
#[derive(Debug)]
pub struct Validate {
    redeem: Box<Redeem>,
}

/// The response of the CAS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The HTTP status.
    pub status: u16,
    /// The body, cut one byte after `cas::answer::MAX_ANSWER_BYTES`.
    pub bytes: Vec<u8>,
}

impl Validate {
    /// The request to send. Redirects must not be followed.
    pub fn call(&self) -> &Call {
        &self.redeem.call
    }

    /// The same request at other addresses of that server.
    pub fn others(&self) -> &[Call] {
        &self.redeem.others
    }

    /// Base address of the CAS server, the key of its circuit.
    pub fn server(&self) -> &str {
        &self.redeem.server
    }

    /// What to send before the CAS server is taken for one that is away, at each of its addresses.
    pub fn probes(&self) -> impl Iterator<Item = &Call> {
        std::iter::once(&self.redeem.probe).chain(&self.redeem.other_probes)
    }

    /// Takes the answer. `record` is what is kept now, which may have changed while the CAS server was asked.
    pub fn answer(self, answer: Result<Body, Fault>, record: &mut Option<TicketRecord>, now: UnixMs) -> TicketStep {
        let redeem = *self.redeem;
        let known = record.get_or_insert_default();
        if known.claimed.take_if(|(claimed, _)| *claimed == redeem.ticket).is_none() {
            return TicketStep::Done(TicketVerdict::Gone(Gone::EndedDuringValidation));
        }
        known.secs = now.secs();
        let verdict = match answer {
            Err(fault) => Err(Gone::Fault(fault)),
            Ok(body) => {
                let mut expect = Expect::new(redeem.protocol);
                expect.renew = redeem.renew;
                expect.notations = redeem.notations;
                let read = answer::read(body.status, &body.bytes, &expect);
                read.map(|assertion| expect.notations.spread(assertion)).map_err(|error| match error {
                    AnswerError::InternalError | AnswerError::BadStatus => Gone::Fault(Fault::Unreachable),
                    error if error.is_refusal() => Gone::Refused(error.code().to_owned()),
                    error => Gone::BadAnswer(error.code().to_owned()),
                })
            }
        };
        TicketStep::Done(match verdict {
            Ok(assertion) => {
                let kept = |(name, values): (&str, &[String])| (name.to_owned(), values.to_vec());
                let attributes = assertion
                    .attributes
                    .iter()
                    .filter(|(name, _)| redeem.attribute_allow_list.iter().any(|known| known == name))
                    .map(kept);
                let mut session =
                    Session::new(redeem.object, redeem.sid, assertion.user, attributes.collect(), redeem.renew, now);
                session.place = redeem.place;
                session.asked = redeem.asked;
                known.tickets.push((redeem.ticket, Outcome::Opened));
                known.live = Some(LiveSession { session: session.clone(), lifetimes: redeem.lifetimes });
                TicketVerdict::Live(session)
            }
            Err(gone) => {
                known.tickets.push((redeem.ticket, Outcome::Refused));
                TicketVerdict::Gone(gone)
            }
        })
    }
}

#[cfg(test)]
mod tests;
