//! Yandex Key: HMAC-SHA-256 under the hash of PIN and secret, written in eight small letters.

use crate::{Algorithm, Key, bytes::Pen, hash::Hash, hmac::truncated, key::MAX_PIN};

/// What enters the code; a secret typed by hand has ten bytes more, the last twelve bits of which are a checksum.
const KEY_LEN: usize = 16;
const TYPED_LEN: usize = 26;

/// The code as a number of 63 bits.
pub(crate) fn value(key: &Key<'_>, step: u64) -> u64 {
    let mut text = [0; MAX_PIN + KEY_LEN];
    let mut pen = Pen::new(&mut text);
    pen.put(key.pin);
    pen.put(key.secret.get(..KEY_LEN).unwrap_or_default());
    let mut hash = [0; 64];
    Hash::Of(Algorithm::Sha256).digest(pen.written(), &mut hash);
    let key = hash.get(..32).unwrap_or_default();
    // The original program keeps the hash as a number, and so loses one zero byte at the front.
    let key = key.strip_prefix(&[0]).unwrap_or(key);
    truncated(Algorithm::Sha256, key, step)
}

/// Whether this can be a Yandex secret: 16 bytes as in a QR code, or 26 with a right checksum as typed by hand.
pub(crate) fn is_right(secret: &[u8]) -> bool {
    secret.len() == KEY_LEN || secret.len() == TYPED_LEN && checksum(secret)
}

/// The remainder of the first 196 bits by the polynomial 0x18f3 stands in the last twelve.
fn checksum(secret: &[u8]) -> bool {
    let mut rest: u16 = 0;
    for bit in 0..TYPED_LEN * 8 - 12 {
        let byte = secret.get(bit / 8).copied().unwrap_or(0);
        rest = rest << 1 | u16::from(byte >> (7 - bit % 8) & 1);
        if rest & 0x1000 != 0 {
            rest ^= 0x18f3;
        }
    }
    secret.last_chunk().is_some_and(|end| u16::from_be_bytes(*end) & 0x0fff == rest)
}
