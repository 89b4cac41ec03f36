//! FreeOTP+: JSON. FreeOTP 1 stored its tokens in the same fields.

use alloc::{string::String, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, Change, Password,
    json::Value,
    report::{Draft, Raw},
};

pub(crate) const APP: App =
    app("freeotp-plus", "FreeOTP+", "freeotp_plus", Password::Never, "Menu, Export: JSON format, or Key URI format.");

pub(crate) fn is(file: &Value) -> bool {
    matches!(file.get("tokens"), Value::List(_))
        && (file.has("tokenOrder") || file.get("tokens").list().iter().any(|t| t.has("secret")))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let order: Vec<&str> = file.get("tokenOrder").list().iter().map(Value::text).collect();
    let mut places = Vec::new();
    for token in file.get("tokens").list() {
        let before = backup.entries.len();
        let id = add(&mut backup, token)?;
        if backup.entries.len() > before {
            let place = order.iter().position(|known| *known == id);
            places.push(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(i64::MAX));
        }
    }
    backup.sort(places);
    Ok(backup)
}

/// Adds a token, and returns its name in `tokenOrder`.
pub(crate) fn add(backup: &mut Backup, token: &Value) -> Result<String, BackupError> {
    // Names edited by the user take precedence over those of the QR code.
    let first = |names: &[&str]| {
        names.iter().map(|name| token.get(name).owned()).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let secret = token.get("secret");
    let bytes = secret.bytes();
    let issuer = first(&["issuerAlt", "issuerExt", "issuerInt"]);
    let counted = token.get("type").text().eq_ignore_ascii_case("hotp");
    let steam = !counted && first(&["issuerInt", "issuerExt"]).eq_ignore_ascii_case("steam");
    let mut draft = Draft {
        kind: if steam { "steam" } else { token.get("type").text() },
        secret: bytes.as_ref().map_or(Raw::Text(secret.text()), |bytes| Raw::Bytes(bytes)),
        name: first(&["labelAlt", "label"]),
        algorithm: token.get("algo").text(),
        digits: token.get("digits").int(),
        period: token.get("period").int(),
        // The file has the counter of the last code shown, so the next code has the one after it.
        counter: token.get("counter").int().map(|counter| counter.saturating_add(1)),
        source: Some(token),
        issuer,
        ..Draft::default()
    };
    if steam {
        draft.change(Change::SteamByIssuer);
    }
    backup.add(draft)?;
    let (issuer, label) = (first(&["issuerInt", "issuerExt"]), token.get("label").owned());
    Ok(if issuer.is_empty() { label } else { [issuer, label].join(":") })
}
