//! Secrets at rest in a person's record.

use base::{Moment, Secret};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, ToJson};

use crate::keys::seal::{Keyring, Kid, ObjectName, Purpose, Scope};

/// The place of a secret. It is part of the associated data, so that a secret cannot be moved to another person.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The keys.
    pub keys: &'a Keyring,
    /// The tenant's id.
    pub tenant: &'a str,
    /// The person's object.
    pub object: &'a ObjectName,
}

/// No key opens the secret. It must not be reported as a wrong code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUnreadable {
    /// The id of the key that it was sealed under.
    pub kid: String,
    /// Whether that key is there; then the text itself is broken.
    pub key_is_there: bool,
}

/// A secret, sealed.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Seals a secret of this enrolment (or of another named part of the record).
    pub fn seal(secret: &Secret, place: Place<'_>, part: &str, moment: &mut Moment) -> Option<Self> {
        let scope = scope(place, part);
        // EXPOSE: into the cipher.
        let text = Base64UrlUnpadded::encode_string(secret.expose());
        place.keys.seal(Purpose::Rest, Scope { tenant: place.tenant, host: &scope }, &text, moment).map(Self)
    }

    /// Opens it.
    ///
    /// # Errors
    /// The key that is missing.
    pub fn open(&self, place: Place<'_>, part: &str) -> Result<Secret, SecretUnreadable> {
        let scope = scope(place, part);
        let text: Option<String> =
            place.keys.open(Purpose::Rest, Scope { tenant: place.tenant, host: &scope }, &self.0);
        text.and_then(|text| Base64UrlUnpadded::decode_vec(&text).ok()).map(Secret::new).ok_or_else(|| {
            let kid = Kid::of(&self.0);
            SecretUnreadable {
                kid: kid.map(Kid::text).unwrap_or_default(),
                key_is_there: kid.is_some_and(|kid| place.keys.has(&kid)),
            }
        })
    }

    /// The id of its key.
    pub fn kid(&self) -> Option<Kid> {
        Kid::of(&self.0)
    }
}

/// Names of objects are base32, so the slash is unambiguous.
fn scope(place: Place<'_>, part: &str) -> String {
    format!("{}/{part}", place.object.as_str())
}
