use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    authority::{is_authority, strip_prefix_any_case},
    percent,
};

base::codes! {
    /// Why a URL cannot be a service.
    pub enum ServiceError {
        /// The service must be an absolute http or https address.
        NotHttp = "CAS_SERVICE_NOT_HTTP",
        /// The service address has no host, or one that cannot be read.
        BadHost = "CAS_SERVICE_BAD_HOST",
        /// The service address contains a user name or password.
        Credentials = "CAS_SERVICE_CREDENTIALS",
        /// The service address may contain only printable ASCII without backslashes: encode other characters as %XX.
        BadCharacter { at: usize } = "CAS_SERVICE_BAD_CHARACTER",
        /// A percent sign in the service address is not followed by two hexadecimal digits.
        BadPercent = "CAS_SERVICE_BAD_PERCENT",
        /// The service address is longer than 2048 bytes.
        TooLong = "CAS_SERVICE_TOO_LONG",
    }
}

/// Longest service URL, in bytes: encoding may triple it, and servers accept 8 kB.
pub const MAX_SERVICE_BYTES: usize = 2048;

/// The service address of a ticket, byte for byte as sent at login, because the server compares it with the one sent at
/// validation (CAS 3.0 section 2.5.1). It is never rebuilt from an incoming request.
///
/// Only printable ASCII with well-formed percent signs: Apereo CAS answers other services without a `Location` header,
/// or never validates their tickets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceUrl(String);

impl ServiceUrl {
    /// Checks the address without changing it.
    ///
    /// # Errors
    /// [`ServiceError`] names the part that a CAS server cannot handle.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        if text.len() > MAX_SERVICE_BYTES {
            return Err(ServiceError::TooLong);
        }
        // A browser reads a backslash as a slash: the same bytes would name another address there.
        if let Some(at) = text.bytes().position(|b| !(0x21..=0x7e).contains(&b) || b == b'\\') {
            return Err(ServiceError::BadCharacter { at });
        }
        if !percent::is_well_formed(text) {
            return Err(ServiceError::BadPercent);
        }
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| strip_prefix_any_case(text, scheme))
            .ok_or(ServiceError::NotHttp)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(ServiceError::Credentials);
        }
        if !is_authority(authority) {
            return Err(ServiceError::BadHost);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address encoded once, as the value of a query parameter.
    pub fn encoded(&self) -> String {
        percent::encode(&self.0)
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ServiceUrl {
    type Error = ServiceError;
    fn try_from(text: String) -> Result<Self, ServiceError> {
        Self::parse(&text)
    }
}

impl From<ServiceUrl> for String {
    fn from(service: ServiceUrl) -> String {
        service.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn s04_decoding_the_encoded_service_gives_its_bytes(rest in "[!-~]{0,80}") {
            let text = format!("https://app.example.org/{}", rest.replace('\\', "/").replace('%', "%25"));
            let service = ServiceUrl::parse(&text).unwrap();
            let encoded = service.encoded();
            prop_assert_eq!(percent::decode(&encoded), Some(text.as_str().into()));
            prop_assert!(!encoded.contains(['&', '#', '+', ';', '=', '?']));
        }

        #[test]
        fn any_text_is_refused_or_kept(text: String) {
            if let Ok(service) = ServiceUrl::parse(&text) {
                prop_assert_eq!(service.as_str(), text);
            }
        }
    }
}
