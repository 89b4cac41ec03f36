//! A stranger's request, a head and after an empty line a body: it reaches no page but an open one, and the plan for the adapter has
//! one line for each thing that it says.
#![no_main]

use std::sync::LazyLock;

use base::{Moment, UnixMs};
use gate::{
    BodyFault, Facts, Gate, Instance, Reply, Settings, Step, TicketVerdict, ValidateFault, Why,
    http::{path::Target, trace::trace_id},
    policy::canonical,
};
use libfuzzer_sys::fuzz_target;

const POLICY: &str = r#"
strip_headers = ["acme-*"]
[[site]]
id = "app"
public_url = "https://app.example.org"
origin = "https://127.0.0.1:9000"
cas_url = "https://cas.example.org/cas"
token = true
[[rule]]
path = "/open/*"
access = "public"
[[rule]]
path = "/spa/*"
access = "login"
spa = true
[[rule]]
path = "/fresh/*"
access = "fresh"
max_age_secs = 60
[[rule]]
path = "/*"
access = "login"
keep_post = true
"#;

static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let key = "A".repeat(43);
    let signing = format!(r#"[{{"kty":"EC","crv":"P-256","x":"{key}","y":"{key}","d":"{key}","kid":"k1"}}]"#);
    let policy = canonical(POLICY).unwrap_or_else(|problems| panic!("{problems:?}"));
    let settings = Settings {
        keys: &key,
        id_key: &key,
        signing_keys: &signing,
        slo_secret: "a-secret-of-thirty-two-letters-or-more",
        metrics_token: "a-token-of-thirty-two-letters-or-more",
        policy: &policy,
        ..Settings::default()
    };
    Gate::new(&settings).unwrap_or_else(|problems| panic!("{problems:?}"))
});

fuzz_target!(|text: &str| {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let now = UnixMs::from_secs(1_795_447_980);
    let facts = Facts { head, peer: "192.0.2.1".parse().ok(), open_circuits: &[] };
    let mut instance = Instance::default();
    let mut moment = Moment::new(now, [7; 32]);
    let _ = (trace_id(head), GATE.site_id(head));
    let fast = GATE.decide_fast(&mut instance, facts, now);
    let mut step = GATE.decide(&mut instance, facts, &mut moment);
    let (reply, why) = loop {
        step = match step {
            Step::Done(reply, why) => break (reply, why),
            Step::Read(ask) if body.is_empty() => ask.answer(Err(BodyFault::Broken), &mut instance, &mut moment),
            Step::Read(ask) => {
                let bytes = body.as_bytes().iter().take(ask.limit() + 1).copied().collect();
                ask.answer(Ok(bytes), &mut instance, &mut moment)
            }
            Step::Ticket(ask) => ask.answer(TicketVerdict::Unavailable, &mut instance, &mut moment),
            Step::Validate(ask) => ask.answer(Err(ValidateFault::Busy), &mut moment),
            Step::Sign(_) | Step::Person(_) | Step::Directory(_) | Step::Anchor(_) => panic!("nobody is signed in"),
        };
    };
    match reply {
        Reply::Forward(forward, _) => {
            assert_eq!(why, Why::Public);
            let path = forward.url.strip_prefix("https://127.0.0.1:9000").expect("the app's own host");
            let target = Target::parse(path).expect("a path that was read");
            let open = target.normal() == b"/open" || target.normal().starts_with(b"/open/");
            assert!(open && !target.may_be_internal(), "{path}");
            let lines = 12 + forward.strip.len() + forward.set.len() + forward.cookies.len();
            assert_eq!(forward.encode(why).split('\n').count(), lines, "{forward:?}");
            assert!(fast.is_none_or(|(fast, _)| fast.url == forward.url));
        }
        Reply::Answer(answer, _) => {
            assert!(fast.is_none(), "the fast path forwards nothing that is answered here");
            for (name, value) in &answer.headers {
                assert!(!value.contains(['\r', '\n', '\0']), "{name}: {value}");
                if name == "location" {
                    let here = value.starts_with('/') && !value.starts_with("//") && !value.starts_with("/\\");
                    let known = ["https://app.example.org/", "https://cas.example.org/cas/"];
                    assert!(here || known.iter().any(|base| value.starts_with(base)), "{value}");
                }
            }
        }
    }
});
