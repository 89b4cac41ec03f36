use core::fmt;

use base::Context;
use zeroize::Zeroizing;

use crate::{
    KdfParams, VaultError,
    aead::{self, Nonce},
    hex,
    kdf::MaxCost,
};

const PURPOSE: &[u8] = b"portcullis/vault/slot/v1";

/// The name of a slot: random, and no two slots of one vault share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotId(pub [u8; 8]);

impl SlotId {
    /// From the 16 hex digits that `Display` writes.
    ///
    /// # Errors
    /// `NoSlot`: whatever is not such a name names no slot.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        hex::read(text).map(Self).ok_or(VaultError::NoSlot)
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::text(&self.0))
    }
}

/// How a person gets the 32 bytes of a slot. The core takes only the 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// By [`stretch`](crate::stretch) from a passphrase.
    Passphrase(KdfParams),
    /// From a printed [`RecoveryKey`](crate::RecoveryKey).
    Recovery,
    /// From this device's own storage, wrapped by a key that does not leave it.
    Device,
}

impl SlotKind {
    /// The byte that stands in the file.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Passphrase(_) => 1,
            Self::Recovery => 2,
            Self::Device => 3,
        }
    }
}

/// The 32 bytes that open a slot. Wiped on drop, never shown.
pub struct SlotKey(Zeroizing<[u8; 32]>);

impl SlotKey {
    /// Takes a copy, which is wiped on drop; the caller wipes its own.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// A fresh one, for a device slot.
    pub fn make(context: &mut Context) -> Self {
        Self(Zeroizing::new(context.draw()))
    }

    /// The bytes, for whoever keeps them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for SlotKey {
    type Error = VaultError;

    fn try_from(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes.try_into().map(Self::new).map_err(|_| VaultError::KeyLength)
    }
}

/// A slot to make.
pub struct NewSlot {
    /// How the person gets the key.
    pub kind: SlotKind,
    /// The key.
    pub key: SlotKey,
}

/// The key that seals the body. It never leaves the crate.
pub(crate) struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub(crate) fn make(context: &mut Context) -> Self {
        Self(Zeroizing::new(context.draw()))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A slot as it stands in the file: the master key, wrapped.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) id: SlotId,
    pub(crate) kind: SlotKind,
    pub(crate) nonce: Nonce,
    pub(crate) wrapped: [u8; 48],
}

impl Slot {
    /// Wraps the master key; `taken` holds the ids that are in use.
    pub(crate) fn make(
        new: &NewSlot,
        master: &MasterKey,
        taken: &[SlotId],
        context: &mut Context,
    ) -> Result<Self, VaultError> {
        if let SlotKind::Passphrase(kdf) = new.kind {
            kdf.cost.check(MaxCost::HIGHEST)?;
        }
        let mut id = SlotId(context.draw());
        while taken.contains(&id) {
            id = SlotId(context.draw());
        }
        let nonce = context.draw();
        // EXPOSE: the slot's key is the key of this cipher.
        let wrapped = aead::seal(new.key.expose(), &nonce, &[PURPOSE, &head(id, new.kind)], master.bytes());
        let wrapped = wrapped.try_into().map_err(|_| VaultError::BadContent)?;
        Ok(Self { id, kind: new.kind, nonce, wrapped })
    }

    /// The master key, if this is the slot's key and nothing of the slot was changed.
    pub(crate) fn open(&self, key: &SlotKey) -> Result<MasterKey, VaultError> {
        // EXPOSE: the slot's key is the key of this cipher.
        let master = aead::open(key.expose(), &self.nonce, &[PURPOSE, &head(self.id, self.kind)], &self.wrapped);
        let master = master.ok_or(VaultError::WrongKey)?;
        // EXPOSE: the plain text of a slot is the master key.
        let master = master.expose().try_into().map_err(|_| VaultError::WrongKey)?;
        Ok(MasterKey(Zeroizing::new(master)))
    }

    /// The bytes of the slot before its nonce, which are part of what the wrapping authenticates.
    pub(crate) fn head(&self) -> Vec<u8> {
        head(self.id, self.kind)
    }
}

fn head(id: SlotId, kind: SlotKind) -> Vec<u8> {
    let mut head = vec![kind.number(), 0];
    match kind {
        SlotKind::Passphrase(KdfParams { cost, salt }) => {
            head.extend(24_u16.to_le_bytes());
            head.extend(id.0);
            head.extend(cost.memory_kib.to_le_bytes());
            head.extend(cost.passes.to_le_bytes());
            head.extend(salt);
        }
        SlotKind::Recovery | SlotKind::Device => {
            head.extend(0_u16.to_le_bytes());
            head.extend(id.0);
        }
    }
    head
}
