//! The only user of `sha1`, `sha2` and `md5`: HMAC (RFC 2104) and plain hashes over their block functions.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "places below 8 of arrays of 8; upper halves")]

use crate::Algorithm;

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Of(Algorithm),
    Md5,
}

/// Room for the longest hash.
pub(crate) type Output = [u8; 64];

const MAX_BLOCK: usize = 128;

impl Hash {
    const fn block(self) -> usize {
        if matches!(self, Self::Of(Algorithm::Sha512)) { 128 } else { 64 }
    }

    #[cfg(any(test, not(feature = "alloc")))]
    const fn len(self) -> usize {
        match self {
            Self::Of(Algorithm::Sha1) => 20,
            Self::Of(Algorithm::Sha256) => 32,
            Self::Of(Algorithm::Sha512) => 64,
            Self::Md5 => 16,
        }
    }

    pub(crate) fn digest(self, data: &[u8], out: &mut Output) {
        let block = self.block();
        let (blocks, tail) = data.split_at_checked(data.len() & !(block.wrapping_sub(1))).unwrap_or_default();
        // Padding: a one bit, zeros, and the length in bits in the last eight bytes (sixteen for SHA-512).
        let mut last = [0; 2 * MAX_BLOCK];
        for (to, from) in last.iter_mut().zip(tail) {
            *to = *from;
        }
        if let Some(one) = last.get_mut(tail.len()) {
            *one = 0x80;
        }
        let room = if tail.len() < block - block / 8 { block } else { 2 * block };
        let last = last.get_mut(..room).unwrap_or_default();
        if let Some(place) = last.last_chunk_mut() {
            let bits = u64::try_from(data.len()).unwrap_or(0) << 3;
            *place = (if self == Self::Md5 { bits } else { swapped(bits) }).to_le_bytes();
        }
        self.run(blocks, last, out);
    }

    /// HMAC (RFC 2104) of a counter, for any hash but MD5: two passes over a block of the key and one of the message.
    /// Bytes of `out` after a hash shorter than 64 bytes are unspecified.
    #[cfg(any(test, not(feature = "alloc")))]
    pub(crate) fn hmac(self, key: &[u8], counter: u64, out: &mut Output) {
        let block = self.block();
        let mut padded = [0; MAX_BLOCK];
        if key.len() <= block {
            for (to, from) in padded.iter_mut().zip(key) {
                *to = *from;
            }
        } else if let Some(hashed) = padded.first_chunk_mut() {
            self.digest(key, hashed);
        }
        let mut last = [0; MAX_BLOCK];
        let mut len = 8;
        *out = [0; 64];
        if let Some(message) = out.first_chunk_mut() {
            *message = swapped(counter).to_le_bytes();
        }
        // The block holds the key XOR ipad; XOR with ipad ^ opad turns it into key XOR opad.
        for pad in [0x3636_3636_3636_3636, 0x6a6a_6a6a_6a6a_6a6a] {
            for word in padded[..block].as_chunks_mut().0 {
                *word = (u64::from_le_bytes(*word) ^ pad).to_le_bytes();
            }
            for (to, from) in last.as_chunks_mut::<8>().0.iter_mut().zip(out.as_chunks::<8>().0) {
                *to = *from;
            }
            last[len] = 0x80;
            // At most 192 bytes, so the length in bits fits two bytes.
            let [high, low] = ((block + len) as u16 * 8).to_be_bytes();
            (last[block - 2], last[block - 1]) = (high, low);
            self.run(&padded[..block], &last[..block], out);
            len = self.len();
        }
    }

    /// The hash of whole blocks. A hash shorter than 32 bytes is padded with zeros to 32.
    #[inline(never)]
    fn run(self, blocks: &[u8], last: &[u8], out: &mut Output) {
        let (mut small, mut large) = (COUNT, ROOTS);
        if self == Self::Of(Algorithm::Sha256) {
            for place in 0..8 {
                small[place] = (large[place] >> 32) as u32;
            }
        }
        feed(self, &mut small, &mut large, blocks);
        feed(self, &mut small, &mut large, last);
        if self == Self::Of(Algorithm::Sha512) {
            for (to, word) in out.as_chunks_mut().0.iter_mut().zip(large) {
                *to = swapped(word).to_le_bytes();
            }
        } else {
            for (to, word) in out.as_chunks_mut().0.iter_mut().zip(small) {
                *to = (if self == Self::Md5 { word } else { word.swap_bytes() }).to_le_bytes();
            }
        }
    }
}

/// Reverses the bytes. WebAssembly has no instruction for it, so one shared function is smaller.
#[inline(never)]
pub(crate) const fn swapped(word: u64) -> u64 {
    word.swap_bytes()
}

/// The first 64 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4 section 5.3.5);
/// the upper halves begin SHA-256 (section 5.3.3).
const ROOTS: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];
/// The initial state of SHA-1 (FIPS 180-4 section 5.3.1); its first four words are MD5's (RFC 1321 section 3.3).
const COUNT: [u32; 8] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0];

// Inlined twice on purpose: with two callers each, the block functions are not inlined and keep the optimisation level of
// their own crates. Words have 32 bits except in SHA-512.
#[inline(always)]
fn feed(hash: Hash, small: &mut [u32; 8], large: &mut [u64; 8], blocks: &[u8]) {
    match hash {
        Hash::Of(Algorithm::Sha1) => {
            if let Some(state) = small.first_chunk_mut() {
                sha1::block_api::compress(state, blocks.as_chunks().0);
            }
        }
        Hash::Of(Algorithm::Sha256) => sha2::block_api::compress256(small, blocks.as_chunks().0),
        Hash::Of(Algorithm::Sha512) => sha2::block_api::compress512(large, blocks.as_chunks().0),
        Hash::Md5 => {
            if let Some(state) = small.first_chunk_mut() {
                md5::block_api::compress(state, blocks.as_chunks().0);
            }
        }
    }
}
