use super::{ALGORITHMS, KINDS, MAX_URI, SPARE};
use crate::{
    Note, Notes, OtpError, Parts,
    base32::{LENIENT, decode, nibble},
    bytes::{Block, Span},
    numbers::{MOTP, STEAM},
    parts::Raw,
};

/// The known settings. An empty one counts as absent, and an unknown one is skipped: the address of a picture, for
/// example, must never be fetched.
const SETTINGS: &[u8] = b"secret issuer algorithm digits period counter pin encoder";
/// The index of `issuer` among them.
const ISSUER: usize = 1;
const SCHEMES: &[u8] = b"otpauth apple-otpauth motp steam otpauth-migration";
/// The longest PIN in an address: 32 characters in base32.
const MAX_WRITTEN_PIN: u32 = 52;

/// Reads an address (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>, and its
/// variants in use). The texts of the result lie in `scratch`: [`super::MAX_SCRATCH`] bytes are enough for every
/// address.
///
/// # Errors
/// Any [`OtpError`] about an address, a secret or a setting.
pub fn read<'s>(uri: &[u8], scratch: &'s mut [u8]) -> Result<Parts<'s>, OtpError> {
    let mut raw = Raw::default();
    locate(uri, scratch, &mut raw)?;
    raw.parts(scratch)
}

/// Copies an address into `scratch`, and returns the ranges of its parts.
pub(crate) fn locate(uri: &[u8], scratch: &mut [u8], raw: &mut Raw) -> Result<(), OtpError> {
    let uri = uri.strip_prefix(b"\xef\xbb\xbf").unwrap_or(uri).trim_ascii();
    if uri.len() > MAX_URI || uri.len().saturating_add(SPARE) > scratch.len() {
        return Err(OtpError::TooLong);
    }
    for (to, from) in scratch.iter_mut().zip(uri) {
        *to = *from;
    }
    parse(&mut Block::new(scratch), u32::try_from(uri.len()).unwrap_or(u32::MAX), raw)
}

fn parse(block: &mut Block<'_>, len: u32, raw: &mut Raw) -> Result<(), OtpError> {
    let colon = block.find(Span::new(0, len), b':');
    let scheme = block.place(Span::new(0, colon), SCHEMES);
    let start = colon.wrapping_add(3);
    if scheme > 4 || !block.is(Span::new(colon, start), b"://") {
        return Err(OtpError::NotOtpauth);
    }
    if scheme == 4 {
        return Err(OtpError::IsMigration);
    }
    let query = block.find(Span::new(start, len), b'?');
    let mut label = Span::new(start, query);
    let mut kind = MOTP;
    if scheme < 2 {
        let slash = block.find(label, b'/');
        kind = block.place(Span::new(start, slash), KINDS);
        label = Span::new(slash.wrapping_add(1), query);
    }
    let (mut values, mut steam) = ([Span::default(); 8], scheme == 3);
    let mut at = query.wrapping_add(1);
    while at < len {
        let end = block.find(Span::new(at, len), b'&');
        // An address that was copied from the source of a page has `&amp;` for `&`.
        if block.is(Span::new(at, at.wrapping_add(4)), b"amp;") {
            at = at.wrapping_add(4);
        }
        let equals = block.find(Span::new(at, end), b'=');
        let name = Span::new(at, equals);
        at = end.wrapping_add(1);
        steam |= block.is(name, b"steam");
        let mut value = Span::new(equals.wrapping_add(1), end);
        let place = usize::try_from(block.place(name, SETTINGS)).unwrap_or(usize::MAX);
        // A fragment (RFC 3986 section 3.5) does not belong to a setting; in a name `#` is an ordinary character.
        if place != ISSUER {
            value = Span::new(value.start(), block.find(value, b'#'));
        }
        if let (Some(known), false) = (values.get_mut(place), value.is_empty()) {
            if !known.is_empty() {
                block.fail(OtpError::Repeated);
            }
            *known = value;
        }
    }
    let [mut secret, issuer, algorithm, digits, period, counter, pin, encoder] = values;
    if scheme == 3 {
        (kind, secret, label) = (STEAM, Span::new(label.start(), block.find(label, b'#')), Span::default());
    }
    if !encoder.is_empty() {
        steam = true;
        if !block.is(encoder, b"steam") {
            return Err(OtpError::UnknownKind);
        }
    }
    if kind == 0 && steam {
        kind = STEAM;
    }
    if kind == 1 && counter.is_empty() {
        raw.notes.add(Note::NoCounter);
    }
    let algorithm = algorithm_number(block, algorithm, &mut raw.notes);
    raw.numbers = [kind, algorithm, block.number(digits, 6), block.number(period, 30), block.number(counter, 0)];
    raw.secret = unescape(block, secret, true);
    if kind >= MOTP {
        raw.pin = read_pin(block, pin, len);
    }
    raw.settle(block)?;
    let label = unescape(block, label, false);
    raw.issuer = unescape(block, issuer, true);
    names(block, label, raw);
    if scheme == 3 {
        // A `steam://` address has no label and no issuer: write the issuer behind the address.
        raw.issuer = Span::new(len, len.wrapping_add(5));
        for (at, byte) in (len..).zip(b"Steam") {
            block.set(at, *byte);
        }
    }
    Ok(())
}

/// The issuer is the setting, else the text before the label's first colon. Where the two differ (Microsoft writes the
/// tenant into the label), the whole label becomes the name, so that nothing is lost.
pub(crate) fn names(block: &Block<'_>, label: Span, raw: &mut Raw) {
    let (label, issuer) = (block.trim(label), block.trim(raw.issuer));
    (raw.issuer, raw.name) = (issuer, label);
    let mut colon = block.find(label, b':');
    if issuer.is_empty() {
        if colon < label.end() {
            raw.issuer = block.trim(Span::new(label.start(), colon));
            raw.name = block.trim(Span::new(colon.wrapping_add(1), label.end()));
        }
        return;
    }
    // An issuer may contain a colon.
    let after = label.start().wrapping_add(issuer.end()).wrapping_sub(issuer.start());
    if after < label.end() && block.is(Span::new(label.start(), after), block.text(issuer)) {
        let rest = block.trim(Span::new(after, label.end()));
        if block.at(rest.start()) == b':' {
            raw.name = block.trim(Span::new(rest.start().wrapping_add(1), label.end()));
            colon = label.end();
        }
    }
    if colon < label.end() {
        raw.notes.add(Note::OtherIssuer);
    }
}

/// The number of an algorithm, in any spelling in use: `SHA1`, `sha1`, `SHA-1`, `HmacSHA1`.
fn algorithm_number(block: &mut Block<'_>, word: Span, notes: &mut Notes) -> u64 {
    let (mut at, mut end) = (word.start(), word.start());
    while at < word.end() {
        let byte = block.at(at);
        at = at.wrapping_add(1);
        if !matches!(byte, b'-' | b'_') {
            block.set(end, byte);
            end = end.wrapping_add(1);
        }
        if block.is(Span::new(word.start(), end), b"hmac") {
            end = word.start();
        }
    }
    if end != word.end() {
        notes.add(Note::AlgorithmSpelling);
    }
    if word.is_empty() { 0 } else { block.place(Span::new(word.start(), end), ALGORITHMS) }
}

/// A PIN in plain text, or in base32 as Aegis writes it. A PIN of digits that is also base32 never decodes to digits,
/// so the two cannot be confused. `free` is an unused range.
fn read_pin(block: &mut Block<'_>, raw: Span, free: u32) -> Span {
    if raw.end().wrapping_sub(raw.start()) > MAX_WRITTEN_PIN {
        block.fail(OtpError::BadPin);
        return raw;
    }
    let pin = unescape(block, raw, true);
    let (mut at, mut to) = (pin.start(), free);
    while at < pin.end() {
        block.set(to, block.at(at));
        at = at.wrapping_add(1);
        to = to.wrapping_add(1);
    }
    let fault = block.fault;
    let decoded = decode(block, Span::new(free, to), &LENIENT);
    let right = block.fault == fault && !decoded.is_empty();
    block.fault = fault;
    if right && block.text(decoded).iter().all(u8::is_ascii_digit) { decoded } else { pin }
}

/// Percent-decoding (RFC 3986 section 2.1), in place; a `%` without two hexadecimal digits is kept, as in
/// browsers.
#[inline(never)]
pub(crate) fn unescape(block: &mut Block<'_>, span: Span, plus_is_space: bool) -> Span {
    let (mut at, mut end) = (span.start(), span.start());
    while at < span.end() {
        let mut byte = block.at(at);
        at = at.wrapping_add(1);
        if byte == b'+' && plus_is_space {
            byte = b' ';
        }
        if byte == b'%' && at.wrapping_add(1) < span.end() {
            let (high, low) = (nibble(block.at(at)), nibble(block.at(at.wrapping_add(1))));
            if (high | low) < 16 {
                byte = high << 4 | low;
                at = at.wrapping_add(2);
            }
        }
        block.set(end, byte);
        end = end.wrapping_add(1);
    }
    Span::new(span.start(), end)
}
