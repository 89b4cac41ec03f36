//! The operator's keys of the policy, on whole requests.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod harness;

use base::UnixMs;
use gate::{Reply, Why, policy::Policy};
use harness::{Done, Harness, NOW, location};
use vectors::gate::Given;

const PAGE: &str = "accept: text/html";

fn now() -> UnixMs {
    UnixMs::from_secs(NOW)
}

fn ask(harness: &mut Harness, lines: &[&str]) -> Done {
    let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    harness.ask(&lines, &Given::default(), now())
}

fn header<'d>(done: &'d Done, name: &str) -> Option<&'d str> {
    let headers = match &done.reply {
        Reply::Answer(answer, _) => &answer.headers,
        Reply::Forward(forward, _) => &forward.set,
    };
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn with_policy(policy: &'static str) -> Harness {
    Harness::with(|settings| settings.policy = policy)
}

#[test]
fn counts_are_for_who_has_the_token() {
    const TOKEN: &str = "metrics-token-metrics-token-metrics-token";
    let [right, twice, other, basic] = [
        format!("authorization: Bearer {TOKEN}"),
        format!("Authorization: Bearer {TOKEN}"),
        "authorization: Bearer x".to_owned(),
        format!("authorization: Basic {TOKEN}"),
    ];
    for (set, lines, why) in [
        (TOKEN, &[right.as_str()][..], Why::Metrics),
        (TOKEN, &[&twice], Why::Metrics),
        (TOKEN, &[&right, &twice], Why::NotFound),
        (TOKEN, &[&other], Why::NotFound),
        (TOKEN, &[&basic], Why::NotFound),
        (TOKEN, &[], Why::NotFound),
        ("", &[&right], Why::NotFound),
        ("", &[], Why::NotFound),
    ] {
        let mut harness = Harness::with(|settings| settings.metrics_token = set);
        let lines: Vec<_> = ["GET /.portcullis/metrics"].iter().chain(lines).copied().collect();
        assert_eq!(ask(&mut harness, &lines).why, why, "{lines:?}");
    }
}

#[test]
fn a_page_speaks_the_readers_language() {
    let mut harness = Harness::new();
    for (accept, lang, says) in [
        ("de-CH,de;q=0.9,en;q=0.5", "de", "Diese Seite ist geschlossen."),
        ("fr", "fr", "Cette page est fermée."),
        ("es-MX", "es", "Esta página está cerrada."),
        ("nl", "nl", "Deze pagina is gesloten."),
        ("ja", "en", "This page is closed."),
    ] {
        let done = ask(&mut harness, &["GET /elsewhere", PAGE, &format!("accept-language: {accept}")]);
        let Reply::Answer(answer, _) = &done.reply else { panic!("{accept}") };
        assert!(answer.body.contains(&format!("<html lang=\"{lang}\">")) && answer.body.contains(says), "{accept}");
        let told = ["content-language", "vary", "cache-control"].map(|name| header(&done, name));
        assert_eq!(told, [Some(lang), Some("accept-language"), Some("no-store")], "{accept}");
    }
    let done = ask(&mut harness, &["GET /app", PAGE, "host: other.example.org", "accept-language: de"]);
    let Reply::Answer(answer, _) = &done.reply else { panic!("a page") };
    assert!(answer.body.contains("lang=\"de\""), "outside of any site too");
}

#[test]
fn o06_a_name_and_a_logo_run_no_script() {
    let mut harness = with_policy(
        "[pages]\nname = \"</title><script>alert(1)</script>\"\nlogo = \"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+\"\n\
         [[rule]]\npath = \"/a\"\naccess = \"login\"",
    );
    let done = ask(&mut harness, &["GET /elsewhere", PAGE]);
    let Reply::Answer(answer, _) = &done.reply else { panic!("a page") };
    assert!(!answer.body.contains("<script") && !answer.body.contains("<svg"), "{}", answer.body);
    assert!(
        answer.body.contains("<img src=\"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+\" alt=\"\">"),
        "{}",
        answer.body
    );
    let csp = header(&done, "content-security-policy").unwrap();
    assert!(
        csp.contains("; img-src data:;") && csp.starts_with("default-src 'none'") && !csp.contains("script-src"),
        "{csp}"
    );
    let plain = ask(&mut Harness::new(), &["GET /elsewhere", PAGE]);
    assert!(!header(&plain, "content-security-policy").unwrap().contains("img-src"), "no logo, no images");
}

#[test]
fn a_form_goes_to_this_site_or_the_cas_server_alone() {
    for (cas, want) in [
        (harness::CAS, "https://cas.example.org"),
        ("https://cas.example.org:8443/a/b", "https://cas.example.org:8443"),
        ("https://cas.example.org", "https://cas.example.org"),
    ] {
        let mut harness = Harness::with(|settings| settings.cas_url = cas);
        let done = ask(&mut harness, &["GET /elsewhere", PAGE]);
        let csp = header(&done, "content-security-policy").unwrap();
        let targets = csp.split("; ").find_map(|part| part.strip_prefix("form-action "));
        assert_eq!(targets, Some(format!("'self' {want}").as_str()), "{cas}: {csp}");
    }
}

#[test]
fn a_request_is_of_the_site_of_its_host() {
    let gate = with_policy(
        "[[site]]\nid = \"shop\"\npublic_url = \"https://app.example.org\"\norigin = \"zone\"\n\
         [[site]]\npublic_url = \"https://wiki.example.org\"\norigin = \"zone\"",
    )
    .gate;
    for (head, want) in [
        ("GET /x\nhost: app.example.org", "shop"),
        ("GET https://wiki.example.org/x", "wiki.example.org"),
        ("GET https://Wiki.example.org:443/x", "wiki.example.org"),
        ("GET https://other.example.org/x", ""),
        ("GET /x", ""),
        ("", ""),
    ] {
        assert_eq!(gate.site_id(head), want, "{head}");
    }
}

#[test]
fn the_log_names_a_person_alike_for_a_month() {
    let person = |user: &str, days: u64| {
        let (mut harness, now) = (Harness::new(), UnixMs::from_secs(NOW + days * 86_400));
        let callback = harness.begin_login("/app", now);
        let given = Given { session: Some(user.into()), verdict: Some("live".into()), ..Given::default() };
        let done = harness.ask(&[format!("GET {callback}?ticket=ST-0-first"), PAGE.into()], &given, now);
        let Reply::Answer(_, events) = &done.reply else { panic!("{:?}", done.why) };
        match events.as_slice() {
            [gate::AuditEvent::SignedIn { person, .. }] => person.clone(),
            other => panic!("{other:?}"),
        }
    };
    let ann = person("ann", 0);
    assert!(!ann.is_empty() && !ann.contains("ann"), "{ann}");
    assert_eq!(person("ann", 1), ann);
    assert_ne!(person("ben", 0), ann);
    assert_ne!(person("ann", 31), ann, "the next month");
}

#[test]
fn h23_a_denied_name_reaches_no_app() {
    let policy = "deny_users = [\"admin\", \"Root\"]\n[[rule]]\npath = \"/maybe/*\"\naccess = \"optional\"\n\
                  [[rule]]\npath = \"/public/*\"\naccess = \"public\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"";
    for (user, why) in [
        ("admin", Why::UserDenied),
        ("ADMIN", Why::UserDenied),
        ("root", Why::UserDenied),
        ("administrator", Why::LiveSession),
        ("ann", Why::LiveSession),
    ] {
        let mut harness = with_policy(policy);
        harness.sign_in(&Given { session: Some(user.into()), ..Given::default() }, now());
        for page in ["/app", "/maybe/x"] {
            let done = ask(&mut harness, &[&format!("GET {page}"), PAGE]);
            assert_eq!(done.why, why, "{user} {page}");
            let again = ask(&mut harness, &[&format!("GET {page}"), "accept: application/json"]);
            assert_eq!(again.why, why, "{user} {page}, from the cache");
        }
        let done = ask(&mut harness, &["GET /app", PAGE]);
        let offers = matches!(&done.reply, Reply::Answer(answer, _) if answer.body.contains("/.portcullis/logout\""));
        assert_eq!(offers, why == Why::UserDenied, "{user}: the page offers the way out");
        assert_eq!(ask(&mut harness, &["GET /public/x", PAGE]).why, Why::Public, "{user}: no name goes there");
    }
}

#[test]
fn s22_a_rule_that_asks_for_a_factor_must_say_what_proves_it() {
    let rule = |more: &str| {
        let factor = "[factor]\nmode = \"off\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"id\"\n";
        let text = format!("{factor}[[rule]]\npath = \"/*\"\n{more}");
        Policy::parse(&text).err().unwrap_or_default().into_iter().map(|problem| problem.at).collect::<Vec<_>>()
    };
    let refused = ["rule[0].login_params"];
    for ask in ["{ authn_method = \"mfa-gauth\" }", "{ Acr_Values = \"x\", locale = \"de\" }"] {
        let ask = format!("access = \"login\"\nlogin_params = {ask}\n");
        assert_eq!(rule(&ask), refused, "{ask}");
        assert_eq!(rule(&format!("{ask}factor = \"offered\"")), refused, "who has no factor passes");
        assert_eq!(rule(&format!("{ask}factor = \"required\"")), [""; 0], "{ask}");
        assert_eq!(rule(&format!("{ask}require = {{ acr = \"mfa\" }}")), [""; 0], "{ask}");
    }
    assert_eq!(rule("access = \"login\"\nlogin_params = { locale = \"de\" }"), [""; 0], "asks for no factor");
    let observed = "[factor]\nmode = \"observe\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"id\"\n[[rule]]\npath = \"/*\"\n\
                    access = \"login\"\nfactor = \"required\"\nlogin_params = { authn_method = \"x\" }";
    assert_eq!(Policy::parse(observed).unwrap_err()[0].at, refused[0], "nobody is asked while the policy observes");
    let warned = |text: &str| Policy::parse(text).unwrap().warnings().iter().any(|known| known.at == "login_params");
    assert!(warned("[login_params]\nauthn_method = \"x\"") && !warned("[login_params]\nlocale = \"auto\""));
}

#[test]
fn s22_a_login_without_its_parameters_and_a_session_of_another_rule_open_nothing() {
    let mut harness = with_policy(
        "[login_params]\nlocale = \"auto\"\nskin = \"a&b\"\n[[rule]]\npath = \"/admin/*\"\naccess = \"login\"\n\
         login_params = { authn_method = \"mfa-gauth\", skin = \"admin\" }\nrequire = { acr = \"mfa\" }\n[[rule]]\npath = \"/*\"\naccess = \"login\"",
    );
    // The rule's own parameters and the policy's, in the address of the login page.
    let lines = |path: &str| [format!("GET {path}"), PAGE.to_owned(), "accept-language: nl-BE, *;q=0.1".into()];
    let done = harness.ask(&lines("/admin/x"), &Given::default(), now());
    assert!(location(&done).ends_with("&authn_method=mfa-gauth&skin=admin&locale=nl"), "{}", location(&done));
    harness.take(&done);
    // A ticket of an address without them: the login begins again and asks for the same, once.
    let back = format!("GET {}?ticket=ST-1-abc", harness::callback(&done));
    let refused = Given { verdict: Some("refused".into()), ..Given::default() };
    let again = harness.ask(&[back, PAGE.into()], &refused, now());
    assert_eq!(again.why, Why::TicketRefused);
    assert!(location(&again).ends_with("&authn_method=mfa-gauth&skin=admin&locale=en"), "{}", location(&again));
    harness.take(&again);
    let given = Given {
        verdict: Some("live".into()),
        attributes: [("acr".into(), vec!["pwd".into()])].into(),
        ..Given::default()
    };
    let landed =
        harness.ask(&[format!("GET {}?ticket=ST-2-abc", harness::callback(&again)), PAGE.into()], &given, now());
    assert_eq!(landed.why, Why::SignedIn);
    harness.take(&landed);
    assert_eq!(harness.ask(&lines("/admin/x"), &Given::default(), now()).why, Why::NotAllowed, "no factor, no page");
    assert_eq!(harness.ask(&lines("/app"), &Given::default(), now()).why, Why::LiveSession);
    // Another rule asks for nothing but what the policy says.
    harness.cookies.clear();
    let plain = harness.ask(&lines("/app"), &Given::default(), now());
    assert!(location(&plain).ends_with("&skin=a%26b&locale=nl"), "{}", location(&plain));
}

#[test]
fn deny_users_is_asked_for_by_a_warning() {
    let warned = |text: &str| -> Vec<String> {
        let warnings = Policy::parse(text).unwrap().warnings();
        warnings.into_iter().filter(|problem| problem.at == "deny_users").map(|problem| problem.what).collect()
    };
    assert!(matches!(warned("").as_slice(), [one] if one.contains("admin, administrator, root, system")));
    assert_eq!(warned("deny_users = []"), [""; 0], "said on purpose");
    assert_eq!(warned("deny_users = [\"admin\", \"root\", \"System\"]").len(), 1);
}

#[test]
fn an_open_enrolment_by_user_names_is_warned_of() {
    for (user_key, enrolment, want) in [
        ("cas:user", "open", true),
        ("cas:user", "invited", false),
        ("employeeNumber", "open", false),
        ("employeeNumber", "invited", false),
    ] {
        let text = format!(
            "[factor]\nmode = \"required\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"{user_key}\"\nenrolment = \"{enrolment}\""
        );
        let warnings = Policy::parse(&text).unwrap().warnings();
        assert_eq!(warnings.iter().any(|known| known.at == "factor.user_key"), want, "{user_key} {enrolment}");
    }
}

#[test]
fn a07_directory_names_become_group_names_in_headers_and_rules() {
    let policy = "[attributes.memberOf]\nvalues = { \"CN=staff,OU=x\" = \"staff\", \"CN=ops,OU=x\" = \"ops\" }\n\
                  [[rule]]\npath = \"/ops/*\"\naccess = \"login\"\nrequire = { memberOf = \"ops\" }\n[[rule]]\npath = \"/*\"\naccess = \"login\"";
    for (groups, why, sent) in [
        (&["CN=staff,OU=x", "CN=guests,OU=x"][..], Why::NotAllowed, Some("staff")),
        (&["CN=ops,OU=x", "CN=staff,OU=x"], Why::LiveSession, Some("ops,staff")),
        (&["ops"], Why::NotAllowed, None),
        (&["cn=ops,ou=x"], Why::NotAllowed, None),
    ] {
        let mut harness = with_policy(policy);
        let attributes = [("memberOf".to_owned(), groups.iter().map(|group| (*group).to_owned()).collect())].into();
        harness.sign_in(&Given { attributes, ..Given::default() }, now());
        assert_eq!(ask(&mut harness, &["GET /ops/x", PAGE]).why, why, "{groups:?}");
        let done = ask(&mut harness, &["GET /app", PAGE]);
        assert_eq!(header(&done, "remote-groups"), sent, "{groups:?}");
    }
}

#[test]
fn a_closed_rule_says_why_and_keeps_sessions() {
    let policy = "[[rule]]\npath = \"/wiki/*\"\naccess = \"public\"\nclosed = \"Moved on <Friday>.\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"";
    let mut harness = with_policy(policy);
    harness.sign_in(&Given::default(), now());
    let done = ask(&mut harness, &["GET /wiki/a", PAGE]);
    let Reply::Answer(answer, _) = &done.reply else { panic!("a page") };
    assert_eq!((done.why, answer.status), (Why::Closed, 503));
    assert!(answer.body.contains("Moved on &#60;Friday&#62;."), "{}", answer.body);
    assert_eq!((header(&done, "retry-after"), header(&done, "set-cookie")), (Some("300"), None));
    let done = ask(&mut harness, &["GET /wiki/a", "accept: application/json"]);
    let Reply::Answer(answer, _) = &done.reply else { panic!("JSON") };
    assert!(answer.body.contains("\"error\":\"CLOSED\"") && answer.body.contains("Moved on <Friday>."));
    assert_eq!(ask(&mut harness, &["GET /app", PAGE]).why, Why::LiveSession, "other rules are open");
    for path in ["/Wiki/a", "/x/..%2fwiki/a"] {
        assert_eq!(ask(&mut harness, &[&format!("GET {path}"), PAGE]).why, Why::AmbiguousPath, "{path}");
    }
    let done = ask(&mut harness, &["MOVE /app", "destination: /wiki/b"]);
    assert_eq!(done.why, Why::DestinationRefused, "nothing is written there");
}

#[test]
fn a_closed_site_still_signs_out() {
    let policy = "[[site]]\nid = \"app\"\npublic_url = \"https://app.example.org\"\norigin = \"http://127.0.0.1:9000\"\nclosed = \"Back at noon.\"\n\
                  [[rule]]\npath = \"/public/*\"\naccess = \"public\"\n[[rule]]\npath = \"/*\"\naccess = \"login\"";
    let mut harness = with_policy(policy);
    for (line, why) in [
        ("GET /public/x", Why::Closed),
        ("GET /app", Why::Closed),
        ("POST /app", Why::Closed),
        ("GET /.portcullis/health", Why::Health),
        ("GET /.portcullis/logout", Why::LogoutAsked),
    ] {
        assert_eq!(ask(&mut harness, &[line, PAGE]).why, why, "{line}");
    }
}

#[test]
fn h21_two_clients_behind_one_proxy_have_their_own_plans() {
    let mut harness = with_policy(
        "peer = { header = \"X-Real-IP\", from = [\"10.0.0.0/8\"] }\n[[rule]]\npath = \"/*\"\naccess = \"public\"",
    );
    harness.peer = "10.0.0.1";
    // The harness compares the cached plan with the decision at each step.
    for client in ["192.0.2.7", "192.0.2.8", "192.0.2.7", "192.0.2.8"] {
        let done = ask(&mut harness, &["GET /a", &format!("x-real-ip: {client}")]);
        assert_eq!(header(&done, "x-forwarded-for"), Some(client));
        let Reply::Forward(forward, _) = &done.reply else { panic!("an app's page") };
        assert!(forward.strip.iter().any(|name| name == "x-real-ip"), "the app sees our word alone");
    }
    let done = ask(&mut harness, &["GET /a", "x-real-ip: 192.0.2.7, 192.0.2.8"]);
    assert_eq!(header(&done, "x-forwarded-for"), None, "unknown, never the proxy's");
    harness.peer = "198.51.100.9";
    let done = ask(&mut harness, &["GET /a", "x-real-ip: 192.0.2.7"]);
    assert_eq!(header(&done, "x-forwarded-for"), Some("198.51.100.9"), "a stranger's header is ignored");
}

#[test]
fn h21_the_header_is_removed_whatever_its_name() {
    let policy = Policy::parse("peer = { header = \"Acme-Client\", from = [\"127.0.0.0/8\"] }").unwrap();
    assert!(policy.warnings().iter().any(|problem| problem.at == "peer.from"), "any local process could send it");
    let mut harness = with_policy(
        "peer = { header = \"Acme-Client\", from = [\"10.0.0.1\"] }\n[[rule]]\npath = \"/*\"\naccess = \"public\"",
    );
    let done = ask(&mut harness, &["GET /a", "acme-client: 192.0.2.7", "ACME_Client: 192.0.2.8", "acme-other: 1"]);
    let Reply::Forward(forward, _) = &done.reply else { panic!("an app's page") };
    assert_eq!(forward.strip, ["acme-client", "ACME_Client"]);
}

#[test]
fn k07_the_hash_covers_the_policy_and_every_address() {
    let hash = |change: fn(&mut gate::Settings<'_>)| Harness::with(change).gate.config_hash().to_owned();
    let before = hash(|_| {});
    let changes: [fn(&mut gate::Settings<'_>); 9] = [
        |settings| settings.cas_url = "https://other.example.org/cas",
        |settings| settings.cas_validate_url = "https://cas.internal.example.org/cas",
        |settings| settings.public_url = "https://other.example.org",
        |settings| settings.origin_url = "http://127.0.0.1:9001",
        |settings| settings.binding_addresses = "{\"APP\":\"http://127.0.0.1:9002\"}",
        |settings| settings.policy = "",
        |settings| settings.authenticator_url = "https://codes.example.org/",
        |settings| settings.jurisdiction = "eu",
        |settings| settings.cas_fetcher = "CAS",
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_ne!(hash(change), before, "{at}");
    }
    // The portal belongs to a policy with sites and a factor.
    let policy = gate::policy::canonical(
        "[factor]\nmode = \"required\"\ntenant_id = \"uni\"\ncas_id = \"main\"\nuser_key = \"cas:user\"\n\
         [[site]]\nid = \"app\"\npublic_url = \"https://app.example.org\"\norigin = \"https://origin.example.org\"\n\
         [[rule]]\npath = \"/*\"\naccess = \"login\"",
    );
    let policy: &'static str = policy.unwrap().leak();
    let portal = |url: &'static str| {
        let with = |settings: &mut gate::Settings<'_>| (settings.policy, settings.portal_url) = (policy, url);
        Harness::with(with).gate.config_hash().to_owned()
    };
    let hashes = [portal(""), portal("https://id.example.org"), portal("https://login.example.org")];
    assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "PORTAL_URL: {hashes:?}");
    assert_eq!(hash(|settings| settings.slo_secret = "0123456789abcdef0123456789abcdef"), before, "no secret is in it");
    let done = ask(&mut Harness::new(), &["GET /.portcullis/health"]);
    let Reply::Answer(answer, _) = &done.reply else { panic!("health") };
    assert!(answer.body.contains(&format!("\"config\":\"{before}\"")), "{}", answer.body);
}

#[test]
fn t02_health_says_that_the_cas_server_rests_and_is_no_failure_itself() {
    for (circuit_open, cas) in [(false, "\"cas\":\"asked\""), (true, "\"cas\":\"resting\"")] {
        let given = Given { circuit_open, ..Given::default() };
        let done = Harness::new().ask(&["GET /.portcullis/health".to_owned()], &given, now());
        let Reply::Answer(answer, _) = &done.reply else { panic!("health") };
        assert!(answer.status == 200 && answer.body.contains(cas), "{}", answer.body);
    }
}

#[test]
fn k07_a_policy_has_one_hash_as_toml_and_as_json() {
    let hash = |text: &str| Policy::parse(text).unwrap().hash;
    let toml = "# a comment\ndeny_users = [\"admin\"]\n[[rule]]\naccess = \"login\"\npath = \"/*\"\n";
    assert_eq!(hash(toml), hash("{\"rule\":[{\"path\":\"/*\",\"access\":\"login\"}],\"deny_users\":[\"admin\"]}"));
    assert_ne!(hash(toml), hash(&toml.replace("admin", "root")));
}

#[test]
fn t09_several_addresses_of_one_cas_server_are_read() {
    let urls = "https://a.example.org/cas https://b.example.org/cas";
    let _ = Harness::with(|settings| settings.cas_validate_url = urls);
    let policy = "[[site]]\npublic_url = \"https://app.example.org\"\norigin = \"zone\"\ncas_url = \"https://cas.example.org/cas\"\n\
                  cas_validate_url = [\"https://a.example.org/cas\", \"https://b.example.org/cas\"]";
    assert_eq!(
        Policy::parse(policy).unwrap().sites[0].cas,
        Some(("https://cas.example.org/cas".to_owned(), Some(urls.to_owned())))
    );
    let wrong = |urls: &'static str| {
        let settings = gate::Settings { cas_url: harness::CAS, cas_validate_url: urls, ..gate::Settings::default() };
        let problems = gate::Gate::new(&settings).err().unwrap();
        problems.into_iter().any(|problem| problem.at == "CAS_VALIDATE_URL")
    };
    assert!(
        !wrong(urls)
            && wrong("https://a.example.org/cas http://b.example.org/cas")
            && wrong("https://a.example.org/cas?x https://b.example.org")
    );
}

/// `npm start` hands the demo's policy to the Worker without the command check-policy.
#[test]
fn the_demos_policy_has_no_problem() {
    assert_eq!(gate::policy::lint(include_str!("../../../tests/parts/demo_policy.toml")), Vec::new());
}
