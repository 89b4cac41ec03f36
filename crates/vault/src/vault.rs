use base::{Context, Secret, UnixMs};
use otp::OtpError;
use serde::Serialize;

use crate::{
    AccountRecord, Applied, Change, ChangeError, EntryId, NewSlot, SecretText, SlotId, SlotKey, SlotKind, VaultError,
    View,
    apply::{MAX_ENTRIES, apply},
    backups::{self, MAX_PLACE_CHARS},
    content::{Content, Proof, proof},
    entry::{self, Entry},
    envelope::{Envelope, Header, MAX_SLOTS, VERSION},
    hex,
    json::{self, Unreadable},
    record::ValidAccount,
    slot::{MasterKey, Slot},
};

/// A vault without its key: the ways in, and bytes that are noise until one is used.
pub struct Locked(Envelope);

/// An open vault. It holds the secrets of its accounts, wiped on drop.
pub struct Vault {
    header: Header,
    master: MasterKey,
    content: Content,
}

/// A way into a vault, as its header tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// Its name.
    pub id: SlotId,
    /// How the person gets its key.
    pub kind: SlotKind,
}

/// A way into an open vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSlot {
    /// What the header tells.
    pub info: SlotInfo,
    /// When it was made.
    pub added: UnixMs,
    /// When the person last showed that they have its key.
    pub proved: Option<UnixMs>,
}

/// A backup that the vault remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupInfo<'a> {
    /// Where it is, in the app's own word.
    pub place: &'a str,
    /// When it was written or opened, in milliseconds since the epoch.
    pub ms: u64,
    /// How many entries it holds, those in the bin among them.
    pub held: usize,
}

/// The codes of one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowCode {
    /// Which entry.
    pub id: EntryId,
    /// The code of now.
    pub text: String,
    /// The code after it.
    pub next: String,
    /// From when it holds, in milliseconds since the epoch.
    pub valid_from_ms: u64,
    /// Until when it holds, exclusive.
    pub valid_until_ms: u64,
}

impl Locked {
    /// Takes the bytes of a vault apart, as far as that goes without a key.
    ///
    /// # Errors
    /// `NotAVault`, `TooNew`, `TooLarge`; `Damaged` when the checksum is wrong, which is an accident; `Tampered` when the
    /// checksum is right and the structure is not, which is none.
    pub fn parse(file: &[u8]) -> Result<Self, VaultError> {
        Envelope::parse(file).map(Self)
    }

    /// The ways in that this version knows.
    pub fn slots(&self) -> Vec<SlotInfo> {
        infos(&self.0.header)
    }

    /// The version of the file's format. What is sealed next has the newest.
    pub const fn format(&self) -> u8 {
        self.0.header.version
    }

    /// Grows with every sealing. Authentic only once the vault is open.
    pub const fn generation(&self) -> u64 {
        self.0.header.generation
    }

    /// Opens the vault with the key of one slot; on an error the locked vault comes back for another try.
    ///
    /// # Errors
    /// `NoSlot`; `WrongKey`; `Tampered` when the key is right and anything else is not as it was sealed; `TooNew` and
    /// `BadContent` when the content is.
    pub fn unlock(self, slot: SlotId, key: &SlotKey) -> Result<Vault, (Self, VaultError)> {
        match self.open(slot, key) {
            Ok(vault) => Ok(vault),
            Err(error) => Err((self, error)),
        }
    }

    fn open(&self, slot: SlotId, key: &SlotKey) -> Result<Vault, VaultError> {
        let known = |s: &&Slot| s.id == slot && s.kind.is_some();
        let slot = self.0.header.slots.iter().find(known).ok_or(VaultError::NoSlot)?;
        self.open_with(slot.open(key)?)
    }

    fn open_with(&self, master: MasterKey) -> Result<Vault, VaultError> {
        let header = &self.0.header;
        let content = self.0.open(&master)?;
        // EXPOSE: the content is read here, and what it holds is wiped on drop like it.
        let content = core::str::from_utf8(content.expose()).map_err(|_| VaultError::BadContent)?;
        let content = Content::read(content, header.version)?;
        let known = content.slots.len() == header.slots.len()
            && header.slots.iter().all(|s| proof(&content.slots, s.id).is_some());
        if !known || content.entries.len() > MAX_ENTRIES {
            return Err(VaultError::BadContent);
        }
        Ok(Vault { header: Header { version: VERSION, ..header.clone() }, master, content })
    }
}

impl Vault {
    /// A new, empty vault with these ways in.
    ///
    /// # Errors
    /// `LastSlot` for none, `TooManySlots`, `KdfTooWeak` or `KdfTooCostly` for a passphrase slot out of bounds, `BadPasskey`.
    pub fn create(slots: &[NewSlot], context: &mut Context) -> Result<Self, VaultError> {
        let header = Header { version: VERSION, generation: 0, slots: Vec::new() };
        let mut vault = Self { header, master: MasterKey::make(context), content: Content::new(context) };
        vault.replace_slots(slots, context)?;
        Ok(vault)
    }

    /// Another copy of this vault, opened by the key that this one holds: the bytes that are stored, after a change that
    /// could not be.
    ///
    /// # Errors
    /// `Tampered` when the file was sealed with another master key, or is not as it was sealed; those of [`Locked::unlock`].
    pub fn reopen(&self, file: &Locked) -> Result<Self, VaultError> {
        file.open_with(self.master.clone())
    }

    /// The name of this vault, the same in all of its copies; `None` until one of format 1 is sealed anew.
    pub fn id(&self) -> Option<String> {
        self.content.vault_id.map(|id| hex::text(&id))
    }

    /// The bytes to store. They count once they are stored: the vault in memory is one generation on either way.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn seal(&mut self, context: &mut Context) -> Result<Vec<u8>, VaultError> {
        let content = self.content.written(context);
        self.header.generation = self.header.generation.saturating_add(1);
        Envelope::seal(&self.header, &content, &self.master, context.draw())
    }

    /// The generation last read or sealed; 0 before the first sealing.
    pub const fn generation(&self) -> u64 {
        self.header.generation
    }

    /// The entries that are not in the bin: pinned ones first, each group in the person's order.
    pub fn entries(&self) -> Vec<View<'_>> {
        self.shown().map(Entry::view).collect()
    }

    /// The bin, the newest first.
    pub fn trash(&self) -> Vec<View<'_>> {
        let mut bin: Vec<View<'_>> = Vec::new();
        for view in self.content.entries.iter().filter(|e| e.trashed_ms.is_some()).map(Entry::view) {
            // The standard library's sort is 2 kB of what a person downloads.
            let at = bin.partition_point(|other| other.trashed_ms >= view.trashed_ms);
            bin.insert(at, view);
        }
        bin
    }

    /// The codes of all entries that go by the clock, in the order of [`entries`](Self::entries).
    pub fn codes_at(&self, now: UnixMs) -> Vec<RowCode> {
        self.shown().filter_map(|entry| row(entry, now)).collect()
    }

    /// The entries, in the bin too, that have this account's secret and kind.
    ///
    /// # Errors
    /// Those of the account.
    pub fn duplicates_of(&self, account: &AccountRecord) -> Result<Vec<EntryId>, OtpError> {
        let wanted = ValidAccount::new(account)?;
        let same = |entry: &&Entry| entry.valid.as_ref().is_some_and(|valid| valid.same_secret(&wanted));
        Ok(self.content.entries.iter().filter(same).map(|entry| entry.id).collect())
    }

    /// The whole account: the entry's secret leaves the vault.
    ///
    /// # Errors
    /// `NoEntry`.
    pub fn export_account(&self, id: EntryId) -> Result<AccountRecord, VaultError> {
        self.find(id).map(|entry| entry.account.clone())
    }

    /// The account as an `otpauth` address: the entry's secret leaves the vault.
    ///
    /// # Errors
    /// `NoEntry`; `BadAccount` when this version cannot compute the entry.
    pub fn export_uri(&self, id: EntryId) -> Result<Secret, VaultError> {
        let valid = self.find(id)?.valid.as_ref().ok_or(VaultError::BadAccount)?;
        valid.uri().map_err(|_| VaultError::BadAccount)
    }

    /// Applies one change, dated `context.now()`. On an error the vault is unchanged.
    ///
    /// # Errors
    /// What the change itself forbids.
    pub fn apply(&mut self, change: Change, context: &mut Context) -> Result<Applied, ChangeError> {
        apply(&mut self.content, change, context)
    }

    /// The person's groups in their own order, those without an entry among them.
    pub fn tags(&self) -> Vec<String> {
        self.content.tags()
    }

    /// Gives the groups their order. One that is left out and named by an entry stays, behind the others.
    ///
    /// # Errors
    /// `TextTooLong` for a name over 64 characters, or more than 1000 of them.
    pub fn set_tags(&mut self, tags: Vec<String>) -> Result<(), VaultError> {
        self.content.set_tags(tags)
    }

    /// As [`set_tags`](Self::set_tags), from `{"tags": […]}`.
    ///
    /// # Errors
    /// `BadChange` for anything else; those of `set_tags`.
    pub fn set_tags_json(&mut self, json: &str) -> Result<(), VaultError> {
        let tags = || entry::texts(&mut json::read(json)?.object()?, "tags")?.ok_or(Unreadable);
        self.set_tags(tags().map_err(|_| VaultError::BadChange)?)
    }

    /// The services that the person has set up anew, because the old app exports no file.
    pub fn ticks(&self) -> &[String] {
        self.content.ticks()
    }

    /// Ticks off these services, from `{"ticks": […]}`. No entry changes by it, so no backup becomes old.
    ///
    /// # Errors
    /// `BadChange` for anything else; `TextTooLong` for a name over 64 characters, or more than 1000 of them.
    pub fn set_ticks_json(&mut self, json: &str) -> Result<(), VaultError> {
        let ticks = || entry::texts(&mut json::read(json)?.object()?, "ticks")?.ok_or(Unreadable);
        self.content.set_ticks(ticks().map_err(|_| VaultError::BadChange)?)
    }

    /// Remembers what the backup at `place` holds: this vault as it is now, or `other`, which was opened from there.
    ///
    /// # Errors
    /// `TextTooLong` for a place over 64 characters.
    pub fn note_backup(&mut self, place: &str, other: Option<&Self>, now: UnixMs) -> Result<(), VaultError> {
        if place.chars().nth(MAX_PLACE_CHARS).is_some() {
            return Err(VaultError::TextTooLong);
        }
        let Content { entries, backups, .. } = &mut self.content;
        let held = other.map_or(entries.as_slice(), |other| &other.content.entries);
        backups::note(backups, place.to_owned(), now.millis(), held);
        Ok(())
    }

    /// The backups that were written or opened, the latest of each place.
    pub fn backups(&self) -> Vec<BackupInfo<'_>> {
        self.content.backups.iter().map(|b| BackupInfo { place: &b.place, ms: b.ms, held: b.held() }).collect()
    }

    /// The entries outside the bin that are in no backup as they are now. A used counter and a pin are no change.
    pub fn not_in_backup(&self) -> Vec<EntryId> {
        backups::missing(&self.content.backups, &self.content.entries)
    }

    /// The entry as the app wrote it that it came from: its secret may leave the vault.
    ///
    /// # Errors
    /// `NoEntry`.
    pub fn export_source(&self, id: EntryId) -> Result<Option<&SecretText>, VaultError> {
        self.find(id).map(|entry| entry.source.as_ref())
    }

    /// The ways in.
    pub fn slots(&self) -> Vec<OpenSlot> {
        let open = |info: SlotInfo| {
            let proof = proof(&self.content.slots, info.id);
            OpenSlot {
                info,
                added: UnixMs::from_millis(proof.map_or(0, |p| p.added_ms)),
                proved: proof.and_then(|p| p.proved_ms).map(UnixMs::from_millis),
            }
        };
        infos(&self.header).into_iter().map(open).collect()
    }

    /// Adds a way in.
    ///
    /// # Errors
    /// `TooManySlots`, `KdfTooWeak`, `KdfTooCostly`, `BadPasskey`.
    pub fn add_slot(&mut self, new: &NewSlot, context: &mut Context) -> Result<SlotId, VaultError> {
        if self.header.slots.len() >= MAX_SLOTS {
            return Err(VaultError::TooManySlots);
        }
        let taken: Vec<_> = self.header.slots.iter().map(|s| s.id).collect();
        let slot = Slot::make(new, &self.master, &taken, context)?;
        let id = slot.id;
        self.content.slots.push(Proof::new(id, context.now().millis()));
        self.header.slots.push(slot);
        Ok(id)
    }

    /// Takes a way in away. Copies made before still open with it, and who opened one has the master key: after a
    /// passphrase was seen by others, [`replace_slots`](Self::replace_slots) is the remedy.
    ///
    /// # Errors
    /// `NoSlot`, `LastSlot`; `LastProved` when only passkeys and unproved recovery keys would remain: a passkey can be deleted
    /// elsewhere, and the paper may be wrong.
    pub fn remove_slot(&mut self, id: SlotId) -> Result<(), VaultError> {
        let known = |s: &Slot| s.id == id && s.kind.is_some();
        let at = self.header.slots.iter().position(known).ok_or(VaultError::NoSlot)?;
        // A slot of a kind to come opens nothing here.
        if infos(&self.header).iter().all(|slot| slot.id == id) {
            return Err(VaultError::LastSlot);
        }
        let opens = |slot: &OpenSlot| match slot.info.kind {
            SlotKind::Passphrase(_) | SlotKind::Device => true,
            SlotKind::Recovery => slot.proved.is_some(),
            SlotKind::Passkey(_) => false,
        };
        // A vault without any sure way in loses none, so its removals are allowed.
        let slots = self.slots();
        if slots.iter().any(&opens) && !slots.iter().any(|slot| slot.info.id != id && opens(slot)) {
            return Err(VaultError::LastProved);
        }
        self.header.slots.remove(at);
        self.content.slots.retain(|p| p.id != id);
        Ok(())
    }

    /// Draws a new master key and replaces all ways in, so that no old key opens what is sealed from now on. The backups
    /// that were made before open by the old keys: they are forgotten, so that all accounts count as in no backup.
    ///
    /// # Errors
    /// As for [`create`](Self::create); then nothing has changed.
    pub fn replace_slots(&mut self, slots: &[NewSlot], context: &mut Context) -> Result<Vec<SlotId>, VaultError> {
        if slots.is_empty() {
            return Err(VaultError::LastSlot);
        }
        if slots.len() > MAX_SLOTS {
            return Err(VaultError::TooManySlots);
        }
        let master = MasterKey::make(context);
        let (mut made, mut ids) = (Vec::new(), Vec::new());
        for new in slots {
            let slot = Slot::make(new, &master, &ids, context)?;
            ids.push(slot.id);
            made.push(slot);
        }
        let added_ms = context.now().millis();
        self.content.slots = ids.iter().map(|&id| Proof::new(id, added_ms)).collect();
        self.content.backups.clear();
        self.header.slots = made;
        self.master = master;
        Ok(ids)
    }

    /// Whether this key opens that slot; if so, the slot remembers `now`. A recovery key that was never proved counts
    /// as not yet saved.
    ///
    /// # Errors
    /// `NoSlot`.
    pub fn prove_slot(&mut self, id: SlotId, key: &SlotKey, now: UnixMs) -> Result<bool, VaultError> {
        let known = |s: &&Slot| s.id == id && s.kind.is_some();
        let slot = self.header.slots.iter().find(known).ok_or(VaultError::NoSlot)?;
        let proved = slot.open(key).is_ok();
        if proved && let Some(proof) = self.content.slots.iter_mut().find(|p| p.id == id) {
            proof.proved_ms = Some(now.millis());
        }
        Ok(proved)
    }

    fn shown(&self) -> impl Iterator<Item = &Entry> {
        let group =
            |pinned: bool| self.content.entries.iter().filter(move |e| e.trashed_ms.is_none() && e.pinned == pinned);
        group(true).chain(group(false))
    }

    fn find(&self, id: EntryId) -> Result<&Entry, VaultError> {
        self.content.entries.iter().find(|e| e.id == id).ok_or(VaultError::NoEntry)
    }
}

fn infos(header: &Header) -> Vec<SlotInfo> {
    let info = |slot: &Slot| Some(SlotInfo { id: slot.id, kind: slot.kind.clone()? });
    header.slots.iter().filter_map(info).collect()
}

fn row(entry: &Entry, now: UnixMs) -> Option<RowCode> {
    let valid = entry.valid.as_ref()?;
    let period_ms = valid.period_ms()?;
    let code = valid.code_at(now).ok()?;
    let until = code.valid_until()?;
    let next = valid.code_at(until).ok()?;
    Some(RowCode {
        id: entry.id,
        text: code.as_str().to_owned(),
        next: next.as_str().to_owned(),
        valid_from_ms: until.millis().saturating_sub(period_ms),
        valid_until_ms: until.millis(),
    })
}
