//! What the backups of a vault held: the vault counts by it which accounts are in no backup.

use base::JsonWriter;
use sha2::{Digest, Sha256};

use crate::{
    EntryId,
    entry::{self, Entry},
    hex,
    json::{Fields, Read, Unreadable, Value},
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
        Ok(Self {
            place: rest.plain("place")?.ok_or(Unreadable)?,
            ms: rest.number("ms")?.ok_or(Unreadable)?,
            marks: entry::texts(&mut rest, "marks")?.ok_or(Unreadable)?,
            rest,
        })
    }

    pub(crate) fn write(&self, writer: &mut JsonWriter) {
        writer.object(|w| {
            w.name("place").text(&self.place);
            w.name("ms").number(self.ms);
            w.name("marks").list(|w| self.marks.iter().for_each(|mark| w.text(mark)));
            self.rest.write(w);
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
    let marks = entries.iter().map(|entry| hex::text(&entry.id.0) + &mark(entry)).collect();
    backups.push(Backup { place, ms, marks, rest: Fields::default() });
}

/// The entries outside the bin that no backup holds as they are now.
pub(crate) fn missing(backups: &[Backup], entries: &[Entry]) -> Vec<EntryId> {
    let ends = |held: Option<&String>, mark: &str| held.is_some_and(|held| held.ends_with(mark));
    let is_held = |(at, entry): (usize, &Entry)| {
        let mark = mark(entry);
        // Mostly it stands where it stood then.
        backups.iter().any(|backup| ends(backup.marks.get(at), &mark))
            || backups.iter().any(|backup| backup.marks.iter().any(|held| ends(Some(held), &mark)))
    };
    let all = entries.iter().enumerate();
    all.filter(|(at, entry)| entry.trashed_ms.is_none() && !is_held((*at, entry))).map(|(_, entry)| entry.id).collect()
}

/// A hyphen and 16 digits. Another one when the account, its note or its tags change, and the same in another vault that has them. Neither a
/// used counter nor a pin is a change: what a backup holds of the account is still good.
fn mark(entry: &Entry) -> String {
    let mut account = entry.account.clone();
    account.counter = None;
    let mut writer = JsonWriter::default();
    writer.object(|w| {
        record::write(&account, &Fields::default(), w.name("account"));
        w.name("note").text(&entry.note);
        w.name("tags").list(|w| entry.tags.iter().for_each(|tag| w.text(tag)));
    });
    let bytes = zeroize::Zeroizing::new(writer.finish());
    let hash = Sha256::digest(bytes.as_slice());
    let mut mark = String::from("-");
    mark.push_str(&hex::text(hash.get(..8).unwrap_or_default()));
    mark
}
