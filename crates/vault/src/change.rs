use serde::{Deserialize, Serialize};

use crate::{AccountRecord, EntryId, record::or_default};

/// A change of a vault, as data: what a screen asks for, what undo gives back, what a test row says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Change {
    /// Adds an account at the end.
    Add {
        /// The account, its secret included.
        account: AccountRecord,
        /// What the person wrote beside it.
        #[serde(default, deserialize_with = "or_default")]
        note: String,
        /// The person's own groups.
        #[serde(default, deserialize_with = "or_default")]
        tags: Vec<String>,
        /// The name of a built-in icon, or nothing.
        #[serde(default, deserialize_with = "or_default")]
        icon: String,
        /// Whether it stands above the others.
        #[serde(default, deserialize_with = "or_default")]
        pinned: bool,
    },
    /// Changes what is given and leaves the rest.
    Edit {
        /// Which entry.
        id: EntryId,
        /// Who issued the account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        /// Whose account it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What the person wrote beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// The person's own groups.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tags: Option<Vec<String>>,
        /// The name of a built-in icon, or nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        icon: Option<String>,
        /// Secret and parameters anew, names included; `issuer` and `name` beside it win.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
