//! Rows of `vault/`, made by `tests/parts/python/vault_reader/make_vectors.py`: by another hand than the core's.

use serde::Deserialize;
use serde_json::Value;

use crate::rows;

/// A file, what the person has, and what comes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What the row shows.
    pub name: String,
    /// The bytes of the vault, in base64.
    pub file: String,
    /// One of four keys.
    pub given: Given,
    /// The content's entries, when it opens.
    pub expect: Option<Entries>,
    /// The code of the refusal, when it does not.
    pub refuse: Option<String>,
    /// Why it is refused.
    pub why: Option<String>,
}

/// What a person opens a vault with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Given {
    /// For a passphrase slot.
    Passphrase(String),
    /// For a recovery slot, as typed.
    RecoveryKey(String),
    /// For a device slot, in hexadecimal.
    DeviceKey(String),
    /// For a passkey slot: what the PRF extension gives, in hexadecimal.
    PasskeyPrf(String),
}

/// What a vault holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// As in the content of the file.
    pub entries: Vec<Value>,
}

/// A recovery key as typed, and the slot key it gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recovery {
    /// What the row shows.
    pub name: String,
    /// As typed.
    pub typed: String,
    /// In hexadecimal, when it is right.
    pub slot_key: Option<String>,
    /// The code of the refusal, when it is not.
    pub refuse: Option<String>,
    /// Why it is refused.
    pub why: Option<String>,
    /// Which group is wrong, counted from 1.
    pub group: Option<usize>,
}

/// A passphrase and the key it gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stretch {
    /// What the row shows.
    pub name: String,
    /// In Unicode form NFKC.
    pub passphrase: String,
    /// 16 bytes in hexadecimal.
    pub salt: String,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// 32 bytes in hexadecimal, when the cost is within bounds.
    pub key: Option<String>,
    /// The code of the refusal, when it is not.
    pub refuse: Option<String>,
    /// Why it is refused.
    pub why: Option<String>,
}

/// `vault/open.json`.
pub fn open() -> Vec<Open> {
    rows("vault/open.json", include_str!("vault/open.json"))
}

/// `vault/recovery.json`.
pub fn recovery() -> Vec<Recovery> {
    rows("vault/recovery.json", include_str!("vault/recovery.json"))
}

/// `vault/stretch.json`.
pub fn stretch() -> Vec<Stretch> {
    rows("vault/stretch.json", include_str!("vault/stretch.json"))
}
