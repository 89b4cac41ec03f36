use super::{ALGORITHMS, KINDS, MAX_URI};
use crate::{Key, OtpError, Parts, base32::digit, bytes::Pen, numbers::MOTP, parts::write_secret};

/// Writes the address of an account, such that [`super::read`] returns the same account, and returns its length.
///
/// Settings with their default (SHA1, 6 digits, 30 seconds) are omitted, which keeps a QR code small. Steam is written as
/// Aegis and Ente read it, mOTP as `motp://`, Yandex as `otpauth://yaotp/`.
///
/// # Errors
/// [`OtpError::TooLong`] over [`MAX_URI`] bytes or the room in `out`; an error of [`Otp::check`].
pub fn write(parts: &Parts<'_>, out: &mut [u8]) -> Result<usize, OtpError> {
    let Parts { otp, key, issuer, name, .. } = parts;
    otp.check(key)?;
    write_numbers(&otp.numbers(), key, issuer, name, out)
}

/// The same for the checked numbers of `Otp::numbers`.
pub(crate) fn write_numbers(
    numbers: &[u64; 5],
    key: &Key<'_>,
    issuer: &[u8],
    name: &[u8],
    out: &mut [u8],
) -> Result<usize, OtpError> {
    let [kind, algorithm, digits, period, counter] = *numbers;
    let room = out.len().min(MAX_URI);
    let mut pen = Pen::new(out.get_mut(..room).unwrap_or_default());
    if kind == MOTP {
        pen.put(b"motp:/");
    } else {
        pen.put(b"otpauth://");
        put_word(&mut pen, kind, KINDS);
    }
    pen.byte(b'/');
    percent(&mut pen, issuer);
    // A colon in the name of an account without issuer would begin one; a leading colon marks an empty issuer.
    if !issuer.is_empty() || name.contains(&b':') {
        pen.byte(b':');
    }
    percent(&mut pen, name);
    pen.put(b"?secret=");
    write_secret(&mut pen, kind, key.secret);
    if !issuer.is_empty() {
        pen.put(b"&issuer=");
        percent(&mut pen, issuer);
    }
    if kind < 2 {
        if algorithm != 0 {
            pen.put(b"&algorithm=");
            put_word(&mut pen, algorithm, ALGORITHMS);
        }
        setting(&mut pen, b"&digits=", digits, 6);
        if kind == 0 {
            setting(&mut pen, b"&period=", period, 30);
        } else {
            setting(&mut pen, b"&counter=", counter, u64::MAX);
        }
    }
    if !key.pin.is_empty() && kind >= MOTP {
        pen.put(b"&pin=");
        pen.put(key.pin);
    }
    pen.finish().ok_or(OtpError::TooLong)
}

/// The word at an index of a list.
fn put_word(pen: &mut Pen<'_>, place: u64, words: &[u8]) {
    let mut left = place;
    for byte in words {
        if *byte == b' ' {
            left = left.wrapping_sub(1);
        } else if left == 0 {
            pen.byte(*byte);
        }
    }
}

fn setting(pen: &mut Pen<'_>, name: &[u8], value: u64, usual: u64) {
    if value != usual {
        pen.put(name);
        pen.decimal(value);
    }
}

/// Encodes all but the unreserved characters (RFC 3986 section 2.3) and `@`, which is common in labels.
fn percent(pen: &mut Pen<'_>, text: &[u8]) {
    for byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            pen.byte(*byte);
        } else {
            pen.byte(b'%');
            pen.byte(digit(byte >> 4).to_ascii_uppercase());
            pen.byte(digit(byte & 15).to_ascii_uppercase());
        }
    }
}
