//! Raivo OTP: a JSON list in which every value is a string, usually inside a zip with WinZip AES.

use super::app;
use crate::{App, Backup, BackupError, Password, json::Value, report::Draft};

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
        const NAMES: [&str; 9] = ["kind", "secret", "issuer", "account", "algorithm", "digits", "timer", "counter", ""];
        let mut draft = Draft::of(entry, NAMES);
        draft.pinned = entry.get("pinned").bool();
        backup.add(draft)?;
    }
    Ok(backup)
}
