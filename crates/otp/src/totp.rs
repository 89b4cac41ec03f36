use base::UnixMs;

use crate::{
    Code, Typed,
    hmac::{Algorithm, truncated},
    number::{Digits, PeriodSecs, TotpStep, Window},
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

    /// The step that `now` lies in.
    pub fn step(&self, now: UnixMs) -> TotpStep {
        self.period.step(now)
    }

    /// The code of one step (RFC 6238 section 4.2).
    pub fn code(&self, key: &[u8], step: TotpStep) -> Code {
        let value = truncated(self.algorithm, key, step.0);
        Code::render(value.into(), b"0123456789", self.digits.count()).until(self.period.end(step))
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
        search(typed, self.step(now), window, after, |step| self.code(key, step))
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

/// Every step of the window is computed and compared, so that the time says nothing; the nearest one that fits wins.
pub(crate) fn search(
    typed: &Typed,
    present: TotpStep,
    window: Window,
    after: Option<TotpStep>,
    code: impl Fn(TotpStep) -> Code,
) -> Option<TotpMatch> {
    let mut found: Option<TotpMatch> = None;
    let reach = i8::try_from(window.steps()).unwrap_or(0);
    for drift in -reach..=reach {
        let Some(step) = present.0.checked_add_signed(drift.into()).map(TotpStep) else { continue };
        let fits = typed.matches(&code(step)) && after.is_none_or(|last| step > last);
        if fits && found.is_none_or(|f| drift.unsigned_abs() < f.drift.unsigned_abs()) {
            found = Some(TotpMatch { step, drift });
        }
    }
    found
}
