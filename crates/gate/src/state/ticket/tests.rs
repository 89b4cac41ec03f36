use base::UnixMs;
use proptest::prelude::*;

use super::*;
use crate::keys::seal::IdKey;

const T: u64 = 1_795_447_980;
const LIFETIMES: Lifetimes = Lifetimes { idle_secs: 100, absolute_secs: 1000 };

fn at(secs: u64) -> UnixMs {
    UnixMs::from_secs(T + secs)
}

fn name() -> ObjectName {
    IdKey::parse(&"A".repeat(43)).unwrap().login("app", "flight")
}

fn named(ticket: &str) -> ObjectName {
    IdKey::parse(&"A".repeat(43)).unwrap().ticket("cas", ticket)
}

fn ticket() -> ObjectName {
    named("ST-1")
}

fn end(proven: bool) -> TicketCall {
    TicketCall::End { of: Named::Ticket(ticket()), proven }
}

/// Whether this session ended now.
fn is_ended(verdict: &TicketVerdict, sid: &str) -> bool {
    matches!(verdict, TicketVerdict::Ended(session, None) if session.sid == sid)
}

fn redeem_ticket(ticket: &str) -> TicketCall {
    match redeem(false) {
        TicketCall::Redeem(redeem) => {
            TicketCall::Redeem(Box::new(Redeem { ticket: named(ticket), sid: ticket.into(), ..*redeem }))
        }
        call => call,
    }
}

fn call() -> Call {
    let server = cas::Server::new("https://cas.example.org/cas", Protocol::Cas3).unwrap();
    let service = cas::ServiceUrl::parse("https://app.example.org/x").unwrap();
    server.validate(&cas::Ticket::parse("ST-1").unwrap(), &service, false)
}

fn redeem(renew: bool) -> TicketCall {
    redeem_by(Protocol::Cas3, renew)
}

fn redeem_by(protocol: Protocol, renew: bool) -> TicketCall {
    TicketCall::Redeem(Box::new(Redeem {
        call: call(),
        others: Vec::new(),
        renew,
        asked: CasAsked::Nothing,
        protocol,
        server: "https://cas.example.org/cas".into(),
        ticket: ticket(),
        probe: call(),
        other_probes: Vec::new(),
        object: name(),
        sid: "sid".into(),
        place: None,
        notations: cas::Notations::default(),
        attribute_allow_list: vec!["mail".into()],
        lifetimes: LIFETIMES,
    }))
}

fn body(inside: &str) -> Result<Body, Fault> {
    let text = format!(r#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{inside}</cas:serviceResponse>"#);
    Ok(Body { status: 200, bytes: text.into_bytes() })
}

fn ann() -> Result<Body, Fault> {
    body(
        "<cas:authenticationSuccess><cas:user>ann</cas:user><cas:attributes><cas:mail>a@b</cas:mail>\
         <cas:phone>1</cas:phone></cas:attributes></cas:authenticationSuccess>",
    )
}

#[test]
fn a_notation_is_read_where_the_policy_names_it() {
    let mail = |notations: &str| {
        let policy = crate::policy::Policy::parse(notations).unwrap();
        let TicketCall::Redeem(mut redeem) = redeem(false) else { panic!("a redeem") };
        redeem.notations = policy.notations;
        // As it crosses from the Worker to the object.
        let call = json::from_str(&json::to_string(&TicketCall::Redeem(redeem))).unwrap();
        let mut record = None;
        let ask = validate(TicketRecord::apply(&mut record, call, at(0)));
        let inside = "<cas:authenticationSuccess><cas:user>ann</cas:user><cas:attributes>\
            <cas:attribute name=\"mail\" value=\"[a@b, c@d]\"/></cas:attributes></cas:authenticationSuccess>";
        let TicketVerdict::Live(session) = done(ask.answer(body(inside), &mut record, at(0))) else { panic!("live") };
        session.attributes
    };
    assert_eq!(mail(""), []);
    let values = |list: &[&str]| vec![("mail".to_owned(), list.iter().map(|value| (*value).to_owned()).collect())];
    assert_eq!(mail("[cas.attributes]\nelements = [\"inline\"]"), values(&["[a@b, c@d]"]));
    assert_eq!(mail("[cas.attributes]\nelements = [\"inline\"]\nlists = [\"mail\"]"), values(&["a@b", "c@d"]));
    assert_eq!(mail("[cas.attributes]\nelements = [\"name-value\", \"children\"]\nlists = [\"mail\"]"), []);
}

fn done(step: TicketStep) -> TicketVerdict {
    match step {
        TicketStep::Done(verdict) => verdict,
        TicketStep::Validate(_) => panic!("nothing was to be validated"),
    }
}

fn validate(step: TicketStep) -> Validate {
    match step {
        TicketStep::Validate(ask) => ask,
        TicketStep::Done(verdict) => panic!("{verdict:?}"),
    }
}

fn signed_in() -> Option<TicketRecord> {
    let mut record = None;
    let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    assert!(matches!(done(ask.answer(ann(), &mut record, at(0))), TicketVerdict::Live(_)));
    record
}

#[test]
fn a_ticket_becomes_a_session_with_the_attributes_that_the_policy_names() {
    let session = signed_in().unwrap().live.unwrap().session;
    assert_eq!(session.user, "ann");
    assert_eq!(session.attributes, [("mail".to_owned(), vec!["a@b".to_owned()])]);
}

#[test]
fn s11_a_ticket_is_claimed_before_it_is_validated_and_only_once() {
    let mut record = None;
    let _first = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    assert!(record.as_ref().unwrap().claimed.is_some(), "kept before the CAS server is asked");
    assert_eq!(done(TicketRecord::apply(&mut record, redeem(false), at(0))), TicketVerdict::Gone(Gone::Used));
    let mut live = signed_in();
    assert_eq!(done(TicketRecord::apply(&mut live, redeem(false), at(1))), TicketVerdict::Gone(Gone::Used));
    assert_eq!(live, signed_in(), "a replay changes nothing");
}

#[test]
fn l05_a_logout_during_validation_refuses_the_ticket() {
    let mut record = None;
    let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    let _ = done(TicketRecord::apply(&mut record, end(false), at(1)));
    assert_eq!(done(ask.answer(ann(), &mut record, at(2))), TicketVerdict::Gone(Gone::EndedDuringValidation));
    assert_eq!(record.unwrap().live, None);
}

#[test]
fn l05_a_proven_logout_before_the_ticket_refuses_it_and_l11_a_strangers_creates_nothing() {
    let mut record = None;
    let _ = done(TicketRecord::apply(&mut record, end(false), at(0)));
    assert_eq!(record, None);
    let _ = done(TicketRecord::apply(&mut record, end(true), at(0)));
    let early = TicketVerdict::Gone(Gone::EndedDuringValidation);
    assert_eq!(done(TicketRecord::apply(&mut record, redeem(false), at(1))), early);
}

#[test]
fn t01_both_lifetimes_end_a_session_to_the_second() {
    let touch =
        |record: &mut Option<TicketRecord>, secs| done(TicketRecord::apply(record, TicketCall::Touch, at(secs)));
    let mut idle = signed_in();
    assert!(matches!(touch(&mut idle, 99), TicketVerdict::Live(_)));
    assert!(matches!(touch(&mut idle, 198), TicketVerdict::Live(_)), "use was seen at 99");
    assert_eq!(touch(&mut idle, 298), TicketVerdict::Gone(Gone::Expired));
    assert_eq!(touch(&mut idle, 298), TicketVerdict::Gone(Gone::Ended), "and it stays so");
    let mut busy = signed_in();
    for secs in (50..1000).step_by(50) {
        assert!(matches!(touch(&mut busy, secs), TicketVerdict::Live(_)), "{secs}");
    }
    assert!(matches!(touch(&mut busy, 999), TicketVerdict::Live(_)));
    assert_eq!(touch(&mut busy, 1000), TicketVerdict::Gone(Gone::Expired));
}

#[test]
fn a_session_in_use_is_written_eight_times_an_idle_time_and_its_alarm_stands() {
    let mut record = signed_in();
    let mut written = 0;
    for secs in 1..=400 {
        let before = record.clone();
        let seen = done(TicketRecord::apply(&mut record, TicketCall::Touch, at(secs)));
        assert!(
            matches!(&seen, TicketVerdict::Live(seen) if seen.revalidated_at() == at(secs)),
            "the cookie has the time"
        );
        written += u32::from(before != record);
        assert_eq!(before.map(|known| known.forget_at()), record.as_ref().map(TicketRecord::forget_at));
    }
    // The idle time is 100 s, an eighth of it 12.
    assert_eq!(written, 400 / 12);
    // Written at 396, used until 400: over by 496, so never later than 100 s after the last use.
    let later = |secs| done(TicketRecord::apply(&mut record.clone(), TicketCall::Touch, at(secs)));
    assert!(matches!(later(495), TicketVerdict::Live(_)));
    assert_eq!(later(496), TicketVerdict::Gone(Gone::Expired));
    let day = Lifetimes { idle_secs: 86_400, absolute_secs: 86_400 };
    assert_eq!(day.unwritten_secs(), 900);
}

#[test]
fn whatever_the_cas_server_says_but_yes_ends_the_ticket() {
    let refused = |code: &str| Gone::Refused(code.into());
    for (answer, want) in [
        (
            body("<cas:authenticationFailure code=\"INVALID_TICKET\">x</cas:authenticationFailure>"),
            refused("CAS_INVALID_TICKET"),
        ),
        (
            body("<cas:authenticationFailure code=\"INVALID_SERVICE\">x</cas:authenticationFailure>"),
            refused("CAS_INVALID_SERVICE"),
        ),
        (
            body("<cas:authenticationFailure code=\"INTERNAL_ERROR\">x</cas:authenticationFailure>"),
            Gone::Fault(Fault::Unreachable),
        ),
        (Ok(Body { status: 500, bytes: Vec::new() }), Gone::Fault(Fault::Unreachable)),
        (Err(Fault::Timeout), Gone::Fault(Fault::Timeout)),
        (Err(Fault::CircuitOpen), Gone::Fault(Fault::CircuitOpen)),
    ] {
        let mut record = None;
        let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
        assert_eq!(done(ask.answer(answer, &mut record, at(1))), TicketVerdict::Gone(want));
        let record = record.unwrap();
        assert_eq!((record.live, record.tickets), (None, vec![(ticket(), Outcome::Refused)]));
    }
    for body in ["<html>hello</html>", "", "yes\nann\n"] {
        let mut record = None;
        let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
        let answer = Ok(Body { status: 200, bytes: body.as_bytes().to_vec() });
        let verdict = done(ask.answer(answer, &mut record, at(1)));
        assert!(matches!(verdict, TicketVerdict::Gone(Gone::BadAnswer(_))), "{body}: {verdict:?}");
    }
}

#[test]
fn x14_a_redirect_of_the_validation_is_no_answer() {
    let mut record = None;
    let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    let answer = ann().map(|body| Body { status: 302, ..body });
    assert!(matches!(done(ask.answer(answer, &mut record, at(1))), TicketVerdict::Gone(Gone::BadAnswer(_))));
}

fn calls() -> impl Strategy<Value = TicketCall> {
    prop_oneof![Just(redeem(false)), Just(TicketCall::Touch), Just(end(false)), Just(end(true)),]
}

proptest! {
    #[test]
    fn s11_no_order_of_calls_validates_twice_or_wakes_the_dead(order in prop::collection::vec((calls(), 0..400_u64), 1..40)) {
        let mut record = None;
        let (mut validations, mut ended, mut now) = (0, false, 0);
        for (call, wait) in order {
            now += wait;
            match TicketRecord::apply(&mut record, call, at(now)) {
                TicketStep::Validate(ask) => {
                    validations += 1;
                    prop_assert!(!ended);
                    let _ = ask.answer(ann(), &mut record, at(now));
                }
                TicketStep::Done(TicketVerdict::Live(_)) => prop_assert!(!ended),
                TicketStep::Done(_) => {}
            }
            ended |= record.as_ref().is_some_and(|record| record.live.is_none() && !record.tickets.is_empty());
            let text = json::to_string(&record);
            prop_assert_eq!(&json::from_str::<Option<TicketRecord>>(&text).unwrap(), &record);
        }
        prop_assert!(validations <= 1);
    }
}

#[test]
fn l11_a_made_up_ticket_is_forgotten_soon_and_a_used_one_is_not() {
    let forgotten = |answer| {
        let mut record = None;
        let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
        let _ = done(ask.answer(answer, &mut record, at(1)));
        // A replay while it is remembered asks nobody, and neither that nor a logout keeps it longer.
        assert_eq!(done(TicketRecord::apply(&mut record, redeem(false), at(2))), TicketVerdict::Gone(Gone::Used));
        let _ = done(TicketRecord::apply(&mut record, end(false), at(3)));
        record.unwrap().forget_at().secs() - T
    };
    assert_eq!(
        forgotten(body("<cas:authenticationFailure code=\"INVALID_TICKET\">x</cas:authenticationFailure>")),
        601
    );
    assert!(
        forgotten(body("<cas:authenticationSuccess><cas:user>ann</cas:user></cas:authenticationSuccess>")) > 80_000
    );
}

#[test]
fn an_answer_is_read_by_the_protocol_that_was_asked() {
    for (protocol, live) in [(Protocol::Cas1, true), (Protocol::Cas2, false), (Protocol::Cas3, false)] {
        let mut record = None;
        let ask = validate(TicketRecord::apply(&mut record, redeem_by(protocol, false), at(0)));
        let yes = Ok(Body { status: 200, bytes: b"yes\nann\n".to_vec() });
        assert_eq!(matches!(done(ask.answer(yes, &mut record, at(0))), TicketVerdict::Live(_)), live, "{protocol:?}");
    }
}

#[test]
fn the_protocol_is_read_by_name_and_by_number() {
    let old = |protocol: &str| {
        format!(
            r#"{{"Redeem":{{"call":{{"method":"GET","url":"https://cas.example.org/cas/validate?x","headers":[["accept","*/*"]]}},"renew":false,"protocol":{protocol},"server":"s","ticket":"t","probe":{{"method":"GET","url":"https://cas.example.org/cas/validate?y","headers":[]}},"object":"o","sid":"i","keep":["mail"],"lifetimes":{{"idle_secs":1,"absolute_secs":2}}}}}}"#
        )
    };
    for (written, want) in
        [("1", Protocol::Cas1), ("2", Protocol::Cas2), ("3", Protocol::Cas3), ("\"cas1\"", Protocol::Cas1)]
    {
        let Ok(TicketCall::Redeem(redeem)) = json::from_str(&old(written)) else { panic!("{written}") };
        assert_eq!((redeem.protocol, redeem.call.method.as_str()), (want, "GET"), "{written}");
    }
    for wrong in ["0", "4", "\"cas4\"", "\"Cas1\"", "null"] {
        assert!(json::from_str::<TicketCall>(&old(wrong)).is_err(), "{wrong}");
    }
    let call = redeem_by(Protocol::Cas1, true);
    let text = json::to_string(&call);
    assert!(text.contains(r#""protocol":"cas1""#) && text.contains(r#""method":"GET""#), "{text}");
    assert_eq!(json::from_str::<TicketCall>(&text).unwrap(), call);
}

#[test]
fn l14_made_up_logouts_never_keep_the_real_one_from_its_session() {
    let mut record = signed_in();
    for n in 0..1_000 {
        let made_up = TicketCall::End { of: Named::Ticket(named(&format!("ST-{n}-made-up"))), proven: false };
        assert_eq!(done(TicketRecord::apply(&mut record, made_up, at(1))), TicketVerdict::Gone(Gone::Unknown));
    }
    assert_eq!(record, signed_in(), "a stranger's logout changes nothing");
    assert!(is_ended(&done(TicketRecord::apply(&mut record, end(false), at(2))), "sid"));
    assert_eq!(done(TicketRecord::apply(&mut record, end(false), at(3))), TicketVerdict::Gone(Gone::Ended), "once");
    assert_eq!(record.unwrap().live, None);
}

#[test]
fn l15_one_login_is_worth_eight_refusals_and_four_tickets_that_open() {
    let no = || body("<cas:authenticationFailure code=\"INVALID_TICKET\">x</cas:authenticationFailure>");
    let mut record = None;
    for n in 0..8 {
        let ask = validate(TicketRecord::apply(&mut record, redeem_ticket(&format!("ST-{n}")), at(n)));
        let _ = done(ask.answer(no(), &mut record, at(n)));
    }
    let ninth = TicketRecord::apply(&mut record, redeem_ticket("ST-9"), at(9));
    assert_eq!(done(ninth), TicketVerdict::Gone(Gone::Exhausted));
    let mut record = None;
    for n in 0..4 {
        let ask = validate(TicketRecord::apply(&mut record, redeem_ticket(&format!("ST-{n}")), at(n)));
        let TicketVerdict::Live(session) = done(ask.answer(ann(), &mut record, at(n))) else { panic!("{n} opens") };
        assert_eq!(record.as_ref().unwrap().live.as_ref().unwrap().session.sid, session.sid, "the newest one lives");
    }
    let fifth = TicketRecord::apply(&mut record, redeem_ticket("ST-5"), at(9));
    assert_eq!(done(fifth), TicketVerdict::Gone(Gone::Exhausted));
    let first = TicketCall::End { of: Named::Ticket(named("ST-0")), proven: false };
    assert!(is_ended(&done(TicketRecord::apply(&mut record, first, at(10))), "ST-3"));
    assert_eq!(record.as_ref().unwrap().live, None, "a logout for any of them ends it");
    assert_eq!(
        done(TicketRecord::apply(&mut record, redeem_ticket("ST-6"), at(11))),
        TicketVerdict::Gone(Gone::Exhausted)
    );
}

#[test]
fn a_claim_that_a_crash_left_behind_is_given_up_and_its_ticket_never_sent_again() {
    let mut record = None;
    let _crashed = validate(TicketRecord::apply(&mut record, redeem_ticket("ST-1"), at(0)));
    assert_eq!(done(TicketRecord::apply(&mut record, redeem_ticket("ST-2"), at(29))), TicketVerdict::Gone(Gone::Used));
    assert_eq!(done(TicketRecord::apply(&mut record, redeem_ticket("ST-1"), at(30))), TicketVerdict::Gone(Gone::Used));
    let ask = validate(TicketRecord::apply(&mut record, redeem_ticket("ST-2"), at(30)));
    assert!(matches!(done(ask.answer(ann(), &mut record, at(30))), TicketVerdict::Live(_)));
}

#[test]
fn l10_a_peek_tells_of_a_session_and_keeps_nobody_signed_in() {
    let mut record = signed_in();
    for secs in [30, 60, 99] {
        assert!(matches!(done(TicketRecord::apply(&mut record, TicketCall::Peek, at(secs))), TicketVerdict::Live(_)));
    }
    assert_eq!(done(TicketRecord::apply(&mut record, TicketCall::Peek, at(100))), TicketVerdict::Gone(Gone::Expired));
}

#[test]
fn the_secret_path_finds_the_login_of_a_ticket_before_and_after_it() {
    let remember = || TicketCall::Remember { login: name(), secs: 1_000 };
    let mut pointer = None;
    assert_eq!(done(TicketRecord::apply(&mut pointer, remember(), at(0))), TicketVerdict::Remembered);
    assert_eq!(done(TicketRecord::apply(&mut pointer, end(true), at(1))), TicketVerdict::Elsewhere(name()));
    assert_eq!(pointer.unwrap().forget_at(), at(1_000));
    let mut early = None;
    let _ = done(TicketRecord::apply(&mut early, end(true), at(0)));
    let late = TicketVerdict::Gone(Gone::EndedDuringValidation);
    assert_eq!(done(TicketRecord::apply(&mut early, remember(), at(1))), late);
}

/// Three logins of one browser, landing one after the other: each replaces the one before.
#[test]
fn l19_a_logout_of_a_replaced_session_is_passed_on() {
    let at = UnixMs::from_secs(1_000);
    let heir = |n: usize| Heir { object: named(&format!("object{n}")), sid: format!("ST-{n}"), until_secs: 5_000 };
    let mut records: Vec<Option<TicketRecord>> = Vec::new();
    for n in 0..3 {
        let mut record = None;
        let TicketStep::Validate(ask) = TicketRecord::apply(&mut record, redeem_ticket(&format!("ST-{n}")), at) else {
            panic!("a new ticket is validated")
        };
        assert!(matches!(done(ask.answer(ann(), &mut record, at)), TicketVerdict::Live(_)));
        if let Some(before) = records.last_mut() {
            let replace = TicketCall::Replace { sid: format!("ST-{}", n - 1), by: heir(n) };
            assert!(is_ended(&done(TicketRecord::apply(before, replace, at)), &format!("ST-{}", n - 1)));
        }
        records.push(record);
    }
    let end = |of| TicketCall::End { of, proven: true };
    let first = TicketRecord::apply(&mut records[0], end(Named::Ticket(named("ST-0"))), at);
    assert_eq!(done(first), TicketVerdict::Replaced(heir(1)));
    let second = TicketRecord::apply(&mut records[1], end(Named::Heir("ST-1".into())), at);
    assert_eq!(done(second), TicketVerdict::Replaced(heir(2)));
    // Another session in the newest object is not the one that was meant.
    assert_eq!(
        done(TicketRecord::apply(&mut records[2], end(Named::Heir("other".into())), at)),
        TicketVerdict::Gone(Gone::Unknown)
    );
    let third = TicketRecord::apply(&mut records[2], end(Named::Heir("ST-2".into())), at);
    assert!(is_ended(&done(third), "ST-2"));
    assert!(records.iter().flatten().all(|record| record.live.is_none()));
    // The way on is kept until the newest session's own end.
    assert_eq!(records[0].as_ref().unwrap().forget_at().secs(), 5_000 + 86_400);
    let mut none = None;
    let replace = TicketCall::Replace { sid: "ST-0".into(), by: heir(1) };
    assert_eq!(done(TicketRecord::apply(&mut none, replace, at)), TicketVerdict::Gone(Gone::Unknown));
    assert!(none.is_none(), "nothing is created");
}

#[test]
fn a_login_that_was_ended_opens_nothing_more() {
    let mut record = signed_in();
    assert_eq!(record.as_ref().unwrap().forget_at(), at(1_000 + 86_400));
    let _ = done(TicketRecord::apply(&mut record, end(false), at(1)));
    let second = TicketRecord::apply(&mut record, redeem_ticket("ST-2"), at(2));
    assert_eq!(done(second), TicketVerdict::Gone(Gone::Exhausted));
}

#[test]
fn a_session_that_is_not_there_yet_is_unknown() {
    let mut record = None;
    let _pending = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    for call in [TicketCall::Touch, TicketCall::Peek] {
        assert_eq!(done(TicketRecord::apply(&mut record, call, at(1))), TicketVerdict::Gone(Gone::Unknown));
    }
}

#[test]
fn four_logouts_are_remembered_before_their_tickets_come() {
    let mut record = None;
    for n in 0..6 {
        let early = TicketCall::End { of: Named::Ticket(named(&format!("ST-{n}"))), proven: true };
        assert_eq!(done(TicketRecord::apply(&mut record, early, at(n))), TicketVerdict::Gone(Gone::Unknown));
    }
    assert_eq!(record.unwrap().tickets.len(), MAX_EARLY_LOGOUTS);
}

#[test]
fn the_adapter_is_told_where_to_send_a_validation_and_no_log_has_its_ticket() {
    let mut other = call();
    other.url = "https://second.example.org/cas/p3/serviceValidate?ticket=ST-1".into();
    let TicketCall::Redeem(redeem) = redeem(false) else { panic!("it redeems") };
    let redeem = Redeem { others: vec![other.clone()], other_probes: vec![other.clone()], ..*redeem };
    let text = format!("{redeem:?}");
    assert!(text.starts_with("Redeem { object:") && !text.contains("ST-1"), "{text}");
    let ask = validate(TicketRecord::apply(&mut None, TicketCall::Redeem(Box::new(redeem)), at(0)));
    assert!(ask.probes().eq([&call(), &other]));
    assert_eq!((ask.call(), ask.others()), (&call(), [other].as_slice()));
    assert_eq!(ask.server(), "https://cas.example.org/cas");
}

fn given(secs: u64) -> Given {
    Given::now(crate::policy::demand::Kind::App, "e".into(), at(secs))
}

fn raise(sid: &str, cookie_id: &str, secs: u64) -> TicketCall {
    TicketCall::Raise(Box::new(Raise {
        rid: format!("rid {cookie_id}"),
        sid: sid.into(),
        given: given(secs),
        portal: None,
        cookie_id: cookie_id.into(),
    }))
}

#[test]
fn a_raise_is_of_one_session_with_a_new_cookie_and_a_factor_that_counts() {
    let mut record = signed_in();
    let lower = TicketCall::Lower { sid: "sid".into(), before_secs: at(5).secs(), enrolled: None };
    assert!(matches!(done(TicketRecord::apply(&mut record, lower, at(5))), TicketVerdict::Live(_)));
    for wrong in [raise("other", "c", 10), raise("sid", "", 10), raise("sid", "c", 5)] {
        assert_eq!(
            done(TicketRecord::apply(&mut record, wrong.clone(), at(10))),
            TicketVerdict::NotRaised,
            "{wrong:?}"
        );
    }
    let raised = done(TicketRecord::apply(&mut record, raise("sid", "c", 6), at(10)));
    assert!(matches!(raised, TicketVerdict::Live(session) if session.given == [given(6)]));
}

#[test]
fn the_cookie_from_before_a_raise_keeps_its_own_factors_for_a_minute() {
    let mut record = signed_in();
    let _ = done(TicketRecord::apply(&mut record, raise("sid", "first", 1), at(1)));
    let _ = done(TicketRecord::apply(&mut record, raise("sid", "second", 2), at(2)));
    let mut seen = |call, secs| match done(TicketRecord::apply(&mut record, call, at(secs))) {
        TicketVerdict::Live(session) => Some((session.cookie_id, session.given, session.until_secs)),
        TicketVerdict::Superseded => None,
        verdict => panic!("{verdict:?}"),
    };
    let touch = |id: &str| TicketCall::TouchBy(id.into());
    let former = Some(("first".to_owned(), vec![given(1)], Some(at(62).secs())));
    assert_eq!(seen(touch("first"), 3), former);
    assert_eq!(seen(touch("first"), 61), former);
    assert_eq!(seen(touch("first"), 62), None, "over to the second");
    assert_eq!(seen(TicketCall::Touch, 3), None, "two raises ago");
    let now = Some(("second".to_owned(), vec![given(2)], None));
    assert_eq!((seen(touch("second"), 62), seen(TicketCall::Peek, 62)), (now.clone(), now));
}

#[test]
fn factors_that_were_given_until_a_time_are_forgotten() {
    let mut record = signed_in();
    for (cookie, kind, secs) in [("a", 1, 9), ("b", 2, 10), ("c", 3, 11)] {
        let TicketCall::Raise(mut raise) = raise("sid", cookie, secs) else { panic!("it raises") };
        use crate::policy::demand::Kind::{App, Passkey, Token};
        raise.given.kind = [App, Passkey, Token][kind - 1];
        let _ = done(TicketRecord::apply(&mut record, TicketCall::Raise(raise), at(11)));
    }
    let lower = TicketCall::Lower { sid: "sid".into(), before_secs: at(10).secs(), enrolled: Some(true) };
    let TicketVerdict::Live(session) = done(TicketRecord::apply(&mut record, lower, at(12))) else { panic!("live") };
    let left: Vec<_> = session.given.iter().map(|given| given.at_secs).collect();
    assert_eq!((left, session.enrolled), (vec![Some(at(11).secs())], Some(true)));
    assert_eq!(record.unwrap().former.unwrap().given, []);
}
