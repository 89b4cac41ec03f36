//! The rows of `tests/vectors/cas`, one test a row: `cargo test -p cas x04`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test with its own harness")]

use std::fmt::Debug;

use cas::{
    Chains, Expect, Format, Login, LoginParams, LogoutRequest, Notations, Prompt, Protocol, Server, ServerError,
    ServiceUrl, SessionIndex, Ticket, answer, query,
};
use libtest_mimic::{Arguments, Failed, Trial};
use vectors::cas::{Answer, Body, Found, Person, Query, Row, Text, Urls, UrlsInput, padded};

fn main() {
    let mut trials = Vec::new();
    add(&mut trials, "answer", vectors::cas::answers(), answer_row);
    add(&mut trials, "ticket", vectors::cas::tickets(), ticket_row);
    add(&mut trials, "service", vectors::cas::services(), service_row);
    add(&mut trials, "query", vectors::cas::queries(), query_row);
    add(&mut trials, "urls", vectors::cas::urls(), urls_row);
    add(&mut trials, "logout", vectors::cas::logouts(), logout_row);
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn add<G: Send + 'static, E: Send + 'static>(
    trials: &mut Vec<Trial>,
    subject: &'static str,
    rows: Vec<Row<G, E>>,
    run: fn(&G, Result<&E, &str>) -> Result<(), Failed>,
) {
    assert!(!rows.is_empty(), "{subject}: no rows");
    for row in rows {
        trials.push(
            Trial::test(row.test_name(), move || match (&row.expect, &row.refuse, &row.why) {
                (Some(expect), None, None) => run(&row.given, Ok(expect)),
                (None, Some(code), Some(_)) => run(&row.given, Err(code)),
                _ => Err("a row has `expect`, or `refuse` and `why`".into()),
            })
            .with_kind(subject),
        );
    }
}

fn same<T: PartialEq + Debug>(what: &str, got: &T, wanted: &T) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("{what}\n   got {got:?}\nwanted {wanted:?}").into()) }
}

fn protocol(number: Option<u8>) -> Protocol {
    match number {
        Some(1) => Protocol::Cas1,
        Some(2) => Protocol::Cas2,
        None => Protocol::Cas3,
        other => panic!("no protocol {other:?}"),
    }
}

fn answer_row(given: &Answer, wanted: Result<&Person, &str>) -> Result<(), Failed> {
    let mut expect = Expect::new(protocol(given.protocol));
    expect.renew = given.renew;
    expect.notations = Notations::elements();
    expect.proxied = given.proxied;
    expect.chains = Chains::only(given.chains.clone());
    expect.allow_no_namespace = given.allow_no_namespace;
    let got = answer::read(given.status.unwrap_or(200), &given.body.bytes(), &expect);
    match (got, wanted) {
        (Ok(got), Ok(wanted)) => {
            same("user", &got.user, &wanted.user)?;
            let attributes: Vec<_> = got.attributes.iter().map(|(n, v)| (n.to_owned(), v.to_vec())).collect();
            same("attributes", &attributes, &wanted.attributes)?;
            same("proxies", &got.proxies, &wanted.proxies)?;
            same("pgtIou", &got.pgt_iou.map(String::from), &wanted.pgt_iou)
        }
        (got, wanted) => same("code", &got.map(|a| a.user).map_err(|e| e.code()), &wanted.map(|w| w.user.clone())),
    }
}

fn ticket_row(given: &Text, wanted: Result<&String, &str>) -> Result<(), Failed> {
    let text = given.text();
    let got = Ticket::parse(&text);
    if let Some(ticket) = &got {
        same("text", &ticket.as_str(), &text.as_str())?;
    }
    let kind = got.map(|ticket| match ticket {
        Ticket::Service(_) => "service",
        Ticket::Proxy(_) => "proxy",
    });
    same("kind", &kind, &wanted.ok().map(String::as_str))
}

fn service_row(given: &Text, wanted: Result<&String, &str>) -> Result<(), Failed> {
    let got = ServiceUrl::parse(&given.text());
    if let Ok(service) = &got {
        same("bytes", &service.as_str(), &given.text().as_str())?;
    }
    let encoded = got.map(|service| service.encoded()).map_err(|error| error.code());
    let extra = given.pad.unwrap_or_default().saturating_sub("https://a.example/".len());
    same("encoded", &encoded, &wanted.map(|wanted| padded(wanted, wanted.len() + extra)))
}

fn query_row(given: &Query, wanted: Result<&Found, &str>) -> Result<(), Failed> {
    let wanted = wanted.map_err(|_| "no query is refused")?;
    let text = |ticket: Option<Ticket>| ticket.map(String::from);
    same("only", &text(query::only_ticket(&given.query)), &wanted.only)?;
    same("last", &text(query::last_ticket(&given.query)), &wanted.last)?;
    let rest = match query::last_ticket(&given.query) {
        Some(ticket) => query::without_ticket(&given.query, &ticket),
        None => query::without_ticket(&given.query, &Ticket::parse("ST-absent").unwrap()),
    };
    // An empty rest is `null` in the row.
    same("rest", &rest.filter(|rest| !rest.is_empty()), &wanted.rest)
}

fn urls_row(given: &UrlsInput, wanted: Result<&Urls, &str>) -> Result<(), Failed> {
    let got = build_urls(given);
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(code) => return same("code", &got.map(|urls| urls.0).map_err(|error| error.code()), &Err(code)),
    };
    let (login, validate, logout) = got.map_err(|error| error.code())?;
    if wanted.login.is_none() && wanted.validate.is_none() && wanted.logout.is_none() {
        return Err("the row expects nothing".into());
    }
    for (what, got, wanted) in [
        ("login", Some(login), &wanted.login),
        ("validate", validate, &wanted.validate),
        ("logout", Some(logout), &wanted.logout),
    ] {
        if wanted.is_some() {
            same(what, &got, wanted)?;
        }
    }
    Ok(())
}

fn build_urls(given: &UrlsInput) -> Result<(String, Option<String>, String), ServerError> {
    let mut server = Server::new(&given.base, protocol(given.protocol))?;
    if let Some(base) = &given.validate_base {
        server = server.validated_at(base)?;
    }
    if given.format.as_deref() == Some("json") {
        server = server.answering_in(Format::Json);
    }
    let service = ServiceUrl::parse(&given.service).unwrap();
    let params = LoginParams::new(given.params.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let prompt = match given.prompt.as_deref() {
        Some("renew") => Prompt::Renew,
        Some("gateway") => Prompt::Gateway,
        _ => Prompt::Usual,
    };
    let login = server.login_url(&service, Login { prompt, params: Some(&params) });
    let ticket = given.ticket.as_deref().map(|ticket| Ticket::parse(ticket).unwrap());
    let call = ticket.map(|ticket| server.validate(&ticket, &service, given.renew));
    if let Some(call) = &call {
        assert!(call.headers.iter().any(|(name, value)| *name == "user-agent" && !value.is_empty()), "T7");
        assert!(!format!("{call:?}").contains("ST-"), "D1");
    }
    Ok((login, call.map(|call| call.url), server.logout_url(Some(&service))))
}

fn logout_row(given: &Body, wanted: Result<&String, &str>) -> Result<(), Failed> {
    let got = LogoutRequest::read(&given.bytes()).map_err(|error| error.code());
    let session = got.map(|request| match request.session {
        SessionIndex::Ticket(ticket) => String::from(ticket),
        SessionIndex::ProxyGranting(ticket) => ticket.into(),
    });
    same("session", &session, &wanted.cloned())
}
