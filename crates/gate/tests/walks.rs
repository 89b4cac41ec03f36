//! The fast path, the cached path and the full decision give the same reply. Random walks of two users over two sites
//! run in three replicas: with a cache that is emptied before every call, a warm cache, and a full cache that evicts at
//! every insert. After each step the replies must be equal, except for the times and signature of the assertion, the
//! refreshed session cookie, and `LIVE_SESSION` instead of `SESSION_CHECKED`.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::{BTreeMap, HashMap};

use base::{Moment, UnixMs};
use gate::factor::{AnchorRecord, PersonStep, directory::DirectoryVerdict};
use gate::state::ticket::Named;
use gate::{
    Body, Cache, Facts, Forward, Gate, Instance, ObjectName, Reply, RequestHeader, Settings, Step, TicketCall,
    TicketRecord, TicketStep, TicketVerdict, Why,
};
use proptest::prelude::*;

const T: u64 = 1_795_447_980;
const HOSTS: [&str; 2] = ["one.example.org", "two.example.org"];
const SESSION: &str = "__Host-portcullis";
const POLICY: &str = r#"
header_cap_bytes = 64
[factor]
mode = "off"
tenant_id = "uni"
cas_id = "main"
user_key = "cas:user"
enrolment = "open"
[headers]
Remote-Groups = { from = ["memberOf"], list = true }
[[site]]
public_url = "https://one.example.org"
origin = "http://127.0.0.1:9001"
[[site]]
public_url = "https://two.example.org"
origin = "http://127.0.0.1:9002"
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/maybe/*"
access = "optional"
[[rule]]
path = "/staff/*"
access = "login"
require = { memberOf = "staff" }
[[rule]]
path = "/fresh/*"
access = "fresh"
max_age_secs = 20
[[rule]]
path = "/strict/*"
access = "login"
revalidate_secs = 0
[[rule]]
path = "/cut/*"
access = "login"
strip_prefix = true
[[rule]]
path = "/secret/*"
access = "login"
hosts = ["one.example.org"]
factor = "required"
[[rule]]
path = "/recent/*"
access = "login"
hosts = ["one.example.org"]
factor = "required"
factor_max_age_secs = 120
[[rule]]
path = "/shown/*"
access = "optional"
hosts = ["one.example.org"]
factor = "required"
[[rule]]
path = "/*"
access = "login"
"#;
const PATHS: [&str; 18] = [
    "/",
    "/page?a=b",
    "/page/../staff/x",
    "/public/x",
    "/maybe/x",
    "/staff/x",
    "/fresh/x",
    "/strict/x",
    "/cut/x",
    "/.portcullis/whoami",
    "/.portcullis/health",
    "/.portcullis/nothing",
    "/x/..%2f.portcullis/whoami",
    "/page?ticket=ST-1-ann",
    "/secret/x",
    "/recent/x",
    "/shown/x",
    "/.portcullis/factor?page=%2Fsecret%2Fx",
];
const CALLERS: [&[&str]; 3] = [
    &["accept: text/html"],
    &["sec-fetch-dest: document", "sec-fetch-mode: navigate"],
    &["accept: application/json", "x-user: eve"],
];
/// The longest time for which a cached session is valid: `revalidate_secs`.
const REVALIDATE_SECS: u64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cached {
    Empty,
    Warm,
    Full,
}

/// The session cookies that a request sends.
#[derive(Clone, Copy, Debug)]
enum Cookies {
    None,
    Own,
    /// The value that the other site gave this browser.
    Other,
    /// Its own, then the other site's, with the same name.
    Both,
    /// The previous session, then the current one.
    OldAndOwn,
    Twice,
}

#[derive(Clone, Debug)]
enum Move {
    Ask {
        site: usize,
        path: usize,
        method: &'static str,
        caller: usize,
        cookies: Cookies,
    },
    SignIn {
        site: usize,
        person: usize,
        fresh: bool,
    },
    SignOut {
        site: usize,
    },
    SingleLogout {
        site: usize,
    },
    /// Another instance ends the session at its object; revalidation is due here.
    EndElsewhere {
        site: usize,
    },
    Wait(u64),
    /// Adds an authenticator app, right after a sign-in with the password.
    Enrol,
    /// Types its code at the first site. The cookie from before is the old one.
    Give,
}

/// One browser, one instance of the adapter, and the objects.
struct Replica {
    cached: Cached,
    instance: Instance,
    plans: HashMap<(String, usize), Forward>,
    objects: HashMap<String, Option<TicketRecord>>,
    persons: HashMap<String, String>,
    anchor: Option<String>,
    /// The key of the authenticator app.
    key: Vec<u8>,
    jars: [BTreeMap<String, String>; 2],
    old: [Option<String>; 2],
    /// For each site: the path of the last call-back, its ticket, and the ticket's object.
    last: [Option<(String, String, ObjectName)>; 2],
}

/// A reply without the parts that may differ.
#[derive(Debug, PartialEq)]
struct Seen {
    why: &'static str,
    status: u16,
    what: Vec<String>,
    body: String,
}

impl Replica {
    fn new(cached: Cached) -> Self {
        let mut instance = Instance::default();
        if cached == Cached::Full {
            instance.cache = Cache::with_capacity(5_000);
        }
        Self {
            cached,
            instance,
            plans: HashMap::new(),
            objects: HashMap::new(),
            persons: HashMap::new(),
            anchor: None,
            key: Vec::new(),
            jars: Default::default(),
            old: Default::default(),
            last: Default::default(),
        }
    }

    fn before_call(&mut self) {
        if self.cached == Cached::Empty {
            self.instance.cache = Cache::default();
        }
    }

    /// Handles a request like the adapter: the cached path, the fast path, the full decision.
    fn request(
        &mut self,
        gate: &Gate,
        head: &[String],
        body: &[u8],
        (now, draw): (UnixMs, u8),
    ) -> (Reply, Why, Option<ObjectName>) {
        let text = head.join("\n");
        let cookies = head.iter().find_map(|line| line.strip_prefix("cookie: ")).unwrap_or_default();
        let key = format!("192.0.2.1\n{cookies}");
        self.before_call();
        let needs_decision = |line: &String| {
            line.split_once(": ").is_some_and(|(name, _)| gate.request_header(name) == RequestHeader::Decide)
        };
        let uncacheable = head[1..].iter().any(needs_decision);
        if let Some(id) = gate.cached_decision(&self.instance, &head[0], &key, now).filter(|_| !uncacheable) {
            let mut forward = self.plans.get(&(key, id)).unwrap().clone();
            let (_, url) = head[0].split_once("://").unwrap();
            forward.url = format!("{}{}", forward.origin_base, &url[url.find('/').unwrap()..]);
            let names = head[1..].iter().filter_map(|line| line.split_once(": ")).map(|(name, _)| name.to_owned());
            forward.strip.retain(|name| name == "cookie");
            forward.strip.extend(names.filter(|name| gate.request_header(name) == RequestHeader::Strip));
            let why =
                if forward.set.iter().any(|(name, _)| name == "remote-user") { Why::LiveSession } else { Why::Public };
            return (Reply::Forward(Box::new(forward), Vec::new()), why, None);
        }
        let facts = Facts { head: &text, peer: "192.0.2.1".parse().ok(), open_circuits: &[] };
        self.before_call();
        if let Some((forward, why)) = gate.decide_fast(&mut self.instance, facts, now) {
            if let Some(id) = forward.plan_id {
                self.plans.insert((key, id), forward.clone());
            }
            return (Reply::Forward(Box::new(forward), Vec::new()), why, None);
        }
        self.before_call();
        let mut moment = Moment::new(now, [draw; 32]);
        let mut object = None;
        let mut step = gate.decide(&mut self.instance, facts, &mut moment);
        loop {
            self.before_call();
            step = match step {
                Step::Done(reply, why) => return (reply, why, object),
                Step::Read(ask) => ask.answer(Ok(body.to_vec()), &mut self.instance, &mut moment),
                Step::Person(ask) => {
                    let text = self.persons.get(ask.object().as_str()).map(String::as_str);
                    let own = &mut Moment::new(now, [draw ^ 0x80; 32]);
                    let PersonStep::Done(verdict, written) = gate.person(text, ask.post(), own) else {
                        panic!("no passkeys here")
                    };
                    if let Some(written) = written {
                        self.persons.insert(ask.object().as_str().to_owned(), written.text);
                    }
                    ask.answer(verdict, &mut self.instance, &mut moment)
                }
                Step::Directory(ask) => ask.answer(DirectoryVerdict::Row(None), &mut self.instance, &mut moment),
                Step::Anchor(ask) => {
                    let (verdict, text) = AnchorRecord::apply(self.anchor.as_deref(), ask.call().clone());
                    self.anchor = text.or(self.anchor.take());
                    ask.answer(verdict, &mut self.instance, &mut moment)
                }
                Step::Validate(_) => panic!("no bearer is asked for"),
                Step::Sign(ask) => ask.answer(Some(vec![9; 64]), &mut self.instance, &mut moment),
                Step::Ticket(ask) => {
                    if matches!(ask.call(), TicketCall::Redeem(_)) {
                        object = Some(ask.object().clone());
                    }
                    let verdict = self.object(ask.object(), ask.call().clone(), now);
                    ask.answer(verdict, &mut self.instance, &mut moment)
                }
            }
        }
    }

    fn object(&mut self, name: &ObjectName, call: TicketCall, now: UnixMs) -> TicketVerdict {
        let record = self.objects.entry(name.as_str().to_owned()).or_default();
        match TicketRecord::apply(record, call, now) {
            TicketStep::Done(verdict) => verdict,
            TicketStep::Validate(ask) => {
                let body = Body { status: 200, bytes: cas_answer(&ask.call().url) };
                match ask.answer(Ok(body), record, now) {
                    TicketStep::Done(verdict) => verdict,
                    TicketStep::Validate(_) => panic!("a ticket is validated once"),
                }
            }
        }
    }

    /// Another instance of the gate ends the session of this object.
    fn end_elsewhere(&mut self, object: &ObjectName, now: UnixMs) {
        let live = self.objects.get(object.as_str()).and_then(|record| record.as_ref()?.live.as_ref());
        if let Some(sid) = live.map(|live| live.session.sid.clone()) {
            self.object(object, TicketCall::End { of: Named::Session(sid), proven: true }, now);
        }
    }

    fn cookie_line(&self, site: usize, cookies: Cookies) -> Option<String> {
        let session = |site: usize| self.jars[site].get(SESSION).map(|value| format!("{SESSION}={value}"));
        let old = || self.old[site].as_ref().map(|value| format!("{SESSION}={value}"));
        let rest = || {
            self.jars[site].iter().filter(|(name, _)| *name != SESSION).map(|(name, value)| format!("{name}={value}"))
        };
        let list: Vec<String> = match cookies {
            Cookies::None => Vec::new(),
            Cookies::Own => rest().chain(session(site)).collect(),
            Cookies::Other => session(1 - site).into_iter().collect(),
            Cookies::Both => session(site).into_iter().chain(session(1 - site)).collect(),
            Cookies::OldAndOwn => old().into_iter().chain(session(site)).collect(),
            Cookies::Twice => session(site).into_iter().chain(session(site)).collect(),
        };
        (!list.is_empty()).then(|| format!("cookie: {}", list.join("; ")))
    }

    fn ask(
        &mut self,
        gate: &Gate,
        site: usize,
        lines: &[&str],
        cookies: Cookies,
        body: &[u8],
        (now, draw): (UnixMs, u8),
    ) -> (Seen, Reply, Option<ObjectName>) {
        let (method, path) = lines[0].split_once(' ').unwrap();
        let mut head = vec![format!("{method} https://{}{path}", HOSTS[site])];
        head.extend(lines[1..].iter().map(|line| (*line).to_owned()));
        head.extend(self.cookie_line(site, cookies));
        let (reply, why, object) = self.request(gate, &head, body, (now, draw));
        // The browser stores the cookies of an answer to its own cookies.
        if matches!(cookies, Cookies::Own | Cookies::None) {
            let set: Vec<String> = match &reply {
                Reply::Forward(forward, _) => forward.cookies.clone(),
                Reply::Answer(answer, _) => answer
                    .headers
                    .iter()
                    .filter(|(name, _)| name == "set-cookie")
                    .map(|(_, line)| line.clone())
                    .collect(),
            };
            set.iter().for_each(|line| self.keep(site, line));
        }
        (seen(&reply, why), reply, object)
    }

    fn keep(&mut self, site: usize, line: &str) {
        let (name, rest) = line.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        self.jars[site].remove(name);
        if !line.ends_with("Max-Age=0") {
            self.jars[site].insert(name.to_owned(), value.to_owned());
        }
    }

    /// Sends a form of the second factor, with the token of its page.
    fn form(&mut self, gate: &Gate, path: &str, fields: &str, at: (UnixMs, u8)) -> Vec<Seen> {
        let page = ["GET /.portcullis/factor?page=%2Frecent%2Fx", "accept: text/html"];
        let (first, _, _) = self.ask(gate, 0, &page, Cookies::Own, b"", at);
        self.jars[0].retain(|name, _| !name.contains("-f-"));
        let Some(token) = first.body.split("name=\"token\" value=\"").nth(1) else { return vec![first] };
        let body = format!("token={}&page=/recent/x&{fields}", token.split('"').next().unwrap());
        let line = format!("POST /.portcullis/factor/{path}");
        let lines = [line.as_str(), "accept: text/html", "sec-fetch-site: same-origin"];
        let (second, _, _) = self.ask(gate, 0, &lines, Cookies::Own, body.as_bytes(), at);
        vec![first, second]
    }

    fn step(&mut self, gate: &Gate, step: &Move, (now, draw): (UnixMs, u8)) -> Vec<Seen> {
        match step {
            Move::Enrol => {
                let mut all = self.form(gate, "enrol", "kind=app", (now, draw));
                let shown = all.last().unwrap().body.clone();
                let key = shown.split("class=\"key\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
                self.key = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
                let id = shown.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
                let code = otp::Totp::DEFAULT.code_at(&self.key, now);
                all.extend(self.form(gate, "confirm", &format!("id={id}&typed={}", code.as_str()), (now, draw)));
                all
            }
            Move::Give => {
                let before = self.jars[0].get(SESSION).cloned();
                let code = otp::Totp::DEFAULT.code_at(&self.key, now);
                let all = self.form(gate, "code", &format!("typed={}", code.as_str()), (now, draw));
                self.old[0] = before;
                all
            }
            Move::Ask { site, path, method, caller, cookies } => {
                let first = format!("{method} {}", PATHS[*path]);
                let lines: Vec<&str> =
                    core::iter::once(first.as_str()).chain(CALLERS[*caller].iter().copied()).collect();
                let (seen, _, _) = self.ask(gate, *site, &lines, *cookies, b"", (now, draw));
                // Abandon a login that began.
                self.jars[*site].retain(|name, _| !name.contains("-f-"));
                vec![seen]
            }
            Move::SignIn { site, person, fresh } => {
                // Without the old session, so that a login always begins.
                let path = if *fresh { "/fresh/x" } else { "/page" };
                let session = self.jars[*site].remove(SESSION);
                let (first, reply, _) = self.ask(
                    gate,
                    *site,
                    &[&format!("GET {path}"), "accept: text/html"],
                    Cookies::Own,
                    b"",
                    (now, draw),
                );
                self.old[*site].clone_from(&session);
                if let Some(session) = session {
                    self.jars[*site].insert(SESSION.into(), session);
                }
                let callback = callback(&reply, *site);
                let ticket = format!("ST-{draw}-{}", ["ann", "ben"][*person]);
                let line = format!("GET {callback}?ticket={ticket}");
                let (landed, _, object) =
                    self.ask(gate, *site, &[&line, "accept: text/html"], Cookies::Own, b"", (now, draw));
                self.last[*site] = object.map(|object| (callback, ticket, object));
                vec![first, landed]
            }
            Move::SignOut { site } => {
                let lines = ["POST /.portcullis/logout", "accept: text/html", "sec-fetch-site: same-origin"];
                vec![self.ask(gate, *site, &lines, Cookies::Own, b"", (now, draw)).0]
            }
            Move::SingleLogout { site } => {
                let Some((path, ticket, _)) = self.last[*site].clone() else { return Vec::new() };
                let xml = format!(
                    "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
                );
                let body = format!("logoutRequest={}", cas::percent::encode(&xml));
                vec![self.ask(gate, *site, &[&format!("POST {path}")], Cookies::None, body.as_bytes(), (now, draw)).0]
            }
            Move::EndElsewhere { site } => {
                if let Some((_, _, object)) = self.last[*site].clone() {
                    self.end_elsewhere(&object, now);
                }
                Vec::new()
            }
            Move::Wait(_) => Vec::new(),
        }
    }
}

/// The user's name is in the ticket. ann is staff, and has so many groups that the header is truncated.
fn cas_answer(url: &str) -> Vec<u8> {
    let user = if url.contains("-ann") { "ann" } else { "ben" };
    let groups: String = match user {
        "ann" => ["staff", "a-very-long-group-of-many-letters", "another-long-group-of-many-letters"]
            .map(|g| format!("<cas:memberOf>{g}</cas:memberOf>"))
            .concat(),
        _ => "<cas:memberOf>guests</cas:memberOf>".into(),
    };
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess><cas:user>{user}</cas:user>\
         <cas:attributes>{groups}</cas:attributes></cas:authenticationSuccess></cas:serviceResponse>"
    )
    .into_bytes()
}

fn callback(reply: &Reply, site: usize) -> String {
    let Reply::Answer(answer, _) = reply else { panic!("a login begins") };
    let location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value).unwrap();
    let service = location.split("service=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let service = cas::percent::decode(service).unwrap();
    service.strip_prefix(&format!("https://{}", HOSTS[site])).unwrap().to_owned()
}

/// Claims without their times.
fn claims(jwt: &str) -> String {
    let claims = data_encoding::BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let mut claims: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&claims).unwrap();
    claims.retain(|name, _| name != "iat" && name != "exp");
    format!("{claims:?}")
}

/// Replaces the flight's id. It may differ, because sealing a session draws random bytes first; its place may not.
fn without_flight(text: &str) -> String {
    let mut out = text.to_owned();
    for before in ["-f-", ".portcullis%2Fcas%2F"] {
        if let Some(at) = out.find(before) {
            out.replace_range(at + before.len()..at + before.len() + 26, "FLIGHT");
        }
    }
    out
}

fn seen(reply: &Reply, why: Why) -> Seen {
    let why = if why == Why::SessionChecked { Why::LiveSession } else { why };
    let cookie = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        let state = if line.ends_with("Max-Age=0") { "cleared" } else { "set" };
        let value = if name == SESSION || name.contains("-f-") { "" } else { value };
        format!("{} {state} {value}", without_flight(name))
    };
    let is_refreshed = |line: &&String| line.starts_with(&format!("{SESSION}=")) && !line.ends_with("Max-Age=0");
    match reply {
        Reply::Forward(forward, events) => {
            let Forward { origin, url, keep, origin_base, app_hosts, prefix, public, cookie_prefix, truncated, .. } =
                forward.as_ref();
            let mut what = vec![format!(
                "{origin:?} {url} {keep:?} {origin_base} {app_hosts} {prefix} {public} {cookie_prefix} {truncated:?} {events:?}"
            )];
            let mut strip = forward.strip.clone();
            strip.sort();
            strip.dedup();
            what.extend(strip);
            let value = |name: &str, value: &str| {
                if name == "x-portcullis-assertion" { claims(value) } else { value.to_owned() }
            };
            let mut set: Vec<_> =
                forward.set.iter().map(|(name, text)| format!("{name}: {}", value(name, text))).collect();
            set.sort();
            what.extend(set);
            what.extend(forward.cookies.iter().filter(|line| !is_refreshed(line)).map(|line| cookie(line)));
            Seen { why: why.code(), status: 0, what, body: String::new() }
        }
        Reply::Answer(answer, events) => {
            let refreshed =
                |name: &str, line: &String| name == "set-cookie" && why == Why::Whoami && is_refreshed(&line);
            let header = |(name, text): &(String, String)| match name.as_str() {
                "set-cookie" => format!("{name}: {}", cookie(text)),
                _ => format!("{name}: {}", without_flight(text)),
            };
            let kept = answer.headers.iter().filter(|(name, line)| !refreshed(name, line));
            let what = kept.map(header).chain([format!("{events:?}")]).collect();
            let body = if answer.request.is_empty() {
                answer.body.clone()
            } else {
                answer.body.replace(&answer.request, "REQUEST")
            };
            Seen { why: why.code(), status: answer.status, what, body }
        }
    }
}

fn gate() -> Gate {
    let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
    let signing = format!(r#"[{{"kty":"EC","crv":"P-256","x":"{key}","y":"{key}","d":"{key}","kid":"k1"}}]"#);
    let policy = gate::policy::canonical(POLICY).unwrap();
    let settings = Settings {
        cas_url: "https://cas.example.org/cas",
        keys: &key,
        id_key: &key,
        signing_keys: &signing,
        policy: &policy,
        ..Settings::default()
    };
    Gate::new(&settings).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn moves() -> impl Strategy<Value = Move> {
    let methods = prop::sample::select(vec!["GET", "GET", "GET", "HEAD", "POST", "TRACE"]);
    let cookies = prop::sample::select(vec![
        Cookies::Own,
        Cookies::Own,
        Cookies::Own,
        Cookies::Other,
        Cookies::Both,
        Cookies::OldAndOwn,
        Cookies::Twice,
        Cookies::None,
    ]);
    prop_oneof![
        12 => (0..2_usize, 0..PATHS.len(), methods, 0..CALLERS.len(), cookies).prop_map(|(site, path, method, caller, cookies)| Move::Ask { site, path, method, caller, cookies }),
        2 => (0..2_usize, 0..2_usize, any::<bool>()).prop_map(|(site, person, fresh)| Move::SignIn { site, person, fresh }),
        1 => (0..2_usize).prop_map(|site| Move::SignOut { site }),
        1 => (0..2_usize).prop_map(|site| Move::SingleLogout { site }),
        1 => (0..2_usize).prop_map(|site| Move::EndElsewhere { site }),
        2 => Just(Move::Give),
        4 => prop::sample::select(vec![1_u64, 10, 19, 20, 30, 59, 60, 61, 250, 8_000, 40_000]).prop_map(Move::Wait),
    ]
}

fn walk(steps: &[Move]) -> Result<(), TestCaseError> {
    let gate = gate();
    let mut copies = [Cached::Empty, Cached::Warm, Cached::Full].map(Replica::new);
    let mut secs = 0;
    for (draw, step) in (1_u8..).zip(steps) {
        let now = UnixMs::from_secs(T + secs);
        let [empty, warm, full] = copies.each_mut().map(|copy| copy.step(&gate, step, (now, draw)));
        prop_assert_eq!(&warm, &empty, "{:?}: warm and empty cache differ", step);
        prop_assert_eq!(&full, &empty, "{:?}: full and empty cache differ", step);
        secs += match step {
            Move::Wait(secs) => *secs,
            Move::EndElsewhere { .. } => REVALIDATE_SECS,
            _ => 0,
        };
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a13_every_cache_gives_the_same_replies(mut steps in prop::collection::vec(moves(), 4..40)) {
        steps.insert(0, Move::SignIn { site: 0, person: 0, fresh: true });
        steps.insert(1, Move::Enrol);
        steps.insert(2, Move::SignIn { site: 1, person: 1, fresh: false });
        walk(&steps)?;
    }
}

/// A walk that meets only refusals proves nothing, so the paths must lead to all these answers.
#[test]
fn the_paths_of_the_walk_give_pages_and_refusals() {
    let gate = gate();
    let mut copy = Replica::new(Cached::Warm);
    let now = UnixMs::from_secs(T);
    copy.step(&gate, &Move::SignIn { site: 0, person: 1, fresh: true }, (now, 1));
    let enrolled = copy.step(&gate, &Move::Enrol, (now, 100));
    assert_eq!(enrolled.last().unwrap().why, "FACTOR_PAGE");
    let mut met = Vec::new();
    for (draw, path) in (2..).zip(0..PATHS.len()) {
        for _ in 0..2 {
            let ask = Move::Ask { site: 0, path, method: "GET", caller: 0, cookies: Cookies::Own };
            met.push(copy.step(&gate, &ask, (now, draw)).remove(0).why);
        }
    }
    met.sort_unstable();
    met.dedup();
    assert_eq!(
        met,
        [
            "AMBIGUOUS_PATH",
            "FACTOR_GIVEN",
            "HEALTH",
            "LIVE_SESSION",
            "NOT_ALLOWED",
            "NOT_FOUND",
            "PUBLIC",
            "TICKET_STRIPPED",
            "WHOAMI"
        ]
    );
    // The factor ages, and is given again.
    let later = UnixMs::from_secs(T + 130);
    let recent = PATHS.iter().position(|path| *path == "/recent/x").unwrap();
    let ask = Move::Ask { site: 0, path: recent, method: "GET", caller: 0, cookies: Cookies::Own };
    assert_eq!(copy.step(&gate, &ask, (later, 200)).remove(0).why, "FACTOR_ASKED");
    assert_eq!(copy.step(&gate, &Move::Give, (later, 201)).remove(1).why, "FACTOR_GIVEN");
    assert_eq!(copy.step(&gate, &ask, (later, 202)).remove(0).why, "LIVE_SESSION");
}
