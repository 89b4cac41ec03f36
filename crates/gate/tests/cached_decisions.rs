//! A cached decision forwards exactly the requests that the full decision forwards. `Harness::ask` compares the two at
//! every request; these tests try to make them differ.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod harness;

use std::collections::HashSet;

use base::UnixMs;
use gate::{Facts, Reply, RequestHeader, Why};
use harness::{Harness, at};
use proptest::prelude::*;
use vectors::gate::Given;

fn live() -> Given {
    Given { verdict: Some("live".into()), ..Given::default() }
}

fn ask(harness: &mut Harness, line: &str, secs: u64) -> harness::Done {
    let done = harness.ask(&[line.to_owned(), "accept: text/html".into()], &live(), at(secs));
    harness.take(&done);
    done
}

/// Whether there is a cached decision for a page of the app.
fn is_cached(harness: &Harness, secs: u64) -> bool {
    let cookies: Vec<_> = harness.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cache_key = format!("192.0.2.1\n{}", cookies.join("; "));
    harness
        .gate
        .cached_decision(&harness.instance, "GET https://app.example.org/app/page", &cache_key, at(secs))
        .is_some()
}

fn signed_in() -> Harness {
    let mut harness = Harness::new();
    harness.sign_in(&Given::default(), at(0));
    assert!(!is_cached(&harness, 0), "there was no request yet");
    assert_eq!(ask(&mut harness, "GET /app", 0).asks, ["sign"]);
    assert!(ask(&mut harness, "GET /app", 0).asks.is_empty());
    assert!(is_cached(&harness, 0));
    harness
}

#[test]
fn h06_a_cached_decision_is_for_one_client() {
    let harness = signed_in();
    let cookies = harness.cookies.first().map(|(name, value)| format!("{name}={value}")).unwrap();
    let is_cached =
        |line: &str, cache_key: &str| harness.gate.cached_decision(&harness.instance, line, cache_key, at(0)).is_some();
    let page = "GET https://app.example.org/app/x?y=1";
    assert!(is_cached(page, &format!("192.0.2.1\n{cookies}")));
    for cache_key in [
        String::new(),
        "192.0.2.1\n".into(),
        cookies.clone(),
        format!("192.0.2.2\n{cookies}"),
        format!("192.0.2.1\n{cookies}; a=1"),
        format!("192.0.2.1\n{}", &cookies[1..]),
    ] {
        assert!(!is_cached(page, &cache_key), "{cache_key:?}");
    }
    for other in [
        "GET https://app.example.org/elsewhere",
        "GET https://app.example.org/fresh/x",
        "GET https://app.example.org/secret/x",
        "GET https://app.example.org/app/../secret/x",
        "GET https://app.example.org/app/%2e%2e/secret/x",
        "GET https://app.example.org/.portcullis/whoami",
        "GET https://app.example.org/app?ticket=ST-1-abc",
        "GET https://other.example.org/app",
        "GET /app",
        "",
    ] {
        assert!(!is_cached(other, &format!("192.0.2.1\n{cookies}")), "{other}");
    }
}

#[test]
fn t04_a_cached_decision_ends_when_the_session_needs_revalidation() {
    let harness = signed_in();
    let revalidate = (0..100_000).find(|secs| !is_cached(&harness, *secs)).unwrap();
    assert_eq!(revalidate, 60);
    assert!((revalidate..200_000).step_by(59).all(|secs| !is_cached(&harness, secs)), "it does not come back");
    assert!(
        harness
            .gate
            .cached_decision(&harness.instance, "GET https://app.example.org/app", "", UnixMs::from_millis(0))
            .is_none()
    );
}

#[test]
fn l01_a_cached_decision_ends_with_the_session() {
    let mut harness = signed_in();
    let cookies = harness.cookies.clone();
    let done = harness.ask(
        &[
            "POST /.portcullis/logout".into(),
            "origin: https://app.example.org".into(),
            "sec-fetch-site: same-origin".into(),
        ],
        &live(),
        at(1),
    );
    assert_eq!(done.why, Why::LoggedOut);
    harness.cookies = cookies;
    assert!(!is_cached(&harness, 1));
}

fn decide_fast(harness: &mut Harness, line: &str, cookie: &str) -> Option<usize> {
    let head = format!("{line}\naccept: */*\ncookie: {cookie}");
    let facts = Facts { head: &head, peer: "192.0.2.1".parse().ok(), open_circuits: &[] };
    harness.gate.decide_fast(&mut harness.instance, facts, at(0)).and_then(|(forward, _)| forward.plan_id)
}

#[test]
fn s01_a_cached_decision_of_one_site_does_not_hold_at_another() {
    let mut harness = Harness::with(|settings| {
        settings.policy = "[[rule]]\npath = \"/*\"\naccess = \"public\"\n\
            [[site]]\npublic_url = \"https://a.example\"\norigin = \"http://127.0.0.1:1\"\n\
            [[site]]\npublic_url = \"https://b.example\"\norigin = \"http://127.0.0.1:2\"";
    });
    let lines = ["GET https://a.example/x", "GET https://b.example/x"];
    // One client with the same cookies at both sites: the plan ids differ.
    let [one, other] = lines.map(|line| decide_fast(&mut harness, line, "x=1").unwrap());
    assert_ne!(one, other);
    let is_cached = |line| harness.gate.cached_decision(&harness.instance, line, "192.0.2.1\nx=1", at(0));
    assert_eq!(lines.map(is_cached), [Some(one), Some(other)]);
}

#[test]
fn a06_a_cached_decision_never_forwards_trace() {
    let mut harness = Harness::new();
    decide_fast(&mut harness, "GET https://app.example.org/public/x", "x=1").unwrap();
    let is_cached = |method| {
        harness.gate.cached_decision(
            &harness.instance,
            &format!("{method} https://app.example.org/public/x"),
            "192.0.2.1\nx=1",
            at(0),
        )
    };
    assert!(is_cached("GET").is_some() && is_cached("TRACE").is_none());
}

#[test]
fn a06_a_cached_decision_of_all_paths_holds_for_no_route_of_the_gate() {
    let mut harness = Harness::with(|settings| settings.policy = "[[rule]]\npath = \"/*\"\naccess = \"public\"");
    decide_fast(&mut harness, "GET https://app.example.org/x", "x=1").unwrap();
    let is_cached = |path: &str| {
        let line = format!("GET https://app.example.org{path}");
        harness.gate.cached_decision(&harness.instance, &line, "192.0.2.1\nx=1", at(0)).is_some()
    };
    assert!(is_cached("/y") && is_cached("/portcullis"));
    for own in ["whoami", "logout", "health", "jwks", "callback/x", "anything"] {
        assert!(!is_cached(&format!("/.portcullis/{own}")), "{own}");
    }
}

#[test]
fn s01_each_rule_of_each_site_has_a_plan_of_its_own() {
    let mut harness = Harness::with(|settings| {
        settings.policy = "[[rule]]\npath = \"/a/*\"\naccess = \"public\"\n[[rule]]\npath = \"/b/*\"\naccess = \"public\"\n\
            [[rule]]\npath = \"/c/*\"\naccess = \"public\"\n\
            [[site]]\npublic_url = \"https://a.example\"\norigin = \"http://127.0.0.1:1\"\n\
            [[site]]\npublic_url = \"https://b.example\"\norigin = \"http://127.0.0.1:2\"\n\
            [[site]]\npublic_url = \"https://c.example\"\norigin = \"http://127.0.0.1:3\"";
    });
    let mut ids = HashSet::new();
    for site in ["a", "b", "c"] {
        for path in ["a", "b", "c"] {
            let id = decide_fast(&mut harness, &format!("GET https://{site}.example/{path}/x"), "x=1").unwrap();
            assert!(ids.insert(id), "{site} {path}");
        }
    }
}

#[test]
fn what_becomes_of_a_header_has_a_stable_word() {
    let words = [RequestHeader::Keep, RequestHeader::Strip, RequestHeader::Decide].map(RequestHeader::as_str);
    assert_eq!(words, ["keep", "strip", "decide"], "worker/src reads them");
}

#[test]
fn a_decision_of_a_fresh_rule_is_never_cached() {
    let fresh = Given { fresh: true, ..live() };
    let mut harness = Harness::new();
    harness.sign_in(&fresh, at(0));
    for secs in [0, 0, 1] {
        let done = harness.ask(&["GET /fresh/x".into(), "accept: text/html".into()], &fresh, at(secs));
        assert!(matches!(done.reply, Reply::Forward(..)), "{:?}", done.why);
        harness.take(&done);
        let cookies: Vec<_> = harness.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cache_key = format!("192.0.2.1\n{}", cookies.join("; "));
        let line = "GET https://app.example.org/fresh/x";
        assert_eq!(harness.gate.cached_decision(&harness.instance, line, &cache_key, at(secs)), None);
    }
}

#[test]
fn g03_huge_cookies_are_not_cached() {
    let mut harness = Harness::new();
    let line = "GET https://app.example.org/public/x";
    for (bytes, is_cached) in [(6_000, true), (8_192, true), (8_193, false), (10_000, false)] {
        assert_eq!(decide_fast(&mut harness, line, &"x".repeat(bytes)).is_some(), is_cached, "{bytes}");
    }
}

const PLACES: [&str; 14] = [
    "/",
    "/app",
    "/app/a?b=c",
    "/app/../secret/x",
    "/private/p",
    "/public/x",
    "/robots.txt",
    "/maybe/x",
    "/staff/x",
    "/secret/x",
    "/fresh/x",
    "/strict/x",
    "/elsewhere",
    "/app?ticket=ST-1-abc",
];

proptest! {
    #[test]
    fn random_walks_agree_with_the_full_decision(steps in prop::collection::vec((0..PLACES.len(), prop::sample::select(vec!["GET", "POST", "HEAD", "DELETE"]), prop::sample::select(vec![0_u64, 0, 0, 1, 30, 60, 400, 2_000, 40_000])), 1..30)) {
        let mut harness = Harness::new();
        harness.sign_in(&Given::default(), at(0));
        let mut secs = 0;
        for (place, method, later) in steps {
            secs += later;
            let done = ask(&mut harness, &format!("{method} {}", PLACES[place]), secs);
            // The begun login is abandoned; only the session cookie is kept.
            if let Reply::Answer(answer, _) = &done.reply && answer.status == 302 {
                harness.cookies.retain(|(name, _)| name == harness::SESSION);
            }
        }
    }
}
