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
    IdKey::parse(&"A".repeat(43)).unwrap().ticket("cas", "ST-1")
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
        renew,
        protocol,
        server: "https://cas.example.org/cas".into(),
        object: name(),
        sid: "sid".into(),
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
    let Some(TicketRecord::Live { session, .. }) = signed_in() else { panic!("live") };
    assert_eq!(session.user, "ann");
    assert_eq!(session.attributes, [("mail".to_owned(), vec!["a@b".to_owned()])]);
}

#[test]
fn s11_a_ticket_is_claimed_before_it_is_validated_and_only_once() {
    let mut record = None;
    let _first = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    assert!(matches!(record, Some(TicketRecord::Claimed { .. })), "kept before the CAS server is asked");
    assert_eq!(done(TicketRecord::apply(&mut record, redeem(false), at(0))), TicketVerdict::Gone(Gone::Used));
    let mut live = signed_in();
    assert_eq!(done(TicketRecord::apply(&mut live, redeem(false), at(1))), TicketVerdict::Gone(Gone::Used));
    assert_eq!(live, signed_in(), "a replay changes nothing");
}

#[test]
fn l05_a_logout_during_validation_refuses_the_ticket() {
    let mut record = None;
    let ask = validate(TicketRecord::apply(&mut record, redeem(false), at(0)));
    let _ = done(TicketRecord::apply(&mut record, TicketCall::End { proven: false }, at(1)));
    assert_eq!(done(ask.answer(ann(), &mut record, at(2))), TicketVerdict::Gone(Gone::EndedDuringValidation));
    assert!(matches!(record, Some(TicketRecord::Ended { .. })));
}

#[test]
fn l05_a_proven_logout_before_the_ticket_refuses_it_and_l11_a_strangers_creates_nothing() {
    let mut record = None;
    let _ = done(TicketRecord::apply(&mut record, TicketCall::End { proven: false }, at(0)));
    assert_eq!(record, None);
    let _ = done(TicketRecord::apply(&mut record, TicketCall::End { proven: true }, at(0)));
    assert_eq!(done(TicketRecord::apply(&mut record, redeem(false), at(1))), TicketVerdict::Gone(Gone::Used));
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
        let secs = T + 1;
        let refused = matches!(want, Gone::Refused(_));
        assert_eq!(done(ask.answer(answer, &mut record, at(1))), TicketVerdict::Gone(want));
        assert_eq!(record, Some(if refused { TicketRecord::Refused { secs } } else { TicketRecord::Ended { secs } }));
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
    prop_oneof![
        Just(redeem(false)),
        Just(TicketCall::Touch),
        Just(TicketCall::End { proven: false }),
        Just(TicketCall::End { proven: true }),
    ]
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
            ended |= matches!(record, Some(TicketRecord::Ended { .. } | TicketRecord::Refused { .. }));
            let text = serde_json::to_string(&record).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Option<TicketRecord>>(&text).unwrap(), &record);
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
        let _ = done(TicketRecord::apply(&mut record, TicketCall::End { proven: false }, at(3)));
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
            r#"{{"Redeem":{{"call":{{"method":"GET","url":"https://cas.example.org/cas/validate?x","headers":[["accept","*/*"]]}},"renew":false,"protocol":{protocol},"server":"s","object":"o","sid":"i","keep":["mail"],"lifetimes":{{"idle_secs":1,"absolute_secs":2}}}}}}"#
        )
    };
    for (written, want) in
        [("1", Protocol::Cas1), ("2", Protocol::Cas2), ("3", Protocol::Cas3), ("\"cas1\"", Protocol::Cas1)]
    {
        let Ok(TicketCall::Redeem(redeem)) = serde_json::from_str(&old(written)) else { panic!("{written}") };
        assert_eq!((redeem.protocol, redeem.call.method.as_str()), (want, "GET"), "{written}");
    }
    for wrong in ["0", "4", "\"cas4\"", "\"Cas1\"", "null"] {
        assert!(serde_json::from_str::<TicketCall>(&old(wrong)).is_err(), "{wrong}");
    }
    let call = redeem_by(Protocol::Cas1, true);
    let text = serde_json::to_string(&call).unwrap();
    assert!(text.contains(r#""protocol":"cas1""#) && text.contains(r#""method":"GET""#), "{text}");
    assert_eq!(serde_json::from_str::<TicketCall>(&text).unwrap(), call);
}
