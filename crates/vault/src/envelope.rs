//! The bytes of a vault, versions 1 and 2. `FORMAT.md` beside the crate documents them one by one; change neither alone.

use base::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    SlotId, SlotKind, VaultError,
    aead::{self, Nonce},
    slot::{MasterKey, Slot},
};

const MAGIC: &[u8; 8] = b"PTCVAULT";
/// What is written. Version 1 is read for ever.
pub(crate) const VERSION: u8 = 2;
const BODY_PURPOSE: &[u8] = b"portcullis/vault/body/v1";
/// Far beyond 10,000 entries, and little enough for a telephone.
pub(crate) const MAX_FILE_BYTES: usize = 16 << 20;
pub(crate) const MAX_SLOTS: usize = 16;
/// A body is never shorter than this, so that a vault with one account looks like a vault with ten.
const LEAST_BODY_BYTES: usize = 4096;
const TAG_BYTES: usize = 16;
const SUM_BYTES: usize = 32;

/// Everything outside the cipher text. All of it is authenticated together with the body.
#[derive(Clone)]
pub(crate) struct Header {
    /// As read; what is sealed has [`VERSION`].
    pub(crate) version: u8,
    pub(crate) generation: u64,
    pub(crate) slots: Vec<Slot>,
}

/// A file taken apart, its checksum right.
pub(crate) struct Envelope {
    pub(crate) header: Header,
    nonce: Nonce,
    body: Vec<u8>,
}

impl Envelope {
    /// Takes a file apart without any key.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, VaultError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(VaultError::TooLarge);
        }
        let Some(after_magic) = file.strip_prefix(MAGIC) else {
            // A beginning of the magic and nothing more is a vault that was cut off.
            let cut_off = !file.is_empty() && MAGIC.starts_with(file);
            return Err(if cut_off { VaultError::Damaged } else { VaultError::NotAVault });
        };
        let (rest, sum) =
            after_magic.len().checked_sub(SUM_BYTES).map(|at| after_magic.split_at(at)).ok_or(VaultError::Damaged)?;
        // Every version keeps its checksum there, so that damage never looks like a newer version.
        if Sha256::new().chain_update(MAGIC).chain_update(rest).finalize().as_slice() != sum {
            return Err(VaultError::Damaged);
        }
        let mut read = Read(rest);
        let [version, slots, zero_a, zero_b] = read.array()?;
        if version > VERSION {
            return Err(VaultError::TooNew);
        }
        let body_len = u32::from_le_bytes(read.array()?);
        let generation = u64::from_le_bytes(read.array()?);
        if version == 0 || [zero_a, zero_b] != [0, 0] || slots == 0 || usize::from(slots) > MAX_SLOTS {
            return Err(VaultError::Tampered);
        }
        let slots = (0..slots).map(|_| read.slot(version)).collect::<Result<Vec<_>, _>>()?;
        let nonce = read.array()?;
        if usize::try_from(body_len) != Ok(read.0.len()) {
            return Err(VaultError::Tampered);
        }
        Ok(Self { header: Header { version, generation, slots }, nonce, body: read.0.to_vec() })
    }

    /// The content, if the key is right and neither header nor body was changed.
    pub(crate) fn open(&self, master: &MasterKey) -> Result<Secret, VaultError> {
        let aad: [&[u8]; 2] = [BODY_PURPOSE, &self.header.bytes(self.body.len())?];
        let padded = aead::open(master.bytes(), &self.nonce, &aad, &self.body).ok_or(VaultError::Tampered)?;
        // EXPOSE: the padding is taken off inside the crate.
        let (length, rest) = padded.expose().split_first_chunk::<4>().ok_or(VaultError::BadContent)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| VaultError::BadContent)?;
        rest.get(..length).map(Secret::from).ok_or(VaultError::BadContent)
    }

    /// The file for this content.
    pub(crate) fn seal(
        header: &Header,
        content: &Secret,
        master: &MasterKey,
        nonce: Nonce,
    ) -> Result<Vec<u8>, VaultError> {
        // EXPOSE: the content is sealed in the next lines.
        let content = content.expose();
        let padded_len = padded_len(content.len() + 4);
        let mut padded = Zeroizing::new(Vec::with_capacity(padded_len));
        padded.extend(u32::try_from(content.len()).map_err(|_| VaultError::TooLarge)?.to_le_bytes());
        padded.extend_from_slice(content);
        padded.resize(padded_len, 0);
        let head = header.bytes(padded_len + TAG_BYTES)?;
        let body = aead::seal(master.bytes(), &nonce, &[BODY_PURPOSE, &head], &padded);
        let mut file = head;
        file.extend(nonce);
        file.extend(body);
        let sum = Sha256::digest(&file);
        file.extend(sum);
        if file.len() > MAX_FILE_BYTES { Err(VaultError::TooLarge) } else { Ok(file) }
    }
}

impl Header {
    fn bytes(&self, body_len: usize) -> Result<Vec<u8>, VaultError> {
        let slots = u8::try_from(self.slots.len()).map_err(|_| VaultError::TooManySlots)?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend([self.version, slots, 0, 0]);
        bytes.extend(u32::try_from(body_len).map_err(|_| VaultError::TooLarge)?.to_le_bytes());
        bytes.extend(self.generation.to_le_bytes());
        for slot in &self.slots {
            bytes.extend(slot.head());
            bytes.extend(slot.nonce);
            bytes.extend(slot.wrapped);
        }
        Ok(bytes)
    }
}

/// Up to an eighth more than asked for, so that the length of a file tells little of what is in it.
const fn padded_len(len: usize) -> usize {
    let step = len.next_power_of_two() / 8;
    let step = if step > LEAST_BODY_BYTES { step } else { LEAST_BODY_BYTES };
    len.next_multiple_of(step)
}

/// What is left to read. The checksum was right, so an end that comes too early was written so by somebody.
struct Read<'a>(&'a [u8]);

impl Read<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], VaultError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(VaultError::Tampered)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn slot(&mut self, version: u8) -> Result<Slot, VaultError> {
        let [number, zero] = self.array()?;
        let params_len = u16::from_le_bytes(self.array()?);
        if zero != 0 {
            return Err(VaultError::Tampered);
        }
        // Version 1 says of no slot that it may be left alone, so an unknown one is of a newer writer.
        if version == 1 && number > 3 {
            return Err(VaultError::TooNew);
        }
        let id = SlotId(self.array()?);
        let (params, rest) = self.0.split_at_checked(usize::from(params_len)).ok_or(VaultError::Tampered)?;
        self.0 = rest;
        let (kind, params) = (SlotKind::read(number, params)?, params.to_vec());
        Ok(Slot { id, kind, number, params, nonce: self.array()?, wrapped: self.array()? })
    }
}

#[cfg(test)]
mod tests {
    use super::padded_len;

    #[test]
    fn lengths_fall_into_few_steps() {
        let rows = [(4, 4096), (4096, 4096), (4097, 8192), (40_000, 40_960), (70_000, 81_920), (1_000_000, 1_048_576)];
        for (len, expect) in rows {
            assert_eq!(padded_len(len), expect, "{len}");
        }
        for len in 1..200_000 {
            let padded = padded_len(len);
            assert!(padded >= len && padded - len < 4096.max(len.next_power_of_two() / 8), "{len}");
        }
    }
}
