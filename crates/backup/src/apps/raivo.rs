//! Raivo OTP: a JSON list in which every value is a text, usually inside a zip with WinZip's AES.

use super::app;
use crate::{
    App, Backup, BackupError, Password,
    json::Value,
    report::{Draft, Raw},
};

pub(crate) const APP: App = app(
    "raivo",
    "Raivo OTP",
    "raivo",
    Password::Always,
    "Settings, Export OTPs to ZIP archive. The password is Raivo's own.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.list().first().is_some_and(|entry| entry.has("timer") && entry.has("kind") && entry.has("secret"))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.list() {
        backup.add(Draft {
            kind: entry.get("kind").text(),
            secret: Raw::Text(entry.get("secret").text()),
            issuer: entry.get("issuer").owned(),
            name: entry.get("account").owned(),
            algorithm: entry.get("algorithm").text(),
            digits: entry.get("digits").int(),
            period: entry.get("timer").int(),
            counter: entry.get("counter").int(),
            pinned: entry.get("pinned").bool(),
            source: Some(entry),
            ..Draft::default()
        })?;
    }
    Ok(backup)
}
