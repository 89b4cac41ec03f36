//! andOTP: a JSON list, plain or encrypted in one of two formats.

use alloc::{borrow::ToOwned, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{gcm, sha256},
    json::Value,
    kdf::{Hash, pbkdf2_key},
    report::Draft,
    text::split_once,
    unlock::Unlock,
};

pub(crate) const APP: App = app(
    "andotp",
    "andOTP",
    "andotp",
    Password::Maybe,
    "Menu, Backups: plain text or encrypted. OpenPGP files do not open here.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.list().first().is_some_and(|entry| entry.has("secret") && entry.has("type") && entry.has("label"))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.list() {
        // Very old files have the issuer in the label.
        let label = entry.get("label").owned();
        let issuer = entry.get("issuer").owned();
        let (issuer, name) = match split_once(&label, " - ").or_else(|| label.split_once(':')) {
            Some((before, after)) if !entry.has("issuer") => (before.trim().to_owned(), after.trim().to_owned()),
            _ => (issuer, label),
        };
        const NAMES: [&str; 9] = ["type", "secret", "", "", "algorithm", "digits", "period", "counter", "pin"];
        let mut draft = Draft::of(entry, NAMES);
        (draft.issuer, draft.name) = (issuer, name);
        draft.tags = entry.get("tags").list().iter().map(Value::owned).collect();
        draft.uses = entry.get("used_frequency").int();
        draft.used_ms = entry.get("last_used").int();
        backup.add(draft)?;
    }
    Ok(backup)
}

/// An encrypted file. It has no magic number. New format: rounds, salt, nonce, ciphertext; old format: nonce,
/// ciphertext.
pub(crate) struct Sealed(Vec<u8>);

/// The rounds at the start of a file in the new format.
fn rounds(bytes: &[u8]) -> Option<u64> {
    let rounds = u64::from(u32::from_be_bytes(*bytes.first_chunk()?));
    // andOTP uses 140,000 to 160,000 rounds; other programs use other numbers.
    (1..=10_000_000).contains(&rounds).then_some(rounds)
}

impl Sealed {
    /// `None` unless the bytes look random, which is the only sign of such a file.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let noise = bytes.len() <= 4 << 20 && bytes.len() >= 12 + 16 + 2;
        let zeros = bytes.iter().filter(|byte| **byte == 0).count();
        // Random bytes have one zero in 256; databases, pictures and programs have far more.
        (noise && zeros <= bytes.len() / 64 + 6).then(|| Self(bytes.to_vec()))
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        rounds(&self.0).map_or(Kdf::Hash, |rounds| Kdf::Pbkdf2 { rounds })
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        let old = || {
            let (nonce, sealed) = self.0.split_first_chunk::<12>().ok_or(BackupError::Damaged)?;
            gcm(sha256(&[password]).as_slice(), nonce, sealed, b"")
        };
        let new = |rounds: u64| {
            let rest = self.0.get(4..).unwrap_or_default();
            let (salt, rest) = rest.split_first_chunk::<12>().ok_or(BackupError::Damaged)?;
            let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(BackupError::Damaged)?;
            let key = pbkdf2_key(Hash::Sha1, password, salt, rounds)?;
            gcm(key.as_slice(), nonce, sealed, b"")
        };
        // The old format costs one hash, so it is tried first.
        let plain = old().or_else(|error| rounds(&self.0).map_or(Err(error), new))?;
        let file = Value::read(core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?)?;
        read(&file)
    }
}
