use core::fmt;

use base::Context;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    Cost, KdfParams, VaultError,
    aead::{self, Nonce},
    hex,
    kdf::MaxCost,
};

const PURPOSE: &[u8] = b"portcullis/vault/slot/v1";
const PASSKEY_PURPOSE: &[u8] = b"portcullis/vault/passkey/v1";

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// By [`stretch`](crate::stretch) from a passphrase.
    Passphrase(KdfParams),
    /// From a printed [`RecoveryKey`](crate::RecoveryKey).
    Recovery,
    /// From this device's own storage, wrapped by a key that does not leave it.
    Device,
    /// From the PRF extension of a passkey (WebAuthn Level 3 section 10.1.4): the 32 bytes are its output.
    Passkey(Passkey),
}

/// What asks a passkey for the bytes of its slot. Kept in the open in the vault's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// What the PRF extension evaluates: random bytes of this slot alone.
    pub salt: [u8; 32],
    /// The credential's id, 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// The relying party's id: the host that the passkey belongs to, 1 to 253 bytes.
    pub rp_id: String,
}

impl SlotKind {
    /// The byte that stands in the file.
    const fn number(&self) -> u8 {
        match self {
            Self::Passphrase(_) => 1,
            Self::Recovery => 2,
            Self::Device => 3,
            Self::Passkey(_) => 4,
        }
    }

    /// Refuses what no vault may hold.
    fn check(&self) -> Result<(), VaultError> {
        match self {
            Self::Passphrase(kdf) => kdf.cost.check(MaxCost::HIGHEST),
            Self::Recovery | Self::Device => Ok(()),
            Self::Passkey(passkey) if passkey.is_sound() => Ok(()),
            Self::Passkey(_) => Err(VaultError::BadPasskey),
        }
    }

    fn params(&self) -> Vec<u8> {
        let mut params = Vec::new();
        match self {
            Self::Passphrase(KdfParams { cost, salt }) => {
                params.extend(cost.memory_kib.to_le_bytes());
                params.extend(cost.passes.to_le_bytes());
                params.extend(salt);
            }
            Self::Recovery | Self::Device => {}
            Self::Passkey(Passkey { salt, credential_id, rp_id }) => {
                params.extend(salt);
                params.extend(u16::try_from(credential_id.len()).unwrap_or(u16::MAX).to_le_bytes());
                params.extend(credential_id);
                params.extend(rp_id.as_bytes());
            }
        }
        params
    }

    /// What a slot of this number and with these parameters is: `Ok(None)` for a kind that this version does not know.
    pub(crate) fn read(number: u8, params: &[u8]) -> Result<Option<Self>, VaultError> {
        let mut rest = params;
        let kind = match number {
            0 => return Err(VaultError::Tampered),
            1 => {
                let memory_kib = u32::from_le_bytes(taken(&mut rest)?);
                let passes = u32::from_le_bytes(taken(&mut rest)?);
                Self::Passphrase(KdfParams { cost: Cost { memory_kib, passes }, salt: taken(&mut rest)? })
            }
            2 => Self::Recovery,
            3 => Self::Device,
            4 => {
                let salt = taken(&mut rest)?;
                let len = usize::from(u16::from_le_bytes(taken(&mut rest)?));
                let (id, host) = rest.split_at_checked(len).ok_or(VaultError::Tampered)?;
                rest = &[];
                let rp_id = core::str::from_utf8(host).map_err(|_| VaultError::Tampered)?.to_owned();
                let passkey = Passkey { salt, credential_id: id.to_vec(), rp_id };
                if !passkey.is_sound() {
                    return Err(VaultError::Tampered);
                }
                Self::Passkey(passkey)
            }
            _ => return Ok(None),
        };
        if rest.is_empty() { Ok(Some(kind)) } else { Err(VaultError::Tampered) }
    }
}

impl Passkey {
    fn is_sound(&self) -> bool {
        (1..=1023).contains(&self.credential_id.len()) && (1..=253).contains(&self.rp_id.len())
    }
}

fn taken<const N: usize>(from: &mut &[u8]) -> Result<[u8; N], VaultError> {
    let (taken, rest) = from.split_first_chunk::<N>().ok_or(VaultError::Tampered)?;
    *from = rest;
    Ok(*taken)
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
#[derive(Clone)]
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
    /// `None`: a kind that a later version made. It is kept byte for byte, and never offered.
    pub(crate) kind: Option<SlotKind>,
    pub(crate) number: u8,
    pub(crate) params: Vec<u8>,
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
        new.kind.check()?;
        let mut id = SlotId(context.draw());
        while taken.contains(&id) {
            id = SlotId(context.draw());
        }
        let (number, params) = (new.kind.number(), new.kind.params());
        let mut slot =
            Self { id, kind: Some(new.kind.clone()), number, params, nonce: context.draw(), wrapped: [0; 48] };
        let key = slot.cipher_key(&new.key);
        // EXPOSE: the slot's key is the key of this cipher.
        let wrapped = aead::seal(key.expose(), &slot.nonce, &[PURPOSE, &slot.head()], master.bytes());
        slot.wrapped = wrapped.try_into().map_err(|_| VaultError::BadContent)?;
        Ok(slot)
    }

    /// The master key, if this is the slot's key and nothing of the slot was changed.
    pub(crate) fn open(&self, key: &SlotKey) -> Result<MasterKey, VaultError> {
        let key = self.cipher_key(key);
        // EXPOSE: the slot's key is the key of this cipher.
        let master = aead::open(key.expose(), &self.nonce, &[PURPOSE, &self.head()], &self.wrapped);
        let master = master.ok_or(VaultError::WrongKey)?;
        // EXPOSE: the plain text of a slot is the master key.
        let master = master.expose().try_into().map_err(|_| VaultError::WrongKey)?;
        Ok(MasterKey(Zeroizing::new(master)))
    }

    /// The 32 bytes themselves, but for a passkey: what its PRF gives may be the same in another slot or app.
    fn cipher_key(&self, key: &SlotKey) -> SlotKey {
        if !matches!(self.kind, Some(SlotKind::Passkey(_))) {
            // EXPOSE: a copy for this slot, wiped like the other.
            return SlotKey::new(key.expose());
        }
        // HKDF-SHA256 (RFC 5869) without a salt and with one block of output.
        // EXPOSE: the output of the PRF is the input of this derivation.
        let extracted = Zeroizing::new(hmac(&[0; 32], &[key.expose().as_slice()]));
        SlotKey(Zeroizing::new(hmac(&extracted, &[PASSKEY_PURPOSE, &self.id.0, &[1]])))
    }

    /// The bytes of the slot before its nonce, which are part of what the wrapping authenticates.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = vec![self.number, 0];
        head.extend(u16::try_from(self.params.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.extend(self.id.0);
        head.extend(&self.params);
        head
    }
}

fn hmac(key: &[u8; 32], message: &[&[u8]]) -> [u8; 32] {
    // A key that is shorter than a block is filled with zeros (RFC 2104 section 2).
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in message {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
