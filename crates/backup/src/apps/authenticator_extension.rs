//! Authenticator-Extension (the browser extension): a JSON object by hash, plain or with encrypted secrets. Backups
//! with its newer key format get their own error.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::app;
use crate::{
    App, Backup, BackupError, EntryError, Kdf, MaxCost, Password, Why,
    cipher::{Bytes, cbc, evp},
    json::Value,
    report::{Draft, Raw},
    text::{base64, split_once},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "authenticator-extension",
    "Authenticator (browser extension)",
    "authenticator_extension",
    Password::Maybe,
    "Settings, Backup, Download backup file, without a password; or Show as text.",
);

pub(crate) fn is(file: &Value) -> bool {
    let entry =
        |value: &Value| value.has("secret") && (value.has("account") || value.has("issuer") || value.has("hash"));
    let sealed = |value: &Value| matches!(value.get("dataType").text(), "OTPStorage" | "EncOTPStorage" | "Key");
    file.fields().iter().any(|(_, value)| sealed(value) || entry(value) && value.is_object())
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    if file.fields().iter().any(|(_, value)| value.get("dataType").text() == "EncOTPStorage") {
        return Err(BackupError::ExtensionKey);
    }
    if file.fields().iter().any(|(_, value)| value.get("encrypted").bool()) {
        return Ok(Opened::locked(&APP, Sealed(file)));
    }
    read(&file, None).map(Opened::Plain)
}

struct Sealed(Value);

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Hash
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        // The password encrypts a random key. In old files it is the key itself.
        let wrapped = self.0.get("key").get("enc").text();
        let key = if wrapped.is_empty() { Bytes::new(password.to_vec()) } else { crypto_js(password, wrapped)? };
        let backup = read(&self.0, Some(&key))?;
        let encrypted = backup.refused.iter().any(|refused| refused.why == Why::Entry(EntryError::Encrypted));
        if backup.entries.is_empty() && encrypted { Err(BackupError::WrongPassword) } else { Ok(backup) }
    }
}

/// Decrypts CryptoJS's AES with a passphrase, which uses OpenSSL's format.
fn crypto_js(passphrase: &[u8], text: &str) -> Result<Bytes, BackupError> {
    let bytes = base64(text).ok_or(BackupError::Damaged)?;
    let rest = bytes.strip_prefix(b"Salted__").ok_or(BackupError::Damaged)?;
    let (salt, sealed) = rest.split_first_chunk::<8>().ok_or(BackupError::Damaged)?;
    let key = evp(passphrase, salt);
    let (key, iv) = key.split_at(32);
    cbc(key, iv, sealed)
}

fn read(file: &Value, key: Option<&Bytes>) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let mut places = Vec::new();
    for (_, entry) in file.fields().iter().filter(|(_, value)| value.has("secret")) {
        let opened = match key {
            Some(key) if entry.get("encrypted").bool() => Some(crypto_js(key, entry.get("secret").text()).ok()),
            _ => None,
        };
        let opened = opened.map(|bytes| {
            bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).map(crate::wipe::Zeroizing::new)
        });
        let secret = match &opened {
            Some(Some(text)) => text.as_str(),
            Some(None) => "",
            None => entry.get("secret").text(),
        };
        let word = entry.get("type").text().to_ascii_lowercase();
        // Old files mark Blizzard and Steam secrets by a prefix.
        let prefixed = secret.split_once('-').filter(|(before, _)| matches!(*before, "blz" | "bliz" | "stm"));
        let (kind, secret) = match (word.as_str(), prefixed) {
            ("hhex", _) => ("hotp", Raw::Hex(secret)),
            ("hex", _) => ("totp", Raw::Hex(secret)),
            (_, Some(("stm", secret))) => ("steam", Raw::Text(secret)),
            (_, Some((_, secret))) => ("battle", Raw::Text(secret)),
            ("1" | "totp" | "", _) if is_hex(secret) => ("totp", Raw::Hex(secret)),
            ("1", _) => ("totp", Raw::Text(secret)),
            ("2", _) => ("hotp", Raw::Text(secret)),
            ("3", _) => ("battle", Raw::Text(secret)),
            ("4", _) => ("steam", Raw::Text(secret)),
            ("5", _) => ("totp", Raw::Hex(secret)),
            ("6", _) => ("hotp", Raw::Hex(secret)),
            (word, _) => (word, Raw::Text(secret)),
        };
        // Battle.net's codes are TOTP with eight digits.
        let battle = kind == "battle";
        // A host may follow the issuer after two colons.
        let issuer = entry.get("issuer").text();
        let issuer = split_once(issuer, "::").map_or(issuer, |(issuer, _)| issuer).trim().to_owned();
        let draft = Draft {
            kind: if battle { "totp" } else { kind },
            secret,
            issuer,
            name: entry.get("account").owned(),
            algorithm: match entry.get("algorithm").text() {
                "1" => "SHA1",
                "2" => "SHA256",
                "3" => "SHA512",
                other => other,
            },
            digits: if battle { Some(8) } else { entry.get("digits").int() },
            period: entry.get("period").int(),
            counter: entry.get("counter").int(),
            pinned: entry.get("pinned").bool(),
            source: key.is_none().then_some(entry),
            ..Draft::default()
        };
        let before = backup.entries.len();
        if matches!(opened, Some(None)) {
            backup.check_capacity()?;
            backup.refused.push(draft.refused(Why::Entry(EntryError::Encrypted)));
        } else {
            backup.add(draft)?;
        }
        if backup.entries.len() > before {
            places.push(entry.get("index").int().unwrap_or(i64::MAX));
        }
    }
    backup.sort(places);
    Ok(backup)
}

/// Whether a secret is hexadecimal and cannot be base32.
fn is_hex(secret: &str) -> bool {
    secret.len().is_multiple_of(2)
        && secret.bytes().all(|b| b.is_ascii_hexdigit())
        && secret.bytes().any(|b| matches!(b, b'0' | b'1' | b'8' | b'9'))
}
