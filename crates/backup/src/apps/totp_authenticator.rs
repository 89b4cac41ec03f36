//! TOTP Authenticator (BinaryBoot): base64 of AES-CBC under the hash of a password, or under a fixed one; and its settings file
//! of a rooted phone.

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

/// What the app uses where nobody set a password.
const FIXED: &[u8] = b"TotpAuthenticator";

pub(crate) struct Sealed(Vec<u8>);

impl Sealed {
    /// Whether this can be one: base64 of whole blocks, and nothing else.
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
        // There is no tag: what is no JSON was opened with a wrong password.
        let text = core::str::from_utf8(&plain).map_err(|_| BackupError::WrongPassword)?;
        let file = Value::read(text).map_err(|_| BackupError::WrongPassword)?;
        // The list stands as a text where the name of a field is expected.
        match file.fields().first() {
            Some((list, _)) => read(&Value::read(list)?),
            None => read(&file),
        }
    }
}

/// The field of its settings that holds the accounts.
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
