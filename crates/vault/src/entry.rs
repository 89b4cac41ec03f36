use core::fmt;
use std::rc::Rc;

use base::JsonWriter;
use serde::{Serialize, Serializer};

use crate::{
    AccountRecord, SecretText, VaultError, hex,
    json::{Fields, Read, Unreadable, Value},
    record::{self, ValidAccount},
};

const MAX_NOTE_CHARS: usize = 10_000;
const MAX_TAGS: usize = 32;
const MAX_TAG_CHARS: usize = 64;
const MAX_ICON_CHARS: usize = 128;
const MAX_SOURCE_CHARS: usize = 16_384;

/// The name of an entry for its whole life. Random, because neither issuer nor name tells two accounts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId(pub [u8; 16]);

impl EntryId {
    /// From the 32 hex digits that `Display` writes.
    ///
    /// # Errors
    /// `NoEntry`: whatever is not such a name names no entry.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        hex::read(text).map(Self).ok_or(VaultError::NoEntry)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::text(&self.0))
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::text(&self.0))
    }
}

/// One account with what belongs to it, as it stands in the content of a vault (`FORMAT.md`, "The content").
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) id: EntryId,
    pub(crate) account: AccountRecord,
    pub(crate) note: String,
    pub(crate) tags: Vec<String>,
    pub(crate) icon: String,
    pub(crate) pinned: bool,
    pub(crate) added_ms: u64,
    pub(crate) changed_ms: u64,
    pub(crate) trashed_ms: Option<u64>,
    /// When a backup brought this entry; while it says so, a counter may be behind.
    pub(crate) restored_ms: Option<u64>,
    /// The entry as another app wrote it, where this version cannot compute all of it. It may hold the secret.
    pub(crate) source: Option<SecretText>,
    /// What a later version wrote beside these, in the account and in the entry: kept, and written back.
    pub(crate) account_rest: Rc<Fields>,
    pub(crate) rest: Rc<Fields>,
    /// The account as something that makes codes. `None` when this version cannot: such an entry is kept, shown and
    /// exported all the same, never dropped.
    pub(crate) valid: Option<ValidAccount>,
}

impl Entry {
    pub(crate) fn read(value: Value, has_room: bool) -> Read<Self> {
        let mut fields = value.object()?;
        let (account, account_rest) = record::read_kept(fields.take("account").ok_or(Unreadable)?)?;
        let mut entry = Self {
            id: id(&mut fields, "id")?.ok_or(Unreadable)?,
            valid: ValidAccount::new(&account).ok(),
            account,
            note: fields.plain("note")?.ok_or(Unreadable)?,
            tags: texts(&mut fields, "tags")?.ok_or(Unreadable)?,
            icon: fields.plain("icon")?.ok_or(Unreadable)?,
            pinned: fields.bool("pinned")?.ok_or(Unreadable)?,
            added_ms: fields.number("addedMs")?.ok_or(Unreadable)?,
            changed_ms: fields.number("changedMs")?.ok_or(Unreadable)?,
            trashed_ms: fields.number("trashedMs")?,
            restored_ms: None,
            source: None,
            account_rest: account_rest.kept(has_room)?.into(),
            rest: Rc::default(),
        };
        if has_room {
            entry.restored_ms = fields.number("restoredMs")?;
            entry.source = source(&mut fields)?;
        }
        entry.rest = fields.kept(has_room)?.into();
        Ok(entry)
    }

    pub(crate) fn write(&self, writer: &mut JsonWriter) {
        writer.object(|w| {
            w.name("id").text(&hex::text(&self.id.0));
            record::write(&self.account, &self.account_rest, w.name("account"));
            w.name("note").text(&self.note);
            w.name("tags").list(|w| self.tags.iter().for_each(|tag| w.text(tag)));
            w.name("icon").text(&self.icon);
            w.name("pinned").bool(self.pinned);
            w.name("addedMs").number(self.added_ms);
            w.name("changedMs").number(self.changed_ms);
            if let Some(trashed_ms) = self.trashed_ms {
                w.name("trashedMs").number(trashed_ms);
            }
            if let Some(restored_ms) = self.restored_ms {
                w.name("restoredMs").number(restored_ms);
            }
            if let Some(source) = &self.source {
                // EXPOSE: written only into the content that is sealed next.
                w.name("source").text(source.expose());
            }
            self.rest.write(w);
        });
    }

    pub(crate) fn check(&self) -> Result<(), VaultError> {
        // EXPOSE: its length is looked at, and nothing else.
        let long_source = self.source.as_ref().is_some_and(|source| long(source.expose(), MAX_SOURCE_CHARS));
        let too_long = long(&self.note, MAX_NOTE_CHARS)
            || long(&self.icon, MAX_ICON_CHARS)
            || long_source
            || self.tags.len() > MAX_TAGS
            || self.tags.iter().any(|tag| is_long_tag(tag));
        if too_long { Err(VaultError::TextTooLong) } else { Ok(()) }
    }

    pub(crate) fn view(&self) -> View<'_> {
        let account = &self.account;
        View {
            id: self.id,
            kind: account.kind,
            issuer: &account.issuer,
            name: &account.name,
            algorithm: account.algorithm,
            digits: account.digits,
            period_secs: account.period_secs,
            counter: account.counter,
            pinned: self.pinned,
            note: &self.note,
            tags: &self.tags,
            icon: &self.icon,
            added_ms: self.added_ms,
            changed_ms: self.changed_ms,
            trashed_ms: self.trashed_ms,
            restored_ms: self.restored_ms,
            has_source: self.source.is_some(),
        }
    }
}

fn long(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_some()
}

pub(crate) fn is_long_tag(tag: &str) -> bool {
    long(tag, MAX_TAG_CHARS)
}

pub(crate) fn source(fields: &mut Fields) -> Read<Option<SecretText>> {
    // Taken over as it is: the text is wiped once, where the entry ends.
    Ok(fields.text("source")?.map(|mut text| SecretText::new(core::mem::take(&mut *text))))
}

/// A list of texts that are no secrets.
pub(crate) fn texts(fields: &mut Fields, name: &str) -> Read<Option<Vec<String>>> {
    let text = |text: Value| text.text().map(|mut text| core::mem::take(&mut *text));
    fields.list(name)?.map(|list| list.into_iter().map(text).collect()).transpose()
}

pub(crate) fn id(fields: &mut Fields, name: &str) -> Read<Option<EntryId>> {
    fields.text(name)?.map(|text| EntryId::parse(&text).map_err(|_| Unreadable)).transpose()
}

/// An entry as a list shows it: everything but secret and PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the fields are those of the account and of `Change::Add`; times are milliseconds since the epoch"
)]
pub struct View<'a> {
    pub id: EntryId,
    pub kind: crate::Kind,
    pub issuer: &'a str,
    pub name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<crate::Algorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digits: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    pub pinned: bool,
    pub note: &'a str,
    pub tags: &'a [String],
    pub icon: &'a str,
    pub added_ms: u64,
    pub changed_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trashed_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_ms: Option<u64>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub has_source: bool,
}
