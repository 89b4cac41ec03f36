//! Authy's answer to a request for personal data (GDPR article 15): a CSV of encrypted seeds, without any settings of
//! the codes.

use alloc::{borrow::ToOwned, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, Change, EntryError, Kdf, MaxCost, Password, Why,
    cipher::{Bytes, cbc},
    csv::{Table, cell},
    kdf::{Hash, Key, pbkdf2_key},
    report::{Draft, Raw},
    text::{base64, hex},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "authy",
    "Authy (request for your data)",
    "authy",
    Password::Always,
    "Authy has no export. Ask Twilio for your data, and open the CSV it sends with your Authy backup password.",
);

const ROUNDS: u64 = 100_000;
/// Bounds the key derivations: at most a hundred million rounds in all.
const MAX_SEEDS: usize = 1000;
/// Rows to try before the password counts as wrong. A wrong one gives valid padding about once in 256 times.
const ENOUGH: usize = 3;

pub(crate) fn is(table: &Table) -> bool {
    table.has(&["name", "encryptedseed", "salt", "iv"])
}

/// The content of a file that is one quoted string, as many are.
pub(crate) fn unquoted(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    inside.trim_start().starts_with("name,encrypted_seed").then_some(inside)
}

pub(crate) fn open(table: Table) -> Result<Opened, BackupError> {
    if table.rows.len() > MAX_SEEDS {
        return Err(BackupError::TooLarge);
    }
    Ok(Opened::locked(&APP, Sealed(table)))
}

struct Sealed(Table);

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Pbkdf2 { rounds: ROUNDS }
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        let [name, seed, salt, iv] = ["name", "encryptedseed", "salt", "iv"].map(|column| self.0.column(&[column]));
        let mut keys: Vec<(&str, Key)> = Vec::new();
        let mut backup = Backup::new(&APP);
        for row in &self.0.rows {
            let salt = cell(row, salt);
            if !keys.iter().any(|(known, _)| *known == salt) {
                keys.push((salt, pbkdf2_key(Hash::Sha1, password, salt.as_bytes(), ROUNDS)?));
            }
            let key = keys.iter().find(|(known, _)| *known == salt).map(|(_, key)| key);
            let opened = key.and_then(|key| {
                let (iv, sealed) = (hex(cell(row, iv))?, base64(cell(row, seed))?);
                cbc(key.as_slice(), &iv, &sealed).ok()
            });
            let label = cell(row, name);
            let (issuer, account) = label.split_once(':').unwrap_or((label, ""));
            let mut draft = Draft { issuer: issuer.to_owned(), name: account.to_owned(), ..Draft::default() };
            match opened.as_ref().and_then(seed_of) {
                Some(secret) => {
                    draft.secret = secret;
                    draft.change(Change::Assumed);
                    backup.add(draft)?;
                }
                None => backup.refused.push(draft.refused(Why::Entry(EntryError::Encrypted))),
            }
            if backup.entries.is_empty() && backup.refused.len() >= ENOUGH.min(self.0.rows.len()) {
                return Err(BackupError::WrongPassword);
            }
        }
        Ok(backup)
    }
}

/// Base32 text, hexadecimal text, or the bytes themselves.
fn seed_of(bytes: &Bytes) -> Option<Raw<'_>> {
    let text = core::str::from_utf8(bytes).ok().map(str::trim).filter(|text| text.len() >= 8);
    let base32 = |text: &&str| text.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'2'..=b'7' | b'=' | b' '));
    match text {
        Some(text) if base32(&text) => Some(Raw::Text(text)),
        Some(text) if hex(text).is_some() => Some(Raw::Hex(text)),
        // Any plaintext could be a raw seed, so only usual lengths are accepted; a wrong password rarely gives one.
        _ => matches!(bytes.len(), 10 | 16 | 20 | 32).then_some(Raw::Bytes(bytes)),
    }
}
