//! Reads any file. The content decides the format, so this one target reaches every reader. An encrypted file is opened with the
//! password "test" where the key derivation is cheap, so that the readers of decrypted content are reached too.
#![no_main]

use backup::{Detected, Files, Kdf, MaxCost, detect};
use base::{Secret, UnixMs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let backup = match detect(Files { bytes: file, beside: &[] }) {
        Detected::Plain(backup) => backup,
        Detected::Refused(_) => return,
        Detected::Locked(locked) => {
            let cheap = match locked.kdf() {
                Kdf::Hash => true,
                Kdf::Pbkdf2 { rounds } | Kdf::AesKdf { rounds } => rounds <= 10_000,
                Kdf::Scrypt { n, r, p } => n.saturating_mul(r).saturating_mul(p) <= 1 << 12,
                Kdf::Argon2 { memory_kib, passes, .. } => memory_kib.saturating_mul(passes) <= 1 << 10,
            };
            if !cheap {
                return;
            }
            match locked.unlock(&Secret::from(&b"test"[..]), MaxCost { memory_kib: 4096 }) {
                Ok(backup) => backup,
                Err(_) => return,
            }
        }
    };
    for entry in &backup.entries {
        // Every account that was read makes a code and can be written as a link.
        entry.account.code_at(UnixMs::from_secs(0)).expect("a code");
        entry.account.to_uri().expect("an address");
    }
});
