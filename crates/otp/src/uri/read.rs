use super::{ALGORITHMS, KINDS, MAX_URI, MOTP, STEAM};
use crate::{
    Key, Note, Notes, Otp, OtpError, Parts,
    base32::{LENIENT, decode_in_place, nibble},
    bytes::{Pen, cut, number, take},
};

/// The settings that mean something here. An empty one counts as none, and an unknown one is passed over: a picture's
/// address, for one, must never be fetched.
const SETTINGS: [&[u8]; 8] = [b"secret", b"issuer", b"algorithm", b"digits", b"period", b"counter", b"pin", b"encoder"];
/// The longest PIN as an address writes it: 32 characters in base32.
const MAX_WRITTEN_PIN: usize = 52;

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
    let (scheme, rest) = cut(uri, b':');
    let rest = rest.strip_prefix(b"//").ok_or(OtpError::NotOtpauth)?;
    let (path, query) = cut(rest, b'?');
    let (kind, label) = match place(scheme, &[b"otpauth", b"apple-otpauth", b"motp", b"steam", b"otpauth-migration"]) {
        0 | 1 => {
            let (kind, label) = cut(path, b'/');
            (place(kind, &KINDS), label)
        }
        2 => (MOTP, path),
        3 => return bare_steam(decode(path, false, &mut scratch)?),
        4 => return Err(OtpError::IsMigration),
        _ => return Err(OtpError::NotOtpauth),
    };
    let ([secret, issuer, algorithm, digits, period, counter, pin, encoder], steam) = settings(query)?;
    let kind = match (kind, place(encoder, &[b"", b"steam"]), steam) {
        (_, 2.., _) => return Err(OtpError::UnknownKind),
        (0, 1, _) | (0, _, true) => STEAM,
        (kind, ..) => kind,
    };

    let mut notes = Notes::default();
    if kind == 1 && counter.is_empty() {
        notes.add(Note::NoCounter);
    }
    let otp = Otp::new([
        kind.try_into().unwrap_or(u64::MAX),
        algorithm_number(algorithm, &mut notes),
        or(digits, 6),
        or(period, 30),
        or(counter, 0),
    ])?;
    let secret = decode(secret, true, &mut scratch)?;
    let pin = read_pin(pin, &mut scratch)?;
    let key = otp.key(secret, pin)?;
    let label = decode(label, false, &mut scratch)?.trim_ascii();
    let issuer = decode(issuer, true, &mut scratch)?.trim_ascii();
    let (issuer, name) = names(label, issuer, &mut notes);
    Ok(Parts { otp, key, issuer, name, notes })
}

/// `steam://SECRET`, as Bitwarden and Proton write it.
fn bare_steam(secret: &mut [u8]) -> Result<Parts<'_>, OtpError> {
    let key: Key<'_> = Otp::Steam.key(secret, &[])?;
    Ok(Parts { otp: Otp::Steam, key, issuer: b"Steam", name: &[], notes: Notes::default() })
}

type Settings<'u> = [&'u [u8]; SETTINGS.len()];

/// The settings, and whether a bare `steam` stands among them.
fn settings(mut query: &[u8]) -> Result<(Settings<'_>, bool), OtpError> {
    let (mut values, mut steam) = (Settings::default(), false);
    while !query.is_empty() {
        let (pair, rest) = cut(query, b'&');
        query = rest;
        let (name, value) = cut(pair, b'=');
        steam |= same(name, b"steam");
        if let Some(known) = values.get_mut(place(name, &SETTINGS)) {
            if !known.is_empty() {
                return Err(OtpError::Repeated);
            }
            *known = value;
        }
    }
    Ok((values, steam))
}

/// The issuer is what the setting says, else what stands before the label's first colon. Where the two differ
/// (Microsoft writes the tenant there), the whole label stays in the name, so that nothing is lost.
pub(crate) fn names<'s>(label: &'s [u8], issuer: &'s [u8], notes: &mut Notes) -> (&'s [u8], &'s [u8]) {
    if issuer.is_empty() {
        if !label.contains(&b':') {
            return (issuer, label);
        }
        let (issuer, name) = cut(label, b':');
        return (issuer.trim_ascii(), name.trim_ascii());
    }
    if let Some((before, after)) = label.split_at_checked(issuer.len())
        && let (true, Some(name)) = (same(before, issuer), after.trim_ascii_start().strip_prefix(b":"))
    {
        return (issuer, name.trim_ascii());
    }
    if label.contains(&b':') {
        notes.add(Note::OtherIssuer);
    }
    (issuer, label)
}

/// The number of an algorithm: `SHA1`, and what is written for it (small letters, `SHA-1`, `HmacSHA1`).
fn algorithm_number(word: &[u8], notes: &mut Notes) -> u64 {
    let mut plain = [0; 10];
    let mut pen = Pen::new(&mut plain);
    for byte in word {
        if !matches!(byte, b'-' | b'_') {
            pen.byte(byte.to_ascii_uppercase());
        }
    }
    let plain = pen.written();
    let plain = plain.strip_prefix(b"HMAC").unwrap_or(plain);
    if plain.len() != word.len() {
        notes.add(Note::AlgorithmSpelling);
    }
    match (pen.finish(), place(plain, &ALGORITHMS)) {
        (Some(0), _) => 0,
        (Some(_), number) => number.try_into().unwrap_or(u64::MAX),
        (None, _) => u64::MAX,
    }
}

/// A PIN as it is, or, as Aegis writes it, in base32. A PIN of digits that is also base32 never decodes to digits, so
/// the two cannot be mistaken for each other.
fn read_pin<'s>(raw: &[u8], scratch: &mut &'s mut [u8]) -> Result<&'s [u8], OtpError> {
    if raw.len() > MAX_WRITTEN_PIN {
        return Err(OtpError::BadPin);
    }
    let pin = decode(raw, true, scratch)?;
    match decode_in_place(decode(raw, true, scratch)?, &LENIENT) {
        Ok(decoded) if !decoded.is_empty() && decoded.iter().all(u8::is_ascii_digit) => Ok(decoded),
        _ => Ok(pin),
    }
}

/// The number, or what an empty setting means. What is no number is larger than any that is allowed.
fn or(text: &[u8], empty: u64) -> u64 {
    if text.is_empty() { empty } else { number(text).unwrap_or(u64::MAX) }
}

/// Percent-decoding (RFC 3986 section 2.1); a `%` that no two hexadecimal digits follow stands for itself, as in
/// browsers.
#[inline(never)]
pub(crate) fn decode<'s>(
    raw: &[u8],
    plus_is_space: bool,
    scratch: &mut &'s mut [u8],
) -> Result<&'s mut [u8], OtpError> {
    let mut pen = Pen::new(scratch);
    let mut at = 0_usize;
    while let Some(&byte) = raw.get(at) {
        at = at.wrapping_add(1);
        let digit = |more: usize| raw.get(at.wrapping_add(more)).copied().and_then(nibble);
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                pen.byte(high << 4 | low);
                at = at.wrapping_add(2);
            }
            (b'+', ..) if plus_is_space => pen.byte(b' '),
            _ => pen.byte(byte),
        }
    }
    let written = pen.finish().ok_or(OtpError::TooLong)?;
    take(scratch, written).ok_or(OtpError::TooLong)
}

/// The place of a word in a list; the list's length when it is not there.
#[inline(never)]
fn place(word: &[u8], list: &[&[u8]]) -> usize {
    list.iter().position(|known| same(word, known)).unwrap_or(list.len())
}

#[inline(never)]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b)
}
