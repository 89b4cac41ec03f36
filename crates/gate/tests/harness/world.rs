//! A gate with everything around it: the objects of tickets, persons, the directory and the anchor, a CAS server, and browsers.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::{BTreeMap, HashMap};

use base::{Moment, UnixMs};
use data_encoding::BASE64URL_NOPAD;
use gate::{
    Body, Facts, Forward, Gate, Instance, Reply, Settings, Step, TicketCall, TicketRecord, TicketStep, TicketVerdict,
    Why,
    factor::{
        AnchorRecord, AnchorVerdict, PersonCall, PersonRecord, PersonStep, PersonVerdict,
        directory::{DirectoryCall, DirectoryVerdict},
        errand::DirectoryRow,
        wire::{self, PersonPost, Send},
    },
};
use otp::Totp;

use super::crypto;

pub(crate) const PUBLIC: &str = "https://app.example.org";
pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const SESSION: &str = "__Host-portcullis";

/// A policy with the usual table, and these rules.
pub(crate) fn policy(factor: &str, rules: &str) -> String {
    format!("[factor]\ntenant_id = \"uni\"\ncas_id = \"main\"\n{factor}\n{rules}")
}

pub(crate) const RULES: &str = r#"
[[rule]]
path = "/public/*"
access = "public"
[[rule]]
path = "/maybe/*"
access = "optional"
[[rule]]
path = "/recent/*"
access = "login"
factor_max_age_secs = 600
[[rule]]
path = "/passkey/*"
access = "login"
factor_kinds = ["passkey"]
[[rule]]
path = "/offered/*"
access = "login"
factor = "offered"
[[rule]]
path = "/plain/*"
access = "login"
factor = "off"
[[rule]]
path = "/*"
access = "login"
"#;

pub(crate) const REQUIRED: &str =
    "mode = \"required\"\nuser_key = \"cas:user\"\nenrolment = \"open\"\nremember_days = 30";

pub(crate) struct World {
    pub(crate) gate: Gate,
    pub(crate) instance: Instance,
    pub(crate) tickets: HashMap<String, Option<TicketRecord>>,
    pub(crate) persons: HashMap<String, String>,
    pub(crate) directory: HashMap<String, DirectoryRow>,
    pub(crate) anchor: Option<String>,
    /// Objects that cannot be reached.
    pub(crate) down: Vec<&'static str>,
    /// Whether messages between objects are delivered.
    pub(crate) delivers: bool,
    pub(crate) now: u64,
    pub(crate) peer: &'static str,
    /// The host that requests are for.
    pub(crate) host: &'static str,
    /// More attributes of each sign-in, in XML.
    pub(crate) attributes: String,
    /// The same, of a sign-in whose login asked for a factor (`authn_method`).
    pub(crate) factor: String,
    /// Addresses of the CAS server's login page to which browsers were sent.
    pub(crate) logins: Vec<String>,
    draws: u64,
    /// The users that signed in; the number is in the ticket.
    users: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) jar: BTreeMap<String, String>,
}

/// The outcome of one request.
pub(crate) struct Done {
    pub(crate) why: Why,
    pub(crate) reply: Reply,
    pub(crate) asks: Vec<&'static str>,
}

impl Done {
    pub(crate) fn status(&self) -> u16 {
        match &self.reply {
            Reply::Answer(answer, _) => answer.status,
            Reply::Forward(..) => 0,
        }
    }

    pub(crate) fn body(&self) -> &str {
        match &self.reply {
            Reply::Answer(answer, _) => &answer.body,
            Reply::Forward(..) => "",
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let Reply::Answer(answer, _) = &self.reply else { return "" };
        answer.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn location(&self) -> String {
        self.header("location").strip_prefix(PUBLIC).unwrap_or_default().to_owned()
    }

    pub(crate) fn forward(&self) -> &Forward {
        match &self.reply {
            Reply::Forward(forward, _) => forward,
            Reply::Answer(answer, _) => panic!("{:?}: {} {}", self.why, answer.status, answer.body),
        }
    }

    pub(crate) fn set(&self, name: &str) -> Option<&str> {
        self.forward().set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The claims of the assertion.
    pub(crate) fn claims(&self) -> serde_json::Value {
        let jwt = self.set("x-portcullis-assertion").unwrap();
        serde_json::from_slice(&BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap()).unwrap()
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.body().split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {}", self.body()));
        rest.split('"').next().unwrap().to_owned()
    }

    /// The options of a passkey's page.
    pub(crate) fn options(&self) -> String {
        let rest = self.body().split("data-options=\"").nth(1).unwrap_or_else(|| panic!("{}", self.body()));
        rest.split('"').next().unwrap().replace("&#34;", "\"").replace("&quot;", "\"")
    }

    /// The key of a new app.
    pub(crate) fn key(&self) -> Vec<u8> {
        let rest = self.body().split("class=\"key\">").nth(1).unwrap_or_else(|| panic!("{}", self.body()));
        let text = rest.split('<').next().unwrap().replace(' ', "");
        data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap()
    }

    /// Recovery codes.
    pub(crate) fn codes(&self) -> Vec<String> {
        let list = self.body().split("<ul class=\"codes\">").nth(1).unwrap_or_else(|| panic!("{}", self.body()));
        let list = list.split("</ul>").next().unwrap();
        list.split("<li>").skip(1).map(|item| item.split('<').next().unwrap().to_owned()).collect()
    }
}

pub(crate) fn settings_with(
    policy: &str,
    id_key: u8,
    test: impl FnOnce(&Settings<'_>) -> Result<Gate, Vec<gate::policy::Problem>>,
) -> Result<Gate, Vec<gate::policy::Problem>> {
    let key = |byte: u8| BASE64URL_NOPAD.encode(&[byte; 32]);
    let coordinate = key(1);
    let signing = format!(
        r#"[{{"kty":"EC","crv":"P-256","x":"{coordinate}","y":"{coordinate}","d":"{coordinate}","kid":"k1"}}]"#
    );
    let (keys, id_key) = (key(7), key(id_key));
    let policy = gate::policy::canonical(policy)?;
    assert!(vectors::schema::takes(&policy), "editors mark this policy, and the gate takes it: {policy}");
    test(&Settings {
        cas_url: "https://cas.example.org/cas",
        public_url: PUBLIC,
        origin_url: "http://127.0.0.1:9000",
        keys: &keys,
        id_key: &id_key,
        signing_keys: &signing,
        policy: &policy,
        ..Settings::default()
    })
}

pub(crate) fn gate_with(policy: &str, id_key: u8) -> Gate {
    settings_with(policy, id_key, Gate::new).unwrap_or_else(|problems| panic!("{problems:?}"))
}

impl World {
    pub(crate) fn new(policy: &str) -> Self {
        Self {
            gate: gate_with(policy, 7),
            instance: Instance::default(),
            tickets: HashMap::new(),
            persons: HashMap::new(),
            directory: HashMap::new(),
            anchor: None,
            down: Vec::new(),
            delivers: true,
            now: START,
            peer: "192.0.2.1",
            host: "app.example.org",
            attributes: String::new(),
            factor: String::new(),
            logins: Vec::new(),
            draws: 0,
            users: Vec::new(),
        }
    }

    pub(crate) fn required() -> Self {
        Self::new(&policy(REQUIRED, RULES))
    }

    /// Another instance, with other settings: the objects stay.
    pub(crate) fn restart(&mut self, gate: Gate) {
        self.gate = gate;
        self.instance = Instance::default();
    }

    /// A person signs in at the CAS server: the ticket that the browser brings back.
    pub(crate) fn ticket_for(&mut self, user: &str) -> String {
        self.users.push(user.to_owned());
        format!("ST-{}-abc", self.users.len())
    }

    fn moment(&mut self) -> Moment {
        self.draws += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.draws.to_be_bytes());
        Moment::new(UnixMs::from_secs(self.now), seed)
    }

    pub(crate) fn ticket(&mut self, object: &str, call: TicketCall) -> TicketVerdict {
        if self.down.contains(&"ticket") {
            return TicketVerdict::Unavailable;
        }
        let now = UnixMs::from_secs(self.now);
        let (mut attributes, users) = (self.attributes.clone(), self.users.clone());
        if self.logins.last().is_some_and(|login| login.contains("&authn_method=")) {
            attributes.push_str(&self.factor);
        }
        let record = self.tickets.entry(object.to_owned()).or_default();
        match TicketRecord::apply(record, call, now) {
            TicketStep::Done(verdict) => verdict,
            TicketStep::Validate(ask) => {
                let bytes = cas_answer(&ask.call().url, &users, &attributes);
                match ask.answer(Ok(Body { status: 200, bytes }), record, now) {
                    TicketStep::Done(verdict) => verdict,
                    TicketStep::Validate(_) => panic!("a ticket is validated once"),
                }
            }
        }
    }

    /// Delivers the messages of every person, as their alarms do.
    pub(crate) fn deliver_all(&mut self) {
        let gate = core::mem::replace(&mut self.gate, gate_with("", 7));
        for object in self.persons.keys().cloned().collect::<Vec<_>>() {
            let object = json::from_str(&json::to_string(&object)).unwrap();
            self.deliver(&gate, &PersonPost { object, required: false, call: PersonCall::Told(u64::MAX) });
        }
        self.gate = gate;
    }

    fn directory(&mut self, call: DirectoryCall) -> DirectoryVerdict {
        if self.down.contains(&"directory") {
            return DirectoryVerdict::Unavailable;
        }
        match call {
            DirectoryCall::Find(person) => DirectoryVerdict::Row(self.directory.get(person.as_str()).cloned()),
            DirectoryCall::Put(person, row) => {
                if row.kinds.is_empty() {
                    self.directory.remove(person.as_str());
                } else {
                    self.directory.insert(person.as_str().to_owned(), row);
                }
                DirectoryVerdict::Done
            }
            DirectoryCall::Used(person, day) => {
                if let Some(row) = self.directory.get_mut(person.as_str()) {
                    row.last_day = row.last_day.max(day);
                }
                DirectoryVerdict::Done
            }
            DirectoryCall::Count => DirectoryVerdict::Unavailable,
        }
    }

    /// Sends one request of a browser, and stores the cookies of its answer.
    pub(crate) fn send(&mut self, browser: &mut Browser, lines: &[&str], body: &str) -> Done {
        let mut head: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        head.insert(1, format!("host: {}", self.host));
        if !browser.jar.is_empty() {
            let all: Vec<_> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push(format!("cookie: {}", all.join("; ")));
        }
        let text = head.join("\n");
        let mut moment = self.moment();
        let now = UnixMs::from_secs(self.now);
        let peer = self.peer.parse().ok();
        let facts = Facts { head: &text, peer, open_circuits: &[] };
        let mut instance = core::mem::take(&mut self.instance);
        let fast = self.gate.decide_fast(&mut instance, facts, now).map(|(forward, why)| (forward.url, why));
        let mut asks = Vec::new();
        // The gate is only read, and the objects are asked in between.
        let gate = core::mem::replace(&mut self.gate, gate_with("", 7));
        let (reply, why) = {
            let mut step = gate.decide(&mut instance, facts, &mut moment);
            loop {
                step = match step {
                    Step::Done(reply, why) => break (reply, why),
                    Step::Read(ask) => {
                        asks.push("read");
                        ask.answer(Ok(body.as_bytes().to_vec()), &mut instance, &mut moment)
                    }
                    Step::Sign(ask) => {
                        asks.push("sign");
                        ask.answer(Some(vec![9; 64]), &mut instance, &mut moment)
                    }
                    Step::Validate(_) => panic!("no bearer is asked for"),
                    Step::Ticket(ask) => {
                        asks.push("ticket");
                        let call = json::from_str(&json::to_string(ask.call())).unwrap();
                        let verdict = self.ticket(ask.object().as_str(), call);
                        ask.answer(verdict, &mut instance, &mut moment)
                    }
                    Step::Person(ask) => {
                        asks.push("person");
                        // As it crosses to the object.
                        let post: PersonPost = json::from_str(&json::to_string(ask.post())).unwrap();
                        let verdict = self.person(&gate, &post);
                        ask.answer(verdict, &mut instance, &mut moment)
                    }
                    Step::Directory(ask) => {
                        asks.push("directory");
                        let verdict = self.directory(ask.call().clone());
                        ask.answer(verdict, &mut instance, &mut moment)
                    }
                    Step::Anchor(ask) => {
                        asks.push("anchor");
                        let verdict = if self.down.contains(&"anchor") {
                            AnchorVerdict::Unavailable
                        } else {
                            let (verdict, text) = AnchorRecord::apply(self.anchor.as_deref(), ask.call().clone());
                            self.anchor = text.or(self.anchor.take());
                            verdict
                        };
                        ask.answer(verdict, &mut instance, &mut moment)
                    }
                }
            }
        };
        self.gate = gate;
        self.instance = instance;
        // The fast path must agree with the full decision.
        match (&fast, &reply) {
            (Some((url, fast_why)), Reply::Forward(forward, _)) => {
                assert_eq!((url, *fast_why, asks.len()), (&forward.url, why, 0));
            }
            (Some(_), Reply::Answer(..)) => panic!("the fast path forwarded a request that the decision answers"),
            (None, _) => {}
        }
        browser.take(&reply);
        Done { why, reply, asks }
    }

    /// A person's object of this gate.
    fn person(&mut self, gate: &Gate, post: &PersonPost) -> PersonVerdict {
        if self.down.contains(&"person") {
            return PersonVerdict::Unavailable;
        }
        let object = post.object.as_str().to_owned();
        let mut moment = self.moment();
        let mut step = gate.person(self.persons.get(&object).map(String::as_str), post, &mut moment);
        let verdict = loop {
            step = match step {
                PersonStep::Done(verdict, written) => {
                    if let Some(written) = written {
                        self.persons.insert(object.clone(), written.text);
                        if let Some(day) = written.used_day {
                            self.directory(DirectoryCall::Used(post.object.clone(), day));
                        }
                    }
                    break verdict;
                }
                PersonStep::Verify(ask) => {
                    self.persons.insert(object.clone(), ask.record().to_owned());
                    let valid = crypto::verify(ask.verify());
                    let text = self.persons.get(&object).map(String::as_str);
                    gate.person_verified(*ask, Some(valid), text, post, &mut moment)
                }
            };
        };
        if self.delivers {
            self.deliver(gate, post);
        }
        json::from_str(&json::to_string(&verdict)).unwrap()
    }

    fn deliver(&mut self, gate: &Gate, post: &PersonPost) {
        let Some(text) = self.persons.get(post.object.as_str()).cloned() else { return };
        for (id, send) in wire::errands(&text, &post.object, UnixMs::from_secs(self.now)) {
            let answered = match send {
                Send::Ticket(object, call) => self.ticket(object.as_str(), call) != TicketVerdict::Unavailable,
                Send::Directory(_, call) => self.directory(call) != DirectoryVerdict::Unavailable,
            };
            if answered {
                let told = PersonPost { object: post.object.clone(), required: false, call: PersonCall::Told(id) };
                let mut moment = self.moment();
                let text = self.persons.get(post.object.as_str()).map(String::as_str);
                if let PersonStep::Done(_, Some(written)) = gate.person(text, &told, &mut moment) {
                    self.persons.insert(post.object.as_str().to_owned(), written.text);
                }
            }
        }
    }

    /// Opens a page.
    pub(crate) fn get(&mut self, browser: &mut Browser, path: &str) -> Done {
        self.send(browser, &[&format!("GET {path}"), "accept: text/html", "user-agent: Firefox"], "")
    }

    /// A program's request.
    pub(crate) fn fetch(&mut self, browser: &mut Browser, path: &str) -> Done {
        self.send(browser, &[&format!("GET {path}"), "accept: application/json"], "")
    }

    /// Sends a form of our own page.
    pub(crate) fn post(&mut self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Done {
        let body: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", cas::percent::encode(value))).collect();
        let line = format!("POST /.portcullis/factor/{path}");
        let lines = [line.as_str(), "accept: text/html", "sec-fetch-site: same-origin", "user-agent: Firefox"];
        self.send(browser, &lines, &body.join("&"))
    }

    /// Opens a page, and signs in at the CAS server where one is sent there.
    pub(crate) fn open(&mut self, browser: &mut Browser, user: &str, path: &str) -> Done {
        let mut done = self.get(browser, path);
        for _ in 0..10 {
            let at = done.header("location");
            if at.starts_with("https://cas.example.org/") {
                let service = at.split("service=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
                let callback = cas::percent::decode(service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
                self.logins.push(at.to_owned());
                let ticket = self.ticket_for(user);
                done = self.get(browser, &format!("{callback}?ticket={ticket}"));
            } else if done.status() == 303 {
                let location = done.location();
                done = self.get(browser, &location);
            } else {
                return done;
            }
        }
        panic!("goes round: {:?} {}", done.why, done.header("location"));
    }

    /// Enrols an authenticator app as a first factor; its key and the recovery codes.
    pub(crate) fn enrol_app(&mut self, browser: &mut Browser, user: &str) -> (Vec<u8>, Vec<String>) {
        let page = self.open(browser, user, "/secret");
        assert_eq!(page.why, Why::FactorPage, "{}", page.body());
        let token = page.field("token");
        let shown =
            self.post(browser, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "app"), ("label", "phone")]);
        let (key, id) = (shown.key(), shown.field("id"));
        let code = self.code(&key);
        let done =
            self.post(browser, "confirm", &[("token", &token), ("page", "/secret"), ("id", &id), ("typed", &code)]);
        assert_eq!((done.why, done.status()), (Why::FactorPage, 200), "{}", done.body());
        (key, done.codes())
    }

    pub(crate) fn code(&self, key: &[u8]) -> String {
        Totp::DEFAULT.code_at(key, UnixMs::from_secs(self.now)).as_str().to_owned()
    }

    /// A code that does not count now.
    pub(crate) fn wrong(&self, key: &[u8]) -> String {
        let near = [-30_i64, 0, 30].map(|by| {
            Totp::DEFAULT.code_at(key, UnixMs::from_secs(self.now.saturating_add_signed(by))).as_str().to_owned()
        });
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }

    /// Signs in and gives a code at a page.
    pub(crate) fn give(&mut self, browser: &mut Browser, user: &str, page: &str, key: &[u8]) -> Done {
        let asked = self.open(browser, user, page);
        assert_eq!(asked.why, Why::FactorPage, "{}", asked.body());
        let (token, code) = (asked.field("token"), self.code(key));
        self.post(browser, "code", &[("token", &token), ("page", page), ("typed", &code)])
    }

    /// The only record.
    pub(crate) fn record(&self) -> PersonRecord {
        let texts: Vec<_> = self.persons.values().collect();
        assert_eq!(texts.len(), 1, "one person");
        PersonRecord::read(Some(texts[0])).unwrap().unwrap()
    }
}

impl Browser {
    fn take(&mut self, reply: &Reply) {
        let lines: Vec<&String> = match reply {
            Reply::Answer(answer, _) => {
                answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, line)| line).collect()
            }
            Reply::Forward(forward, _) => forward.cookies.iter().collect(),
        };
        for line in lines {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.jar.remove(name);
            if !line.ends_with("Max-Age=0") {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn cas_answer(url: &str, users: &[String], attributes: &str) -> Vec<u8> {
    let number = url.split("ticket=ST-").nth(1).and_then(|rest| rest.split('-').next()).unwrap();
    let user = &users[number.parse::<usize>().unwrap() - 1];
    let attributes =
        if attributes.is_empty() { String::new() } else { format!("<cas:attributes>{attributes}</cas:attributes>") };
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess><cas:user>{user}</cas:user>\
         {attributes}</cas:authenticationSuccess></cas:serviceResponse>"
    )
    .into_bytes()
}
