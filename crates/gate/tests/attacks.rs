//! Attacks whose setup does not fit a row of `tests/vectors/gate/decide.json`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod harness;

use base::UnixMs;
use gate::{AppFailure, AuditEvent, Ended, Facts, Reply, Step, Why};
use harness::{Harness, NOW, PUBLIC, location};
use vectors::gate::Given;

const PAGE: &str = "accept: text/html";

fn now() -> UnixMs {
    UnixMs::from_secs(NOW)
}

fn given(verdict: &str) -> Given {
    Given { verdict: Some(verdict.into()), ..Given::default() }
}

fn ask(harness: &mut Harness, lines: &[&str], given: &Given) -> harness::Done {
    harness.ask(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), given, now())
}

#[test]
fn h05_a_session_inside_the_value_of_another_cookie_is_ignored() {
    let mut harness = Harness::new();
    harness.sign_in(&Given::default(), now());
    let (name, value) = harness.cookies.drain(..).next().unwrap();
    // A sibling host can set such a cookie for the whole domain.
    for tossed in [
        format!("x=1,{name}={value}"),
        format!("x=\"1, {name}={value}\""),
        format!("x=\"1,{name}={value},2\""),
        format!("{name} ={value}"),
        format!("={name}={value}"),
        format!("x={name}={value}"),
    ] {
        let done =
            ask(&mut harness, &["GET /app", "accept: application/json", &format!("cookie: {tossed}")], &given("live"));
        assert_eq!(done.why, Why::LoginRequired, "{tossed}");
    }
    let done =
        ask(&mut harness, &["GET /app", PAGE, &format!("cookie: a=1, 2; {name}={value}; b=3")], &Given::default());
    assert_eq!(done.why, Why::LiveSession, "a comma in another cookie is allowed");
}

#[test]
fn s13_a_flight_inside_the_value_of_another_cookie_is_ignored() {
    let mut harness = Harness::new();
    let path = harness.begin_login("/app", now());
    let (name, value) = harness.cookies.drain(..).next().unwrap();
    let lines = [format!("GET {path}?ticket=ST-1-abc"), PAGE.into(), format!("cookie: x=1,{name}={value}")];
    let done = harness.ask(&lines, &given("live"), now());
    assert_eq!((done.why, done.asks.len()), (Why::NotOurFlight, 0), "the attacker's ticket is never validated");
}

#[test]
fn l01_a_session_that_is_over_or_was_replaced_takes_its_cookie_with_it() {
    for (verdict, path, accept, why) in [
        ("ended", "/app", PAGE, Why::LoginStarted),
        ("replaced", "/app", PAGE, Why::LoginStarted),
        ("replaced", "/app", "accept: application/json", Why::LoginRequired),
        ("ended", "/.portcullis/whoami", "accept: application/json", Why::LoginRequired),
        ("replaced", "/.portcullis/whoami", "accept: application/json", Why::LoginRequired),
    ] {
        let mut harness = Harness::new();
        harness.sign_in(&Given::default(), now());
        let lines = [format!("GET {path}"), accept.to_owned()];
        let done = harness.ask(&lines, &given(verdict), UnixMs::from_secs(NOW + 61));
        assert_eq!((done.why, done.asks.as_slice()), (why, ["ticket"].as_slice()), "{verdict} {path}");
        harness.take(&done);
        assert!(!harness.cookies.iter().any(|(name, _)| name == harness::SESSION), "{verdict} {path}");
    }
}

#[test]
fn g02_a_browser_that_keeps_no_cookies_is_sent_to_the_cas_server_once_more_and_then_told() {
    let mut harness = Harness::new();
    let first = harness.begin_login("/app", now());
    harness.cookies.clear();
    let ticket = |path: &str, number: u8| [format!("GET {path}?ticket=ST-{number}-abc"), PAGE.to_owned()];
    let done = harness.ask(&ticket(&first, 1), &Given::default(), now());
    assert_eq!(done.why, Why::NotOurFlight);
    let second = harness::callback(&done);
    assert!(second.ends_with("/again"), "{second}");
    let done = harness.ask(&ticket(&second, 2), &Given::default(), now());
    assert_eq!((done.why, done.asks.len()), (Why::CookiesOff, 0));
}

#[test]
fn t03_a_new_policy_applies_at_once_and_new_attributes_at_the_next_sign_in() {
    let mut before = Harness::with(|settings| settings.policy = "");
    before.sign_in(&Given { attributes: [("role".into(), vec!["admin".into()])].into(), ..Given::default() }, now());
    let with = |policy: &'static str, cookies: &[(String, String)]| {
        let mut harness = Harness::with(|settings| settings.policy = policy);
        harness.cookies = cookies.to_vec();
        harness
    };
    let stricter = "[[rule]]\npath = \"/*\"\naccess = \"login\"\nrequire = { role = \"admin\" }";
    for (policy, why) in [
        ("[[rule]]\npath = \"/other\"\naccess = \"login\"", Why::NoRule),
        ("[[rule]]\npath = \"/*\"\naccess = \"fresh\"", Why::FreshLoginStarted),
        (stricter, Why::MissingAttribute),
        ("", Why::LiveSession),
    ] {
        let done = ask(&mut with(policy, &before.cookies), &["GET /app", PAGE], &Given::default());
        assert_eq!(done.why, why, "{policy}");
    }
    let mut after = with(stricter, &[]);
    after.sign_in(&Given { attributes: [("role".into(), vec!["admin".into()])].into(), ..Given::default() }, now());
    assert_eq!(ask(&mut after, &["GET /app", PAGE], &Given::default()).why, Why::LiveSession);
}

#[test]
fn f07_a_client_address_in_a_header_is_ignored() {
    for (network, why) in [("198.51.100.0/24", Why::SingleLogoutStranger), ("192.0.2.0/24", Why::SingleLogout)] {
        let policy = format!("[slo]\nsources = [\"{network}\"]");
        let policy: &'static str = Box::leak(policy.into_boxed_str());
        let mut harness = Harness::with(|settings| settings.policy = policy);
        let path = harness.begin_login("/app", now());
        let claimed = ["x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip"]
            .map(|name| format!("{name}: 198.51.100.7"));
        let mut lines = vec![format!("POST {path}"), "forwarded: for=198.51.100.7".into()];
        lines.extend(claimed);
        let logout = Given { body: Some("logout".into()), ..given("ended") };
        assert_eq!(harness.ask(&lines, &logout, now()).why, why, "{network}");
    }
}

#[test]
fn every_refusal_has_an_id_that_the_page_and_the_log_share() {
    let mut harness = Harness::new();
    for (lines, why) in [
        (vec!["GET /elsewhere", PAGE], Why::NoRule),
        (vec!["GET /app", "accept: application/json"], Why::LoginRequired),
        (vec!["GET /%00", PAGE], Why::BadRequest),
        (vec!["GET /app", PAGE, "host: other.example.org"], Why::UnknownHost),
        (vec!["GET /.portcullis/nothing", PAGE], Why::NotFound),
    ] {
        let done = ask(&mut harness, &lines, &Given::default());
        let Reply::Answer(answer, _) = done.reply else { panic!("{lines:?}") };
        assert_eq!(done.why, why);
        assert!(answer.request.len() == 8 && answer.body.contains(&answer.request), "{lines:?}");
    }
}

#[test]
fn p05_a_failed_sign_in_is_logged_by_its_code_alone() {
    for (verdict, code) in [("refused", "CAS_INVALID_TICKET"), ("bad-answer", "CAS_ANSWER_MALFORMED")] {
        let mut harness = Harness::new();
        let path = harness.begin_login("/app", now());
        let done = harness.ask(&[format!("GET {path}?ticket=ST-1-abc"), PAGE.into()], &given(verdict), now());
        let Reply::Answer(answer, events) = done.reply else { panic!("{verdict}") };
        assert_eq!(events, [AuditEvent::SignInFailed { code: code.into() }]);
        if verdict == "bad-answer" {
            assert!(answer.body.contains("cannot be read."), "the page says what is wrong");
        }
    }
}

#[test]
fn a_sign_out_that_the_object_missed_is_not_logged() {
    for (verdict, events) in [("ended", 1), ("unavailable", 0)] {
        let mut harness = Harness::new();
        harness.sign_in(&Given::default(), now());
        let lines = ["POST /.portcullis/logout", PAGE, &format!("origin: {PUBLIC}")];
        let done = ask(&mut harness, &lines, &given(verdict));
        assert_eq!(done.why, Why::LoggedOut, "the browser is signed out anyway");
        let Reply::Answer(_, logged) = &done.reply else { panic!("{verdict}") };
        assert_eq!(logged.len(), events, "{verdict}");
    }
}

#[test]
fn l16_no_session_lives_on_by_grace_once_its_ending_may_have_been_dropped() {
    const MOST_ENDINGS: usize = 8;
    let mut harness = Harness::new();
    harness.instance.ended = Ended::with_max(MOST_ENDINGS);
    harness.sign_in(&Given::default(), now());
    let ann = harness.cookies.clone();
    // Ann's session is due, and its object cannot be reached: the grace carries it, and an ending that was seen ends it.
    let later = UnixMs::from_secs(NOW + 120);
    let look = |harness: &mut Harness| {
        harness.cookies.clone_from(&ann);
        harness.ask(&["GET /app".into(), PAGE.into()], &given("unavailable"), later).why
    };
    assert_eq!(look(&mut harness), Why::SessionGrace);
    // Strangers sign in and out until the list of endings has dropped its oldest one.
    let out = ["POST /.portcullis/logout", PAGE, &format!("origin: {PUBLIC}")];
    for endings in 0..=MOST_ENDINGS {
        harness.cookies.clear();
        harness.sign_in(&Given::default(), now());
        assert_eq!(ask(&mut harness, &out, &given("ended")).why, Why::LoggedOut);
        if endings + 1 == MOST_ENDINGS {
            assert_eq!(look(&mut harness), Why::SessionGrace, "nothing has been dropped yet");
        }
    }
    assert_eq!(look(&mut harness), Why::StoreUnavailable);
}

#[test]
fn l09_logout_pages_allow_a_same_origin_referrer() {
    // Browsers without Sec-Fetch headers then send the `Origin` of the page with the POST.
    let mut harness = Harness::new();
    for lines in [vec!["GET /.portcullis/logout", PAGE], vec!["POST /.portcullis/logout", PAGE, "origin: null"]] {
        let done = ask(&mut harness, &lines, &Given::default());
        let Reply::Answer(answer, _) = &done.reply else { panic!("{lines:?}") };
        let policies: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "referrer-policy").collect();
        assert_eq!(policies, [&("referrer-policy".to_owned(), "same-origin".to_owned())], "{lines:?}");
    }
}

#[test]
fn an_unreachable_app_gives_a_page_with_a_retry_link_or_json() {
    let harness = Harness::new();
    for (accept, holds) in [
        ("text/html", "href=\"https://app.example.org/app?x=1\""),
        ("application/json", "\"error\":\"APP_UNAVAILABLE\""),
    ] {
        let head = format!("GET /app?x=1\nhost: app.example.org\naccept: {accept}");
        let mut moment = base::Moment::new(now(), [1; 32]);
        let facts = Facts { head: &head, peer: None, open_circuits: &[] };
        let Step::Done(Reply::Answer(answer, _), why) =
            harness.gate.app_failed(facts, AppFailure::Unreachable, &mut moment)
        else {
            panic!("{accept}")
        };
        assert_eq!((why, answer.status), (Why::AppUnavailable, 502));
        assert!(answer.body.contains(holds), "{}", answer.body);
        assert!(answer.headers.contains(&("retry-after".into(), "10".into())));
    }
}

#[test]
fn a_public_url_may_have_its_default_port_and_any_case() {
    for public in ["https://App.Example.org", "https://app.example.org:443/", "https://app.example.org"] {
        let mut harness = Harness::with(|settings| settings.public_url = public);
        let done = ask(&mut harness, &["GET /app", PAGE], &Given::default());
        assert_eq!(done.why, Why::LoginStarted, "{public}");
        assert!(location(&done).contains("https%3A%2F%2Fapp.example.org%2F"), "{public}");
    }
}

#[test]
fn h05_two_different_session_cookies_are_both_ignored() {
    let mut harness = Harness::new();
    harness.sign_in(&Given::default(), now());
    let (name, first) = harness.cookies.drain(..).next().unwrap();
    harness.sign_in(&Given { session: Some("ben".into()), ..Given::default() }, now());
    let (_, second) = harness.cookies.drain(..).next().unwrap();
    for (cookies, why) in [
        (format!("{name}={first}; {name}={second}"), Why::LoginRequired),
        (format!("{name}={second}; {name}={first}"), Why::LoginRequired),
        (format!("{name}={first}; {name}=x"), Why::LoginRequired),
        (format!("{name}={first}; {name}={first}"), Why::LiveSession),
        (format!("{name}={second}"), Why::LiveSession),
    ] {
        let done = ask(
            &mut harness,
            &["GET /app", "accept: application/json", &format!("cookie: {cookies}")],
            &Given::default(),
        );
        assert_eq!(done.why, why, "{cookies}");
    }
}

#[test]
fn l09_a_logout_without_its_own_origin_is_refused() {
    let mut harness = Harness::new();
    harness.sign_in(&Given::default(), now());
    for (header, why) in [
        ("x-nothing: 1", Why::LogoutForged),
        ("origin: null", Why::LogoutForged),
        ("origin: https://evil.example", Why::LogoutForged),
        ("sec-fetch-site: cross-site", Why::LogoutForged),
        ("sec-fetch-site: same-site", Why::LogoutForged),
        ("sec-fetch-site: none", Why::LogoutForged),
        ("origin: https://app.example.org", Why::LoggedOut),
    ] {
        let done = ask(&mut harness, &["POST /.portcullis/logout", PAGE, header], &given("ended"));
        assert_eq!(done.why, why, "{header}");
    }
}

#[test]
fn t02_an_open_circuit_begins_no_login_and_serves_optional_pages() {
    let mut harness = Harness::new();
    let browser = ["sec-fetch-dest: document", "sec-fetch-mode: navigate"];
    for (page, open, why) in [
        ("/maybe/x", false, Why::GatewayStarted),
        ("/maybe/x", true, Why::Anonymous),
        ("/app", true, Why::CasUnavailable),
        ("/fresh/x", true, Why::CasUnavailable),
    ] {
        let line = format!("GET {page}");
        let given = Given { circuit_open: open, ..Given::default() };
        let done = ask(&mut harness, &[&line, browser[0], browser[1]], &given);
        assert_eq!(done.why, why, "{page} {open}");
    }
}

#[test]
fn p05_an_event_before_the_reply_is_logged_with_it() {
    let mut harness = Harness::new();
    let path = harness.begin_login("/app", now());
    // The first refusal begins a new login instead of a page; the log still has its code.
    let done = harness.ask(&[format!("GET {path}?ticket=ST-1-abc"), PAGE.into()], &given("refused"), now());
    let Reply::Answer(answer, events) = done.reply else { panic!("a redirect") };
    assert_eq!((answer.status, events), (302, vec![AuditEvent::SignInFailed { code: "CAS_INVALID_TICKET".into() }]));
}

#[test]
fn h16_a_destination_is_checked_like_a_request_and_mapped() {
    let mut harness = Harness::with(|settings| {
        settings.policy = "[[rule]]\npath = \"/public/*\"\naccess = \"public\"\n[[rule]]\npath = \"/dav/*\"\naccess = \"login\"\n\
                           strip_prefix = true\n[[rule]]\npath = \"/staff/*\"\naccess = \"login\"\nrequire = { memberOf = \"staff\" }\n\
                           [[rule]]\npath = \"/*\"\naccess = \"login\"\n";
    });
    let given = Given::default();
    let protected =
        ["/secret/y", "https://app.example.org/secret/y", "/public/%2e%2e/secret/y", "/public/..%2fsecret/y"];
    let elsewhere =
        ["https://elsewhere.example/public/y", "//elsewhere.example/public/y", "/.portcullis/health", "y", ""];
    for destination in protected.iter().chain(&elsewhere) {
        let done = ask(&mut harness, &["MOVE /public/x", &format!("destination: {destination}")], &given);
        assert_eq!(done.why, Why::DestinationRefused, "{destination}");
    }
    let two = ["MOVE /public/x", "destination: /public/y", "destination: /secret/y"];
    assert_eq!(ask(&mut harness, &two, &given).why, Why::DestinationRefused);
    let set = |done: &harness::Done, name: &str| {
        let Reply::Forward(forward, _) = &done.reply else { panic!("{:?}", done.why) };
        forward.set.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let done = ask(&mut harness, &["MOVE /public/x", "Destination: https://app.example.org/public/y%20z"], &given);
    assert_eq!(set(&done, "destination").as_deref(), Some("http://127.0.0.1:9000/public/y%20z"));
    harness.sign_in(&given, now());
    let done = ask(&mut harness, &["COPY /dav/a", "destination: /dav/b", "if: </dav/b> (<urn:uuid:1>)"], &given);
    assert_eq!(
        set(&done, "destination").as_deref(),
        Some("http://127.0.0.1:9000/b"),
        "the prefix is stripped there too"
    );
    assert_eq!(set(&done, "if").as_deref(), Some("<http://127.0.0.1:9000/b> (<urn:uuid:1>)"));
    let done = ask(&mut harness, &["MOVE /dav/a", "destination: /staff/b"], &given);
    assert_eq!(done.why, Why::DestinationRefused, "the user is not in the group staff");
}

#[test]
fn h16_a_destination_takes_the_shorter_grace_of_both_rules() {
    let rules = |grace: &str| {
        format!("[[rule]]\npath = \"/dav/*\"\naccess = \"login\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"\n{grace}")
    };
    let lines =
        |destination: &str| ["MOVE /dav/a".to_owned(), "accept: */*".into(), format!("destination: {destination}")];
    for (grace, destination, why) in [
        ("revalidate_grace_secs = 0", "/strict/b", Why::StoreUnavailable),
        ("revalidate_grace_secs = 0", "/dav/b", Why::SessionGrace),
        ("", "/strict/b", Why::SessionGrace),
    ] {
        let policy: &str = rules(grace).leak();
        let mut harness = Harness::with(|settings| settings.policy = policy);
        harness.sign_in(&Given::default(), now());
        let later = now().plus_secs(100);
        assert_eq!(harness.ask(&lines(destination), &given("unavailable"), later).why, why, "{destination} {grace}");
    }
}

#[test]
fn h17_a_get_with_chunked_content_is_refused() {
    let mut harness = Harness::new();
    for (line, header, why) in [
        ("GET /public/x", "transfer-encoding: chunked", Why::LengthRequired),
        ("HEAD /public/x", "Transfer-Encoding: gzip, chunked", Why::LengthRequired),
        ("GET /public/x", "content-length: 7", Why::Public),
        ("POST /public/x", "transfer-encoding: chunked", Why::Public),
    ] {
        assert_eq!(ask(&mut harness, &[line, header], &Given::default()).why, why, "{line} {header}");
    }
}

#[test]
fn g08_a_failed_passive_sign_in_serves_the_page_anonymously() {
    let browser = ["sec-fetch-dest: document", "sec-fetch-mode: navigate"];
    for (verdict, why) in [
        ("refused", Why::TicketRefused),
        ("used", Why::TicketReplayed),
        ("ended", Why::TicketReplayed),
        ("ended-during-validation", Why::TicketEndedDuringValidation),
        ("bad-answer", Why::CasBadAnswer),
        ("timeout", Why::CasTimeout),
        ("unreachable", Why::CasUnavailable),
        ("unavailable", Why::StoreUnavailable),
    ] {
        let mut harness = Harness::new();
        let begun = ask(&mut harness, &["GET /maybe/x", browser[0], browser[1]], &Given::default());
        assert_eq!(begun.why, Why::GatewayStarted);
        harness.take(&begun);
        let line = format!("GET {}?ticket=ST-1-abc", harness::callback(&begun));
        let done = ask(&mut harness, &[&line, browser[0], browser[1]], &given(verdict));
        assert_eq!((done.why, location(&done)), (why, format!("{PUBLIC}/maybe/x").as_str()), "{verdict}");
        harness.take(&done);
        let page = ask(&mut harness, &["GET /maybe/x", browser[0], browser[1]], &Given::default());
        assert_eq!(page.why, Why::Anonymous, "{verdict}: not tried again");
    }
}
