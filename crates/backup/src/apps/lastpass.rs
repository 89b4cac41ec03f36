//! LastPass Authenticator: JSON, version 3 from Android and 1 from iOS. `password_csv` reads the LastPass vault.

use alloc::vec::Vec;

use super::app;
use crate::{App, Backup, BackupError, Password, json::Value, report::Draft};

pub(crate) const APP: App = app(
    "lastpass",
    "LastPass Authenticator",
    "lastpass",
    Password::Never,
    "Settings, Transfer accounts, Export accounts to file.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.get("accounts")
        .list()
        .first()
        .is_some_and(|entry| entry.has("secret") && (entry.has("issuerName") || entry.has("timeStep")))
        || file.has("localDeviceId") && file.has("accounts")
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let mut places = Vec::new();
    for entry in file.get("accounts").list() {
        // Names edited by the user take precedence over those of the QR code.
        let text = |now: &str, first: &str| {
            let now = entry.get(now).owned();
            if now.is_empty() { entry.get(first).owned() } else { now }
        };
        let id = entry.get("folderData").get("folderId").int();
        // Folder 0 has all other entries, folder 1 the favourites.
        let folder = file.get("folders").list().iter();
        let folder = folder.filter(|folder| folder.get("id").int() == id && !matches!(id, None | Some(0 | 1)));
        let before = backup.entries.len();
        let mut draft = Draft::of(entry, ["", "secret", "", "", "algorithm", "digits", "timeStep", "", ""]);
        draft.issuer = text("issuerName", "originalIssuerName");
        draft.name = text("userName", "originalUserName");
        draft.tags = folder.map(|folder| folder.get("name").owned()).collect();
        draft.pinned = entry.get("isFavorite").bool() || id == Some(1);
        backup.add(draft)?;
        if backup.entries.len() > before {
            places.push(entry.get("folderData").get("position").int().unwrap_or(i64::MAX));
        }
    }
    backup.sort(places);
    Ok(backup)
}
