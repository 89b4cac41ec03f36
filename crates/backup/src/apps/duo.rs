//! Duo Mobile's `accounts.json`, which can be copied only from a rooted phone. Its push accounts have no codes.

use super::app;
use crate::{
    App, Backup, BackupError, EntryError, Password, Why,
    json::Value,
    report::{Draft, Raw},
};

pub(crate) const APP: App = app(
    "duo",
    "Duo Mobile",
    "duo",
    Password::Never,
    "There is no export. accounts.json of a rooted phone opens; else set up the codes anew at each service.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.list().first().is_some_and(|entry| entry.has("accountType") && entry.has("pkey"))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.list() {
        let generator = entry.get("otpGenerator");
        let secret = generator.get("otpSecret").text();
        let draft = Draft {
            kind: if generator.get("counter").is_null() { "totp" } else { "hotp" },
            secret: Raw::Text(secret),
            name: entry.get("name").owned(),
            counter: generator.get("counter").int(),
            source: Some(entry),
            ..Draft::default()
        };
        if entry.get("accountType").text() == "OtpAccount" || !secret.is_empty() {
            backup.add(draft)?;
        } else {
            backup.check_capacity()?;
            backup.refused.push(draft.refused(Why::Entry(EntryError::DuoPush)));
        }
    }
    Ok(backup)
}
