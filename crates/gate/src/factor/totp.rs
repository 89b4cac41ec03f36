//! Time-based codes (RFC 6238): of an authenticator app, or of a token with a clock.

use base::{Secret, UnixMs};
use json::{FromJson, ToJson};
use otp::{Account, Algorithm, Digits, Otp, PeriodSecs, Totp, TotpStep, Typed, Window};

use super::sealed::Sealed;

/// Bytes of a new secret: the length of SHA-1 (RFC 4226 section 4, R6).
pub const SECRET_BYTES: usize = 20;
/// Longest issuer and name in an address, in letters.
const MAX_LETTERS: usize = 64;
/// Greatest drift of a clock that is followed, in steps.
const MAX_DRIFT: i8 = 6;

/// A TOTP credential. Its secret is opened by the caller.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct TotpCredential {
    /// The shared secret.
    pub secret: Sealed,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: u32,
    /// Seconds of a step.
    pub period_secs: u32,
    /// The last step that was accepted. It only grows, so a code works once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// Steps by which the person's clock is ahead.
    #[serde(default, skip_serializing_if = "is_default")]
    pub drift: i8,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TotpCredential {
    /// The settings that every app supports: SHA-1, six digits, thirty seconds.
    pub fn new(secret: Sealed) -> Self {
        let Totp { algorithm, digits, period } = Totp::DEFAULT;
        let (digits, period_secs) = (digits.count().into(), period.secs());
        Self { secret, algorithm: algorithm.name().into(), digits, period_secs, last_step: None, drift: 0 }
    }

    /// `None` for invalid settings.
    pub fn settings(&self) -> Option<Totp> {
        Some(Totp {
            algorithm: Algorithm::named(&self.algorithm)?,
            digits: Digits::new(self.digits).ok()?,
            period: PeriodSecs::new(self.period_secs).ok()?,
        })
    }

    /// Takes a code of the current step of the person's clock or of an adjacent one, if it is later than the last accepted step.
    /// The step is spent in `self`; the caller must save it without waiting for anything else.
    pub fn take(&mut self, secret: &Secret, typed: &Typed, now: UnixMs) -> bool {
        let Some(totp) = self.settings() else { return false };
        let ahead = i64::from(self.drift).saturating_mul(i64::from(self.period_secs)).saturating_mul(1000);
        let clock = UnixMs::from_millis(now.millis().saturating_add_signed(ahead));
        // EXPOSE: the key of the codes.
        let Some(found) = totp.verify(secret.expose(), typed, clock, Window::ONE, self.last_step.map(TotpStep)) else {
            return false;
        };
        self.last_step = Some(found.step.0);
        self.drift = self.drift.saturating_add(found.drift.signum()).clamp(-MAX_DRIFT, MAX_DRIFT);
        true
    }
}

/// The `otpauth` address of a new secret, for a QR code and for "Copy setup key". Defaults are not written, because several
/// apps ignore the fields. It contains the secret.
pub fn address(issuer: &str, name: &str, secret: &Secret) -> Option<Secret> {
    let cut = |text: &str| text.chars().filter(|c| !c.is_control()).take(MAX_LETTERS).collect::<String>();
    // A colon separates issuer and name in an address.
    let account = Account {
        issuer: cut(&issuer.replace(':', " ")),
        name: cut(name),
        otp: Otp::Totp(Totp::DEFAULT),
        secret: secret.clone(),
        pin: None,
    };
    account.to_uri().ok()
}

/// A secret as text: base32 without padding.
pub fn base32(secret: &Secret) -> Secret {
    let mut out = vec![0; MAX_SECRET_BYTES * 2];
    // EXPOSE: shown to the person whom it is for.
    let len = otp::base32::encode(secret.expose(), &mut out).unwrap_or(0);
    out.truncate(len);
    Secret::new(out)
}

/// Longest secret that is enrolled, in bytes.
pub const MAX_SECRET_BYTES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn credential() -> TotpCredential {
        let sealed: Sealed = json::from_str("\"\"").unwrap();
        TotpCredential::new(sealed)
    }

    fn code(at: u64) -> Typed {
        Typed::new(Totp::DEFAULT.code_at(SECRET, UnixMs::from_secs(at)).as_bytes()).unwrap()
    }

    fn take(credential: &mut TotpCredential, code_of: u64, now: u64) -> bool {
        credential.take(&Secret::from(SECRET), &code(code_of), UnixMs::from_secs(now))
    }

    #[test]
    fn f01_a_step_is_spent_and_no_earlier_one_is_taken() {
        let mut credential = credential();
        assert!(take(&mut credential, 3_000, 3_000));
        assert!(!take(&mut credential, 3_000, 3_000), "the same code");
        assert!(!take(&mut credential, 2_970, 3_000), "the step before a newer one");
        assert!(take(&mut credential, 3_030, 3_030));
        assert!(!take(&mut credential, 3_000, 3_030));
    }

    #[test]
    fn f05_one_step_to_either_side_and_drift_moves_one_at_a_time() {
        for (code_of, want) in [(2_940, false), (2_970, true), (3_030, true), (3_060, false), (3_090, false)] {
            assert_eq!(take(&mut credential(), code_of, 3_000), want, "{code_of}");
        }
        let mut credential = credential();
        for n in 1..20_u64 {
            // A clock that runs ahead by one step more each time.
            assert_eq!(take(&mut credential, 3_000 + 300 * n + 30 * n, 3_000 + 300 * n), n <= 7, "{n}");
        }
        assert_eq!(credential.drift, 6);
    }

    #[test]
    fn the_address_has_no_defaults_and_reads_again() {
        let secret = Secret::from(SECRET);
        let address = address("Example: University", "Ann Lee", &secret).unwrap();
        let text = core::str::from_utf8(address.expose()).unwrap();
        assert_eq!(
            text,
            "otpauth://totp/Example%20%20University:Ann%20Lee?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20%20University"
        );
        let account = Account::from_uri(text).unwrap();
        assert!(account.secret.ct_eq(SECRET) && account.otp == Otp::Totp(Totp::DEFAULT));
        assert_eq!(base32(&secret).expose(), b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let long = super::address(&"ä".repeat(300), &"ö".repeat(300), &secret).unwrap();
        assert!(Account::from_uri(core::str::from_utf8(long.expose()).unwrap()).unwrap().name.chars().count() == 64);
    }
}
