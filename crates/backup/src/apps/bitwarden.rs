//! Bitwarden, the password manager and the authenticator: JSON, plain or with a password. Its CSV is in `password_csv`.

use alloc::{borrow::ToOwned, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{Bytes, cbc, hmac256, same, sha256},
    json::Value,
    kdf::{Argon, Hash, Key, pbkdf2_key},
    report::{Draft, Raw},
    text::{base64, has},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "bitwarden",
    "Bitwarden",
    "bitwarden",
    Password::Maybe,
    "Settings, Export vault: JSON, or encrypted JSON with \"password protected\".",
);

pub(crate) fn is(file: &Value) -> bool {
    file.has("encrypted") && (file.has("items") || file.has("data") || file.has("encKeyValidation_DO_NOT_EDIT"))
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    if !file.get("encrypted").bool() {
        return read(&file).map(Opened::Plain);
    }
    if !file.get("passwordProtected").bool() {
        return Err(BackupError::BitwardenAccount);
    }
    Ok(Opened::locked(&APP, Sealed(file)))
}

struct Sealed(Value);

impl Sealed {
    fn number(&self, name: &str, usual: u64) -> u64 {
        self.0.get(name).int().and_then(|n| u64::try_from(n).ok()).unwrap_or(usual)
    }

    fn argon(&self) -> Option<Argon> {
        let memory = self.number("kdfMemory", 64).saturating_mul(1024);
        let argon = Argon::id(memory, self.number("kdfIterations", 3), self.number("kdfParallelism", 4));
        (self.number("kdfType", 0) == 1).then_some(argon)
    }

    fn key(&self, password: &[u8], max: MaxCost) -> Result<Key, BackupError> {
        // The salt is the base64 text itself, not the decoded bytes.
        let salt = self.0.get("salt").text().as_bytes();
        match (self.argon(), self.number("kdfType", 0)) {
            (Some(argon), _) => argon.key(password, sha256(&[salt]).as_slice(), max),
            (None, 0) => pbkdf2_key(Hash::Sha256, password, salt, self.number("kdfIterations", 600_000)),
            _ => Err(BackupError::TooNew),
        }
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        let rounds = self.number("kdfIterations", 600_000);
        self.argon().map_or(Kdf::Pbkdf2 { rounds }, |argon| argon.kdf())
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let key = self.key(password, max)?;
        // HKDF-Expand (RFC 5869 section 2.3), one block each.
        let [enc, mac] = ["enc", "mac"].map(|info| hmac256(key.as_slice(), &[info.as_bytes(), &[1]]));
        let known = self.0.get("encKeyValidation_DO_NOT_EDIT").text();
        if !known.is_empty() {
            sealed(enc.as_slice(), mac.as_slice(), known)?;
        }
        let plain = sealed(enc.as_slice(), mac.as_slice(), self.0.get("data").text());
        // If the validation field was right, so is the password, and a failure here is damage.
        let plain = plain.map_err(|error| if known.is_empty() { error } else { BackupError::Damaged })?;
        read(&Value::read(core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?)?)
    }
}

/// `2.iv|text|mac`: AES-256-CBC, then HMAC-SHA-256 over both.
fn sealed(enc: &[u8], mac: &[u8], text: &str) -> Result<Bytes, BackupError> {
    let (kind, parts) = text.split_once('.').ok_or(BackupError::Damaged)?;
    if kind != "2" {
        return Err(BackupError::TooNew);
    }
    let mut parts = parts.split('|').map(base64);
    let mut part = || parts.next().flatten().ok_or(BackupError::Damaged);
    let (iv, text, tag) = (part()?, part()?, part()?);
    if !same(hmac256(mac, &[&iv, &text]).as_slice(), &tag) {
        return Err(BackupError::WrongPassword);
    }
    cbc(enc, &iv, &text)
}

fn read(file: &Value) -> Result<Backup, BackupError> {
    if !matches!(file.get("items"), Value::List(_)) {
        return Err(BackupError::Damaged);
    }
    let mut backup = Backup::new(&APP);
    // An organisation's export has collections instead of folders.
    let folders = file.get("folders").list().iter().chain(file.get("collections").list());
    let folders: Vec<_> = folders.map(|folder| (folder.get("id").text(), folder.get("name").text())).collect();
    let named =
        |id: &str| folders.iter().find(|(known, _)| *known == id && !id.is_empty()).map(|(_, name)| (*name).to_owned());
    for item in file.get("items").list() {
        let login = item.get("login");
        if !login.get("password").text().is_empty() {
            backup.passwords += 1;
        }
        let code = login.get("totp").text().trim();
        if code.is_empty() {
            backup.without_code += 1;
            continue;
        }
        let ids = item.get("collectionIds").list().iter().map(Value::text);
        let draft = Draft {
            secret: Raw::Text(code),
            issuer: item.get("name").owned(),
            name: login.get("username").owned(),
            tags: ids.chain([item.get("folderId").text()]).filter_map(named).collect(),
            pinned: item.get("favorite").bool(),
            trashed: !item.any(&["deletedDate", "archivedDate"]).is_null(),
            source: None,
            ..Draft::default()
        };
        code_or_link(&mut backup, code, draft)?;
    }
    Ok(backup)
}

/// Adds the code field of a password manager: an address, or a bare secret with default settings.
pub(crate) fn code_or_link(backup: &mut Backup, code: &str, mut draft: Draft<'_>) -> Result<(), BackupError> {
    if crate::link::is_link(code) {
        return backup.add_link(code, draft);
    }
    if has(code, "://") {
        backup.check_capacity()?;
        backup.refused.push(draft.refused(crate::Why::Otp(otp::OtpError::NotOtpauth)));
        return Ok(());
    }
    draft.change(crate::Change::Assumed);
    backup.add(draft)
}
