//! 2FAS: JSON, schema versions 1 to 4, plain or encrypted.

use alloc::{string::String, vec::Vec};

use base::JsonWriter;
use otp::{Account, Kind, Otp};

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::gcm,
    json::Value,
    kdf::{Hash, pbkdf2_key},
    report::{Draft, Raw},
    source::{Source, fields},
    text::base64,
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "2fas",
    "2FAS",
    "two_fas",
    Password::Maybe,
    "Settings, 2FAS Backup, Export to file. With or without a password.",
);

const ROUNDS: u64 = 10_000;

pub(crate) fn is(file: &Value) -> bool {
    file.has("schemaVersion") && (file.has("services") || file.has("servicesEncrypted"))
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    if file.get("servicesEncrypted").text().is_empty() {
        return read(file.get("services"), file.get("groups")).map(Opened::Plain);
    }
    Ok(Opened::locked(&APP, Sealed(file)))
}

struct Sealed(Value);

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Pbkdf2 { rounds: ROUNDS }
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        // Ciphertext with tag, salt and nonce, separated by colons.
        let mut parts = self.0.get("servicesEncrypted").text().split(':').map(base64);
        let mut part = || parts.next().flatten().ok_or(BackupError::Damaged);
        let (sealed, salt, nonce) = (part()?, part()?, part()?);
        let key = pbkdf2_key(Hash::Sha256, password, &salt, ROUNDS)?;
        let plain = gcm(key.as_slice(), &nonce, &sealed, b"")?;
        let services = Value::read(core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?)?;
        read(&services, self.0.get("groups"))
    }
}

fn read(services: &Value, groups: &Value) -> Result<Backup, BackupError> {
    if !matches!(services, Value::List(_)) {
        return Err(BackupError::Damaged);
    }
    let mut backup = Backup::new(&APP);
    let mut places = Vec::new();
    for service in services.list() {
        let otp = service.get("otp");
        let group = service.any(&["groupId", "groupID", "group_id"]).text();
        let group = groups.list().iter().find(|known| !group.is_empty() && known.get("id").text() == group);
        let name = service.get("name").owned();
        let issuer = otp.get("issuer").owned();
        let account = [otp.get("account"), otp.get("label"), service.get("additionalInfo")];
        let account = account.iter().map(|value| value.owned()).find(|text| !text.is_empty()).unwrap_or_default();
        let before = backup.entries.len();
        backup.add(Draft {
            kind: otp.any(&["tokenType", "type"]).text(),
            secret: Raw::Text(service.get("secret").text()),
            // The user sees and edits the name; the issuer is from the QR code.
            issuer: if name.is_empty() { issuer } else { name },
            name: account,
            algorithm: otp.get("algorithm").text(),
            digits: otp.get("digits").int(),
            period: otp.get("period").int(),
            counter: otp.get("counter").int(),
            tags: group.map(|group| group.get("name").owned()).into_iter().collect(),
            source: Some(service),
            ..Draft::default()
        })?;
        if backup.entries.len() > before {
            places.push(service.get("order").get("position").int().unwrap_or(i64::MAX));
        }
    }
    backup.sort(places);
    Ok(backup)
}

/// Writes an export of schema version 4.
pub(crate) fn write(sources: &[Source], context: &mut base::Context) -> Vec<u8> {
    let now = context.now().millis().cast_signed();
    let mut groups: Vec<(&str, String)> = Vec::new();
    // A service can be in one group only.
    for tag in sources.iter().filter_map(|source| source.tags.first()) {
        if !groups.iter().any(|(known, _)| known == tag) {
            groups.push((tag, super::aegis::uuid(context)));
        }
    }
    let mut pen = JsonWriter::default();
    pen.object(|pen| {
        pen.name("services").list(|pen| {
            for (source, place) in sources.iter().zip(0_i64..) {
                service(pen, source, place, now, &groups);
            }
        });
        pen.name("groups").list(|pen| {
            for (name, id) in &groups {
                pen.object(|pen| {
                    pen.name("id").text(id);
                    pen.name("name").text(name);
                    pen.name("isExpanded").bool(true);
                    pen.name("updatedAt").number(now);
                });
            }
        });
        pen.name("updatedAt").number(now);
        pen.name("schemaVersion").number(4);
        pen.name("appVersionCode").number(5_000_000);
        pen.name("appVersionName").text("5.0.0");
        pen.name("appOrigin").text("android");
    });
    pen.finish()
}

fn service(pen: &mut JsonWriter, source: &Source, place: i64, now: i64, groups: &[(&str, String)]) {
    let Account { issuer, name, otp, secret, .. } = &source.account;
    pen.object(|pen| {
        pen.name("name").text(if issuer.is_empty() { name } else { issuer });
        // EXPOSE: an export contains the secret.
        pen.name("secret").text(&fields::base32(secret.expose()));
        pen.name("updatedAt").number(now);
        pen.name("otp").object(|pen| {
            pen.name("label").text(name);
            pen.name("account").text(name);
            pen.name("issuer").text(issuer);
            pen.name("digits").number(otp.digits());
            if let Some(period) = otp.period() {
                pen.name("period").number(period.secs());
            }
            pen.name("algorithm").text(fields::algorithm(otp));
            if let Otp::Hotp(_, counter) = otp {
                pen.name("counter").number(counter.value().cast_signed());
            }
            pen.name("tokenType").text(match otp.kind() {
                Kind::Hotp => "HOTP",
                Kind::Steam => "STEAM",
                _ => "TOTP",
            });
            pen.name("source").text("Manual");
        });
        pen.name("order").object(|pen| pen.name("position").number(place));
        let group = source.tags.first().and_then(|tag| groups.iter().find(|(name, _)| name == tag));
        if let Some((_, id)) = group {
            pen.name("groupId").text(id);
        }
    });
}
