//! Lists of addresses, one a line: what most apps have as their plain export.

use super::{app, ente, google};
use crate::{
    App, Backup, BackupError, EntryError, Password, Why,
    link::{is_link, label},
    report::Draft,
    write::Source,
};

pub(crate) const APP: App = app(
    "links",
    "List of otpauth addresses",
    "links",
    Password::Never,
    "A text file with one otpauth:// address a line.",
);

pub(crate) fn is(text: &str) -> bool {
    text.lines().take(200).any(is_link)
}

pub(crate) fn read(text: &str) -> Result<Backup, BackupError> {
    let mut app = &APP;
    let mut backup = Backup::new(app);
    let mut exports = Vec::new();
    let mut places = Vec::new();
    // No comment holds an account: Google's fixtures and WinAuth's have some.
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if google::is(line) {
            exports.push(line);
            continue;
        }
        let before = backup.entries.len();
        if line.contains("codeDisplay=") {
            app = &ente::APP;
            places.push(ente::link(&mut backup, line)?);
        } else if is_link(line) {
            backup.add_link(line, Draft::default())?;
            places.push(None);
        } else {
            backup.room()?;
            // Its text is not repeated: it may be a secret.
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

/// One address a line. What cannot be written was told before, by [`crate::losses`].
pub(crate) fn write(sources: &[Source]) -> Vec<u8> {
    let mut out = crate::wipe::Zeroizing::new(Vec::new());
    for uri in sources.iter().filter_map(|source| source.account.to_uri().ok()) {
        // EXPOSE: an export is there to carry the secret out.
        let line = uri.expose();
        let mut larger = crate::wipe::Zeroizing::new(Vec::with_capacity(out.len() + line.len() + 1));
        larger.extend_from_slice(&out);
        larger.extend_from_slice(line);
        larger.push(b'\n');
        out = larger;
    }
    core::mem::take(&mut *out)
}
