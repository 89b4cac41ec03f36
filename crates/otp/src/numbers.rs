//! The kind and its settings as five numbers, and the codes that are made from them. See [`crate::Otp`].

use core::num::NonZeroU64;

use base::UnixMs;

use crate::{
    Algorithm, Code, Key, OtpError, Typed,
    code::{SIXTEEN, Script, TEN},
    hmac::truncated,
    key::MAX_PIN,
    motp,
    number::HotpCounter,
    yandex,
};

/// The functions below take the kind and its settings as the five numbers of `Otp::numbers`, as a record stores them,
/// so that the smallest WebAssembly entry needs no `Otp`.
pub(crate) const TOTP: u64 = 0;
pub(crate) const HOTP: u64 = 1;
pub(crate) const STEAM: u64 = 2;
pub(crate) const MOTP: u64 = 3;
pub(crate) const YANDEX: u64 = 4;

/// Checks the numbers, and overwrites those that the kind fixes.
#[inline(never)]
pub(crate) fn settle(numbers: &mut [u64; 5]) -> Result<(), OtpError> {
    let [kind, algorithm, digits, period, counter] = numbers;
    match *kind {
        0 | 1 => {
            if *algorithm > 2 {
                return Err(OtpError::BadAlgorithm);
            }
            if digits.wrapping_sub(1) > 9 {
                return Err(OtpError::BadDigits);
            }
        }
        STEAM => (*algorithm, *digits, *period) = (0, 5, 30),
        MOTP => (*algorithm, *digits, *period) = (3, 6, 10),
        YANDEX => (*algorithm, *digits, *period) = (1, 8, 30),
        _ => return Err(OtpError::UnknownKind),
    }
    if *kind == 1 {
        *period = 0;
        if *counter > HotpCounter::MAX.value() {
            return Err(OtpError::BadCounter);
        }
    } else {
        *counter = 0;
        if period.wrapping_sub(1) >= u32::MAX.into() {
            return Err(OtpError::BadPeriod);
        }
    }
    Ok(())
}

/// See `Otp::check`.
#[inline(never)]
pub(crate) fn check(kind: u64, key: &Key<'_>) -> Result<(), OtpError> {
    if key.secret.is_empty() {
        return Err(OtpError::NoSecret);
    }
    if key.pin.len() > MAX_PIN || !key.pin.iter().all(u8::is_ascii_alphanumeric) {
        return Err(OtpError::BadPin);
    }
    if kind == YANDEX && !yandex::is_right(key.secret) {
        return Err(OtpError::BadYandexSecret);
    }
    if kind == MOTP && key.secret.len() > motp::MAX_SECRET {
        return Err(OtpError::TooLong);
    }
    Ok(())
}

/// The code at `now`, or the code of the counter.
pub(crate) fn code_at(numbers: &[u64; 5], key: &Key<'_>, now: UnixMs) -> Result<Code, OtpError> {
    let [kind, _, _, period, counter] = *numbers;
    if kind >= MOTP && key.pin.is_empty() {
        return Err(OtpError::NoPin);
    }
    let step = NonZeroU64::new(period).map_or(counter, |period| now.secs() / period);
    let mut code = code(numbers, key, step);
    // A period may be 136 years: the end of a step can exceed the range of a JavaScript `Date`, but not of u64.
    code.until = step.wrapping_add(1).wrapping_mul(period).saturating_mul(1000);
    Ok(code)
}

/// The code of one step or counter.
#[inline(never)]
pub(crate) fn code(numbers: &[u64; 5], key: &Key<'_>, moving: u64) -> Code {
    let [kind, algorithm, digits, ..] = *numbers;
    let algorithm = match algorithm {
        0 => Algorithm::Sha1,
        1 => Algorithm::Sha256,
        _ => Algorithm::Sha512,
    };
    let (value, script) = match kind {
        MOTP => (motp::value(key, moving), Script::Digits(SIXTEEN)),
        YANDEX => (yandex::value(key, moving), Script::Letters),
        STEAM => (truncated(algorithm, key.secret, moving) >> 32, Script::Steam),
        _ => (truncated(algorithm, key.secret, moving) >> 32, Script::Digits(TEN)),
    };
    Code::render(value, &script, digits.to_le_bytes()[0])
}

/// The step or counter from `first` to `last` whose code is `typed`, the nearest to `centre` when several match. With
/// `before`, the preceding step or counter must have that code.
///
/// All of them are computed and compared, so that the time does not reveal the position of the match.
#[inline(never)]
pub(crate) fn find(
    numbers: &[u64; 5],
    key: &Key<'_>,
    before: Option<&Typed>,
    typed: &Typed,
    [first, last, centre]: [u64; 3],
) -> Option<u64> {
    let mut found: Option<u64> = None;
    let mut follows = before.is_none();
    let mut moving = first;
    while moving <= last {
        let code = code(numbers, key, moving);
        let nearer = found.is_none_or(|found| moving.abs_diff(centre) < found.abs_diff(centre));
        if typed.matches(&code) && follows && nearer {
            found = Some(moving);
        }
        follows = before.is_none_or(|before| before.matches(&code));
        match moving.checked_add(1) {
            Some(next) => moving = next,
            None => break,
        }
    }
    found
}
