//! The binary record that passes an account to and from JavaScript: little-endian `f64` numbers, then UTF-8 texts.
//!
//! A **record** is a head of nine `f64` ([`HEAD`] bytes) and then the texts without gaps:
//!
//! | place | number |
//! |---|---|
//! | 0 | kind: 0 totp, 1 hotp, 2 steam, 3 motp, 4 yandex |
//! | 1 | algorithm: 0 SHA1, 1 SHA256, 2 SHA512, 3 MD5 (only for mOTP) |
//! | 2 | digits |
//! | 3 | period in seconds; 0 for hotp |
//! | 4 | counter; 0 for all but hotp |
//! | 5, 6, 7, 8 | lengths in bytes of secret (base32; hexadecimal for mOTP), issuer, name, PIN, which follow in this order |
//!
//! For Steam, mOTP and Yandex the numbers 1 to 4 are written but not read, because the kind fixes them.
#![expect(clippy::as_conversions, reason = "f64 to and from whole numbers, each checked for being whole and in range")]

use core::num::NonZeroU64;

use base::UnixMs;

use crate::{
    Hotp, HotpCounter, MAX_CODE, OtpError, Typed, base32,
    bytes::{Block, Pen, Span, text},
    numbers::{self, MOTP, code_at},
    parts::{Raw, write_secret},
    uri,
};

/// Bytes of a record before its texts.
pub const HEAD: usize = 72;
/// Bytes that [`codes`] writes for each account: an `f64` and the text.
pub const CODE: usize = 8 + MAX_CODE;
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
/// The greatest window of [`verify`] and [`verify_counter`].
const MAX_WINDOW: f64 = 10.0;

/// Reads an address, writes its record to `out`, and returns the record's length. `scratch`: [`uri::MAX_SCRATCH`]
/// bytes.
///
/// # Errors
/// An error of [`uri::read`]; [`OtpError::TooLong`] when `out` is too short.
pub fn parse(uri: &[u8], scratch: &mut [u8], out: &mut [u8]) -> Result<usize, OtpError> {
    let mut raw = Raw::default();
    uri::locate(uri, scratch, &mut raw)?;
    let [kind, ..] = raw.numbers;
    let mut pen = Pen::new(out);
    for number in &raw.numbers {
        pen.number(*number);
    }
    // The length of the secret as text: one letter for five bits, or for four in hexadecimal.
    let bits = u64::from(raw.secret.len()).wrapping_mul(8);
    pen.number(if kind == MOTP { bits / 4 } else { bits.div_ceil(5) });
    let texts = [raw.issuer, raw.name, raw.pin];
    for span in &texts {
        pen.number(span.len().into());
    }
    write_secret(&mut pen, kind, text(scratch, raw.secret));
    for span in &texts {
        pen.put(text(scratch, *span));
    }
    pen.finish().ok_or(OtpError::TooLong)
}

/// Writes the address of a record to `out` and returns its length. The record's secret is decoded in place.
///
/// # Errors
/// An error of [`uri::write`], or of an invalid record.
pub fn format(record: &mut [u8], out: &mut [u8]) -> Result<usize, OtpError> {
    let mut raw = Raw::default();
    read(&mut Block::new(record), 0, &mut { START }, &mut raw)?;
    let (issuer, name) = (text(record, raw.issuer), text(record, raw.name));
    uri::write_numbers(&raw.numbers, &raw.key(record), issuer, name, out)
}

/// The codes of `count` accounts at `now_ms`.
///
/// `records` holds all heads one after the other, then the texts of all, in the same order; with one account this is
/// a record. `out` gets `count` times an `f64`, the end of the code's validity in milliseconds (0 for hotp), and then
/// `count` times [`MAX_CODE`] bytes, the code as text padded with spaces.
///
/// # Errors
/// The first error and the index of its account.
pub fn codes(records: &mut [u8], count: usize, now_ms: f64, out: &mut [u8]) -> Result<(), (usize, OtpError)> {
    let now = time(now_ms).map_err(|error| (0, error))?;
    let (moments, places) = out.split_at_mut_checked(count.saturating_mul(8)).ok_or((0, OtpError::TooLong))?;
    let mut places = moments.as_chunks_mut().0.iter_mut().zip(places.as_chunks_mut().0).take(count);
    let mut block = Block::new(records);
    let mut texts = count.saturating_mul(HEAD) as u64;
    for index in 0..count {
        let mut raw = Raw::default();
        let settled = read(&mut block, index.wrapping_mul(HEAD), &mut texts, &mut raw);
        let code = match settled.and_then(|()| code_at(&raw.numbers, &raw.key(block.bytes), now)) {
            Ok(code) => code,
            Err(error) => return Err((index, error)),
        };
        let (moment, place) = places.next().ok_or((0, OtpError::TooLong))?;
        *moment = (code.until as f64).to_le_bytes();
        *place = code.text.map(|byte| byte.max(b' '));
    }
    Ok(())
}

/// Whether `typed` is a code of this time-based account around `now_ms`.
///
/// `after` is the last step accepted, or a negative number. On success `out` holds two `f64`: the step, and the drift
/// in steps.
///
/// # Errors
/// [`OtpError::BadTime`], [`OtpError::BadWindow`], [`OtpError::NotTimed`], or an error of an invalid record.
pub fn verify(
    record: &mut [u8],
    typed: &[u8],
    now_ms: f64,
    window: f64,
    after: f64,
    out: &mut [u8],
) -> Result<bool, OtpError> {
    let after = if after < 0.0 { 0 } else { whole(after, MAX_SAFE).saturating_add(1) };
    find(record, None, typed, whole(window, MAX_WINDOW), Some((time(now_ms)?, after)), out)
}

/// Whether `typed` is the code of this account's counter, or of one of the `look_ahead` after it. On success `out`
/// holds three `f64`: the counter, the one to store, and the number of skipped ones.
///
/// # Errors
/// [`OtpError::BadWindow`], [`OtpError::NotCounted`], or an error of an invalid record.
pub fn verify_counter(record: &mut [u8], typed: &[u8], look_ahead: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    find(record, None, typed, whole(look_ahead, MAX_WINDOW), None, out)
}

/// Resynchronisation: as [`verify_counter`] for two consecutive codes, up to `reach` counters ahead (at most 1,000).
///
/// # Errors
/// As [`verify_counter`].
pub fn resync(record: &mut [u8], first: &[u8], second: &[u8], reach: f64, out: &mut [u8]) -> Result<bool, OtpError> {
    find(record, Some(first), second, whole(reach, Hotp::MAX_REACH.into()), None, out)
}

/// Searches steps when a time is given, counters otherwise.
#[inline(never)]
fn find(
    record: &mut [u8],
    before: Option<&[u8]>,
    typed: &[u8],
    reach: u64,
    time: Option<(UnixMs, u64)>,
    out: &mut [u8],
) -> Result<bool, OtpError> {
    let mut raw = Raw::default();
    read(&mut Block::new(record), 0, &mut { START }, &mut raw)?;
    let [kind, _, _, period, counter] = raw.numbers;
    let key = raw.key(record);
    if kind >= MOTP && key.pin.is_empty() {
        return Err(OtpError::NoPin);
    }
    if reach == u64::MAX {
        return Err(OtpError::BadWindow);
    }
    let range = match (time, NonZeroU64::new(period)) {
        (Some((now, after)), Some(period)) => {
            let centre = now.secs() / period;
            [centre.saturating_sub(reach).max(after), centre.wrapping_add(reach), centre]
        }
        (None, None) => {
            let reach = if before.is_some() { reach.wrapping_add(1) } else { reach };
            // The greatest counter has no successor to store.
            [counter, counter.wrapping_add(reach).min(HotpCounter::MAX.value().wrapping_sub(1)), counter]
        }
        (Some(_), None) => return Err(OtpError::NotTimed),
        (None, Some(_)) => return Err(OtpError::NotCounted),
    };
    // Text that cannot be a code matches none.
    let (before, typed) = match (before.map(Typed::new), Typed::new(typed)) {
        (Some(None), _) | (_, None) => return Ok(false),
        (before, Some(typed)) => (before.flatten(), typed),
    };
    let found = numbers::find(&raw.numbers, &key, before.as_ref(), &typed, range);
    if let Some(found) = found {
        let [.., centre] = range;
        let apart = found.wrapping_sub(centre);
        let mut pen = Pen::new(out);
        pen.number(found);
        pen.number(if time.is_some() { apart } else { found.wrapping_add(1) });
        pen.number(apart);
    }
    Ok(found.is_some())
}

/// Writes random bytes as the text of a secret and returns its length.
///
/// # Errors
/// [`OtpError::TooLong`] when `out` is too short.
pub fn secret(bytes: &[u8], out: &mut [u8]) -> Result<usize, OtpError> {
    base32::encode(bytes, out).ok_or(OtpError::TooLong)
}

/// The start of the texts of a single record.
const START: u64 = 72;

/// Reads one account from its head and its texts, and moves `texts` past the texts.
#[inline(never)]
fn read(block: &mut Block<'_>, head: usize, texts: &mut u64, raw: &mut Raw) -> Result<(), OtpError> {
    let mut spans = [Span::default(); 4];
    let mut place = 0_usize;
    while place < 9 {
        let at = head.wrapping_add(place.wrapping_mul(8));
        let bytes = block.bytes.get(at..).and_then(|rest| rest.first_chunk()).copied();
        let number = bytes.map_or(u64::MAX, |bytes| whole(f64::from_le_bytes(bytes), MAX_SAFE));
        if let Some(setting) = raw.numbers.get_mut(place) {
            *setting = number;
        } else if let Some(span) = spans.get_mut(place.wrapping_sub(5)) {
            let end = texts.saturating_add(number);
            *span = Span::new(*texts as u32, end as u32);
            *texts = end;
        }
        place = place.wrapping_add(1);
    }
    if *texts > block.bytes.len() as u64 {
        return Err(OtpError::TooLong);
    }
    [raw.secret, raw.issuer, raw.name, raw.pin] = spans;
    raw.settle(block)
}

fn time(now_ms: f64) -> Result<UnixMs, OtpError> {
    // Clocks may return fractions of a millisecond, so a fraction is accepted.
    UnixMs::from_number(now_ms).ok_or(OtpError::BadTime)
}

/// The number if it is whole and at most the given one; otherwise a value above every allowed one.
#[inline(never)]
fn whole(number: f64, most: f64) -> u64 {
    let cut = number as u64;
    if (0.0..=most).contains(&number) && cut as f64 == number { cut } else { u64::MAX }
}
