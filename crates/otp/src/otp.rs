use base::UnixMs;

use crate::{
    Algorithm, Code, Digits, Hotp, HotpCounter, Key, OtpError, PeriodSecs, Totp, TotpMatch, TotpStep, Typed, Window,
    numbers::{check, code_at, settle},
    totp::around,
};

/// The kind of an account's codes, with its settings. The key is a separate argument.
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

/// The kind alone, without its settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "record", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Kind {
    /// See [`Otp::Totp`].
    #[default]
    Totp,
    /// See [`Otp::Hotp`].
    Hotp,
    /// See [`Otp::Steam`].
    Steam,
    /// See [`Otp::Motp`].
    Motp,
    /// See [`Otp::Yandex`].
    Yandex,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Totp, Self::Hotp, Self::Steam, Self::Motp, Self::Yandex];

    /// The name in a record: `totp`, `hotp`, `steam`, `motp`, `yandex`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            Self::Steam => "steam",
            Self::Motp => "motp",
            Self::Yandex => "yandex",
        }
    }

    /// The kind of exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Otp {
    /// The kind, without its settings.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Totp(_) => Kind::Totp,
            Self::Hotp(..) => Kind::Hotp,
            Self::Steam => Kind::Steam,
            Self::Motp => Kind::Motp,
            Self::Yandex => Kind::Yandex,
        }
    }

    /// The hash of the code; `None` for mOTP, which is defined by MD5.
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Totp(Totp { algorithm, .. }) | Self::Hotp(Hotp { algorithm, .. }, _) => Some(*algorithm),
            Self::Steam => Some(Algorithm::Sha1),
            Self::Motp => None,
            Self::Yandex => Some(Algorithm::Sha256),
        }
    }

    /// The number of characters of a code.
    pub const fn digits(&self) -> u8 {
        match self {
            Self::Totp(Totp { digits, .. }) | Self::Hotp(Hotp { digits, .. }, _) => digits.count(),
            Self::Steam => 5,
            Self::Motp => 6,
            Self::Yandex => 8,
        }
    }

    /// The period of a code; `None` for HOTP.
    pub const fn period(&self) -> Option<PeriodSecs> {
        match self {
            Self::Totp(totp) => Some(totp.period),
            Self::Hotp(..) => None,
            Self::Steam | Self::Yandex => Some(PeriodSecs::THIRTY),
            Self::Motp => Some(PeriodSecs::TEN),
        }
    }

    /// Whether the code depends on a PIN.
    pub const fn needs_pin(&self) -> bool {
        matches!(self, Self::Motp | Self::Yandex)
    }

    /// Checks that `key` fits this kind: the secret is not empty, a Yandex secret has the right checksum, and a PIN has 1 to
    /// 32 ASCII letters or digits.
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
    /// [`OtpError::NoPin`] for a kind that needs one, or an error of [`Otp::check`].
    pub fn code_at(&self, key: &Key<'_>, now: UnixMs) -> Result<Code, OtpError> {
        self.check(key)?;
        code_at(&self.numbers(), key, now)
    }

    /// The step of the typed code, or `None`. `after` is the last step accepted: see [`Totp::verify`].
    ///
    /// # Errors
    /// [`OtpError::NotTimed`] for HOTP, or an error of [`Otp::code_at`].
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
        Ok(around(&self.numbers(), key, typed, period.step(now), window, after))
    }

    /// From the five numbers of a record; see [`Otp::numbers`].
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
        match self {
            Self::Totp(totp) => totp.numbers(),
            Self::Hotp(hotp, counter) => hotp.numbers(*counter),
            Self::Steam => [2, 0, 5, 30, 0],
            Self::Motp => [3, 3, 6, 10, 0],
            Self::Yandex => [4, 1, 8, 30, 0],
        }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self::Totp(Totp::DEFAULT)
    }
}
