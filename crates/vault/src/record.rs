//! An account as it stands in a vault's content, and as something that makes codes.

use base::{JsonWriter, Secret, UnixMs};
use otp::{Account, AccountRecord, Algorithm, Code, HotpCounter, Kind, Otp, OtpError, SecretText};

use crate::{
    VaultError,
    json::{self, Fields, Read, Unreadable, Value},
};

/// A record that was checked and makes codes.
#[derive(Clone)]
pub(crate) struct ValidAccount(Account);

/// Reads an account from JSON.
///
/// # Errors
/// `BadAccount` for a field that is missing, unknown or of the wrong type.
pub fn account_from_json(json: &str) -> Result<AccountRecord, VaultError> {
    json::read(json).and_then(read).map_err(|_| VaultError::BadAccount)
}

/// An account from outside: an unknown field is a misspelt one.
pub(crate) fn read(value: Value) -> Read<AccountRecord> {
    let (record, rest) = read_kept(value)?;
    rest.end()?;
    Ok(record)
}

/// An account, and the fields that this version does not know.
pub(crate) fn read_kept(value: Value) -> Read<(AccountRecord, Fields)> {
    let mut fields = value.object()?;
    // Taken over as it is: the text is wiped once, where the record ends.
    let secret_text = |mut text: zeroize::Zeroizing<String>| SecretText::new(core::mem::take(&mut *text));
    let mut secret =
        |name: &str| Ok(fields.text(name)?.filter(|text| text.len() <= AccountRecord::MAX_TEXT).map(secret_text));
    let (secret, pin) = (secret("secret")?.ok_or(Unreadable)?, secret("pin")?);
    let small = |number: Option<u64>| number.map(|n| u32::try_from(n).map_err(|_| Unreadable)).transpose();
    let record = AccountRecord {
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
    Ok((record, fields))
}

pub(crate) fn write(record: &AccountRecord, rest: &Fields, writer: &mut JsonWriter) {
    writer.object(|w| {
        w.name("kind").text(record.kind.name());
        // EXPOSE: a record is written only into the content that is sealed next.
        w.name("secret").text(record.secret.expose());
        w.name("issuer").text(&record.issuer);
        w.name("name").text(&record.name);
        if let Some(algorithm) = record.algorithm {
            w.name("algorithm").text(algorithm.name());
        }
        let numbers = [
            ("digits", record.digits.map(u64::from)),
            ("periodSecs", record.period_secs.map(u64::from)),
            ("counter", record.counter),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                w.name(name).number(number);
            }
        }
        if let Some(pin) = &record.pin {
            // EXPOSE: as the secret.
            w.name("pin").text(pin.expose());
        }
        rest.write(w);
    });
}

impl ValidAccount {
    /// # Errors
    /// As [`AccountRecord::account`].
    pub(crate) fn new(record: &AccountRecord) -> Result<Self, OtpError> {
        record.account().map(Self)
    }

    /// The one spelling of this account.
    pub(crate) fn canonical(&self) -> AccountRecord {
        AccountRecord::from(&self.0)
    }

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
}
