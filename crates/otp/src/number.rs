use core::num::NonZeroU32;

use base::UnixMs;

use crate::OtpError;

/// The greatest whole number that every JavaScript number can hold: 2^53 - 1.
const MAX_SAFE: u64 = 9_007_199_254_740_991;

/// How many digits a code has: 1 to 10. RFC 4226 section 5.3 wants at least 6; shorter codes are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits(u8);

impl Digits {
    /// The default of an address.
    pub const SIX: Self = Self(6);

    /// # Errors
    /// [`OtpError::BadDigits`] outside 1 to 10.
    pub const fn new(digits: u32) -> Result<Self, OtpError> {
        match digits {
            #[expect(clippy::as_conversions, reason = "1 to 10")]
            1..=10 => Ok(Self(digits as u8)),
            _ => Err(OtpError::BadDigits),
        }
    }

    /// 1 to 10.
    pub const fn count(self) -> u8 {
        self.0
    }
}

/// The length of a time step in seconds: 1 to 4294967295 (RFC 6238 section 4.1, X).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodSecs(NonZeroU32);

impl PeriodSecs {
    /// The default of an address.
    pub const THIRTY: Self = Self(match NonZeroU32::new(30) {
        Some(secs) => secs,
        None => NonZeroU32::MIN,
    });
    /// The period of every mOTP code.
    pub const TEN: Self = Self(match NonZeroU32::new(10) {
        Some(secs) => secs,
        None => NonZeroU32::MIN,
    });

    /// # Errors
    /// [`OtpError::BadPeriod`] for 0.
    pub const fn new(secs: u32) -> Result<Self, OtpError> {
        match NonZeroU32::new(secs) {
            Some(secs) => Ok(Self(secs)),
            None => Err(OtpError::BadPeriod),
        }
    }

    /// Seconds, never 0.
    pub const fn secs(self) -> u32 {
        self.0.get()
    }

    /// The step that `now` lies in (RFC 6238 section 4.2, with T0 = 0).
    pub fn step(self, now: UnixMs) -> TotpStep {
        TotpStep(now.secs() / u64::from(self.0.get()))
    }

    /// The time at which `step` ends and its code changes.
    pub fn end(self, step: TotpStep) -> UnixMs {
        UnixMs::from_secs(step.0.saturating_add(1).saturating_mul(u64::from(self.0.get())))
    }
}

/// One time step. A verifier stores the greatest accepted step and passes it as `after` the next time, so that a code
/// works once (RFC 6238 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub u64);

/// The moving factor of HOTP (RFC 4226 section 5.1): 0 to 2^53 - 1, so that it means the same in every runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HotpCounter(u64);

impl HotpCounter {
    /// The counter of a new account.
    pub const ZERO: Self = Self(0);
    /// 2^53 - 1.
    pub const MAX: Self = Self(MAX_SAFE);

    /// # Errors
    /// [`OtpError::BadCounter`] over 2^53 - 1.
    pub const fn new(counter: u64) -> Result<Self, OtpError> {
        if counter > MAX_SAFE { Err(OtpError::BadCounter) } else { Ok(Self(counter)) }
    }

    /// 0 to 2^53 - 1.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The counter `by` later.
    ///
    /// # Errors
    /// [`OtpError::BadCounter`] when it exceeds 2^53 - 1.
    pub const fn plus(self, by: u64) -> Result<Self, OtpError> {
        Self::new(self.0.saturating_add(by))
    }
}

/// The number of time steps to either side that are checked: 0 to 10. RFC 6238 section 5.2 recommends 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(u8);

impl Window {
    /// The current step alone.
    pub const NONE: Self = Self(0);
    /// One step to either side, as RFC 6238 section 5.2 recommends.
    pub const ONE: Self = Self(1);

    /// # Errors
    /// [`OtpError::BadWindow`] over 10: each further step is another guess for an attacker.
    pub const fn new(steps: u32) -> Result<Self, OtpError> {
        match steps {
            #[expect(clippy::as_conversions, reason = "0 to 10")]
            0..=10 => Ok(Self(steps as u8)),
            _ => Err(OtpError::BadWindow),
        }
    }

    /// 0 to 10.
    pub const fn steps(self) -> u8 {
        self.0
    }
}

/// The number of counters after the expected one that are checked: 0 to 10 (RFC 4226 section 7.4, s).
pub type LookAhead = Window;
