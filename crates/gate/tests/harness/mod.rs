//! A gate whose asks are answered by the test, and a minimal browser in front of it.
#![allow(dead_code, reason = "each test uses a part of it")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::HashMap;

use base::{Moment, UnixMs};
use gate::{
    Facts, Fault, Forward, Gate, Gone, Instance, Reply, RequestHeader, Session, Settings, Step, TicketCall,
    TicketVerdict, Why, state::ticket::Heir,
};
use vectors::gate::{Given, POLICY};

pub(crate) const PUBLIC: &str = "https://app.example.org";
pub(crate) const CAS: &str = "https://cas.example.org/cas";
pub(crate) const NOW: u64 = 1_795_447_980;
pub(crate) const SESSION: &str = "__Host-portcullis";

pub(crate) struct Harness {
    pub(crate) gate: Gate,
    pub(crate) instance: Instance,
    draws: u32,
    pub(crate) cookies: Vec<(String, String)>,
    /// The other end of the connection.
    pub(crate) peer: &'static str,
    /// The adapter's cached plans, by cache key and plan id.
    plans: HashMap<(String, usize), Forward>,
}

/// The outcome of one request.
pub(crate) struct Done {
    pub(crate) reply: Reply,
    pub(crate) why: Why,
    pub(crate) asks: Vec<&'static str>,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A gate with changed settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings<'_>)) -> Self {
        let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let coordinate = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]);
        let signing = format!(
            r#"[{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}","d":"{coordinate}","kid":"k1"}}]"#
        );
        let mut settings = Settings {
            cas_url: CAS,
            public_url: PUBLIC,
            origin_url: "http://127.0.0.1:9000",
            keys: &key,
            id_key: &key,
            signing_keys: &signing,
            policy: POLICY,
            ..Settings::default()
        };
        change(&mut settings);
        // The tests write policies as people do; the gate reads them as the build converts them.
        let policy = gate::policy::canonical(settings.policy).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(vectors::schema::takes(&policy), "editors mark this policy, and the gate takes it: {policy}");
        settings.policy = &policy;
        Self {
            gate: Gate::new(&settings).unwrap_or_else(|e| panic!("{e:?}")),
            instance: Instance::default(),
            draws: 0,
            cookies: Vec::new(),
            peer: "192.0.2.1",
            plans: HashMap::new(),
        }
    }

    fn moment(&mut self, now: UnixMs) -> Moment {
        self.draws += 1;
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&self.draws.to_le_bytes());
        Moment::new(now, seed)
    }

    /// Sends one request; `given` answers its asks.
    pub(crate) fn ask(&mut self, lines: &[String], given: &Given, now: UnixMs) -> Done {
        let mut head = lines.to_vec();
        if !head.iter().any(|line| line.starts_with("host: ")) {
            head.push("host: app.example.org".into());
        }
        if !self.cookies.is_empty() {
            let all: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push(format!("cookie: {}", all.join("; ")));
        }
        let text = head.join("\n");
        let open_circuits = if given.circuit_open { vec![CAS.to_owned()] } else { Vec::new() };
        let mut moment = self.moment(now);
        let facts = Facts { head: &text, peer: self.peer.parse().ok(), open_circuits: &open_circuits };
        let mut asks = Vec::new();
        let before = self.cached(&head, now);
        let fast = self.gate.decide_fast(&mut self.instance, facts, now);
        self.check_plan(&head, before, fast.as_ref().map(|(forward, _)| forward), now);
        let fast = fast.map(|(forward, why)| (forward.url, why));
        let mut step = self.gate.decide(&mut self.instance, facts, &mut moment);
        let (reply, why) = loop {
            step = match step {
                Step::Done(reply, why) => break (reply, why),
                Step::Read(ask) => {
                    asks.push("read");
                    ask.answer(Ok(body(given.body.as_deref().unwrap_or_default())), &mut self.instance, &mut moment)
                }
                Step::Ticket(ask) => {
                    asks.push("ticket");
                    let verdict = verdict(ask.call(), given, ask.object(), now);
                    ask.answer(verdict, &mut self.instance, &mut moment)
                }
                Step::Person(_) | Step::Directory(_) | Step::Anchor(_) => panic!("this policy asks for no factor"),
                Step::Validate(ask) => {
                    asks.push("validate");
                    let user = given.session.as_deref().unwrap_or("ann");
                    ask.answer(validation(user, given), &mut moment)
                }
                Step::Sign(ask) => {
                    asks.push("sign");
                    assert!(ask.jwk().contains("\"d\":"), "the private key, which signs");
                    let signature = (!given.unsigned).then(|| vec![9; 64]);
                    ask.answer(signature, &mut self.instance, &mut moment)
                }
            }
        };
        // The fast path must agree with the full decision.
        match (&fast, &reply) {
            (Some((url, fast_why)), Reply::Forward(forward, _)) => {
                assert_eq!((url, *fast_why, asks.len()), (&forward.url, why, 0));
            }
            (Some(_), Reply::Answer(..)) => panic!("the fast path forwarded a request that the decision answers"),
            (None, _) => {}
        }
        Done { reply, why, asks }
    }

    /// The cached plan for a request, as the adapter would use it.
    fn cached(&self, head: &[String], now: UnixMs) -> Option<Forward> {
        let (method, target) = head.first()?.split_once(' ')?;
        let header = |name: &str| head.iter().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let line = if target.starts_with('/') {
            format!("{method} https://{}{target}", header("host: "))
        } else {
            head[0].clone()
        };
        // As the adapter does: these headers need a full decision.
        let names = head.iter().skip(1).filter_map(|line| line.split_once(": ").map(|(name, _)| name));
        if names.into_iter().any(|name| self.gate.request_header(name) == RequestHeader::Decide) {
            return None;
        }
        let id = self.gate.cached_decision(&self.instance, &line, &self.cache_key(head), now)?;
        let (_, rest) = line.split_once("://")?;
        let mut forward = self.plans.get(&(self.cache_key(head), id)).unwrap().clone();
        forward.url = format!("{}{}", forward.origin_base, &rest[rest.find('/')?..]);
        Some(forward)
    }

    /// As the adapter makes it.
    fn cache_key(&self, head: &[String]) -> String {
        let value = |name: &str| {
            let lines = head.iter().skip(1).filter_map(|line| line.split_once(": "));
            let values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            values.collect::<Vec<_>>().join(", ")
        };
        let client =
            self.gate.policy().peer.as_ref().map_or_else(String::new, |peer| format!(" {}", value(peer.name())));
        format!("{}{client}\n{}", self.peer, value("cookie"))
    }

    /// Checks that a cached plan equals the fast decision, and that a plan with an id is found at once.
    fn check_plan(&mut self, head: &[String], before: Option<Forward>, fast: Option<&Forward>, now: UnixMs) {
        if let Some(cached) = before {
            let decided = fast.expect("the cached plan forwarded a request that the fast path does not");
            assert_eq!(without_names(&cached), without_names(decided));
        }
        let Some(decided) = fast else { return };
        let Some(id) = decided.plan_id else { return };
        self.plans.insert((self.cache_key(head), id), decided.clone());
        let cached = self.cached(head, now).expect("a decision that was just cached is found");
        assert_eq!(without_names(&cached), without_names(decided));
    }

    /// Stores the cookies of an answer, as a browser does.
    pub(crate) fn take(&mut self, done: &Done) {
        let Reply::Answer(answer, _) = &done.reply else { return };
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !line.ends_with("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Begins a login and returns the path of its call-back.
    pub(crate) fn begin_login(&mut self, page: &str, now: UnixMs) -> String {
        let done = self.ask(&[format!("GET {page}"), "accept: text/html".into()], &Given::default(), now);
        self.take(&done);
        callback(&done)
    }

    pub(crate) fn sign_in(&mut self, given: &Given, now: UnixMs) {
        let page = if given.fresh { "/fresh/x" } else { "/app" };
        let callback = self.begin_login(page, now);
        let given = Given { verdict: Some("live".into()), ..given.clone() };
        let done = self.ask(&[format!("GET {callback}?ticket=ST-0-first"), "accept: text/html".into()], &given, now);
        assert_eq!(done.why, Why::SignedIn);
        self.take(&done);
    }
}

/// Drops the stripped names except `cookie`, because they are decided for each request.
fn without_names(forward: &Forward) -> Forward {
    let strip = forward.strip.iter().filter(|name| *name == "cookie").cloned().collect();
    Forward { strip, ..forward.clone() }
}

pub(crate) fn location(done: &Done) -> &str {
    let Reply::Answer(answer, _) = &done.reply else { return "" };
    answer.headers.iter().find(|(name, _)| name == "location").map_or("", |(_, value)| value.as_str())
}

pub(crate) fn callback(done: &Done) -> String {
    let service = location(done).split("service=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    cas::percent::decode(service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned()
}

fn body(text: &str) -> Vec<u8> {
    match text {
        "logout" => {
            let xml = "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"1\" Version=\"2.0\" \
                       IssueInstant=\"2026-01-01T00:00:00Z\"><samlp:SessionIndex>ST-1-abc</samlp:SessionIndex></samlp:LogoutRequest>";
            format!("logoutRequest={}", cas::percent::encode(xml)).into_bytes()
        }
        text => text.as_bytes().to_vec(),
    }
}

/// The CAS server's answer to a machine client's ticket.
fn validation(user: &str, given: &Given) -> Result<gate::Body, gate::ValidateFault> {
    let attributes: Vec<_> = given
        .attributes
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| format!("<cas:{name}>{value}</cas:{name}>")))
        .collect();
    let inside = match given.verdict.as_deref() {
        Some("busy") => return Err(gate::ValidateFault::Busy),
        Some("timeout") => return Err(gate::ValidateFault::Cas(Fault::Timeout)),
        Some("refused") => {
            "<cas:authenticationFailure code=\"INVALID_TICKET\">no</cas:authenticationFailure>".to_owned()
        }
        _ => format!(
            "<cas:authenticationSuccess><cas:user>{user}</cas:user><cas:attributes><cas:isFromNewLogin>true</cas:isFromNewLogin>{}\
             </cas:attributes></cas:authenticationSuccess>",
            attributes.concat()
        ),
    };
    let text = format!("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{inside}</cas:serviceResponse>");
    Ok(gate::Body { status: 200, bytes: text.into_bytes() })
}

fn verdict(call: &TicketCall, given: &Given, object: &gate::ObjectName, now: UnixMs) -> TicketVerdict {
    let gone = |gone| TicketVerdict::Gone(gone);
    match (given.verdict.as_deref().unwrap_or_else(|| panic!("the row has no verdict of the object")), call) {
        ("live", TicketCall::End { .. } | TicketCall::Replace { .. }) => gone(Gone::Ended),
        ("live", call) => {
            let user = given.session.clone().unwrap_or_else(|| "ann".into());
            // The object keeps only the attributes that the policy names.
            let kept = |name: &String| !matches!(call, TicketCall::Redeem(redeem) if !redeem.attribute_allow_list.contains(name));
            let attributes = given.attributes.clone().into_iter().filter(|(name, _)| kept(name)).collect();
            let born =
                if matches!(call, TicketCall::Touch | TicketCall::Peek) { ago(now, given.ago_secs) } else { now };
            let session = Session::new(object.clone(), "sid".into(), user, attributes, given.fresh, born);
            TicketVerdict::Live(session.revalidated(now))
        }
        // A later ticket of the same login has given the object a session of its own.
        ("replaced", TicketCall::Touch) => {
            TicketVerdict::Live(Session::new(object.clone(), "later".into(), "ann".into(), Vec::new(), false, now))
        }
        // A newer session has taken its place, and so on without end.
        ("replaced", TicketCall::End { .. }) => {
            TicketVerdict::Replaced(Heir { object: object.clone(), sid: "later".into(), until_secs: now.secs() + 60 })
        }
        (_, TicketCall::Remember { .. }) => TicketVerdict::Remembered,
        ("ended", _) => gone(Gone::Ended),
        ("used", _) => gone(Gone::Used),
        ("ended-during-validation", _) => gone(Gone::EndedDuringValidation),
        ("refused", _) => gone(Gone::Refused("CAS_INVALID_TICKET".into())),
        ("bad-answer", _) => gone(Gone::BadAnswer("CAS_ANSWER_MALFORMED".into())),
        ("timeout", _) => gone(Gone::Fault(Fault::Timeout)),
        ("unreachable", _) => gone(Gone::Fault(Fault::Unreachable)),
        ("unavailable", _) => TicketVerdict::Unavailable,
        (other, _) => panic!("no verdict {other}"),
    }
}

/// This many seconds after [`NOW`].
pub(crate) fn at(secs: u64) -> UnixMs {
    UnixMs::from_secs(NOW + secs)
}

pub(crate) fn ago(now: UnixMs, secs: i64) -> UnixMs {
    UnixMs::from_secs(now.secs().saturating_add_signed(-secs))
}
