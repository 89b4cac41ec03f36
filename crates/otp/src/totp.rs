use base::UnixMs;

use crate::{
    Algorithm, Code, Key, Typed,
    number::{Digits, PeriodSecs, TotpStep, Window},
    numbers::{TOTP, code, find},
};

/// Codes that change with time (RFC 6238). The key is handed in: the settings alone are no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The hash under the HMAC.
    pub algorithm: Algorithm,
    /// How long a code is.
    pub digits: Digits,
    /// How long a code stands.
    pub period: PeriodSecs,
}

impl Totp {
    /// SHA-1, six digits, thirty seconds: what an address means that names nothing else.
    pub const DEFAULT: Self = Self { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: PeriodSecs::THIRTY };

    pub(crate) fn numbers(&self) -> [u64; 5] {
        [TOTP, self.algorithm.number(), self.digits.count().into(), self.period.secs().into(), 0]
    }

    /// The step that `now` lies in.
    pub fn step(&self, now: UnixMs) -> TotpStep {
        self.period.step(now)
    }

    /// The code of one step (RFC 6238 section 4.2).
    pub fn code(&self, key: &[u8], step: TotpStep) -> Code {
        code(&self.numbers(), &Key { secret: key, pin: &[] }, step.0)
    }

    /// The code of the step that `now` lies in.
    pub fn code_at(&self, key: &[u8], now: UnixMs) -> Code {
        self.code(key, self.step(now))
    }

    /// The step whose code was typed, or `None` (RFC 6238 section 5.2).
    ///
    /// Only steps later than `after` count: the caller keeps the last step it accepted and passes it here, so that a
    /// code works once. Storing the new step must be atomic, or two requests at once both pass.
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

/// Which step a typed code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpMatch {
    /// To be kept, and passed as `after` the next time.
    pub step: TotpStep,
    /// Steps from the present one: below zero, the person's clock is behind.
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
    // Within the window, which is at most ten.
    let drift = i8::try_from(step.wrapping_sub(present.0).cast_signed()).unwrap_or(0);
    Some(TotpMatch { step: TotpStep(step), drift })
}
