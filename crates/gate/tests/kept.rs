//! The address with its fragment and the form that a browser's tab keeps over a sign-in.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod harness;

use base::UnixMs;
use gate::{Ended, Reply, Why};
use harness::{Done, Harness, PUBLIC, at, callback, location};
use vectors::gate::Given;

const PAGE: &str = "accept: text/html";
const FORM: &str = "content-type: application/x-www-form-urlencoded";
const OURS: &str = "sec-fetch-site: same-origin";
const POLICY: &str = "[[rule]]\npath = \"/spa/*\"\naccess = \"login\"\nspa = true\n[[rule]]\npath = \"/maybe/*\"\naccess = \"optional\"\nspa = true\n\
    [[rule]]\npath = \"/form/*\"\naccess = \"login\"\nkeep_post = true\n[[rule]]\npath = \"/fresh/*\"\naccess = \"fresh\"\nkeep_post = true\n\
    [[rule]]\npath = \"/staff/*\"\naccess = \"login\"\nkeep_post = true\nrequire = { memberOf = \"staff\" }\n\
    [[rule]]\npath = \"/*\"\naccess = \"login\"";

fn harness() -> Harness {
    Harness::with(|settings| settings.policy = POLICY)
}

fn ask(harness: &mut Harness, lines: &[&str], given: &Given, now: UnixMs) -> Done {
    let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    let done = harness.ask(&lines, given, now);
    harness.take(&done);
    done
}

fn body(done: &Done) -> &str {
    let Reply::Answer(answer, _) = &done.reply else { panic!("{:?}", done.why) };
    &answer.body
}

/// The value of an attribute or field in a page, after this text.
fn after<'d>(done: &'d Done, mark: &str) -> &'d str {
    let rest = body(done).split_once(mark).unwrap_or_else(|| panic!("{mark} in {}", body(done))).1;
    rest.split('"').next().unwrap()
}

/// The call-back of the login that a page links to.
fn linked(done: &Done) -> String {
    let service = after(done, "service=").split("&#38;").next().unwrap();
    cas::percent::decode(service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned()
}

fn verdict(verdict: &str, user: &str) -> Given {
    Given { verdict: Some(verdict.into()), session: Some(user.into()), ..Given::default() }
}

#[test]
fn s21_the_kept_address_has_one_name_through_restarts() {
    for (page, browser) in [("/spa/x?a=1", PAGE), ("/maybe/x", "sec-fetch-dest: document")] {
        let mut harness = harness();
        let begun = ask(&mut harness, &[&format!("GET {page}"), browser], &Given::default(), at(0));
        let Reply::Answer(answer, _) = &begun.reply else { panic!("a page") };
        assert_eq!((begun.why, answer.status), (Why::LoginFromPage, 401));
        let header =
            |name: &str| answer.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(header("location"), None, "nothing redirects before the script has run");
        assert!(header("content-security-policy").unwrap().contains("script-src 'sha256-"));
        let name = after(&begun, "data-name=\"").to_owned();
        let mut path = linked(&begun);
        if page.starts_with("/spa") {
            // A refused ticket begins a login of another id.
            let again =
                ask(&mut harness, &[&format!("GET {path}?ticket=ST-1-abc"), PAGE], &verdict("refused", "ann"), at(1));
            assert_eq!(again.why, Why::TicketRefused);
            let next = callback(&again);
            assert_ne!(next, path);
            path = next;
        }
        let landed = ask(&mut harness, &[&format!("GET {path}?ticket=ST-2-abc"), PAGE], &verdict("live", "ann"), at(2));
        assert_eq!(landed.why, Why::SignedIn);
        assert_eq!(location(&landed), format!("{PUBLIC}/.portcullis/spa/{name}#{page}"));
        let end = ask(&mut harness, &[&format!("GET /.portcullis/spa/{name}"), PAGE], &Given::default(), at(3));
        assert_eq!(end.why, Why::KeptAddress);
        assert!(!body(&end).contains(&name), "the page is the same for every name");
    }
}

#[test]
fn s21_a_passive_login_without_a_person_keeps_the_fragment_too() {
    let mut harness = harness();
    let begun = ask(&mut harness, &["GET /maybe/x", "sec-fetch-dest: document"], &Given::default(), at(0));
    let (name, path) = (after(&begun, "data-name=\"").to_owned(), linked(&begun));
    let back = ask(&mut harness, &[&format!("GET {path}"), PAGE], &Given::default(), at(1));
    assert_eq!(
        (back.why, location(&back)),
        (Why::GatewayReturned, format!("{PUBLIC}/.portcullis/spa/{name}#/maybe/x").as_str())
    );
}

#[test]
fn s21_other_rules_redirect_at_once() {
    let mut harness = harness();
    assert_eq!(ask(&mut harness, &["GET /other", PAGE], &Given::default(), at(0)).why, Why::LoginStarted);
    assert_eq!(
        ask(&mut harness, &["GET /spa/x", "accept: application/json"], &Given::default(), at(0)).why,
        Why::LoginRequired
    );
}

/// Posts a form with a session that has ended.
fn post(harness: &mut Harness, head: &[&str], content: &str, now: UnixMs) -> Done {
    let given = Given { body: Some(content.into()), ..verdict("ended", "ann") };
    ask(harness, head, &given, now)
}

/// A form of Ann's whose session has ended, and the call-back of the login that its page links to.
fn kept(harness: &mut Harness, page: &str) -> (String, String, String) {
    harness.sign_in(&Given { session: Some("ann".into()), ..Given::default() }, at(0));
    let line = format!("POST {page}");
    let done = post(harness, &[&line, PAGE, FORM, OURS], "text=draft+%26+more&password=secret&n=1&n=2", at(120));
    assert_eq!(done.why, Why::FormKept, "{page}");
    (after(&done, "data-name=\"").to_owned(), after(&done, "data-value=\"").to_owned(), linked(&done))
}

/// Signs in by the call-back, and hands in the form.
fn hand_in(harness: &mut Harness, (path, sealed): (&str, &str), given: &Given, now: UnixMs) -> Done {
    let landed = ask(harness, &[&format!("GET {path}?ticket=ST-2-abc"), PAGE], given, now);
    assert_eq!(landed.why, Why::SignedIn);
    let to = location(&landed).strip_prefix(PUBLIC).unwrap().to_owned();
    let page = ask(harness, &[&format!("GET {to}"), PAGE], &Given::default(), now);
    assert_eq!(page.why, Why::FormFetched, "{to}");
    let proof = after(&page, "name=\"proof\" value=\"").to_owned();
    give(harness, &proof, sealed, now)
}

fn give(harness: &mut Harness, proof: &str, sealed: &str, now: UnixMs) -> Done {
    let given = Given { body: Some(format!("proof={proof}&name=x&kept={sealed}")), ..verdict("live", "ann") };
    ask(harness, &["POST /.portcullis/kept", PAGE, FORM, OURS], &given, now)
}

#[test]
fn g09_the_same_person_is_asked_and_no_secret_comes_back() {
    for page in ["/form/a?b=1", "/fresh/a"] {
        let mut harness = harness();
        let (_, sealed, path) = kept(&mut harness, page);
        let given = Given { fresh: page.starts_with("/fresh"), ..verdict("live", "ann") };
        let done = hand_in(&mut harness, (&path, &sealed), &given, at(180));
        assert_eq!(done.why, Why::FormAsked, "{page}");
        let text = body(&done);
        assert!(text.contains(&format!("action=\"{PUBLIC}{page}\"")), "{text}");
        for holds in [
            "name=\"text\" value=\"draft &#38; more\"",
            "name=\"n\" value=\"1\"",
            "name=\"n\" value=\"2\"",
            "<input type=\"password\" name=\"password\" autocomplete=\"off\">",
            " · 4</p>",
        ] {
            assert!(text.contains(holds), "{holds}: {text}");
        }
        assert!(!text.contains("secret") && !text.contains("<script"), "nothing is sent by itself: {text}");
    }
}

#[test]
fn g09_another_person_site_login_or_time_drops_the_form() {
    let dropped = |change: &str| -> Why {
        let mut harness = harness();
        let (_, sealed, path) = kept(&mut harness, if change == "rule" { "/staff/a" } else { "/form/a" });
        match change {
            "person" => hand_in(&mut harness, (&path, &sealed), &verdict("live", "ben"), at(180)).why,
            "login" => {
                harness.cookies.clear();
                let (_, _, other) = kept(&mut harness, "/form/a");
                hand_in(&mut harness, (&other, &sealed), &verdict("live", "ann"), at(180)).why
            }
            "text" => {
                hand_in(&mut harness, (&path, &sealed.replace(&sealed[40..42], "AA")), &verdict("live", "ann"), at(180))
                    .why
            }
            "empty" => hand_in(&mut harness, (&path, ""), &verdict("live", "ann"), at(180)).why,
            "rule" => hand_in(&mut harness, (&path, &sealed), &verdict("live", "ann"), at(180)).why,
            "site" => {
                let mut other = Harness::with(|settings| {
                    (settings.policy, settings.public_url) = (POLICY, "https://other.example.org")
                });
                let given = Given { body: Some(format!("proof=x&kept={sealed}")), ..verdict("live", "ann") };
                ask(
                    &mut other,
                    &["POST /.portcullis/kept", PAGE, FORM, OURS, "host: other.example.org"],
                    &given,
                    at(180),
                )
                .why
            }
            _ => hand_in(&mut harness, (&path, &sealed), &verdict("live", "ann"), at(180)).why,
        }
    };
    assert_eq!(dropped("nothing"), Why::FormAsked);
    for change in ["person", "login", "text", "empty", "rule", "site"] {
        assert_eq!(dropped(change), Why::FormDropped, "{change}");
    }
}

#[test]
fn g09_a_gate_that_was_changed_meanwhile_judges_the_form_anew() {
    let with = |policy: String, cas_url: &'static str| -> Why {
        let mut before = harness();
        let (_, sealed, path) = kept(&mut before, "/form/a");
        let policy: &'static str = policy.leak();
        let mut after = Harness::with(|settings| (settings.policy, settings.cas_url) = (policy, cas_url));
        after.cookies = before.cookies;
        hand_in(&mut after, (&path, &sealed), &verdict("live", "ann"), at(180)).why
    };
    assert_eq!(with(POLICY.to_owned(), harness::CAS), Why::FormAsked);
    let not_kept = POLICY.replace("keep_post = true", "keep_post = false");
    assert_eq!(with(not_kept, harness::CAS), Why::FormDropped, "forms are kept no more");
    let closed = POLICY.replace("keep_post = true", "keep_post = true\nclosed = \"We move house.\"");
    assert_eq!(with(closed, harness::CAS), Why::FormDropped, "the page is closed");
    let other = "https://sso.example.org/cas";
    assert_eq!(with(POLICY.to_owned(), other), Why::FormDropped, "the ann of another CAS server is another person");
}

#[test]
fn g09_the_sessions_object_is_asked_before_a_form_is_shown() {
    for (wait, dropped, object, asks, why) in [
        (0, false, "ended", &["read"][..], Why::FormAsked),
        (0, true, "ended", &["read", "ticket"], Why::FormDropped),
        (60, false, "live", &["read", "ticket"], Why::FormAsked),
        (60, false, "ended", &["read", "ticket"], Why::FormDropped),
        (60, false, "replaced", &["read", "ticket"], Why::FormDropped),
        (60, false, "unavailable", &["read", "ticket"], Why::StoreUnavailable),
    ] {
        let mut harness = harness();
        let (_, sealed, path) = kept(&mut harness, "/form/a");
        let landed =
            ask(&mut harness, &[&format!("GET {path}?ticket=ST-2-abc"), PAGE], &verdict("live", "ann"), at(180));
        let proof = location(&landed).strip_prefix(&format!("{PUBLIC}/.portcullis/kept/")).unwrap().to_owned();
        if dropped {
            // The session's ending was seen here, and then another one, for which the list has no room.
            harness.instance.ended = Ended::with_max(1);
            let held = core::mem::take(&mut harness.cookies);
            let other = harness.begin_login("/other", at(180));
            harness.cookies = held;
            for path in [&path, &other] {
                let logout = Given { body: Some("logout".into()), ..verdict("ended", "ann") };
                let done = ask(&mut harness, &[&format!("POST {path}"), FORM], &logout, at(180));
                assert_eq!(done.why, Why::SingleLogout);
            }
        }
        let given = Given { body: Some(format!("proof={proof}&name=x&kept={sealed}")), ..verdict(object, "ann") };
        let done = ask(&mut harness, &["POST /.portcullis/kept", PAGE, FORM, OURS], &given, at(180 + wait));
        assert_eq!((done.why, &done.asks[..]), (why, asks), "{wait} {dropped} {object}");
    }
}

#[test]
fn g09_the_form_is_dropped_after_half_an_hour() {
    for (secs, why) in [(30 * 60 - 1, Why::FormAsked), (30 * 60, Why::FormDropped), (31 * 60, Why::FormDropped)] {
        let mut harness = harness();
        let (_, sealed, path) = kept(&mut harness, "/form/a");
        let landed =
            ask(&mut harness, &[&format!("GET {path}?ticket=ST-2-abc"), PAGE], &verdict("live", "ann"), at(180));
        let to = location(&landed).strip_prefix(&format!("{PUBLIC}/.portcullis/kept/")).unwrap().to_owned();
        assert_eq!(give(&mut harness, &to, &sealed, at(120 + secs)).why, why, "{secs}");
    }
}

#[test]
fn g09_a_long_form_is_handed_in() {
    let mut harness = harness();
    harness.sign_in(&Given { session: Some("ann".into()), ..Given::default() }, at(0));
    let long = format!("text={}", "b".repeat(30_000));
    let done = post(&mut harness, &["POST /form/a", PAGE, FORM, OURS], &long, at(120));
    assert_eq!(done.why, Why::FormKept);
    let (sealed, path) = (after(&done, "data-value=\"").to_owned(), linked(&done));
    let asked = hand_in(&mut harness, (&path, &sealed), &verdict("live", "ann"), at(180));
    assert_eq!(asked.why, Why::FormAsked);
    assert!(body(&asked).contains(&"b".repeat(30_000)));
}

#[test]
fn g09_only_a_page_of_this_site_hands_in_a_form() {
    let mut harness = harness();
    for from in ["sec-fetch-site: cross-site", "sec-fetch-site: same-site", "origin: https://evil.example"] {
        let done = ask(&mut harness, &["POST /.portcullis/kept", PAGE, FORM, from], &verdict("live", "ann"), at(0));
        assert_eq!((done.why, done.asks.len()), (Why::FormDropped, 0), "{from}: nothing is read");
    }
}

#[test]
fn g10_a_form_that_would_come_back_changed_is_not_kept() {
    let long = format!("a={}", "b".repeat(32 * 1024));
    let multipart = "content-type: multipart/form-data; boundary=x";
    let latin = "content-type: application/x-www-form-urlencoded; charset=iso-8859-1";
    for (what, head, content, why) in [
        ("as a browser writes it", &[FORM, OURS][..], "a=b+c%C3%A9&d=", Why::FormKept),
        ("our Origin, from an old browser", &[FORM, "origin: https://app.example.org"], "a=b", Why::FormKept),
        (
            "a charset that is UTF-8",
            &["content-type: application/x-www-form-urlencoded;charset=UTF-8", OURS],
            "a=b",
            Why::FormKept,
        ),
        ("no origin at all", &[FORM], "a=b", Why::NothingSent),
        ("another site", &[FORM, "sec-fetch-site: cross-site"], "a=b", Why::NothingSent),
        ("a sibling", &[FORM, "sec-fetch-site: same-site"], "a=b", Why::NothingSent),
        ("another origin", &[FORM, "origin: https://evil.example"], "a=b", Why::NothingSent),
        ("multipart", &[multipart, OURS], "a=b", Why::NothingSent),
        ("another charset", &[latin, OURS], "a=%E9", Why::NothingSent),
        ("bytes that are not UTF-8", &[FORM, OURS], "a=%E9", Why::NothingSent),
        ("33 kB", &[FORM, OURS], &long, Why::NothingSent),
        ("33 kB, as said", &[FORM, OURS, "content-length: 33000"], "a=b", Why::NothingSent),
        ("another way of writing", &[FORM, OURS], "a=b%20c", Why::NothingSent),
        ("lower case", &[FORM, OURS], "a=%c3%a9", Why::NothingSent),
        ("no value", &[FORM, OURS], "a", Why::NothingSent),
        ("a bare line break", &[FORM, OURS], "a=b%0Ac", Why::NothingSent),
        ("a browser's line break", &[FORM, OURS], "a=b%0D%0Ac", Why::FormKept),
        ("NUL", &[FORM, OURS], "a=%00", Why::NothingSent),
        ("a field that browsers fill in", &[FORM, OURS], "_charset_=UTF-8", Why::NothingSent),
        ("nothing", &[FORM, OURS], "", Why::NothingSent),
    ] {
        let mut harness = harness();
        harness.sign_in(&Given { session: Some("ann".into()), ..Given::default() }, at(0));
        let lines: Vec<_> = ["POST /form/a", PAGE].iter().chain(head).copied().collect();
        assert_eq!(post(&mut harness, &lines, content, at(120)).why, why, "{what}");
    }
}

#[test]
fn g10_a_form_without_a_person_is_not_kept() {
    let mut harness = harness();
    assert_eq!(
        post(&mut harness, &["POST /form/a", PAGE, FORM, OURS], "a=b", at(0)).why,
        Why::NothingSent,
        "no cookie"
    );
    let unreadable = ["POST /form/a", PAGE, FORM, OURS, "cookie: __Host-portcullis=x"];
    assert_eq!(post(&mut harness, &unreadable, "a=b", at(0)).why, Why::NothingSent);
    harness.sign_in(&Given { session: Some("ann".into()), ..Given::default() }, at(0));
    let line = ["POST /other", PAGE, FORM, OURS];
    assert_eq!(post(&mut harness, &line, "a=b", at(120)).why, Why::NothingSent, "no keep_post on this rule");
}

#[test]
fn g10_a_script_that_meets_a_dead_session_leaves_its_cookie() {
    let mut harness = harness();
    harness.sign_in(&Given { session: Some("ann".into()), ..Given::default() }, at(0));
    let late = at(3 * 3600);
    let done = ask(&mut harness, &["GET /form/poll", "accept: application/json"], &Given::default(), late);
    assert_eq!(done.why, Why::LoginRequired);
    assert_eq!(
        post(&mut harness, &["POST /form/a", PAGE, FORM, OURS], "a=b", late).why,
        Why::FormKept,
        "its person is still known"
    );
}
