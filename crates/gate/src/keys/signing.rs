//! Keys that sign assertions.

use serde::Deserialize;

/// The ES256 keys of `PORTCULLIS_SIGNING_KEYS`.
pub(crate) struct SigningKeys {
    pub(crate) kid: String,
    pub(crate) private: String,
    pub(crate) public: String,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    d: String,
    kid: String,
}

impl SigningKeys {
    /// Reads `current`, `current, previous`, or `next, current, previous`. The current key signs, all are published.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("The key is missing: a JSON list of ES256 private keys (JWK) with kid.".into());
        }
        let keys: Vec<Jwk> = serde_json::from_str(text)
            .map_err(|_| "is no JSON list of private ES256 keys (JWK) with kid".to_owned())?;
        // 32 bytes in base64url are 43 characters (RFC 7518 section 6.2.1.2).
        let coordinate = |text: &str| {
            text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let name = |text: &str| {
            !text.is_empty()
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
        };
        let good = |key: &Jwk| {
            key.kty == "EC"
                && key.crv == "P-256"
                && name(&key.kid)
                && [&key.x, &key.y, &key.d].iter().all(|part| coordinate(part))
        };
        if !keys.iter().all(good) {
            return Err("holds a key that is no private ES256 key (kty EC, crv P-256, x, y, d, kid)".into());
        }
        if keys.iter().enumerate().any(|(at, key)| keys.iter().take(at).any(|other| other.kid == key.kid)) {
            return Err("holds two keys with one kid, so nobody could tell which of them signed".into());
        }
        let signer = if keys.len() == 3 { keys.get(1) } else { keys.first() };
        let Some(signer) = signer.filter(|_| keys.len() <= 3) else {
            return Err("must hold one to three keys".into());
        };
        let public: Vec<_> = keys
            .iter()
            .map(|key| {
                format!(
                    r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","kid":"{}","use":"sig","alg":"ES256"}}"#,
                    key.x, key.y, key.kid
                )
            })
            .collect();
        Ok(Self {
            kid: signer.kid.clone(),
            private: format!(
                r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","d":"{}"}}"#,
                signer.x, signer.y, signer.d
            ),
            public: format!(r#"{{"keys":[{}]}}"#, public.join(",")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_have_two_names() {
        let part = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let key =
            |kid: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{part}","y":"{part}","d":"{part}","kid":"{kid}"}}"#);
        assert!(SigningKeys::parse(&format!("[{},{}]", key("a"), key("b"))).is_ok());
        assert!(SigningKeys::parse(&format!("[{},{}]", key("a"), key("a"))).is_err());
    }

    #[test]
    fn a_key_that_could_not_sign_or_break_out_of_its_json_is_refused() {
        let part = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let key = |kty: &str, crv: &str, [x, y, d]: [&str; 3], kid: &str| {
            let fields = [("kty", kty), ("crv", crv), ("x", x), ("y", y), ("d", d), ("kid", kid)];
            let map: serde_json::Map<_, _> =
                fields.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
            serde_json::Value::from(vec![map]).to_string()
        };
        let good = [part.as_str(); 3];
        assert!(SigningKeys::parse(&key("EC", "P-256", good, &"k".repeat(64))).is_ok());
        let (quote, long, short) = ("k\"", "k".repeat(65), &part[1..]);
        let plus = part.replace('B', "+");
        assert_ne!(plus, part);
        for (kty, crv, parts, kid) in [
            ("RSA", "P-256", good, "k"),
            ("EC", "P-384", good, "k"),
            ("EC", "P-256", good, ""),
            ("EC", "P-256", good, quote),
            ("EC", "P-256", good, "k\\"),
            ("EC", "P-256", good, "k k"),
            ("EC", "P-256", good, "k\n"),
            ("EC", "P-256", good, long.as_str()),
            ("EC", "P-256", [short, good[1], good[2]], "k"),
            ("EC", "P-256", [good[0], short, good[2]], "k"),
            ("EC", "P-256", [good[0], good[1], short], "k"),
            ("EC", "P-256", [plus.as_str(), good[1], good[2]], "k"),
        ] {
            assert!(SigningKeys::parse(&key(kty, crv, parts, kid)).is_err(), "{kty} {crv} {parts:?} {kid:?}");
        }
    }

    #[test]
    fn the_current_key_signs_and_all_are_published() {
        let part = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let key =
            |kid: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{part}","y":"{part}","d":"{part}","kid":"{kid}"}}"#);
        for (kids, signer) in [(&["a"][..], "a"), (&["a", "b"], "a"), (&["a", "b", "c"], "b")] {
            let keys =
                SigningKeys::parse(&format!("[{}]", kids.iter().map(|kid| key(kid)).collect::<Vec<_>>().join(",")));
            let keys = keys.unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(keys.kid, signer);
            assert!(kids.iter().all(|kid| keys.public.contains(&format!(r#""kid":"{kid}""#))));
            assert!(!keys.public.contains(r#""d""#));
        }
        assert!(SigningKeys::parse("[]").is_err());
        assert!(SigningKeys::parse(&format!("[{}]", ["a", "b", "c", "d"].map(key).join(","))).is_err());
    }
}
