//! Aegis: JSON, plain or with slots that wrap a master key (its `docs/vault.md`). Vault versions 1 to 3.

use alloc::{string::String, vec::Vec};

use base::{Context, JsonWriter};
use otp::{Account, Kind, Otp};

use super::app;
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{gcm, gcm_seal},
    json::Value,
    kdf::scrypt,
    report::{Draft, Raw},
    source::{Source, fields},
    text::{base64, hex, to_base64, to_hex},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "aegis",
    "Aegis",
    "aegis",
    Password::Maybe,
    "Settings, Import & Export, Export. Both kinds open, encrypted and not.",
);

/// More password slots than any real file has. Each costs a key derivation.
const MAX_SLOTS: usize = 16;

pub(crate) fn is(file: &Value) -> bool {
    file.get("header").is_object() && file.has("db")
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    match file.get("db") {
        Value::Object(_) => read(file.get("db")).map(Opened::Plain),
        Value::Text(_) => Ok(Opened::locked(&APP, Sealed(file))),
        _ => Err(BackupError::Damaged),
    }
}

struct Sealed(Value);

impl Sealed {
    /// The password slots. A separate backup password has a second slot.
    fn slots(&self) -> impl Iterator<Item = &Value> {
        self.0.get("header").get("slots").list().iter().filter(|slot| slot.get("type").int() == Some(1))
    }
}

fn cost(slot: &Value) -> Kdf {
    let number = |name: &str| slot.get(name).int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    Kdf::Scrypt { n: number("n"), r: number("r"), p: number("p") }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        self.slots().next().map_or(Kdf::Hash, cost)
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let mut why = BackupError::WrongPassword;
        for slot in self.slots().take(MAX_SLOTS) {
            let Kdf::Scrypt { n, r, p } = cost(slot) else { continue };
            let salt = hex(slot.get("salt").text()).ok_or(BackupError::Damaged)?;
            let key = match scrypt(password, &salt, n, r, p, max) {
                Ok(key) => key,
                Err(error) => {
                    why = error;
                    continue;
                }
            };
            let wrapped = hex(slot.get("key").text()).ok_or(BackupError::Damaged)?;
            if let Ok(master) = sealed(key.as_slice(), slot.get("key_params"), &wrapped) {
                let db = base64(self.0.get("db").text()).ok_or(BackupError::Damaged)?;
                // The password was right, so any later failure is damage.
                let db = sealed(&master, self.0.get("header").get("params"), &db).map_err(|_| BackupError::Damaged)?;
                let text = core::str::from_utf8(&db).map_err(|_| BackupError::Damaged)?;
                return read(&Value::read(text)?);
            }
        }
        Err(why)
    }
}

/// Decrypts AES-GCM with the tag in a separate field.
fn sealed(key: &[u8], params: &Value, text: &[u8]) -> Result<crate::wipe::Zeroizing<Vec<u8>>, BackupError> {
    let nonce = hex(params.get("nonce").text()).ok_or(BackupError::Damaged)?;
    let tag = hex(params.get("tag").text()).filter(|tag| tag.len() == 16).ok_or(BackupError::Damaged)?;
    gcm(key, &nonce, &[text, &tag].concat(), b"")
}

fn read(db: &Value) -> Result<Backup, BackupError> {
    // Version 3 refers to groups by id. In earlier versions each entry has the name of one group.
    if !matches!(db.get("version").int(), None | Some(1..=3)) && db.get("entries").list().is_empty() {
        return Err(BackupError::TooNew);
    }
    if !matches!(db.get("entries"), Value::List(_)) {
        return Err(BackupError::Damaged);
    }
    let mut backup = Backup::new(&APP);
    let groups = db.get("groups").list();
    let name_of = |id: &Value| {
        groups.iter().find(|group| group.get("uuid").text() == id.text()).map(|group| group.get("name").owned())
    };
    for entry in db.get("entries").list() {
        let info = entry.get("info");
        let mut tags: Vec<String> = entry.get("groups").list().iter().filter_map(name_of).collect();
        tags.push(entry.get("group").owned());
        let kind = entry.get("type").text();
        let mut draft = Draft {
            kind,
            secret: Raw::Text(info.get("secret").text()),
            issuer: entry.get("issuer").owned(),
            name: entry.get("name").owned(),
            algorithm: info.get("algo").text(),
            digits: info.get("digits").int(),
            period: info.get("period").int(),
            counter: info.get("counter").int(),
            pin: info.get("pin").text(),
            note: entry.get("note").owned(),
            tags,
            pinned: entry.get("favorite").bool(),
            source: Some(entry),
            ..Draft::default()
        };
        if !entry.get("icon").text().is_empty() {
            draft.change(crate::Change::PictureLeft);
        }
        // Aegis writes mOTP secrets in base32; everywhere else they are hexadecimal.
        let mut motp = crate::wipe::Zeroizing::new(Vec::new());
        if kind.eq_ignore_ascii_case("motp") {
            motp.extend_from_slice(info.get("secret").text().as_bytes());
            if let Ok(bytes) = otp::base32::decode_in_place(&mut motp, &otp::base32::LENIENT) {
                draft.secret = Raw::Bytes(bytes);
            }
        }
        backup.add(draft)?;
    }
    Ok(backup)
}

/// Writes a plain export. Aegis supports every kind.
pub(crate) fn write(sources: &[Source], context: &mut Context) -> Vec<u8> {
    let mut pen = JsonWriter::default();
    pen.object(|pen| {
        pen.name("version").number(1);
        pen.name("header").object(|pen| {
            pen.name("slots").null();
            pen.name("params").null();
        });
        db(pen.name("db"), sources, context);
    });
    pen.finish()
}

/// Ciphertext, tag and nonce.
type SealedPart = (Vec<u8>, [u8; 16], [u8; 12]);

/// The scrypt cost that Aegis uses: N = 2^15, r = 8, p = 1.
const N: u64 = 1 << 15;

pub(crate) fn write_sealed(sources: &[Source], password: &[u8], context: &mut Context) -> Result<Vec<u8>, BackupError> {
    let mut plain = JsonWriter::default();
    db(&mut plain, sources, context);
    let plain = crate::wipe::Zeroizing::new(plain.finish());
    let (master, salt): ([u8; 32], [u8; 32]) = (context.draw(), context.draw());
    let master = crate::wipe::Zeroizing::new(master);
    let key = scrypt(password, &salt, N, 8, 1, MaxCost::HIGHEST)?;
    let mut seal = |key: &[u8; 32], text: &[u8]| -> Result<SealedPart, BackupError> {
        let nonce = context.draw();
        let mut text = gcm_seal(key, &nonce, text);
        let tag = *text.last_chunk().ok_or(BackupError::Damaged)?;
        text.truncate(text.len().saturating_sub(16));
        Ok((text, tag, nonce))
    };
    let (wrapped, key_tag, key_nonce) = seal(&key, master.as_slice())?;
    let (text, tag, nonce) = seal(&master, &plain)?;
    let slot = uuid(context);
    let params = |pen: &mut JsonWriter, nonce: &[u8], tag: &[u8]| {
        pen.object(|pen| {
            pen.name("nonce").text(&to_hex(nonce));
            pen.name("tag").text(&to_hex(tag));
        });
    };
    let mut pen = JsonWriter::default();
    pen.object(|pen| {
        pen.name("version").number(1);
        pen.name("header").object(|pen| {
            pen.name("slots").list(|pen| {
                pen.object(|pen| {
                    pen.name("type").number(1);
                    pen.name("uuid").text(&slot);
                    pen.name("key").text(&to_hex(&wrapped));
                    params(pen.name("key_params"), &key_nonce, &key_tag);
                    pen.name("n").number(1 << 15);
                    pen.name("r").number(8);
                    pen.name("p").number(1);
                    pen.name("salt").text(&to_hex(&salt));
                    pen.name("repaired").bool(true);
                    pen.name("is_backup").bool(false);
                });
            });
            params(pen.name("params"), &nonce, &tag);
        });
        pen.name("db").text(&to_base64(&text));
    });
    Ok(pen.finish())
}

fn db(pen: &mut JsonWriter, sources: &[Source], context: &mut Context) {
    let mut groups: Vec<(&str, String)> = Vec::new();
    for tag in sources.iter().flat_map(|source| &source.tags) {
        if !groups.iter().any(|(known, _)| known == tag) {
            groups.push((tag, uuid(context)));
        }
    }
    pen.object(|pen| {
        pen.name("version").number(3);
        pen.name("entries").list(|pen| {
            for source in sources {
                let id = uuid(context);
                entry(pen, source, &id, &groups);
            }
        });
        pen.name("groups").list(|pen| {
            for (name, id) in &groups {
                pen.object(|pen| {
                    pen.name("uuid").text(id);
                    pen.name("name").text(name);
                });
            }
        });
        pen.name("icons_optimized").bool(true);
    });
}

fn entry(pen: &mut JsonWriter, source: &Source, id: &str, groups: &[(&str, String)]) {
    let Account { issuer, name, otp, secret, pin } = &source.account;
    pen.object(|pen| {
        pen.name("type").text(otp.kind().name());
        pen.name("uuid").text(id);
        pen.name("name").text(name);
        pen.name("issuer").text(issuer);
        pen.name("note").text(&source.note);
        pen.name("favorite").bool(source.pinned);
        pen.name("icon").null();
        pen.name("info").object(|pen| {
            // EXPOSE: an export contains the secret. Aegis writes mOTP secrets in base32 too.
            pen.name("secret").text(&fields::base32(secret.expose()));
            let algorithm = if otp.kind() == Kind::Motp { "MD5" } else { fields::algorithm(otp) };
            pen.name("algo").text(algorithm);
            pen.name("digits").number(otp.digits());
            match otp {
                Otp::Hotp(_, counter) => pen.name("counter").number(counter.value().cast_signed()),
                _ => pen.name("period").number(otp.period().map_or(30, otp::PeriodSecs::secs)),
            }
            if let Some(pin) = pin {
                // EXPOSE: an export contains the PIN.
                pen.name("pin").text(core::str::from_utf8(pin.expose()).unwrap_or_default());
            }
        });
        pen.name("groups").list(|pen| {
            for (_, id) in groups.iter().filter(|(name, _)| source.tags.iter().any(|tag| tag == name)) {
                pen.text(id);
            }
        });
    });
}

/// A random UUID (RFC 9562 section 5.4).
pub(crate) fn uuid(context: &mut Context) -> String {
    let mut bytes: [u8; 16] = context.draw();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = to_hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
