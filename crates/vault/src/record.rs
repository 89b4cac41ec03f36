//! An account as plain data: the record that crosses into JavaScript, and that stands in a vault's content.

use base::{Secret, UnixMs};
use otp::{Account, Algorithm as Hash, Code, Digits, Hotp, HotpCounter, Otp, OtpError, PeriodSecs, Totp};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{
    VaultError, hex,
    json::{self, Read, Unreadable, Value, Writer},
};

const MAX_TEXT_BYTES: usize = 4096;

/// How the codes of an account are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "crates/otp says what each is")]
pub enum Kind {
    #[default]
    Totp,
    Hotp,
    Steam,
    Motp,
    Yandex,
}

/// The hash inside a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "FIPS 180-4 says what each is")]
pub enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Totp, Self::Hotp, Self::Steam, Self::Motp, Self::Yandex];

    /// As in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            Self::Steam => "steam",
            Self::Motp => "motp",
            Self::Yandex => "yandex",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// As in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// Text that is a secret: no `Debug`, wiped on drop.
#[derive(Clone, Default)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text. Each call says in an `// EXPOSE:` comment why it must be seen there.
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

/// An account as plain data. Only the secret must be given; what is absent has the usual value of the kind.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRecord {
    /// How its codes are made.
    pub kind: Kind,
    /// Base32 (RFC 4648 section 6) without padding; hexadecimal for `motp`.
    pub secret: SecretText,
    /// Whose account it is, or nothing.
    pub issuer: String,
    /// Which account it is, or nothing.
    pub name: String,
    /// The hash inside the code.
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

/// A record that was checked and makes codes.
#[derive(Clone)]
pub(crate) struct ValidAccount(Account);

impl AccountRecord {
    /// Reads an account from JSON.
    ///
    /// # Errors
    /// `BadAccount` for a field that is missing, unknown or of the wrong type.
    pub fn from_json(json: &str) -> Result<Self, VaultError> {
        json::read(json).and_then(Self::read).map_err(|_| VaultError::BadAccount)
    }

    pub(crate) fn read(value: Value) -> Read<Self> {
        let mut fields = value.object()?;
        let mut secret =
            |name: &str| Ok(fields.text(name)?.filter(|text| text.len() <= MAX_TEXT_BYTES).map(SecretText));
        let (secret, pin) = (secret("secret")?.ok_or(Unreadable)?, secret("pin")?);
        let small = |number: Option<u64>| number.map(|n| u32::try_from(n).map_err(|_| Unreadable)).transpose();
        let record = Self {
            kind: fields.text("kind")?.map_or(Ok(Kind::Totp), |name| Kind::named(&name).ok_or(Unreadable))?,
            secret,
            issuer: fields.plain("issuer")?.unwrap_or_default(),
            name: fields.plain("name")?.unwrap_or_default(),
            algorithm: fields.text("algorithm")?.map(|name| Algorithm::named(&name).ok_or(Unreadable)).transpose()?,
            digits: small(fields.number("digits")?)?,
            period_secs: small(fields.number("periodSecs")?)?,
            counter: fields.number("counter")?,
            pin,
        };
        fields.end()?;
        Ok(record)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.object(|w| {
            w.name("kind").text(self.kind.name());
            // EXPOSE: a record is written only into the content that is sealed next.
            w.name("secret").text(self.secret.expose());
            w.name("issuer").text(&self.issuer);
            w.name("name").text(&self.name);
            if let Some(algorithm) = self.algorithm {
                w.name("algorithm").text(algorithm.name());
            }
            let numbers = [
                ("digits", self.digits.map(u64::from)),
                ("periodSecs", self.period_secs.map(u64::from)),
                ("counter", self.counter),
            ];
            for (name, number) in numbers {
                if let Some(number) = number {
                    w.name(name).number(number);
                }
            }
            if let Some(pin) = &self.pin {
                // EXPOSE: as the secret.
                w.name("pin").text(pin.expose());
            }
        });
    }

    /// The account as something that makes codes.
    pub(crate) fn valid(&self) -> Result<ValidAccount, OtpError> {
        if self.issuer.len() > MAX_TEXT_BYTES || self.name.len() > MAX_TEXT_BYTES {
            return Err(OtpError::TooLong);
        }
        let algorithm = match self.algorithm {
            None | Some(Algorithm::Sha1) => Hash::Sha1,
            Some(Algorithm::Sha256) => Hash::Sha256,
            Some(Algorithm::Sha512) => Hash::Sha512,
        };
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
        // What a kind fixes cannot be asked for otherwise: a code that is quietly another one locks a person out.
        if self.digits.is_some_and(|d| d != u32::from(otp.digits())) {
            return Err(OtpError::BadDigits);
        }
        if self.period_secs.is_some() && self.period_secs != otp.period().map(PeriodSecs::secs) {
            return Err(OtpError::BadPeriod);
        }
        if self.algorithm.is_some()
            && otp.algorithm().is_some_and(|fixed| Some(record_algorithm(fixed)) != self.algorithm)
        {
            return Err(OtpError::BadAlgorithm);
        }
        if self.counter.is_some() && self.kind != Kind::Hotp {
            return Err(OtpError::NotCounted);
        }
        // EXPOSE: the secret is decoded here, into a place that is wiped on drop.
        let mut secret = Zeroizing::new(self.secret.expose().as_bytes().to_vec());
        let secret = if self.kind == Kind::Motp {
            otp::base32::decode_hex_in_place(&mut secret)?
        } else {
            otp::base32::decode_in_place(&mut secret, &otp::base32::LENIENT)?
        };
        let pin = self.pin.as_ref().filter(|_| otp.needs_pin()).map(|pin| {
            // EXPOSE: the PIN is part of what these codes are made from.
            Secret::from(pin.expose().as_bytes())
        });
        let (issuer, name) = (self.issuer.clone(), self.name.clone());
        let account = Account { issuer, name, otp, secret: Secret::from(&*secret), pin };
        account.code_at(UnixMs::from_millis(0))?;
        // What can be kept can be taken away again: an account that no address can say is refused now, not at export.
        account.to_uri()?;
        Ok(ValidAccount(account))
    }

    /// The one spelling of this account: every field that its kind has, the secret in capital letters without padding.
    pub(crate) fn canonical(&self, valid: &ValidAccount) -> Self {
        Self {
            kind: self.kind,
            secret: valid.secret_text(),
            issuer: self.issuer.clone(),
            name: self.name.clone(),
            algorithm: Some(valid.0.otp.algorithm().map_or(Algorithm::Sha1, record_algorithm)),
            digits: Some(valid.0.otp.digits().into()),
            period_secs: valid.0.otp.period().map(PeriodSecs::secs),
            counter: valid.counter().map(HotpCounter::value),
            pin: self.pin.clone().filter(|_| valid.0.otp.needs_pin()),
        }
    }
}

impl ValidAccount {
    /// The code at `now`; for HOTP that of the counter.
    pub(crate) fn code_at(&self, now: UnixMs) -> Result<Code, OtpError> {
        self.0.code_at(now)
    }

    /// The length of a step in milliseconds; `None` for HOTP.
    pub(crate) fn period_ms(&self) -> Option<u64> {
        self.0.otp.period().map(|period| u64::from(period.secs()) * 1000)
    }

    pub(crate) const fn counter(&self) -> Option<HotpCounter> {
        match self.0.otp {
            Otp::Hotp(_, counter) => Some(counter),
            _ => None,
        }
    }

    /// Whether both make codes of one kind from one secret, whatever the parameters.
    pub(crate) fn same_secret(&self, other: &Self) -> bool {
        // EXPOSE: compared in constant time.
        self.0.otp.kind() == other.0.otp.kind() && self.0.secret.ct_eq(other.0.secret.expose())
    }

    /// The `otpauth` address.
    pub(crate) fn uri(&self) -> Result<Secret, OtpError> {
        self.0.to_uri()
    }

    fn secret_text(&self) -> SecretText {
        // EXPOSE: the record spells the secret out.
        let bytes = self.0.secret.expose();
        SecretText::new(if matches!(self.0.otp, Otp::Motp) { hex::text(bytes) } else { base32(bytes) })
    }
}

fn base32(bytes: &[u8]) -> String {
    let mut text = Zeroizing::new(vec![0; bytes.len().div_ceil(5) * 8]);
    let len = otp::base32::encode(bytes, &mut text).unwrap_or(0);
    text.get(..len).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or_default().to_owned()
}

const fn record_algorithm(hash: Hash) -> Algorithm {
    match hash {
        Hash::Sha1 => Algorithm::Sha1,
        Hash::Sha256 => Algorithm::Sha256,
        Hash::Sha512 => Algorithm::Sha512,
    }
}
