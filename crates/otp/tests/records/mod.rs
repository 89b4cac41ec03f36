//! Converts accounts of vector rows to records and back, as the npm package does.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken row is a broken test, which may panic"
)]

use otp::{Account, Algorithm, wire};
use vectors::otp as rows;

const KINDS: [&str; 5] = ["totp", "hotp", "steam", "motp", "yandex"];
const ALGORITHMS: [&str; 4] = ["SHA1", "SHA256", "SHA512", "MD5"];

/// The `wire` record of an account.
pub(crate) fn record(account: &rows::Account) -> Vec<u8> {
    let place = |list: &[&str], word: &str| list.iter().position(|known| *known == word).expect(word) as f64;
    let texts = [&account.secret, &account.issuer, &account.name, account.pin.as_ref().unwrap_or(&String::new())]
        .map(|text| text.as_bytes().to_vec());
    let numbers = [
        place(&KINDS, &account.kind),
        place(&ALGORITHMS, &account.algorithm),
        account.digits,
        account.period_secs.unwrap_or(0.0),
        account.counter.unwrap_or(0.0),
    ];
    let lengths = texts.iter().map(|text| text.len() as f64);
    let mut record: Vec<u8> = numbers.into_iter().chain(lengths).flat_map(f64::to_le_bytes).collect();
    record.extend(texts.concat());
    record
}

/// The first `N` numbers of a result.
pub(crate) fn numbers<const N: usize>(bytes: &[u8]) -> [f64; N] {
    std::array::from_fn(|i| f64::from_le_bytes(bytes[i * 8..][..8].try_into().expect("eight bytes")))
}

/// The account of a record.
pub(crate) fn record_account(record: &[u8]) -> rows::Account {
    let [kind, algorithm, digits, period, counter, lengths @ ..] = numbers::<9>(record);
    let mut rest = &record[wire::HEAD..];
    let [secret, issuer, name, pin] = lengths.map(|length| {
        let (text, after) = rest.split_at(length as usize);
        rest = after;
        String::from_utf8_lossy(text).into_owned()
    });
    assert_eq!(rest, b"", "a record ends with its texts");
    let kind = KINDS[kind as usize].to_owned();
    let counts = kind == "hotp";
    rows::Account {
        kind,
        secret,
        issuer,
        name,
        algorithm: ALGORITHMS[algorithm as usize].to_owned(),
        digits,
        period_secs: (!counts).then_some(period),
        counter: counts.then_some(counter),
        pin: (!pin.is_empty()).then_some(pin),
    }
}

/// Converts an account of this crate to the form of a row.
pub(crate) fn account_of(account: &Account) -> rows::Account {
    let (otp, key) = (account.otp, account.key());
    let mut text = vec![0; 8192];
    let len = match otp {
        otp::Otp::Motp => otp::base32::encode_hex(key.secret, &mut text),
        _ => otp::base32::encode(key.secret, &mut text),
    };
    text.truncate(len.expect("room"));
    let algorithm = otp.algorithm().map_or("MD5", |algorithm| match algorithm {
        Algorithm::Sha1 => "SHA1",
        Algorithm::Sha256 => "SHA256",
        Algorithm::Sha512 => "SHA512",
    });
    let counter = if let otp::Otp::Hotp(_, counter) = otp { Some(counter.value() as f64) } else { None };
    rows::Account {
        kind: otp.kind().name().into(),
        secret: String::from_utf8(text).expect("ASCII"),
        issuer: account.issuer.clone(),
        name: account.name.clone(),
        algorithm: algorithm.into(),
        digits: otp.digits().into(),
        period_secs: otp.period().map(|period| period.secs().into()),
        counter,
        pin: account.pin.as_ref().map(|pin| String::from_utf8(pin.expose().to_vec()).expect("ASCII")),
    }
}

/// Converts a row's account to one of this crate, through its address.
pub(crate) fn give(account: &rows::Account) -> Account {
    let mut out = [0; otp::uri::MAX_URI];
    let len = wire::format(&mut record(account), &mut out).expect("a good account");
    Account::from_uri(std::str::from_utf8(&out[..len]).expect("ASCII")).expect("a written address is read")
}
