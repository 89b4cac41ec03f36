use serde::{Deserialize, Serialize};

use crate::{AccountRecord, EntryId, VaultError};

/// A change of a vault, as data: what a screen asks for, what undo gives back, what a test row says.
///
/// In JSON it is `{"do": "pin", "id": …, "pinned": true}`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", try_from = "Flat")]
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
        serde_json::from_str(json).map_err(|_| VaultError::BadChange)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Verb {
    Add,
    Edit,
    Pin,
    Move,
    Trash,
    Restore,
    Remove,
    Spend,
}

/// Every field of every change: one reader for all of them is a third of the size of one for each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flat {
    r#do: Verb,
    id: Option<EntryId>,
    account: Option<AccountRecord>,
    issuer: Option<String>,
    name: Option<String>,
    note: Option<String>,
    tags: Option<Vec<String>>,
    icon: Option<String>,
    pinned: Option<bool>,
    before: Option<EntryId>,
}

impl TryFrom<Flat> for Change {
    type Error = &'static str;

    fn try_from(mut flat: Flat) -> Result<Self, Self::Error> {
        const MISSING: &str = "a field is missing";
        let mut id = || flat.id.take().ok_or(MISSING);
        let change = match flat.r#do {
            Verb::Add => Self::Add {
                account: flat.account.take().ok_or(MISSING)?,
                note: flat.note.take().unwrap_or_default(),
                tags: flat.tags.take().unwrap_or_default(),
                icon: flat.icon.take().unwrap_or_default(),
                pinned: flat.pinned.take().unwrap_or_default(),
            },
            Verb::Edit => Self::Edit {
                id: id()?,
                issuer: flat.issuer.take(),
                name: flat.name.take(),
                note: flat.note.take(),
                tags: flat.tags.take(),
                icon: flat.icon.take(),
                account: flat.account.take(),
            },
            Verb::Pin => Self::Pin { id: id()?, pinned: flat.pinned.take().ok_or(MISSING)? },
            Verb::Move => Self::Move { id: id()?, before: flat.before.take() },
            Verb::Trash => Self::Trash { id: id()? },
            Verb::Restore => Self::Restore { id: id()? },
            Verb::Remove => Self::Remove { id: id()? },
            Verb::Spend => Self::Spend { id: id()? },
        };
        let left = flat.id.is_some()
            || flat.account.is_some()
            || flat.issuer.is_some()
            || flat.name.is_some()
            || flat.note.is_some()
            || flat.tags.is_some()
            || flat.icon.is_some()
            || flat.pinned.is_some()
            || flat.before.is_some();
        if left { Err("a field does not belong to this change") } else { Ok(change) }
    }
}
