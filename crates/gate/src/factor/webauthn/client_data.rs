//! The client data (Level 3 section 5.8.1): what the browser says of the ceremony, in JSON.

use base::Secret;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, Ignored, JsonError, Reader};

use super::PasskeyError;

/// Longest client data. Browsers send some hundred bytes; Chromium adds a sentence at times.
const MAX_BYTES: usize = 8192;

/// The ceremony that the client data must name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A registration.
    Create,
    /// An assertion.
    Get,
}

impl Type {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// A known member that stands twice is refused by the derived reader; unknown ones are passed over.
#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    /// Whether the member is there, whatever its value.
    #[serde(default)]
    top_origin: Present,
}

/// Whether the member is there, whatever it is.
#[derive(Default)]
struct Present(bool);

impl FromJson for Present {
    fn blank() -> Self {
        Self(false)
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), JsonError> {
        self.0 = true;
        Ignored.read(from)
    }
}

/// Judges client data (Level 3 sections 7.1 and 7.2, steps on C).
///
/// # Errors
/// Unreadable client data, or the first member that is wrong.
pub fn judge(bytes: &[u8], wanted: Type, challenge: &[u8], origin: &str) -> Result<(), PasskeyError> {
    // A derived reader takes an array for an object.
    let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
    if bytes.len() > MAX_BYTES || !is_object {
        return Err(PasskeyError::ClientData);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| PasskeyError::ClientData)?;
    let data: ClientData = json::from_str(text).map_err(|_| PasskeyError::ClientData)?;
    if data.r#type != wanted.word() {
        return Err(PasskeyError::Type);
    }
    let expected = Secret::new(Base64UrlUnpadded::encode_string(challenge).into_bytes());
    if challenge.is_empty() || !expected.ct_eq(data.challenge.as_bytes()) {
        return Err(PasskeyError::Challenge);
    }
    if data.origin != origin {
        return Err(PasskeyError::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.0 {
        return Err(PasskeyError::CrossOrigin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://portal.example.org";

    #[test]
    fn client_data_is_judged_member_by_member() {
        for (text, want) in [
            (r#"{"type":"webauthn.get","challenge":"AQI","origin":"https://portal.example.org"}"#, Ok(())),
            (
                r#" {"other":[1],"type":"webauthn.get","challenge":"AQI","origin":"https://portal.example.org","crossOrigin":false}"#,
                Ok(()),
            ),
            (r#"["webauthn.get","AQI","https://portal.example.org",false]"#, Err(PasskeyError::ClientData)),
            (
                r#"{"type":"webauthn.get","challenge":"AQI","origin":"https://evil.example","origin":"https://portal.example.org"}"#,
                Err(PasskeyError::ClientData),
            ),
            (
                r#"{"type":"webauthn.get","challenge":"AQI","\u006frigin":"https://evil.example","origin":"https://portal.example.org"}"#,
                Err(PasskeyError::ClientData),
            ),
            (r#"{"type":"webauthn.get","challenge":"AQI"}"#, Err(PasskeyError::ClientData)),
            (
                r#"{"type":"webauthn.get","challenge":"AQI=","origin":"https://portal.example.org"}"#,
                Err(PasskeyError::Challenge),
            ),
            (
                r#"{"type":"webauthn.get","challenge":"AQJ","origin":"https://portal.example.org"}"#,
                Err(PasskeyError::Challenge),
            ),
            (
                r#"{"type":"webauthn.get","challenge":"AQI","origin":"https://portal.example.org","topOrigin":null}"#,
                Err(PasskeyError::CrossOrigin),
            ),
            (
                r#"{"type":"webauthn.get","challenge":"AQI","origin":"https://portal.example.org","crossOrigin":"no"}"#,
                Err(PasskeyError::ClientData),
            ),
            ("", Err(PasskeyError::ClientData)),
        ] {
            assert_eq!(judge(text.as_bytes(), Type::Get, &[1, 2], ORIGIN), want, "{text}");
        }
        let text = r#"{"type":"webauthn.get","challenge":"AQI","origin":"https://portal.example.org"}"#;
        for (len, want) in [(MAX_BYTES, Ok(())), (MAX_BYTES + 1, Err(PasskeyError::ClientData))] {
            assert_eq!(judge(format!("{text:len$}").as_bytes(), Type::Get, &[1, 2], ORIGIN), want, "{len} bytes");
        }
        assert_eq!(
            judge(
                br#"{"type":"webauthn.get","challenge":"","origin":"https://portal.example.org"}"#,
                Type::Get,
                &[],
                ORIGIN
            ),
            Err(PasskeyError::Challenge),
            "no challenge is never met"
        );
    }

    #[test]
    fn f38_only_the_one_origin_is_accepted() {
        for other in [
            "https://wiki.example.org",
            "https://portal.example.org/",
            "https://portal.example.org:8443",
            "http://portal.example.org",
            "null",
        ] {
            let text = format!(r#"{{"type":"webauthn.create","challenge":"AQI","origin":"{other}"}}"#);
            assert_eq!(judge(text.as_bytes(), Type::Create, &[1, 2], ORIGIN), Err(PasskeyError::Origin), "{other}");
        }
    }
}
