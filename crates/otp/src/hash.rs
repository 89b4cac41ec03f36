//! The only user of `sha1`, `sha2` and `md5`: HMAC (RFC 2104) and plain hashes over their block functions.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "places below 8 of arrays of 8; upper halves")]

use crate::Algorithm;

/// Which hash.
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
        let whole = data.len() & !(self.block().wrapping_sub(1));
        let (head, tail) = data.split_at_checked(whole).unwrap_or_default();
        self.finish(head, tail, out);
    }

    /// HMAC (RFC 2104) of a message shorter than a block.
    #[cfg(any(test, not(feature = "alloc")))]
    pub(crate) fn hmac(self, key: &[u8], message: &[u8], out: &mut Output) {
        let mut long = [0; 64];
        let mut key = key;
        if key.len() > self.block() {
            self.digest(key, &mut long);
            key = &long;
        }
        self.padded(0x36, key, message, out);
        let inner = *out;
        self.padded(0x5c, key, inner.get(..self.len()).unwrap_or_default(), out);
    }

    #[cfg(any(test, not(feature = "alloc")))]
    #[inline(never)]
    fn padded(self, pad: u8, key: &[u8], message: &[u8], out: &mut Output) {
        let mut block = [pad; MAX_BLOCK];
        for (to, from) in block.iter_mut().zip(key) {
            *to ^= *from;
        }
        self.finish(block.get(..self.block()).unwrap_or_default(), message, out);
    }

    /// The hash of `blocks`, which are whole, and `tail`, which is shorter than one. What stands in `out` after a hash
    /// shorter than 64 bytes means nothing.
    #[inline(never)]
    fn finish(self, blocks: &[u8], tail: &[u8], out: &mut Output) {
        let block = self.block();
        // A one bit, zeros, and the length in bits in the last eight bytes; SHA-512 keeps sixteen for it.
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
            let bits = u64::try_from(blocks.len().wrapping_add(tail.len())).unwrap_or(0) << 3;
            *place = (if self == Self::Md5 { bits } else { swapped(bits) }).to_le_bytes();
        }

        let (mut small, mut large) = (COUNT, ROOTS);
        if self == Self::Of(Algorithm::Sha256) {
            for place in 0..8 {
                small[place] = (large[place] >> 32) as u32;
            }
        }
        feed(self, &mut small, &mut large, blocks);
        feed(self, &mut small, &mut large, last);

        for place in 0..8 {
            let (at, word) = match self {
                Self::Of(Algorithm::Sha512) => (place * 8, swapped(large[place])),
                Self::Md5 => (place * 4, u64::from(small[place])),
                Self::Of(_) => (place * 4, swapped(u64::from(small[place]) << 32)),
            };
            // A word of 32 bits has zeros after it, which the next one covers.
            if let Some(place) = out.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                *place = word.to_le_bytes();
            }
        }
    }
}

/// The bytes from the last to the first: WebAssembly has no instruction for it, so it stands in one place.
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
/// SHA-1 begins with these (FIPS 180-4 section 5.3.1), MD5 with the first four (RFC 1321 section 3.3).
const COUNT: [u32; 8] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0];

// Inlined twice on purpose: with two callers each, the block functions stay apart and keep the optimisation that their
// own crates are compiled with. The words are of 32 bits for all hashes but SHA-512.
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
