//! Reads a part of a Google Authenticator export and writes its accounts again: each is read back or reported as lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::migration::{Parts, write};

fuzz_target!(|text: &str| {
    let Ok(parts) = Parts::read(&[text]) else { return };
    let found = parts.finish();
    let written = write(&found.accounts, -1);
    let uris: Vec<&str> = written.parts.iter().map(|part| std::str::from_utf8(part.expose()).expect("ASCII")).collect();
    let read_back = Parts::read(&uris).expect("our own export is readable").finish();
    assert_eq!(read_back.accounts.len() + written.losses.len(), found.accounts.len());
});
