//! Secrets as text: base32 (RFC 4648 section 6) and hexadecimal.

use crate::OtpError;

pub(crate) const HEX: &[u8] = b"0123456789abcdef";

/// What is let through beyond RFC 4648. One value, so that every entry and every importer is equally lenient.
#[derive(Clone, Copy, Debug)]
pub struct Leniency {
    /// Small letters count as capital ones.
    pub small_letters: bool,
    /// Passed over wherever they stand: people copy secrets in groups.
    pub separators: &'static [u8],
    /// `=` may follow the last letter, in any number or none.
    pub any_padding: bool,
    /// Bits left over that fill no byte are dropped, whatever they are, even five or more of them: Google's and most
    /// other programs do so, and such secrets are in use.
    pub left_over_bits: bool,
}

/// The leniency of every reader in Portcullis. The look-alikes 0, 1, 8 and 9 are refused, with their position, because
/// only the person knows which letter was meant.
pub const LENIENT: Leniency =
    Leniency { small_letters: true, separators: b" -\t\r\n", any_padding: true, left_over_bits: true };

/// Decodes in place and gives the decoded part.
///
/// # Errors
/// [`OtpError::BadBase32`] with the number of characters before the wrong one.
pub fn decode_in_place<'b>(text: &'b mut [u8], lenient: &Leniency) -> Result<&'b mut [u8], OtpError> {
    let (mut bits, mut held, mut written, mut letters, mut padding) = (0_u16, 0_u8, 0_usize, 0_usize, 0_usize);
    for at in 0..text.len() {
        let byte = text.get(at).copied().unwrap_or(0);
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' if lenient.small_letters => byte.wrapping_sub(b'a'),
            b'2'..=b'7' => byte.wrapping_sub(b'2').wrapping_add(26),
            b'=' => {
                padding = padding.saturating_add(1);
                continue;
            }
            _ if lenient.separators.contains(&byte) => continue,
            _ => return Err(OtpError::BadBase32 { at }),
        };
        if padding > 0 {
            return Err(OtpError::BadBase32 { at });
        }
        letters = letters.saturating_add(1);
        bits = bits << 5 | u16::from(value);
        held = held.saturating_add(5);
        if held >= 8 {
            held = held.saturating_sub(8);
            if let Some(place) = text.get_mut(written) {
                *place = bits.wrapping_shr(held.into()).to_le_bytes()[0];
            }
            written = written.saturating_add(1);
        }
    }
    let whole = letters.saturating_add(padding) % 8 == 0;
    let spare = held < 5 && bits & !(u16::MAX << held) == 0;
    if (!lenient.any_padding && !whole) || (!lenient.left_over_bits && !spare) {
        return Err(OtpError::BadBase32 { at: text.len() });
    }
    Ok(text.get_mut(..written).unwrap_or_default())
}

/// Writes `bytes` in capital letters without padding; `None` when `out` is too short.
pub fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let (mut bits, mut held, mut written) = (0_u16, 0_u8, 0_usize);
    let mut put = |value: u16| {
        let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".get(usize::from(value & 31))?;
        *out.get_mut(written)? = *letter;
        written = written.saturating_add(1);
        Some(())
    };
    for byte in bytes {
        bits = bits << 8 | u16::from(*byte);
        held = held.saturating_add(8);
        while held >= 5 {
            held = held.saturating_sub(5);
            put(bits.wrapping_shr(held.into()))?;
        }
    }
    if held > 0 {
        put(bits << 5_u8.saturating_sub(held))?;
    }
    out.get_mut(..written)
}

/// Decodes hexadecimal in place, in either case, and gives the decoded part.
///
/// # Errors
/// [`OtpError::BadHex`] with the number of characters before the wrong one, or before the end when one is missing.
pub fn decode_hex_in_place(text: &mut [u8]) -> Result<&mut [u8], OtpError> {
    let whole = text.len();
    let mut written = 0_usize;
    for at in (0..whole).step_by(2) {
        let nibble = |at: usize| {
            let byte = text.get(at).copied().unwrap_or(0).to_ascii_lowercase();
            let place = HEX.iter().position(|h| *h == byte).ok_or(OtpError::BadHex { at })?;
            u8::try_from(place).map_err(|_| OtpError::BadHex { at })
        };
        let byte = nibble(at)? << 4 | nibble(at.saturating_add(1))?;
        if let Some(place) = text.get_mut(written) {
            *place = byte;
        }
        written = written.saturating_add(1);
    }
    Ok(text.get_mut(..written).unwrap_or_default())
}

/// Writes `bytes` in small hexadecimal digits; `None` when `out` is too short.
pub fn encode_hex<'o>(bytes: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let out = out.get_mut(..bytes.len().checked_mul(2)?)?;
    for (byte, pair) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        if let [high, low] = pair {
            *high = HEX.get(usize::from(byte >> 4)).copied()?;
            *low = HEX.get(usize::from(byte & 15)).copied()?;
        }
    }
    Some(out)
}
