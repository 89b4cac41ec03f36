//! Mobile-OTP (motp.sourceforge.net): MD5 over the time in tens of seconds, the secret as hexadecimal, and a PIN; the
//! first six hexadecimal digits are the code.

use crate::{Key, base32::write_hex, bytes::Pen, hash::Hash, key::MAX_PIN};

/// The longest secret, in bytes: real ones have 8 or 16.
pub(crate) const MAX_SECRET: usize = 64;

/// The code as a number of 24 bits.
pub(crate) fn value(key: &Key<'_>, step: u64) -> u64 {
    let mut text = [0; 20 + 2 * MAX_SECRET + MAX_PIN];
    let mut pen = Pen::new(&mut text);
    pen.decimal(step);
    write_hex(&mut pen, key.secret);
    pen.put(key.pin);
    let mut hash = [0; 64];
    Hash::Md5.digest(pen.written(), &mut hash);
    let [a, b, c, ..] = hash;
    u32::from_be_bytes([0, a, b, c]).into()
}
