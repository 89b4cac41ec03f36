//! Rows of `vault/`, made by the independent implementation `tests/parts/python/vault_reader/make_vectors.py`.

use serde::Deserialize;
use serde_json::Value;

use crate::rows;

/// A file, a key, and the expected result.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The subject of the row.
    pub name: String,
    /// The bytes of the vault, in base64.
    pub file: String,
    /// The key to open it with.
    pub given: Given,
    /// The entries, when it opens.
    pub expect: Option<Entries>,
    /// The code of the refusal, when it does not.
    pub refuse: Option<String>,
    /// Why it is refused.
    pub why: Option<String>,
}

/// A key of one of the three kinds of slots.
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

/// The content of a vault.
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
    /// The subject of the row.
    pub name: String,
    /// As typed.
    pub typed: String,
    /// In hexadecimal, when it is valid.
    pub slot_key: Option<String>,
    /// The code of the refusal, when it is not.
    pub refuse: Option<String>,
    /// Why it is refused.
    pub why: Option<String>,
    /// The mistyped group, counted from 1.
    pub group: Option<usize>,
}

/// A passphrase and the key it gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stretch {
    /// The subject of the row.
    pub name: String,
    /// In Unicode normalisation form KC.
    pub passphrase: String,
    /// 16 bytes in hexadecimal.
    pub salt: String,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
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
