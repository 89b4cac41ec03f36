use otp::OtpError;
use serde::Serialize;

use crate::{
    AccountRecord, EntryId, SecretText, VaultError,
    entry::{self, texts},
    json::{self, Fields, Read, Unreadable},
    record,
};

/// A change of a vault, as data: what a screen asks for, what undo gives back, what a test row says.
///
/// In JSON it is `{"do": "pin", "id": …, "pinned": true}`.
#[derive(Clone, Serialize)]
#[serde(tag = "do", rename_all = "camelCase")]
pub enum Change {
    /// Adds an account at the end.
    Add {
        /// The account, its secret included.
        account: AccountRecord,
        /// What the person wrote beside it.
        note: String,
        /// The person's own groups.
        tags: Vec<String>,
        /// The name of a built-in icon, or nothing.
        icon: String,
        /// Whether it stands above the others.
        pinned: bool,
        /// Whether it goes to the bin at once, as in the app that it comes from.
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        trashed: bool,
        /// Whether it comes from a backup, so that a counter may be behind.
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        restored: bool,
        /// The entry as another app wrote it. With it, an account that cannot be computed is taken: shown and exported,
        /// without codes.
        #[serde(skip_serializing_if = "Option::is_none")]
        source: Option<SecretText>,
    },
    /// Changes what is given and leaves the rest.
    Edit {
        /// Which entry.
        id: EntryId,
        /// Who issued the account.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        /// Whose account it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What the person wrote beside it.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// The person's own groups.
        #[serde(skip_serializing_if = "Option::is_none")]
        tags: Option<Vec<String>>,
        /// The name of a built-in icon, or nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        icon: Option<String>,
        /// Secret and parameters anew, names included; `issuer` and `name` beside it win.
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<AccountRecord>,
    },
    /// Puts the entry above the others, or back among them.
    Pin {
        /// Which entry.
        id: EntryId,
        /// Above, or not.
        pinned: bool,
    },
    /// Moves the entry in front of another, or to the end.
    Move {
        /// Which entry.
        id: EntryId,
        /// In front of which one; `None`: to the end.
        before: Option<EntryId>,
    },
    /// Puts the entry into the bin, where it makes no codes.
    Trash {
        /// Which entry.
        id: EntryId,
    },
    /// Takes the entry out of the bin, back to where it stood.
    Restore {
        /// Which entry.
        id: EntryId,
    },
    /// Removes for good what is in the bin.
    Remove {
        /// Which entry.
        id: EntryId,
    },
    /// Uses up the next counter of a HOTP entry. The sealed vault must be stored before the code is shown: a counter
    /// that is used twice locks the person out.
    Spend {
        /// Which entry.
        id: EntryId,
    },
}

/// What a change did.
#[derive(Clone, Serialize)]
pub struct Applied {
    /// The entry that was added or changed.
    pub id: EntryId,
    /// The change that takes this one back. `None` after `Remove`, `Spend`, and an `Edit` with a new account, because an
    /// undo never carries a secret.
    pub undo: Option<Change>,
    /// After `Spend`: the code of the counter that was used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Change {
    /// Reads a change from JSON.
    ///
    /// # Errors
    /// `BadChange` for a field that is missing, unknown, or does not belong to what is to be done.
    pub fn from_json(json: &str) -> Result<Self, VaultError> {
        let read = || {
            let mut fields = json::read(json)?.object()?;
            let change = Self::read(&mut fields)?;
            fields.end()?;
            Ok(change)
        };
        read().map_err(|_: Unreadable| VaultError::BadChange)
    }

    fn read(fields: &mut Fields) -> Read<Self> {
        let verb = fields.text("do")?.ok_or(Unreadable)?;
        let account = |fields: &mut Fields| fields.take("account").map(record::read).transpose();
        if verb.as_str() == "add" {
            return Ok(Self::Add {
                account: account(fields)?.ok_or(Unreadable)?,
                note: fields.plain("note")?.unwrap_or_default(),
                tags: texts(fields, "tags")?.unwrap_or_default(),
                icon: fields.plain("icon")?.unwrap_or_default(),
                pinned: fields.bool("pinned")?.unwrap_or_default(),
                trashed: fields.bool("trashed")?.unwrap_or_default(),
                restored: fields.bool("restored")?.unwrap_or_default(),
                source: entry::source(fields)?,
            });
        }
        let id = entry::id(fields, "id")?.ok_or(Unreadable)?;
        Ok(match verb.as_str() {
            "edit" => Self::Edit {
                id,
                issuer: fields.plain("issuer")?,
                name: fields.plain("name")?,
                note: fields.plain("note")?,
                tags: texts(fields, "tags")?,
                icon: fields.plain("icon")?,
                account: account(fields)?,
            },
            "pin" => Self::Pin { id, pinned: fields.bool("pinned")?.ok_or(Unreadable)? },
            "move" => Self::Move { id, before: entry::id(fields, "before")? },
            "trash" => Self::Trash { id },
            "restore" => Self::Restore { id },
            "remove" => Self::Remove { id },
            "spend" => Self::Spend { id },
            _ => return Err(Unreadable),
        })
    }
}

/// Why a change was refused. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeError {
    /// By the vault.
    Vault(VaultError),
    /// By the account itself, with the reason that `crates/otp` gives.
    Account(OtpError),
}

impl ChangeError {
    /// The stable code of whatever refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vault(e) => e.code(),
            Self::Account(e) => e.code(),
        }
    }
}

impl core::fmt::Display for ChangeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Vault(e) => e.fmt(f),
            Self::Account(e) => e.fmt(f),
        }
    }
}

impl core::error::Error for ChangeError {}

impl From<VaultError> for ChangeError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<OtpError> for ChangeError {
    fn from(error: OtpError) -> Self {
        Self::Account(error)
    }
}
