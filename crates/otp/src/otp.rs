use core::num::NonZeroU64;

use base::UnixMs;

use crate::{
    Algorithm, Code, Digits, Hotp, HotpCounter, OtpError, PeriodSecs, Totp, TotpMatch, TotpStep, Typed, Window,
    code::{SIXTEEN, Script, TEN},
    hmac::truncated,
    motp,
    totp::around,
    yandex,
};

/// What kind of code an account makes, with the settings of that kind. The key is handed in beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otp {
    /// RFC 6238.
    Totp(Totp),
    /// RFC 4226, with the counter of the next code.
    Hotp(Hotp, HotpCounter),
    /// Steam Guard: five letters, thirty seconds.
    Steam,
    /// Mobile-OTP: six hexadecimal digits, ten seconds, with a PIN.
    Motp,
    /// Yandex Key: eight letters, thirty seconds, with a PIN.
    Yandex,
}

/// The longest PIN, in ASCII characters: Yandex allows 16.
pub(crate) const MAX_PIN: usize = 32;

/// What a code is made from and nobody else may know. It has no `Debug` and no `==`.
#[derive(Clone, Copy, Default)]
pub struct Key<'k> {
    /// The shared secret, as bytes.
    pub secret: &'k [u8],
    /// The person's PIN, for mOTP and Yandex; empty where there is none.
    pub pin: &'k [u8],
}

impl Otp {
    /// The word for the kind: `totp`, `hotp`, `steam`, `motp`, `yandex`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Hotp(..) => "hotp",
            Self::Steam => "steam",
            Self::Motp => "motp",
            Self::Yandex => "yandex",
        }
    }

    /// The hash that the code is made with; `None` for mOTP, which is defined by MD5.
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Totp(Totp { algorithm, .. }) | Self::Hotp(Hotp { algorithm, .. }, _) => Some(*algorithm),
            Self::Steam => Some(Algorithm::Sha1),
            Self::Motp => None,
            Self::Yandex => Some(Algorithm::Sha256),
        }
    }

    /// How many characters a code has.
    pub const fn digits(&self) -> u8 {
        match self {
            Self::Totp(Totp { digits, .. }) | Self::Hotp(Hotp { digits, .. }, _) => digits.count(),
            Self::Steam => 5,
            Self::Motp => 6,
            Self::Yandex => 8,
        }
    }

    /// How long a code stands; `None` for HOTP.
    pub const fn period(&self) -> Option<PeriodSecs> {
        match self {
            Self::Totp(totp) => Some(totp.period),
            Self::Hotp(..) => None,
            Self::Steam | Self::Yandex => Some(PeriodSecs::THIRTY),
            Self::Motp => Some(PeriodSecs::TEN),
        }
    }

    /// Whether the code is made with a PIN too.
    pub const fn needs_pin(&self) -> bool {
        matches!(self, Self::Motp | Self::Yandex)
    }

    /// Whether `key` can be a key of this kind: there is a secret, a Yandex secret's checksum is right, and the PIN, if
    /// any, is 1 to 32 ASCII letters or digits.
    ///
    /// # Errors
    /// [`OtpError::NoSecret`], [`OtpError::TooLong`], [`OtpError::BadYandexSecret`], [`OtpError::BadPin`].
    pub fn check(&self, key: &Key<'_>) -> Result<(), OtpError> {
        let [kind, ..] = self.numbers();
        check(kind, key)
    }

    /// The code at `now`, or the code of the counter.
    ///
    /// # Errors
    /// [`OtpError::NoPin`] for a kind that needs one, and what [`Otp::check`] says.
    pub fn code_at(&self, key: &Key<'_>, now: UnixMs) -> Result<Code, OtpError> {
        self.check(key)?;
        code_at(&self.numbers(), key, now)
    }

    /// The step whose code was typed, or `None`. `after` is the last step accepted: see [`Totp::verify`].
    ///
    /// # Errors
    /// [`OtpError::NotTimed`] for HOTP, and what [`Otp::code_at`] says.
    pub fn verify(
        &self,
        key: &Key<'_>,
        typed: &Typed,
        now: UnixMs,
        window: Window,
        after: Option<TotpStep>,
    ) -> Result<Option<TotpMatch>, OtpError> {
        self.check(key)?;
        let period = self.period().ok_or(OtpError::NotTimed)?;
        if self.needs_pin() && key.pin.is_empty() {
            return Err(OtpError::NoPin);
        }
        Ok(around(self, key, typed, period.step(now), window, after))
    }

    /// The code of one step or counter.
    pub(crate) fn code(&self, key: &Key<'_>, moving: u64) -> Code {
        code(&self.numbers(), key, moving)
    }

    /// From the five numbers in which an account is written down; see [`Otp::numbers`].
    pub(crate) fn new(numbers: &[u64; 5]) -> Result<Self, OtpError> {
        let mut settled = *numbers;
        settle(&mut settled)?;
        let [kind, algorithm, digits, period, counter] = settled;
        let digits = Digits::new(u32::try_from(digits).unwrap_or(0))?;
        let algorithm = match algorithm {
            0 => Algorithm::Sha1,
            1 => Algorithm::Sha256,
            _ => Algorithm::Sha512,
        };
        Ok(match kind {
            0 => {
                let period = PeriodSecs::new(u32::try_from(period).unwrap_or(0))?;
                Self::Totp(Totp { algorithm, digits, period })
            }
            1 => Self::Hotp(Hotp { algorithm, digits }, HotpCounter::new(counter)?),
            2 => Self::Steam,
            3 => Self::Motp,
            _ => Self::Yandex,
        })
    }

    /// Kind (0 totp, 1 hotp, 2 steam, 3 motp, 4 yandex), algorithm (0 SHA1, 1 SHA256, 2 SHA512, 3 MD5), digits, period
    /// in seconds or 0, counter or 0.
    pub(crate) fn numbers(&self) -> [u64; 5] {
        let (kind, counter) = match self {
            Self::Totp(_) => (0, 0),
            Self::Hotp(_, counter) => (1, counter.value()),
            Self::Steam => (2, 0),
            Self::Motp => (3, 0),
            Self::Yandex => (4, 0),
        };
        let algorithm = match self.algorithm() {
            Some(Algorithm::Sha1) => 0,
            Some(Algorithm::Sha256) => 1,
            Some(Algorithm::Sha512) => 2,
            None => 3,
        };
        [kind, algorithm, self.digits().into(), self.period().map_or(0, PeriodSecs::secs).into(), counter]
    }
}

/// What is below takes the kind and its settings as the five numbers of [`Otp::numbers`]: so they lie in a record, and
/// the smallest WebAssembly entry never makes an `Otp` of them.
pub(crate) const STEAM: u64 = 2;
pub(crate) const MOTP: u64 = 3;
pub(crate) const YANDEX: u64 = 4;

/// Checks the numbers, and gives the settings that have no choice their value.
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

/// See [`Otp::check`].
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

/// The code at `now`, or of the counter.
pub(crate) fn code_at(numbers: &[u64; 5], key: &Key<'_>, now: UnixMs) -> Result<Code, OtpError> {
    let [kind, _, _, period, counter] = *numbers;
    if kind >= MOTP && key.pin.is_empty() {
        return Err(OtpError::NoPin);
    }
    let step = NonZeroU64::new(period).map_or(counter, |period| now.secs() / period);
    let mut code = code(numbers, key, step);
    // The end of a period of 136 years may lie beyond what a clock can show, never beyond a u64.
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

/// The step or counter from `first` to `last` whose code is `typed`, the nearest to `centre` where several are; with
/// `before`, the code of the one in front of it must be that.
///
/// Every one is computed and compared, so that the time says nothing of where the match is.
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

impl Default for Otp {
    fn default() -> Self {
        Self::Totp(Totp::DEFAULT)
    }
}
