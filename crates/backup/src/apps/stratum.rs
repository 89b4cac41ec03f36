//! Stratum (formerly Authenticator Pro): JSON, plain or encrypted in one of two formats.

use alloc::vec::Vec;

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{cbc, gcm},
    json::Value,
    kdf::{Argon, Hash, pbkdf2_key},
    report::Draft,
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "stratum",
    "Stratum (Authenticator Pro)",
    "stratum",
    Password::Maybe,
    "Menu, Backup: encrypted, or without a password. Lists of addresses open too.",
);

const STRONG: &[u8] = b"AUTHENTICATORPRO";
const LEGACY: &[u8] = b"AuthenticatorPro";
const ARGON: Argon = Argon::id(65_536, 3, 4);
const LEGACY_ROUNDS: u64 = 64_000;

pub(crate) fn is(file: &Value) -> bool {
    matches!(file.get("Authenticators"), Value::List(_))
}

pub(crate) fn sealed(bytes: &[u8]) -> Option<Opened> {
    let strong = bytes.strip_prefix(STRONG).map(|rest| (rest, false));
    let (rest, legacy) = strong.or_else(|| bytes.strip_prefix(LEGACY).map(|rest| (rest, true)))?;
    Some(Opened::locked(&APP, Sealed { rest: rest.to_vec(), legacy }))
}

struct Sealed {
    rest: Vec<u8>,
    legacy: bool,
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        if self.legacy { Kdf::Pbkdf2 { rounds: LEGACY_ROUNDS } } else { ARGON.kdf() }
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let plain = if self.legacy {
            let (salt, rest) = self.rest.split_first_chunk::<20>().ok_or(BackupError::Damaged)?;
            let (iv, sealed) = rest.split_first_chunk::<16>().ok_or(BackupError::Damaged)?;
            let key = pbkdf2_key(Hash::Sha1, password, salt, LEGACY_ROUNDS)?;
            cbc(key.as_slice(), iv, sealed)?
        } else {
            let (salt, rest) = self.rest.split_first_chunk::<16>().ok_or(BackupError::Damaged)?;
            let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(BackupError::Damaged)?;
            let key = ARGON.key(password, salt, max)?;
            gcm(key.as_slice(), nonce, sealed, b"")?
        };
        // The old format has no tag, so a wrong password shows as invalid JSON.
        let text = core::str::from_utf8(&plain).map_err(|_| BackupError::WrongPassword)?;
        let file = Value::read(text).map_err(|_| BackupError::WrongPassword)?;
        read(&file)
    }
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let categories = file.get("Categories").list();
    let bound = file.get("AuthenticatorCategories").list();
    let mut places = Vec::new();
    for entry in file.get("Authenticators").list() {
        let kind = match entry.get("Type").int() {
            Some(1) => "hotp",
            Some(2) => "totp",
            Some(3) => "motp",
            Some(4) => "steam",
            Some(5) => "yandex",
            _ => "unknown",
        };
        let algorithm = match entry.get("Algorithm").int() {
            None | Some(0) => "SHA1",
            Some(1) => "SHA256",
            Some(2) => "SHA512",
            _ => "unknown",
        };
        let secret = entry.get("Secret").text();
        let ids = bound.iter().filter(|b| b.get("AuthenticatorSecret").text() == secret).map(|b| b.get("CategoryId"));
        let name = |id: &Value| {
            categories.iter().find(|category| category.get("Id").text() == id.text()).map(|c| c.get("Name").owned())
        };
        const NAMES: [&str; 9] = ["", "Secret", "Issuer", "Username", "", "Digits", "Period", "Counter", "Pin"];
        let mut draft = Draft::of(entry, NAMES);
        (draft.kind, draft.algorithm) = (kind, algorithm);
        draft.tags = ids.filter_map(name).collect();
        draft.uses = entry.get("CopyCount").int();
        if entry.get("Icon").text().starts_with('@') {
            draft.change(crate::Change::PictureLeft);
        }
        let before = backup.entries.len();
        backup.add(draft)?;
        if backup.entries.len() > before {
            places.push(entry.get("Ranking").int().unwrap_or(i64::MAX));
        }
    }
    backup.sort(places);
    Ok(backup)
}
