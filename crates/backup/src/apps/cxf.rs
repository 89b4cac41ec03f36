//! FIDO Credential Exchange Format 1.0 and its drafts: JSON, alone or in a zip.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{app, bitwarden::code_or_link};
use crate::{
    App, Backup, BackupError, Password,
    json::Value,
    report::{Draft, Raw},
    text::has,
};

pub(crate) const APP: App = app(
    "cxf",
    "FIDO credential exchange (CXF)",
    "cxf",
    Password::Never,
    "A JSON file, or a zip with one, from a password manager that follows the FIDO standard.",
);

pub(crate) fn is(file: &Value) -> bool {
    let account =
        |account: &Value| account.get("items").list().iter().chain(nested(account)).any(|item| item.has("credentials"));
    account(file) || file.get("accounts").list().iter().any(account) || file.has("exporterRpId") && file.has("accounts")
}

/// Whether this is an encrypted transfer of the Credential Exchange Protocol (CXP).
pub(crate) fn is_transfer(file: &Value) -> bool {
    file.has("hpke") || file.has("payload") && file.has("exporter")
}

/// The drafts of 2024 had the items inside collections.
fn nested(account: &Value) -> impl Iterator<Item = &Value> {
    account.get("collections").list().iter().flat_map(|collection| collection.get("items").list())
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    match file.get("accounts") {
        Value::List(accounts) => accounts.iter().try_for_each(|account| read_account(&mut backup, account))?,
        // A single account without the header.
        _ => read_account(&mut backup, file)?,
    }
    Ok(backup)
}

fn read_account(backup: &mut Backup, account: &Value) -> Result<(), BackupError> {
    let mut collections = Vec::new();
    collect(account.get("collections"), &mut collections, 16);
    let inside = nested(account).filter(|item| item.has("credentials"));
    for item in account.get("items").list().iter().chain(inside) {
        let id = item.get("id").text();
        let tags = collections.iter().filter(|(known, _)| *known == id).map(|(_, title)| (*title).to_owned());
        let tags: Vec<String> = tags.chain(item.get("tags").list().iter().map(Value::owned)).collect();
        let credentials = item.get("credentials").list();
        let of = |kind: &'static str| {
            credentials.iter().filter(move |credential| {
                let plain = credential.get("type").text().replace('-', "");
                plain.eq_ignore_ascii_case(kind)
            })
        };
        let login = of("basicauth").next().map(|login| login.get("username"));
        backup.passwords += of("basicauth").filter(|login| !editable(login.get("password")).is_empty()).count();
        let before = backup.entries.len() + backup.refused.len();
        for code in of("totp") {
            let own = |name: &str, other: &str| {
                let text = editable(code.get(name));
                if text.is_empty() { other.to_owned() } else { text.to_owned() }
            };
            let secret = editable(code.get("secret"));
            let mut draft = Draft {
                secret: Raw::Text(secret),
                issuer: own("issuer", item.get("title").text()),
                name: own("username", login.map_or("", editable)),
                algorithm: code.get("algorithm").text(),
                digits: code.get("digits").int(),
                period: code.get("period").int(),
                tags: tags.clone(),
                pinned: item.get("favorite").bool(),
                source: Some(code),
                ..Draft::default()
            };
            if has(secret, "://") {
                draft.source = None;
                code_or_link(backup, secret, draft)?;
            } else {
                backup.add(draft)?;
            }
        }
        if backup.entries.len() + backup.refused.len() == before {
            backup.without_code += 1;
        }
    }
    Ok(())
}

/// The text of an editable field: an object with a value, in drafts the text itself.
fn editable(field: &Value) -> &str {
    if field.is_object() { field.get("value").text().trim() } else { field.text().trim() }
}

/// Collects pairs of an item's id and the title of its collection.
fn collect<'v>(collections: &'v Value, found: &mut Vec<(&'v str, &'v str)>, depth: u8) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for collection in collections.list() {
        let title = collection.get("title").text();
        found.extend(collection.get("items").list().iter().map(|item| (item.any(&["item", "id"]).text(), title)));
        collect(collection.get("subCollections"), found, depth);
    }
}
