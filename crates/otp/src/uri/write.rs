use crate::{
    Algorithm, Hotp, Otp, OtpError, Parts, Totp,
    base32::{HEX, encode, encode_hex},
    motp::decimal,
};

use super::MAX_URI;

/// Writes the address of an account, so that [`super::read`] gives the same account again, and gives its length.
///
/// Everything that a reader might assume is said (algorithm, digits, period), because readers assume differently.
/// Steam is written as Aegis and Ente read it, mOTP as `motp://`, Yandex as `otpauth://yaotp/`.
///
/// # Errors
/// [`OtpError::TooLong`] over [`MAX_URI`] bytes or the room in `out`; what [`Otp::check`] says.
pub fn write(parts: &Parts<'_>, out: &mut [u8]) -> Result<usize, OtpError> {
    parts.otp.check(&parts.key)?;
    let room = out.len().min(MAX_URI);
    let mut w = Writer { out: out.get_mut(..room).unwrap_or_default(), len: 0 };
    w.put(match parts.otp {
        Otp::Totp(_) => b"otpauth://totp/",
        Otp::Hotp(..) => b"otpauth://hotp/",
        Otp::Steam => b"otpauth://steam/",
        Otp::Motp => b"motp://",
        Otp::Yandex => b"otpauth://yaotp/",
    })?;
    w.percent(parts.issuer)?;
    // Without an issuer a colon in the name would make one: an empty issuer before a colon of its own says it is none.
    if !parts.issuer.is_empty() || parts.name.contains(':') {
        w.put(b":")?;
    }
    w.percent(parts.name)?;
    w.put(b"?secret=")?;
    match parts.otp {
        Otp::Motp => w.with(|rest| encode_hex(parts.key.secret, rest))?,
        _ => w.with(|rest| encode(parts.key.secret, rest))?,
    }
    if !parts.issuer.is_empty() {
        w.put(b"&issuer=")?;
        w.percent(parts.issuer)?;
    }
    if let Otp::Totp(Totp { algorithm, digits, .. }) | Otp::Hotp(Hotp { algorithm, digits }, _) = parts.otp {
        w.put(b"&algorithm=")?;
        w.put(match algorithm {
            Algorithm::Sha1 => b"SHA1",
            Algorithm::Sha256 => b"SHA256",
            Algorithm::Sha512 => b"SHA512",
        })?;
        w.setting(b"&digits=", digits.count().into())?;
    }
    match parts.otp {
        Otp::Totp(Totp { period, .. }) => w.setting(b"&period=", period.secs().into())?,
        Otp::Hotp(_, counter) => w.setting(b"&counter=", counter.value())?,
        _ => {}
    }
    if !parts.key.pin.is_empty() && parts.otp.needs_pin() {
        w.put(b"&pin=")?;
        w.put(parts.key.pin)?;
    }
    Ok(w.len)
}

struct Writer<'o> {
    out: &'o mut [u8],
    len: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), OtpError> {
        self.with(|rest| {
            let place = rest.get_mut(..bytes.len())?;
            place.copy_from_slice(bytes);
            Some(place)
        })
    }

    fn with(&mut self, write: impl for<'r> FnOnce(&'r mut [u8]) -> Option<&'r mut [u8]>) -> Result<(), OtpError> {
        let written = self.out.get_mut(self.len..).and_then(write).ok_or(OtpError::TooLong)?;
        self.len = self.len.saturating_add(written.len());
        Ok(())
    }

    fn setting(&mut self, name: &[u8], value: u64) -> Result<(), OtpError> {
        self.put(name)?;
        self.put(decimal(value, &mut [0; 20]))
    }

    /// Everything but the unreserved characters (RFC 3986 section 2.3) and `@`, which is in half of all labels.
    fn percent(&mut self, text: &str) -> Result<(), OtpError> {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
                self.put(&[byte])?;
            } else {
                let nibble = |n: u8| HEX.get(usize::from(n)).copied().unwrap_or(b'0').to_ascii_uppercase();
                self.put(&[b'%', nibble(byte >> 4), nibble(byte & 15)])?;
            }
        }
        Ok(())
    }
}
