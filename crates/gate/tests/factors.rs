//! A person's second factors, call by call, against one record.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "harness/authenticator.rs"]
mod authenticator;
#[path = "harness/crypto.rs"]
mod crypto;
#[path = "harness/person.rs"]
mod person;

use authenticator::{Authenticator, USER_PRESENT};
use base::UnixMs;
use gate::{
    factor::{
        PersonCall, PersonRecord, PersonStep, PersonVerdict,
        anchor::{self, AnchorCall, AnchorRecord, AnchorVerdict, Changed, Identity},
        call::{Begin, Confirm, Enrolling, Invitation, Proof, Visit},
        enrolment::State,
        errand::ErrandKind,
        history::Happened,
        record::{Change, Lost},
        verdict::{Passed, Refusal, Show},
    },
    keys::seal::IdKey,
    policy::demand::{Given, Kind},
};
use otp::{Hotp, HotpCounter};
use person::{NOW, ORIGIN, Object, SIGN_IN, add, code, keyring, name, pay};
use proptest::prelude::*;

const DAY: u64 = 86_400;

fn refused(verdict: &PersonVerdict) -> Option<Refusal> {
    match verdict {
        PersonVerdict::Refused(refusal) => Some(*refusal),
        _ => None,
    }
}

fn passed(verdict: PersonVerdict) -> Passed {
    match verdict {
        PersonVerdict::Passed(passed) => *passed,
        other => panic!("{other:?}"),
    }
}

fn waits(verdict: &PersonVerdict) -> bool {
    matches!(verdict, PersonVerdict::Wait { .. })
}

#[test]
fn f01_a_code_opens_once_and_confirming_an_enrolment_spends_its_step() {
    let mut ann = Object::new("ann");
    let (_, secret, codes) = ann.enrol_app();
    assert_eq!(codes.len(), 10);
    let visit = ann.visit("s1");
    let typed = ann.code(&secret);
    assert_eq!(
        refused(&ann.check(&visit, &SIGN_IN, code(&typed))),
        Some(Refusal::WrongCode),
        "it confirmed the enrolment"
    );
    ann.now += 30;
    let typed = ann.code(&secret);
    let given = passed(ann.check(&visit, &SIGN_IN, code(&typed))).given;
    assert_eq!((given.kind, given.at_secs), (Kind::App, Some(ann.now)));
    let other = ann.visit("s2");
    assert_eq!(refused(&ann.check(&other, &SIGN_IN, code(&typed))), Some(Refusal::WrongCode), "in another session");
}

#[test]
fn f02_a_thousand_guesses_in_many_sessions_are_five() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    let wrong = ann.wrong(&secret);
    let mut compared = 0;
    for n in 0..1_000 {
        let visit = ann.visit(&format!("thief-{}", n % 30));
        match ann.check(&visit, &SIGN_IN, code(&wrong)) {
            PersonVerdict::Refused(Refusal::WrongCode) => compared += 1,
            PersonVerdict::Wait { until_secs } => assert!(until_secs > ann.now),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(compared, 5);
    let record = ann.record();
    let guesses: Vec<_> = record.audit.iter().filter(|row| row.what == Happened::WrongCode).collect();
    assert_eq!((guesses.len(), guesses[0].count), (1, 5), "one row a day");
    assert!(record.audit.iter().any(|row| row.what == Happened::Enrolled));
}

/// The cookie of a device that gave a factor.
fn known_device(object: &mut Object, secret: &[u8]) -> String {
    object.now += 30;
    let visit = object.visit("owner");
    let typed = object.code(secret);
    passed(object.check(&visit, &SIGN_IN, code(&typed))).device.unwrap()
}

#[test]
fn f03_thirty_days_of_guesses_and_the_owner_passes_every_day() {
    let mut ann = Object::new("ann");
    let (_, secret, paper) = ann.enrol_app();
    let mut key = Authenticator::new(9, ORIGIN);
    let device = known_device(&mut ann, &secret);
    // A passkey beside it, paid for by the app.
    ann.now += 30;
    let visit = Visit { device: Some(device.clone()), ..ann.visit("owner") };
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&visit, &add(Kind::Passkey), code(&typed)), PersonVerdict::Paid));
    let (id, options) = ann.begin_passkey(&visit).unwrap();
    let made = ann.call(PersonCall::Confirm(visit, id, Confirm::Passkey(key.create(&options))));
    assert!(matches!(made, PersonVerdict::Enrolled { .. }), "{made:?}");
    let (start, mut compared) = (ann.now, 0);
    for day in 0..30 {
        for guess in 0..200_u64 {
            ann.now = start + day * DAY + guess * 430;
            let thief = ann.visit("thief");
            let wrong = ann.wrong(&secret);
            match ann.check(&thief, &SIGN_IN, code(&wrong)) {
                PersonVerdict::Refused(Refusal::WrongCode) => compared += 1,
                verdict => assert!(waits(&verdict), "{verdict:?}"),
            }
            // A loop of challenges pushes out nobody else's.
            if guess % 50 == 0 {
                ann.options(&thief, &SIGN_IN);
            }
        }
        ann.now += 60;
        let known = Visit { device: Some(device.clone()), ..ann.visit("owner") };
        let typed = ann.code(&secret);
        passed(ann.check(&known, &SIGN_IN, code(&typed)));
        let new_browser = ann.visit("owner-new");
        passed(ann.show(&new_browser, &SIGN_IN, &mut key));
        if day % 3 == 0 {
            let paper = paper[usize::try_from(day / 3).unwrap()].clone();
            passed(ann.check(&new_browser, &SIGN_IN, Proof::Recovery(paper)));
        } else if day % 3 == 1 {
            // Let in by eight letters, a browser that nobody knows has a bucket of its own.
            ann.now += 30;
            let PersonVerdict::Letters(letters) = ann.call(PersonCall::Pair(ann.visit("owner-paired"))) else {
                panic!()
            };
            assert!(matches!(ann.call(PersonCall::Pair(ann.visit("thief"))), PersonVerdict::Letters(_)));
            assert!(matches!(ann.call(PersonCall::LetIn(known, letters)), PersonVerdict::Done));
            let paired = ann.visit("owner-paired");
            let typed = ann.code(&secret);
            passed(ann.check(&paired, &SIGN_IN, code(&typed)));
            assert!(waits(&ann.check(&ann.visit("thief"), &SIGN_IN, code("123456"))) || day < 5);
        }
    }
    assert!((99..=100).contains(&compared), "{compared} compared");
    assert!(ann.text.as_ref().unwrap().len() < 12_000, "{} bytes", ann.text.as_ref().unwrap().len());
}

#[test]
fn f44_a_stolen_device_cookie_guesses_a_hundred_times_and_lets_nobody_in() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    let device = known_device(&mut ann, &secret);
    let (start, mut compared) = (ann.now, 0);
    for hour in 0..30 * 24_u64 {
        ann.now = start + hour * 3_600;
        let thief = Visit { device: Some(device.clone()), ..ann.visit("thief") };
        let wrong = ann.wrong(&secret);
        compared += u32::from(refused(&ann.check(&thief, &SIGN_IN, code(&wrong))) == Some(Refusal::WrongCode));
        let PersonVerdict::Letters(letters) = ann.call(PersonCall::Pair(thief.clone())) else { panic!() };
        let other = Visit { sid: "other".into(), object: name("other"), ..thief };
        assert_eq!(refused(&ann.call(PersonCall::LetIn(other, letters))), Some(Refusal::NeedsFactor));
    }
    // A hundred on the device, and, once it is unknown, those of everybody.
    assert!((190..=200).contains(&compared), "{compared}");
}

#[test]
fn f24_one_attempt_is_one_token_whatever_it_is_compared_with() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    for n in 0..2 {
        ann.now += 30;
        let visit = ann.visit("owner");
        let typed = ann.code(&secret);
        assert!(matches!(ann.check(&visit, &add(Kind::App), code(&typed)), PersonVerdict::Paid), "{n}");
        let (id, other) = ann.begin_app(&visit).unwrap();
        assert!(matches!(ann.confirm_app(&visit, &id, &other), PersonVerdict::Enrolled { .. }));
    }
    assert_eq!(ann.record().enrolments.len(), 3);
    ann.now += DAY;
    let thief = ann.visit("thief");
    let compared =
        (0..10).filter(|_| refused(&ann.check(&thief, &SIGN_IN, code("abc123"))) == Some(Refusal::WrongCode));
    assert_eq!(compared.count(), 5, "three devices, and five guesses as with one");
}

#[test]
fn f04_a_recovery_code_is_its_persons_once() {
    let (mut ann, mut bob) = (Object::new("ann"), Object::new("bob"));
    let (_, _, of_ann) = ann.enrol_app();
    bob.enrol_app();
    let show = |object: &mut Object, typed: &str| {
        let visit = object.visit("s");
        object.check(&visit, &SIGN_IN, Proof::Recovery(typed.into()))
    };
    assert_eq!(refused(&show(&mut bob, &of_ann[0])), Some(Refusal::WrongCode));
    let used = passed(show(&mut ann, &of_ann[0].to_lowercase()));
    assert_eq!((used.given.kind, used.codes_left), (Kind::Recovery, Some(9)));
    assert_eq!(refused(&show(&mut ann, &of_ann[0])), Some(Refusal::WrongCode));
    // A new set ends the old.
    ann.now += 30;
    let visit = ann.visit("s");
    let codes = match ann.check(&visit, &pay(Change::Codes), Proof::Recovery(of_ann[1].clone())) {
        PersonVerdict::Codes { from_secs, codes } => {
            assert_eq!(from_secs, ann.now + 72 * 3600, "paper alone makes a change that waits");
            codes
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&show(&mut ann, &codes[0])), Some(Refusal::WrongCode), "not yet");
    assert!(matches!(show(&mut ann, &of_ann[2]), PersonVerdict::Passed(_)));
    ann.now += 72 * 3600;
    assert_eq!(refused(&show(&mut ann, &of_ann[3])), Some(Refusal::WrongCode), "the old set is over");
    assert!(matches!(show(&mut ann, &codes[0]), PersonVerdict::Passed(_)));
}

#[test]
fn f08_with_a_factor_there_the_password_alone_enrols_nothing() {
    let mut ann = Object::new("ann");
    ann.enrol_app();
    let thief = ann.visit("thief");
    assert_eq!(ann.begin_app(&thief).err().and_then(|verdict| refused(&verdict)), Some(Refusal::NeedsFactor));
    assert_eq!(ann.begin_passkey(&thief).err().and_then(|verdict| refused(&verdict)), Some(Refusal::NeedsFactor));
    assert_eq!(refused(&ann.call(PersonCall::View(thief))), Some(Refusal::NeedsFactor), "nor sees what there is");
}

#[test]
fn f22_a_first_factor_by_the_password_is_the_policys_word() {
    let listed = |visit: Visit| Visit { listed: vec![Kind::App], ..visit };
    type Row = (Enrolling, fn(Visit) -> Visit, Option<Refusal>);
    let rows: &[Row] = &[
        (Enrolling::Open, |v| v, None),
        (Enrolling::Open, |v| Visit { fresh: false, ..v }, Some(Refusal::NeedsFreshLogin)),
        (Enrolling::Open, |v| Visit { born_secs: v.born_secs - 300, ..v }, Some(Refusal::NeedsFreshLogin)),
        (Enrolling::Open, |v| Visit { surrogate: true, ..v }, Some(Refusal::Surrogate)),
        (Enrolling::Until(NOW + 1), |v| v, None),
        (Enrolling::Until(NOW), |v| v, Some(Refusal::NotHere)),
        (Enrolling::Network, |v| Visit { inside: true, ..v }, None),
        (Enrolling::Network, |v| v, Some(Refusal::NotHere)),
        (Enrolling::Invited, |v| v, Some(Refusal::NeedsInvitation)),
    ];
    for (n, (enrolling, change, want)) in rows.iter().enumerate() {
        let mut ann = Object { enrolling: *enrolling, ..Object::new("ann") };
        let visit = change(ann.visit("s"));
        assert_eq!(ann.begin_app(&visit).err().and_then(|verdict| refused(&verdict)), *want, "row {n}");
    }
    // Judged again when it is confirmed.
    let mut ann = Object::new("ann");
    let visit = ann.visit("s");
    let (id, secret) = ann.begin_app(&visit).unwrap();
    ann.enrolling = Enrolling::Invited;
    assert_eq!(refused(&ann.confirm_app(&visit, &id, &secret)), Some(Refusal::NeedsInvitation));
    // The directory knows a factor, and the record has none.
    let mut lost = Object::new("ann");
    let visit = listed(lost.visit("s"));
    assert!(matches!(lost.call(PersonCall::Offer(visit.clone())), PersonVerdict::Lost(Lost::Absent)));
    assert!(matches!(lost.begin_app(&visit), Err(PersonVerdict::Lost(Lost::Absent))));
}

#[test]
fn f35_who_has_a_factor_at_the_cas_server_gives_that_one_first() {
    let mut ann = Object { cas_mapped: true, ..Object::new("ann") };
    let given = |at: Option<u64>, remembered| {
        let now = UnixMs::from_secs(NOW);
        Some(Given { at_secs: at, remembered, ..Given::now(Kind::Cas, String::new(), now) })
    };
    for (cas, want) in [
        (None, Some(Refusal::NeedsCasFactor)),
        (given(None, false), Some(Refusal::NeedsCasFactor)), // of unknown age
        (given(Some(NOW), true), Some(Refusal::NeedsCasFactor)),
        (given(Some(NOW - 300), false), Some(Refusal::NeedsCasFactor)),
        (given(Some(NOW), false), None),
    ] {
        let visit = Visit { cas, ..ann.visit("s") };
        assert_eq!(ann.begin_app(&visit).err().and_then(|verdict| refused(&verdict)), want);
    }
}

#[test]
fn f36_of_two_enrolments_begun_at_once_one_is_confirmed() {
    for thief_first in [false, true] {
        let mut ann = Object::new("ann");
        let (owner, thief) = (ann.visit("owner"), ann.visit("thief"));
        let (of_thief, his) = ann.begin_app(&thief).unwrap();
        let (of_owner, hers) = ann.begin_app(&owner).unwrap();
        let mut order = [(&owner, &of_owner, &hers), (&thief, &of_thief, &his)];
        if thief_first {
            order.reverse();
        }
        let [first, second] = order.map(|(visit, id, secret)| ann.confirm_app(visit, id, secret));
        assert!(matches!(first, PersonVerdict::Enrolled { .. }), "{first:?}");
        assert_eq!(refused(&second), Some(Refusal::Unknown), "the first one ended it");
        assert_eq!(ann.record().enrolments.len(), 1);
    }
    // A passkey whose key is being imported while another factor is confirmed.
    let mut ann = Object::new("ann");
    let (owner, thief) = (ann.visit("owner"), ann.visit("thief"));
    let (id, options) = ann.begin_passkey(&thief).unwrap();
    let answer = Authenticator::new(3, ORIGIN).create(&options);
    let (of_owner, hers) = ann.begin_app(&owner).unwrap();
    let ask = ann.begin(PersonCall::Confirm(thief, id, Confirm::Passkey(answer)));
    assert!(matches!(ann.confirm_app(&owner, &of_owner, &hers), PersonVerdict::Enrolled { .. }));
    assert_eq!(refused(&ann.finish(ask)), Some(Refusal::Unknown));
    // One that is suspended is a factor all the same.
    let mut ann = Object::new("ann");
    let (id, _, codes) = ann.enrol_app();
    let visit = ann.visit("s");
    let suspended = ann.check(&visit, &pay(Change::Suspend(id)), Proof::Recovery(codes[0].clone()));
    assert!(matches!(suspended, PersonVerdict::Changed { from_secs } if from_secs == ann.now), "{suspended:?}");
    let thief = ann.visit("thief");
    assert_eq!(ann.begin_app(&thief).err().and_then(|verdict| refused(&verdict)), Some(Refusal::NeedsFactor));
    // And so is one that no key opens.
    let mut ann = Object::new("ann");
    ann.enrol_app();
    ann.keys = keyring(&[2]);
    let thief = ann.visit("thief");
    assert_eq!(ann.begin_app(&thief).err().and_then(|verdict| refused(&verdict)), Some(Refusal::NeedsFactor));
}

#[test]
fn f37_what_a_lost_factor_paid_for_is_dropped_with_it() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    ann.enrol_passkey(&mut key);
    let owner = ann.visit("owner");
    ann.show(&owner, &add(Kind::App), &mut key);
    let (app, secret) = ann.begin_app(&owner).unwrap();
    ann.confirm_app(&owner, &app, &secret);
    // The thief has the telephone, and pays with it for a passkey, new recovery codes and a removal.
    let hers = ann.record().enrolments[0].id.clone();
    let thief = ann.visit("thief");
    ann.now += 60;
    let typed = ann.code(&secret);
    ann.check(&thief, &add(Kind::Passkey), code(&typed));
    let (held, options) = ann.begin_passkey(&thief).unwrap();
    let mut his = Authenticator::new(66, ORIGIN);
    ann.call(PersonCall::Confirm(thief.clone(), held.clone(), Confirm::Passkey(his.create(&options))));
    for change in [Change::Remove(hers.clone()), Change::Codes] {
        ann.now += 60;
        let typed = ann.code(&secret);
        ann.check(&thief, &pay(change), code(&typed));
    }
    assert_eq!((ann.record().changes.len(), ann.record().recovery.len()), (2, 2));
    // She says that it is lost, and has cancelled nothing.
    let lost = ann.show(&owner, &pay(Change::Suspend(app.clone())), &mut key);
    assert!(matches!(lost, PersonVerdict::Changed { .. }), "{lost:?}");
    assert!(ann.record().changes.is_empty(), "{:?}", ann.record().changes);
    assert_eq!(ann.record().recovery.len(), 1, "her paper codes stay");
    let cancelled = ann.record().audit.iter().filter(|row| row.what == Happened::ChangeCancelled).count();
    assert_eq!(cancelled, 1, "and it is said");
    ann.now += 73 * 3600;
    ann.call(PersonCall::Offer(owner));
    let left: Vec<_> = ann.record().enrolments.iter().map(|enrolment| enrolment.id.clone()).collect();
    assert_eq!(left, [hers, app], "his passkey never came into use");
}

#[test]
fn f37_a_weaker_factor_makes_a_change_that_waits_and_any_factor_cancels_it() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    ann.enrol_passkey(&mut key);
    let owner = ann.visit("owner");
    assert!(matches!(ann.show(&owner, &add(Kind::App), &mut key), PersonVerdict::Paid));
    let (id, secret) = ann.begin_app(&owner).unwrap();
    assert!(
        matches!(ann.confirm_app(&owner, &id, &secret), PersonVerdict::Enrolled { from_secs, .. } if from_secs == ann.now)
    );
    // The thief relays a code of the app and adds a passkey of his own.
    ann.now += 60;
    let thief = ann.visit("thief");
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&thief, &add(Kind::Passkey), code(&typed)), PersonVerdict::Paid));
    let mut his = Authenticator::new(66, ORIGIN);
    let (held, options) = ann.begin_passkey(&thief).unwrap();
    let made = ann.call(PersonCall::Confirm(thief.clone(), held.clone(), Confirm::Passkey(his.create(&options))));
    assert!(
        matches!(made, PersonVerdict::Enrolled { from_secs, passed: None, .. } if from_secs == ann.now + 72 * 3600)
    );
    let options = ann.options(&thief, &SIGN_IN);
    assert_eq!(refused(&ann.check(&thief, &SIGN_IN, Proof::Passkey(his.get(&options)))), Some(Refusal::PasskeyRefused));
    // So does the removal of hers.
    let hers = ann.record().enrolments[0].id.clone();
    ann.now += 60;
    let typed = ann.code(&secret);
    let removal = ann.check(&thief, &pay(Change::Remove(hers.clone())), code(&typed));
    assert!(matches!(removal, PersonVerdict::Changed { from_secs } if from_secs == ann.now + 72 * 3600), "{removal:?}");
    // Every page says so, and she cancels both.
    let PersonVerdict::Menu(menu) = ann.call(PersonCall::Offer(owner.clone())) else { panic!() };
    assert_eq!(menu.changes, 2);
    passed(ann.show(&owner, &SIGN_IN, &mut key));
    let waiting = ann.record().changes[0].id.clone();
    for id in [held, waiting] {
        assert!(matches!(ann.call(PersonCall::Cancel(owner.clone(), id)), PersonVerdict::Done));
    }
    ann.now += 73 * 3600;
    let late = ann.visit("late");
    ann.call(PersonCall::Offer(late.clone()));
    assert!(ann.record().enrolments.iter().any(|enrolment| enrolment.id == hers));
    // Without a cancellation the change is made when its time has come.
    ann.now += 60;
    let typed = ann.code(&secret);
    ann.check(&late, &pay(Change::Remove(hers.clone())), code(&typed));
    ann.now += 72 * 3600;
    ann.call(PersonCall::Offer(late));
    assert!(ann.record().enrolments.iter().all(|enrolment| enrolment.id != hers));
}

#[test]
fn f25_a_factor_pays_for_the_change_that_its_page_names_and_for_five_minutes() {
    let mut ann = Object::new("ann");
    let (id, secret, _) = ann.enrol_app();
    ann.now += 60;
    let visit = ann.visit("s");
    let typed = ann.code(&secret);
    passed(ann.check(&visit, &SIGN_IN, code(&typed)));
    assert_eq!(ann.begin_app(&visit).err().and_then(|v| refused(&v)), Some(Refusal::NeedsFactor), "it signed her in");
    ann.now += 60;
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&visit, &add(Kind::App), code(&typed)), PersonVerdict::Paid));
    assert_eq!(
        ann.begin_passkey(&visit).err().and_then(|v| refused(&v)),
        Some(Refusal::NeedsFactor),
        "for another kind"
    );
    let other = ann.visit("other");
    assert_eq!(ann.begin_app(&other).err().and_then(|v| refused(&v)), Some(Refusal::NeedsFactor), "in another session");
    ann.now += 300;
    assert_eq!(ann.begin_app(&visit).err().and_then(|v| refused(&v)), Some(Refusal::NeedsFactor), "too late");
    ann.required = true;
    let typed = ann.code(&secret);
    let last = ann.check(&visit, &pay(Change::Remove(id)), code(&typed));
    assert_eq!(refused(&last), Some(Refusal::LastFactor));
}

#[test]
fn f26_a_challenge_is_spent_first_and_bound_to_session_and_purpose() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    let id = ann.enrol_passkey(&mut key);
    let visit = ann.visit("s1");
    let options = ann.options(&visit, &SIGN_IN);
    let answer = key.get(&options);
    let given = passed(ann.check(&visit, &SIGN_IN, Proof::Passkey(answer.clone()))).given;
    assert!(given.kind == Kind::Passkey && given.verified && !given.synced);
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(answer))), Some(Refusal::ChallengeOver), "twice");
    // In another session, which has a challenge of its own.
    let other = ann.visit("s2");
    let (options, _) = (ann.options(&visit, &SIGN_IN), ann.options(&other, &SIGN_IN));
    assert_eq!(refused(&ann.check(&other, &SIGN_IN, Proof::Passkey(key.get(&options)))), Some(Refusal::PasskeyRefused));
    // For another purpose, and then for its own: the first look spent it.
    let options = ann.options(&visit, &SIGN_IN);
    let removal = pay(Change::Remove(id));
    assert_eq!(refused(&ann.check(&visit, &removal, Proof::Passkey(key.get(&options)))), Some(Refusal::ChallengeOver));
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(key.get(&options)))), Some(Refusal::ChallengeOver));
    // Bad JSON spends it too.
    let options = ann.options(&visit, &SIGN_IN);
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey("{".into()))), Some(Refusal::PasskeyRefused));
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(key.get(&options)))), Some(Refusal::ChallengeOver));
    let options = ann.options(&visit, &SIGN_IN);
    ann.now += 300;
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(key.get(&options)))), Some(Refusal::ChallengeOver));
    // Of a site's page.
    key.origin = "https://wiki.example.org".into();
    assert_eq!(refused(&ann.show(&visit, &SIGN_IN, &mut key)), Some(Refusal::PasskeyRefused));
    key.origin = ORIGIN.into();
    key.flags = 0;
    assert_eq!(refused(&ann.show(&visit, &SIGN_IN, &mut key)), Some(Refusal::PasskeyRefused), "nobody touched it");
    key.flags = USER_PRESENT;
    assert!(!passed(ann.show(&visit, &SIGN_IN, &mut key)).given.verified);
    // Somebody else's key.
    let mut other_key = Authenticator::new(66, ORIGIN);
    assert_eq!(refused(&ann.show(&visit, &SIGN_IN, &mut other_key)), Some(Refusal::PasskeyRefused));
}

#[test]
fn f23_a_passkey_is_of_one_host_and_one_person() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    ann.enrol_passkey(&mut key);
    let visit = ann.visit("s");
    let options = ann.options(&visit, &SIGN_IN);
    let elsewhere = options.replace("portal.example.org", "wiki.example.org");
    assert_eq!(
        refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(key.get(&elsewhere)))),
        Some(Refusal::PasskeyRefused)
    );
    for (handle, want) in [("AAAA".to_owned(), Some(Refusal::PasskeyRefused)), (ann.record().handle, None)] {
        let options = ann.options(&visit, &SIGN_IN);
        let mut answer: serde_json::Value = serde_json::from_str(&key.get(&options)).unwrap();
        answer["response"]["userHandle"] = handle.into();
        assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Passkey(answer.to_string()))), want);
    }
}

#[test]
fn f54_a_counter_suspends_only_when_it_stood_for_a_minute() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    ann.enrol_passkey(&mut key);
    ann.now += 3_600;
    let (one, two) = (ann.visit("s1"), ann.visit("s2"));
    // Two tabs, whose answers come out of order.
    let (first, second) = (ann.options(&one, &SIGN_IN), ann.options(&two, &SIGN_IN));
    let (early, late) = (key.get(&first), key.get(&second));
    passed(ann.check(&two, &SIGN_IN, Proof::Passkey(late)));
    ann.now += 20;
    assert_eq!(refused(&ann.check(&one, &SIGN_IN, Proof::Passkey(early))), Some(Refusal::PasskeyCounter));
    assert!(ann.record().enrolments[0].is_usable(UnixMs::from_secs(ann.now)), "noted, and no more");
    assert!(ann.record().audit.iter().any(|row| row.what == Happened::CounterStoodStill));
    passed(ann.show(&one, &SIGN_IN, &mut key));
    // A copy, an hour later.
    ann.now += 3_600;
    key.count = 0;
    assert_eq!(refused(&ann.show(&one, &SIGN_IN, &mut key)), Some(Refusal::PasskeyCounter));
    assert!(!ann.record().enrolments[0].is_usable(UnixMs::from_secs(ann.now)));
    assert!(ann.record().has_factor());
}

#[test]
fn f27_a_secret_that_no_key_opens_is_never_a_wrong_code() {
    let mut ann = Object::new("ann");
    let (_, secret, codes) = ann.enrol_app();
    let kid = ann.keys.kid().text();
    let row = ann.record().row(UnixMs::from_secs(ann.now));
    assert_eq!((row.kinds, row.kids), (vec![Kind::App], vec![kid.clone()]), "the directory knows of the key");
    ann.keys = keyring(&[2]);
    ann.now += 60;
    let visit = ann.visit("s");
    let typed = ann.code(&secret);
    for proof in [code(&typed), Proof::Recovery(codes[0].clone())] {
        match ann.check(&visit, &SIGN_IN, proof) {
            PersonVerdict::Unreadable { kid: missing } => assert_eq!(missing, kid),
            other => panic!("{other:?}"),
        }
    }
    ann.keys = keyring(&[2, 1]);
    passed(ann.check(&visit, &SIGN_IN, code(&typed)));
    let kids = [(kid.clone(), 1), (keyring(&[2]).kid().text(), 1), (keyring(&[3]).kid().text(), 0)];
    assert_eq!(anchor::missing_keys(&kids, &keyring(&[2])), [kid.as_str()], "and it is said at the start");
}

#[test]
fn f28_an_invitation_is_one_persons_once_after_a_fresh_sign_in() {
    let mut ann = Object { enrolling: Enrolling::Invited, ..Object::new("ann") };
    let invitation = Invitation { id: "i1".into(), person: name("ann"), until_secs: NOW + DAY };
    let with = |ann: &Object, invitation: &Invitation| Visit { invitation: Some(invitation.clone()), ..ann.visit("s") };
    let other = Invitation { person: name("bob"), ..invitation.clone() };
    let visit = with(&ann, &other);
    assert_eq!(
        ann.begin_app(&visit).err().and_then(|v| refused(&v)),
        Some(Refusal::InvitationOver),
        "another person's"
    );
    let visit = Visit { fresh: false, ..with(&ann, &invitation) };
    assert_eq!(ann.begin_app(&visit).err().and_then(|v| refused(&v)), Some(Refusal::NeedsFreshLogin));
    let late = Invitation { until_secs: NOW, ..invitation.clone() };
    let visit = with(&ann, &late);
    assert_eq!(ann.begin_app(&visit).err().and_then(|v| refused(&v)), Some(Refusal::InvitationOver));
    let visit = with(&ann, &invitation);
    let (id, secret) = ann.begin_app(&visit).unwrap();
    // The same invitation in another tab, which confirms first.
    let twin = Visit { sid: "s2".into(), object: name("s2"), ..visit.clone() };
    let (twin_id, twin_secret) = ann.begin_app(&twin).unwrap();
    assert!(matches!(ann.confirm_app(&twin, &twin_id, &twin_secret), PersonVerdict::Enrolled { .. }));
    assert_eq!(refused(&ann.confirm_app(&visit, &id, &secret)), Some(Refusal::Unknown));
    assert_eq!(ann.begin_app(&visit).err().and_then(|v| refused(&v)), Some(Refusal::InvitationOver), "used");
}

#[test]
fn f09_a_remembered_device_is_one_persons_and_dies_with_the_factor() {
    let (mut ann, mut bob) = (Object::new("ann"), Object::new("bob"));
    let (id, secret, _) = ann.enrol_app();
    bob.enrol_app();
    ann.now += 60;
    let remember = gate::factor::call::Purpose::SignIn { remember: true };
    let visit = ann.visit("s");
    let typed = ann.code(&secret);
    let device = passed(ann.check(&visit, &remember, code(&typed))).device;
    let remembered = |object: &mut Object, shared: bool| {
        let visit = Visit { device: device.clone(), shared, ..object.visit("later") };
        match object.call(PersonCall::Offer(visit)) {
            PersonVerdict::Menu(menu) => menu.remembered,
            other => panic!("{other:?}"),
        }
    };
    assert!(remembered(&mut ann, false).is_some_and(|given| given.remembered && given.amr() == ["pwd"]));
    assert_eq!(remembered(&mut ann, true), None, "on a shared network");
    assert_eq!(remembered(&mut bob, false), None, "another person's");
    ann.now += 60;
    let visit = Visit { device: device.clone(), ..ann.visit("s") };
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&visit, &pay(Change::Remove(id)), code(&typed)), PersonVerdict::Changed { .. }));
    assert_eq!(remembered(&mut ann, false), None, "the factor is gone");
    assert_eq!(ann.record().devices.len(), 2, "the device is known all the same");
}

#[test]
fn f43_a_remembered_device_stands_in_for_the_kind_that_was_given_on_it() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    ann.now += 60;
    let remember = gate::factor::call::Purpose::SignIn { remember: true };
    let visit = ann.visit("relayed");
    let typed = ann.code(&secret);
    let device = passed(ann.check(&visit, &remember, code(&typed))).device;
    let remembered = |object: &mut Object, device: &Option<String>| {
        let visit = Visit { device: device.clone(), ..object.visit("later") };
        match object.call(PersonCall::Offer(visit)) {
            PersonVerdict::Menu(menu) => menu.remembered.map(|given| given.kind),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(remembered(&mut ann, &device), Some(Kind::App));
    // A passkey, made and used last, in another browser.
    ann.now += 60;
    let owner = ann.visit("owner");
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&owner, &add(Kind::Passkey), code(&typed)), PersonVerdict::Paid));
    let mut key = Authenticator::new(9, ORIGIN);
    let (id, options) = ann.begin_passkey(&owner).unwrap();
    let made = ann.call(PersonCall::Confirm(owner.clone(), id, Confirm::Passkey(key.create(&options))));
    assert!(matches!(made, PersonVerdict::Enrolled { .. }), "{made:?}");
    assert_eq!(remembered(&mut ann, &device), Some(Kind::App), "a code was given on this one, and no passkey");
    ann.now += 60;
    let own = passed(ann.show(&ann.visit("owner-later"), &remember, &mut key)).device;
    assert_eq!(remembered(&mut ann, &own), Some(Kind::Passkey));
    assert_eq!(remembered(&mut ann, &device), Some(Kind::App), "whatever was used last elsewhere");
    // Who wants only the passkey is not stood in for by a code.
    let only = pay(Change::OnlyPasskey(true));
    assert!(matches!(ann.show(&owner, &only, &mut key), PersonVerdict::Changed { .. }));
    assert_eq!(remembered(&mut ann, &device), None);
    assert_eq!(remembered(&mut ann, &own), Some(Kind::Passkey));
}

#[test]
fn f36_what_a_lost_factor_has_paid_for_is_not_confirmed() {
    let changes: [fn(String) -> Change; 2] = [Change::Suspend, Change::Remove];
    for change in changes {
        let mut ann = Object::new("ann");
        let (id, secret, paper) = ann.enrol_app();
        let mut key = Authenticator::new(9, ORIGIN);
        ann.now += 60;
        let owner = ann.visit("owner");
        let typed = ann.code(&secret);
        assert!(matches!(ann.check(&owner, &add(Kind::Passkey), code(&typed)), PersonVerdict::Paid));
        let (made, options) = ann.begin_passkey(&owner).unwrap();
        ann.call(PersonCall::Confirm(owner.clone(), made, Confirm::Passkey(key.create(&options))));
        ann.now += 60;
        // The thief of the telephone begins an app of his own by its code.
        let thief = ann.visit("thief");
        let typed = ann.code(&secret);
        assert!(matches!(ann.check(&thief, &add(Kind::App), code(&typed)), PersonVerdict::Paid));
        let (theirs, their_secret) = ann.begin_app(&thief).unwrap();
        ann.now += 60;
        let change = change(id.clone());
        let verdict = match change {
            Change::Suspend(_) => ann.check(&owner, &pay(change), Proof::Recovery(paper[0].clone())),
            _ => ann.show(&owner, &pay(change), &mut key),
        };
        assert!(matches!(verdict, PersonVerdict::Changed { .. }), "{verdict:?}");
        let verdict = ann.confirm_app(&thief, &theirs, &their_secret);
        assert_eq!(refused(&verdict), Some(Refusal::Unknown), "{verdict:?}");
        assert!(ann.record().enrolments.iter().all(|enrolment| enrolment.id != theirs));
    }
}

#[test]
fn f28_an_invitation_that_paid_for_a_change_enrols_nothing_after_its_end() {
    let mut ann = Object::new("ann");
    let (app, _, paper) = ann.enrol_app();
    let invitation = Invitation { id: "i1".into(), person: name("ann"), until_secs: NOW + 120 };
    let visit = Visit { invitation: Some(invitation), ..ann.visit("s") };
    let (id, secret) = ann.begin_app(&visit).unwrap();
    let rename = pay(Change::Rename(app, "mine".into()));
    let verdict = ann.check(&visit, &rename, Proof::Recovery(paper[0].clone()));
    assert!(matches!(verdict, PersonVerdict::Changed { from_secs: NOW }), "{verdict:?}");
    assert_eq!(refused(&ann.confirm_app(&visit, &id, &secret)), Some(Refusal::InvitationOver));
    ann.now += 121;
    assert_eq!(refused(&ann.confirm_app(&visit, &id, &secret)), Some(Refusal::InvitationOver), "used once, for ever");
}

#[test]
fn f46_forty_one_sign_ins_and_all_are_ended() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    for n in 0..41 {
        ann.now += 1;
        let visit = ann.visit(&format!("s{n}"));
        assert!(matches!(ann.call(PersonCall::Offer(visit)), PersonVerdict::Menu(_)));
    }
    let last = ann.visit("s40");
    ann.now += 30;
    let generation = ann.record().generation;
    // The password alone ends no session of somebody else.
    for sid in [None, Some("s39".to_owned())] {
        assert_eq!(refused(&ann.call(PersonCall::End(last.clone(), sid))), Some(Refusal::NeedsFactor));
    }
    let own = PersonCall::End(ann.visit("s38"), Some("s38".into()));
    assert!(matches!(ann.call(own), PersonVerdict::Done), "but it ends its own");
    let typed = ann.code(&secret);
    passed(ann.check(&last, &SIGN_IN, code(&typed)));
    assert!(matches!(ann.call(PersonCall::End(last.clone(), None)), PersonVerdict::Done));
    assert_ne!(ann.record().generation, generation);
    let errands = PersonRecord::errands(ann.text.as_deref().unwrap());
    let ended: Vec<&str> = errands
        .iter()
        .filter_map(|errand| match &errand.what {
            ErrandKind::End { sid, .. } => Some(sid.as_str()),
            _ => None,
        })
        .collect();
    for n in 0..41 {
        assert!(ended.contains(&format!("s{n}").as_str()), "s{n}");
    }
    assert_eq!(refused(&ann.call(PersonCall::Offer(last))), Some(Refusal::SessionEnded));
    // An errand stays until it is answered, whatever happens between.
    for errand in errands {
        ann.call(PersonCall::Told(errand.id));
    }
    assert!(
        PersonRecord::errands(ann.text.as_deref().unwrap())
            .iter()
            .all(|errand| matches!(&errand.what, ErrandKind::End { sid, .. } if sid == "s40"))
    );
    let unseen = ann.visit("unseen");
    assert_eq!(refused(&ann.call(PersonCall::Offer(unseen))), Some(Refusal::SessionEnded), "whatever began before");
    ann.now += 1;
    let later = ann.visit("later");
    assert!(matches!(ann.call(PersonCall::Offer(later)), PersonVerdict::Menu(_)));
}

#[test]
fn f45_what_is_to_be_told_outlives_a_crash_at_each_step() {
    let mut ann = Object::new("ann");
    let (id, secret, _) = ann.enrol_app();
    for n in 0..5 {
        let visit = ann.visit(&format!("s{n}"));
        ann.call(PersonCall::Offer(visit));
    }
    for errand in PersonRecord::errands(ann.text.as_deref().unwrap()) {
        ann.call(PersonCall::Told(errand.id));
    }
    ann.now += 60;
    let visit = ann.visit("s0");
    let typed = ann.code(&secret);
    let removed = ann.check(&visit, &pay(Change::Remove(id)), code(&typed));
    assert!(matches!(removed, PersonVerdict::Changed { .. }), "{removed:?}");
    let pending = |ann: &Object| PersonRecord::errands(ann.text.as_deref().unwrap());
    let lowered = |ann: &Object| {
        let kinds = pending(ann).into_iter().filter(|errand| matches!(errand.what, ErrandKind::Lower { .. }));
        kinds.count()
    };
    assert_eq!((lowered(&ann), ann.record().has_factor()), (6, false), "one write has it all");
    // The process is killed after each answer: the others are told later.
    for left in (0..6).rev() {
        let next = pending(&ann).into_iter().find(|errand| matches!(errand.what, ErrandKind::Lower { .. })).unwrap();
        ann.call(PersonCall::Told(next.id));
        ann.call(PersonCall::Told(next.id));
        assert_eq!(lowered(&ann), left);
    }
}

#[test]
fn the_directory_hears_once_of_a_day_of_use_and_without_an_errand() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    for errand in PersonRecord::errands(ann.text.as_deref().unwrap()) {
        ann.call(PersonCall::Told(errand.id));
    }
    let mut days = Vec::new();
    for wait in [60, 86_400, 60, 86_400] {
        ann.now += wait;
        let (visit, typed) = (ann.visit("s0"), ann.code(&secret));
        let PersonStep::Done(_, Some(written)) = ann.begin(PersonCall::Check(visit, SIGN_IN, code(&typed))) else {
            panic!("a check of a code is written at once")
        };
        assert_eq!(written.due, None, "no errand, so no alarm");
        days.extend(written.used_day);
    }
    let today = ann.now / 86_400;
    assert_eq!(days, [today - 1, today]);
}

#[test]
fn f62_asked_for_the_passkey_alone_no_code_is_offered_or_taken() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    let passkey = ann.enrol_passkey(&mut key);
    let visit = ann.visit("owner");
    assert!(matches!(ann.show(&visit, &add(Kind::App), &mut key), PersonVerdict::Paid));
    let (id, secret) = ann.begin_app(&visit).unwrap();
    ann.confirm_app(&visit, &id, &secret);
    assert!(matches!(ann.show(&visit, &pay(Change::OnlyPasskey(true)), &mut key), PersonVerdict::Changed { .. }));
    let PersonVerdict::Menu(menu) = ann.call(PersonCall::Offer(visit.clone())) else { panic!() };
    assert_eq!((menu.kinds, menu.codes_left), (vec![Kind::Passkey], 0));
    ann.now += 60;
    let typed = ann.code(&secret);
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, code(&typed))), Some(Refusal::OnlyPasskey));
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, Proof::Recovery("A".into()))), Some(Refusal::OnlyPasskey));
    let undone = ann.check(&visit, &pay(Change::OnlyPasskey(false)), code(&typed));
    assert!(
        matches!(undone, PersonVerdict::Changed { from_secs } if from_secs > ann.now),
        "a code undoes it in 72 hours"
    );
    assert!(ann.record().only_passkey);
    assert!(matches!(ann.show(&visit, &pay(Change::OnlyPasskey(false)), &mut key), PersonVerdict::Changed { .. }));
    assert!(!ann.record().only_passkey);
    // Without a passkey there is nothing to be asked for alone.
    for change in [Change::OnlyPasskey(true), Change::Remove(passkey)] {
        assert!(matches!(ann.show(&visit, &pay(change), &mut key), PersonVerdict::Changed { .. }));
    }
    let PersonVerdict::Menu(menu) = ann.call(PersonCall::Offer(visit)) else { panic!() };
    assert_eq!((menu.kinds, menu.only_passkey), (vec![Kind::App], false));
}

#[test]
fn f06_a_token_by_its_seed_is_confirmed_and_resynchronised_by_two_codes() {
    const SEED: &[u8] = b"12345678901234567890";
    let at = |counter| Hotp::DEFAULT.code(SEED, HotpCounter::new(counter).unwrap()).as_str().to_owned();
    let mut ann = Object::new("ann");
    let visit = ann.visit("s");
    let begin = |seed: &str, digits| Begin::Token {
        seed: seed.into(),
        timed: false,
        algorithm: "SHA1".into(),
        digits,
        period_secs: 30,
    };
    for (seed, digits) in [("", 6), ("ABCD", 6), ("3132333435363738393031323334353637383930", 5), ("!!", 6)] {
        let verdict = ann.call(PersonCall::Begin(visit.clone(), begin(seed, digits), String::new()));
        assert_eq!(refused(&verdict), Some(Refusal::BadSettings), "{seed}");
    }
    let shown =
        ann.call(PersonCall::Begin(visit.clone(), begin("3132333435363738393031323334353637383930", 6), "fob".into()));
    let PersonVerdict::Show(Show::Token { id }) = shown else { panic!("{shown:?}") };
    let one = ann.call(PersonCall::Confirm(visit.clone(), id.clone(), Confirm::Code(at(0))));
    assert_eq!(refused(&one), Some(Refusal::Unknown), "one code is not enough");
    let two = ann.call(PersonCall::Confirm(visit.clone(), id.clone(), Confirm::Codes(at(7), at(8))));
    assert!(matches!(two, PersonVerdict::Enrolled { .. }), "{two:?}");
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, code(&at(8)))), Some(Refusal::WrongCode), "spent");
    let nine = passed(ann.check(&visit, &SIGN_IN, code(&at(9))));
    assert_eq!(nine.given.kind, Kind::Token);
    // Only a device that gave a factor before may be far behind.
    let known = Visit { device: nine.device, ..visit.clone() };
    assert_eq!(refused(&ann.check(&visit, &SIGN_IN, code(&at(18)))), Some(Refusal::WrongCode));
    passed(ann.check(&known, &SIGN_IN, code(&at(18))));
    assert!(matches!(ann.call(PersonCall::Resync(visit.clone(), id.clone(), at(600), at(601))), PersonVerdict::Done));
    let back = ann.call(PersonCall::Resync(visit, id, at(500), at(501)));
    assert_eq!(refused(&back), Some(Refusal::WrongCode), "never back");
}

#[test]
fn f06_a_seed_is_read_up_to_its_longest_text() {
    const SEED: &str = "3132333435363738393031323334353637383930";
    for (len, want) in [(512, None), (513, Some(Refusal::BadSettings))] {
        let seed = format!("{SEED:len$}");
        let token = Begin::Token { seed, timed: false, algorithm: "SHA1".into(), digits: 6, period_secs: 30 };
        let mut ann = Object::new("ann");
        let begun = ann.call(PersonCall::Begin(ann.visit("s"), token, String::new()));
        assert_eq!(refused(&begun), want, "{len}: {begun:?}");
    }
}

#[test]
fn f06_a_token_is_resynchronised_in_use_or_without_its_counter_alone() {
    const SEED: &[u8] = b"12345678901234567890";
    let at = |counter| Hotp::DEFAULT.code(SEED, HotpCounter::new(counter).unwrap()).as_str().to_owned();
    for (state, is_done) in
        [(State::Active, true), (State::Unsynchronised, true), (State::Suspended { since_secs: NOW }, false)]
    {
        let mut ann = Object::new("ann");
        let visit = ann.visit("s");
        let seed = data_encoding::HEXLOWER.encode(SEED);
        let token = Begin::Token { seed, timed: false, algorithm: "SHA1".into(), digits: 6, period_secs: 30 };
        let shown = ann.call(PersonCall::Begin(visit.clone(), token, String::new()));
        let PersonVerdict::Show(Show::Token { id }) = shown else { panic!("{shown:?}") };
        ann.call(PersonCall::Confirm(visit.clone(), id.clone(), Confirm::Codes(at(7), at(8))));
        let mut record = ann.record();
        record.enrolments[0].state = state.clone();
        ann.text = Some(record.write());
        let verdict = ann.call(PersonCall::Resync(visit, id, at(20), at(21)));
        assert_eq!(matches!(verdict, PersonVerdict::Done), is_done, "{state:?}: {verdict:?}");
        let after = if is_done { State::Active } else { state };
        assert_eq!(ann.record().enrolments[0].state, after);
    }
}

#[test]
fn f47_a_removal_leaves_its_factor_to_the_session_that_paid_alone() {
    let mut ann = Object::new("ann");
    let (app, secret, _) = ann.enrol_app();
    let mut key = Authenticator::new(9, ORIGIN);
    ann.now += 60;
    let (owner, thief) = (ann.visit("owner"), ann.visit("thief"));
    let typed = ann.code(&secret);
    assert!(matches!(ann.check(&owner, &add(Kind::Passkey), code(&typed)), PersonVerdict::Paid));
    let (id, options) = ann.begin_passkey(&owner).unwrap();
    ann.call(PersonCall::Confirm(owner.clone(), id, Confirm::Passkey(key.create(&options))));
    ann.now += 60;
    let typed = ann.code(&secret);
    passed(ann.check(&thief, &SIGN_IN, code(&typed)));
    for visit in [&owner, &thief] {
        assert!(matches!(ann.call(PersonCall::View(visit.clone())), PersonVerdict::Page(_)));
    }
    assert!(matches!(ann.show(&owner, &pay(Change::Remove(app)), &mut key), PersonVerdict::Changed { .. }));
    assert!(matches!(ann.call(PersonCall::View(owner)), PersonVerdict::Page(_)));
    assert_eq!(refused(&ann.call(PersonCall::View(thief))), Some(Refusal::NeedsFactor));
    let rows = ann.record().audit;
    assert!(rows.iter().all(|row| row.what != Happened::ChangeCancelled), "nothing waited: {rows:?}");
}

#[test]
fn what_has_expired_is_not_kept() {
    let mut ann = Object::new("ann");
    let mut key = Authenticator::new(9, ORIGIN);
    ann.enrol_passkey(&mut key);
    let (owner, other) = (ann.visit("owner"), ann.visit("other"));
    ann.show(&owner, &add(Kind::App), &mut key);
    let (app, secret) = ann.begin_app(&owner).unwrap();
    ann.confirm_app(&owner, &app, &secret);
    // A passkey and recovery codes that wait, because a code paid for them.
    ann.now += 60;
    let typed = ann.code(&secret);
    ann.check(&other, &add(Kind::Passkey), code(&typed));
    let (held, options) = ann.begin_passkey(&other).unwrap();
    let made = Authenticator::new(66, ORIGIN).create(&options);
    ann.call(PersonCall::Confirm(other.clone(), held, Confirm::Passkey(made)));
    ann.now += 60;
    let typed = ann.code(&secret);
    ann.check(&other, &pay(Change::Codes), code(&typed));
    // An enrolment, a challenge and letters that nobody uses.
    ann.show(&owner, &add(Kind::App), &mut key);
    ann.begin_app(&owner).unwrap();
    ann.options(&other, &SIGN_IN);
    ann.call(PersonCall::Pair(other));
    let kept = |ann: &Object| {
        let record = ann.record();
        let held = record.enrolments.iter().filter(|enrolment| enrolment.is_held()).count();
        let challenges = record.sessions.iter().filter(|session| session.challenge.is_some()).count();
        let letters = record.sessions.iter().filter(|session| session.pairing.is_some()).count();
        let sets = record.recovery.len();
        let news = usize::from(!record.notices.is_empty());
        [record.enrolments.len(), held, challenges, letters, sets, news, record.devices.len()]
    };
    let start = ann.now;
    for (after, want) in [
        (0, [4, 1, 1, 1, 2, 1, 2]),
        (1_800, [3, 1, 0, 0, 2, 1, 2]),
        (3 * DAY, [3, 0, 0, 0, 1, 1, 2]),
        (31 * DAY, [3, 0, 0, 0, 1, 0, 2]),
        (181 * DAY, [3, 0, 0, 0, 1, 0, 0]),
    ] {
        ann.now = start + after;
        ann.call(PersonCall::Offer(owner.clone()));
        assert_eq!(kept(&ann), want, "after {after} seconds");
    }
}

#[test]
fn f32_what_may_never_change_closes_every_factor_when_it_does() {
    let key = IdKey::parse(&"A".repeat(43)).unwrap();
    let other_key = IdKey::parse(&"E".repeat(43)).unwrap();
    let servers = || vec![("uni".to_owned(), "cas".to_owned())];
    let identity = || Identity::new(servers(), "portal.example.org", "eu", &key);
    let (verdict, text) = AnchorRecord::apply(None, AnchorCall::Check(identity()));
    assert!(matches!(verdict, AnchorVerdict::Same { people: 0, .. }));
    let text = text.unwrap();
    let check = |identity: Identity| AnchorRecord::apply(Some(&text), AnchorCall::Check(identity));
    assert_eq!(check(identity()).1, None, "nothing to write");
    let named = |tenant: &str, cas: &str| vec![(tenant.to_owned(), cas.to_owned())];
    for (identity, want) in [
        (Identity::new(named("uni2", "cas"), "portal.example.org", "eu", &key), Changed::Server),
        (Identity::new(named("uni", "cas2"), "portal.example.org", "eu", &key), Changed::Server),
        (Identity::new(servers(), "login.example.org", "eu", &key), Changed::RpId),
        (Identity::new(servers(), "portal.example.org", "", &key), Changed::Jurisdiction),
        (Identity::new(servers(), "portal.example.org", "eu", &other_key), Changed::IdKey),
    ] {
        assert_eq!(check(identity.clone()), (AnchorVerdict::Changed(want), None));
        let (verdict, adopted) = AnchorRecord::apply(Some(&text), AnchorCall::Adopt(identity.clone()));
        assert!(matches!(verdict, AnchorVerdict::Same { .. }));
        assert!(matches!(
            AnchorRecord::apply(adopted.as_deref(), AnchorCall::Check(identity)).0,
            AnchorVerdict::Same { .. }
        ));
    }
    let more = Identity::new([servers(), named("uni", "cas2")].concat(), "portal.example.org", "eu", &key);
    assert!(matches!(check(more).0, AnchorVerdict::Same { .. }), "a server may come");
    for broken in ["", "{}", r#"{"v":2,"anchor":{}}"#, &text[1..]] {
        let (verdict, written) = AnchorRecord::apply(Some(broken), AnchorCall::Adopt(identity()));
        assert_eq!((verdict, written), (AnchorVerdict::Changed(Changed::Unreadable), None));
    }
    let counted = AnchorCall::Counted { people: 7, kids: vec![("k".into(), 7), ("old".into(), 0)] };
    let (_, text) = AnchorRecord::apply(Some(&text), counted);
    let (verdict, _) = AnchorRecord::apply(text.as_deref(), AnchorCall::Check(identity()));
    assert_eq!(verdict, AnchorVerdict::Same { people: 7, kids: vec![("k".into(), 7)] });
    // The person's own record, unreadable or of a newer release: nothing is enrolled, and nothing written.
    for (broken, lost) in
        [("{", Lost::Unreadable), (r#"{"v":1,"person":{}}"#, Lost::Unreadable), (r#"{"v":2,"person":{}}"#, Lost::Newer)]
    {
        let mut ann = Object { text: Some(broken.into()), ..Object::new("ann") };
        let visit = ann.visit("s");
        match ann.begin_app(&visit) {
            Err(PersonVerdict::Lost(got)) => assert_eq!(got, lost),
            _ => panic!("{broken}"),
        }
        assert_eq!(ann.text.as_deref(), Some(broken));
    }
}

#[test]
fn f20_every_key_rotates_but_the_one_that_names() {
    let mut ann = Object::new("ann");
    let (_, secret, _) = ann.enrol_app();
    ann.keys = keyring(&[3, 2, 1]);
    assert_eq!(ann.object, name("ann"), "the name has no other key in it");
    ann.now += 60;
    let visit = ann.visit("s");
    let typed = ann.code(&secret);
    passed(ann.check(&visit, &SIGN_IN, code(&typed)));
}

#[test]
fn d01_no_verdict_and_no_record_shows_a_secret() {
    let mut ann = Object::new("ann");
    let visit = ann.visit("s");
    let begun = ann.call(PersonCall::Begin(visit.clone(), Begin::App, String::new()));
    let PersonVerdict::Show(Show::App { id, key, .. }) = &begun else { panic!() };
    let secret = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let confirmed = ann.confirm_app(&visit, id, &secret);
    let PersonVerdict::Enrolled { codes, .. } = &confirmed else { panic!() };
    let said = format!("{begun:?} {confirmed:?}");
    assert_eq!(said, format!("Show Enrolled({NOW})"));
    let text = ann.text.clone().unwrap();
    for secret in codes.iter().chain([key]) {
        assert!(!said.contains(secret.as_str()) && !text.contains(secret.as_str()));
    }
    let view = ann.call(PersonCall::View(visit));
    let PersonVerdict::Page(view) = view else { panic!("{view:?}") };
    assert_eq!(view.factors.len(), 1);
    assert!(!json::to_string(&view).contains(key.as_str()));
}

#[test]
fn a_page_that_takes_long_keeps_its_enrolment_for_half_an_hour() {
    let mut ann = Object::new("ann");
    let visit = ann.visit("s");
    let (id, secret) = ann.begin_app(&visit).unwrap();
    ann.now += 1_799;
    assert!(matches!(ann.confirm_app(&visit, &id, &secret), PersonVerdict::Enrolled { .. }));
    let mut ann = Object::new("ann");
    let visit = ann.visit("s");
    let (id, secret) = ann.begin_app(&visit).unwrap();
    ann.now += 1_800;
    assert_eq!(refused(&ann.confirm_app(&visit, &id, &secret)), Some(Refusal::Unknown));
    assert!(!ann.record().has_factor());
}

proptest! {
    /// Somebody with the password, and without a factor, changes nothing, whatever they call and in whatever order.
    #[test]
    fn f08_the_password_alone_changes_nothing(calls in proptest::collection::vec((0_usize..16, 0_u64..400, 0_usize..3), 1..40)) {
        let mut ann = Object::new("ann");
        let (app, _, _) = ann.enrol_app();
        let mut his = Authenticator::new(66, ORIGIN);
        let before = ann.record();
        let mut begun = app.clone();
        for (call, later, sid) in calls {
            ann.now += later;
            let visit = ann.visit(["thief-1", "thief-2", "thief-3"][sid]);
            let removal = pay(Change::Remove(app.clone()));
            let verdict = match call {
                0 => ann.call(PersonCall::Offer(visit)),
                1 => ann.check(&visit, &SIGN_IN, code("000000")),
                2 => ann.check(&visit, &add(Kind::App), code("000000")),
                3 => ann.check(&visit, &removal, Proof::Recovery("AAAA-AAAA-AAAA-AAAA".into())),
                4 => ann.begin_app(&visit).map_or_else(|refused| refused, |(id, _)| { begun = id; PersonVerdict::Done }),
                5 => ann.call(PersonCall::Confirm(visit, begun.clone(), Confirm::Code("000000".into()))),
                6 => ann.call(PersonCall::Resync(visit, app.clone(), "000000".into(), "000000".into())),
                7 => ann.call(PersonCall::Cancel(visit, app.clone())),
                8 => ann.call(PersonCall::View(visit)),
                9 => ann.call(PersonCall::Pair(visit)),
                10 => ann.call(PersonCall::LetIn(visit, "AAAAAAAA".into())),
                11 => ann.call(PersonCall::End(visit, Some("enrol-app".into()))),
                12 => ann.call(PersonCall::End(visit, None)),
                13 => ann.check(&visit, &removal, Proof::Passkey(his.get(r#"{"challenge":"AA","rpId":"portal.example.org"}"#))),
                14 => ann.call(PersonCall::Challenge(visit, SIGN_IN)),
                _ => ann.begin_passkey(&visit).map_or_else(|refused| refused, |_| PersonVerdict::Done),
            };
            let harmless = matches!(
                verdict,
                PersonVerdict::Menu(_) | PersonVerdict::Refused(_) | PersonVerdict::Wait { .. } | PersonVerdict::Letters(_)
            );
            // A guess may be right, one time in a million.
            prop_assume!(!matches!(verdict, PersonVerdict::Passed(_) | PersonVerdict::Paid));
            prop_assert!(harmless, "call {call}: {verdict:?}");
            let after = ann.record();
            prop_assert_eq!(&after.enrolments, &before.enrolments);
            prop_assert_eq!(&after.recovery, &before.recovery);
            prop_assert_eq!(&after.generation, &before.generation);
            prop_assert!(after.sessions.iter().any(|session| session.sid == "enrol-app"));
        }
    }

    /// Whatever a record holds is written and read again, and any other text is refused.
    #[test]
    fn a_record_is_a_round_trip(apps in 0_usize..3, sessions in 0_usize..6, text: String) {
        let mut ann = Object::new("ann");
        let visit = ann.visit("owner");
        let mut secret: Option<Vec<u8>> = None;
        for _ in 0..apps {
            ann.now += 60;
            if let Some(secret) = &secret {
                let typed = ann.code(secret);
                ann.check(&visit, &add(Kind::App), code(&typed));
            }
            let (id, new) = ann.begin_app(&Visit { born_secs: ann.now, ..visit.clone() }).unwrap();
            ann.confirm_app(&Visit { born_secs: ann.now, ..visit.clone() }, &id, &new);
            secret.get_or_insert(new);
        }
        for n in 0..sessions {
            let visit = ann.visit(&format!("s{n}"));
            ann.call(PersonCall::Offer(visit));
        }
        if let Some(stored) = &ann.text {
            let record = ann.record();
            prop_assert_eq!(record.write(), stored.clone());
            prop_assert!(PersonRecord::read(Some(&stored[..stored.len() - 1])).is_err());
        }
        prop_assert!(PersonRecord::read(Some(&text)).is_err());
    }
}
