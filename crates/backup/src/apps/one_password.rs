//! 1Password's `.1pux`: a zip with `export.data`. Attachments are never decompressed.

use super::{app, bitwarden::code_or_link};
use crate::{
    App, Backup, BackupError, Password,
    json::Value,
    report::{Draft, Raw},
};

pub(crate) const APP: App =
    app("1password", "1Password", "one_password", Password::Never, "On a computer: File, Export, 1PUX.");

pub(crate) fn is(file: &Value) -> bool {
    file.get("accounts").list().first().is_some_and(|account| matches!(account.get("vaults"), Value::List(_)))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for vault in file.get("accounts").list().iter().flat_map(|account| account.get("vaults").list()) {
        for item in vault.get("items").list() {
            // Older files have an extra object around each item.
            let item = if item.get("item").is_object() { item.get("item") } else { item };
            let (details, overview) = (item.get("details"), item.get("overview"));
            let fields = details.get("loginFields").list();
            let of = |designation: &str| fields.iter().find(|field| field.get("designation").text() == designation);
            let password = of("password").map_or("", |field| field.get("value").text());
            if !password.is_empty() || !details.get("password").text().is_empty() {
                backup.passwords += 1;
            }
            let codes = details.get("sections").list().iter().flat_map(|section| section.get("fields").list());
            let codes = codes.map(|field| field.get("value").get("totp").text().trim()).filter(|code| !code.is_empty());
            let before = backup.entries.len() + backup.refused.len();
            for code in codes {
                let draft = Draft {
                    secret: Raw::Text(code),
                    issuer: overview.get("title").owned(),
                    name: of("username").map(|field| field.get("value").owned()).unwrap_or_default(),
                    tags: overview.get("tags").list().iter().map(Value::owned).collect(),
                    pinned: item.get("favIndex").int().is_some_and(|index| index > 0),
                    trashed: item.get("state").text() == "archived" || item.get("trashed").bool(),
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
