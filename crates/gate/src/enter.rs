//! With a session to the app, or without one to sign in.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use cas::{Login, Prompt, ServiceUrl};

use crate::{
    answer::{self, Answer},
    breaker::CasHealth,
    cookie,
    flight::{Flight, Flights},
    forward,
    head::Caller,
    policy::Access,
    reply::{AuditEvent, Reply},
    seal::ObjectName,
    session::Session,
    step::{AskSign, AskTicket, SignThen, Step, TicketThen},
    ticket::{TicketCall, TicketVerdict},
    visit::{ASSERTION, Purpose, Visit},
    why::Why,
};

/// Well over the time between two looks at a session, and no more than DESIGN 4.3 allows.
const ASSERTION_SECS: u64 = 300;
/// How long it is remembered that nobody was signed in at the CAS server.
const ASKED_SECS: u64 = 300;

impl<'a> Visit<'a> {
    /// A live session meets what it was wanted for. `cookie` is its new cookie, where it was looked up just now.
    pub(crate) fn enter(
        self,
        session: Session,
        purpose: Purpose,
        why: Why,
        cookie: Option<String>,
        moment: &mut Moment,
    ) -> Step<'a> {
        let now = moment.now();
        let rule = match purpose {
            Purpose::Whoami => return self.whoami(&session, cookie),
            Purpose::Rule(at) => self.gate.policy.rules.get(at),
        };
        let Some(rule) = rule else { return self.refuse(Why::NoRule, moment) };
        match self.allowed(rule, &session, now) {
            Ok(()) => {}
            Err(Why::FreshLoginRequired) => return self.start_fresh(moment),
            Err(why) => return self.refuse_for(why, rule, &session, moment),
        }
        let mut forward = self.way(rule).forward(Some(&session));
        forward.cookies.extend(cookie);
        let known = self.gate.memory.borrow().assertion(&session.sid, &self.site.id, now).map(str::to_owned);
        match known {
            Some(jwt) => {
                forward.set.push((ASSERTION.into(), jwt));
                forwarded(forward, why)
            }
            None => {
                let claims = forward::claims(self.site, &session, now, ASSERTION_SECS);
                let header = format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{}"}}"#, self.gate.signing.kid);
                let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
                let input = format!("{}.{}", encode(header), encode(claims));
                let until = now.plus_secs(ASSERTION_SECS);
                Step::Sign(AskSign { visit: self, input, then: SignThen { forward, why, sid: session.sid, until } })
            }
        }
    }

    pub(crate) fn signed(
        self,
        input: String,
        then: SignThen,
        signature: Option<Vec<u8>>,
        moment: &mut Moment,
    ) -> Step<'a> {
        let Some(signature) = signature.filter(|signature| signature.len() == 64) else {
            return self.refuse(Why::SigningFailed, moment);
        };
        let jwt = format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature));
        let SignThen { mut forward, why, sid, until } = then;
        self.gate.memory.borrow_mut().remember_assertion(&sid, &self.site.id, jwt.clone(), until);
        forward.set.push((ASSERTION.into(), jwt));
        forwarded(forward, why)
    }

    /// The object's word on a session that was due for a look.
    pub(crate) fn checked(
        self,
        old: Session,
        purpose: Purpose,
        verdict: TicketVerdict,
        moment: &mut Moment,
    ) -> Step<'a> {
        let now = moment.now();
        match verdict {
            TicketVerdict::Live(session) => {
                let Some(sealed) = session.seal(self.site, &self.gate.keyring, moment) else {
                    return self.refuse(Why::SigningFailed, moment);
                };
                let mut memory = self.gate.memory.borrow_mut();
                memory.remember(&self.site.id, &sealed, session.clone());
                // The same cookie may come again beside this answer; it need not be looked up again for it.
                if let Some(value) = self.session_cookie() {
                    memory.remember(&self.site.id, value, session.clone());
                }
                drop(memory);
                let names = &self.site.cookies;
                let cookie = names.set(&names.session, &sealed, None);
                self.enter(session, purpose, Why::SessionChecked, Some(cookie), moment)
            }
            TicketVerdict::Gone(_) => {
                self.gate.memory.borrow_mut().end(&old.object);
                let visit = Self { dead_cookie: true, ..self };
                match purpose {
                    Purpose::Rule(at) => visit.stranger(at, moment),
                    Purpose::Whoami => visit.refuse(Why::LoginRequired, moment),
                }
            }
            TicketVerdict::Unavailable => {
                let (revalidate, grace) = match purpose {
                    Purpose::Rule(at) => {
                        self.gate.policy.rules.get(at).map_or((0, 0), |rule| (rule.revalidate_secs, rule.grace_secs))
                    }
                    Purpose::Whoami => (self.gate.policy.revalidate_secs, self.gate.policy.grace_secs),
                };
                if old.has_grace(revalidate, grace, now) {
                    self.enter(old, purpose, Why::SessionGrace, None, moment)
                } else {
                    self.refuse(Why::StoreUnavailable, moment)
                }
            }
        }
    }

    /// Nobody is signed in.
    pub(crate) fn stranger(self, at: usize, moment: &mut Moment) -> Step<'a> {
        let Some(rule) = self.gate.policy.rules.get(at) else { return self.refuse(Why::NoRule, moment) };
        match (&rule.access, self.head.caller()) {
            (Access::Public | Access::Optional, caller) => {
                // Only a browser that shows by its headers what it is: a robot would be sent away from an open page.
                let browser = caller == Caller::Page && self.head.header("sec-fetch-dest").is_some();
                if browser && self.cas == CasHealth::Up && rule.access == Access::Optional && !self.was_asked() {
                    return self.start_gateway(moment);
                }
                let mut forward = self.way(rule).forward(None);
                forward.private = true;
                if self.dead_cookie {
                    forward.cookies.push(self.site.cookies.clear(&self.site.cookies.session));
                }
                forwarded(forward, Why::Anonymous)
            }
            (Access::Fresh { .. }, Caller::Page) => self.start_fresh(moment),
            (Access::Login, Caller::Page) => self.start(false, moment),
            (Access::Login | Access::Fresh { .. }, Caller::Submit) => self.refuse(Why::NothingSent, moment),
            (Access::Login | Access::Fresh { .. }, Caller::Script) => self.refuse(Why::LoginRequired, moment),
        }
    }

    fn was_asked(&self) -> bool {
        cookie::pairs(self.head.headers()).any(|(name, _)| name == self.site.cookies.asked)
    }

    fn start_gateway(self, moment: &mut Moment) -> Step<'a> {
        let flight = Flight { gateway: true, ..self.flight(&self.page(), moment) };
        self.fly(flight, Why::GatewayStarted, moment)
    }

    fn start_fresh(self, moment: &mut Moment) -> Step<'a> {
        match self.head.caller() {
            Caller::Page => {
                let flight = Flight { renew: true, ..self.flight(&self.page(), moment) };
                self.fly(flight, Why::FreshLoginStarted, moment)
            }
            Caller::Submit => self.refuse(Why::NothingSent, moment),
            Caller::Script => self.refuse(Why::FreshLoginRequired, moment),
        }
    }

    /// Sends the page to sign in.
    pub(crate) fn start(self, again: bool, moment: &mut Moment) -> Step<'a> {
        let page = if again { "/".to_owned() } else { self.page() };
        let flight = Flight { again, ..self.flight(&page, moment) };
        self.fly(flight, if again { Why::NotOurFlight } else { Why::LoginStarted }, moment)
    }

    pub(crate) fn flight(&self, page: &str, moment: &mut Moment) -> Flight {
        Flight::new(page, &self.gate.id_key, self.site, moment)
    }

    /// Begins this flight.
    pub(crate) fn fly(self, flight: Flight, why: Why, moment: &mut Moment) -> Step<'a> {
        if self.cas == CasHealth::Resting {
            return self.refuse(Why::CasUnavailable, moment);
        }
        let prompt = match (flight.renew, flight.gateway) {
            (true, _) => Prompt::Renew,
            (false, true) => Prompt::Gateway,
            (false, false) => Prompt::Usual,
        };
        let Ok(service) = ServiceUrl::parse(&flight.service(self.site)) else {
            return self.refuse(Why::BadRequest, moment);
        };
        let login = Login { prompt, params: Some(&self.gate.policy.login_params) };
        let location = self.site.server.login_url(&service, login);
        let flights = Flights::read(self.site, &self.gate.keyring, self.head.headers(), moment.now());
        let Some(mut cookies) = flights.begin(&flight, &self.gate.keyring, moment) else {
            return self.refuse(Why::SigningFailed, moment);
        };
        if self.dead_cookie {
            cookies.push(self.site.cookies.clear(&self.site.cookies.session));
        }
        let answer = answer::redirect(302, &location, cookies);
        Step::Done(Reply::Answer(answer, Vec::new()), why)
    }

    /// A ticket on an app's page: away with it. What follows is the page itself, or its own login.
    pub(crate) fn strip_ticket(self) -> Step<'a> {
        let location = format!("{}{}", self.site.public, self.page());
        Step::Done(Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new()), Why::TicketStripped)
    }

    /// After a login: the new session's cookie, the flight's end, and the page that was asked for. A session that this
    /// browser had before is ended first.
    pub(crate) fn land(self, session: &Session, flight: &Flight, moment: &mut Moment) -> Step<'a> {
        let names = &self.site.cookies;
        let Some(sealed) = session.seal(self.site, &self.gate.keyring, moment) else {
            return self.refuse(Why::SigningFailed, moment);
        };
        self.gate.memory.borrow_mut().remember(&self.site.id, &sealed, session.clone());
        let cookies = vec![
            names.set(&names.session, &sealed, None),
            names.clear(&format!("{}{}", names.flight, flight.id.as_str())),
        ];
        let location = format!("{}{}", self.site.public, flight.page);
        let mut events = vec![AuditEvent::SignedIn { session: session.sid.clone() }];
        let old = self.old_session(&session.object);
        if let Some(old) = &old {
            events.push(AuditEvent::Ended { session: old.sid.clone() });
        }
        let reply = Reply::Answer(answer::redirect(303, &location, cookies), events);
        match old {
            None => Step::Done(reply, Why::SignedIn),
            Some(old) => {
                self.gate.memory.borrow_mut().end(&old.object);
                Step::Ticket(AskTicket {
                    object: old.object,
                    call: TicketCall::End { proven: true },
                    then: TicketThen::Answer(Box::new((reply, Why::SignedIn))),
                    visit: self,
                })
            }
        }
    }

    fn old_session(&self, new: &ObjectName) -> Option<Session> {
        let session = Session::open(self.site, &self.gate.keyring, self.session_cookie()?)?;
        (session.object != *new).then_some(session)
    }

    /// The mark that nobody was signed in, and the page.
    pub(crate) fn land_anonymous(self, flight: &Flight) -> Step<'a> {
        let names = &self.site.cookies;
        let cookies = vec![
            names.set(&names.asked, "1", Some(ASKED_SECS)),
            names.clear(&format!("{}{}", names.flight, flight.id.as_str())),
        ];
        let location = format!("{}{}", self.site.public, flight.page);
        Step::Done(Reply::Answer(answer::redirect(303, &location, cookies), Vec::new()), Why::GatewayReturned)
    }

    fn whoami(self, session: &Session, cookie: Option<String>) -> Step<'a> {
        let body = serde_json::json!({
            "user": session.user,
            "session": session.sid,
            "signedInMs": session.born().millis(),
            "attributes": session.attributes.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        });
        let mut answer: Answer = answer::json(200, &body.to_string());
        answer.headers.extend(cookie.map(|cookie| ("set-cookie".to_owned(), cookie)));
        Step::Done(Reply::Answer(answer, Vec::new()), Why::Whoami)
    }
}

fn forwarded<'a>(forward: forward::Forward, why: Why) -> Step<'a> {
    let events = forward.truncated.iter().map(|header| AuditEvent::Truncated { header: header.clone() }).collect();
    Step::Done(Reply::Forward(Box::new(forward), events), why)
}
