//! Key derivation from passwords. Each cost is checked against a bound first, because the author of a file chooses its
//! costs.

use alloc::vec::Vec;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use argon2::{Argon2, Params, Version};
use zeroize::Zeroize;

use crate::wipe::Zeroizing;

use crate::BackupError;

/// A 256-bit key, wiped on drop.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// The memory that this device may use for one guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxCost {
    /// In KiB. Values over 1 GiB have no effect.
    pub memory_kib: u32,
}

impl MaxCost {
    /// 1 GiB: what Ente's own app uses on a computer.
    pub const HIGHEST: Self = Self { memory_kib: 1 << 20 };
}

impl Default for MaxCost {
    fn default() -> Self {
        Self::HIGHEST
    }
}

/// The cost of one guess at the password, from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kdf {
    /// One hash, at negligible cost.
    Hash,
    /// PBKDF2 (RFC 8018 section 5.2).
    Pbkdf2 {
        /// The number of rounds.
        rounds: u64,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        /// N; N times r times 128 bytes of memory are used.
        n: u64,
        /// The block size.
        r: u64,
        /// The parallelisation, computed sequentially here.
        p: u64,
    },
    /// Argon2 (RFC 9106).
    Argon2 {
        /// Memory in KiB.
        memory_kib: u64,
        /// Passes over the memory.
        passes: u64,
        /// Lanes, computed sequentially here.
        lanes: u64,
    },
    /// KeePass's AES-KDF: repeated AES-256.
    AesKdf {
        /// The number of rounds.
        rounds: u64,
    },
}

const MAX_PBKDF2_ROUNDS: u64 = 10_000_000;
const MAX_AES_ROUNDS: u64 = 100_000_000;
const MAX_SCRYPT: u64 = 1 << 20;
/// Memory times passes, in KiB: 16 GiB, about a minute on a slow phone.
const MAX_ARGON2_WORK: u64 = 16 << 20;

impl Kdf {
    /// Memory in KiB.
    pub const fn memory_kib(&self) -> u64 {
        match self {
            Self::Scrypt { n, r, .. } => n.saturating_mul(*r) / 8,
            Self::Argon2 { memory_kib, .. } => *memory_kib,
            _ => 0,
        }
    }

    /// Refuses costs that no app sets, and costs above `max`.
    ///
    /// # Errors
    /// [`BackupError::KdfTooCostly`], [`BackupError::NoMemory`]; [`BackupError::Damaged`] for parameters out of range.
    pub fn check(&self, max: MaxCost) -> Result<(), BackupError> {
        let (ok, too_costly) = match *self {
            Self::Hash => (true, false),
            Self::Pbkdf2 { rounds } => (rounds > 0, rounds > MAX_PBKDF2_ROUNDS),
            Self::AesKdf { rounds } => (true, rounds > MAX_AES_ROUNDS),
            Self::Scrypt { n, r, p } => {
                (n.is_power_of_two() && n > 1 && r > 0 && p > 0, n.saturating_mul(r) > MAX_SCRYPT || p > 4)
            }
            Self::Argon2 { memory_kib, passes, lanes } => {
                let work = memory_kib.saturating_mul(passes);
                (passes > 0 && lanes > 0, memory_kib > 1 << 20 || work > MAX_ARGON2_WORK || lanes > 16)
            }
        };
        if too_costly {
            return Err(BackupError::KdfTooCostly);
        }
        if !ok {
            return Err(BackupError::Damaged);
        }
        if self.memory_kib() > u64::from(max.memory_kib) { Err(BackupError::NoMemory) } else { Ok(()) }
    }
}

/// What [`Kdf::sample`] spends at most: some hundredths of a second on a slow telephone.
const SAMPLE_PBKDF2_ROUNDS: u64 = 10_000;
const SAMPLE_AES_ROUNDS: u64 = 100_000;
const SAMPLE_MEMORY_KIB: u64 = 8 << 10;

impl Kdf {
    /// Spends a small part of this cost, and says how many such parts the whole has: who times the call knows how long a guess
    /// takes on this device.
    ///
    /// # Errors
    /// What [`Kdf::check`] refuses.
    pub fn sample(&self, max: MaxCost) -> Result<u64, BackupError> {
        self.check(max)?;
        let (password, salt) = (b"a sample".as_slice(), b"of sixteen bytes".as_slice());
        Ok(match *self {
            Self::Hash => 1,
            Self::Pbkdf2 { rounds } => {
                let part = rounds.min(SAMPLE_PBKDF2_ROUNDS);
                pbkdf2_key(Hash::Sha256, password, salt, part)?;
                rounds / part
            }
            Self::AesKdf { rounds } => {
                let part = rounds.clamp(1, SAMPLE_AES_ROUNDS);
                aes_kdf(&[1; 32], &[2; 32], part)?;
                rounds / part
            }
            Self::Scrypt { n, r, p } => {
                // A power of two, as N is: at least 2, and of no more memory than the sample may have.
                let part = (1..n.ilog2()).map(|log| n >> log).find(|n| n * r <= SAMPLE_MEMORY_KIB * 8).unwrap_or(n);
                scrypt(password, salt, part, r, 1, max)?;
                n / part * p
            }
            Self::Argon2 { memory_kib, passes, lanes } => {
                let part = memory_kib.min(SAMPLE_MEMORY_KIB.max(8 * lanes));
                Argon::id(part, 1, lanes).key(password, salt, max)?;
                memory_kib / part.max(1) * passes
            }
        })
    }
}

/// The hash under PBKDF2.
#[derive(Clone, Copy)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

#[inline(never)]
pub(crate) fn pbkdf2(hash: Hash, password: &[u8], salt: &[u8], rounds: u64, out: &mut [u8]) -> Result<(), BackupError> {
    Kdf::Pbkdf2 { rounds }.check(MaxCost::HIGHEST)?;
    let rounds = u32::try_from(rounds).map_err(|_| BackupError::KdfTooCostly)?;
    match hash {
        Hash::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, out),
        Hash::Sha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, out),
        Hash::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, out),
    }
    Ok(())
}

#[inline(never)]
pub(crate) fn pbkdf2_key(hash: Hash, password: &[u8], salt: &[u8], rounds: u64) -> Result<Key, BackupError> {
    let mut key = Key::default();
    pbkdf2(hash, password, salt, rounds, key.as_mut_slice())?;
    Ok(key)
}

pub(crate) fn scrypt(password: &[u8], salt: &[u8], n: u64, r: u64, p: u64, max: MaxCost) -> Result<Key, BackupError> {
    let kdf = Kdf::Scrypt { n, r, p };
    kdf.check(max)?;
    // The crate aborts when memory is short, so try the allocation first.
    let bytes = usize::try_from(kdf.memory_kib().saturating_mul(1024)).map_err(|_| BackupError::NoMemory)?;
    Vec::<u8>::new().try_reserve_exact(bytes + (1 << 16)).map_err(|_| BackupError::NoMemory)?;
    let small = |number: u64| u32::try_from(number).map_err(|_| BackupError::KdfTooCostly);
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| BackupError::Damaged)?;
    let params = scrypt::Params::new(log_n, small(r)?, small(p)?).map_err(|_| BackupError::Damaged)?;
    let mut key = Key::default();
    scrypt::scrypt(password, salt, &params, key.as_mut_slice()).map_err(|_| BackupError::Damaged)?;
    Ok(key)
}

pub(crate) struct Argon {
    pub(crate) kind: argon2::Algorithm,
    pub(crate) memory_kib: u64,
    pub(crate) passes: u64,
    pub(crate) lanes: u64,
}

impl Argon {
    pub(crate) const fn id(memory_kib: u64, passes: u64, lanes: u64) -> Self {
        Self { kind: argon2::Algorithm::Argon2id, memory_kib, passes, lanes }
    }

    pub(crate) const fn kdf(&self) -> Kdf {
        Kdf::Argon2 { memory_kib: self.memory_kib, passes: self.passes, lanes: self.lanes }
    }

    pub(crate) fn run(&self, version: Version, password: &[u8], salt: &[u8], max: MaxCost) -> Result<Key, BackupError> {
        self.kdf().check(max)?;
        let small = |number: u64| u32::try_from(number).map_err(|_| BackupError::KdfTooCostly);
        let params = Params::new(small(self.memory_kib)?, small(self.passes)?, small(self.lanes)?, Some(32));
        let params = params.map_err(|_| BackupError::Damaged)?;
        let mut blocks = Vec::new();
        // The crate aborts when memory is short. Allocating here gives an error that the user can read.
        blocks.try_reserve_exact(params.block_count()).map_err(|_| BackupError::NoMemory)?;
        blocks.resize(params.block_count(), argon2::Block::default());
        let mut key = Key::default();
        Argon2::new(self.kind, version, params)
            .hash_password_into_with_memory(password, salt, key.as_mut_slice(), &mut blocks)
            .map_err(|_| BackupError::Damaged)?;
        Ok(key)
    }

    pub(crate) fn key(&self, password: &[u8], salt: &[u8], max: MaxCost) -> Result<Key, BackupError> {
        self.run(Version::V0x13, password, salt, max)
    }
}

/// KeePass's AES-KDF: both halves of the key are encrypted `rounds` times, then hashed.
pub(crate) fn aes_kdf(key: &[u8; 32], seed: &[u8; 32], rounds: u64) -> Result<Key, BackupError> {
    use sha2::Digest;
    Kdf::AesKdf { rounds }.check(MaxCost::HIGHEST)?;
    let cipher = aes::Aes256::new(seed.into());
    let mut halves = [aes::Block::default(); 2];
    for (to, from) in halves.iter_mut().zip(key.as_chunks::<16>().0) {
        *to = (*from).into();
    }
    for _ in 0..rounds {
        cipher.encrypt_blocks(&mut halves);
    }
    let hash = halves.iter().fold(sha2::Sha256::new(), |hash, half| hash.chain_update(half)).finalize();
    halves.iter_mut().for_each(|half| half.as_mut_slice().zeroize());
    Ok(Zeroizing::new(hash.into()))
}
