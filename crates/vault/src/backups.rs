//! What the backups of a vault held: the vault counts by it which accounts are in no backup.

use sha2::{Digest, Sha256};

use crate::{
    entry::Entry,
    hex,
    json::{Fields, Read, Unreadable, Value, Writer},
    record,
};

/// One a place; the oldest gives way.
const MAX_BACKUPS: usize = 16;
pub(crate) const MAX_PLACE_CHARS: usize = 64;

/// A backup that was written or opened.
pub(crate) struct Backup {
    /// Where it is, in the app's own word.
    pub(crate) place: String,
    /// When it was written or opened.
    pub(crate) ms: u64,
    /// Id and change mark of every entry that it holds.
    marks: Vec<String>,
    rest: Fields,
}

impl Backup {
    pub(crate) fn read(value: Value) -> Read<Self> {
        let mut rest = value.object()?;
        let text = |mark: Value| mark.text().map(|mut text| core::mem::take(&mut *text));
        Ok(Self {
            place: rest.plain("place")?.ok_or(Unreadable)?,
            ms: rest.number("ms")?.ok_or(Unreadable)?,
            marks: rest.list("marks")?.ok_or(Unreadable)?.into_iter().map(text).collect::<Read<_>>()?,
            rest,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.object(|w| {
            w.name("place").text(&self.place);
            w.name("ms").number(self.ms);
            w.name("marks").list(&self.marks, |w, mark| w.text(mark));
            w.fields(&self.rest);
        });
    }

    pub(crate) fn held(&self) -> usize {
        self.marks.len()
    }
}

/// Remembers what is in the backup at `place`, instead of what was there before.
pub(crate) fn note(backups: &mut Vec<Backup>, place: String, ms: u64, entries: &[Entry]) {
    backups.retain(|backup| backup.place != place);
    if backups.len() >= MAX_BACKUPS {
        backups.remove(0);
    }
    let marks = entries.iter().map(|entry| format!("{}-{}", entry.id, mark(entry))).collect();
    backups.push(Backup { place, ms, marks, rest: Fields::default() });
}

/// The entries outside the bin that no backup holds as they are now.
pub(crate) fn missing<'a>(backups: &[Backup], entries: &'a [Entry]) -> Vec<&'a Entry> {
    let marks = backups.iter().flat_map(|backup| &backup.marks).filter_map(|mark| mark.split_once('-'));
    let held: std::collections::BTreeSet<_> = marks.map(|(_, mark)| mark).collect();
    entries.iter().filter(|entry| entry.trashed_ms.is_none() && !held.contains(mark(entry).as_str())).collect()
}

/// Another one when the account, its note or its tags change, and the same in another vault that has them. Neither a
/// used counter nor a pin is a change: what a backup holds of the account is still good.
fn mark(entry: &Entry) -> String {
    let mut account = entry.account.clone();
    account.counter = None;
    let mut writer = Writer::new();
    writer.object(|w| {
        record::write(&account, &Fields::default(), w.name("account"));
        w.name("note").text(&entry.note);
        w.name("tags").list(&entry.tags, |w, tag| w.text(tag));
    });
    let bytes = zeroize::Zeroizing::new(writer.bytes());
    let hash = Sha256::digest(bytes.as_slice());
    hex::text(hash.get(..8).unwrap_or_default())
}
