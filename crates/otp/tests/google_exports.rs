//! Exports that Google Authenticator itself wrote, where they are at hand: they belong to another project, so they are
//! not kept here.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::{env, fs, path::PathBuf};

use otp::{Account, Otp, base32, migration};

#[test]
fn real_exports_say_what_their_comments_say() {
    let fixtures = env::var_os("PORTCULLIS_FIXTURES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"), PathBuf::from);
    let path = fixtures.join("backups/google_migration_uris.txt");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("absent: {} (set PORTCULLIS_FIXTURES to run this)", path.display());
        return;
    };
    let mut wanted: Vec<Account> = Vec::new();
    let mut exports = 0;
    for line in text.lines() {
        if let Some(uri) = line.strip_prefix("# ").filter(|line| line.starts_with("otpauth://")) {
            wanted.push(Account::from_uri(uri).expect("a good address"));
        }
        if line.starts_with("otpauth-migration:") {
            let found = migration::Parts::read(&[line]).expect("a good export").finish();
            assert_eq!((found.total, found.missing.len(), found.refused.len()), (1, 0, 0));
            // One of them was exported in the other order.
            let mut shown = found.accounts.iter().map(show).collect::<Vec<_>>();
            let mut wanted = wanted.drain(..).map(|account| show(&account)).collect::<Vec<_>>();
            shown.sort();
            wanted.sort();
            assert_eq!(shown, wanted);
            exports += 1;
        }
    }
    assert!(exports >= 5, "the file has five exports");
}

fn show(account: &Account) -> (String, String, Settings, String) {
    let mut text = [0; 200];
    let len = base32::encode(account.key().secret, &mut text).expect("room");
    let secret = String::from_utf8(text[..len].to_vec()).expect("ASCII");
    (account.issuer.clone(), account.name.clone(), kind(account.otp), secret)
}

type Settings = (&'static str, u8, u64);

fn kind(otp: Otp) -> Settings {
    let counter = if let Otp::Hotp(_, counter) = otp { counter.value() } else { 0 };
    (otp.kind(), otp.digits(), counter)
}
