//! What only callers in Rust can do: compare accounts, decode strictly, hand over room of a certain size.
#![allow(clippy::expect_used, reason = "a test may panic")]

use base::{Secret, UnixMs};
use otp::{
    Account, Kind, OtpError, Totp, TotpStep, Typed, Window,
    base32::{self, LENIENT, Leniency},
    links, uri,
};

#[test]
fn accounts_with_and_without_a_pin_differ() {
    let account = |pin: Option<&str>| {
        let account = Account::from_uri("motp://Example:ann?secret=e3152afee62599c8").expect("a good address");
        Account { pin: pin.map(|pin| Secret::from(pin.as_bytes())), ..account }
    };
    let rows = [
        (None, None, true),
        (Some("1234"), Some("1234"), true),
        (Some("1234"), Some("1235"), false),
        (Some("1234"), None, false),
        (None, Some("1234"), false),
    ];
    for (one, two, same) in rows {
        assert_eq!(account(one).is_same(&account(two)), same, "{one:?} {two:?}");
    }
}

#[test]
fn every_kind_has_the_name_by_which_it_is_found() {
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(kind));
    }
    assert_eq!(Kind::named("TOTP"), None);
}

#[test]
fn a_window_is_as_wide_as_it_says() {
    let (key, present) = (b"12345678901234567890", 33_333_333_u64);
    let now = UnixMs::from_secs(present * 30);
    for steps in 0..=3 {
        let window = Window::new(steps).expect("a small window");
        for step in present - 4..=present + 4 {
            let typed = Typed::new(Totp::DEFAULT.code(key, TotpStep(step)).as_bytes()).expect("digits");
            let found = Totp::DEFAULT.verify(key, &typed, now, window, None).map(|found| found.step);
            let is_within = step.abs_diff(present) <= u64::from(steps);
            assert_eq!(found, is_within.then_some(TotpStep(step)), "{steps} {step}");
        }
    }
}

#[test]
fn trailing_bits_are_refused_where_they_are_not_allowed() {
    let strict = Leniency { left_over_bits: false, ..LENIENT };
    // RFC 4648 section 6: one, three or six letters too many fill no byte, and the bits that are left are zero.
    let rows = [
        ("", true),
        ("A", false),
        ("AA", true),
        ("AB", false),
        ("AE", true),
        ("AAA", false),
        ("AAAA", true),
        ("AAAB", false),
        ("AAAAA", true),
        ("AAAAB", false),
        ("AAAAAA", false),
        ("AAAAAAA", true),
        ("AAAAAAB", false),
        ("AAAAAAAB", true),
    ];
    for (text, right) in rows {
        let decoded = |leniency| base32::decode_in_place(&mut text.as_bytes().to_vec(), leniency).map(|_| ());
        assert_eq!(
            decoded(&strict),
            if right { Ok(()) } else { Err(OtpError::BadBase32 { at: text.len() }) },
            "{text}"
        );
        assert_eq!(decoded(&LENIENT), Ok(()), "{text}");
    }
}

#[test]
fn a_text_may_fill_its_room() {
    assert_eq!(base32::encode(b"12345", &mut [0; 8]), Some(8));
    assert_eq!(base32::encode(b"12345", &mut [0; 7]), None);
}

#[test]
fn an_address_is_read_in_enough_room_only() {
    let address = b"otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example";
    let spare = uri::MAX_SCRATCH.saturating_sub(uri::MAX_URI);
    let read = |room: usize| uri::read(address, &mut vec![0; room]).map(|_| ());
    assert_eq!(read(address.len().saturating_add(spare)), Ok(()));
    assert_eq!(read(address.len().saturating_add(spare).saturating_sub(1)), Err(OtpError::TooLong));
}

#[test]
fn a_pasted_text_has_a_greatest_length() {
    let read = |len: usize| links::read(&["x".repeat(len)]).map(|links| links.accounts.len());
    assert_eq!(read(links::MAX_TEXT), Ok(0));
    assert_eq!(read(links::MAX_TEXT.saturating_add(1)), Err(OtpError::TooLong));
    // A page as people copy it.
    assert_eq!(read(500_000), Ok(0));
}
