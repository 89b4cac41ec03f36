//! Yandex Key: HMAC-SHA-256 under the hash of PIN and secret, written in eight small letters.

use sha2::{Digest, Sha256};

use crate::{
    Code, OtpError,
    hmac::truncated_to_63_bits,
    number::{PeriodSecs, TotpStep},
};

const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
/// Every Yandex code is this long.
pub(crate) const LEN: u8 = 8;
/// What enters the code; a secret typed by hand has ten bytes more, the last twelve bits of which are a checksum.
const KEY_LEN: usize = 16;
const TYPED_LEN: usize = 26;

pub(crate) fn code(secret: &[u8], pin: &[u8], step: TotpStep) -> Code {
    let mut hash = Sha256::new();
    hash.update(pin);
    hash.update(secret.get(..KEY_LEN).unwrap_or(secret));
    let key: [u8; 32] = hash.finalize().into();
    // The original program keeps the hash as a number, and so loses one zero byte at the front.
    let key = key.strip_prefix(&[0]).unwrap_or(&key);
    let value = truncated_to_63_bits(key, step.0);
    Code::render(value, ALPHABET, LEN).until(PeriodSecs::THIRTY.end(step))
}

/// Whether this can be a Yandex secret: 16 bytes as in a QR code, or 26 with a right checksum as typed by hand.
///
/// # Errors
/// [`OtpError::BadYandexSecret`] otherwise.
pub(crate) fn check(secret: &[u8]) -> Result<(), OtpError> {
    let right = match secret.len() {
        KEY_LEN => true,
        TYPED_LEN => checksum(secret),
        _ => false,
    };
    if right { Ok(()) } else { Err(OtpError::BadYandexSecret) }
}

/// The remainder of the first 196 bits by the polynomial 0x18f3 stands in the last twelve.
fn checksum(secret: &[u8]) -> bool {
    let [head @ .., before, last] = secret else { return false };
    let mut rest: u16 = 0;
    let mut feed = |byte: u8, bits: u8| {
        for bit in (8_u8.saturating_sub(bits)..8).rev() {
            rest = rest << 1 | u16::from(byte >> bit & 1);
            if rest & 0x1000 != 0 {
                rest ^= 0x18f3;
            }
        }
    };
    head.iter().for_each(|byte| feed(*byte, 8));
    feed(*before, 4);
    rest == u16::from_be_bytes([before & 0x0f, *last])
}
