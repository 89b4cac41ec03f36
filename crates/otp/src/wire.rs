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
    Hotp, LookAhead, MAX_CODE, Notes, Otp, OtpError, Parts, TotpStep, Typed, Window, base32,
    bytes::{Pen, take as cut},
    uri,
};

/// Bytes of a record before its texts.
pub const HEAD: usize = 72;
/// Bytes that [`codes`] writes for each account: an `f64` and the text.
pub const CODE: usize = 8 + MAX_CODE;
/// The greatest time of a JavaScript `Date`, in milliseconds (ECMA-262 section 21.4.1.1).
const MAX_TIME: f64 = 8.64e15;
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

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
    uri::write(&take(record)?, out)
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
    let now = time(now_ms).map_err(|e| (0, e))?;
    let whole = records.split_at_mut_checked(count.saturating_mul(HEAD));
    let (heads, mut texts) = whole.ok_or((0, OtpError::TooLong))?;
    let (moments, places) = out.split_at_mut_checked(count.saturating_mul(8)).ok_or((0, OtpError::TooLong))?;
    let outs = moments.as_chunks_mut::<8>().0.iter_mut().zip(places.as_chunks_mut::<MAX_CODE>().0);
    for (index, (head, (moment, place))) in heads.as_chunks::<HEAD>().0.iter().zip(outs).enumerate() {
        let code = match read(head, &mut texts).and_then(|parts| parts.otp.code_at(&parts.key, now)) {
            Ok(code) => code,
            Err(error) => return Err((index, error)),
        };
        *moment = (code.valid_until.map_or(0, UnixMs::millis) as f64).to_le_bytes();
        *place = [b' '; MAX_CODE];
        for (to, from) in place.iter_mut().zip(code.as_bytes()) {
            *to = *from;
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
    let parts = take(record)?;
    let now = time(now_ms)?;
    let window = steps(window)?;
    let after = if after < 0.0 { None } else { Some(TotpStep(whole(after, MAX_SAFE).ok_or(OtpError::BadTime)?)) };
    let Some(typed) = Typed::new(typed) else { return Ok(false) };
    match parts.otp.verify(&parts.key, &typed, now, window, after)? {
        Some(found) => give(out, [found.step.0 as f64, found.drift.into(), 0.0]),
        None => Ok(false),
    }
}

/// Whether `typed` is the code of this account's counter, or of one of the `look_ahead` after it. On success `out`
/// holds three `f64`: the counter, the one to store, and how many were passed over.
///
/// # Errors
/// [`OtpError::BadWindow`], [`OtpError::NotCounted`], and what a record can have wrong.
pub fn verify_counter(record: &mut [u8], typed: &[u8], look_ahead: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    let look_ahead: LookAhead = steps(look_ahead)?;
    ahead(record, None, typed, look_ahead.steps().into(), out)
}

/// The same for two codes in a row, up to `reach` counters ahead (at most 1,000): resynchronisation.
///
/// # Errors
/// As [`verify_counter`].
pub fn resync(record: &mut [u8], first: &[u8], second: &[u8], reach: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    let most = Hotp::MAX_REACH;
    let reach = whole(reach, most.into()).and_then(|n| u16::try_from(n).ok()).ok_or(OtpError::BadWindow)?;
    ahead(record, Some(first), second, reach.wrapping_add(1), out)
}

fn ahead(record: &mut [u8], before: Option<&[u8]>, typed: &[u8], reach: u16, out: &mut [u8]) -> Result<bool, OtpError> {
    let parts = take(record)?;
    let Otp::Hotp(hotp, next) = parts.otp else { return Err(OtpError::NotCounted) };
    let first = before.and_then(Typed::new);
    let (Some(typed), true) = (Typed::new(typed), first.is_some() == before.is_some()) else { return Ok(false) };
    match hotp.ahead(parts.key.secret, first.as_ref(), &typed, next, reach) {
        Some(found) => give(out, [found.counter.value() as f64, found.next.value() as f64, found.skipped.into()]),
        None => Ok(false),
    }
}

/// Random bytes as the text of a secret; gives its length.
///
/// # Errors
/// [`OtpError::TooLong`] when `out` is too short.
pub fn secret(bytes: &[u8], out: &mut [u8]) -> Result<usize, OtpError> {
    base32::encode(bytes, out).ok_or(OtpError::TooLong)
}

fn take(record: &mut [u8]) -> Result<Parts<'_>, OtpError> {
    let (head, mut texts) = record.split_first_chunk_mut().ok_or(OtpError::TooLong)?;
    read(head, &mut texts)
}

/// One account from its head and the front of `texts`, which then begins after it.
#[inline(never)]
fn read<'t>(head: &[u8; HEAD], texts: &mut &'t mut [u8]) -> Result<Parts<'t>, OtpError> {
    let mut numbers = [0; HEAD / 8];
    for (number, bytes) in numbers.iter_mut().zip(head.as_chunks().0) {
        // What is no whole number is larger than any that is allowed.
        *number = whole(f64::from_le_bytes(*bytes), MAX_SAFE).unwrap_or(u64::MAX);
    }
    let [kind, algorithm, digits, period, counter, lengths @ ..] = numbers;
    let otp = Otp::new([kind, algorithm, digits, period, counter])?;
    let mut next = |length: u64| cut(texts, usize::try_from(length).unwrap_or(usize::MAX)).ok_or(OtpError::TooLong);
    let [secret, issuer, name, pin] = lengths;
    let (secret, issuer, name, pin) = (next(secret)?, next(issuer)?, next(name)?, next(pin)?);
    Ok(Parts { otp, key: otp.key(secret, pin)?, issuer, name, notes: Notes::default() })
}

fn put(parts: &Parts<'_>, out: &mut [u8]) -> Option<usize> {
    let (head, texts) = out.split_first_chunk_mut::<HEAD>()?;
    let mut pen = Pen::new(texts);
    let Parts { otp, key, issuer, name, .. } = parts;
    pen.with(|rest| match otp {
        Otp::Motp => base32::encode_hex(key.secret, rest),
        _ => base32::encode(key.secret, rest),
    });
    let secret = pen.written().len();
    pen.put(issuer);
    pen.put(name);
    pen.put(key.pin);
    let lengths = [secret, issuer.len(), name.len(), key.pin.len()];
    let numbers = otp.numbers().into_iter().map(|n| n as f64).chain(lengths.map(|n| n as f64));
    for (place, number) in head.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = number.to_le_bytes();
    }
    Some(HEAD.wrapping_add(pen.finish()?))
}

fn give(out: &mut [u8], numbers: [f64; 3]) -> Result<bool, OtpError> {
    for (place, number) in out.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = number.to_le_bytes();
    }
    Ok(true)
}

fn time(now_ms: f64) -> Result<UnixMs, OtpError> {
    // Clocks may give fractions of a millisecond, so this is not checked for being whole.
    if (0.0..=MAX_TIME).contains(&now_ms) { Ok(UnixMs::from_millis(now_ms as u64)) } else { Err(OtpError::BadTime) }
}

fn steps(number: f64) -> Result<Window, OtpError> {
    whole(number, 10.0).and_then(|n| u32::try_from(n).ok()).map_or(Err(OtpError::BadWindow), Window::new)
}

fn whole(number: f64, most: f64) -> Option<u64> {
    let cut = number as u64;
    ((0.0..=most).contains(&number) && cut as f64 == number).then_some(cut)
}
