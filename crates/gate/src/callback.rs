//! The gate's own paths: the CAS call-back, single logout, signing out, and what programs ask.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use cas::{LogoutRequest, ServiceUrl, SessionIndex, Ticket, percent};

use crate::{
    answer, cookie,
    flight::{Flight, FlightId, Flights},
    head::Caller,
    policy::Network,
    refuse,
    reply::{AuditEvent, Reply},
    seal::ObjectName,
    session::Session,
    step::{AskTicket, Callback, ReadForm, ReadThen, Step, TicketThen},
    ticket::{Fault, Gone, Redeem, TicketCall, TicketVerdict},
    visit::{Purpose, Visit},
    why::Why,
};

impl<'a> Visit<'a> {
    /// Below `/.portcullis/`.
    pub(crate) fn own(self, path: &'a str, moment: &mut Moment) -> Step<'a> {
        let method = self.head.method;
        let reading = matches!(method, "GET" | "HEAD");
        if let Some(rest) = path.strip_prefix("cas/") {
            let (id, again) = rest.strip_suffix("/again").map_or((rest, false), |id| (id, true));
            return match (FlightId::parse(id), method) {
                (Some(id), "GET") => self.callback(Callback { id, again }, self_query_ticket, moment),
                (Some(id), "POST") => {
                    Step::Read(ReadForm { visit: self, then: ReadThen::Callback(Callback { id, again }) })
                }
                (Some(_), _) => self.refuse(Why::BadMethod, moment),
                (None, _) => self.refuse(Why::NotFound, moment),
            };
        }
        if let Some(secret) = path.strip_prefix("slo/") {
            let good = self.gate.slo_secret.as_ref().is_some_and(|known| known.ct_eq(secret.as_bytes()));
            return match (good, method) {
                (true, "POST") => Step::Read(ReadForm { visit: self, then: ReadThen::SecretLogout }),
                _ => self.refuse(Why::NotFound, moment),
            };
        }
        match (path, method) {
            ("logout", "GET") if self.head.is_own_navigation() => self.log_out(moment.now()),
            ("logout", "GET") => refuse::logout(&self),
            ("logout", "POST") if self.head.is_from(&self.site.public) => self.log_out(moment.now()),
            ("logout", "POST") => self.refuse(Why::LogoutForged, moment),
            ("whoami", _) if reading => {
                let revalidate = self.gate.policy.revalidate_secs;
                let now = moment.now();
                self.with_session(now, |visit, session| match session {
                    Some(session) if session.must_be_checked(revalidate, now) => Step::Ticket(AskTicket {
                        object: session.object.clone(),
                        call: TicketCall::Touch,
                        then: TicketThen::Enter(Box::new(session), Purpose::Whoami),
                        visit,
                    }),
                    Some(session) => visit.enter(session, Purpose::Whoami, Why::Whoami, None, moment),
                    None => visit.refuse(Why::LoginRequired, moment),
                })
            }
            ("health", _) if reading => {
                let body = format!(r#"{{"status":"ok","policy":"{}"}}"#, self.gate.policy.hash);
                Step::Done(Reply::Answer(answer::json(200, &body), Vec::new()), Why::Health)
            }
            ("jwks.json", _) if reading => {
                let mut answer = answer::json(200, &self.gate.signing.public);
                answer::cacheable(&mut answer, 300);
                Step::Done(Reply::Answer(answer, Vec::new()), Why::Jwks)
            }
            ("logout" | "whoami" | "health" | "jwks.json", _) => self.refuse(Why::BadMethod, moment),
            _ => self.refuse(Why::NotFound, moment),
        }
    }

    /// The browser comes back from the CAS server.
    fn callback(self, at: Callback, ticket: impl FnOnce(&Self) -> Option<Ticket>, moment: &mut Moment) -> Step<'a> {
        let now = moment.now();
        let flights = Flights::read(self.site, &self.gate.keyring, self.head.headers(), now);
        let flight = flights.find(&at.id).filter(|flight| flight.again == at.again).cloned();
        match (flight, ticket(&self)) {
            (Some(flight), Some(ticket @ Ticket::Service(_))) => self.redeem(flight, &ticket, moment),
            (Some(flight), None) if flight.gateway => self.land_anonymous(&flight),
            (Some(_), _) => self.refuse(Why::FlightExpired, moment),
            (None, ticket) => self.with_session(now, |visit, session| match (session, ticket) {
                (Some(_), _) => visit.already(),
                (None, Some(_)) if at.again => visit.refuse(Why::CookiesOff, moment),
                (None, Some(_)) if visit.head.caller() == Caller::Page => visit.start(true, moment),
                (None, Some(_)) => visit.refuse(Why::LoginRequired, moment),
                (None, None) => visit.refuse(Why::FlightExpired, moment),
            }),
        }
    }

    fn already(self) -> Step<'a> {
        let location = format!("{}/", self.site.public);
        Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::AlreadySignedIn)
    }

    fn redeem(self, flight: Flight, ticket: &Ticket, moment: &mut Moment) -> Step<'a> {
        let Ok(service) = ServiceUrl::parse(&flight.service(self.site)) else {
            return self.refuse(Why::BadRequest, moment);
        };
        let object = self.object(ticket);
        let call = self.site.server.validate(ticket, &service, flight.renew);
        let redeem = Redeem {
            url: call.url,
            headers: call.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            renew: flight.renew,
            protocol: match self.site.server.protocol() {
                cas::Protocol::Cas1 => 1,
                cas::Protocol::Cas2 => 2,
                cas::Protocol::Cas3 => 3,
            },
            server: self.site.server.base().to_owned(),
            object: object.clone(),
            sid: Base64UrlUnpadded::encode_string(&moment.draw::<16>()),
            keep: self.gate.attributes.clone(),
            lifetimes: self.gate.lifetimes(),
        };
        Step::Ticket(AskTicket {
            object,
            call: TicketCall::Redeem(Box::new(redeem)),
            then: TicketThen::Land(Box::new(flight)),
            visit: self,
        })
    }

    fn object(&self, ticket: &Ticket) -> ObjectName {
        self.gate.id_key.ticket(self.site.server.base(), ticket.as_str())
    }

    pub(crate) fn landing(self, flight: Flight, verdict: TicketVerdict, moment: &mut Moment) -> Step<'a> {
        match verdict {
            TicketVerdict::Live(session) => self.land(&session, &flight, moment),
            TicketVerdict::Unavailable => self.refuse_landing(Why::StoreUnavailable, "", &flight.page, moment),
            TicketVerdict::Gone(gone) => {
                let why = match &gone {
                    Gone::Used | Gone::Unknown | Gone::Ended | Gone::Expired => Why::TicketReplayed,
                    Gone::Poisoned => Why::TicketPoisoned,
                    Gone::Refused(_) => Why::TicketRefused,
                    Gone::BadAnswer(_) => Why::CasBadAnswer,
                    Gone::Fault(Fault::Timeout) => Why::CasTimeout,
                    Gone::Fault(Fault::Unreachable | Fault::Resting) => Why::CasUnavailable,
                };
                let once_more =
                    matches!(why, Why::TicketReplayed | Why::TicketRefused | Why::TicketPoisoned | Why::CasTimeout);
                let now = moment.now();
                // The code alone: what a server writes beside it holds tickets and addresses at times.
                let code = match gone {
                    Gone::Refused(code) | Gone::BadAnswer(code) => code,
                    _ => String::new(),
                };
                let step = self.with_session(now, |visit, session| {
                    if session.is_some() && why == Why::TicketReplayed {
                        let location = format!("{}{}", visit.site.public, flight.page);
                        let reply = Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new());
                        return Step::Done(reply, Why::AlreadySignedIn);
                    }
                    if once_more && flight.tries == 0 {
                        let next = Flight { renew: flight.renew, tries: 1, ..visit.flight(&flight.page, moment) };
                        return visit.fly(next, why, moment);
                    }
                    let mut sentences = cas::AnswerError::ALL.iter().filter(|_| why == Why::CasBadAnswer);
                    let detail = sentences.find(|(known, _)| *known == code).map_or("", |(_, sentence)| sentence);
                    visit.refuse_landing(why, detail, &flight.page, moment)
                });
                if code.is_empty() { step } else { step.noting(AuditEvent::SignInFailed { code }) }
            }
        }
    }

    /// A body has been read.
    pub(crate) fn read(self, then: ReadThen, body: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        let body = body.filter(|body| body.len() <= cas::MAX_LOGOUT_BYTES);
        match then {
            ReadThen::SecretLogout => self.single_logout(body.as_deref().unwrap_or_default(), true, None, moment),
            ReadThen::Callback(at) => {
                let Some(body) = body else { return self.refuse(Why::BadRequest, moment) };
                let text = core::str::from_utf8(&body).unwrap_or_default();
                let field = |name: &str| {
                    text.split('&').filter_map(|pair| pair.split_once('=')).rfind(|(known, _)| *known == name)
                };
                let ticket =
                    field("ticket").and_then(|(_, value)| percent::decode_form(value)).and_then(|t| Ticket::parse(&t));
                match ticket {
                    None => {
                        let proven = self.is_source();
                        let closed = self.gate.policy.slo_secret_path_only
                            || !self.gate.policy.slo_sources.is_empty() && !proven;
                        if closed {
                            return self.refuse(Why::SingleLogoutStranger, moment);
                        }
                        self.single_logout(&body, proven, Some(&at.id), moment)
                    }
                    Some(ticket) => {
                        let has_flight = cookie::pairs(self.head.headers())
                            .any(|(name, _)| name == format!("{}{}", self.site.cookies.flight, at.id.as_str()));
                        // A Lax cookie does not come with a POST from another site: it comes when our own page posts again.
                        if !has_flight && field("again").is_none() && !self.head.is_from(&self.site.public) {
                            return refuse::post_again(&self, &ticket);
                        }
                        self.callback(at, |_| Some(ticket), moment)
                    }
                }
            }
        }
    }

    fn is_source(&self) -> bool {
        self.peer.is_some_and(|peer| self.gate.policy.slo_sources.iter().any(|net: &Network| net.contains(peer)))
    }

    fn single_logout(self, body: &[u8], proven: bool, flight: Option<&FlightId>, moment: &mut Moment) -> Step<'a> {
        // On a flight that nobody began here, no session can have begun either.
        let pointless = flight.is_some_and(|id| {
            !id.is_ours(&self.gate.id_key, self.site) || !self.gate.memory.borrow().may_miss(id.as_str())
        });
        match LogoutRequest::read(body).map(|request| request.session) {
            Ok(_) if pointless => Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout),
            Ok(SessionIndex::Ticket(ticket)) => Step::Ticket(AskTicket {
                object: self.object(&ticket),
                call: TicketCall::End { proven },
                then: TicketThen::LoggedOut(flight.map(|id| id.as_str().to_owned())),
                visit: self,
            }),
            // No proxy-granting tickets are kept here, so none can be given up.
            Ok(SessionIndex::ProxyGranting(_)) => {
                Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
            }
            Err(_) => self.refuse(Why::SingleLogoutUnreadable, moment),
        }
    }

    /// Ends the session here, then everywhere at the CAS server.
    fn log_out(self, now: base::UnixMs) -> Step<'a> {
        let names = &self.site.cookies;
        let service = ServiceUrl::parse(&format!("{}/", self.site.public)).ok();
        let location = self.site.server.logout_url(service.as_ref());
        let cookies = vec![names.clear(&names.session), names.clear(&names.asked)];
        let answer = answer::redirect(303, &location, cookies);
        self.with_session(now, |visit, session: Option<Session>| match session {
            None => Step::Done(Reply::Answer(answer, Vec::new()), Why::LoggedOut),
            Some(session) => {
                visit.gate.memory.borrow_mut().end(&session.object);
                let reply = Reply::Answer(answer, vec![AuditEvent::Ended { session: session.sid }]);
                Step::Ticket(AskTicket {
                    object: session.object,
                    call: TicketCall::End { proven: true },
                    then: TicketThen::Answer(Box::new((reply, Why::LoggedOut))),
                    visit,
                })
            }
        })
    }
}

fn self_query_ticket(visit: &Visit<'_>) -> Option<Ticket> {
    visit.target.query.and_then(cas::query::last_ticket)
}
