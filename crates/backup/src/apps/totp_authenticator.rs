//! TOTP Authenticator (BinaryBoot): base64 of AES-CBC, with the hash of a password or of a fixed one as key; and its
//! settings file from a rooted phone.

use alloc::vec::Vec;

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{cbc, sha256},
    json::Value,
    report::{Draft, Raw},
    text::base64,
    unlock::Unlock,
};

pub(crate) const APP: App = app(
    "totp-authenticator",
    "TOTP Authenticator",
    "totp_authenticator",
    Password::Maybe,
    "Backup & Restore, Backup to file. The password is the app's backup password.",
);

/// The app's password when the user set none.
const FIXED: &[u8] = b"TotpAuthenticator";

pub(crate) struct Sealed(Vec<u8>);

impl Sealed {
    /// `None` unless the text is base64 of whole AES blocks.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let bytes = base64(text).filter(|bytes| bytes.len() >= 32 && bytes.len().is_multiple_of(16))?;
        Some(Self(bytes.to_vec()))
    }

    /// Opens it with the fixed password.
    pub(crate) fn without_password(&self) -> Option<Backup> {
        self.unlock(FIXED, MaxCost::HIGHEST).ok()
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Hash
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        let plain = cbc(sha256(&[password]).as_slice(), &[0; 16], &self.0)?;
        // There is no tag, so a wrong password shows as invalid JSON.
        let text = core::str::from_utf8(&plain).map_err(|_| BackupError::WrongPassword)?;
        let file = Value::read(text).map_err(|_| BackupError::WrongPassword)?;
        // The app writes the list as a string, as the name of the only field.
        match file.fields().first() {
            Some((list, _)) => read(&Value::read(list)?),
            None => read(&file),
        }
    }
}

/// The settings field with the accounts.
pub(crate) const SETTING: &str = "STATIC_TOTP_CODES_LIST";

pub(crate) fn read(list: &Value) -> Result<Backup, BackupError> {
    if !matches!(list, Value::List(_)) {
        return Err(BackupError::Damaged);
    }
    let mut backup = Backup::new(&APP);
    for entry in list.list() {
        let mut draft = Draft::of(entry, ["", "key", "issuer", "name", "algorithm", "digits", "period", "", ""]);
        if entry.get("base").int() == Some(16) {
            draft.secret = Raw::Hex(entry.get("key").text());
        }
        draft.pinned = entry.get("isFavorite").bool();
        backup.add(draft)?;
    }
    Ok(backup)
}
