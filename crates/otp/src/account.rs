use alloc::{string::String, vec};

use base::{Secret, UnixMs};
use zeroize::Zeroizing;

use crate::{
    Code, Key, Notes, Otp, OtpError, Parts,
    uri::{self, MAX_SCRATCH, MAX_URI},
};

/// An account with owned texts. The secret is wiped on drop; there is no `Debug` and no `==`.
#[derive(Clone)]
pub struct Account {
    /// The issuer; empty when unknown.
    pub issuer: String,
    /// The account name; may be empty.
    pub name: String,
    /// The kind of code and its settings.
    pub otp: Otp,
    /// The shared secret, as bytes.
    pub secret: Secret,
    /// The user's PIN for mOTP and Yandex; `None` until it is known.
    pub pin: Option<Secret>,
}

impl Account {
    /// Reads an address: see [`crate::uri`].
    ///
    /// # Errors
    /// Any [`OtpError`] about an address, a secret or a setting.
    pub fn from_uri(uri: &str) -> Result<Self, OtpError> {
        Self::from_uri_with_notes(uri).map(|(account, _)| account)
    }

    /// As [`Account::from_uri`], with the reader's [`Notes`](crate::Notes) for an import report.
    ///
    /// # Errors
    /// As [`Account::from_uri`].
    pub fn from_uri_with_notes(uri: &str) -> Result<(Self, Notes), OtpError> {
        let mut scratch = Zeroizing::new([0; MAX_SCRATCH]);
        let parts = uri::read(uri.as_bytes(), scratch.as_mut_slice())?;
        Ok((Self::from(&parts), parts.notes))
    }

    /// Writes the address: see [`uri::write`]. It contains the secret, so it is a [`Secret`] itself.
    ///
    /// # Errors
    /// [`OtpError::TooLong`], or an error of [`Otp::check`].
    pub fn to_uri(&self) -> Result<Secret, OtpError> {
        let mut room = Zeroizing::new(vec![0; MAX_URI]);
        let len = uri::write(&self.parts(), &mut room)?;
        Ok(Secret::from(room.get(..len).unwrap_or_default()))
    }

    /// The code at `now`, or the code of the counter.
    ///
    /// # Errors
    /// As [`Otp::code_at`].
    pub fn code_at(&self, now: UnixMs) -> Result<Code, OtpError> {
        self.otp.code_at(&self.key(), now)
    }

    /// The secret and the PIN.
    pub fn key(&self) -> Key<'_> {
        // EXPOSE: the only place where an account's secret becomes a key.
        Key { secret: self.secret.expose(), pin: self.pin.as_ref().map_or(&[], Secret::expose) }
    }

    /// Whether every field is the same; the secrets are compared in constant time.
    pub fn is_same(&self, other: &Self) -> bool {
        let pin = match (&self.pin, &other.pin) {
            // EXPOSE: compares two accounts of one user in constant time.
            (Some(one), Some(two)) => one.ct_eq(two.expose()),
            (one, two) => one.is_none() && two.is_none(),
        };
        // EXPOSE: as above.
        let secret = self.secret.ct_eq(other.secret.expose());
        secret && pin && (&self.issuer, &self.name, self.otp) == (&other.issuer, &other.name, other.otp)
    }

    /// The account as borrowed parts.
    pub fn parts(&self) -> Parts<'_> {
        Parts {
            otp: self.otp,
            key: self.key(),
            issuer: self.issuer.as_bytes(),
            name: self.name.as_bytes(),
            notes: Notes::default(),
        }
    }
}

impl From<&Parts<'_>> for Account {
    fn from(parts: &Parts<'_>) -> Self {
        let pin = (!parts.key.pin.is_empty()).then(|| Secret::from(parts.key.pin));
        Self {
            issuer: String::from_utf8_lossy(parts.issuer).into_owned(),
            name: String::from_utf8_lossy(parts.name).into_owned(),
            otp: parts.otp,
            secret: Secret::from(parts.key.secret),
            pin,
        }
    }
}
