//! How an account crosses into JavaScript: numbers as `f64`, texts as UTF-8, in one block of bytes, little endian.
//!
//! A **record** is a head of nine `f64` ([`HEAD`] bytes) and then the texts without gaps:
//!
//! | place | number |
//! |---|---|
//! | 0 | kind: 0 totp, 1 hotp, 2 steam, 3 motp, 4 yandex |
//! | 1 | algorithm: 0 SHA1, 1 SHA256, 2 SHA512, 3 MD5 (mOTP, which knows no other) |
//! | 2 | digits |
//! | 3 | period in seconds; 0 for hotp |
//! | 4 | counter; 0 for all but hotp |
//! | 5, 6, 7, 8 | lengths in bytes of secret (base32; hexadecimal for mOTP), issuer, name, PIN, which follow in this order |
//!
//! For Steam, mOTP and Yandex the places 1 to 4 are written but not read: there is only one choice.
#![expect(clippy::as_conversions, reason = "f64 to and from whole numbers, each checked for being whole and in range")]

use base::UnixMs;

use crate::{
    Hotp, HotpCounter, Key, MAX_CODE, Notes, Otp, OtpError, Parts, Typed, base32,
    bytes::{Block, Pen, Span, text},
    uri,
};

/// Bytes of a record before its texts.
pub const HEAD: usize = 72;
/// Bytes that [`codes`] writes for each account: an `f64` and the text.
pub const CODE: usize = 8 + MAX_CODE;
/// The greatest time of a JavaScript `Date`, in milliseconds (ECMA-262 section 21.4.1.1).
const MAX_TIME: f64 = 8.64e15;
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
/// The farthest that [`verify`] and [`verify_counter`] look.
const MAX_WINDOW: f64 = 10.0;

/// Reads an address and writes its record to `out`; gives the record's length. `scratch`: [`uri::MAX_SCRATCH`] bytes.
///
/// # Errors
/// What [`uri::read`] says; [`OtpError::TooLong`] when `out` is too short.
pub fn parse(uri: &[u8], scratch: &mut [u8], out: &mut [u8]) -> Result<usize, OtpError> {
    put(&uri::read(uri, scratch)?, out).ok_or(OtpError::TooLong)
}

/// Writes the address of a record to `out`; gives its length. The record's secret is decoded in place.
///
/// # Errors
/// What [`uri::write`] says, and what a record can have wrong.
pub fn format(record: &mut [u8], out: &mut [u8]) -> Result<usize, OtpError> {
    uri::write(&read(&mut Block::new(record), 0, &mut { START })?, out)
}

/// The codes of `count` accounts at `now_ms`.
///
/// `records` holds all heads one after the other, then the texts of all, in the same order; with one account this is
/// a record. `out` gets `count` times an `f64`, the moment in milliseconds until which the code stands (0 for hotp),
/// and then `count` times [`MAX_CODE`] bytes, the code as text with spaces after it.
///
/// # Errors
/// The error of the first account that has one, and its place.
pub fn codes(records: &mut [u8], count: usize, now_ms: f64, out: &mut [u8]) -> Result<(), (usize, OtpError)> {
    let now = time(now_ms).map_err(|error| (0, error))?;
    let (moments, places) = out.split_at_mut_checked(count.saturating_mul(8)).ok_or((0, OtpError::TooLong))?;
    if places.len() / MAX_CODE < count {
        return Err((0, OtpError::TooLong));
    }
    let mut block = Block::new(records);
    let mut texts = count.saturating_mul(HEAD) as u64;
    let outs = moments.as_chunks_mut::<8>().0.iter_mut().zip(places.as_chunks_mut::<MAX_CODE>().0);
    for (index, (moment, place)) in outs.enumerate() {
        let parts = read(&mut block, index.wrapping_mul(HEAD), &mut texts);
        let code = match parts.and_then(|parts| parts.otp.code_at(&parts.key, now)) {
            Ok(code) => code,
            Err(error) => return Err((index, error)),
        };
        *moment = (code.until as f64).to_le_bytes();
        for (to, from) in place.iter_mut().zip(&code.text) {
            *to = (*from).max(b' ');
        }
    }
    Ok(())
}

/// Whether `typed` is a code of this time-based account around `now_ms`.
///
/// `after` is the last step accepted, or a negative number. On success `out` holds two `f64`: the step, and the drift
/// in steps.
///
/// # Errors
/// [`OtpError::BadTime`], [`OtpError::BadWindow`], [`OtpError::NotTimed`], and what a record can have wrong.
pub fn verify(
    record: &mut [u8],
    typed: &[u8],
    now_ms: f64,
    window: f64,
    after: f64,
    out: &mut [u8],
) -> Result<bool, OtpError> {
    let (mut block, mut texts) = (Block::new(record), START);
    let Parts { otp, key, .. } = read(&mut block, 0, &mut texts)?;
    let period = otp.period().ok_or(OtpError::NotTimed)?;
    let centre = period.step(time(now_ms)?).0;
    let window = whole(window, MAX_WINDOW).ok_or(OtpError::BadWindow)?;
    let after = if after < 0.0 { 0 } else { whole(after, MAX_SAFE).ok_or(OtpError::BadTime)?.wrapping_add(1) };
    let range = [centre.saturating_sub(window).max(after), centre.wrapping_add(window), centre];
    let found = find(&otp, &key, None, typed, range)?;
    Ok(give(found, out, |step| [step as f64, step as f64 - centre as f64, 0.0]))
}

/// Whether `typed` is the code of this account's counter, or of one of the `look_ahead` after it. On success `out`
/// holds three `f64`: the counter, the one to store, and how many were passed over.
///
/// # Errors
/// [`OtpError::BadWindow`], [`OtpError::NotCounted`], and what a record can have wrong.
pub fn verify_counter(record: &mut [u8], typed: &[u8], look_ahead: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    ahead(record, None, typed, whole(look_ahead, MAX_WINDOW), out)
}

/// The same for two codes in a row, up to `reach` counters ahead (at most 1,000): resynchronisation.
///
/// # Errors
/// As [`verify_counter`].
pub fn resync(record: &mut [u8], first: &[u8], second: &[u8], reach: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    let reach = whole(reach, Hotp::MAX_REACH.into()).map(|reach| reach.wrapping_add(1));
    ahead(record, Some(first), second, reach, out)
}

#[inline(never)]
fn ahead(
    record: &mut [u8],
    before: Option<&[u8]>,
    typed: &[u8],
    reach: Option<u64>,
    out: &mut [u8],
) -> Result<bool, OtpError> {
    let (mut block, mut texts) = (Block::new(record), START);
    let Parts { otp, key, .. } = read(&mut block, 0, &mut texts)?;
    let Otp::Hotp(_, next) = otp else { return Err(OtpError::NotCounted) };
    let (next, reach) = (next.value(), reach.ok_or(OtpError::BadWindow)?);
    let last = next.wrapping_add(reach).min(HotpCounter::MAX.value().wrapping_sub(1));
    let found = find(&otp, &key, before, typed, [next, last, next])?;
    Ok(give(found, out, |counter| [counter as f64, counter.wrapping_add(1) as f64, counter.wrapping_sub(next) as f64]))
}

fn find(
    otp: &Otp,
    key: &Key<'_>,
    before: Option<&[u8]>,
    typed: &[u8],
    [first, last, centre]: [u64; 3],
) -> Result<Option<u64>, OtpError> {
    otp.ready(key)?;
    let Some(typed) = Typed::new(typed) else { return Ok(None) };
    let before = match before.map(Typed::new) {
        Some(None) => return Ok(None),
        before => before.flatten(),
    };
    Ok(otp.find(key, before.as_ref(), &typed, first, last, centre))
}

/// Random bytes as the text of a secret; gives its length.
///
/// # Errors
/// [`OtpError::TooLong`] when `out` is too short.
pub fn secret(bytes: &[u8], out: &mut [u8]) -> Result<usize, OtpError> {
    base32::encode(bytes, out).ok_or(OtpError::TooLong)
}

/// Where the texts of a single record begin.
const START: u64 = 72;

/// One account from the head at a place and the texts at another, which then is the place after them.
#[inline(never)]
fn read<'r>(block: &'r mut Block<'_>, head: usize, texts: &mut u64) -> Result<Parts<'r>, OtpError> {
    let head: &[u8; HEAD] = block.bytes.get(head..).and_then(|head| head.first_chunk()).ok_or(OtpError::TooLong)?;
    let mut numbers = [0; HEAD / 8];
    for (number, bytes) in numbers.iter_mut().zip(head.as_chunks().0) {
        // What is no whole number is larger than any that is allowed.
        *number = whole(f64::from_le_bytes(*bytes), MAX_SAFE).unwrap_or(u64::MAX);
    }
    let [kind, algorithm, digits, period, counter, lengths @ ..] = numbers;
    let otp = Otp::new([kind, algorithm, digits, period, counter])?;
    let [secret, issuer, name, pin] = lengths.map(|length| {
        let start = *texts as u32;
        *texts = texts.saturating_add(length);
        Span::new(start, *texts as u32)
    });
    if *texts > block.bytes.len() as u64 {
        return Err(OtpError::TooLong);
    }
    let secret = otp.decode_secret(block, secret);
    if let Some(fault) = block.fault {
        return Err(fault);
    }
    let [secret, issuer, name, pin] = [secret, issuer, name, pin].map(|span| text(block.bytes, span));
    let key = Key { secret, pin: if otp.needs_pin() { pin } else { &[] } };
    Ok(Parts { otp, key, issuer, name, notes: Notes::default() })
}

fn put(parts: &Parts<'_>, out: &mut [u8]) -> Option<usize> {
    let (head, texts) = out.split_first_chunk_mut::<HEAD>()?;
    let Parts { otp, key, issuer, name, .. } = parts;
    let mut pen = Pen::new(texts);
    let mut numbers = [0; HEAD / 8];
    let (settings, lengths) = numbers.split_first_chunk_mut()?;
    *settings = otp.numbers();
    otp.write_secret(&mut pen, key.secret);
    let mut before = 0;
    for (length, text) in lengths.iter_mut().zip([&[], *issuer, *name, key.pin]) {
        pen.put(text);
        *length = pen.len().wrapping_sub(before) as u64;
        before = pen.len();
    }
    for (place, number) in head.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = (number as f64).to_le_bytes();
    }
    Some(HEAD.wrapping_add(pen.finish()?))
}

fn give(found: Option<u64>, out: &mut [u8], numbers: impl FnOnce(u64) -> [f64; 3]) -> bool {
    if let Some(found) = found {
        for (place, number) in out.as_chunks_mut().0.iter_mut().zip(numbers(found)) {
            *place = number.to_le_bytes();
        }
    }
    found.is_some()
}

fn time(now_ms: f64) -> Result<UnixMs, OtpError> {
    // Clocks may give fractions of a millisecond, so this is not checked for being whole.
    if (0.0..=MAX_TIME).contains(&now_ms) { Ok(UnixMs::from_millis(now_ms as u64)) } else { Err(OtpError::BadTime) }
}

#[inline(never)]
fn whole(number: f64, most: f64) -> Option<u64> {
    let cut = number as u64;
    ((0.0..=most).contains(&number) && cut as f64 == number).then_some(cut)
}
