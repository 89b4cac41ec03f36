//! Proton Authenticator, plain and encrypted, and Proton Pass, whose JSON is in a zip.

use alloc::{borrow::ToOwned, vec};

use super::{app, bitwarden::code_or_link};
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::gcm,
    json::Value,
    kdf::Argon,
    report::{Draft, Raw},
    text::{base64, has},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App =
    app("proton", "Proton Authenticator", "proton", Password::Maybe, "Settings, Export. With or without a password.");

pub(crate) const PASS: App =
    app("proton-pass", "Proton Pass", "proton", Password::Never, "Settings, Export: ZIP without encryption, or CSV.");

const ARGON: Argon = Argon::id(19_456, 2, 1);

pub(crate) fn is(file: &Value) -> bool {
    file.has("version") && (is_plain(file) || file.has("salt") && file.has("content"))
}

fn is_plain(file: &Value) -> bool {
    let first = file.get("entries").list().first();
    matches!(file.get("entries"), Value::List(_)) && first.is_none_or(|entry| entry.get("content").is_object())
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    if is_plain(&file) { read(&file).map(Opened::Plain) } else { Ok(Opened::locked(&APP, Sealed(file))) }
}

struct Sealed(Value);

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        ARGON.kdf()
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let bytes = |name: &str| base64(self.0.get(name).text()).ok_or(BackupError::Damaged);
        let (salt, content) = (bytes("salt")?, bytes("content")?);
        let (nonce, sealed) = content.split_first_chunk::<12>().ok_or(BackupError::Damaged)?;
        let key = ARGON.key(password, &salt, max)?;
        let plain = gcm(key.as_slice(), nonce, sealed, b"proton.authenticator.export.v1")?;
        read(&Value::read(core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?)?)
    }
}

fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.get("entries").list() {
        let content = entry.get("content");
        let uri = content.get("uri").text();
        let draft = Draft {
            secret: Raw::Text(uri),
            name: content.get("name").owned(),
            note: entry.get("note").owned(),
            source: Some(entry),
            ..Draft::default()
        };
        if content.get("entry_type").text().eq_ignore_ascii_case("steam") && !has(uri, "://") {
            backup.add(Draft { kind: "steam", issuer: "Steam".to_owned(), ..draft })?;
        } else {
            code_or_link(&mut backup, uri, draft)?;
        }
    }
    Ok(backup)
}

pub(crate) fn is_pass(file: &Value) -> bool {
    file.get("vaults").is_object() && file.has("version")
}

/// Reads `vaults` by id, each with items. Codes are in an item's content and in extra fields of the type `totp`.
pub(crate) fn open_pass(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&PASS);
    for (_, vault) in file.get("vaults").fields() {
        for item in vault.get("items").list() {
            let data = item.get("data");
            let content = data.get("content");
            if !content.get("password").text().is_empty() {
                backup.passwords += 1;
            }
            let extra = data.get("extraFields").list().iter();
            let extra = extra.filter(|field| field.get("type").text() == "totp");
            let extra = extra.map(|field| field.get("data").get("totpUri").text());
            let codes = [content.get("totpUri").text()].into_iter().chain(extra).filter(|code| !code.trim().is_empty());
            let before = backup.entries.len() + backup.refused.len();
            for code in codes {
                let names = [content.get("itemUsername"), content.get("itemEmail"), content.get("username")];
                let draft = Draft {
                    secret: Raw::Text(code),
                    issuer: data.get("metadata").get("name").owned(),
                    name: names.iter().map(|name| name.owned()).find(|name| !name.is_empty()).unwrap_or_default(),
                    tags: vec![vault.get("name").owned()],
                    pinned: item.get("pinned").bool(),
                    // State 1 is active, 2 in the bin.
                    trashed: item.get("state").int() == Some(2),
                    ..Draft::default()
                };
                code_or_link(&mut backup, code, draft)?;
            }
            if backup.entries.len() + backup.refused.len() == before {
                backup.without_code += 1;
            }
        }
    }
    Ok(backup)
}
