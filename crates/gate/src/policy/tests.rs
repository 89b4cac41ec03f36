use super::*;

fn problems(text: &str) -> Vec<String> {
    Policy::parse(text).err().unwrap_or_default().into_iter().map(|p| p.at).collect()
}

#[test]
fn nothing_at_all_is_the_strictest_policy() {
    let policy = Policy::parse("").unwrap();
    assert_eq!(policy.rules.len(), 1);
    assert_eq!((&policy.rules[0].requirement, policy.rules[0].identity), (&Requirement::LOGIN, true));
    assert_eq!((policy.revalidate_secs, policy.grace_secs), (60, 900));
}

#[test]
fn a08_what_is_not_understood_is_refused() {
    let rows = vectors::gate::policies();
    assert!(rows.len() > 60, "{}", rows.len());
    for row in &rows {
        let text = row.policy.as_str();
        assert_eq!(problems(text), [row.refuse.as_str()], "{text}");
        assert!(!lint(text).is_empty(), "check-policy tells it too: {text}");
    }
}

#[test]
fn the_worker_reads_json_alone_and_never_ignores_toml() {
    let toml = "# a comment\n[[rule]]\npath = \"/*\"\naccess = \"public\"\n";
    let json = canonical(toml).unwrap();
    assert_eq!(json, r#"{"rule":[{"access":"public","path":"/*"}]}"#);
    assert_eq!(Policy::from_json(&json), Policy::parse(toml));
    assert_eq!(canonical(&json).as_ref(), Ok(&json), "canonical JSON stays as it is");
    for empty in ["", " \n", "{}"] {
        assert_eq!(Policy::from_json(empty), Policy::parse(""), "{empty:?}");
    }
    for wrong in [toml, "# only a comment", "[]", "null", "\"{}\""] {
        let problems = Policy::from_json(wrong).unwrap_err();
        assert!(
            matches!(problems.as_slice(), [one] if one.at == "POLICY" && one.what.contains("worker/policy.toml")),
            "{wrong}: {problems:?}"
        );
    }
    assert!(canonical("[[rule]]\npath = \"/*\"\naccess = \"open\"").is_err(), "only a good policy is converted");
}

#[test]
fn the_first_rule_that_fits_decides() {
    let policy = Policy::parse(
        "[[rule]]\npath = [\"/public/*\", \"/robots.txt\"]\naccess = \"public\"\n\
         [[rule]]\npath = \"/api/*\"\nmethods = [\"POST\"]\naccess = \"fresh\"\n\
         [[rule]]\npath = \"/one\"\naccess = \"login\"\nrequire = { group = \"staff\" }\n\
         [[rule]]\npath = [\"/wiki/*\", \"/two\"]\naccess = \"login\"\norigin = \"http://127.0.0.1:8001\"\n\
         [[rule]]\npath = \"/*\"\naccess = \"login\"",
    )
    .unwrap();
    let met = |method: &str, path: &str| match rule_for(&policy.rules, "h", method, &Target::parse(path).unwrap()) {
        RuleMatch::Rule(at, _) => Some(at),
        RuleMatch::None => None,
        RuleMatch::Ambiguous => Some(99),
    };
    for (method, path, want) in [
        ("GET", "/public", 0),
        ("GET", "/public/", 0),
        ("GET", "/public/a", 0),
        ("GET", "/publicity", 4),
        ("GET", "/robots.txt", 0),
        ("GET", "/robots.txt/x", 4),
        ("POST", "/api/x", 1),
        ("GET", "/api/x", 4),
        ("HEAD", "/api/x", 4),
        ("PROPFIND", "/api/x", 4),
        ("GET", "/public/../private", 4),
        ("GET", "/%70ublic/x", 0),
        ("GET", "/private/..%2fpublic/x", 99),
        ("GET", "/public;x", 99),
        ("GET", "/public/a%2Fb", 0),
        ("GET", "//public/x", 99),
        ("GET", "//private", 4),
        ("GET", "/private;/public", 4),
        ("GET", "/public%2f..%2fprivate", 4),
        // What an app may take for a stricter page by another case, or with a slash more or less.
        ("POST", "/API/x", 99),
        ("POST", "/Api", 99),
        ("GET", "/API/x", 4),
        ("GET", "/one", 2),
        ("GET", "/one/", 99),
        ("GET", "/ONE", 99),
        ("GET", "/one/x", 4),
        ("GET", "/o", 4),
        // Another app's page is no such page.
        ("GET", "/wiki/x", 3),
        ("GET", "/Wiki/x", 4),
        ("GET", "/two/", 4),
        ("GET", "/ROBOTS.txt/", 4),
        ("GET", "/Public/x", 4),
        ("GET", "/x/..;/One", 99),
    ] {
        assert_eq!(met(method, path), Some(want), "{method} {path}");
    }
}

use crate::http::path::Target;

#[test]
fn another_reading_lets_the_rule_decide_only_where_it_is_no_stricter_and_of_the_same_app() {
    let policy = Policy::parse(
        "[[rule]]\npath = \"/public/*\"\naccess = \"public\"\n\
         [[rule]]\npath = \"/static/*\"\naccess = \"public\"\n\
         [[rule]]\npath = \"/wiki/*\"\naccess = \"login\"\norigin = \"http://127.0.0.1:8001\"\n\
         [[rule]]\npath = \"/tool/*\"\naccess = \"public\"\norigin = \"http://127.0.0.1:8001\"\n\
         [[rule]]\npath = \"/maybe/*\"\naccess = \"optional\"\n\
         [[rule]]\npath = \"/also/*\"\naccess = \"optional\"\n\
         [[rule]]\npath = \"/*\"\naccess = \"login\"",
    )
    .unwrap();
    for (other, normal, want) in [
        ("public", "static", Some(1)),
        ("public", "maybe", Some(4)),
        ("public", "x", Some(6)),
        ("maybe", "also", Some(5)),
        ("also", "maybe", Some(4)),
        ("maybe", "x", Some(6)),
        // The name of who is signed in goes to an optional page, and to no public one.
        ("maybe", "public", None),
        ("x", "public", None),
        ("x", "maybe", None),
        // Another app's page, whatever it asks for.
        ("wiki", "public", None),
        ("tool", "public", None),
        ("public", "tool", None),
    ] {
        let path = format!("/{other}/..%2f{normal}/y");
        let target = Target::parse(&path).unwrap();
        let met = match rule_for(&policy.rules, "h", "GET", &target) {
            RuleMatch::Rule(at, _) => Some(at),
            RuleMatch::Ambiguous => None,
            RuleMatch::None => panic!("{path}: the last rule is for all"),
        };
        assert_eq!(met, want, "{path}");
    }
}

#[test]
fn a_browser_asks_again_for_each_answer_of_a_strict_rule() {
    let table = "[factor]\nmode = \"off\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"cas:user\"\n";
    for (rule, want) in [
        ("access = \"login\"", BrowserCache::RevalidatePages),
        ("access = \"optional\"", BrowserCache::RevalidatePages),
        ("access = \"login\"\nrequire = { group = \"staff\" }", BrowserCache::Revalidate),
        ("access = \"fresh\"", BrowserCache::Revalidate),
        ("access = \"login\"\nfactor = \"required\"", BrowserCache::Revalidate),
        ("access = \"login\"\nfactor = \"offered\"", BrowserCache::RevalidatePages),
        ("access = \"fresh\"\nbrowser_cache = \"app\"", BrowserCache::App),
        ("access = \"login\"\nno_store = true", BrowserCache::NoStore),
    ] {
        let policy = Policy::parse(&format!("{table}[[rule]]\npath = \"/*\"\n{rule}")).unwrap();
        assert_eq!(policy.rules[0].browser_cache, want, "{rule}");
    }
}

#[test]
fn the_last_value_inside_a_bound_is_taken() {
    let table = "[factor]\nmode = \"off\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"employeeNumber\"\n";
    let (name, long) = ("a".repeat(64), "a".repeat(100));
    for text in [
        "[session]\nabsolute_secs = 2678400".to_owned(),
        format!("[[site]]\nid = \"{long}\"\npublic_url = \"https://a\"\norigin = \"zone\""),
        format!("[[rule]]\npath = \"/*\"\naccess = \"login\"\norigin = \"zone\"\napp = \"{long}\""),
        format!("[headers]\n{name} = \"uid\""),
        format!("strip_headers = [\"ab*\", \"{name}\"]"),
        format!("{table}issuer = \"{name}\"\nreuse_secs = 60\ngrace_days = 90\nremember_days = 90"),
        format!("{table}issuer = \"a\"\nreuse_secs = 86400\ngrace_days = 1\nremember_days = 1"),
        format!("{table}[attributes.memberOf]\nvalues = {{ a = \"b\" }}"),
    ] {
        assert_eq!(problems(&text), [""; 0], "{text}");
    }
    let factor = Policy::parse(&format!("{table}grace_days = 7\nremember_days = 30")).unwrap().factor.unwrap();
    assert_eq!((factor.grace_secs, factor.remember_secs), (Some(604_800), Some(2_592_000)), "in seconds");
}

#[test]
fn networks_hold_their_addresses() {
    let inside = |net: &str, one: &str| Network::parse(net).unwrap().contains(one.parse().unwrap());
    assert!(inside("192.0.2.0/24", "192.0.2.255"));
    assert!(!inside("192.0.2.0/24", "192.0.3.0"));
    assert!(inside("0.0.0.0/0", "1.2.3.4"));
    assert!(!inside("0.0.0.0/0", "::1"));
    assert!(inside("2001:db8::/32", "2001:db8::1"));
    assert!(inside("127.0.0.1", "127.0.0.1"));
    assert!(inside("192.0.2.0/24", "::ffff:192.0.2.1"), "as a socket for both kinds writes it");
    for bad in ["", "x", "1.2.3.4/33", "1.2.3.4/x", "::/129"] {
        assert!(Network::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_request_is_explained_as_the_gate_would_take_it() {
    let policy =
        Policy::parse("[[rule]]\npath = \"/*\"\nmethods = [\"POST\"]\naccess = \"login\"\n[[rule]]\npath = \"/*\"\naccess = \"public\"")
            .unwrap();
    let says = |method: &str| explain(&policy, method, "https://app.example.org/x");
    assert!(says("post").contains("Rule 1 decides"));
    assert!(says("GET").contains("Rule 2 decides"));
    assert!(says("TRACE").contains("BAD_METHOD"));
    let policy = Policy::parse(
        "[[site]]\npublic_url = \"https://wiki.example.org\"\norigin = \"zone\"\n\
         [[rule]]\npath = \"/*\"\nhosts = [\"wiki.example.org\"]\naccess = \"login\"",
    )
    .unwrap();
    assert!(explain(&policy, "GET", "https://Wiki.example.org:443/x").contains("LOGIN_STARTED"));
    assert!(explain(&policy, "GET", "https://other.example.org/x").contains("UNKNOWN_HOST"));
}

#[test]
fn a_request_is_explained_rule_by_rule() {
    let policy = Policy::parse(
        "[headers]\nRemote-Email = \"mail\"\n\
         [[site]]\npublic_url = \"https://app.example.org\"\norigin = \"zone\"\n\
         [[site]]\npublic_url = \"https://wiki.example.org\"\norigin = \"zone\"\n\
         [[rule]]\npath = \"/static/*\"\naccess = \"public\"\n\
         [[rule]]\npath = \"/*\"\nhosts = [\"wiki.example.org\"]\naccess = \"optional\"\n\
         [[rule]]\npath = \"/api/*\"\nmethods = [\"POST\"]\naccess = \"login\"\n\
         [[rule]]\npath = [\"/api/*\", \"/admin\"]\naccess = \"login\"\nrequire = { group = \"staff\" }",
    )
    .unwrap();
    let other = "no, the path is another.";
    let wiki = "no, it is for the host wiki.example.org.";
    let set = "Identity headers are set for who is signed in, and removed from the client's: Remote-User, Remote-Email, and those of other products.";
    for (method, url, lines) in [
        (
            "GET",
            "https://app.example.org/static/a",
            &[
                "Rule 1 (/static/*): fits.",
                "Rule 1 decides: /static/*.",
                "Everybody gets in; no name is passed on (PUBLIC).",
                "Identity headers are removed: Remote-User, Remote-Email, and those of other products.",
            ][..],
        ),
        (
            "GET",
            "https://wiki.example.org/x",
            &[
                &format!("Rule 1 (/static/*): {other}"),
                "Rule 2 (/*): fits.",
                "Rule 2 decides: /*.",
                "Everybody gets in; the name of who is signed in is passed on (LIVE_SESSION or ANONYMOUS).",
                set,
            ][..],
        ),
        (
            "POST",
            "https://app.example.org/api/x",
            &[
                &format!("Rule 1 (/static/*): {other}"),
                &format!("Rule 2 (/*): {wiki}"),
                "Rule 3 (/api/* (POST)): fits.",
                "Rule 3 decides: /api/* (POST).",
                "A sign-in is needed: a page is sent to sign in (LOGIN_STARTED), a program gets 401 (LOGIN_REQUIRED).",
                set,
            ][..],
        ),
        (
            "HEAD",
            "https://app.example.org/api/x",
            &[
                &format!("Rule 1 (/static/*): {other}"),
                &format!("Rule 2 (/*): {wiki}"),
                "Rule 3 (/api/* (POST)): no, it is for the method POST.",
                "Rule 4 (/api/*, /admin): fits.",
                "Rule 4 decides: /api/*, /admin.",
                "A sign-in is needed: a page is sent to sign in (LOGIN_STARTED), a program gets 401 (LOGIN_REQUIRED).",
                "Attribute group must be one of: staff (else 403 NOT_ALLOWED; 403 MISSING_ATTRIBUTE when it is absent).",
                set,
            ][..],
        ),
        (
            "GET",
            "https://app.example.org/b",
            &[
                &format!("Rule 1 (/static/*): {other}"),
                &format!("Rule 2 (/*): {wiki}"),
                "Rule 3 (/api/* (POST)): no, it is for the method POST.",
                &format!("Rule 4 (/api/*, /admin): {other}"),
                "403: no rule covers it (NO_RULE).",
            ][..],
        ),
    ] {
        assert_eq!(explain(&policy, method, url).lines().collect::<Vec<_>>(), lines, "{method} {url}");
    }
}

#[test]
fn protocol_and_format_are_read_as_written() {
    for (text, protocol, format) in [
        ("", Protocol::Cas3, Format::Xml),
        ("[cas]\nprotocol = \"cas1\"", Protocol::Cas1, Format::Xml),
        ("[cas]\nprotocol = \"cas2\"\nformat = \"xml\"", Protocol::Cas2, Format::Xml),
        ("[cas]\nprotocol = \"cas3\"\nformat = \"json\"", Protocol::Cas3, Format::Json),
    ] {
        let policy = Policy::parse(text).unwrap();
        assert_eq!((policy.protocol, policy.format), (protocol, format), "{text}");
        assert!(policy.notations.is_none(), "each notation is off unless named");
    }
}

#[test]
fn an_ending_matters_as_long_as_any_rule_lets_a_session_live_without_a_look() {
    for (rule, want) in [
        ("", 160),
        ("revalidate_secs = 10\nrevalidate_grace_secs = 5", 160),
        ("revalidate_secs = 200\nrevalidate_grace_secs = 100", 360),
    ] {
        let text = format!(
            "[session]\nrevalidate_secs = 60\nrevalidate_grace_secs = 40\n[[rule]]\npath = \"/*\"\naccess = \"login\"\n{rule}"
        );
        assert_eq!(Policy::parse(&text).unwrap().ended_secs(), want, "{rule}");
    }
}
