use base::UnixMs;

use crate::{
    Code, OtpError, Typed,
    hmac::Algorithm,
    hotp::Hotp,
    motp,
    number::{Digits, HotpCounter, PeriodSecs, TotpStep, Window},
    steam,
    totp::{Totp, TotpMatch, search},
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
            Self::Steam => steam::LEN,
            Self::Motp => motp::LEN,
            Self::Yandex => yandex::LEN,
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

    /// Whether `key` can be a key of this kind: there is a secret, and a Yandex secret's checksum is right.
    ///
    /// # Errors
    /// [`OtpError::NoSecret`], [`OtpError::BadYandexSecret`].
    pub fn check(&self, key: &Key<'_>) -> Result<(), OtpError> {
        match self {
            _ if key.secret.is_empty() => Err(OtpError::NoSecret),
            Self::Yandex => yandex::check(key.secret),
            _ => Ok(()),
        }
    }

    /// The code at `now`, or the code of the counter.
    ///
    /// # Errors
    /// [`OtpError::NoPin`] for a kind that needs one, and what [`Otp::check`] says.
    pub fn code_at(&self, key: &Key<'_>, now: UnixMs) -> Result<Code, OtpError> {
        self.ready(key)?;
        Ok(match (self, self.period()) {
            (Self::Hotp(hotp, counter), _) => hotp.code(key.secret, *counter),
            (_, Some(period)) => self.step_code(key, period.step(now)),
            (_, None) => return Err(OtpError::NotTimed),
        })
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
        self.ready(key)?;
        let period = self.period().ok_or(OtpError::NotTimed)?;
        Ok(search(typed, period.step(now), window, after, |step| self.step_code(key, step)))
    }

    fn ready(&self, key: &Key<'_>) -> Result<(), OtpError> {
        self.check(key)?;
        if self.needs_pin() && key.pin.is_empty() { Err(OtpError::NoPin) } else { Ok(()) }
    }

    fn step_code(&self, key: &Key<'_>, step: TotpStep) -> Code {
        match self {
            Self::Totp(totp) => totp.code(key.secret, step),
            Self::Hotp(hotp, counter) => hotp.code(key.secret, *counter),
            Self::Steam => steam::code(key.secret, step),
            Self::Motp => motp::code(key.secret, key.pin, step),
            Self::Yandex => yandex::code(key.secret, key.pin, step),
        }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self::Totp(Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: PeriodSecs::THIRTY })
    }
}
