//! FreeOTP 2: `externalBackup.xml`, which is a serialised Java `HashMap` (Java Object Serialization Specification,
//! chapter 6). FreeOTP 1: its settings file, copied from a rooted phone.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{app, freeotp_plus};
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::gcm,
    json::Value,
    kdf::{Hash, pbkdf2_key},
    report::{Draft, Raw},
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "freeotp",
    "FreeOTP",
    "freeotp",
    Password::Always,
    "Menu, Backup: the file externalBackup.xml and the password that FreeOTP asked for.",
);

const MAGIC: &[u8] = &[0xac, 0xed, 0, 5];

pub(crate) fn open(bytes: &[u8]) -> Option<Result<Opened, BackupError>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    Some(Java { rest, strings: Vec::new() }.map().and_then(|map| {
        let found = |name: &str| map.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let master = Value::read(found("masterKey").ok_or(BackupError::Unknown)?)?;
        Ok(Opened::locked(&APP, Sealed { master, map }))
    }))
}

struct Sealed {
    master: Value,
    map: Vec<(String, String)>,
}

impl Sealed {
    fn rounds(&self) -> u64 {
        self.master.get("mIterations").int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        Kdf::Pbkdf2 { rounds: self.rounds() }
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        let hash = match self.master.get("mAlgorithm").text() {
            "PBKDF2withHmacSHA1" => Hash::Sha1,
            "PBKDF2withHmacSHA256" => Hash::Sha256,
            "PBKDF2withHmacSHA512" => Hash::Sha512,
            _ => return Err(BackupError::TooNew),
        };
        let salt = self.master.get("mSalt").bytes().ok_or(BackupError::Damaged)?;
        let key = pbkdf2_key(hash, password, &salt, self.rounds())?;
        let master = unwrap(key.as_slice(), self.master.get("mEncryptedKey"))?;
        let mut backup = Backup::new(&APP);
        for (name, token) in self.map.iter().filter(|(name, _)| name.ends_with("-token")) {
            let token = Value::read(token)?;
            let id = name.strip_suffix("-token").unwrap_or(name);
            let key = self.map.iter().find(|(known, _)| known == id).and_then(|(_, key)| Value::read(key).ok());
            // The key is a JSON string that contains JSON.
            let key = key.and_then(|key| Value::read(key.get("key").text()).ok()).unwrap_or(Value::Null);
            let secret = unwrap(&master, &key);
            let text = |names: &[&str]| {
                names.iter().map(|name| token.get(name).owned()).find(|text| !text.is_empty()).unwrap_or_default()
            };
            let draft = Draft {
                kind: token.get("type").text(),
                secret: secret.as_ref().map_or(Raw::Text(""), |secret| Raw::Bytes(secret)),
                issuer: text(&["issuerAlt", "issuerExt", "issuerInt"]),
                name: text(&["labelAlt", "label"]),
                algorithm: token.get("algo").text(),
                digits: token.get("digits").int(),
                period: token.get("period").int(),
                counter: token.get("counter").int(),
                ..Draft::default()
            };
            if secret.is_err() {
                backup.refused.push(draft.refused(crate::Why::Entry(crate::EntryError::Encrypted)));
            } else {
                backup.add(draft)?;
            }
        }
        Ok(backup)
    }
}

/// Decrypts a wrapped key: AES-GCM with the name of the key's type as associated data.
fn unwrap(key: &[u8], sealed: &Value) -> Result<crate::cipher::Bytes, BackupError> {
    let text = sealed.get("mCipherText").bytes().ok_or(BackupError::Damaged)?;
    let params = sealed.get("mParameters").bytes().ok_or(BackupError::Damaged)?;
    // DER: a SEQUENCE of the nonce and the tag length or, from old phones, the nonce alone.
    let nonce = match params.as_slice() {
        [0x30, _, 4, len, rest @ ..] | [4, len, rest @ ..] => rest.get(..usize::from(*len)),
        _ => None,
    };
    gcm(key, nonce.ok_or(BackupError::Damaged)?, &text, sealed.get("mToken").text().as_bytes())
}

/// Reads the settings file of FreeOTP 1.
pub(crate) fn read_settings(
    strings: &[(String, crate::wipe::Zeroizing<String>)],
) -> Option<Result<Backup, BackupError>> {
    let read = |text: &str| Value::read(text).ok().filter(|value| value.has("secret") && value.has("algo"));
    let tokens: Vec<Value> = strings.iter().filter_map(|(_, text)| read(text)).collect();
    if tokens.is_empty() {
        return None;
    }
    let mut backup = Backup::new(&APP);
    let added = tokens.iter().try_for_each(|token| freeotp_plus::add(&mut backup, token).map(drop));
    Some(added.map(|()| backup))
}

/// More than any settings file has.
const MAX_STRINGS: usize = 50_000;

struct Java<'b> {
    rest: &'b [u8],
    /// The objects that a back reference may name, in order; empty for objects other than strings.
    strings: Vec<String>,
}

impl Java<'_> {
    /// The strings of a `HashMap`, with their keys.
    fn map(mut self) -> Result<Vec<(String, String)>, BackupError> {
        if self.take::<1>()? != [0x73] || self.class()?.0 != "java.util.HashMap" {
            return Err(BackupError::Unknown);
        }
        self.handle("")?;
        // Load factor and threshold, then the block data of HashMap: its capacity and the number of pairs.
        let [.., block, len] = self.take::<10>()?;
        let [_, _, _, _, count @ ..] = self.take::<8>()?;
        if (block, len) != (0x77, 8) {
            return Err(BackupError::Damaged);
        }
        let mut map = Vec::new();
        for _ in 0..u32::from_be_bytes(count) {
            let (Some(name), value) = (self.value(8)?, self.value(8)?) else { return Err(BackupError::Damaged) };
            if let Some(value) = value {
                map.push((name, value));
            }
        }
        Ok(map)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], BackupError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(BackupError::Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn handle(&mut self, text: &str) -> Result<(), BackupError> {
        if self.strings.len() >= MAX_STRINGS {
            return Err(BackupError::TooLarge);
        }
        self.strings.push(text.to_owned());
        Ok(())
    }

    fn text(&mut self, len: usize) -> Result<String, BackupError> {
        let (text, rest) = self.rest.split_at_checked(len).ok_or(BackupError::Damaged)?;
        self.rest = rest;
        // Java's modified UTF-8 differs for U+0000 and above U+FFFF; these characters become U+FFFD.
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn short_text(&mut self) -> Result<String, BackupError> {
        let len = u16::from_be_bytes(self.take()?);
        self.text(len.into())
    }

    /// Reads a value; `None` for anything but a string.
    fn value(&mut self, depth: u8) -> Result<Option<String>, BackupError> {
        let depth = depth.checked_sub(1).ok_or(BackupError::Hostile)?;
        match self.take()? {
            [0x70] => Ok(None),
            [0x71] => {
                // Handles start at 0x7e0000.
                let handle =
                    u32::from_be_bytes(self.take()?).checked_sub(0x7e_0000).and_then(|at| usize::try_from(at).ok());
                let known = handle.and_then(|at| self.strings.get(at)).ok_or(BackupError::Damaged)?;
                Ok(Some(known.clone()))
            }
            [0x74] => {
                let text = self.short_text()?;
                self.handle(&text)?;
                Ok(Some(text))
            }
            [0x7c] => {
                let len = usize::try_from(u64::from_be_bytes(self.take()?)).map_err(|_| BackupError::Damaged)?;
                let text = self.text(len)?;
                self.handle(&text)?;
                Ok(Some(text))
            }
            [0x73] => {
                let (_, sizes) = self.class()?;
                self.handle("")?;
                for size in sizes {
                    match size {
                        Some(size) => drop(self.text(size)?),
                        None => drop(self.value(depth)?),
                    }
                }
                Ok(None)
            }
            _ => Err(BackupError::Damaged),
        }
    }

    /// Reads a class: its name, and the size in bytes of each field; `None` for an object field.
    fn class(&mut self) -> Result<(String, Vec<Option<usize>>), BackupError> {
        if self.take::<1>()? != [0x72] {
            return Err(BackupError::Damaged);
        }
        let name = self.short_text()?;
        self.handle("")?;
        let [.., _flags] = self.take::<9>()?;
        let mut sizes = Vec::new();
        for _ in 0..u16::from_be_bytes(self.take()?) {
            let [kind] = self.take()?;
            self.short_text()?;
            sizes.push(match kind {
                b'B' | b'Z' => Some(1),
                b'C' | b'S' => Some(2),
                b'F' | b'I' => Some(4),
                b'D' | b'J' => Some(8),
                _ => {
                    self.value(2)?;
                    None
                }
            });
        }
        // No annotations; then no superclass, or one such as `Number`.
        if self.take::<1>()? != [0x78] {
            return Err(BackupError::Damaged);
        }
        match self.rest.first() {
            Some(0x70) => {
                self.take::<1>()?;
            }
            Some(0x72) if name != "java.util.HashMap" => {
                let (_, mut above) = self.class()?;
                above.extend(sizes);
                sizes = above;
            }
            _ => return Err(BackupError::Damaged),
        }
        Ok((name, sizes))
    }
}
