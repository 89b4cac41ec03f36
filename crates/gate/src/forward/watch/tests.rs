use super::*;
use crate::{keys::seal::IdKey, state::ticket::Gone};

fn object() -> ObjectName {
    IdKey::parse(&"A".repeat(43)).unwrap().login("app", "flight")
}

fn session(looked_up: u64) -> Session {
    let now = UnixMs::from_secs(looked_up);
    Session::new(object(), "sid".into(), "ann".into(), Vec::new(), false, now)
}

fn watch(rule: &str, session_keys: &str, looked_up: u64) -> Option<Watch> {
    let policy =
        Policy::parse(&format!("[session]\n{session_keys}\n[[rule]]\npath = \"/*\"\naccess = \"login\"\n{rule}"))
            .unwrap();
    Watch::of(&policy, policy.rules.first()?, Some(&session(looked_up)), (None, false))
}

fn at(secs: u64) -> UnixMs {
    UnixMs::from_secs(secs)
}

fn look() -> WatchStep {
    WatchStep::Look(object(), TicketCall::Peek)
}

#[test]
fn nothing_is_watched_unless_the_policy_says_so() {
    assert_eq!(watch("", "", 100), None);
    assert!(watch("close_on_revoke = true", "", 100).is_some());
    assert!(watch("", "max_socket_age_secs = 60", 100).is_some());
}

#[test]
fn l10_a_session_is_looked_up_without_use_and_its_end_closes_what_is_open() {
    let mut watch = watch("close_on_revoke = true", "revalidate_secs = 60", 100).unwrap();
    let (opened, mut instance) = (at(130), Instance::default());
    assert_eq!(
        watch.step(opened, opened),
        WatchStep::Wait(30_000),
        "a minute after the last look, not after the opening"
    );
    assert_eq!(watch.step(opened, at(160)), look());
    watch.looked_up(&TicketVerdict::Live(session(160)), &mut instance, Some(1_000), at(160));
    assert_eq!(watch.step(opened, at(160)), WatchStep::Wait(60_000));
    assert_eq!(watch.step(opened, at(220)), look());
    watch.looked_up(&TicketVerdict::Gone(Gone::Ended), &mut instance, Some(1_000), at(220));
    assert_eq!(watch.step(opened, at(220)), WatchStep::Close(1008, "the session has ended"));
    assert!(instance.ended.contains(&object()), "every request of this instance knows it at once");
}

#[test]
fn another_session_of_the_same_object_is_not_the_one_that_opened_it() {
    let mut watch = watch("close_on_revoke = true", "", 100).unwrap();
    let mut other = session(160);
    other.sid = "other".into();
    watch.looked_up(&TicketVerdict::Live(other), &mut Instance::default(), None, at(160));
    assert!(matches!(watch.step(at(100), at(160)), WatchStep::Close(1008, _)));
}

#[test]
fn what_cannot_be_looked_up_is_closed_after_the_grace() {
    let mut watch = watch("close_on_revoke = true", "revalidate_secs = 60\nrevalidate_grace_secs = 90", 100).unwrap();
    let (opened, mut instance) = (at(100), Instance::default());
    let mut fails = |watch: &mut Watch, secs| {
        watch.looked_up(&TicketVerdict::Unavailable, &mut instance, Some(1_000), at(secs));
    };
    assert_eq!(watch.step(opened, at(160)), look());
    fails(&mut watch, 160);
    assert_eq!(watch.step(opened, at(160)), WatchStep::Wait(60_000));
    assert_eq!(watch.step(opened, at(220)), look());
    fails(&mut watch, 220);
    assert_eq!(watch.step(opened, at(220)), WatchStep::Wait(30_000), "until the grace is over");
    assert_eq!(watch.step(opened, at(250)), WatchStep::Close(1013, "the session cannot be looked up"));
    watch.looked_up(&TicketVerdict::Live(session(250)), &mut Instance::default(), None, at(250));
    assert_eq!(watch.step(opened, at(250)), WatchStep::Wait(60_000), "the store is back");

    let mut late =
        super::tests::watch("close_on_revoke = true\nrevalidate_grace_secs = 90", "revalidate_secs = 60", 100).unwrap();
    late.looked_up(&TicketVerdict::Live(session(100)), &mut Instance::default(), None, at(100));
    assert_eq!(late.step(opened, at(900)), look(), "a look that was answered leaves nothing to close for");

    let mut strict = super::tests::watch("close_on_revoke = true\nrevalidate_grace_secs = 0", "", 100).unwrap();
    assert_eq!(strict.step(opened, at(300)), look(), "however late, it is looked up before it is closed");
    fails(&mut strict, 300);
    assert!(matches!(strict.step(opened, at(300)), WatchStep::Close(1013, _)));
}

#[test]
fn what_this_instance_saw_end_is_closed_though_the_store_is_away() {
    let mut watch = watch("close_on_revoke = true", "", 100).unwrap();
    let mut instance = Instance::default();
    instance.ended.insert(&object(), 1_000, at(150));
    watch.looked_up(&TicketVerdict::Unavailable, &mut instance, Some(1_000), at(160));
    assert!(matches!(watch.step(at(100), at(160)), WatchStep::Close(1008, _)));
}

#[test]
fn the_age_is_counted_from_the_opening() {
    let watch = watch("", "max_socket_age_secs = 60", 100).unwrap();
    assert_eq!(watch.step(at(130), at(130)), WatchStep::Wait(60_000));
    assert_eq!(watch.step(at(130), at(189)), WatchStep::Wait(1_000));
    assert!(matches!(watch.step(at(130), at(190)), WatchStep::Close(1001, _)));
}

#[test]
fn a_session_that_is_looked_up_at_every_request_is_looked_up_every_five_seconds() {
    let watch = watch("close_on_revoke = true\nrevalidate_secs = 0", "", 100).unwrap();
    assert_eq!(watch.step(at(100), at(100)), WatchStep::Wait(5_000));
    assert_eq!(watch.step(at(100), at(105)), look());
}

#[test]
fn a_clock_that_was_set_back_puts_off_no_look() {
    let watch = watch("close_on_revoke = true", "revalidate_secs = 60", 9_000).unwrap();
    assert_eq!(watch.step(at(100), at(160)), look());
}

#[test]
fn a_watch_is_read_as_it_was_written() {
    let mut seen = watch("close_on_revoke = true", "max_socket_age_secs = 9", 100).unwrap();
    seen.looked_up(&TicketVerdict::Gone(Gone::Expired), &mut Instance::default(), None, at(160));
    for watch in
        [watch("", "max_socket_age_secs = 9", 1).unwrap(), watch("close_on_revoke = true", "", 1).unwrap(), seen]
    {
        assert_eq!(Watch::decode(&watch.encode()), Some(watch));
    }
    for text in ["", "x", "9 1 2 3", "9 1 2 3 4 0 short sid", "9 60 900 1 0 0 a"] {
        assert_eq!(Watch::decode(text), None, "{text}");
    }
    assert_eq!(look().encode(), format!("look {} \"Peek\"", object().as_str()));
    assert_eq!(WatchStep::Wait(5).encode(), "wait 5");
    assert_eq!(LEFT_BEHIND.encode(), "close 1013 too much is unread");
}

#[test]
fn an_event_stream_is_known_by_its_type() {
    for (kind, want) in [
        ("text/event-stream", true),
        ("Text/Event-Stream; charset=utf-8", true),
        ("text/event-streams", false),
        ("text/html", false),
        ("", false),
    ] {
        assert_eq!(is_event_stream(kind), want, "{kind}");
    }
}

#[test]
fn one_client_that_does_not_read_is_left_behind_and_so_is_each_where_all_are_too_many() {
    for (unread, all, want) in [
        (0, 0, false),
        (16_000_000, 16_000_000, false),
        (16_000_001, 16_000_001, true),
        (2_000_000, 48_000_000, false),
        (2_000_000, 48_000_001, true),
        (1_000_000, 48_000_001, false),
    ] {
        assert_eq!(is_left_behind(unread, all), want, "{unread} of {all}");
    }
}

#[test]
fn a_close_code_goes_on_where_it_can_be_sent() {
    for code in [1000, 1001, 1003, 1005, 1008, 1011, 1014, 3000, 4001, 4999] {
        assert_eq!((relayed_close_code(code, true), relayed_close_code(code, false)), (code, code));
    }
    for code in [0, 999, 1004, 1006, 1015, 1016, 2999, 5000] {
        assert_eq!((relayed_close_code(code, true), relayed_close_code(code, false)), (1011, 1001), "{code}");
    }
}

#[test]
fn f43_what_is_open_closes_when_its_factor_is_too_old_or_removed() {
    use crate::policy::demand::{Given, Kind};
    let policy = Policy::parse("[[rule]]\npath = \"/*\"\naccess = \"login\"\nclose_on_revoke = true").unwrap();
    let raised = |looked_up| {
        let mut session = session(looked_up);
        session.raise(Given::now(Kind::App, "e".into(), at(100)));
        session
    };
    let mut watch = Watch::of(&policy, policy.rules.first().unwrap(), Some(&raised(100)), (Some(150), false)).unwrap();
    assert_eq!(Watch::decode(&watch.encode()), Some(watch.clone()));
    assert_eq!(watch.step(at(100), at(100)), WatchStep::Wait(50_000));
    assert_eq!(watch.step(at(100), at(150)), WatchStep::Close(1008, "the second factor is too old"));
    watch.looked_up(&TicketVerdict::Live(raised(120)), &mut Instance::default(), None, at(120));
    assert_eq!(watch.step(at(100), at(120)), WatchStep::Wait(30_000));
    watch.looked_up(&TicketVerdict::Live(session(130)), &mut Instance::default(), None, at(130));
    assert_eq!(watch.step(at(100), at(130)), WatchStep::Close(1008, "the session has ended"));
}

#[test]
fn f43_what_is_open_without_a_factor_closes_when_there_is_one() {
    let policy = Policy::parse("[[rule]]\npath = \"/*\"\naccess = \"login\"\nclose_on_revoke = true").unwrap();
    let rule = policy.rules.first().unwrap();
    for (exempt, enrolled, open) in
        [(true, None, true), (true, Some(false), true), (true, Some(true), false), (false, Some(true), true)]
    {
        let mut watch = Watch::of(&policy, rule, Some(&session(100)), (None, exempt)).unwrap();
        assert_eq!(Watch::decode(&watch.encode()), Some(watch.clone()));
        let seen = session(110).with_enrolled(enrolled);
        watch.looked_up(&TicketVerdict::Live(seen), &mut Instance::default(), None, at(110));
        let is_open = matches!(watch.step(at(100), at(111)), WatchStep::Wait(_));
        assert_eq!(is_open, open, "{exempt} {enrolled:?}");
    }
}
