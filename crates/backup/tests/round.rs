//! Round trips: an export opens again and contains everything except the announced losses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use backup::{
    Backup, BackupError, Detected, Files, Format, Loss, MaxCost, Series, Source, armour, detect, losses, series,
    unarmour, write,
};
use base::{Context, Secret, UnixMs};
use otp::{Account, Algorithm, Digits, Hotp, HotpCounter, Otp, PeriodSecs, Totp};
use proptest::prelude::*;

fn otps() -> impl Strategy<Value = Otp> {
    let algorithm = prop::sample::select(Algorithm::ALL.to_vec());
    let digits = (1_u32..=10).prop_map(|n| Digits::new(n).unwrap());
    prop_oneof![
        4 => (algorithm.clone(), digits.clone(), prop::sample::select(vec![1, 10, 30, 60, 90, 300]))
            .prop_map(|(algorithm, digits, period)| Otp::Totp(Totp { algorithm, digits, period: PeriodSecs::new(period).unwrap() })),
        2 => (algorithm, digits, 0..=9_007_199_254_740_991_u64)
            .prop_map(|(algorithm, digits, counter)| Otp::Hotp(Hotp { algorithm, digits }, HotpCounter::new(counter).unwrap())),
        1 => Just(Otp::Steam),
        1 => Just(Otp::Motp),
        1 => Just(Otp::Yandex),
    ]
}

/// An invented account that a failing test may print.
struct Shown(Source);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Source { account, note, tags, pinned } = &self.0;
        write!(f, "{:?} {:?} {:?} {note:?} {tags:?} {pinned}", account.issuer, account.name, account.otp)
    }
}

prop_compose! {
    fn sources()(
        otp in otps(),
        secret in prop::collection::vec(any::<u8>(), 16..=16),
        issuer in "[A-Za-z0-9äß:&?#+ \"\\\\]{0,12}",
        name in "[a-z@.:%,;'<> ]{1,12}",
        note in "[ -~\n]{0,20}",
        tags in prop::collection::vec("[a-z]{1,6}", 0..3),
        pinned: bool,
    ) -> Shown {
        let pin = otp.needs_pin().then(|| Secret::from(&b"1234"[..]));
        let (issuer, name) = (issuer.trim().to_owned(), name.trim().to_owned());
        let mut tags: Vec<String> = tags;
        tags.sort();
        tags.dedup();
        Shown(Source { account: Account { issuer, name, otp, secret: Secret::new(secret), pin }, note: note.trim().to_owned(), tags, pinned })
    }
}

fn open(bytes: &[u8]) -> Backup {
    match detect(Files { bytes, beside: &[] }) {
        Detected::Plain(backup) => backup,
        Detected::Locked(locked) => locked.unlock(&Secret::from(&b"pass word"[..]), MaxCost::HIGHEST).unwrap(),
        Detected::Refused(why) => panic!("{why:?}"),
    }
}

fn round(format: Format, sources: &[Source]) {
    let expected = losses(format, sources);
    let mut context = Context::new(UnixMs::from_secs(1_795_000_000), [7; 32]);
    let password = Secret::from(&b"pass word"[..]);
    let written = write(format, sources, Some(&password), &mut context).unwrap();
    assert_eq!(expected, written.losses, "the losses are announced before writing");
    let lost = |place: usize, loss: Loss| expected.contains(&(place, loss));
    let out = |place: usize| expected.iter().any(|(lost, loss)| *lost == place && loss.is_left_out());
    let kept: Vec<_> = sources.iter().enumerate().filter(|(place, _)| !out(*place)).collect();
    assert_eq!(written.count, kept.len());
    if kept.is_empty() {
        return;
    }
    let text: Vec<u8> = written.parts.iter().map(Secret::expose).collect::<Vec<_>>().join(&b'\n');
    let backup = open(&text);
    assert!(backup.refused.is_empty() && backup.missing.is_empty());
    assert_eq!(backup.entries.len(), kept.len());
    for ((place, source), entry) in kept.into_iter().zip(&backup.entries) {
        let (one, other) = (&source.account, &entry.account);
        let names = |account: &Account| (account.issuer.clone(), account.name.clone());
        // 2FAS writes the name as its service name when there is no issuer.
        if !(format == Format::TwoFas && one.issuer.is_empty()) {
            assert_eq!(names(one), names(other), "{format:?}");
        }
        assert_eq!(one.otp, other.otp, "{format:?}");
        assert!(one.secret.ct_eq(other.secret.expose()));
        assert_eq!(one.pin.as_ref().map(Secret::expose), other.pin.as_ref().map(Secret::expose));
        assert_eq!(entry.note, if lost(place, Loss::Note) { "" } else { source.note.as_str() }, "{format:?}");
        assert_eq!(entry.pinned, source.pinned && !lost(place, Loss::Pinned));
        if !lost(place, Loss::Tags) {
            let mut tags = entry.tags.clone();
            tags.sort();
            assert_eq!(tags, source.tags);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn every_format_reads_back_the_same(sources in prop::collection::vec(sources(), 1..12)) {
        let sources: Vec<Source> = sources.into_iter().map(|shown| shown.0).collect();
        for format in [Format::Links, Format::Aegis, Format::TwoFas, Format::Google] {
            round(format, &sources);
        }
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0_usize..8) {
        let starts: [&[u8]; 8] = [b"", b"{", b"PK\x03\x04", &[0xac, 0xed, 0, 5], b"AUTHENTICATORPRO", &[3, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5, 0, 0, 4, 0], &[0x1f, 0x8b, 8, 0], b"otpauth://"];
        let file = [starts[start], &bytes].concat();
        drop(detect(Files { bytes: &file, beside: &[] }));
    }

    #[test]
    fn a_vault_reads_back_from_text_and_codes(vault in prop::collection::vec(any::<u8>(), 1..28_800)) {
        let vault = [b"PTCVAULT", vault.as_slice()].concat();
        prop_assert_eq!(unarmour(&armour(&vault, "https://auth.example.org")), Some(vault.clone()));
        let Ok(mut parts) = series(&vault, [1, 2, 3, 4]) else { return Ok(()) };
        parts.rotate_left(1);
        let mut scanned = Series::new();
        for part in &parts {
            scanned.add(part).unwrap();
            scanned.add(part).unwrap();
        }
        prop_assert_eq!(scanned.finish().unwrap(), vault);
    }
}

#[test]
fn an_encrypted_aegis_file_opens_again() {
    let account = Account::from_uri("otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&issuer=Example").unwrap();
    let source = Source { account, note: "n".into(), tags: vec!["t".into()], pinned: true };
    round(Format::AegisEncrypted, &[source]);
    let mut context = Context::new(UnixMs::from_secs(0), [1; 32]);
    assert_eq!(write(Format::AegisEncrypted, &[], None, &mut context).err(), Some(BackupError::NeedsPassword));
}

#[test]
fn a_series_reports_missing_codes_and_refuses_foreign_ones() {
    let vault = vec![7; 3000];
    let parts = series(&vault, [0xab; 4]).unwrap();
    let mut scanned = Series::new();
    scanned.add(&parts[2]).unwrap();
    assert_eq!((scanned.total(), scanned.missing()), (3, vec![1, 2]));
    assert_eq!(scanned.finish(), Err(BackupError::Damaged));
    assert_eq!(scanned.add(&series(&[8; 3000], [0xab; 4]).unwrap()[0]), Err(BackupError::OtherSeries));
    assert_eq!(scanned.add("https://example.org"), Err(BackupError::Unknown));
    assert_eq!(scanned.add(&parts[0].replace(":1:3:", ":0:3:")), Err(BackupError::Damaged));
    assert_eq!(series(&vec![0; 24 * 1200 + 1], [0; 4]).err(), Some(BackupError::TooLarge));
    assert!(
        parts[0].bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b':'),
        "QR alphanumeric mode only"
    );
}
