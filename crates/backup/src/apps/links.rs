//! Lists of addresses, one on each line: the plain export of most apps.

use alloc::vec::Vec;

use super::{APPS, app, google};
use crate::{
    App, Backup, BackupError, EntryError, Password, Why,
    json::Value,
    link::{is_link, label},
    report::Draft,
    source::Source,
    text::{has, unescape},
};

pub(crate) const APP: App = app(
    "links",
    "List of otpauth addresses",
    "links",
    Password::Never,
    "A text file with one otpauth:// address a line.",
);

/// The app whose lists have display settings. Its module uses this one for encrypted lists, so importing it would be a
/// cycle.
const ENTE: &str = "ente";

pub(crate) fn is(text: &str) -> bool {
    text.lines().take(200).any(is_link)
}

pub(crate) fn read(text: &str) -> Result<Backup, BackupError> {
    let mut app = &APP;
    let mut backup = Backup::new(app);
    let mut exports = Vec::new();
    let mut places = Vec::new();
    // Comments are skipped; lists of WinAuth have some.
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if google::is(line) {
            exports.push(line);
            continue;
        }
        let before = backup.entries.len();
        if has(line, "codeDisplay=") {
            app = APPS.iter().find(|known| known.id == ENTE).copied().unwrap_or(app);
            places.push(with_display_settings(&mut backup, line)?);
        } else if is_link(line) {
            backup.add_link(line, Draft::default())?;
            places.push(None);
        } else {
            backup.check_capacity()?;
            // The report does not contain the line, which may be a secret.
            let (issuer, name) = label(line).unwrap_or_default();
            let draft = Draft { issuer, name, ..Draft::default() };
            backup.refused.push(draft.refused(Why::Entry(EntryError::NotAnAccount)));
            places.push(None);
        }
        if backup.entries.len() == before {
            places.pop();
        }
    }
    if backup.entries.is_empty() && backup.refused.is_empty() && !exports.is_empty() {
        app = &google::APP;
    }
    backup.app = app;
    if places.iter().any(Option::is_some) {
        backup.sort(places.into_iter().map(|place| place.unwrap_or(i64::MAX)).collect());
    }
    google::read(&mut backup, &exports)?;
    Ok(backup)
}

/// Adds an address of Ente Auth with its display settings, and returns its position in the list, if it has one.
fn with_display_settings(backup: &mut Backup, uri: &str) -> Result<Option<i64>, BackupError> {
    let (head, query) = uri.split_once('?').unwrap_or((uri, ""));
    let (shown, rest): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| pair.starts_with("codeDisplay="));
    let shown = shown.first().and_then(|pair| pair.strip_prefix("codeDisplay=")).unwrap_or_default();
    // Unreadable display settings must not lose the account.
    let shown = Value::read(&unescape(shown, true)).unwrap_or(Value::Null);
    let mut draft = Draft {
        note: shown.get("note").owned(),
        tags: shown.get("tags").list().iter().map(Value::owned).collect(),
        pinned: shown.get("pinned").bool(),
        trashed: shown.get("trashed").bool(),
        uses: shown.get("tapCount").int(),
        used_ms: shown.get("lastUsedAt").int(),
        ..Draft::default()
    };
    let uri = [head, "?", &rest.join("&")].concat();
    let before = backup.entries.len();
    let steam = rest.iter().any(|pair| {
        pair.strip_prefix("issuer=").is_some_and(|issuer| unescape(issuer, true).trim().eq_ignore_ascii_case("steam"))
    });
    if let (true, Some(rest)) = (steam, head.strip_prefix("otpauth://totp")) {
        // Ente treats this issuer as Steam too.
        draft.change(crate::Change::SteamByIssuer);
        backup.add_link(&["otpauth://steam", rest, uri.get(head.len()..).unwrap_or_default()].concat(), draft)?;
    } else {
        backup.add_link(&uri, draft)?;
    }
    let place = shown.get("position").int().filter(|_| backup.entries.len() > before);
    Ok(place)
}

/// Writes one address on each line. [`crate::losses`] lists the accounts that cannot be written.
pub(crate) fn write(sources: &[Source]) -> Vec<u8> {
    let mut out = crate::wipe::Zeroizing::new(Vec::new());
    for uri in sources.iter().filter_map(|source| source.account.to_uri().ok()) {
        // EXPOSE: an export contains the secret.
        let line = uri.expose();
        let mut larger = crate::wipe::Zeroizing::new(Vec::with_capacity(out.len() + line.len() + 1));
        larger.extend_from_slice(&out);
        larger.extend_from_slice(line);
        larger.push(b'\n');
        out = larger;
    }
    core::mem::take(&mut *out)
}
