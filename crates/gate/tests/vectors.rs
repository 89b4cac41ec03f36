//! The rows of `tests/vectors/gate`, one test a row: `cargo test -p gate s06`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test with its own harness")]

mod harness;

use base::UnixMs;
use gate::{Forward, Reply, Why, forward::request::Keep};
use harness::{CAS, Done, Harness, NOW, PUBLIC, SESSION, ago, callback, location};
use libtest_mimic::{Arguments, Failed, Trial};
use vectors::gate::{Decision, Expected, Given, REDIRECTS, decisions};

fn main() {
    let mut trials: Vec<Trial> =
        decisions().into_iter().map(|row| Trial::test(row.test_name(), move || check(&row))).collect();
    assert!(trials.len() > 100, "the table is complete");
    for line in REDIRECTS.lines().filter(|line| !line.starts_with('#')) {
        trials.push(Trial::test(format!("o01_{line}"), move || redirect(line)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn check(row: &Decision) -> Result<(), Failed> {
    let mut harness = Harness::new();
    let now = UnixMs::from_secs(NOW);
    let given = row.given.clone().unwrap_or_default();
    let before = ago(now, given.ago_secs);
    if given.session.is_some() {
        harness.sign_in(&given, before);
    }
    let mut path = String::new();
    if let Some(page) = &given.flight {
        let session: Vec<_> = harness.cookies.drain(..).collect();
        path = harness.begin_login(page, before);
        for n in 0..given.tries {
            let refused = Given { verdict: Some("refused".into()), ..Given::default() };
            let lines = [format!("GET {path}?ticket=ST-0-try{n}"), "accept: text/html".into()];
            let done = harness.ask(&lines, &refused, before);
            harness.take(&done);
            path = callback(&done);
        }
        harness.cookies.extend(session);
    }
    for _ in 0..given.before {
        harness.ask(&["GET /app".into(), "accept: text/html".into()], &given, now);
    }
    let asked = format!("{SESSION}-asked");
    let fill = |line: &String| {
        line.replace("{callback}", &path)
            .replace("{public}", PUBLIC)
            .replace("{session}", SESSION)
            .replace("{asked}", &asked)
    };
    let lines: Vec<_> = row.request.iter().map(fill).collect();
    let done = harness.ask(&lines, &given, now);
    compare(&done, &row.expect)
}

fn compare(done: &Done, expect: &Expected) -> Result<(), Failed> {
    same("why", done.why.code(), expect.why.as_str())?;
    same("asks", &done.asks, &expect.asks.iter().map(String::as_str).collect())?;
    match &done.reply {
        Reply::Forward(forward, _) => {
            same("reply", "forward", expect.reply.as_str())?;
            forwarded(forward, expect)
        }
        Reply::Answer(answer, _) => {
            same("reply", "answer", expect.reply.as_str())?;
            same("status", &Some(answer.status), &expect.status)?;
            let location = location(done);
            let service = "https%3A%2F%2Fapp.example.org%2F.portcullis%2Fcas%2F";
            let fill =
                |text: &str| text.replace("{cas}", CAS).replace("{public}", PUBLIC).replace("{service}", service);
            if let Some(begin) = expect.location.as_deref().map(fill)
                && !location.starts_with(&begin)
            {
                return Err(format!("location {location} does not begin with {begin}").into());
            }
            if expect.location.as_deref().is_some_and(|text| text.starts_with("{public}")) {
                same("location", location, fill(expect.location.as_deref().unwrap_or_default()).as_str())?;
            }
            if !location.contains(expect.contains.as_deref().unwrap_or_default()) {
                return Err(format!("location {location}").into());
            }
            if !answer.body.contains(expect.body.as_deref().unwrap_or_default()) {
                return Err(format!("body {}", answer.body).into());
            }
            let ticket = ["ST-1-abc", "ST-0-first"].iter().any(|ticket| answer.body.contains(ticket));
            if ticket && done.why != Why::PostedAgain {
                return Err("d01: the answer shows a ticket".into());
            }
            Ok(())
        }
    }
}

fn forwarded(forward: &Forward, expect: &Expected) -> Result<(), Failed> {
    let set = |name: &str| forward.set.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if let Some(url) = &expect.url {
        same("url", forward.url.as_str(), format!("http://127.0.0.1:9000{url}").as_str())?;
    }
    for (name, value) in &expect.headers {
        same(name, &set(name), &Some(value.as_str()))?;
    }
    for name in &expect.absent {
        same(name, &set(name), &None)?;
    }
    for name in &expect.stripped {
        same(name, &forward.strip.contains(name), &true)?;
    }
    same("x-forwarded-host", &set("x-forwarded-host"), &Some("app.example.org"))?;
    same("x-forwarded-for", &set("x-forwarded-for"), &Some("192.0.2.1"))?;
    let named = set("remote-user").is_some();
    same("an assertion is sent if and only if there is a user", &set("x-portcullis-assertion").is_some(), &named)?;
    same("a page for a user is private", &(matches!(forward.keep, Keep::Personal(_)) || !named), &true)
}

/// Whatever page is requested, a login ends on this site or does not begin.
fn redirect(page: &str) -> Result<(), Failed> {
    let mut harness = Harness::new();
    let now = UnixMs::from_secs(NOW);
    let done = harness.ask(&[format!("GET {page}"), "accept: text/html".into()], &Given::default(), now);
    if !matches!(done.why, Why::LoginStarted) {
        let refused = matches!(&done.reply, Reply::Answer(answer, _) if (400..500).contains(&answer.status));
        return if refused { Ok(()) } else { Err(format!("{:?}", done.why).into()) };
    }
    harness.take(&done);
    let live = Given { verdict: Some("live".into()), ..Given::default() };
    let landed =
        harness.ask(&[format!("GET {}?ticket=ST-1-abc", callback(&done)), "accept: text/html".into()], &live, now);
    let to = location(&landed);
    let inside = to.strip_prefix(PUBLIC).is_some_and(|rest| rest.starts_with('/'));
    if landed.why == Why::SignedIn && inside { Ok(()) } else { Err(format!("{:?} {to}", landed.why).into()) }
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, got: &T, wanted: &T) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("{what}: got {got:?}, wanted {wanted:?}").into()) }
}
