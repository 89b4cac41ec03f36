use core::{mem, str};

use super::MAX_URI;
use crate::{
    Algorithm, Digits, Hotp, HotpCounter, Key, Note, Notes, Otp, OtpError, Parts, PeriodSecs, Totp,
    base32::{LENIENT, decode_hex_in_place, decode_in_place},
};

/// The settings that mean something here, by the order of `SETTINGS`.
#[derive(Clone, Copy, Default)]
struct Settings<'u> {
    values: [Option<&'u [u8]>; SETTINGS.len()],
}

const SETTINGS: [&[u8]; 10] =
    [b"secret", b"issuer", b"algorithm", b"digits", b"period", b"counter", b"pin", b"encoder", b"image", b"imagelink"];
const SECRET: usize = 0;
const ISSUER: usize = 1;
const ALGORITHM: usize = 2;
const DIGITS: usize = 3;
const PERIOD: usize = 4;
const COUNTER: usize = 5;
const PIN: usize = 6;
const ENCODER: usize = 7;
const IMAGE: usize = 8;
const IMAGELINK: usize = 9;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Totp,
    Hotp,
    Steam,
    Motp,
    Yandex,
}

/// Reads an address (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>, and what the world made of
/// it). The texts of the result lie in `scratch`: [`super::MAX_SCRATCH`] bytes are enough for every address.
///
/// # Errors
/// Every [`OtpError`] that speaks of an address, a secret or a setting.
pub fn read<'s>(uri: &[u8], mut scratch: &'s mut [u8]) -> Result<Parts<'s>, OtpError> {
    let uri = uri.strip_prefix(b"\xef\xbb\xbf").unwrap_or(uri).trim_ascii();
    if uri.len() > MAX_URI {
        return Err(OtpError::TooLong);
    }
    let (scheme, rest) = split(uri, b':').ok_or(OtpError::NotOtpauth)?;
    let rest = rest.strip_prefix(b"//").ok_or(OtpError::NotOtpauth)?;
    let (path, query) = split(rest, b'?').unwrap_or((rest, &[]));
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);

    if is(b"steam") {
        let secret = decode(path, false, &mut scratch)?;
        return bare_steam(secret);
    }
    let (mut kind, label) = if is(b"motp") {
        (Kind::Motp, path)
    } else if is(b"otpauth") || is(b"apple-otpauth") {
        let (kind, label) = split(path, b'/').unwrap_or((path, &[]));
        (kind_of(kind)?, label)
    } else if is(b"otpauth-migration") {
        return Err(OtpError::IsMigration);
    } else {
        return Err(OtpError::NotOtpauth);
    };

    let settings = Settings::read(query, &mut kind)?;
    let mut notes = Notes::default();
    if settings.given(IMAGE).is_some() || settings.given(IMAGELINK).is_some() {
        notes.add(Note::PictureIgnored);
    }
    let otp = settings.otp(kind, &mut notes)?;
    let secret = decode(settings.given(SECRET).unwrap_or(&[]), true, &mut scratch)?;
    let secret = match kind {
        Kind::Motp => decode_hex_in_place(secret)?,
        _ => decode_in_place(secret, &LENIENT)?,
    };
    let pin = match settings.given(PIN) {
        Some(pin) if otp.needs_pin() => read_pin(pin, &mut scratch)?,
        _ => &[],
    };
    let key = Key { secret, pin };
    otp.check(&key)?;
    let label = text(label, false, &mut scratch)?;
    let issuer = text(settings.given(ISSUER).unwrap_or(&[]), true, &mut scratch)?;
    let (issuer, name) = names(label, issuer, &mut notes);
    Ok(Parts { otp, key, issuer, name, notes })
}

/// `steam://SECRET`, as Bitwarden and Proton write it.
fn bare_steam(secret: &mut [u8]) -> Result<Parts<'_>, OtpError> {
    let key = Key { secret: decode_in_place(secret, &LENIENT)?, pin: &[] };
    Otp::Steam.check(&key)?;
    Ok(Parts { otp: Otp::Steam, key, issuer: "Steam", name: "", notes: Notes::default() })
}

fn kind_of(word: &[u8]) -> Result<Kind, OtpError> {
    let kinds: [(&[u8], Kind); 4] =
        [(b"totp", Kind::Totp), (b"hotp", Kind::Hotp), (b"steam", Kind::Steam), (b"yaotp", Kind::Yandex)];
    let found = kinds.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, kind)| kind).ok_or(OtpError::UnknownKind)
}

/// The issuer is what the setting says, else what stands before the label's first colon. Where the two differ
/// (Microsoft writes the tenant there), the whole label stays in the name, so that nothing is lost.
fn names<'s>(label: &'s str, issuer: &'s str, notes: &mut Notes) -> (&'s str, &'s str) {
    if issuer.is_empty() {
        let (issuer, name) = label.split_once(':').unwrap_or(("", label));
        return (issuer.trim_ascii(), name.trim_ascii());
    }
    if let Some((before, after)) = label.split_at_checked(issuer.len()) {
        let same =
            before.bytes().zip(issuer.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a, b) == (b'+', b' '));
        if let (true, Some(name)) = (same, after.trim_ascii_start().strip_prefix(':')) {
            return (issuer, name.trim_ascii());
        }
    }
    if label.contains(':') {
        notes.add(Note::OtherIssuer);
    }
    (issuer, label)
}

impl<'u> Settings<'u> {
    fn read(query: &'u [u8], kind: &mut Kind) -> Result<Self, OtpError> {
        let mut settings = Self::default();
        for pair in query.split(|b| *b == b'&') {
            let (name, value) = split(pair, b'=').unwrap_or((pair, &[]));
            if name.eq_ignore_ascii_case(b"steam") && *kind == Kind::Totp {
                *kind = Kind::Steam;
            }
            let places = settings.values.iter_mut().zip(SETTINGS);
            for (place, _) in places.filter(|(_, known)| name.eq_ignore_ascii_case(known)) {
                if place.replace(value).is_some() {
                    return Err(OtpError::Repeated);
                }
            }
        }
        match settings.given(ENCODER) {
            Some(encoder) if !encoder.eq_ignore_ascii_case(b"steam") => Err(OtpError::UnknownKind),
            Some(_) if *kind == Kind::Totp => {
                *kind = Kind::Steam;
                Ok(settings)
            }
            _ => Ok(settings),
        }
    }

    /// An empty setting counts as none.
    fn given(&self, setting: usize) -> Option<&'u [u8]> {
        self.values.get(setting).copied().flatten().filter(|value| !value.is_empty())
    }

    fn otp(&self, kind: Kind, notes: &mut Notes) -> Result<Otp, OtpError> {
        match kind {
            Kind::Steam => return Ok(Otp::Steam),
            Kind::Motp => return Ok(Otp::Motp),
            Kind::Yandex => return Ok(Otp::Yandex),
            Kind::Totp | Kind::Hotp => {}
        }
        let algorithm = self.given(ALGORITHM).map_or(Ok(Algorithm::Sha1), |word| algorithm(word, notes))?;
        let digits =
            self.number(DIGITS, Digits::SIX, OtpError::BadDigits, |n| Digits::new(u32::try_from(n).ok()?).ok())?;
        if kind == Kind::Hotp {
            if self.given(COUNTER).is_none() {
                notes.add(Note::NoCounter);
            }
            let counter =
                self.number(COUNTER, HotpCounter::ZERO, OtpError::BadCounter, |n| HotpCounter::new(n).ok())?;
            return Ok(Otp::Hotp(Hotp { algorithm, digits }, counter));
        }
        let period = self.number(PERIOD, PeriodSecs::THIRTY, OtpError::BadPeriod, |n| {
            PeriodSecs::new(u32::try_from(n).ok()?).ok()
        })?;
        Ok(Otp::Totp(Totp { algorithm, digits, period }))
    }

    fn number<T>(
        &self,
        setting: usize,
        default: T,
        error: OtpError,
        make: impl Fn(u64) -> Option<T>,
    ) -> Result<T, OtpError> {
        match self.given(setting) {
            None => Ok(default),
            Some(text) => number(text).and_then(make).ok_or(error),
        }
    }
}

/// `SHA1`, and what is written for it: small letters, `SHA-1`, `HmacSHA1`.
fn algorithm(word: &[u8], notes: &mut Notes) -> Result<Algorithm, OtpError> {
    let known: [(&[u8], Algorithm); 3] =
        [(b"SHA1", Algorithm::Sha1), (b"SHA256", Algorithm::Sha256), (b"SHA512", Algorithm::Sha512)];
    let plain = |word: &[u8], name: &[u8]| {
        let letters = word.iter().filter(|b| !matches!(**b, b'-' | b'_'));
        letters.map(u8::to_ascii_uppercase).eq(name.iter().copied())
    };
    let bare = match word.split_at_checked(4) {
        Some((head, tail)) if head.eq_ignore_ascii_case(b"hmac") => tail,
        _ => word,
    };
    let (name, found) = known.into_iter().find(|(name, _)| plain(bare, name)).ok_or(OtpError::BadAlgorithm)?;
    if !word.eq_ignore_ascii_case(name) {
        notes.add(Note::AlgorithmSpelling);
    }
    Ok(found)
}

/// A PIN as it is, or, as Aegis writes it, in base32. A PIN of digits that is also base32 never decodes to digits, so
/// the two cannot be mistaken for each other.
fn read_pin<'s>(raw: &[u8], scratch: &mut &'s mut [u8]) -> Result<&'s [u8], OtpError> {
    if raw.len() > 64 {
        return Err(OtpError::BadPin);
    }
    let text = decode(raw, true, scratch)?;
    let again = decode(raw, true, scratch)?;
    match decode_in_place(again, &LENIENT) {
        Ok(pin) if !pin.is_empty() && pin.iter().all(u8::is_ascii_digit) => check_pin(pin),
        _ => check_pin(text),
    }
}

/// # Errors
/// [`OtpError::BadPin`] unless it is 1 to 32 ASCII letters or digits.
pub(crate) fn check_pin(pin: &[u8]) -> Result<&[u8], OtpError> {
    let right = (1..=32).contains(&pin.len()) && pin.iter().all(u8::is_ascii_alphanumeric);
    if right { Ok(pin) } else { Err(OtpError::BadPin) }
}

fn number(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

fn text<'s>(raw: &[u8], plus_is_space: bool, scratch: &mut &'s mut [u8]) -> Result<&'s str, OtpError> {
    let text = decode(raw, plus_is_space, scratch)?;
    str::from_utf8(text).map(str::trim_ascii).map_err(|_| OtpError::BadText)
}

/// Percent-decoding (RFC 3986 section 2.1); a `%` that no two hexadecimal digits follow stands for itself, as in
/// browsers.
fn decode<'s>(mut raw: &[u8], plus_is_space: bool, scratch: &mut &'s mut [u8]) -> Result<&'s mut [u8], OtpError> {
    let mut written = 0_usize;
    while let Some((byte, mut rest)) = raw.split_first() {
        let mut byte = *byte;
        if byte == b'+' && plus_is_space {
            byte = b' ';
        } else if let (b'%', Some((pair, after))) = (byte, rest.split_first_chunk::<2>()) {
            let mut pair = *pair;
            if let Ok([decoded]) = decode_hex_in_place(&mut pair) {
                (byte, rest) = (*decoded, after);
            }
        }
        *scratch.get_mut(written).ok_or(OtpError::TooLong)? = byte;
        written = written.saturating_add(1);
        raw = rest;
    }
    let (text, left) = mem::take(scratch).split_at_mut_checked(written).ok_or(OtpError::TooLong)?;
    *scratch = left;
    Ok(text)
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|b| *b == at)?;
    let (before, after) = text.split_at_checked(place)?;
    Some((before, after.get(1..)?))
}
