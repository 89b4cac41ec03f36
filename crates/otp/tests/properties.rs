//! Properties of every input: nothing panics, every written account is read back, and a code works once.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use base::{Secret, UnixMs};
use otp::{
    Account, Algorithm, Digits, Hotp, HotpCounter, Key, Otp, PeriodSecs, Totp, TotpStep, Typed, Window, base32,
    migration, uri, wire,
};
use proptest::prelude::*;

fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)]
}

fn digits() -> impl Strategy<Value = Digits> {
    (1..=10_u32).prop_map(|n| Digits::new(n).expect("1 to 10"))
}

fn totp() -> impl Strategy<Value = Totp> {
    (algorithm(), digits(), 1..=u32::MAX).prop_map(|(algorithm, digits, secs)| Totp {
        algorithm,
        digits,
        period: PeriodSecs::new(secs).expect("not 0"),
    })
}

fn otp() -> impl Strategy<Value = Otp> {
    let counter = (0..=HotpCounter::MAX.value()).prop_map(|n| HotpCounter::new(n).expect("in range"));
    prop_oneof![
        4 => totp().prop_map(Otp::Totp),
        2 => (algorithm(), digits(), counter).prop_map(|(algorithm, digits, counter)| Otp::Hotp(Hotp { algorithm, digits }, counter)),
        1 => Just(Otp::Steam),
        1 => Just(Otp::Motp),
        1 => Just(Otp::Yandex),
    ]
}

/// Any text without white space at its ends, which the reader would trim.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,20}", "[:+%&=#?/ a-c]{0,12}", "\\PC{0,20}"]
        .prop_map(|text: String| text.trim_matches(|c: char| c.is_ascii_whitespace()).to_owned())
}

/// An account that a failing test may print, without its secret.
struct Sample(Account);

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?} {:?}", self.0.otp, self.0.issuer, self.0.name)
    }
}

fn account() -> impl Strategy<Value = Sample> {
    let secret = prop::collection::vec(any::<u8>(), 1..=64);
    (otp(), secret, text(), text(), prop::option::of("[0-9a-zA-Z]{1,32}")).prop_map(
        |(otp, mut secret, issuer, name, pin)| {
            if otp == Otp::Yandex {
                secret.resize(16, 7);
            }
            // A PIN that is the base32 of digits is read as those digits, as Aegis writes it, so it does not survive.
            let is_encoded = |pin: &String| {
                let mut text = pin.clone().into_bytes();
                base32::decode_in_place(&mut text, &base32::LENIENT)
                    .is_ok_and(|bytes| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit))
            };
            let pin = pin.filter(|pin| otp.needs_pin() && !is_encoded(pin)).map(|pin| Secret::new(pin.into_bytes()));
            Sample(Account { issuer, name, otp, secret: Secret::new(secret), pin })
        },
    )
}

fn same(a: &Account, b: &Account) -> bool {
    let pins = match (&a.pin, &b.pin) {
        (Some(a), Some(b)) => a.ct_eq(b.expose()),
        (a, b) => a.is_none() && b.is_none(),
    };
    (&a.issuer, &a.name, a.otp) == (&b.issuer, &b.name, b.otp) && a.secret.ct_eq(b.secret.expose()) && pins
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_written_address_reads_back_the_same(Sample(account) in account()) {
        let uri = account.to_uri();
        prop_assume!(uri.is_ok());
        let uri = uri.expect("assumed");
        let uri = std::str::from_utf8(uri.expose()).expect("ASCII");
        prop_assert!(uri.is_ascii());
        let (read_back, notes) = Account::from_uri_with_notes(uri).expect("a written address is read");
        prop_assert!(same(&account, &read_back), "{uri}");
        prop_assert_eq!(notes.iter().count(), 0);
    }

    #[test]
    fn an_export_reads_back_the_same(accounts in prop::collection::vec(account(), 0..25), id in any::<i32>()) {
        let accounts: Vec<Account> = accounts.into_iter().map(|Sample(account)| account).collect();
        let written = migration::write(&accounts, id);
        let uris: Vec<&str> = written.parts.iter().map(|p| std::str::from_utf8(p.expose()).expect("ASCII")).collect();
        let found = migration::Parts::read(&uris).expect("one export").finish();
        let lost = |place: &usize| written.losses.iter().any(|(lost, _)| lost == place);
        let kept: Vec<&Account> = accounts.iter().enumerate().filter(|(place, _)| !lost(place)).map(|(_, a)| a).collect();
        prop_assert_eq!(kept.len(), found.accounts.len());
        prop_assert!(kept.iter().zip(&found.accounts).all(|(a, b)| same(a, b)));
        prop_assert!(found.refused.is_empty() && found.missing.is_empty());
    }

    #[test]
    fn secrets_survive_both_alphabets(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut text = [0; 200];
        let len = base32::encode(&bytes, &mut text).expect("room");
        prop_assert_eq!(&*base32::decode_in_place(&mut text[..len], &base32::LENIENT).expect("good"), &bytes[..]);
        let len = base32::encode_hex(&bytes, &mut text).expect("room");
        prop_assert_eq!(&*base32::decode_hex_in_place(&mut text[..len]).expect("good"), &bytes[..]);
    }

    #[test]
    fn a_code_works_once_and_only_in_its_window(
        totp in totp(), key in prop::collection::vec(any::<u8>(), 1..40), now in 0..4_000_000_000_u64, drift in -3..=3_i64, window in 0..=3_u32,
    ) {
        let now = UnixMs::from_secs(now);
        let present = totp.step(now);
        let Some(step) = present.0.checked_add_signed(drift).map(TotpStep) else { return Ok(()) };
        let typed = Typed::new(totp.code(&key, step).as_bytes()).expect("digits");
        let window = Window::new(window).expect("small");
        if let Some(found) = totp.verify(&key, &typed, now, window, None) {
            prop_assert!(found.step.0.abs_diff(present.0) <= window.steps().into());
            prop_assert_eq!(i64::try_from(found.step.0).unwrap() - i64::try_from(present.0).unwrap(), found.drift.into());
            prop_assert!(typed.matches(&totp.code(&key, found.step)));
            let replayed = totp.verify(&key, &typed, now, window, Some(found.step));
            prop_assert!(replayed.is_none_or(|replayed| replayed.step > found.step));
        } else {
            prop_assert!(drift.unsigned_abs() > window.steps().into());
        }
    }

    #[test]
    fn no_address_panics(text in "\\PC{0,200}") {
        let _ = Account::from_uri(&text);
        let _ = migration::Part::read(&text);
    }

    #[test]
    fn no_address_of_the_right_kind_panics(
        kind in "(otpauth://(totp|hotp|steam|yaotp|motp|x)|motp:/|steam:/|otpauth-migration://offline)", rest in "[/?&=%:+#A-Za-z0-9 ]{0,80}",
        settings in "(secret=[A-Za-z2-9]{0,40}|issuer=\\PC{0,8}|digits=[0-9]{0,4}|period=[0-9-]{0,22}|counter=[0-9]{0,22}|pin=[^ ]{0,60}|data=[A-Za-z0-9+/=%]{0,90}|&){0,6}",
    ) {
        let uri = format!("{kind}{rest}?{settings}");
        if let Ok(account) = Account::from_uri(&uri) {
            let written = account.to_uri().expect("an account that was read is written");
            let read_back = Account::from_uri(std::str::from_utf8(written.expose()).unwrap()).expect("and read back");
            prop_assert!(same(&account, &read_back), "{uri}");
        }
        let _ = migration::Part::read(&uri);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), number in any::<f64>(), count in any::<usize>()) {
        let (mut out, mut scratch) = ([0; 64], [0; 100]);
        let _ = uri::read(&bytes, &mut scratch).is_ok();
        let _ = wire::parse(&bytes, &mut scratch, &mut out);
        let _ = wire::format(&mut bytes.clone(), &mut out);
        let _ = wire::codes(&mut bytes.clone(), count, number, &mut out);
        let _ = wire::codes(&mut bytes.clone(), 2, 1e12, &mut out);
        let _ = wire::verify(&mut bytes.clone(), &bytes, number, 1.0, number, &mut out);
        let _ = wire::verify_counter(&mut bytes.clone(), &bytes, number, &mut out);
        let _ = wire::resync(&mut bytes.clone(), &bytes, &bytes, number, &mut out);
        let _ = base32::decode_in_place(&mut bytes.clone(), &base32::LENIENT);
        let _ = base32::decode_hex_in_place(&mut bytes.clone());
    }

    #[test]
    fn no_record_head_panics(numbers in prop::array::uniform9(prop_oneof![Just(0.0), Just(3.0), Just(f64::NAN), Just(-1.0), Just(f64::INFINITY), 0.0..12.0, any::<f64>()]), texts in "[A-Z2-7]{0,60}") {
        let mut record: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        record.extend(texts.bytes());
        let mut out = [0; 200];
        let _ = wire::codes(&mut record.clone(), 1, 1e12, &mut out);
        let _ = wire::format(&mut record, &mut out);
    }

    #[test]
    fn no_time_and_no_counter_panics(otp in otp(), secret in prop::collection::vec(any::<u8>(), 0..200), pin in "[a-z]{0,40}", now in any::<u64>(), after in any::<u64>()) {
        let key = Key { secret: &secret, pin: pin.as_bytes() };
        let _ = otp.code_at(&key, UnixMs::from_millis(now));
        let typed = Typed::new(b"123456").expect("digits");
        let _ = otp.verify(&key, &typed, UnixMs::from_millis(now), Window::ONE, Some(TotpStep(after)));
        if let Otp::Hotp(hotp, counter) = otp {
            let _ = hotp.verify(&secret, &typed, counter, Window::ONE);
            let _ = hotp.resync(&secret, [&typed, &typed], counter, 3);
        }
    }
}
