//! Accounts as plain data, as vaults and backups keep them. Without the feature `record` there are none.
#![cfg(feature = "record")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use otp::{Account, AccountRecord, OtpError};

type Change = fn(&mut AccountRecord);

/// The account of an address, after `change` of its record.
fn account(uri: &str, change: Change) -> Result<Account, OtpError> {
    let mut record = AccountRecord::from(&Account::from_uri(uri).expect("a good address"));
    change(&mut record);
    record.account()
}

const ADDRESSES: [&str; 5] = [
    "otpauth://totp/Example:ann?secret=JBSWY3DPEHPK3PXP&period=60",
    "otpauth://hotp/Example:ann?secret=JBSWY3DPEHPK3PXP&counter=7",
    "steam://JBSWY3DPEHPK3PXP",
    "motp://Example:ann?secret=e3152afee62599c8&pin=1234",
    "otpauth://yaotp/ann@yandex.ru?secret=LA2V6KMCGYMWWVEW64RNP3JA3I&pin=7586",
];

#[test]
fn a_record_is_a_round_trip() {
    for uri in ADDRESSES {
        let read = account(uri, |_| {}).unwrap_or_else(|error| panic!("{uri}: {}", error.code()));
        assert!(read.is_same(&Account::from_uri(uri).expect("a good address")), "{uri}");
    }
}

#[test]
fn a_setting_that_its_kind_cannot_have_is_refused() {
    let [totp, hotp, steam, motp, _] = ADDRESSES;
    let rows: [(&str, Change, OtpError); 6] = [
        (totp, |record| record.counter = Some(0), OtpError::NotCounted),
        (totp, |record| record.name = "x".repeat(AccountRecord::MAX_TEXT), OtpError::TooLong),
        (hotp, |record| record.period_secs = Some(30), OtpError::BadPeriod),
        (steam, |record| record.digits = Some(6), OtpError::BadDigits),
        (motp, |record| record.period_secs = Some(30), OtpError::BadPeriod),
        (steam, |record| record.algorithm = Some(otp::Algorithm::Sha256), OtpError::BadAlgorithm),
    ];
    for (uri, change, error) in rows {
        assert_eq!(account(uri, change).map(|_| ()), Err(error), "{uri}");
    }
}
