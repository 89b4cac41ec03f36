//! A part of a Google Authenticator export, and what comes of writing its accounts again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::migration::{Parts, write};

fuzz_target!(|text: &str| {
    let Ok(parts) = Parts::read(&[text]) else { return };
    let found = parts.finish();
    let written = write(&found.accounts, -1);
    let uris: Vec<&str> = written.parts.iter().map(|part| std::str::from_utf8(part.expose()).expect("ASCII")).collect();
    let again = Parts::read(&uris).expect("what is written is read").finish();
    assert_eq!(again.accounts.len() + written.losses.len(), found.accounts.len());
});
