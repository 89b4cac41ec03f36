#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod aead;
mod apply;
mod backups;
mod change;
mod content;
mod cost;
mod entry;
mod envelope;
mod error;
mod hex;
mod json;
mod kdf;
mod record;
mod recovery;
mod slot;
mod vault;

pub use change::{Applied, Change, ChangeError};
pub use entry::{EntryId, View};
pub use error::VaultError;
pub use kdf::{Cost, KdfParams, MaxCost, stretch};
pub use otp::{AccountRecord, Algorithm, Kind, SecretText};
pub use record::account_from_json;
pub use recovery::RecoveryKey;
pub use slot::{NewSlot, Passkey, SlotId, SlotKey, SlotKind};
pub use vault::{BackupInfo, Locked, OpenSlot, RowCode, SlotInfo, Vault};
