//! Steam: maFiles of Steam Desktop Authenticator, plain or encrypted with a `manifest.json`, and accounts from a rooted
//! phone.

use alloc::{borrow::ToOwned, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::cbc,
    json::Value,
    kdf::{Hash, pbkdf2_key},
    report::{Draft, Raw},
    text::base64,
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "steam",
    "Steam Desktop Authenticator",
    "steam",
    Password::Maybe,
    "Its folder maFiles. Where it has a password, choose the maFiles together with manifest.json.",
);

const ROUNDS: u64 = 50_000;

pub(crate) fn is(file: &Value) -> bool {
    file.has("shared_secret") || accounts(file).next().is_some_and(|account| account.has("shared_secret"))
}

pub(crate) fn is_manifest(file: &Value) -> bool {
    file.get("entries").list().first().is_some_and(|entry| entry.has("encryption_iv") && entry.has("steamid"))
}

fn accounts(file: &Value) -> impl Iterator<Item = &Value> {
    let accounts = file.get("accounts");
    accounts.list().iter().chain(accounts.fields().iter().map(|(_, account)| account)).chain(file.list())
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    if file.has("shared_secret") {
        add(&mut backup, file)?;
    }
    for account in accounts(file) {
        add(&mut backup, account)?;
    }
    Ok(backup)
}

fn add(backup: &mut Backup, account: &Value) -> Result<(), BackupError> {
    let secret = base64(account.get("shared_secret").text());
    backup.add(Draft {
        kind: "steam",
        secret: secret.as_ref().map_or(Raw::Text(""), |secret| Raw::Bytes(secret)),
        issuer: "Steam".to_owned(),
        name: account.get("account_name").owned(),
        source: Some(account),
        ..Draft::default()
    })
}

/// An encrypted maFile with its manifest.
pub(crate) fn sealed(text: &str, manifest: Value) -> Result<Opened, BackupError> {
    let sealed = base64(text).ok_or(BackupError::Damaged)?;
    Ok(Opened::locked(&APP, Sealed { sealed: sealed.to_vec(), manifest }))
}

struct Sealed {
    sealed: Vec<u8>,
    manifest: Value,
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Pbkdf2 { rounds: ROUNDS }
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        // The manifest lists files by name, but only the bytes of this file are known, so every row is tried.
        for entry in self.manifest.get("entries").list().iter().take(64) {
            let [iv, salt] = ["encryption_iv", "encryption_salt"].map(|name| base64(entry.get(name).text()));
            let (Some(iv), Some(salt)) = (iv, salt) else { continue };
            let key = pbkdf2_key(Hash::Sha1, password, &salt, ROUNDS)?;
            let Ok(plain) = cbc(key.as_slice(), &iv, &self.sealed) else { continue };
            let file = core::str::from_utf8(&plain).ok().and_then(|text| Value::read(text).ok());
            if let Some(file) = file.filter(is) {
                return read(&file);
            }
        }
        Err(BackupError::WrongPassword)
    }
}
