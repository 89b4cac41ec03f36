//! Answers of real servers, in the folder `cas-answers` of `PORTCULLIS_FIXTURES`. Ignored when it is absent. Each file
//! has requests and answers as text, one exchange after another.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test with its own harness")]

use cas::{AnswerError, Chains, Expect, LogoutRequest, Protocol, SessionIndex, answer};
use libtest_mimic::{Arguments, Trial};
use vectors::fixtures;

fn main() {
    let absent = fixtures::folder("cas-answers").is_err();
    let tests: [(&str, fn()); 5] = [
        ("x04_apereo_success_in_xml_and_json", x04_apereo_success_in_xml_and_json),
        ("p05_apereo_refusals_keep_only_their_code", p05_apereo_refusals_keep_only_their_code),
        ("apereo_cas_1", apereo_cas_1),
        ("x15_apereo_proxy_answers", x15_apereo_proxy_answers),
        ("apereo_single_logout", apereo_single_logout),
    ];
    let trial = |(name, test): (&str, fn())| {
        let run = move || {
            test();
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(absent)
    };
    libtest_mimic::run(&Arguments::from_args(), tests.map(trial).into()).exit();
}

fn recording(name: &str) -> String {
    fixtures::text("cas-answers", name).unwrap()
}

/// Status and body of each exchange.
fn answers(recording: &str) -> Vec<(u16, String)> {
    let exchange = |text: &str| {
        let (head, body) = text.trim_start().split_once("\n\n")?;
        let status = head.lines().find_map(|line| line.strip_prefix("< HTTP "))?;
        Some((status.trim().parse().ok()?, body.trim_end_matches('\n').to_owned()))
    };
    recording.split("\n----").filter_map(exchange).collect()
}

fn read(name: &str, expect: &Expect) -> Vec<Result<cas::Assertion, AnswerError>> {
    let answers = answers(&recording(name));
    assert!(!answers.is_empty(), "{name} has no exchange");
    answers.iter().map(|(status, body)| answer::read(*status, body.as_bytes(), expect)).collect()
}

fn x04_apereo_success_in_xml_and_json() {
    for name in
        ["05-serviceValidate.txt", "07-p3-serviceValidate.txt", "08-p3-json.txt", "11-wrong-service-then-right.txt"]
    {
        let read = read(name, &Expect::new(Protocol::Cas3));
        let good: Vec<_> = read.into_iter().flatten().collect();
        assert!(!good.is_empty(), "{name}");
        for person in good {
            assert_eq!(person.user, "casuser", "{name}");
            assert_eq!(person.attributes.all("memberOf"), ["staff", "faculty & <admin>"], "{name}");
            assert_eq!(person.attributes.one("displayName"), Some("Zoë Ünïcode"), "{name}");
            assert_eq!(person.attributes.one("empty"), Some(""), "{name}");
            assert_eq!(person.attributes.one("user"), Some("evil"), "{name}");
            assert_eq!(person.attributes.one("isFromNewLogin"), Some("false"), "{name}");
        }
    }
}

fn p05_apereo_refusals_keep_only_their_code() {
    for (name, wanted) in [
        ("06-serviceValidate-replay.txt", AnswerError::InvalidTicket),
        ("09-p3-json-fail.txt", AnswerError::InvalidTicket),
        ("11-wrong-service.txt", AnswerError::InvalidService),
        ("12-no-service.txt", AnswerError::InvalidRequest),
        ("12-no-ticket.txt", AnswerError::InvalidRequest),
        ("43-pt-on-serviceValidate.txt", AnswerError::InvalidTicket),
        ("13-unregistered-service.txt", AnswerError::InvalidService),
    ] {
        let read = read(name, &Expect::new(Protocol::Cas3));
        for result in read {
            let error = result.expect_err(name);
            assert_eq!(error, wanted, "{name}");
            assert!(!format!("{error} {error:?}").contains("ST-"), "{name}");
        }
    }
}

fn apereo_cas_1() {
    let expect = Expect::new(Protocol::Cas1);
    let read_yes = read("03-validate-yes.txt", &expect);
    let users: Vec<_> = read_yes.into_iter().flatten().map(|person| person.user).collect();
    assert_eq!(users, ["casuser"]);
    for name in
        ["04-validate-bogus.txt", "04-validate-replay.txt", "13-validate-unregistered.txt", "46-pt-on-validate.txt"]
    {
        let read = read(name, &expect);
        assert!(read.iter().all(|result| *result == Err(AnswerError::InvalidTicket)), "{name}: {read:?}");
    }
}

fn x15_apereo_proxy_answers() {
    let mut expect = Expect::new(Protocol::Cas3);
    for name in ["44-pt-proxyValidate.txt", "45-pt-proxyValidate-json.txt"] {
        let read = read(name, &expect);
        assert!(read.contains(&Err(AnswerError::ProxyNotAllowed)), "{name}");
        assert!(read.iter().all(Result::is_err), "{name}");
    }
    expect.proxied = true;
    expect.chains = Chains::only(vec![vec!["http://127.0.0.1:9914/cb?x=1".to_owned()]]);
    for name in ["44-pt-proxyValidate.txt", "45-pt-proxyValidate-json.txt"] {
        let read = read(name, &expect);
        assert!(read.iter().flatten().any(|person| person.proxies == ["http://127.0.0.1:9914/cb?x=1"]), "{name}");
    }
}

fn apereo_single_logout() {
    let text = recording("31-slo-post-raw.txt");
    let bodies: Vec<_> = text.lines().filter(|line| line.starts_with("logoutRequest=")).collect();
    assert!(!bodies.is_empty());
    for body in bodies {
        let request = LogoutRequest::read(body.as_bytes()).unwrap();
        assert!(matches!(request.session, SessionIndex::Ticket(ticket) if ticket.as_str().starts_with("ST-9")));
    }
}
