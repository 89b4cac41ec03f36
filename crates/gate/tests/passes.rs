//! What is kept for a person's next request lets through what the whole decision does, and nothing else. `World::ask` holds
//! the two against each other at every request; these are the walks that try to part them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod world;

use base::UnixMs;
use gate::{Facts, Reply, Why};
use proptest::prelude::*;
use vectors::gate::Given;
use world::{NOW, World};

fn at(secs: u64) -> UnixMs {
    UnixMs::from_secs(NOW + secs)
}

fn live() -> Given {
    Given { verdict: Some("live".into()), ..Given::default() }
}

fn ask(world: &mut World, line: &str, secs: u64) -> world::Done {
    let done = world.ask(&[line.to_owned(), "accept: text/html".into()], &live(), at(secs));
    world.take(&done);
    done
}

/// Whether the core says that what was kept for this person holds for a page of the app.
fn kept(world: &World, secs: u64) -> bool {
    let cookies: Vec<_> = world.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let bearer = format!("192.0.2.1\n{}", cookies.join("; "));
    world.gate.again("GET https://app.example.org/app/page", &bearer, at(secs)).is_some()
}

fn signed_in() -> World {
    let mut world = World::new();
    world.sign_in(&Given::default(), at(0));
    assert!(!kept(&world, 0), "nothing was asked yet");
    assert_eq!(ask(&mut world, "GET /app", 0).asks, ["sign"]);
    assert!(ask(&mut world, "GET /app", 0).asks.is_empty());
    assert!(kept(&world, 0));
    world
}

#[test]
fn h06_a_pass_is_its_bearers_alone() {
    let world = signed_in();
    let cookies = world.cookies.first().map(|(name, value)| format!("{name}={value}")).unwrap();
    let again = |line: &str, bearer: &str| world.gate.again(line, bearer, at(0)).is_some();
    let page = "GET https://app.example.org/app/x?y=1";
    assert!(again(page, &format!("192.0.2.1\n{cookies}")));
    for bearer in [
        String::new(),
        "192.0.2.1\n".into(),
        cookies.clone(),
        format!("192.0.2.2\n{cookies}"),
        format!("192.0.2.1\n{cookies}; a=1"),
        format!("192.0.2.1\n{}", &cookies[1..]),
    ] {
        assert!(!again(page, &bearer), "{bearer:?}");
    }
    for other in [
        "GET https://app.example.org/elsewhere",
        "GET https://app.example.org/fresh/x",
        "GET https://app.example.org/secret/x",
        "GET https://app.example.org/app/../secret/x",
        "GET https://app.example.org/app/%2e%2e/secret/x",
        "GET https://app.example.org/.portcullis/whoami",
        "GET https://app.example.org/app?ticket=ST-1-abc",
        "GET https://other.example.org/app",
        "GET /app",
        "",
    ] {
        assert!(!again(other, &format!("192.0.2.1\n{cookies}")), "{other}");
    }
}

#[test]
fn t04_a_pass_ends_when_the_session_must_be_looked_up() {
    let world = signed_in();
    let revalidate = (0..100_000).find(|secs| !kept(&world, *secs)).unwrap();
    assert_eq!(revalidate, 60);
    assert!((revalidate..200_000).step_by(59).all(|secs| !kept(&world, secs)), "it does not come back");
    assert!(world.gate.again("GET https://app.example.org/app", "", UnixMs::from_millis(0)).is_none());
}

#[test]
fn l01_a_pass_ends_with_the_session() {
    let mut world = signed_in();
    let cookies = world.cookies.clone();
    let done = world.ask(
        &[
            "POST /.portcullis/logout".into(),
            "origin: https://app.example.org".into(),
            "sec-fetch-site: same-origin".into(),
        ],
        &live(),
        at(1),
    );
    assert_eq!(done.why, Why::LoggedOut);
    world.cookies = cookies;
    assert!(!kept(&world, 1));
}

fn glance(world: &World, line: &str, cookie: &str) -> Option<usize> {
    let head = format!("{line}\naccept: */*\ncookie: {cookie}");
    let facts = Facts { head: &head, peer: "192.0.2.1".parse().ok(), resting: &[] };
    world.gate.glance(facts, at(0)).and_then(|(forward, _)| forward.pass)
}

#[test]
fn s01_a_pass_of_one_site_is_none_of_another() {
    let world = World::with(|settings| {
        settings.policy = "[[rule]]\npath = \"/*\"\naccess = \"public\"\n\
            [[site]]\npublic_url = \"https://a.example\"\norigin = \"http://127.0.0.1:1\"\n\
            [[site]]\npublic_url = \"https://b.example\"\norigin = \"http://127.0.0.1:2\"";
    });
    let lines = ["GET https://a.example/x", "GET https://b.example/x"];
    // The same stranger with the same cookies: what is kept for one site is found by a number that is not the other's.
    let [one, other] = lines.map(|line| glance(&world, line, "x=1").unwrap());
    assert_ne!(one, other);
    let again = |line| world.gate.again(line, "192.0.2.1\nx=1", at(0));
    assert_eq!(lines.map(again), [Some(one), Some(other)]);
}

#[test]
fn a06_a_pass_is_for_no_trace() {
    let world = World::new();
    glance(&world, "GET https://app.example.org/public/x", "x=1").unwrap();
    let again =
        |method| world.gate.again(&format!("{method} https://app.example.org/public/x"), "192.0.2.1\nx=1", at(0));
    assert!(again("GET").is_some() && again("TRACE").is_none());
}

#[test]
fn g03_a_stranger_with_huge_cookies_fills_no_memory() {
    let world = World::new();
    let line = "GET https://app.example.org/public/x";
    assert!(glance(&world, line, &"x".repeat(6_000)).is_some());
    assert!(glance(&world, line, &"x".repeat(10_000)).is_none());
}

const PLACES: [&str; 14] = [
    "/",
    "/app",
    "/app/a?b=c",
    "/app/../secret/x",
    "/private/p",
    "/public/x",
    "/robots.txt",
    "/maybe/x",
    "/staff/x",
    "/secret/x",
    "/fresh/x",
    "/strict/x",
    "/elsewhere",
    "/app?ticket=ST-1-abc",
];

proptest! {
    #[test]
    fn every_walk_agrees_with_the_whole_decision(steps in prop::collection::vec((0..PLACES.len(), prop::sample::select(vec!["GET", "POST", "HEAD", "DELETE"]), prop::sample::select(vec![0_u64, 0, 0, 1, 30, 60, 400, 2_000, 40_000])), 1..30)) {
        let mut world = World::new();
        world.sign_in(&Given::default(), at(0));
        let mut secs = 0;
        for (place, method, later) in steps {
            secs += later;
            let done = ask(&mut world, &format!("{method} {}", PLACES[place]), secs);
            // A page that would begin a sign-in is left there; what came with it is no session.
            if let Reply::Answer(answer, _) = &done.reply && answer.status == 302 {
                world.cookies.retain(|(name, _)| name == world::SESSION);
            }
        }
    }
}
