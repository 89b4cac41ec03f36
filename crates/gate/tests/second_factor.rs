//! The second factor from the decision to the raised session, with every object around the gate.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "harness/authenticator.rs"]
mod authenticator;
#[path = "harness/crypto.rs"]
mod crypto;
#[path = "harness/world.rs"]
mod world;

use authenticator::Authenticator;
use gate::{
    AuditEvent, Gate, Reply, Settings, TicketCall, TicketVerdict, Why, factor::AnchorVerdict, policy::demand::Kind,
};
use world::{Browser, Done, PUBLIC, REQUIRED, RULES, SESSION, START, World, gate_with, policy, settings_with};

fn events(done: &Done) -> &[AuditEvent] {
    match &done.reply {
        Reply::Forward(_, events) | Reply::Answer(_, events) => events,
    }
}

#[test]
fn f01_a_first_visit_enrols_and_the_next_browser_is_asked() {
    let mut world = World::required();
    let mut phone = Browser::default();
    let (key, codes) = world.enrol_app(&mut phone, "ann");
    assert_eq!(codes.len(), 10);
    let page = world.get(&mut phone, "/secret");
    let claims = page.claims();
    assert_eq!(claims["acr"], "mfa");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    assert_eq!((&claims["auth_time"], &claims["factor_time"]), (&START.into(), &START.into()));

    world.now += 90;
    let mut laptop = Browser::default();
    let asked = world.open(&mut laptop, "ann", "/secret");
    assert_eq!(asked.why, Why::FactorPage);
    assert!(asked.body().contains("name=\"remember\""));
    assert!(asked.body().contains("inputmode=\"numeric\"") && asked.body().contains("autocomplete=\"one-time-code\""));
    let token = asked.field("token");
    let wrong = world.wrong(&key);
    let refused = world.post(&mut laptop, "code", &[("token", &token), ("page", "/secret"), ("typed", &wrong)]);
    assert_eq!((refused.why, refused.status()), (Why::FactorRefused, 403));
    assert!(refused.body().contains("aria-describedby=\"error\""), "the error is beside the field");
    let code = world.code(&key);
    let given = world.post(&mut laptop, "code", &[("token", &token), ("page", "/secret"), ("typed", &code)]);
    assert_eq!((given.why, given.location().as_str()), (Why::FactorGiven, "/secret"));
    assert_eq!(world.get(&mut laptop, "/secret").claims()["factor_time"], START + 90);
    // The code of this step is spent, in whatever session.
    let mut tablet = Browser::default();
    let again = world.give(&mut tablet, "ann", "/secret", &key);
    assert_eq!(again.why, Why::FactorRefused);
    let asks = world.get(&mut laptop, "/secret").asks;
    assert_eq!(asks, [""; 0], "a session that has its factor asks nothing");
}

#[test]
fn f10_each_rule_judges_what_was_given() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    for (path, why) in [
        ("/secret", Why::LiveSession),
        ("/recent/x", Why::LiveSession),
        ("/plain/x", Why::LiveSession),
        ("/passkey/x", Why::FactorAsked),
    ] {
        assert_eq!(world.get(&mut ann, path).why, why, "{path}");
    }
    // Another kind is asked for: a page that says so, and no round trip without end.
    let page = world.open(&mut ann, "ann", "/passkey/x");
    assert_eq!((page.why, page.status()), (Why::FactorDenied, 403));
    // The factor is too old for one rule, and good for the others.
    world.now += 600;
    assert_eq!(world.get(&mut ann, "/recent/x").why, Why::FactorAsked);
    let asked = world.get(&mut ann, "/recent/x");
    assert!(asked.location().starts_with("/.portcullis/factor?page=%2Frecent%2Fx"), "{}", asked.location());
    assert!(matches!(world.get(&mut ann, "/secret").why, Why::LiveSession | Why::SessionChecked));
    let given = world.give(&mut ann, "ann", "/recent/x", &key);
    assert_eq!((given.why, given.location().as_str()), (Why::FactorGiven, "/recent/x"));
    assert_eq!(world.get(&mut ann, "/recent/x").why, Why::LiveSession);
}

#[test]
fn f39_a_copy_of_the_cookie_is_not_raised_with_it() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.now += 60;
    let mut ann = Browser::default();
    world.open(&mut ann, "ann", "/secret");
    let mut thief = ann.clone();
    assert_eq!(world.give(&mut ann, "ann", "/secret", &key).why, Why::FactorGiven);
    assert_eq!(world.get(&mut ann, "/secret").why, Why::LiveSession);
    for wait in [0, 30, 29] {
        world.now += wait;
        assert_eq!(world.get(&mut thief, "/secret").why, Why::FactorAsked, "{wait}");
        let page = world.get(&mut thief, "/plain/x");
        assert!(page.forward().cookies.is_empty(), "the earlier cookie is not renewed");
        let page = world.get(&mut thief, "/.portcullis/factor?page=%2Fsecret");
        assert_ne!(page.why, Why::FactorPage, "nothing is asked for by an earlier cookie");
    }
    world.now += 2;
    assert_eq!(world.get(&mut thief, "/plain/x").why, Why::LoginStarted, "and after a minute it is worth nothing");
    // The owner's session goes on.
    assert!(matches!(world.get(&mut ann, "/secret").why, Why::LiveSession | Why::SessionChecked));
    world.now += 600;
    assert_eq!(world.get(&mut ann, "/secret").why, Why::SessionChecked);
}

#[test]
fn f15_a_form_needs_the_sessions_token_and_our_own_page() {
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    let token = world.get(&mut ann, "/.portcullis/factor/me").field("token");
    let mut ben = Browser::default();
    let theirs = world.open(&mut ben, "ben", "/secret").field("token");
    for path in
        ["enrol", "confirm", "change", "end", "cancel", "pair", "letin", "resync", "code", "recovery", "passkey"]
    {
        let fields = |token: &str| format!("token={token}&page=/&id=x&kind=app&typed=1&change=codes&all=1");
        let line = format!("POST /.portcullis/factor/{path}");
        for (site, token, why) in [
            ("same-origin", "", Why::FactorForged),
            ("same-origin", theirs.as_str(), Why::FactorForged),
            ("cross-site", token.as_str(), Why::FactorForged),
            ("same-site", token.as_str(), Why::FactorForged),
        ] {
            let site = format!("sec-fetch-site: {site}");
            let done = world.send(&mut ann.clone(), &[&line, "accept: text/html", &site], &fields(token));
            assert_eq!((done.why, done.status()), (why, 403), "{path} {site}");
            assert!(!done.asks.contains(&"person"), "{path} {site}");
        }
    }
}

#[test]
fn f16_a_script_of_the_app_opens_none_of_these_pages() {
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    for path in ["", "/me", "/enrol", "/change?change=codes"] {
        let done = world.fetch(&mut ann, &format!("/.portcullis/factor{path}"));
        assert_eq!((done.why, done.status()), (Why::FactorRequired, 401), "{path}");
    }
    // To change anything, a factor is given for that change.
    let token = world.get(&mut ann, "/.portcullis/factor/me").field("token");
    let done = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app"), ("label", "thief's")]);
    assert!(done.body().contains("name=\"change\" value=\"add-app\""), "{}", done.body());
    assert_eq!(world.record().enrolments.len(), 1);
}

#[test]
fn f14_no_frame_no_opener_and_forms_that_stay_on_this_site() {
    let mut world = World::required();
    let page = world.open(&mut Browser::default(), "ann", "/secret");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains(&format!("form-action {PUBLIC};")), "{policy}");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[test]
fn f42_the_app_registers_no_service_worker() {
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    for path in ["/sw.js", "/public/sw.js", "/.portcullis/factor", "/plain/sw.js"] {
        let done = world.send(&mut ann, &[&format!("GET {path}"), "service-worker: script", "accept: */*"], "");
        assert_eq!((done.why, done.status()), (Why::ServiceWorker, 403), "{path}");
    }
    assert_eq!(world.gate.request_header("Service-Worker"), gate::RequestHeader::Decide, "no cached plan lets it pass");
    let trusted = policy(&format!("{REQUIRED}\nservice_worker = \"trusted\""), RULES);
    world.restart(gate_with(&trusted, 7));
    let done = world.send(&mut ann, &["GET /public/sw.js", "service-worker: script", "accept: */*"], "");
    assert_eq!(done.why, Why::Public);
    let mut plain = World::new("");
    let done = plain.send(&mut Browser::default(), &["GET /sw.js", "service-worker: script", "accept: */*"], "");
    assert_eq!(done.why, Why::LoginRequired, "without factors, nothing changes");
}

#[test]
fn f43_modes_grace_and_optional_pages_row_by_row() {
    // People without a factor.
    let rules: String =
        RULES.lines().filter(|line| !line.starts_with("factor_")).map(|line| format!("{line}\n")).collect();
    for (mode, grace) in [("off", ""), ("offered", ""), ("required", ""), ("required", "grace_until = \"2100-01-01\"")]
    {
        let text = REQUIRED.replace("required", mode);
        let mut world = World::new(&policy(&format!("{text}\n{grace}"), &rules));
        let mut ann = Browser::default();
        let page = world.open(&mut ann, "ann", "/secret");
        let is_asked = mode == "required" && grace.is_empty();
        assert_eq!(page.why == Why::FactorPage, is_asked, "{mode} {grace}: {:?}", page.why);
        let offered = world.open(&mut ann, "ann", "/offered/x");
        assert!(matches!(offered.reply, Reply::Forward(..)), "{mode} {grace}: nobody without a factor is asked");
        assert!(matches!(world.open(&mut ann, "ann", "/plain/x").reply, Reply::Forward(..)));
        let maybe = world.get(&mut ann, "/maybe/x");
        assert_eq!(maybe.set("remote-user").is_some(), !is_asked, "{mode} {grace}: a name goes only with the factor");
        assert_eq!(world.fetch(&mut ann, "/secret").why == Why::FactorRequired, is_asked);
    }
    // People with a factor are asked wherever it is offered, grace or not.
    for (mode, grace) in [("offered", ""), ("required", "grace_until = \"2100-01-01\""), ("required", "")] {
        let mut world = World::required();
        world.enrol_app(&mut Browser::default(), "ann");
        let text = REQUIRED.replace("required", mode);
        world.restart(gate_with(&policy(&format!("{text}\n{grace}"), RULES), 7));
        let mut ann = Browser::default();
        assert_eq!(world.open(&mut ann, "ann", "/plain/x").why, Why::LiveSession);
        for path in ["/secret", "/offered/x"] {
            assert_eq!(world.get(&mut ann, path).why, Why::FactorAsked, "{mode} {grace} {path}");
        }
        let maybe = world.get(&mut ann, "/maybe/x");
        assert_eq!((maybe.why, maybe.set("remote-user")), (Why::Anonymous, None));
        let program = world.fetch(&mut ann, "/secret");
        assert_eq!((program.why, program.status()), (Why::FactorRequired, 401));
        assert!(program.body().contains("FACTOR_REQUIRED"));
        assert_eq!(program.location(), "/.portcullis/factor?page=%2Fsecret", "where a person gives it");
        assert!(program.body().contains("/.portcullis/factor?page=%2Fsecret"));
        let socket = world.send(&mut ann, &["GET /secret", "upgrade: websocket", "connection: upgrade"], "");
        assert_eq!((socket.why, socket.status()), (Why::FactorRequired, 401));
        let form = world.send(&mut ann, &["POST /secret", "accept: text/html"], "a=b");
        assert_eq!((form.why, form.status()), (Why::FactorRequired, 401));
    }
}

#[test]
fn f43_who_has_no_factor_goes_on_from_its_page_where_none_is_required() {
    let mut world = World::required();
    let mut ann = Browser::default();
    assert!(matches!(world.open(&mut ann, "ann", "/plain/x").reply, Reply::Forward(..)));
    let done = world.get(&mut ann, "/.portcullis/factor?page=%2Foffered%2Fx");
    assert_eq!((done.why, done.location().as_str()), (Why::FactorGiven, "/offered/x"));
    // Where one is required, and before a change, the first one is enrolled.
    for path in ["factor?page=%2Fsecret", "factor/change?change=codes&page=%2Fsecret"] {
        let page = world.open(&mut ann, "ann", &format!("/.portcullis/{path}"));
        assert_eq!(page.why, Why::FactorPage, "{path}");
        for kind in ["app", "passkey", "token"] {
            assert!(page.body().contains(&format!("name=\"kind\" value=\"{kind}\"")), "{path}: {}", page.body());
        }
    }
}

#[test]
fn f43_who_has_enrolled_is_asked_in_the_sessions_from_before_too() {
    for (mode, grace) in [("offered", ""), ("required", "grace_until = \"2100-01-01\"")] {
        let text = REQUIRED.replace("required", mode);
        let mut world = World::new(&policy(&format!("{text}\n{grace}"), RULES));
        let mut thief = Browser::default();
        assert!(matches!(world.open(&mut thief, "ann", "/secret").reply, Reply::Forward(..)));
        world.now += 1;
        let mut ann = Browser::default();
        let token = world.open(&mut ann, "ann", "/.portcullis/factor/enrol").field("token");
        let shown = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app"), ("label", "phone")]);
        let (key, id) = (shown.key(), shown.field("id"));
        let code = world.code(&key);
        let done = world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]);
        assert_eq!(done.codes().len(), 10);
        assert!(matches!(world.get(&mut ann, "/secret").reply, Reply::Forward(..)), "the owner goes on");
        world.now += 60;
        for path in ["/secret", "/offered/x"] {
            assert_eq!(world.get(&mut thief, path).why, Why::FactorAsked, "{mode} {grace} {path}: within a re-check");
        }
        assert_eq!(world.get(&mut thief, "/maybe/x").set("remote-user"), None, "{mode} {grace}");
        // The last factor is removed: nobody without one is asked.
        if mode == "offered" {
            world.now += 60;
            let code = world.code(&key);
            let fields = [("token", token.as_str()), ("change", "remove"), ("id", &id), ("typed", &code)];
            assert_eq!(world.post(&mut ann, "change", &fields).why, Why::FactorChanged);
            world.now += 60;
            for browser in [&mut thief, &mut ann] {
                assert!(matches!(world.open(browser, "ann", "/secret").reply, Reply::Forward(..)));
                world.now += 60;
                assert!(matches!(world.fetch(browser, "/secret").reply, Reply::Forward(..)), "and not asked again");
            }
        }
    }
}

#[test]
fn f43_no_other_spelling_of_an_optional_page_passes_the_name() {
    let rules = "[[rule]]\npath = [\"/wiki/*\", \"/one\"]\naccess = \"optional\"\n\
                 [[rule]]\npath = \"/plain/*\"\naccess = \"login\"\nfactor = \"off\"\n\
                 [[rule]]\npath = \"/*\"\naccess = \"optional\"\nfactor = \"off\"";
    let mut world = World::new(&policy(REQUIRED, rules));
    world.open(&mut Browser::default(), "ann", "/plain/x");
    let mut ann = Browser::default();
    assert_eq!(world.open(&mut ann, "ann", "/plain/x").why, Why::LiveSession);
    assert_eq!(world.get(&mut ann, "/x").set("remote-user"), Some("ann"));
    for path in [
        "/wiki/x",
        "/one",
        "/WIKI/x",
        "/one/",
        "/One",
        "/a/..%2fwiki/x",
        "/a/%2e%2e/wiki/x",
        "/a;/../wiki/x",
        "//wiki/x",
    ] {
        let done = world.get(&mut ann, path);
        let name = match &done.reply {
            Reply::Forward(..) => done.set("remote-user"),
            Reply::Answer(..) => None,
        };
        assert_eq!(name, None, "{path}: {:?}", done.why);
    }
}

#[test]
fn f39_a_kept_form_is_not_lost_by_a_raise() {
    let rules =
        format!("[[rule]]\npath = \"/form/*\"\naccess = \"login\"\nfactor = \"off\"\nkeep_post = true\n{RULES}");
    let mut world = World::new(&policy(REQUIRED, &rules));
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    let mut ann = Browser::default();
    assert_eq!(world.open(&mut ann, "ann", "/form/x").why, Why::LiveSession);
    world.tickets.clear();
    world.now += 60;
    let form = "content-type: application/x-www-form-urlencoded";
    let ours = "sec-fetch-site: same-origin";
    let kept = world.send(&mut ann, &["POST /form/x", "accept: text/html", form, ours], "text=draft");
    assert_eq!(kept.why, Why::FormKept);
    let after = |mark: &str| kept.body().split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let service = after("service=");
    let callback = cas::percent::decode(service.split("&#38;").next().unwrap()).unwrap().into_owned();
    let landed = world.get(&mut ann, &format!("{}?ticket=ST-2-abc", callback.strip_prefix(PUBLIC).unwrap()));
    assert_eq!(landed.why, Why::SignedIn);
    let to = landed.location();
    let proof = world.get(&mut ann, &to).field("proof");
    // In another tab the factor is given, and a minute goes by.
    assert_eq!(world.give(&mut ann, "ann", "/secret", &key).why, Why::FactorGiven);
    world.now += 60;
    let body = format!("proof={proof}&name=x&kept={}", after("data-value=\""));
    let asked = world.send(&mut ann, &["POST /.portcullis/kept", "accept: text/html", form, ours], &body);
    assert_eq!(asked.why, Why::FormAsked);
}

#[test]
fn h16_a_destination_passes_no_name_where_its_rule_would_not() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.now += 60;
    let mut ann = Browser::default();
    assert_eq!(world.open(&mut ann, "ann", "/plain/x").why, Why::LiveSession);
    let copy = |world: &mut World, browser: &mut Browser, from: &str, to: &str| {
        world.send(browser, &[&format!("COPY {from}"), &format!("destination: {to}")], "").why
    };
    for to in ["/secret", "/maybe/x", "/offered/x"] {
        assert_eq!(copy(&mut world, &mut ann, "/plain/x", to), Why::DestinationRefused, "{to}");
    }
    for (from, to) in [("/plain/x", "/plain/y"), ("/plain/x", "/public/y")] {
        assert_eq!(copy(&mut world, &mut ann, from, to), Why::LiveSession, "{to}");
    }
    assert_eq!(copy(&mut world, &mut ann, "/maybe/x", "/maybe/y"), Why::Anonymous);
    world.give(&mut ann, "ann", "/secret", &key);
    assert_eq!(copy(&mut world, &mut ann, "/plain/x", "/maybe/y"), Why::LiveSession);
}

#[test]
fn f43_a_remembered_device_is_a_level_of_its_own() {
    let rules = format!("[[rule]]\npath = \"/easy/*\"\naccess = \"login\"\nfactor_remembered = true\n{RULES}");
    let mut world = World::new(&policy(REQUIRED, &rules));
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 60;
    ann.jar.remove(SESSION);
    let asked = world.open(&mut ann, "ann", "/easy/x");
    let (token, code) = (asked.field("token"), world.code(&key));
    let fields = [("token", token.as_str()), ("page", "/easy/x"), ("typed", &code), ("remember", "1")];
    assert_eq!(world.post(&mut ann, "code", &fields).why, Why::FactorGiven);
    // A new session in the same browser.
    ann.jar.remove(SESSION);
    world.now += 60;
    let easy = world.open(&mut ann, "ann", "/easy/x");
    assert_eq!(easy.claims()["amr"], serde_json::json!(["pwd"]));
    assert_eq!((&easy.claims()["acr"], easy.claims().get("factor_time")), (&"login".into(), None));
    for path in ["/secret", "/recent/x"] {
        assert_eq!(world.get(&mut ann, path).why, Why::FactorAsked, "{path}");
    }
    assert_eq!(
        world.get(&mut ann, "/.portcullis/factor/me").why,
        Why::FactorAsked,
        "nor does it open the person's page"
    );
    // The cookie is another person's, or none of this browser's any more.
    let mut ben = ann.clone();
    ben.jar.remove(SESSION);
    world.enrol_app(&mut Browser::default(), "ben");
    assert_eq!(world.open(&mut ben, "ben", "/easy/x").why, Why::FactorPage);
}

#[test]
fn f43_observe_asks_nobody_and_notes_the_rule() {
    let text = REQUIRED.replace("required", "observe");
    let mut world = World::new(&policy(&text, RULES));
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    assert_eq!(page.why, Why::LiveSession);
    let observed = AuditEvent::FactorAsked { rule: 7, observed: true, missing: false };
    assert!(events(&page).contains(&observed), "{:?}", events(&page));
    assert!(world.persons.is_empty() && world.anchor.is_none(), "nothing is written of anybody");
    assert!(!events(&world.get(&mut ann, "/plain/x")).contains(&observed));
    assert_eq!(world.get(&mut ann, "/.portcullis/factor").why, Why::NotFound);
}

#[test]
fn f34_by_group_and_network_a_missing_attribute_asks() {
    let when = "[[factor.when]]\nfactor = \"required\"\nrequire = { memberOf = \"admins\" }\nmax_age_secs = 300\n\
                [[factor.when]]\nfactor = \"required\"\noutside = [\"192.0.2.0/24\"]\n";
    let text = format!("{}\n{when}", REQUIRED.replace("required", "off"));
    for (attributes, peer, asked, missing) in [
        ("<cas:memberOf>users</cas:memberOf>", "192.0.2.1", false, false),
        ("<cas:memberOf>admins</cas:memberOf>", "192.0.2.1", true, false),
        ("", "192.0.2.1", true, true),
        ("<cas:memberOf>users</cas:memberOf>", "198.51.100.1", true, false),
        ("<cas:memberOf>users</cas:memberOf>", "127.0.0.1", true, false),
    ] {
        let mut world = World::new(&policy(&text, "[[rule]]\npath = \"/*\"\naccess = \"login\""));
        (world.attributes, world.peer) = (attributes.into(), peer);
        let mut ann = Browser::default();
        let done = world.open(&mut ann, "ann", "/secret");
        assert_eq!(done.why == Why::FactorPage, asked, "{attributes} {peer}: {:?}", done.why);
        if asked {
            let first = world.get(&mut ann, "/secret");
            let event = AuditEvent::FactorAsked { rule: 1, observed: false, missing };
            assert!(events(&first).contains(&event), "{attributes} {peer}: {:?}", events(&first));
        }
    }
}

#[test]
fn f32_a_changed_identity_closes_every_page_that_asks() {
    let text = policy(REQUIRED, RULES);
    let other = |from: &str, to: &str| gate_with(&text.replace(from, to), 7);
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    let jurisdiction =
        settings_with(&text, 7, |settings| Gate::new(&Settings { jurisdiction: "eu", ..*settings })).unwrap();
    let host = settings_with(&text, 7, |settings| {
        Gate::new(&Settings { public_url: "https://app.example.org:8443", ..*settings })
    })
    .unwrap();
    drop(host); // the relying party's id has no port
    for (what, gate, code) in [
        ("tenant", other("uni", "university"), "FACTOR_SERVER_CHANGED"),
        ("cas", other("\"main\"", "\"other\""), "FACTOR_SERVER_CHANGED"),
        ("id key", gate_with(&text, 8), "FACTOR_ID_KEY_CHANGED"),
        ("jurisdiction", jurisdiction, "FACTOR_JURISDICTION_CHANGED"),
    ] {
        let (persons, anchor) = (world.persons.clone(), world.anchor.clone());
        world.restart(gate);
        let mut thief = Browser::default();
        let page = world.open(&mut thief, "ann", "/secret");
        assert_eq!((page.why, page.status()), (Why::FactorIdentityChanged, 503), "{what}");
        let changed =
            |event: &AuditEvent| matches!(event, AuditEvent::FactorIdentityChanged { code: known } if *known == code);
        assert!(events(&page).iter().any(changed), "{what}: {:?}", events(&page));
        for path in ["", "/enrol", "/me"] {
            let page = world.get(&mut thief, &format!("/.portcullis/factor{path}"));
            assert_eq!(page.why, Why::FactorIdentityChanged, "{what} {path}");
        }
        assert!(
            matches!(world.open(&mut thief, "ann", "/plain/x").reply, Reply::Forward(..)),
            "{what}: other pages go on"
        );
        assert_eq!((&world.persons, &world.anchor), (&persons, &anchor), "{what}: nothing is written");
    }
    world.restart(gate_with(&text, 7));
    assert_eq!(world.get(&mut ann, "/secret").why, Why::LiveSession, "and with the old settings all is as before");
    // The anchor is away: closed too.
    world.restart(gate_with(&text, 7));
    world.down.push("anchor");
    assert_eq!(world.get(&mut ann, "/secret").why, Why::StoreUnavailable);
    assert_eq!(world.get(&mut ann, "/plain/x").why, Why::LiveSession);
}

#[test]
fn f43_a_cached_decision_ends_with_the_grace() {
    let table = format!("{REQUIRED}\ngrace_until = \"2027-01-16\"");
    let until = gate::policy::factor::day("2027-01-16").unwrap();
    let mut world = World::new(&policy(&table, RULES));
    world.now = until - 30;
    let mut ann = Browser::default();
    assert!(matches!(world.open(&mut ann, "ann", "/secret").reply, Reply::Forward(..)));
    world.get(&mut ann, "/secret");
    let cookies: Vec<_> = ann.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let key = format!("{}\n{}", world.peer, cookies.join("; "));
    let cached = |secs| {
        let now = base::UnixMs::from_secs(secs);
        world.gate.cached_decision(&world.instance, "GET https://app.example.org/secret", &key, now).is_some()
    };
    assert!(cached(until - 1), "it is cached");
    assert!(!cached(until));
    // The full decision says the same.
    for (secs, is_asked) in [(until - 1, false), (until, true)] {
        world.now = secs;
        assert_eq!(world.open(&mut ann, "ann", "/secret").why == Why::FactorPage, is_asked, "{secs}");
    }
}

#[test]
fn f10_a_decision_of_a_rule_with_a_factor_age_is_never_cached() {
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    for (path, want) in [("/secret", true), ("/recent/x", false)] {
        for _ in 0..2 {
            assert_eq!(world.get(&mut ann, path).why, Why::LiveSession, "{path}");
        }
        let cookies: Vec<_> = ann.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = format!("{}\n{}", world.peer, cookies.join("; "));
        let (line, now) = (format!("GET {PUBLIC}{path}"), base::UnixMs::from_secs(world.now));
        assert_eq!(world.gate.cached_decision(&world.instance, &line, &key, now).is_some(), want, "{path}");
    }
}

#[test]
fn a_passkey_is_asked_for_the_verification_that_the_policy_wants() {
    for (more, want) in [
        ("", "preferred"),
        ("verification = \"preferred\"", "preferred"),
        ("verification = \"required\"", "required"),
        ("verification = \"discouraged\"", "discouraged"),
    ] {
        let mut world = World::new(&policy(&format!("{REQUIRED}\n{more}"), RULES));
        let mut ann = Browser::default();
        let mut key = Authenticator::new(1, PUBLIC);
        let token = world.open(&mut ann, "ann", "/secret").field("token");
        let shown = world.post(&mut ann, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "passkey")]);
        let answer = key.create(&shown.options());
        world.post(&mut ann, "confirm", &[("token", &token), ("id", &shown.field("id")), ("answer", &answer)]);
        let asked = world.open(&mut Browser::default(), "ann", "/secret");
        for page in [shown, asked] {
            let wants = format!("\"userVerification\":\"{want}\"");
            assert!(page.options().contains(&wants), "{more}: {}", page.options());
        }
    }
}

#[test]
fn f27_keys_that_the_settings_lack_are_named() {
    let world = World::required();
    let kids = |count| vec![("k-of-old".to_owned(), count)];
    let same = |count| AnchorVerdict::Same { people: 1, kids: kids(count) };
    assert_eq!(world.gate.missing_keys(&same(1)), ["k-of-old"]);
    assert_eq!(world.gate.missing_keys(&same(0)), [""; 0], "nobody's secret needs it");
    assert_eq!(world.gate.missing_keys(&AnchorVerdict::Unavailable), [""; 0]);
}

#[test]
fn a_persons_page_renames_and_presses_nothing_by_a_second_click() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    let page = world.get(&mut ann, "/.portcullis/factor/me");
    let (id, token) = (world.record().enrolments[0].id.clone(), page.field("token"));
    assert!(page.body().contains("name=\"change\" value=\"rename\""), "{}", page.body());
    assert!(page.body().contains(".late{pointer-events:none"), "the style is there");
    let buttons = page.body().matches("<button class=\"plain late\"").count();
    assert_eq!(buttons, world.record().sessions.len() + 1, "one for each session, and one for all");
    world.now += 60;
    let named = world.get(&mut ann, &format!("/.portcullis/factor/change?change=rename&id={id}&label=my+telephone"));
    assert_eq!((named.why, named.field("label").as_str()), (Why::FactorPage, "my telephone"));
    let code = world.code(&key);
    let fields =
        [("token", token.as_str()), ("change", "rename"), ("id", &id), ("label", "my telephone"), ("typed", &code)];
    assert_eq!(world.post(&mut ann, "change", &fields).why, Why::FactorChanged);
    assert_eq!(world.record().enrolments[0].label, "my telephone");
}

#[test]
fn f32_an_operator_adopts_a_change_by_its_fingerprint() {
    let text = policy(REQUIRED, RULES);
    let changed = |adopt: &str| {
        let with = |settings: &Settings<'_>| Gate::new(&Settings { jurisdiction: "eu", adopt, ..*settings });
        settings_with(&text, 7, with).unwrap()
    };
    let mut world = World::required();
    world.enrol_app(&mut Browser::default(), "ann");
    let (now, before) = (changed("").identity_fingerprint().unwrap(), world.gate.identity_fingerprint().unwrap());
    assert_ne!(now, before);
    for adopt in ["", "0123456789ab", &before] {
        world.restart(changed(adopt));
        let page = world.open(&mut Browser::default(), "ann", "/secret");
        assert_eq!(page.why, Why::FactorIdentityChanged, "{adopt:?}");
    }
    world.restart(changed(&now));
    assert_eq!(world.open(&mut Browser::default(), "ann", "/secret").why, Why::FactorPage);
    // It stays adopted without the variable, and the earlier settings are the changed ones now.
    world.restart(changed(""));
    assert_eq!(world.open(&mut Browser::default(), "ann", "/secret").why, Why::FactorPage);
    world.restart(gate_with(&text, 7));
    assert_eq!(world.open(&mut Browser::default(), "ann", "/secret").why, Why::FactorIdentityChanged);
}

#[test]
fn f59_networks_of_the_factor_need_a_known_client() {
    let places = [
        "enrolment = \"network\"\nnetworks = [\"10.0.0.0/8\"]",
        "enrolment = \"open\"\nshared = [\"10.0.0.0/8\"]",
        "enrolment = \"open\"\n[[factor.when]]\noutside = [\"10.0.0.0/8\"]\nfactor = \"required\"",
    ];
    let proxy = "peer = { header = \"X-Real-IP\", from = [\"10.0.0.1\"] }\n";
    for place in places {
        let table = format!("mode = \"required\"\nuser_key = \"cas:user\"\n{place}");
        for (peer, named, public, starts) in [
            ("", "", PUBLIC, true),
            ("unknown", "", PUBLIC, false),
            ("unknown", proxy, PUBLIC, false),
            ("socket", "", PUBLIC, false),
            ("socket", proxy, PUBLIC, true),
            ("socket", "", "http://localhost:8787", true),
        ] {
            let text = format!("{named}{}", policy(&table, "[[rule]]\npath = \"/*\"\naccess = \"login\""));
            let with = |settings: &Settings<'_>| Gate::new(&Settings { peer, public_url: public, ..*settings });
            let at: Vec<_> =
                settings_with(&text, 7, with).err().into_iter().flatten().map(|problem| problem.at).collect();
            let want: &[&str] = if starts { &[] } else { &["peer"] };
            assert_eq!(at, want, "{place} {peer} {named} {public}");
        }
    }
    // Without networks, nobody's address matters.
    let with = |settings: &Settings<'_>| Gate::new(&Settings { peer: "unknown", ..*settings });
    assert!(settings_with(&policy(REQUIRED, RULES), 7, with).is_ok());
}

#[test]
fn f32_a_lost_record_invites_nobody() {
    type Lose = fn(&mut World);
    let rows: [(&str, Lose, Why); 6] = [
        ("lost beside its row", |world| world.persons.clear(), Why::FactorRecordLost),
        ("unreadable", |world| world.persons.values_mut().for_each(|text| text.truncate(20)), Why::FactorRecordLost),
        (
            "of a newer release",
            |world| world.persons.values_mut().for_each(|text| *text = text.replacen("{\"v\":1", "{\"v\":2", 1)),
            Why::FactorRecordLost,
        ),
        ("the object is away", |world| world.down.push("person"), Why::StoreUnavailable),
        (
            "lost, and the directory is away",
            |world| {
                world.persons.clear();
                world.down.push("directory");
            },
            Why::StoreUnavailable,
        ),
        (
            "the whole store is lost",
            |world| {
                world.persons.clear();
                world.directory.clear();
                let text = policy(&format!("{REQUIRED}\npeople_at_least = 1"), RULES);
                world.restart(gate_with(&text, 7));
            },
            Why::FactorRecordLost,
        ),
    ];
    for (what, lose, why) in rows {
        let mut world = World::required();
        let mut ann = Browser::default();
        world.enrol_app(&mut ann, "ann");
        // A sign-in before the loss, because none ends while the object is away.
        let mut thief = Browser::default();
        world.open(&mut thief, "ann", "/plain/x");
        lose(&mut world);
        let before = world.persons.clone();
        let page = world.open(&mut thief, "ann", "/secret");
        assert_eq!((page.why, page.status()), (why, 503), "{what}");
        for path in ["", "/enrol"] {
            assert_eq!(world.open(&mut thief, "ann", &format!("/.portcullis/factor{path}")).why, why, "{what} {path}");
        }
        assert!(world.directory.values().all(|row| row.kinds == [Kind::App]), "{what}");
        if before.is_empty() {
            // The session is registered in a new record, which lists no factor.
            assert!(world.persons.values().all(|text| text.contains("\"enrolments\":[]")), "{what}");
        } else {
            assert_eq!(world.persons, before, "{what}: what cannot be read is not written");
        }
        assert!(!world.persons.values().any(|text| text.contains("\"Pending\"")), "{what}: nothing was begun");
    }
}

#[test]
fn f32_a_lost_record_is_exempt_from_nothing() {
    for (mode, grace) in [("offered", ""), ("required", "grace_until = \"2100-01-01\"")] {
        for is_down in [false, true] {
            let mut world = World::required();
            world.enrol_app(&mut Browser::default(), "ann");
            let text = format!("{}\n{grace}", REQUIRED.replace("required", mode));
            world.restart(gate_with(&policy(&text, RULES), 7));
            world.persons.clear();
            if is_down {
                world.down.push("directory");
            }
            let why = if is_down { Why::StoreUnavailable } else { Why::FactorRecordLost };
            let mut thief = Browser::default();
            for path in ["/secret", "/offered/x", "/secret"] {
                assert_eq!(world.open(&mut thief, "ann", path).why, why, "{mode} {grace} {path}");
            }
            assert_eq!(world.fetch(&mut thief, "/secret").why, Why::FactorRequired);
            assert_eq!(world.get(&mut thief, "/maybe/x").set("remote-user"), None);
            assert!(matches!(world.open(&mut thief, "ann", "/plain/x").reply, Reply::Forward(..)));
        }
    }
}

#[test]
fn f33_an_unclear_name_is_nobodys() {
    for (user, attributes, key) in [
        ("\u{e1}nn", "", "cas:user"),
        ("ａｎｎ", "", "cas:user"),
        ("ann@other.example", "", "cas:user"),
        ("ann", "", "employeeNumber"),
        (
            "ann",
            "<cas:employeeNumber>1</cas:employeeNumber><cas:employeeNumber>2</cas:employeeNumber>",
            "employeeNumber",
        ),
        ("ann", "<cas:employeeNumber></cas:employeeNumber>", "employeeNumber"),
    ] {
        let text = REQUIRED.replace("cas:user", key);
        let mut world = World::new(&policy(&text, RULES));
        world.attributes = attributes.into();
        let mut ann = Browser::default();
        let page = world.open(&mut ann, user, "/secret");
        assert_eq!((page.why, page.status()), (Why::PersonUnclear, 403), "{user} {attributes}");
        assert_eq!(
            world.get(&mut ann, "/offered/x").why,
            Why::PersonUnclear,
            "{user}: not even where it is only offered"
        );
        assert_eq!(world.get(&mut ann, "/.portcullis/factor/enrol").why, Why::PersonUnclear, "{user}");
        assert!(world.persons.is_empty(), "{user}: no second person");
        assert!(matches!(world.get(&mut ann, "/plain/x").reply, Reply::Forward(..)));
    }
}

#[test]
fn f08_f25_a_change_is_paid_for_on_its_own_page() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, codes) = world.enrol_app(&mut ann, "ann");
    let id = world.record().enrolments[0].id.clone();
    world.now += 60;
    let page = world.get(&mut ann, "/.portcullis/factor/change?change=codes&page=%2F.portcullis%2Ffactor%2Fme");
    assert_eq!(page.field("change"), "codes");
    assert!(!page.body().contains("name=\"remember\""), "a factor that pays is asked for each time");
    let token = page.field("token");
    // The code that signed in does not pay; one that is typed here does.
    let code = world.code(&key);
    let done = world.post(&mut ann, "change", &[("token", &token), ("change", "codes"), ("typed", &code)]);
    let fresh = done.codes();
    assert!(fresh.len() == 10 && fresh != codes);
    assert!(!done.body().contains("class=\"note\""), "these codes need no waiting: {}", done.body());
    // With a weaker factor the change waits.
    let done = world.post(&mut ann, "change", &[("token", &token), ("change", "only-passkey"), ("typed", &code)]);
    assert_eq!(done.why, Why::FactorRefused, "a code pays once");
    let remove = [
        ("token", token.as_str()),
        ("change", "rename"),
        ("id", &id),
        ("label", "mine"),
        ("recovery", "1"),
        ("typed", &fresh[0]),
    ];
    assert_eq!(world.post(&mut ann, "change", &remove).why, Why::FactorChanged);
    let record = world.record();
    assert_eq!((record.changes.len(), record.enrolments[0].label.as_str()), (1, "phone"));
    let me = world.get(&mut ann, "/.portcullis/factor/me");
    assert!(me.body().contains("factor/cancel"), "it can be cancelled");
    assert!(!me.body().contains("factor/resync"), "only a token has a counter that drifts");
    assert_eq!(me.body().matches("this one").count(), 1, "{}", me.body());
    let done = world.post(&mut ann, "cancel", &[("token", &token), ("id", &record.changes[0].id)]);
    assert_eq!((done.why, world.record().changes.len()), (Why::FactorChanged, 0));
}

#[test]
fn f47_a_removal_lowers_other_sessions_and_refuses_a_raise_in_flight() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, codes) = world.enrol_app(&mut ann, "ann");
    let id = world.record().enrolments[0].id.clone();
    world.now += 60;
    let mut stolen = Browser::default();
    world.give(&mut stolen, "ann", "/secret", &key);
    assert_eq!(world.get(&mut stolen, "/secret").why, Why::LiveSession);
    // The factor of the other session is lost: any other one suspends it at once.
    let token = world.get(&mut ann, "/.portcullis/factor/me").field("token");
    world.now += 10;
    let fields =
        [("token", token.as_str()), ("change", "suspend"), ("id", &id), ("recovery", "1"), ("typed", &codes[0])];
    world.delivers = false;
    assert_eq!(world.post(&mut ann, "change", &fields).why, Why::FactorChanged);
    let raise = |at: u64| {
        let text = format!(
            r#"{{"Raise":{{"rid":"r{at}","sid":"SID","given":{{"k":"app","t":{at},"e":"{id}"}},"cookie_id":"c"}}}}"#
        );
        text
    };
    let record = world.record();
    let theirs = record.sessions.iter().max_by_key(|session| session.born_secs).unwrap().clone();
    world.deliver_all();
    let call = |at| json::from_str::<TicketCall>(&raise(at).replace("SID", &theirs.sid)).unwrap();
    let object = theirs.object.as_str();
    assert_eq!(world.ticket(object, call(world.now)), TicketVerdict::NotRaised, "in flight");
    assert_eq!(world.ticket(object, call(START + 60)), TicketVerdict::NotRaised);
    world.now += 60;
    assert_eq!(world.get(&mut stolen, "/secret").why, Why::FactorAsked, "within the time of a re-check");
    assert!(matches!(world.ticket(object, call(world.now)), TicketVerdict::Live(_)), "a later factor counts");
    assert_eq!(world.ticket(object, call(world.now)), TicketVerdict::Spent, "once");
}

#[test]
fn f45_f46_end_all_ends_each_session_after_whatever_crash() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    let mut others: Vec<Browser> = vec![Browser::default(); 41];
    for other in &mut others {
        world.now += 1;
        assert!(matches!(world.open(other, "ann", "/plain/x").reply, Reply::Forward(..)));
    }
    world.now += 60;
    assert_eq!(world.get(&mut others[0], "/plain/x").why, Why::LoginStarted, "the oldest was ended, not forgotten");
    let mut last = Browser::default();
    assert_eq!(world.give(&mut last, "ann", "/secret", &key).why, Why::FactorGiven);
    let token = world.get(&mut last, "/.portcullis/factor/me").field("token");
    world.now += 1;
    // The process dies before a message is sent.
    world.delivers = false;
    let done = world.post(&mut last, "end", &[("token", &token), ("all", "1")]);
    assert_eq!(done.why, Why::LoggedOut);
    world.down.push("ticket");
    world.deliver_all();
    world.down.clear();
    world.deliver_all();
    assert!(world.record().outbox.is_empty());
    world.now += 60;
    for other in &mut others {
        assert_eq!(world.get(other, "/plain/x").why, Why::LoginStarted);
    }
}

#[test]
fn f46_the_password_alone_ends_no_session_with_a_factor() {
    let mut world = World::required();
    let mut ann = Browser::default();
    world.enrol_app(&mut ann, "ann");
    let raised = |world: &mut World, ann: &mut Browser| world.get(ann, "/secret").reply;
    assert!(matches!(raised(&mut world, &mut ann), Reply::Forward(..)));
    let mut thieves: Vec<Browser> = vec![Browser::default(); 45];
    for thief in &mut thieves {
        world.now += 1;
        assert!(matches!(world.open(thief, "ann", "/plain/x").reply, Reply::Forward(..)));
    }
    world.now += 60;
    assert!(
        matches!(raised(&mut world, &mut ann), Reply::Forward(..)),
        "the older session, which gave its factor, lives on"
    );
    assert_eq!(world.get(&mut thieves[0], "/plain/x").why, Why::LoginStarted, "the oldest of the others was ended");
}

#[test]
fn f06_a_token_is_enrolled_used_and_resynchronised() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let secret = b"12345678901234567890";
    let at =
        |counter: u64| otp::Hotp::DEFAULT.code(secret, otp::HotpCounter::new(counter).unwrap()).as_bytes().to_vec();
    let at = |counter: u64| String::from_utf8(at(counter)).unwrap();
    let token = world.open(&mut ann, "ann", "/secret").field("token");
    let seed = data_encoding::HEXLOWER.encode(secret);
    let fields = [("token", token.as_str()), ("page", "/secret"), ("kind", "token"), ("seed", &seed), ("label", "fob")];
    let shown = world.post(&mut ann, "enrol", &fields);
    let id = shown.field("id");
    assert!(shown.body().contains("name=\"second\"") && !shown.body().contains(&seed));
    let confirm = |first: &str, second: &str| -> Vec<(&'static str, String)> {
        vec![
            ("token", token.clone()),
            ("page", "/secret".into()),
            ("id", id.clone()),
            ("typed", first.into()),
            ("second", second.into()),
        ]
    };
    for (first, second, is_right) in [(at(3), at(5), false), (at(3), at(4), true)] {
        let fields = confirm(&first, &second);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let done = world.post(&mut ann, "confirm", &fields);
        assert_eq!(done.why == Why::FactorPage, is_right, "{:?}", done.why);
        let is_asked_again =
            done.body().contains("name=\"second\"") && done.body().contains(&format!("value=\"{id}\""));
        assert_eq!(is_asked_again, !is_right, "a wrong code is typed again on its page");
    }
    assert_eq!(world.get(&mut ann, "/secret").claims()["amr"], serde_json::json!(["pwd", "otp", "hwk", "mfa"]));
    // In another browser the look-ahead is short; two codes in one post bring it back.
    let mut new = Browser::default();
    let token = world.open(&mut new, "ann", "/secret").field("token");
    let far = at(100);
    let fields = [("token", token.as_str()), ("page", "/secret"), ("typed", &far)];
    assert_eq!(world.post(&mut new, "code", &fields).why, Why::FactorRefused);
    let page = world.get(&mut new, &format!("/.portcullis/factor/resync?id={id}"));
    assert!(page.body().contains("factor/resync"));
    let (first, second) = (at(100), at(101));
    let fields = [("token", token.as_str()), ("id", &id), ("typed", &first), ("second", &second)];
    assert_eq!(world.post(&mut new, "resync", &fields).why, Why::FactorChanged);
    let next = at(102);
    let fields = [("token", token.as_str()), ("page", "/secret"), ("typed", &next)];
    assert_eq!(world.post(&mut new, "code", &fields).why, Why::FactorGiven);
}

#[test]
fn f25_a_token_beside_another_factor_is_paid_for_before_its_seed_is_typed() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 60;
    let token = world.get(&mut ann, "/.portcullis/factor/change?change=add-token").field("token");
    let code = world.code(&key);
    let page = world.post(&mut ann, "change", &[("token", &token), ("change", "add-token"), ("typed", &code)]);
    assert_eq!(page.why, Why::FactorPage);
    assert!(page.body().contains("name=\"seed\"") && !page.body().contains("class=\"key\""), "{}", page.body());
    assert_eq!(world.record().enrolments.len(), 1, "nothing is begun without a seed");
}

#[test]
fn f47_an_object_that_holds_another_session_opens_no_page_of_the_factor() {
    let mut world = World::required();
    let (mut ann, mut ben) = (Browser::default(), Browser::default());
    world.open(&mut ann, "ann", "/plain/x");
    world.open(&mut ben, "ben", "/plain/x");
    let his = world.tickets.values().find(|record| json::to_string(*record).contains("\"ben\"")).unwrap().clone();
    world.tickets.values_mut().for_each(|record| *record = his.clone());
    let done = world.get(&mut ann, "/.portcullis/factor?page=%2Fsecret");
    assert_eq!(done.why, Why::LoginStarted, "{}", done.location());
    assert!(!ann.jar.contains_key(SESSION));
}

#[test]
fn f28_an_invitation_enrols_its_person_once() {
    use gate::{
        factor::call::Invitation,
        keys::seal::{IdKey, Keyring, Purpose, Scope},
    };
    let key = |byte: u8| data_encoding::BASE64URL_NOPAD.encode(&[byte; 32]);
    let (keys, id_key) = (Keyring::parse(&key(7)).unwrap(), IdKey::parse(&key(7)).unwrap());
    let sealed = |id: &str, user: &str, until_secs: u64, tenant: &str| {
        let invitation = Invitation { id: id.into(), person: id_key.person("uni", "main", user), until_secs };
        let mut moment = base::Moment::new(base::UnixMs::from_secs(START), [3; 32]);
        keys.seal(Purpose::Invitation, Scope { tenant, host: "" }, &invitation, &mut moment).unwrap()
    };
    let mut world = World::new(&policy(&REQUIRED.replace("open", "invited"), RULES));
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    assert!(page.body().contains("name=\"invitation\""));
    let token = page.field("token");
    let mut enrol = |browser: &mut Browser, token: &str, invitation: &str| {
        let fields = [("token", token), ("page", "/secret"), ("kind", "app"), ("invitation", invitation)];
        world.post(browser, "enrol", &fields).why
    };
    for (what, invitation) in [
        ("none", String::new()),
        ("nonsense", "abc".into()),
        ("of another person", sealed("a", "ben", START + 60, "uni")),
        ("of another tenant", sealed("a", "ann", START + 60, "other")),
        ("over", sealed("a", "ann", START, "uni")),
    ] {
        assert_eq!(enrol(&mut ann, &token, &invitation), Why::FactorDenied, "{what}");
    }
    let good = sealed("a", "ann", START + 60, "uni");
    let pasted = format!(" {}\n{}", &good[..30], &good[30..]);
    let fields = [("token", token.as_str()), ("page", "/secret"), ("kind", "app"), ("invitation", &pasted)];
    let shown = world.post(&mut ann, "enrol", &fields);
    let code = world.code(&shown.key());
    let fields = [("token", token.as_str()), ("page", "/secret"), ("id", &shown.field("id")), ("typed", &code)];
    assert_eq!(world.post(&mut ann, "confirm", &fields).codes().len(), 10);
    let fields = [("token", token.as_str()), ("kind", "app"), ("invitation", good.as_str())];
    assert_eq!(world.post(&mut ann, "enrol", &fields).why, Why::FactorDenied, "used");
}

#[test]
fn f61_the_secret_is_in_the_answer_to_one_post() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    let token = page.field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "app")]);
    let key = data_encoding::BASE32_NOPAD.encode(&shown.key());
    assert!(shown.body().contains("<svg") && shown.body().contains("pagehide"));
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(!shown.body().contains("otpauth://"), "no link with the secret");
    for path in ["", "/enrol", "/me", "/confirm"] {
        let page = world.get(&mut ann, &format!("/.portcullis/factor{path}"));
        assert!(!page.body().replace(' ', "").contains(&key), "{path}");
    }
    let id = shown.field("id");
    let again = world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", "000000")]);
    assert_eq!(again.why, Why::FactorRefused);
    assert!(!again.body().replace(' ', "").contains(&key) && !again.body().contains("<svg"));
    let code = world.code(&shown.key());
    let done =
        world.post(&mut ann, "confirm", &[("token", &token), ("page", "/secret"), ("id", &id), ("typed", &code)]);
    assert_eq!(done.codes().len(), 10, "the same enrolment can still be confirmed");
}

#[test]
fn f62_who_wants_only_the_passkey_is_offered_no_code() {
    let mut world = World::required();
    // The CAS server has a factor of its own, whose codes a fake page can pass on too.
    let by_cas = gate_with(&policy(REQUIRED, &format!("{MFA}{RULES}")), 7);
    let mut ann = Browser::default();
    let mut key = Authenticator::new(1, PUBLIC);
    let page = world.open(&mut ann, "ann", "/secret");
    let token = page.field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "passkey")]);
    let answer = key.create(&shown.options());
    let done = world.post(
        &mut ann,
        "confirm",
        &[("token", &token), ("page", "/secret"), ("id", &shown.field("id")), ("answer", &answer)],
    );
    let codes = done.codes();
    assert_eq!(world.get(&mut ann, "/passkey/x").claims()["amr"], serde_json::json!(["pwd", "hwk", "mfa"]));
    let page = world.get(&mut ann, "/.portcullis/factor/change?change=only-passkey");
    let answer = key.get(&page.options());
    let done = world.post(&mut ann, "change", &[("token", &token), ("change", "only-passkey"), ("answer", &answer)]);
    assert_eq!(done.why, Why::FactorChanged, "{}", done.body());
    world.now += 60;
    world.restart(by_cas);
    let mut phished = Browser::default();
    let page = world.open(&mut phished, "ann", "/secret");
    assert!(
        !page.body().contains("by=recovery")
            && !page.body().contains("by=cas")
            && !page.body().contains("name=\"typed\""),
        "{}",
        page.body()
    );
    let token = page.field("token");
    for (path, code) in [("recovery", codes[0].as_str()), ("code", "123456")] {
        let done = world.post(&mut phished, path, &[("token", &token), ("page", "/secret"), ("typed", code)]);
        assert_ne!(done.why, Why::FactorGiven, "{path}");
        assert!(!done.body().contains("name=\"typed\""), "{path}");
    }
    let page = world.get(&mut phished, "/.portcullis/factor?page=%2Fsecret&by=recovery");
    assert!(!page.body().contains("name=\"typed\""));
    let answer = key.get(&page.options());
    let done = world.post(&mut phished, "passkey", &[("token", &token), ("page", "/secret"), ("answer", &answer)]);
    assert_eq!(done.why, Why::FactorGiven);
}

#[test]
fn f38_a_passkey_of_another_origin_raises_nothing() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let mut key = Authenticator::new(1, "https://other.example.org");
    let token = world.open(&mut ann, "ann", "/secret").field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "passkey")]);
    let answer = key.create(&shown.options());
    let fields = [("token", token.as_str()), ("id", &shown.field("id")), ("answer", &answer)];
    assert_eq!(world.post(&mut ann, "confirm", &fields).why, Why::FactorDenied);
    assert!(world.record().enrolments.iter().all(|enrolment| !enrolment.counts()));
    for path in ["/.well-known/webauthn", "/.portcullis/.well-known/webauthn"] {
        assert!(matches!(world.fetch(&mut Browser::default(), path).why, Why::LoginRequired | Why::NotFound), "{path}");
    }
}

#[test]
fn f26_a_challenge_is_spent_by_its_first_answer() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let mut key = Authenticator::new(1, PUBLIC);
    let token = world.open(&mut ann, "ann", "/secret").field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("page", "/secret"), ("kind", "passkey")]);
    let answer = key.create(&shown.options());
    world.post(&mut ann, "confirm", &[("token", &token), ("id", &shown.field("id")), ("answer", &answer)]);
    let mut laptop = Browser::default();
    let page = world.open(&mut laptop, "ann", "/secret");
    let token = page.field("token");
    let answer = key.get(&page.options());
    let fields = [("token", token.as_str()), ("page", "/secret"), ("answer", &answer)];
    assert_eq!(world.post(&mut laptop, "passkey", &fields).why, Why::FactorGiven);
    let again = world.post(&mut laptop, "passkey", &fields);
    assert_ne!(again.why, Why::FactorGiven);
    // A challenge to sign in pays for no change.
    let page = world.get(&mut laptop, "/.portcullis/factor/change?change=codes");
    let sign_in = world.get(&mut laptop, "/.portcullis/factor?page=%2Frecent%2Fx");
    assert!(sign_in.status() == 303, "it is met");
    let answer = key.get(&page.options());
    let done = world.post(&mut laptop, "change", &[("token", &token), ("change", "any-kind"), ("answer", &answer)]);
    assert_eq!(done.why, Why::FactorRefused, "made for another change");
}

#[test]
fn x28_what_the_cas_server_did_counts_by_the_map() {
    let mfa = "[cas.mfa.mfa-gauth]\nhandler = \"GoogleAuthenticatorAuthenticationHandler\"\namr = [\"otp\"]\n";
    let text = policy(REQUIRED, &format!("{mfa}{RULES}"));
    let row = |class: &str, bypass: &str, handler: &str, new: &str| {
        let tag = |name: &str, value: &str| {
            if value.is_empty() { String::new() } else { format!("<cas:{name}>{value}</cas:{name}>") }
        };
        [
            tag("authnContextClass", class),
            tag("bypassMultifactorAuthentication", bypass),
            tag("successfulAuthenticationHandlers", handler),
            tag("isFromNewLogin", new),
        ]
        .concat()
    };
    const HANDLER: &str = "GoogleAuthenticatorAuthenticationHandler";
    for (what, attributes, counts) in [
        ("given", row("mfa-gauth", "false", HANDLER, "true"), true),
        ("bypassed", row("mfa-gauth", "true", HANDLER, "true"), false),
        ("forged by the directory", row("mfa-gauth", "false", "LdapAuthenticationHandler", "true"), false),
        ("not released", row("mfa-gauth", "false", HANDLER, ""), false),
        ("password alone", row("", "", "LdapAuthenticationHandler", "true"), false),
    ] {
        let mut world = World::new(&text);
        world.attributes = attributes;
        let mut ann = Browser::default();
        let page = world.open(&mut ann, "ann", "/secret");
        assert_eq!(matches!(page.reply, Reply::Forward(..)), counts, "{what}: {:?}", page.why);
        if counts {
            assert_eq!(page.claims()["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
            assert_eq!(world.get(&mut ann, "/passkey/x").why, Why::FactorAsked, "of its own kind");
            assert_eq!(world.get(&mut ann, "/recent/x").why, Why::FactorAsked, "its age is unknown");
        } else {
            // Nobody enrols past the factor of the CAS server.
            let token = world.open(&mut ann, "ann", "/secret").field("token");
            let done = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]);
            assert_eq!(done.why, Why::FactorDenied, "f35 {what}");
        }
    }
}

const MFA: &str = "[cas.mfa.mfa-gauth]\nhandler = \"GoogleAuthenticatorAuthenticationHandler\"\namr = [\"otp\"]\n";
const GIVEN: &str = "<cas:authnContextClass>mfa-gauth</cas:authnContextClass>\
    <cas:bypassMultifactorAuthentication>false</cas:bypassMultifactorAuthentication>\
    <cas:successfulAuthenticationHandlers>GoogleAuthenticatorAuthenticationHandler</cas:successfulAuthenticationHandlers>\
    <cas:isFromNewLogin>true</cas:isFromNewLogin>";

#[test]
fn f35_the_cas_server_is_asked_for_its_factor() {
    let text = policy(REQUIRED, &format!("{MFA}{RULES}"));
    // Who has none here is sent there for it, and the page opens by it.
    let mut world = World::new(&text);
    world.factor = GIVEN.into();
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    assert_eq!(page.claims()["amr"], serde_json::json!(["pwd", "otp", "mfa"]), "{:?}", page.why);
    assert_eq!(page.claims()["factor_time"], START);
    let [first, asking] = &world.logins[..] else { panic!("{:?}", world.logins) };
    assert!(!first.contains("authn_method") && !first.contains("renew"), "{first}");
    assert!(asking.contains("renew=true") && asking.contains("&authn_method=mfa-gauth"), "{asking}");
    // When it is too old for a page, it is asked for again.
    assert!(matches!(world.open(&mut ann, "ann", "/recent/x").reply, Reply::Forward(..)));
    world.now += 600;
    assert!(matches!(world.open(&mut ann, "ann", "/recent/x").reply, Reply::Forward(..)));
    assert_eq!(world.logins.len(), 3);
    // A page that does not take it: a first enrolment is offered, for which it is asked for once more.
    let page = world.open(&mut ann, "ann", "/passkey/x");
    assert_eq!((page.why, world.logins.len()), (Why::FactorPage, 4));
    let token = page.field("token");
    assert!(world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]).body().contains("class=\"key\""));
    // A factor that was asked for on another occasion pays for no enrolment.
    for (user, enrol) in [("ben", "/.portcullis/factor/enrol"), ("eve", "/.portcullis/factor/enrol?page=%2Fsecret")] {
        let mut owner = Browser::default();
        world.open(&mut owner, user, "/secret");
        assert!(matches!(world.get(&mut owner, "/secret").reply, Reply::Forward(..)));
        let mut stolen = owner.clone();
        let token = world.open(&mut owner, user, enrol).field("token");
        assert_ne!(stolen.jar.get(SESSION), owner.jar.get(SESSION));
        let done = world.post(&mut stolen, "enrol", &[("token", &token), ("kind", "app")]);
        assert_ne!(done.status(), 200, "{enrol}: {:?}", done.why);
    }
}

#[test]
fn f35_who_goes_round_the_factor_is_asked_once_and_enrols_nothing() {
    let text = policy(REQUIRED, &format!("{MFA}{RULES}"));
    let forged = GIVEN.replace("GoogleAuthenticatorAuthenticationHandler<", "LdapAuthenticationHandler<");
    let bypassed = GIVEN.replace(">false<", ">true<");
    for attributes in ["", &forged, &bypassed] {
        let mut world = World::new(&text);
        world.factor = attributes.to_owned();
        let mut thief = Browser::default();
        let page = world.open(&mut thief, "ann", "/secret");
        assert_eq!((page.why, world.logins.len()), (Why::FactorPage, 2), "{attributes}");
        let token = page.field("token");
        for kind in ["app", "passkey"] {
            let done = world.post(&mut thief, "enrol", &[("token", &token), ("kind", kind)]);
            assert_eq!(done.why, Why::FactorDenied, "{attributes} {kind}");
            // The page leads to where it is asked for again.
            assert!(done.body().contains("/.portcullis/factor/enrol"), "{}", done.body());
        }
        assert_eq!(world.record().enrolments.len(), 0);
    }
}

#[test]
fn f35_a_session_that_gave_the_cas_servers_factor_to_a_page_pays_for_nothing() {
    let text = policy(REQUIRED, &format!("{MFA}{RULES}"));
    let mut world = World::new(&text);
    world.factor = GIVEN.into();
    let mut ann = Browser::default();
    world.open(&mut ann, "ann", "/secret");
    // A stolen cookie, within the five minutes: its form's token is taken from a page that it may open.
    let token = world.open(&mut ann.clone(), "ann", "/.portcullis/factor/me").field("token");
    let done = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]);
    assert_eq!(done.why, Why::FactorDenied);
    assert!(done.body().contains("FACTOR_DENIED"));
}

#[test]
fn f35_who_has_a_factor_here_may_choose_the_cas_servers() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.restart(gate_with(&policy(REQUIRED, &format!("{MFA}{RULES}")), 7));
    world.factor = GIVEN.into();
    world.now += 60;
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    assert_eq!(page.why, Why::FactorPage);
    assert!(page.body().contains("&#38;by=cas"), "{}", page.body());
    let page = world.open(&mut ann, "ann", "/.portcullis/factor?page=%2Fsecret&by=cas");
    assert!(matches!(page.reply, Reply::Forward(..)), "{:?}", page.why);
    // Without an answer from there, the factor of this gate is asked for.
    world.factor.clear();
    let mut other = Browser::default();
    let page = world.open(&mut other, "ann", "/.portcullis/factor?page=%2Fsecret&by=cas");
    assert_eq!(page.why, Why::FactorPage);
    assert_eq!(world.give(&mut other, "ann", "/secret", &key).why, Why::FactorGiven);
    assert!(!world.open(&mut Browser::default(), "ann", "/passkey/x").body().contains("by=cas"));
}

#[test]
fn f27_a_secret_that_no_key_opens_is_no_wrong_code() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.now += 60;
    let text = policy(REQUIRED, RULES);
    let rotated = data_encoding::BASE64URL_NOPAD.encode(&[9; 32]);
    let gate = settings_with(&text, 7, |settings| Gate::new(&Settings { keys: &rotated, ..*settings })).unwrap();
    world.restart(gate);
    let mut ann = Browser::default();
    let done = world.give(&mut ann, "ann", "/secret", &key);
    assert_eq!((done.why, done.status()), (Why::SecretUnreadable, 503));
    assert!(events(&done).iter().any(|event| matches!(event, AuditEvent::KeyMissing { kid } if kid.len() == 6)));
    // F49: the old key opens what is at rest, and no cookie.
    let both = format!("{rotated} rest:{}", data_encoding::BASE64URL_NOPAD.encode(&[7; 32]));
    let gate = settings_with(&text, 7, |settings| Gate::new(&Settings { keys: &both, ..*settings })).unwrap();
    world.restart(gate);
    world.now += 60;
    assert_eq!(world.give(&mut Browser::default(), "ann", "/secret", &key).why, Why::FactorGiven);
}

#[test]
fn f53_the_way_is_not_lost_and_nothing_goes_round() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.now += 60;
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret?a=b&c=d");
    assert_eq!(page.field("page"), "/secret?a=b&amp;c=d".replace("&amp;", "&#38;"), "{}", page.body());
    let token = page.field("token");
    // Half an hour passes before the code is typed.
    world.now += 1_800;
    let code = world.code(&key);
    let done = world.post(&mut ann, "code", &[("token", &token), ("page", "/secret?a=b&c=d"), ("typed", &code)]);
    assert_eq!((done.why, done.location().as_str()), (Why::FactorGiven, "/secret?a=b&c=d"));
    // The factor that was given is not enough for the page: a page says so.
    world.now += 60;
    let code = world.code(&key);
    let done = world.post(&mut ann, "code", &[("token", &token), ("page", "/passkey/x"), ("typed", &code)]);
    assert_eq!(done.why, Why::FactorDenied);
    for page in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        world.now += 60;
        let code = world.code(&key);
        let done = world.post(&mut ann, "code", &[("token", &token), ("page", page), ("typed", &code)]);
        assert_eq!((done.why, done.location().as_str()), (Why::FactorGiven, "/"), "{page}");
    }
}

#[test]
fn f03_f44_guesses_wait_and_other_ways_go_on() {
    let mut world = World::required();
    let mut owner = Browser::default();
    let (key, codes) = world.enrol_app(&mut owner, "ann");
    let mut thief = Browser::default();
    let token = world.open(&mut thief, "ann", "/secret").field("token");
    let mut waits = 0;
    for _ in 0..20 {
        let wrong = world.wrong(&key);
        let done = world.post(&mut thief, "code", &[("token", &token), ("page", "/secret"), ("typed", &wrong)]);
        waits += usize::from(done.why == Why::FactorWait);
    }
    assert_eq!(waits, 15, "five at once");
    let waiting = world.post(&mut thief, "code", &[("token", &token), ("page", "/secret"), ("typed", "000000")]);
    assert_eq!((waiting.why, waiting.status()), (Why::FactorWait, 429));
    assert!(waiting.body().contains("by=recovery"), "another way stands on the page: {}", waiting.body());
    world.now += 60;
    // The owner on the known device.
    owner.jar.remove(SESSION);
    assert_eq!(world.give(&mut owner, "ann", "/secret", &key).why, Why::FactorGiven);
    // A new browser of the owner's, by paper.
    let mut new = Browser::default();
    let page = world.open(&mut new, "ann", "/secret");
    assert!(page.body().contains("factor/pair"), "{}", page.body());
    let token = page.field("token");
    let done = world.post(&mut new, "recovery", &[("token", &token), ("page", "/secret"), ("typed", &codes[0])]);
    assert_eq!(done.why, Why::FactorGiven);
    // Another one, let in by the known device.
    let mut paired = Browser::default();
    let token = world.open(&mut paired, "ann", "/secret").field("token");
    let letters = world.post(&mut paired, "pair", &[("token", &token), ("page", "/secret")]);
    let letters = letters.body().split("<strong>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(letters.len(), 8);
    let mine = world.get(&mut owner, "/.portcullis/factor/me").field("token");
    assert_eq!(world.post(&mut owner, "letin", &[("token", &mine), ("typed", &letters)]).why, Why::FactorChanged);
    world.now += 60;
    let code = world.code(&key);
    let done = world.post(&mut paired, "code", &[("token", &token), ("page", "/secret"), ("typed", &code)]);
    assert_eq!(done.why, Why::FactorGiven);
}

#[test]
fn f21_a_surrogate_is_asked_the_principals_factor_and_enrols_none() {
    let mut world = World::required();
    let (key, _) = world.enrol_app(&mut Browser::default(), "ann");
    world.now += 60;
    world.attributes =
        "<cas:surrogateEnabled>true</cas:surrogateEnabled><cas:surrogatePrincipal>ann</cas:surrogatePrincipal>".into();
    let mut acting = Browser::default();
    assert_eq!(world.give(&mut acting, "boss", "/secret", &key).why, Why::FactorGiven);
    assert_eq!(world.get(&mut acting, "/secret").set("remote-user"), Some("boss"));
    assert_eq!(world.persons.len(), 1, "the impersonated user is no person here");
    let mut ben = Browser::default();
    world.attributes = world.attributes.replace("ann", "ben");
    let token = world.open(&mut ben, "boss", "/secret").field("token");
    let done = world.post(&mut ben, "enrol", &[("token", &token), ("kind", "app")]);
    assert_eq!(done.why, Why::FactorDenied);
}

#[test]
fn d01_no_page_and_no_event_of_the_factor_shows_a_secret() {
    let mut world = World::required();
    let mut ann = Browser::default();
    let (key, codes) = world.enrol_app(&mut ann, "ann");
    let secret = data_encoding::BASE32_NOPAD.encode(&key);
    let typed = world.wrong(&key);
    let mut laptop = Browser::default();
    let token = world.open(&mut laptop, "ann", "/secret").field("token");
    let pages = [
        world.post(&mut laptop, "code", &[("token", &token), ("page", "/secret"), ("typed", &typed)]),
        world.post(
            &mut laptop,
            "recovery",
            &[("token", &token), ("page", "/secret"), ("typed", "ABCD-EFGH-WRNG-CODE")],
        ),
        world.get(&mut ann, "/.portcullis/factor/me"),
        world.get(&mut ann, "/secret"),
    ];
    for page in &pages {
        let all = format!("{} {:?} {}", page.body(), events(page), page.header("location"));
        for secret in [secret.as_str(), typed.as_str(), "WRNG", codes[0].as_str()] {
            assert!(!all.contains(secret), "{:?}", page.why);
        }
    }
    for verdict in world.persons.values() {
        assert!(!verdict.contains(&secret) && !verdict.contains(&codes[0]));
    }
}
