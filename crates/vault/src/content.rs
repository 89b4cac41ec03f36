//! What is inside the cipher text: `FORMAT.md`, "The content".

use base::{Context, JsonWriter, Secret};

use crate::{
    EntryId, SlotId, VaultError,
    backups::Backup,
    entry::{self, Entry},
    hex,
    json::{self, Fields, Read, Unreadable, Value},
};

const CONTENT_VERSION: u64 = 2;
/// Ids of entries that were removed for good, so that another copy of the vault cannot bring them back unasked.
const MAX_DELETED: usize = 10_000;
const MAX_TAGS: usize = 1000;

/// What a vault remembers. `rest` holds what a later version wrote here: kept, and written back.
pub(crate) struct Content {
    version: u64,
    needs: u64,
    /// Drawn once, the same in every copy. `None`: read from format 1, and not sealed since.
    pub(crate) vault_id: Option<[u8; 16]>,
    pub(crate) slots: Vec<Proof>,
    pub(crate) entries: Vec<Entry>,
    /// The person's groups in their own order, those without an entry among them.
    tags: Vec<String>,
    /// Entries that were removed for good: `{id, ms}`.
    deleted: Vec<Value>,
    pub(crate) backups: Vec<Backup>,
    /// Services that the person has set up anew, because the old app exports no file.
    ticks: Vec<String>,
    rest: Fields,
}

impl Content {
    pub(crate) fn new(context: &mut Context) -> Self {
        Self {
            version: CONTENT_VERSION,
            needs: CONTENT_VERSION,
            vault_id: Some(context.draw()),
            slots: Vec::new(),
            entries: Vec::new(),
            tags: Vec::new(),
            deleted: Vec::new(),
            backups: Vec::new(),
            ticks: Vec::new(),
            rest: Fields::default(),
        }
    }

    /// `format`: the version of the file around it. Format 1 has no room for anything unknown.
    pub(crate) fn read(json: &str, format: u8) -> Result<Self, VaultError> {
        let mut fields = json::read(json).and_then(Value::object)?;
        let version = fields.number("version")?.ok_or(Unreadable)?;
        let has_room = format > 1;
        let needs = if has_room { fields.number("needs")?.ok_or(Unreadable)? } else { version };
        // Said before anything else is looked at, so that newer content is called newer and not broken.
        if needs > CONTENT_VERSION.min(u64::from(format)) {
            return Err(VaultError::TooNew);
        }
        if version < u64::from(format) || needs > version {
            return Err(VaultError::BadContent);
        }
        let slots = fields.list("slots")?.ok_or(Unreadable)?;
        let entries = fields.list("entries")?.ok_or(Unreadable)?;
        let mut content = Self {
            version: version.max(CONTENT_VERSION),
            needs: needs.max(CONTENT_VERSION),
            vault_id: None,
            slots: slots.into_iter().map(|slot| Proof::read(slot, has_room)).collect::<Read<_>>()?,
            entries: entries.into_iter().map(|entry| Entry::read(entry, has_room)).collect::<Read<_>>()?,
            tags: Vec::new(),
            deleted: Vec::new(),
            backups: Vec::new(),
            ticks: Vec::new(),
            rest: Fields::default(),
        };
        if has_room {
            let id = fields.text("vaultId")?.ok_or(Unreadable)?;
            content.vault_id = Some(hex::read(&id).ok_or(Unreadable)?);
            content.tags = entry::texts(&mut fields, "tags")?.unwrap_or_default();
            content.ticks = entry::texts(&mut fields, "ticks")?.unwrap_or_default();
            content.deleted = fields.list("deleted")?.unwrap_or_default();
            for backup in fields.list("backups")?.unwrap_or_default() {
                content.backups.push(Backup::read(backup)?);
            }
        }
        content.rest = fields.kept(has_room)?;
        Ok(content)
    }

    /// The content as it is sealed.
    pub(crate) fn written(&mut self, context: &mut Context) -> Secret {
        let vault_id = *self.vault_id.get_or_insert_with(|| context.draw());
        let mut writer = JsonWriter::default();
        writer.object(|w| {
            w.name("version").number(self.version);
            w.name("needs").number(self.needs);
            w.name("vaultId").text(&hex::text(&vault_id));
            w.name("slots").list(|w| self.slots.iter().for_each(|proof| proof.write(w)));
            w.name("entries").list(|w| self.entries.iter().for_each(|entry| entry.write(w)));
            w.name("tags").list(|w| self.tags.iter().for_each(|tag| w.text(tag)));
            w.name("deleted").list(|w| self.deleted.iter().for_each(|value| value.write(w)));
            w.name("backups").list(|w| self.backups.iter().for_each(|backup| backup.write(w)));
            if !self.ticks.is_empty() {
                w.name("ticks").list(|w| self.ticks.iter().for_each(|tick| w.text(tick)));
            }
            self.rest.write(w);
        });
        Secret::new(writer.finish())
    }

    /// The person's groups: those of the list in its order, then others that an entry names.
    pub(crate) fn tags(&self) -> Vec<String> {
        let mut tags = self.tags.clone();
        for tag in self.entries.iter().flat_map(|entry| &entry.tags) {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }

    pub(crate) fn set_tags(&mut self, tags: Vec<String>) -> Result<(), VaultError> {
        if tags.len() > MAX_TAGS || tags.iter().any(|tag| entry::is_long_tag(tag)) {
            return Err(VaultError::TextTooLong);
        }
        self.tags = tags;
        Ok(())
    }

    pub(crate) fn ticks(&self) -> &[String] {
        &self.ticks
    }

    pub(crate) fn set_ticks(&mut self, ticks: Vec<String>) -> Result<(), VaultError> {
        if ticks.len() > MAX_TAGS || ticks.iter().any(|tick| entry::is_long_tag(tick)) {
            return Err(VaultError::TextTooLong);
        }
        self.ticks = ticks;
        Ok(())
    }

    pub(crate) fn note_deleted(&mut self, id: EntryId, ms: u64) {
        if self.deleted.len() >= MAX_DELETED {
            self.deleted.remove(0);
        }
        let id = Value::Text(hex::text(&id.0).into());
        self.deleted.push(Value::Object(Fields::new(vec![("id", id), ("ms", Value::Number(ms))])));
    }
}

/// What the content remembers of a slot.
pub(crate) struct Proof {
    pub(crate) id: SlotId,
    pub(crate) added_ms: u64,
    pub(crate) proved_ms: Option<u64>,
    rest: Fields,
}

impl Proof {
    pub(crate) fn new(id: SlotId, added_ms: u64) -> Self {
        Self { id, added_ms, proved_ms: None, rest: Fields::default() }
    }

    fn read(value: Value, has_room: bool) -> Read<Self> {
        let mut fields = value.object()?;
        let id = SlotId::parse(&fields.text("id")?.ok_or(Unreadable)?).map_err(|_| Unreadable)?;
        let (added_ms, proved_ms) = (fields.number("addedMs")?.ok_or(Unreadable)?, fields.number("provedMs")?);
        Ok(Self { id, added_ms, proved_ms, rest: fields.kept(has_room)? })
    }

    fn write(&self, writer: &mut JsonWriter) {
        writer.object(|w| {
            w.name("id").text(&self.id.to_string());
            w.name("addedMs").number(self.added_ms);
            if let Some(proved_ms) = self.proved_ms {
                w.name("provedMs").number(proved_ms);
            }
            self.rest.write(w);
        });
    }
}

impl From<Unreadable> for VaultError {
    fn from(_: Unreadable) -> Self {
        Self::BadContent
    }
}

pub(crate) fn proof(proofs: &[Proof], id: SlotId) -> Option<&Proof> {
    proofs.iter().find(|p| p.id == id)
}

#[cfg(test)]
mod tests;
