//! The rows of `tests/vectors/gate`, one test a row: `cargo test -p gate s06`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test, though its harness is its own")]

use base::{Moment, UnixMs};
use gate::{
    Facts, Fault, Forward, Gate, Gone, Reply, Settings, Step, TicketCall, TicketVerdict, Why, session::Session,
};
use libtest_mimic::{Arguments, Failed, Trial};
use vectors::gate::{Decision, Expected, Given, POLICY, REDIRECTS, decisions};

const PUBLIC: &str = "https://app.example.org";
const CAS: &str = "https://cas.example.org/cas";
const NOW: u64 = 1_795_447_980;
const SESSION: &str = "__Host-portcullis";

fn main() {
    let mut trials: Vec<Trial> =
        decisions().into_iter().map(|row| Trial::test(row.test_name(), move || check(&row))).collect();
    assert!(trials.len() > 100, "the table is there");
    for line in REDIRECTS.lines().filter(|line| !line.starts_with('#')) {
        trials.push(Trial::test(format!("o01_{line}"), move || redirect(line)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

struct World {
    gate: Gate,
    draws: u8,
    cookies: Vec<(String, String)>,
}

/// What came of one request.
struct Done {
    reply: Reply,
    why: Why,
    asks: Vec<&'static str>,
}

impl World {
    fn new() -> Self {
        let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let coordinate = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]);
        let signing = format!(
            r#"[{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}","d":"{coordinate}","kid":"k1"}}]"#
        );
        let settings = Settings {
            cas_url: CAS,
            public_url: PUBLIC,
            origin_url: "http://127.0.0.1:9000",
            keys: &key,
            id_key: &key,
            signing_keys: &signing,
            policy: POLICY,
            ..Settings::default()
        };
        Self { gate: Gate::new(&settings).unwrap_or_else(|e| panic!("{e:?}")), draws: 0, cookies: Vec::new() }
    }

    fn moment(&mut self, now: UnixMs) -> Moment {
        self.draws += 1;
        Moment::new(now, [self.draws; 32])
    }

    /// One request, its asks answered as `given` says.
    fn ask(&mut self, lines: &[String], given: &Given, now: UnixMs) -> Done {
        let mut head = lines.to_vec();
        if !head.iter().any(|line| line.starts_with("host: ")) {
            head.push("host: app.example.org".into());
        }
        if !self.cookies.is_empty() {
            let all: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push(format!("cookie: {}", all.join("; ")));
        }
        let text = head.join("\n");
        let resting = if given.resting { vec![CAS.to_owned()] } else { Vec::new() };
        let mut moment = self.moment(now);
        let facts = Facts { head: &text, peer: "192.0.2.1".parse().ok(), resting: &resting };
        let mut asks = Vec::new();
        let glanced = self.gate.glance(facts, now).map(|(forward, why)| (forward.url, why));
        let mut step = self.gate.decide(facts, &mut moment);
        let (reply, why) = loop {
            step = match step {
                Step::Done(reply, why) => break (reply, why),
                Step::Read(ask) => {
                    asks.push("read");
                    ask.answer(Some(body(given.body.as_deref().unwrap_or_default())), &mut moment)
                }
                Step::Ticket(ask) => {
                    asks.push("ticket");
                    let verdict = verdict(ask.call(), given, ask.object(), now);
                    ask.answer(verdict, &mut moment)
                }
                Step::Sign(ask) => {
                    asks.push("sign");
                    let signature = (!given.unsigned).then(|| vec![9; 64]);
                    ask.answer(signature, &mut moment)
                }
            }
        };
        // The door's glance never says otherwise than the whole decision.
        match (&glanced, &reply) {
            (Some((url, glanced_why)), Reply::Forward(forward, _)) => {
                assert_eq!((url, *glanced_why, asks.len()), (&forward.url, why, 0));
            }
            (Some(_), Reply::Answer(..)) => panic!("the glance forwarded what the decision answers"),
            (None, _) => {}
        }
        Done { reply, why, asks }
    }

    /// Takes the cookies of an answer, as a browser does.
    fn take(&mut self, done: &Done) {
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

    /// Begins a login and gives the path of its call-back.
    fn fly(&mut self, page: &str, now: UnixMs) -> String {
        let done = self.ask(&[format!("GET {page}"), "accept: text/html".into()], &Given::default(), now);
        self.take(&done);
        callback(&done)
    }

    fn sign_in(&mut self, given: &Given, now: UnixMs) {
        let page = if given.fresh { "/fresh/x" } else { "/app" };
        let callback = self.fly(page, now);
        let given = Given { verdict: Some("live".into()), ..given.clone() };
        let done = self.ask(&[format!("GET {callback}?ticket=ST-0-first"), "accept: text/html".into()], &given, now);
        assert_eq!(done.why, Why::SignedIn);
        self.take(&done);
    }
}

fn location(done: &Done) -> &str {
    let Reply::Answer(answer, _) = &done.reply else { return "" };
    answer.headers.iter().find(|(name, _)| name == "location").map_or("", |(_, value)| value.as_str())
}

fn callback(done: &Done) -> String {
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

fn verdict(call: &TicketCall, given: &Given, object: &gate::seal::ObjectName, now: UnixMs) -> TicketVerdict {
    let gone = |gone| TicketVerdict::Gone(gone);
    match (given.verdict.as_deref().unwrap_or_else(|| panic!("the row does not say what the object answers")), call) {
        ("live", TicketCall::End { .. }) => gone(Gone::Ended),
        ("live", call) => {
            let user = given.session.clone().unwrap_or_else(|| "ann".into());
            let attributes = given.attributes.clone().into_iter().collect();
            let born = if matches!(call, TicketCall::Touch) { ago(now, given.ago_secs) } else { now };
            let session = Session::new(object.clone(), "sid".into(), user, attributes, given.fresh, born);
            TicketVerdict::Live(session.checked(now))
        }
        ("ended", _) => gone(Gone::Ended),
        ("used", _) => gone(Gone::Used),
        ("poisoned", _) => gone(Gone::Poisoned),
        ("refused", _) => gone(Gone::Refused),
        ("bad-answer", _) => gone(Gone::BadAnswer("CAS_ANSWER_MALFORMED".into())),
        ("timeout", _) => gone(Gone::Fault(Fault::Timeout)),
        ("unreachable", _) => gone(Gone::Fault(Fault::Unreachable)),
        ("unavailable", _) => TicketVerdict::Unavailable,
        (other, _) => panic!("no verdict {other}"),
    }
}

fn ago(now: UnixMs, secs: i64) -> UnixMs {
    UnixMs::from_secs(now.secs().saturating_add_signed(-secs))
}

fn check(row: &Decision) -> Result<(), Failed> {
    let mut world = World::new();
    let now = UnixMs::from_secs(NOW);
    let given = row.given.clone().unwrap_or_default();
    let before = ago(now, given.ago_secs);
    if given.session.is_some() {
        world.sign_in(&given, before);
    }
    let mut path = String::new();
    if let Some(page) = &given.flight {
        let session: Vec<_> = world.cookies.drain(..).collect();
        path = world.fly(page, before);
        for n in 0..given.tries {
            let refused = Given { verdict: Some("refused".into()), ..Given::default() };
            let lines = [format!("GET {path}?ticket=ST-0-try{n}"), "accept: text/html".into()];
            let done = world.ask(&lines, &refused, before);
            world.take(&done);
            path = callback(&done);
        }
        world.cookies.extend(session);
    }
    for _ in 0..given.before {
        world.ask(&["GET /app".into(), "accept: text/html".into()], &given, now);
    }
    let asked = format!("{SESSION}-asked");
    let fill = |line: &String| {
        line.replace("{callback}", &path)
            .replace("{public}", PUBLIC)
            .replace("{session}", SESSION)
            .replace("{asked}", &asked)
    };
    let lines: Vec<_> = row.request.iter().map(fill).collect();
    let done = world.ask(&lines, &given, now);
    compare(&done, &row.expect)
}

fn compare(done: &Done, expect: &Expected) -> Result<(), Failed> {
    same("why", done.why.code(), expect.why.as_str())?;
    same("asks", &done.asks, &expect.asks.iter().map(String::as_str).collect())?;
    match &done.reply {
        Reply::Forward(forward, _) => {
            same("reply", "forward", expect.reply.as_str())?;
            forwarded(forward, expect)
        }
        Reply::Answer(answer, _) => {
            same("reply", "answer", expect.reply.as_str())?;
            same("status", &Some(answer.status), &expect.status)?;
            let location = location(done);
            let service = "https%3A%2F%2Fapp.example.org%2F.portcullis%2Fcas%2F";
            let fill =
                |text: &str| text.replace("{cas}", CAS).replace("{public}", PUBLIC).replace("{service}", service);
            if let Some(begin) = expect.location.as_deref().map(fill)
                && !location.starts_with(&begin)
            {
                return Err(format!("location {location} does not begin with {begin}").into());
            }
            if expect.location.as_deref().is_some_and(|text| text.starts_with("{public}")) {
                same("location", location, fill(expect.location.as_deref().unwrap_or_default()).as_str())?;
            }
            if !location.contains(expect.contains.as_deref().unwrap_or_default()) {
                return Err(format!("location {location}").into());
            }
            if !answer.body.contains(expect.body.as_deref().unwrap_or_default()) {
                return Err(format!("body {}", answer.body).into());
            }
            let ticket = ["ST-1-abc", "ST-0-first"].iter().any(|ticket| answer.body.contains(ticket));
            if ticket && done.why != Why::PostedAgain {
                return Err("d01: the answer shows a ticket".into());
            }
            Ok(())
        }
    }
}

fn forwarded(forward: &Forward, expect: &Expected) -> Result<(), Failed> {
    let set = |name: &str| forward.set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if let Some(url) = &expect.url {
        same("url", forward.url.as_str(), format!("http://127.0.0.1:9000{url}").as_str())?;
    }
    for (name, value) in &expect.headers {
        same(name, &set(name), &Some(value.as_str()))?;
    }
    for name in &expect.absent {
        same(name, &set(name), &None)?;
    }
    for name in &expect.stripped {
        same(name, &forward.strip.contains(name), &true)?;
    }
    same("x-forwarded-host", &set("x-forwarded-host"), &Some("app.example.org"))?;
    same("x-forwarded-for", &set("x-forwarded-for"), &Some("192.0.2.1"))?;
    let named = set("remote-user").is_some();
    same("an assertion goes with a name, and never without", &set("x-portcullis-assertion").is_some(), &named)?;
    same("a page with a name on it is private", &(forward.private || !named), &true)
}

/// Whatever page is asked for, a sign-in ends on this site or does not begin.
fn redirect(page: &str) -> Result<(), Failed> {
    let mut world = World::new();
    let now = UnixMs::from_secs(NOW);
    let done = world.ask(&[format!("GET {page}"), "accept: text/html".into()], &Given::default(), now);
    if !matches!(done.why, Why::LoginStarted) {
        let refused = matches!(&done.reply, Reply::Answer(answer, _) if (400..500).contains(&answer.status));
        return if refused { Ok(()) } else { Err(format!("{:?}", done.why).into()) };
    }
    world.take(&done);
    let live = Given { verdict: Some("live".into()), ..Given::default() };
    let landed =
        world.ask(&[format!("GET {}?ticket=ST-1-abc", callback(&done)), "accept: text/html".into()], &live, now);
    let to = location(&landed);
    let inside = to.strip_prefix(PUBLIC).is_some_and(|rest| rest.starts_with('/'));
    if landed.why == Why::SignedIn && inside { Ok(()) } else { Err(format!("{:?} {to}", landed.why).into()) }
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, got: &T, wanted: &T) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("{what}: got {got:?}, wanted {wanted:?}").into()) }
}
