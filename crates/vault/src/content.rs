//! What is inside the cipher text: `FORMAT.md`, "The content".

use base::Secret;

use crate::{
    SlotId, VaultError,
    entry::Entry,
    json::{self, Read, Unreadable, Value, Writer},
};

const CONTENT_VERSION: u64 = 1;

/// What a vault remembers.
pub(crate) struct Content {
    pub(crate) slots: Vec<Proof>,
    pub(crate) entries: Vec<Entry>,
}

impl Content {
    pub(crate) fn read(json: &str) -> Result<Self, VaultError> {
        let mut fields = json::read(json).and_then(Value::object)?;
        let version = fields.number("version")?.ok_or(Unreadable)?;
        // Said before anything else is looked at, so that newer content is called newer and not broken.
        if version > CONTENT_VERSION {
            return Err(VaultError::TooNew);
        }
        let slots = fields.list("slots")?.ok_or(Unreadable)?.into_iter().map(Proof::read).collect::<Read<_>>()?;
        let entries = fields.list("entries")?.ok_or(Unreadable)?.into_iter().map(Entry::read).collect::<Read<_>>()?;
        fields.end()?;
        if version == CONTENT_VERSION { Ok(Self { slots, entries }) } else { Err(VaultError::BadContent) }
    }
}

/// The content as it is sealed.
pub(crate) fn written(slots: &[Proof], entries: &[Entry]) -> Secret {
    let mut writer = Writer::new();
    writer.object(|w| {
        w.name("version").number(CONTENT_VERSION);
        w.name("slots").list(slots, |w, proof| proof.write(w));
        w.name("entries").list(entries, |w, entry| entry.write(w));
    });
    Secret::new(writer.bytes())
}

impl Proof {
    fn read(value: Value) -> Read<Self> {
        let mut fields = value.object()?;
        let id = SlotId::parse(&fields.text("id")?.ok_or(Unreadable)?).map_err(|_| Unreadable)?;
        let (added_ms, proved_ms) = (fields.number("addedMs")?.ok_or(Unreadable)?, fields.number("provedMs")?);
        fields.end()?;
        Ok(Self { id, added_ms, proved_ms })
    }

    fn write(&self, writer: &mut Writer) {
        writer.object(|w| {
            w.name("id").text(&self.id.to_string());
            w.name("addedMs").number(self.added_ms);
            if let Some(proved_ms) = self.proved_ms {
                w.name("provedMs").number(proved_ms);
            }
        });
    }
}

impl From<Unreadable> for VaultError {
    fn from(_: Unreadable) -> Self {
        Self::BadContent
    }
}

/// What the content remembers of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) id: SlotId,
    pub(crate) added_ms: u64,
    pub(crate) proved_ms: Option<u64>,
}

pub(crate) fn proof(proofs: &[Proof], id: SlotId) -> Option<&Proof> {
    proofs.iter().find(|p| p.id == id)
}
