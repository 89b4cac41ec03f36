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
    Algorithm, Digits, Hotp, HotpCounter, Key, LookAhead, MAX_CODE, Notes, Otp, OtpError, Parts, PeriodSecs, Totp,
    TotpStep, Typed, Window,
    base32::{self, LENIENT, decode_hex_in_place, decode_in_place},
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
    let outs = moments.chunks_exact_mut(8).zip(places.chunks_exact_mut(MAX_CODE));
    for (index, (head, (moment, place))) in heads.chunks_exact(HEAD).zip(outs).enumerate() {
        let parts = read(head, &mut texts).map_err(|e| (index, e))?;
        let code = parts.otp.code_at(&parts.key, now).map_err(|e| (index, e))?;
        let until = code.valid_until().map_or(0, UnixMs::millis);
        moment.copy_from_slice(&(until as f64).to_le_bytes());
        place.fill(b' ');
        place.iter_mut().zip(code.as_bytes()).for_each(|(to, from)| *to = *from);
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
    let found = parts.otp.verify(&parts.key, &typed, now, window, after)?;
    found.map_or(Ok(false), |found| give(out, [found.step.0 as f64, found.drift.into(), 0.0]))
}

/// Whether `typed` is the code of this account's counter, or of one of the `look_ahead` after it. On success `out`
/// holds three `f64`: the counter, the one to store, and how many were passed over.
///
/// # Errors
/// [`OtpError::BadWindow`], [`OtpError::NotCounted`], and what a record can have wrong.
pub fn verify_counter(record: &mut [u8], typed: &[u8], look_ahead: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    let parts = take(record)?;
    let Otp::Hotp(hotp, next) = parts.otp else { return Err(OtpError::NotCounted) };
    let look_ahead: LookAhead = steps(look_ahead)?;
    let Some(typed) = Typed::new(typed) else { return Ok(false) };
    let found = hotp.verify(parts.key.secret, &typed, next, look_ahead);
    found.map_or(Ok(false), |f| give(out, [f.counter.value() as f64, f.next.value() as f64, f.skipped.into()]))
}

/// The same for two codes in a row, up to `reach` counters ahead (at most 1,000): resynchronisation.
///
/// # Errors
/// As [`verify_counter`].
pub fn resync(record: &mut [u8], first: &[u8], second: &[u8], reach: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    let parts = take(record)?;
    let Otp::Hotp(hotp, next) = parts.otp else { return Err(OtpError::NotCounted) };
    let reach = whole(reach, 1000.0).and_then(|n| u16::try_from(n).ok()).ok_or(OtpError::BadWindow)?;
    let (Some(first), Some(second)) = (Typed::new(first), Typed::new(second)) else { return Ok(false) };
    let found = hotp.resync(parts.key.secret, [&first, &second], next, reach);
    found.map_or(Ok(false), |f| give(out, [f.counter.value() as f64, f.next.value() as f64, f.skipped.into()]))
}

/// Random bytes as the text of a secret; gives its length.
///
/// # Errors
/// [`OtpError::TooLong`] when `out` is too short.
pub fn secret(bytes: &[u8], out: &mut [u8]) -> Result<usize, OtpError> {
    base32::encode(bytes, out).map(|text| text.len()).ok_or(OtpError::TooLong)
}

fn take(record: &mut [u8]) -> Result<Parts<'_>, OtpError> {
    let (head, mut texts) = record.split_at_mut_checked(HEAD).ok_or(OtpError::TooLong)?;
    read(head, &mut texts)
}

/// One account from its head and the front of `texts`, which then begins after it.
fn read<'t>(head: &[u8], texts: &mut &'t mut [u8]) -> Result<Parts<'t>, OtpError> {
    let mut numbers = [0.0; HEAD / 8];
    for (number, bytes) in numbers.iter_mut().zip(head.chunks_exact(8)) {
        *number = f64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default());
    }
    let [kind, algorithm, digits, period, counter, secret, issuer, name, pin] = numbers;
    let secret = cut(texts, secret)?;
    let issuer = text(cut(texts, issuer)?)?;
    let name = text(cut(texts, name)?)?;
    let pin: &[u8] = cut(texts, pin)?;
    let otp = match whole(kind, 4.0) {
        Some(2) => Otp::Steam,
        Some(3) => Otp::Motp,
        Some(4) => Otp::Yandex,
        Some(kind) => {
            let algorithm = match whole(algorithm, 2.0) {
                Some(0) => Algorithm::Sha1,
                Some(1) => Algorithm::Sha256,
                Some(2) => Algorithm::Sha512,
                _ => return Err(OtpError::BadAlgorithm),
            };
            let digits = Digits::new(u32::try_from(whole(digits, 10.0).unwrap_or(0)).unwrap_or(0))?;
            if kind == 0 {
                let period = PeriodSecs::new(whole(period, f64::from(u32::MAX)).unwrap_or(0) as u32)?;
                Otp::Totp(Totp { algorithm, digits, period })
            } else {
                let counter = HotpCounter::new(whole(counter, MAX_SAFE).ok_or(OtpError::BadCounter)?)?;
                Otp::Hotp(Hotp { algorithm, digits }, counter)
            }
        }
        None => return Err(OtpError::UnknownKind),
    };
    let secret = match otp {
        Otp::Motp => decode_hex_in_place(secret)?,
        _ => decode_in_place(secret, &LENIENT)?,
    };
    let pin = if otp.needs_pin() && !pin.is_empty() { uri::check_pin(pin)? } else { &[] };
    Ok(Parts { otp, key: Key { secret, pin }, issuer, name, notes: Notes::default() })
}

fn put(parts: &Parts<'_>, out: &mut [u8]) -> Option<usize> {
    let (head, texts) = out.split_at_mut_checked(HEAD)?;
    let secret = match parts.otp {
        Otp::Motp => base32::encode_hex(parts.key.secret, texts)?.len(),
        _ => base32::encode(parts.key.secret, texts)?.len(),
    };
    let mut at = secret;
    for text in [parts.issuer.as_bytes(), parts.name.as_bytes(), parts.key.pin] {
        let end = at.checked_add(text.len())?;
        texts.get_mut(at..end)?.copy_from_slice(text);
        at = end;
    }
    let (kind, counter) = match parts.otp {
        Otp::Totp(_) => (0, 0),
        Otp::Hotp(_, counter) => (1, counter.value()),
        Otp::Steam => (2, 0),
        Otp::Motp => (3, 0),
        Otp::Yandex => (4, 0),
    };
    let algorithm = match parts.otp.algorithm() {
        Some(Algorithm::Sha1) => 0,
        Some(Algorithm::Sha256) => 1,
        Some(Algorithm::Sha512) => 2,
        None => 3,
    };
    let numbers = [
        kind as f64,
        algorithm as f64,
        parts.otp.digits().into(),
        parts.otp.period().map_or(0, PeriodSecs::secs).into(),
        counter as f64,
        secret as f64,
        parts.issuer.len() as f64,
        parts.name.len() as f64,
        parts.key.pin.len() as f64,
    ];
    give_all(head, &numbers)?;
    HEAD.checked_add(at)
}

fn give(out: &mut [u8], numbers: [f64; 3]) -> Result<bool, OtpError> {
    give_all(out, &numbers).map(|()| true).ok_or(OtpError::TooLong)
}

fn give_all(out: &mut [u8], numbers: &[f64]) -> Option<()> {
    for (index, number) in numbers.iter().enumerate() {
        out.get_mut(index.checked_mul(8)?..)?.first_chunk_mut().map(|place| *place = number.to_le_bytes())?;
    }
    Some(())
}

/// The next `length` bytes.
fn cut<'t>(texts: &mut &'t mut [u8], length: f64) -> Result<&'t mut [u8], OtpError> {
    let length = whole(length, f64::from(u32::MAX)).ok_or(OtpError::TooLong)? as usize;
    let (text, rest) = core::mem::take(texts).split_at_mut_checked(length).ok_or(OtpError::TooLong)?;
    *texts = rest;
    Ok(text)
}

fn text(bytes: &[u8]) -> Result<&str, OtpError> {
    core::str::from_utf8(bytes).map_err(|_| OtpError::BadText)
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
