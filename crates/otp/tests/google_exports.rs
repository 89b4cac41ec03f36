//! Exports written by Google Authenticator, in the folder `backups` of `PORTCULLIS_FIXTURES`. Ignored when it is
//! absent.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test with its own harness")]

use libtest_mimic::{Arguments, Trial};
use otp::{Account, Otp, base32, migration};
use vectors::fixtures;

fn main() {
    let run = || {
        google_exports_match_their_comments();
        Ok(())
    };
    let absent = fixtures::folder("backups").is_err();
    let trial = Trial::test("google_exports_match_their_comments", run).with_ignored_flag(absent);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

fn google_exports_match_their_comments() {
    let text = fixtures::text("backups", "google_migration_uris.txt").expect("the exports");
    let mut wanted: Vec<Account> = Vec::new();
    let mut exports = 0;
    for line in text.lines() {
        if let Some(uri) = line.strip_prefix("# ").filter(|line| line.starts_with("otpauth://")) {
            wanted.push(Account::from_uri(uri).expect("a good address"));
        }
        if line.starts_with("otpauth-migration:") {
            let found = migration::Parts::read(&[line]).expect("a good export").finish();
            assert_eq!((found.total, found.missing.len(), found.refused.len()), (1, 0, 0));
            // One export has its accounts in another order than its comments.
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
    (otp.kind().name(), otp.digits(), counter)
}
