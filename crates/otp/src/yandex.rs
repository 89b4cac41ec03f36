//! Yandex Key: HMAC-SHA-256 under the hash of PIN and secret, written in eight lower-case letters.

use crate::{Algorithm, Key, bytes::Pen, hash::Hash, hmac::truncated, key::MAX_PIN};

/// Bytes of the secret that enter the code. A secret for typing has ten more; its last twelve bits are a checksum.
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
    // Yandex Key stores the hash as a number and so drops one leading zero byte.
    let key = key.strip_prefix(&[0]).unwrap_or(key);
    truncated(Algorithm::Sha256, key, step)
}

/// Whether the bytes are a Yandex secret: 16 bytes from a QR code, or 26 with a valid checksum when typed.
pub(crate) fn is_right(secret: &[u8]) -> bool {
    secret.len() == KEY_LEN || secret.len() == TYPED_LEN && checksum(secret)
}

/// The last twelve bits are the remainder of the first 196 by the polynomial 0x18f3.
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
