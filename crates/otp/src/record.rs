//! An account as plain data, for JavaScript and the content of a vault.

use alloc::{borrow::ToOwned, string::String, vec};

use base::{Secret, UnixMs};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{
    Account, Algorithm, Digits, Hotp, HotpCounter, Kind, Otp, OtpError, PeriodSecs, Totp,
    base32::{self, LENIENT},
};

/// Secret text: no `Debug`, wiped on drop.
#[derive(Clone, Default)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes ownership of the text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text. An `// EXPOSE:` comment at each call gives the reason.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // EXPOSE: a record is serialised only into the content that is sealed next, and for `export_account`.
        serializer.serialize_str(self.expose())
    }
}

/// An account as plain data. Only the secret is required; an absent field has the default of the kind.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRecord {
    /// The kind of its codes.
    pub kind: Kind,
    /// Base32 (RFC 4648 section 6) without padding; hexadecimal for `motp`.
    pub secret: SecretText,
    /// The issuer; may be empty.
    pub issuer: String,
    /// The account name; may be empty.
    pub name: String,
    /// The hash of the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Algorithm>,
    /// Characters of a code, 1 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digits: Option<u32>,
    /// Seconds that one code is shown; absent for `hotp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_secs: Option<u32>,
    /// The counter of the next code, 0 to 2^53 - 1; only for `hotp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    /// Only for `motp` and `yandex`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<SecretText>,
}

impl AccountRecord {
    /// The longest secret, issuer, name or PIN, in bytes.
    pub const MAX_TEXT: usize = 4096;

    /// The account, ready to make codes. Every account that passes can also be written as an address.
    ///
    /// # Errors
    /// Any [`OtpError`] about a secret or a setting; [`OtpError::TooLong`] for an account that fits no address.
    pub fn account(&self) -> Result<Account, OtpError> {
        if self.issuer.len() > Self::MAX_TEXT || self.name.len() > Self::MAX_TEXT {
            return Err(OtpError::TooLong);
        }
        let algorithm = self.algorithm.unwrap_or(Algorithm::Sha1);
        let digits = self.digits.map_or(Ok(Digits::SIX), Digits::new)?;
        let otp = match self.kind {
            Kind::Totp => {
                let period = self.period_secs.map_or(Ok(PeriodSecs::THIRTY), PeriodSecs::new)?;
                Otp::Totp(Totp { algorithm, digits, period })
            }
            Kind::Hotp => Otp::Hotp(Hotp { algorithm, digits }, HotpCounter::new(self.counter.unwrap_or(0))?),
            Kind::Steam => Otp::Steam,
            Kind::Motp => Otp::Motp,
            Kind::Yandex => Otp::Yandex,
        };
        // A setting that contradicts the kind is refused: a silently different code would lock the user out.
        if self.digits.is_some_and(|d| d != u32::from(otp.digits())) {
            return Err(OtpError::BadDigits);
        }
        if self.period_secs.is_some() && self.period_secs != otp.period().map(PeriodSecs::secs) {
            return Err(OtpError::BadPeriod);
        }
        if self.algorithm.is_some() && otp.algorithm().is_some_and(|fixed| Some(fixed) != self.algorithm) {
            return Err(OtpError::BadAlgorithm);
        }
        if self.counter.is_some() && self.kind != Kind::Hotp {
            return Err(OtpError::NotCounted);
        }
        // EXPOSE: the secret is decoded here, into a place that is wiped on drop.
        let mut secret = Zeroizing::new(self.secret.expose().as_bytes().to_vec());
        let secret = if self.kind == Kind::Motp {
            base32::decode_hex_in_place(&mut secret)?
        } else {
            base32::decode_in_place(&mut secret, &LENIENT)?
        };
        let pin = self.pin.as_ref().filter(|_| otp.needs_pin()).map(|pin| {
            // EXPOSE: the PIN is an input of these codes.
            Secret::from(pin.expose().as_bytes())
        });
        let (issuer, name) = (self.issuer.clone(), self.name.clone());
        let account = Account { issuer, name, otp, secret: Secret::from(&*secret), pin };
        account.code_at(UnixMs::from_millis(0))?;
        // Reject at import what cannot be exported as an otpauth address.
        account.to_uri()?;
        Ok(account)
    }
}

/// The canonical record of an account: every field of its kind, the secret in capital letters without padding.
impl From<&Account> for AccountRecord {
    fn from(account: &Account) -> Self {
        let otp = account.otp;
        // EXPOSE: a record contains the secret as text.
        let secret = text(otp.kind(), account.secret.expose());
        let pin = account.pin.as_ref().filter(|_| otp.needs_pin()).map(|pin| {
            // EXPOSE: a record contains the PIN as text.
            let pin = core::str::from_utf8(pin.expose()).unwrap_or_default();
            SecretText::new(pin.to_owned())
        });
        Self {
            kind: otp.kind(),
            secret,
            issuer: account.issuer.clone(),
            name: account.name.clone(),
            algorithm: Some(otp.algorithm().unwrap_or(Algorithm::Sha1)),
            digits: Some(otp.digits().into()),
            period_secs: otp.period().map(PeriodSecs::secs),
            counter: match otp {
                Otp::Hotp(_, counter) => Some(counter.value()),
                _ => None,
            },
            pin,
        }
    }
}

/// The text of a secret in a record.
fn text(kind: Kind, secret: &[u8]) -> SecretText {
    let mut text = Zeroizing::new(vec![0; secret.len().saturating_mul(2).saturating_add(8)]);
    let len = match kind {
        Kind::Motp => base32::encode_hex(secret, &mut text),
        _ => base32::encode(secret, &mut text),
    };
    let text = text.get(..len.unwrap_or(0)).and_then(|text| core::str::from_utf8(text).ok());
    SecretText::new(text.unwrap_or_default().to_owned())
}
