//! Ente Auth: addresses with display settings, plain or in one message of libsodium's secretstream.

use super::{app, links};
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::secretstream,
    detect::{Opened, Unlock},
    json::Value,
    kdf::Argon,
    report::Draft,
    text::{base64, unescape},
};

pub(crate) const APP: App = app(
    "ente",
    "Ente Auth",
    "ente",
    Password::Maybe,
    "Settings, Data, Export codes. Both kinds open, Ente encrypted export and plain text.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.get("kdfParams").is_object() && file.has("encryptedData")
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    Ok(Opened::locked(&APP, Sealed(file)))
}

struct Sealed(Value);

impl Sealed {
    fn argon(&self) -> Argon {
        let params = self.0.get("kdfParams");
        let number = |name: &str| params.get(name).int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        Argon::id(number("memLimit") / 1024, number("opsLimit"), 1)
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        self.argon().kdf()
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let bytes = |value: &Value| base64(value.text()).ok_or(BackupError::Damaged);
        let (salt, nonce) = (bytes(self.0.get("kdfParams").get("salt"))?, bytes(self.0.get("encryptionNonce"))?);
        let sealed = bytes(self.0.get("encryptedData"))?;
        let key = self.argon().key(password, &salt, max)?;
        let plain = secretstream(&key, &nonce, &sealed)?;
        let text = core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?;
        let mut backup = links::read(text)?;
        backup.app = &APP;
        Ok(backup)
    }
}

/// One address with its display settings; its place in the list, where it has one.
pub(crate) fn link(backup: &mut Backup, uri: &str) -> Result<Option<i64>, BackupError> {
    let (head, query) = uri.split_once('?').unwrap_or((uri, ""));
    let (shown, rest): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| pair.starts_with("codeDisplay="));
    let shown = shown.first().and_then(|pair| pair.strip_prefix("codeDisplay=")).unwrap_or_default();
    // A setting that cannot be read is no reason to lose the account.
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
        // Ente itself makes Steam codes from this.
        draft.change(crate::Change::SteamByIssuer);
        backup.add_link(&["otpauth://steam", rest, uri.get(head.len()..).unwrap_or_default()].concat(), draft)?;
    } else {
        backup.add_link(&uri, draft)?;
    }
    let place = shown.get("position").int().filter(|_| backup.entries.len() > before);
    Ok(place)
}
