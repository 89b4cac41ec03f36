//! Bearers of machine clients.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod harness;

use base::UnixMs;
use gate::{AuditEvent, Reply, RequestHeader, Why};
use harness::{Done, Harness, at};
use vectors::gate::Given;

const JSON: &str = "accept: application/json";
const FORM: &str = "content-type: application/x-www-form-urlencoded";
const POLICY: &str = "token = true\nsession = { max_socket_age_secs = 7200 }\n\
    [[rule]]\npath = \"/public/*\"\naccess = \"public\"\n[[rule]]\npath = \"/maybe/*\"\naccess = \"optional\"\n\
    [[rule]]\npath = \"/fresh/*\"\naccess = \"fresh\"\n[[rule]]\npath = \"/staff/*\"\naccess = \"login\"\nrequire = { memberOf = \"staff\" }\n\
    [[rule]]\npath = \"/wiki/*\"\naccess = \"login\"\norigin = \"http://127.0.0.1:9001\"\napp = \"wiki\"\n\
    [[rule]]\npath = \"/*\"\naccess = \"login\"\nclose_on_revoke = true";

fn harness() -> Harness {
    Harness::with(|settings| settings.policy = POLICY)
}

fn ask(harness: &mut Harness, lines: &[&str], given: &Given, now: UnixMs) -> Done {
    let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    harness.ask(&lines, given, now)
}

fn why(harness: &mut Harness, page: &str, bearer: &str, secs: u64) -> Why {
    ask(harness, &[&format!("GET {page}"), JSON, bearer], &Given::default(), at(secs)).why
}

fn ticket(harness: &mut Harness, body: &str, given: &Given) -> Done {
    let given = Given { body: Some(body.into()), ..given.clone() };
    ask(harness, &["POST /.portcullis/token", JSON, FORM], &given, at(0))
}

/// The header of a bearer for a ticket, whose person is in these groups.
fn bought(harness: &mut Harness, body: &str, groups: &[&str]) -> String {
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    let given = Given { attributes: [("memberOf".to_owned(), groups)].into(), ..Given::default() };
    let done = ticket(harness, body, &given);
    assert_eq!((done.why, done.asks.as_slice()), (Why::TokenIssued, ["read", "validate"].as_slice()), "no object");
    let Reply::Answer(answer, _) = &done.reply else { panic!("JSON") };
    let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_u64()), (Some("Bearer"), Some(900)));
    format!("authorization: Bearer {}", answer["access_token"].as_str().unwrap())
}

fn strips(done: &Done) -> bool {
    let Reply::Forward(forward, _) = &done.reply else { panic!("{:?}", done.why) };
    let strips = forward.strip.iter().any(|name| name == "authorization");
    assert!(!strips || forward.plan_id.is_none(), "a plan that is kept would pass the next bearer on");
    strips
}

#[test]
fn h19_a_bearer_opens_pages_and_no_app_sees_it() {
    let mut harness = harness();
    let bearer = bought(&mut harness, "ticket=ST-1-abc", &["staff"]);
    let pages =
        [("/app", Why::Bearer), ("/staff/x", Why::Bearer), ("/maybe/x", Why::Bearer), ("/public/x", Why::Public)];
    // Twice, for the cache; the harness compares both ways.
    for (page, want) in pages.into_iter().chain(pages) {
        let done = ask(&mut harness, &[&format!("GET {page}"), JSON, &bearer], &Given::default(), at(60));
        assert_eq!((done.why, strips(&done)), (want, true), "{page}");
        let Reply::Forward(forward, _) = &done.reply else { panic!("{page}") };
        let named = forward.set.iter().any(|(name, value)| name == "remote-user" && value == "ann");
        assert_eq!(named, want == Why::Bearer, "{page}");
    }
    assert_eq!(harness.gate.request_header("Authorization"), RequestHeader::Decide);
}

#[test]
fn h19_a_bad_bearer_opens_nothing_and_goes_nowhere() {
    let mut harness = harness();
    let good = bought(&mut harness, "ticket=ST-1-abc", &["staff"]);
    let token = good.strip_prefix("authorization: Bearer ").unwrap();
    ask(&mut harness, &["GET /public/x", JSON], &Given::default(), at(1));
    for value in [
        format!("bearer {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Basic YTpi, Bearer {token}"),
        format!("Bearer {token}x"),
        "Bearer pc1.".to_owned(),
        "BEARER pc1.abc".to_owned(),
    ] {
        let line = format!("authorization: {value}");
        assert_eq!(why(&mut harness, "/app", &line, 2), Why::BearerInvalid, "{value}");
        let done = ask(&mut harness, &["GET /public/x", JSON, &line], &Given::default(), at(2));
        assert!(strips(&done), "{value}: not on an open page either");
    }
    for (secs, want) in [(899, Why::Bearer), (900, Why::BearerInvalid), (86_400, Why::BearerInvalid)] {
        assert_eq!(why(&mut harness, "/app", &good, secs), want, "{secs}");
    }
    for app in ["authorization: Bearer eyJhbGciOi.x.y", "authorization: Basic YTpi"] {
        let done = ask(&mut harness, &["GET /public/x", JSON, app], &Given::default(), at(3));
        assert!(!strips(&done), "{app}: an app's own passes");
    }
}

#[test]
fn h15_a_session_cookie_and_a_bearer_choose_nobody() {
    let mut harness = harness();
    let bearer = bought(&mut harness, "ticket=ST-1-abc", &[]);
    harness.sign_in(&Given { session: Some("ben".into()), ..Given::default() }, at(0));
    ask(&mut harness, &["GET /app", JSON], &Given::default(), at(1));
    for page in ["/app", "/maybe/x"] {
        assert_eq!(why(&mut harness, page, &bearer, 2), Why::TwoIdentities, "{page}: beside a live session");
    }
    harness.cookies = vec![(harness::SESSION.to_owned(), "dead".to_owned())];
    assert_eq!(why(&mut harness, "/app", &bearer, 2), Why::TwoIdentities, "beside a dead cookie");
}

#[test]
fn h20_a_bearer_is_not_enough_for_more_than_a_sign_in() {
    let mut harness = harness();
    let plain = bought(&mut harness, "ticket=ST-1-abc", &["students"]);
    for (page, want) in [
        ("/app", Why::Bearer),
        ("/fresh/x", Why::BearerNotEnough), // although the answer says isFromNewLogin=true
        ("/staff/x", Why::BearerNotEnough),
        ("/wiki/x", Why::BearerInvalid), // another app's
        ("/.portcullis/whoami", Why::BearerNotEnough),
        ("/.portcullis/logout", Why::BearerNotEnough),
        ("/.portcullis/health", Why::BearerNotEnough),
    ] {
        assert_eq!(why(&mut harness, page, &plain, 1), want, "{page}");
    }
    let wiki = bought(&mut harness, "app=wiki&ticket=ST-2-abc", &[]);
    assert_eq!(why(&mut harness, "/wiki/x", &wiki, 1), Why::Bearer);
    assert_eq!(why(&mut harness, "/app", &wiki, 1), Why::BearerInvalid);
    let mut other =
        Harness::with(|settings| (settings.policy, settings.public_url) = (POLICY, "https://other.example.org"));
    let lines = ["GET /app", JSON, &plain, "host: other.example.org"];
    assert_eq!(ask(&mut other, &lines, &Given::default(), at(1)).why, Why::BearerInvalid, "another site's");
}

#[test]
fn h20_a_bearer_reaches_by_a_destination_what_it_reaches_alone() {
    let policy = "token = true\n[cas.mfa_attribute]\nname = \"mfa\"\nvalues = \"yes\"\namr = [\"otp\"]\n\
        [factor]\nmode = \"off\"\nuser_key = \"cas:user\"\ntenant_id = \"uni\"\ncas_id = \"main\"\n\
        [[rule]]\npath = \"/secret/*\"\naccess = \"login\"\nfactor = \"required\"\n\
        [[rule]]\npath = \"/*\"\naccess = \"login\"";
    let mut harness = Harness::with(|settings| settings.policy = policy);
    let given = Given { attributes: [("mfa".to_owned(), vec!["yes".to_owned()])].into(), ..Given::default() };
    let done = ticket(&mut harness, "ticket=ST-1-abc", &given);
    let Reply::Answer(answer, _) = &done.reply else { panic!("JSON") };
    let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let bearer = format!("authorization: Bearer {}", answer["access_token"].as_str().unwrap());
    assert_eq!(why(&mut harness, "/secret/x", &bearer, 1), Why::BearerNotEnough);
    for (to, want) in [("/plain/y", Why::Bearer), ("/secret/y", Why::DestinationRefused)] {
        let lines = ["COPY /plain/x", JSON, &format!("destination: {to}"), &bearer];
        assert_eq!(ask(&mut harness, &lines, &Given::default(), at(1)).why, want, "{to}");
    }
}

#[test]
fn f43_observe_stops_no_bearer_and_says_what_would() {
    let policy = "token = true\n[factor]\nmode = \"observe\"\nuser_key = \"cas:user\"\ntenant_id = \"uni\"\ncas_id = \"main\"\n\
        [[rule]]\npath = \"/plain/*\"\naccess = \"login\"\nfactor = \"off\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"";
    let mut harness = Harness::with(|settings| settings.policy = policy);
    let bearer = bought(&mut harness, "ticket=ST-1-abc", &[]);
    for (line, is_noted) in [("GET /plain/x", false), ("GET /secret", true)] {
        let done = ask(&mut harness, &[line, JSON, &bearer], &Given::default(), at(1));
        let Reply::Forward(_, events) = &done.reply else { panic!("{line}: {:?}", done.why) };
        let observed = AuditEvent::FactorAsked { rule: 2, observed: true, missing: false };
        assert_eq!((done.why, events.contains(&observed)), (Why::Bearer, is_noted), "{line}");
    }
    let copy = ["COPY /plain/x", JSON, "destination: /secret/y", &bearer];
    assert_eq!(ask(&mut harness, &copy, &Given::default(), at(1)).why, Why::Bearer);
}

#[test]
fn h20_a_socket_closes_at_the_bearers_end() {
    let mut harness = harness();
    let bearer = bought(&mut harness, "ticket=ST-1-abc", &[]);
    let done = ask(&mut harness, &["GET /app", JSON, "upgrade: websocket", &bearer], &Given::default(), at(600));
    let Reply::Forward(forward, _) = &done.reply else { panic!("an app's socket") };
    assert_eq!(forward.watch.as_ref().unwrap().encode(), "300", "an age, and no object to look at");
}

#[test]
fn a12_no_browser_gets_a_bearer_and_nothing_is_asked_for_it() {
    let mut harness = harness();
    let given = Given { body: Some("ticket=ST-1-abc".into()), ..Given::default() };
    for header in [
        "cookie: a=1",
        "origin: https://app.example.org",
        "origin: null",
        "sec-fetch-site: same-origin",
        "sec-fetch-site: cross-site",
        "Sec-Fetch-Mode: cors",
    ] {
        let done = ask(&mut harness, &["POST /.portcullis/token", JSON, FORM, header], &given, at(0));
        assert_eq!((done.why, done.asks.len()), (Why::TokenForbidden, 0), "{header}");
    }
    let done = ask(&mut harness, &["GET /.portcullis/token?ticket=ST-1-abc", JSON], &given, at(0));
    assert_eq!((done.why, done.asks.len()), (Why::BadMethod, 0), "its ticket is not used");
    let done = ask(&mut Harness::new(), &["POST /.portcullis/token", JSON, FORM], &given, at(0));
    assert_eq!((done.why, done.asks.len()), (Why::NotFound, 0), "off by default");
}

#[test]
fn l20_a_bad_ticket_gives_no_bearer_and_a_logout_does_nothing() {
    let mut harness = harness();
    let long = format!("ticket=ST-1-{}", "a".repeat(1024));
    for (body, want) in [
        ("ticket=PT-1-abc", Why::BadRequest),
        ("ticket=nonsense", Why::BadRequest),
        ("app=unknown&ticket=ST-1-abc", Why::BadRequest),
        (&long, Why::BadRequest),
        ("", Why::BadRequest),
        ("logoutRequest=x", Why::SingleLogout),
    ] {
        let done = ticket(&mut harness, body, &Given::default());
        assert_eq!((done.why, done.asks.as_slice()), (want, ["read"].as_slice()), "{body}");
    }
    for (verdict, want, status) in
        [("refused", Why::TicketRefused, 403), ("timeout", Why::CasTimeout, 503), ("busy", Why::TokenBusy, 503)]
    {
        let given = Given { verdict: Some(verdict.into()), ..Given::default() };
        let done = ticket(&mut harness, "ticket=ST-1-abc", &given);
        let Reply::Answer(answer, _) = &done.reply else { panic!("{verdict}") };
        assert_eq!((done.why, answer.status), (want, status), "{verdict}");
        let soon = answer.headers.contains(&("retry-after".to_owned(), "1".to_owned()));
        assert_eq!(soon, verdict == "busy", "{verdict}");
    }
}
