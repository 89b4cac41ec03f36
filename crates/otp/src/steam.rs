//! Steam Guard: TOTP with SHA-1 and thirty seconds, written in five letters of an alphabet of its own.

use crate::{
    Code,
    hmac::{Algorithm, truncated},
    number::{PeriodSecs, TotpStep},
};

/// No vowels, no digit that looks like a letter.
const ALPHABET: &[u8] = b"23456789BCDFGHJKMNPQRTVWXY";
/// Every Steam code is this long.
pub(crate) const LEN: u8 = 5;

pub(crate) fn code(key: &[u8], step: TotpStep) -> Code {
    let value = truncated(Algorithm::Sha1, key, step.0);
    Code::render(value.into(), ALPHABET, LEN).reversed().until(PeriodSecs::THIRTY.end(step))
}
