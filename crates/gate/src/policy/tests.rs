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
    for (text, at) in [
        ("rules = []", "policy"),
        ("rule = []", "rule"),
        ("[session]\nidle = 5", "policy"),
        ("[[rule]]\npath = \"/*\"\naccess = \"open\"", "policy"),
        ("[[rule]]\npath = \"/*\"\naccess = \"second-factor\"", "policy"),
        ("[[rule]]\npath = \"/*\"\naccess = \"public\"\nkeep_post = true", "rule[0].keep_post"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nmethods = [\"GET\"]\nkeep_post = true", "rule[0].keep_post"),
        ("[[rule]]\npath = \"/*\"\naccess = \"public\"\nspa = true", "rule[0].spa"),
        ("[[rule]]\npath = \"^/x\"\naccess = \"public\"", "rule[0].path"),
        ("[[rule]]\npath = \"/x.*\"\naccess = \"public\"", "rule[0].path"),
        ("[[rule]]\npath = \"/a/../b\"\naccess = \"public\"", "rule[0].path"),
        ("[[rule]]\npath = \"/.portcullis/*\"\naccess = \"public\"", "rule[0].path"),
        ("[[rule]]\npath = []\naccess = \"public\"", "rule[0].path"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\ncache = true", "rule[0].cache"),
        ("[[rule]]\npath = \"/*\"\naccess = \"public\"\nrequire = { a = \"b\" }", "rule[0].require"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nmax_age_secs = 5", "rule[0].max_age_secs"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nmethods = [\"get\"]", "rule[0].methods"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\norigin = \"ftp://x\"", "rule[0].origin"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\norigin = \"http://x:99999\"", "rule[0].origin"),
        // Rules that would never fit, or never let anybody in.
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nmethods = [\"HEAD\"]", "rule[0].methods"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nmethods = []", "rule[0].methods"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nhosts = []", "rule[0].hosts"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nhosts = [\"Wiki.example.org\"]", "rule[0].hosts"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nhosts = [\"https://wiki.example.org\"]", "rule[0].hosts"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nhosts = [\"wiki.example.org:443\"]", "rule[0].hosts"),
        (
            "[[rule]]\npath = \"/*\"\naccess = \"login\"\nhosts = [\"wiki.example.org\"]\n\
             [[site]]\npublic_url = \"https://app.example.org\"\norigin = \"zone\"",
            "rule[0].hosts",
        ),
        ("[[rule]]\npath = \"/*\"\naccess = \"fresh\"\nmax_age_secs = 0", "rule[0].max_age_secs"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nrevalidate_secs = 7200", "rule[0].revalidate_secs"),
        ("[headers]\nRemote-User = \"uid\"", "headers.Remote-User"),
        ("[headers]\nX-Forwarded-Host = \"uid\"", "headers.X-Forwarded-Host"),
        ("[headers]\n\"A b\" = \"uid\"", "headers.A b"),
        ("[[rule]]\npath = \"/*\"\naccess = \"public\"\nclose_on_revoke = true", "rule[0].close_on_revoke"),
        ("[session]\nmax_socket_age_secs = 0", "session.max_socket_age_secs"),
        ("[session]\nmax_socket_age_secs = 43201", "session.max_socket_age_secs"),
        ("[session]\nmax_socket_age = 3", "policy"),
        ("[session]\nidle_secs = 60", "session.idle_secs"),
        ("[session]\nabsolute_secs = 60", "session.absolute_secs"),
        ("[login_params]\nservice = \"x\"", "login_params"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nlogin_params = { Service = \"x\" }", "rule[0].login_params"),
        ("[[rule]]\npath = \"/*\"\naccess = \"public\"\nlogin_params = { locale = \"de\" }", "rule[0].login_params"),
        ("[slo]\nsources = [\"example.org\"]", "slo.sources"),
        ("[[site]]\npublic_url = \"https://a/b\"\norigin = \"zone\"", "site[0].public_url"),
        ("[[site]]\nid = \"a\\nb\"\npublic_url = \"https://a\"\norigin = \"zone\"", "site[0].id"),
        ("[pages]\nname = \"a\u{202e}b\"", "pages.name"),
        ("[pages]\nlogo = \"https://a/b.svg\"", "pages.logo"),
        ("[pages]\ncolour = \"red\"", "policy"),
        ("deny_users = [\"\"]", "deny_users"),
        ("[attributes.memberOf]\nvalues = {}", "attributes.memberOf.values"),
        ("[attributes.memberOf]\nvalues = { a = \"\" }", "attributes.memberOf.values"),
        ("[attributes.memberOf]\nvalues = { a = \"b\" }\nunmapped = \"pass\"", "policy"),
        ("peer = { header = \"X-Real-IP\", from = [] }", "peer.from"),
        ("peer = { header = \"X-Real-IP\", from = [\"proxy.example.org\"] }", "peer.from"),
        ("peer = { header = \"X-Real-IP\", from = [\"0.0.0.0/0\"] }", "peer.from"),
        ("peer = { header = \"Cookie\", from = [\"10.0.0.1\"] }", "peer.header"),
        ("peer = { header = \"X-Real-IP\" }", "policy"),
        ("[[rule]]\npath = \"/*\"\naccess = \"login\"\nclosed = \" \"", "rule[0].closed"),
        ("[[site]]\npublic_url = \"https://a\"\norigin = \"zone\"\nclosed = \"a\\u0000\"", "site[0].closed"),
        ("[cas.attributes]\nelements = [\"blocks\"]", "policy"),
        ("[cas.attributes]\nlists = [\"\"]", "cas.attributes"),
        ("[cas.attributes]\nlists = [\"a\"]\nencoded = [\"a\"]", "cas.attributes.lists"),
        ("{\"rule\":[]}", "rule"),
        ("{\"nonsense\":1}", "policy"),
        ("{\"session\":{},\"session\":{}}", "line 1"),
        ("{\"headers\":{\"A\":\"x\",\"A\":\"y\"}}", "line 1"),
        ("[session]\nidle_secs = 1.5", "line 2"),
        ("a = \n", "line 1"),
    ] {
        assert_eq!(problems(text), [at], "{text}");
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
