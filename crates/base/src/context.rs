use chacha20::{
    ChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};

use crate::UnixMs;

/// The time and the random bytes of one call, handed in by the adapter so that the core stays deterministic.
///
/// An adapter makes one for each request from its clock and its system's randomness; a test makes one from constants
/// and gets the same answer each time. The bytes are a ChaCha20 key stream (RFC 8439 section 2.4) under the seed.
pub struct Context {
    now: UnixMs,
    stream: ChaCha20,
}

impl Context {
    /// `seed` must be 32 fresh bytes from a cryptographic source, used for one context only.
    pub fn new(now: UnixMs, seed: [u8; 32]) -> Self {
        Self { now, stream: ChaCha20::new(&seed.into(), &[0; 12].into()) }
    }

    /// The time, fixed when the context was made.
    pub const fn now(&self) -> UnixMs {
        self.now
    }

    /// The next `N` bytes; two draws of one context never overlap.
    pub fn draw<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.apply_keystream(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream() {
        let mut a = Context::new(UnixMs::from_secs(1), [1; 32]);
        let mut b = Context::new(UnixMs::from_secs(2), [1; 32]);
        let whole: [u8; 48] = a.draw();
        let (first, second): ([u8; 16], [u8; 32]) = (b.draw(), b.draw());
        assert_eq!(whole[..16], first);
        assert_eq!(whole[16..], second);
    }

    #[test]
    fn draws_the_key_stream_of_rfc_8439() {
        // RFC 8439 appendix A.1, test vector 1: all-zero key and nonce, block counter 0.
        let block: [u8; 8] = Context::new(UnixMs::from_secs(0), [0; 32]).draw();
        assert_eq!(block, [0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90]);
    }
}
