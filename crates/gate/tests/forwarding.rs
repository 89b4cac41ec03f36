//! What a forwarded request holds: its address, its cookies and the headers that the gate sets.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod harness;

use base::UnixMs;
use gate::{AuditEvent, Forward, Reply, Why};
use harness::{Harness, NOW};
use vectors::gate::Given;

const PAGE: &str = "accept: text/html";

fn now() -> UnixMs {
    UnixMs::from_secs(NOW)
}

fn ask(harness: &mut Harness, lines: &[&str], given: &Given) -> harness::Done {
    harness.ask(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), given, now())
}

fn forward(harness: &mut Harness, lines: &[&str]) -> Forward {
    let done = ask(harness, lines, &Given::default());
    let Reply::Forward(forward, _) = done.reply else { panic!("{lines:?}: {:?}", done.why) };
    *forward
}

fn header<'f>(forward: &'f Forward, name: &str) -> Option<&'f str> {
    forward.set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[test]
fn an_app_is_known_by_its_public_host_and_by_its_own_where_that_is_known() {
    let policy = "[[rule]]\npath = \"/bound/*\"\naccess = \"public\"\norigin = \"binding:APP\"\napp = \"bound\"\n\
        [[rule]]\npath = \"/unknown/*\"\naccess = \"public\"\norigin = \"binding:OTHER\"\napp = \"other\"\n\
        [[rule]]\npath = \"/*\"\naccess = \"public\"";
    let mut harness = Harness::with(|settings| {
        settings.policy = policy;
        settings.binding_addresses = r#"{"APP":"http://127.0.0.1:9001"}"#;
    });
    for (path, hosts) in [
        ("/x", "app.example.org:9000 app.example.org 127.0.0.1:9000"),
        ("/bound/x", "app.example.org:9001 app.example.org 127.0.0.1:9001"),
        ("/unknown/x", "app.example.org"),
    ] {
        let done = ask(&mut harness, &[&format!("GET {path}"), PAGE], &Given::default());
        let Reply::Forward(forward, _) = done.reply else { panic!("{path}: {:?}", done.why) };
        let mut known: Vec<_> = forward.app_hosts.split(' ').collect();
        known.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(known.join(" "), hosts, "{path}");
    }
}

#[test]
fn a_folder_is_cut_off_where_a_rule_says_so_and_only_a_rule_lets_shared_caches_keep() {
    let policy = "[[rule]]\npath = \"/cut/*\"\naccess = \"public\"\nstrip_prefix = true\ncache = true\n\
        [[rule]]\npath = \"/*\"\naccess = \"public\"";
    let mut harness = Harness::with(|settings| settings.policy = policy);
    for (path, url, prefix, keep) in [
        ("/cut/a/b?c=/cut/", "http://127.0.0.1:9000/a/b?c=/cut/", "/cut", ""),
        ("/cut/cut/a", "http://127.0.0.1:9000/cut/a", "/cut", ""),
        ("/cut", "http://127.0.0.1:9000/", "/cut", ""),
        ("/cutter/a", "http://127.0.0.1:9000/cutter/a", "", "private"),
    ] {
        let done = ask(&mut harness, &[&format!("GET {path}"), PAGE], &Given::default());
        let Reply::Forward(forward, _) = done.reply else { panic!("{path}: {:?}", done.why) };
        assert_eq!(
            (forward.url.as_str(), forward.prefix.as_str(), forward.keep.as_str()),
            (url, prefix, keep),
            "{path}"
        );
    }
}

#[test]
fn a_truncated_header_is_named_to_the_app_and_in_the_log_each_time() {
    let mut harness = Harness::with(|settings| settings.policy = "header_cap_bytes = 64");
    let groups: Vec<_> = (0..9).map(|n| format!("group-{n}-of-many")).collect();
    harness.sign_in(&Given { attributes: [("memberOf".to_owned(), groups.clone())].into(), ..Given::default() }, now());
    for _ in 0..3 {
        let Reply::Forward(forward, events) = ask(&mut harness, &["GET /app", PAGE], &Given::default()).reply else {
            panic!("a page")
        };
        let set = |name: &str| forward.set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(events, [AuditEvent::Truncated { header: "Remote-Groups".into() }]);
        assert_eq!(set("x-portcullis-truncated"), Some("Remote-Groups"));
        assert_eq!(set("remote-groups"), Some(groups[..4].join(",").as_str()), "whole values, up to the cap");
    }
}

#[test]
fn no_cookie_of_the_gate_reaches_an_app_and_every_other_one_does() {
    let mut harness = Harness::new();
    harness.sign_in(&Given::default(), now());
    let session = harness.cookies.drain(..).map(|(name, value)| format!("{name}={value}")).next().unwrap();
    for (cookies, rest) in [
        (session.clone(), None),
        (format!("{session}; a=1"), Some("a=1")),
        (format!("a=1; {session}; b=2"), Some("a=1; b=2")),
    ] {
        let forward = forward(&mut harness, &["GET /app", PAGE, &format!("cookie: {cookies}")]);
        assert_eq!(header(&forward, "cookie"), rest);
        assert_eq!(forward.strip.iter().any(|name| name == "cookie"), rest.is_none());
    }
    let untouched = forward(&mut harness, &["GET /public/x", PAGE, "cookie: a=1; b=2"]);
    assert_eq!((header(&untouched, "cookie"), untouched.strip.iter().any(|name| name == "cookie")), (None, false));
}

#[test]
fn the_folder_that_was_cut_off_is_named_to_the_app() {
    let policy = "[[rule]]\npath = \"/cut/*\"\naccess = \"public\"\nstrip_prefix = true\n\
        [[rule]]\npath = \"/*\"\naccess = \"public\"";
    let mut harness = Harness::with(|settings| settings.policy = policy);
    for (path, prefix) in [("/cut/a", Some("/cut")), ("/a", None)] {
        let forward = forward(&mut harness, &[&format!("GET {path}"), PAGE]);
        assert_eq!(header(&forward, "x-forwarded-prefix"), prefix, "{path}");
    }
}

#[test]
fn a_list_is_truncated_between_values_at_exactly_its_cap() {
    // Three values of 30 letters: 92 with their commas.
    let groups: Vec<_> = ["a", "b", "c"].map(|letter| letter.repeat(30)).into();
    for (cap, kept) in [(95, 3), (92, 3), (91, 2), (64, 2)] {
        let mut harness =
            Harness::with(|settings| settings.policy = Box::leak(format!("header_cap_bytes = {cap}").into()));
        let given = Given { attributes: [("memberOf".to_owned(), groups.clone())].into(), ..Given::default() };
        harness.sign_in(&given, now());
        let forward = forward(&mut harness, &["GET /app", PAGE]);
        assert_eq!(header(&forward, "remote-groups"), Some(groups[..kept].join(",").as_str()), "{cap}");
        assert_eq!(forward.truncated.is_empty(), kept == 3, "{cap}");
    }
}

/// `worker/src` reads these lines by their place.
#[test]
fn the_plan_that_the_adapter_reads_is_lines_in_a_fixed_order() {
    let policy = "[[rule]]\npath = \"/cut/*\"\naccess = \"public\"\nstrip_prefix = true\ncache = true\n\
        [[rule]]\npath = \"/bound/*\"\naccess = \"public\"\norigin = \"binding:APP\"\napp = \"bound\"";
    let mut harness = Harness::with(|settings| settings.policy = policy);
    let lines = |forward: &Forward| forward.encode(Why::LiveSession).lines().map(str::to_owned).collect::<Vec<_>>();
    let cut = lines(&forward(&mut harness, &["GET /cut/a?b", PAGE, "Remote-User: eve", "cookie: a=1"]));
    let public = "https://app.example.org";
    let head = ["", "http://127.0.0.1:9000/a?b", "", "http://127.0.0.1:9000", public, harness::SESSION, ""];
    assert_eq!(cut[..7], head);
    assert_eq!(cut[7..10], ["127.0.0.1:9000 app.example.org app.example.org:9000", "/cut", ""]);
    assert_eq!(cut[10..12], ["LIVE_SESSION", "app.example.org"]);
    assert!(
        cut[12..].contains(&"-Remote-User".to_owned()) && cut[12..].contains(&"=x-forwarded-prefix /cut".to_owned())
    );
    assert!(cut[12..].iter().all(|line| line.starts_with(['-', '=', '+'])));
    let bound = lines(&forward(&mut harness, &["GET /bound/a", PAGE]));
    assert_eq!(bound[..3], ["APP", "https://app.example.org/bound/a", "private"]);
}
