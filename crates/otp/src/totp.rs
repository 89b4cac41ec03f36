use base::UnixMs;

use crate::{
    Algorithm, Code, Key, Typed,
    number::{Digits, PeriodSecs, TotpStep, Window},
    numbers::{TOTP, code, find},
};

/// Time-based codes (RFC 6238). The key is an argument, because the settings alone are not secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The hash under the HMAC.
    pub algorithm: Algorithm,
    /// The length of a code.
    pub digits: Digits,
    /// The length of a time step.
    pub period: PeriodSecs,
}

impl Totp {
    /// SHA-1, six digits and thirty seconds, the defaults of an address.
    pub const DEFAULT: Self = Self { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: PeriodSecs::THIRTY };

    pub(crate) fn numbers(&self) -> [u64; 5] {
        [TOTP, self.algorithm.number(), self.digits.count().into(), self.period.secs().into(), 0]
    }

    /// The step of `now`.
    pub fn step(&self, now: UnixMs) -> TotpStep {
        self.period.step(now)
    }

    /// The code of one step (RFC 6238 section 4.2).
    pub fn code(&self, key: &[u8], step: TotpStep) -> Code {
        code(&self.numbers(), &Key { secret: key, pin: &[] }, step.0)
    }

    /// The code at `now`.
    pub fn code_at(&self, key: &[u8], now: UnixMs) -> Code {
        self.code(key, self.step(now))
    }

    /// The step of the typed code, or `None` (RFC 6238 section 5.2).
    ///
    /// Only steps later than `after` match: the caller stores the last accepted step and passes it here, so that a code
    /// works once. The caller must store the new step atomically, or two concurrent requests both pass.
    pub fn verify(
        &self,
        key: &[u8],
        typed: &Typed,
        now: UnixMs,
        window: Window,
        after: Option<TotpStep>,
    ) -> Option<TotpMatch> {
        around(&self.numbers(), &Key { secret: key, pin: &[] }, typed, self.step(now), window, after)
    }
}

/// The step of a typed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpMatch {
    /// To be stored, and passed as `after` the next time.
    pub step: TotpStep,
    /// Steps from the current one; negative when the user's clock is behind.
    pub drift: i8,
}

pub(crate) fn around(
    numbers: &[u64; 5],
    key: &Key<'_>,
    typed: &Typed,
    present: TotpStep,
    window: Window,
    after: Option<TotpStep>,
) -> Option<TotpMatch> {
    let reach = u64::from(window.steps());
    let first = present.0.saturating_sub(reach).max(after.map_or(0, |last| last.0.saturating_add(1)));
    let range = [first, present.0.saturating_add(reach), present.0];
    let step = find(numbers, key, None, typed, range)?;
    // The window is at most ten, so this fits.
    let drift = i8::try_from(step.wrapping_sub(present.0).cast_signed()).unwrap_or(0);
    Some(TotpMatch { step: TotpStep(step), drift })
}
