//! The only user of `sha1`, `sha2` and `md5`: HMAC (RFC 2104) and plain hashes over their block functions.

use crate::Algorithm;

/// Which hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Of(Algorithm),
    Md5,
}

/// A hash, left-aligned, zeros after it.
pub(crate) type Output = [u8; 64];

enum State {
    Sha1([u32; 5]),
    Sha256([u32; 8]),
    Sha512([u64; 8]),
    Md5([u32; 4]),
}

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

    pub(crate) fn digest(self, data: &[u8]) -> Output {
        let whole = data.len() & !(self.block().wrapping_sub(1));
        let (head, tail) = data.split_at_checked(whole).unwrap_or_default();
        self.finish(head, tail)
    }

    /// HMAC (RFC 2104) of a message shorter than a block.
    #[cfg(any(test, not(feature = "alloc")))]
    pub(crate) fn hmac(self, key: &[u8], message: &[u8]) -> Output {
        let long = if key.len() > self.block() { self.digest(key) } else { [0; 64] };
        let key = if key.len() > self.block() { long.as_slice() } else { key };
        let mut pad = [0x36; MAX_BLOCK];
        for (pad, key) in pad.iter_mut().zip(key) {
            *pad ^= key;
        }
        let inner = self.finish(head(&pad, self.block()), message);
        for pad in &mut pad {
            *pad ^= 0x36 ^ 0x5c;
        }
        self.finish(head(&pad, self.block()), head(&inner, self.len()))
    }

    /// The hash of `blocks`, which are whole, and `tail`, which is shorter than one.
    #[inline(never)]
    fn finish(self, blocks: &[u8], tail: &[u8]) -> Output {
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
            *place = if self == Self::Md5 { bits.to_le_bytes() } else { bits.to_be_bytes() };
        }
        let mut state = State::new(self);
        state.feed(blocks);
        state.feed(last);
        state.output()
    }
}

#[cfg(any(test, not(feature = "alloc")))]
fn head(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len).unwrap_or_default()
}

impl State {
    const fn new(hash: Hash) -> Self {
        match hash {
            Hash::Of(Algorithm::Sha1) => Self::Sha1([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]),
            Hash::Of(Algorithm::Sha256) => Self::Sha256([
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ]),
            Hash::Of(Algorithm::Sha512) => Self::Sha512([
                0x6a09_e667_f3bc_c908,
                0xbb67_ae85_84ca_a73b,
                0x3c6e_f372_fe94_f82b,
                0xa54f_f53a_5f1d_36f1,
                0x510e_527f_ade6_82d1,
                0x9b05_688c_2b3e_6c1f,
                0x1f83_d9ab_fb41_bd6b,
                0x5be0_cd19_137e_2179,
            ]),
            Hash::Md5 => Self::Md5([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]),
        }
    }

    // Inlined twice on purpose: with two callers each, the block functions stay apart and keep the optimisation that
    // their own crates are compiled with.
    #[inline(always)]
    fn feed(&mut self, blocks: &[u8]) {
        match self {
            Self::Sha1(state) => sha1::block_api::compress(state, blocks.as_chunks().0),
            Self::Sha256(state) => sha2::block_api::compress256(state, blocks.as_chunks().0),
            Self::Sha512(state) => sha2::block_api::compress512(state, blocks.as_chunks().0),
            Self::Md5(state) => md5::block_api::compress(state, blocks.as_chunks().0),
        }
    }

    fn output(&self) -> Output {
        let mut out = [0; 64];
        match self {
            Self::Sha1(state) => words(&mut out, state, |w| w.to_be_bytes()),
            Self::Sha256(state) => words(&mut out, state, |w| w.to_be_bytes()),
            Self::Sha512(state) => words(&mut out, state, |w| w.to_be_bytes()),
            Self::Md5(state) => words(&mut out, state, |w| w.to_le_bytes()),
        }
        out
    }
}

fn words<const W: usize, T: Copy>(out: &mut Output, words: &[T], bytes: impl Fn(T) -> [u8; W]) {
    for (place, word) in out.as_chunks_mut().0.iter_mut().zip(words) {
        *place = bytes(*word);
    }
}
