//! 2FAuth: JSON with settings, or with URL-decoded addresses.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::app;
use crate::{App, Backup, BackupError, Change, Password, json::Value, report::Draft};

pub(crate) const APP: App =
    app("2fauth", "2FAuth", "two_fauth", Password::Never, "Manage, select all, Export: 2FAuth file or otpauth URIs.");

pub(crate) fn is(file: &Value) -> bool {
    let first = file.get("data").list().first();
    file.get("app").text().to_ascii_lowercase().starts_with("2fauth")
        || first.is_some_and(|entry| entry.has("otp_type") && entry.has("secret") || entry.has("uri"))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.get("data").list() {
        let uri = entry.get("uri").text();
        if !uri.is_empty() {
            backup.add_link(&encoded(uri), Draft { source: Some(entry), ..Draft::default() })?;
            continue;
        }
        const NAMES: [&str; 9] =
            ["otp_type", "secret", "service", "account", "algorithm", "digits", "period", "counter", ""];
        let mut draft = Draft::of(entry, NAMES);
        if !entry.get("icon_file").text().is_empty() {
            draft.change(Change::PictureLeft);
        }
        backup.add(draft)?;
    }
    Ok(backup)
}

/// Encodes an address again. 2FAuth decodes it before writing, so a name may contain `?`, `#` and `&`. The settings are
/// at the end, so the address is split from the right.
fn encoded(uri: &str) -> String {
    const SETTINGS: [&str; 7] = ["issuer", "secret", "algorithm", "digits", "period", "counter", "image"];
    let last = |mark: &str| uri.as_bytes().windows(8).rposition(|bytes| bytes == mark.as_bytes());
    let start = last("?issuer=").or_else(|| last("?secret=")).or_else(|| uri.find('?'));
    let Some((head, query)) = start.and_then(|at| uri.split_at_checked(at)) else { return uri.to_owned() };
    let mut pairs: Vec<String> = Vec::new();
    for pair in query.trim_start_matches('?').split('&') {
        let known = pair.split_once('=').is_some_and(|(name, _)| SETTINGS.contains(&name));
        match pairs.last_mut() {
            Some(last) if !known => {
                last.push('&');
                last.push_str(pair);
            }
            _ => pairs.push(pair.to_owned()),
        }
    }
    let escape = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace('?', "%3F");
    let (base, label) = head.rsplit_once('/').unwrap_or((head, ""));
    let pairs: Vec<String> = pairs
        .iter()
        .map(|pair| {
            pair.split_once('=').map_or_else(|| pair.clone(), |(name, value)| [name, "=", &escape(value)].concat())
        })
        .collect();
    [base, "/", &escape(label), "?", &pairs.join("&")].concat()
}
