use base::UnixMs;

use crate::{
    Algorithm, Code, Digits, Hotp, HotpCounter, OtpError, PeriodSecs, Totp, TotpMatch, TotpStep, Typed, Window,
    base32::{LENIENT, decode, decode_hex, write, write_hex},
    bytes::{Block, Pen, Span},
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
        if key.secret.is_empty() {
            return Err(OtpError::NoSecret);
        }
        if key.pin.len() > MAX_PIN || !key.pin.iter().all(u8::is_ascii_alphanumeric) {
            return Err(OtpError::BadPin);
        }
        match self {
            Self::Yandex => yandex::check(key.secret),
            Self::Motp if key.secret.len() > motp::MAX_SECRET => Err(OtpError::TooLong),
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
            (Self::Hotp(_, counter), _) => self.code(key, counter.value()),
            (_, period) => {
                let period = period.unwrap_or(PeriodSecs::THIRTY);
                let step = period.step(now);
                let mut code = self.code(key, step.0);
                code.until = period.end(step).millis();
                code
            }
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
        Ok(around(self, key, typed, period.step(now), window, after))
    }

    pub(crate) fn ready(&self, key: &Key<'_>) -> Result<(), OtpError> {
        self.check(key)?;
        if self.needs_pin() && key.pin.is_empty() { Err(OtpError::NoPin) } else { Ok(()) }
    }

    /// The code of one step or counter.
    #[inline(never)]
    pub(crate) fn code(&self, key: &Key<'_>, moving: u64) -> Code {
        let (value, script) = match self {
            Self::Motp => (motp::value(key, moving), Script::Digits(SIXTEEN)),
            Self::Yandex => (yandex::value(key, moving), Script::Letters),
            _ => {
                let value = truncated(self.algorithm().unwrap_or(Algorithm::Sha1), key.secret, moving) >> 32;
                (value, if matches!(self, Self::Steam) { Script::Steam } else { Script::Digits(TEN) })
            }
        };
        Code::render(value, &script, self.digits())
    }

    /// The step or counter from `first` to `last` whose code is `typed`, the nearest to `centre` where several are;
    /// with `before`, the code of the one in front of it must be that.
    ///
    /// Every one is computed and compared, so that the time says nothing of where the match is.
    #[inline(never)]
    pub(crate) fn find(
        &self,
        key: &Key<'_>,
        before: Option<&Typed>,
        typed: &Typed,
        first: u64,
        last: u64,
        centre: u64,
    ) -> Option<u64> {
        let mut found: Option<u64> = None;
        let mut follows = before.is_none();
        for moving in first..=last {
            let code = self.code(key, moving);
            let nearer = found.is_none_or(|found| moving.abs_diff(centre) < found.abs_diff(centre));
            if typed.matches(&code) && follows && nearer {
                found = Some(moving);
            }
            follows = before.is_none_or(|before| before.matches(&code));
        }
        found
    }

    /// From the five numbers in which an account is written down; see [`Otp::numbers`].
    #[inline(never)]
    pub(crate) fn new(numbers: &[u64; 5]) -> Result<Self, OtpError> {
        let [kind, algorithm, digits, period, counter] = *numbers;
        let algorithm = match (kind, algorithm) {
            (2, _) => return Ok(Self::Steam),
            (3, _) => return Ok(Self::Motp),
            (4, _) => return Ok(Self::Yandex),
            (5.., _) => return Err(OtpError::UnknownKind),
            (_, 0) => Algorithm::Sha1,
            (_, 1) => Algorithm::Sha256,
            (_, 2) => Algorithm::Sha512,
            _ => return Err(OtpError::BadAlgorithm),
        };
        let digits = Digits::new(u32::try_from(digits).unwrap_or(0))?;
        if kind == 0 {
            let period = PeriodSecs::new(u32::try_from(period).unwrap_or(0))?;
            Ok(Self::Totp(Totp { algorithm, digits, period }))
        } else {
            Ok(Self::Hotp(Hotp { algorithm, digits }, HotpCounter::new(counter)?))
        }
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

    /// Decodes a secret in place: base32, or hexadecimal for mOTP.
    #[inline(never)]
    pub(crate) fn decode_secret(&self, block: &mut Block<'_>, secret: Span) -> Span {
        match self {
            Self::Motp => decode_hex(block, secret),
            _ => decode(block, secret, &LENIENT),
        }
    }

    /// How long a secret is as text.
    #[cfg(feature = "wire")]
    pub(crate) fn written_len(&self, secret: &[u8]) -> u64 {
        let bits = u64::try_from(secret.len()).unwrap_or(0).wrapping_mul(8);
        match self {
            Self::Motp => bits / 4,
            _ => bits.div_ceil(5),
        }
    }

    /// Writes a secret as text: base32, or hexadecimal for mOTP.
    pub(crate) fn write_secret(&self, pen: &mut Pen<'_>, secret: &[u8]) {
        match self {
            Self::Motp => write_hex(pen, secret),
            _ => write(pen, secret),
        }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self::Totp(Totp::DEFAULT)
    }
}
