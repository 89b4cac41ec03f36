//! Keys that sign assertions.

use base::UnixMs;
use json::FromJson;

/// The ES256 keys of `PORTCULLIS_SIGNING_KEYS`.
pub(crate) struct SigningKeys {
    /// In the order of the list.
    keys: Vec<SigningKey>,
    pub(crate) public: String,
}

/// A key that signs from its day on.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) private: String,
    from_secs: u64,
}

#[derive(FromJson)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    d: String,
    kid: String,
    from: Option<u64>,
}

impl SigningKeys {
    /// Reads one to three keys, of which all are published. Without `from` they are `current`, `current, previous`, or
    /// `next, current, previous`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("The key is missing: a JSON list of ES256 private keys (JWK) with kid.".into());
        }
        let keys: Vec<Jwk> =
            json::from_str(text).map_err(|_| "is no JSON list of private ES256 keys (JWK) with kid".to_owned())?;
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
        if !(1..=3).contains(&keys.len()) {
            return Err("must hold one to three keys".into());
        }
        // Without dates, the place in the list says which key signs: as if only that one had begun.
        let current = if keys.iter().any(|key| key.from.is_some()) { None } else { Some(usize::from(keys.len() == 3)) };
        let public: Vec<_> = keys
            .iter()
            .map(|key| {
                format!(
                    r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","kid":"{}","use":"sig","alg":"ES256"}}"#,
                    key.x, key.y, key.kid
                )
            })
            .collect();
        let public = format!(r#"{{"keys":[{}]}}"#, public.join(","));
        let keys = keys.into_iter().enumerate().map(|(at, key)| SigningKey {
            private: format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}","d":"{}"}}"#, key.x, key.y, key.d),
            kid: key.kid,
            from_secs: match current {
                Some(current) if at != current => u64::MAX,
                _ => key.from.unwrap_or(0),
            },
        });
        Ok(Self { keys: keys.collect(), public })
    }

    /// The key that signs: the newest that has begun. Before the first has begun, that one signs, because no other could.
    pub(crate) fn signer(&self, now: UnixMs) -> Option<&SigningKey> {
        let begun = self.keys.iter().rev().filter(|key| key.from_secs <= now.secs()).max_by_key(|key| key.from_secs);
        begun.or_else(|| self.keys.iter().min_by_key(|key| key.from_secs))
    }

    /// The private key of this name, as a JWK.
    pub(crate) fn private(&self, kid: &str) -> &str {
        self.keys.iter().find(|key| key.kid == kid).map_or("", |key| key.private.as_str())
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

    /// A gate that knows these keys, each with the time from which it signs.
    fn dated(keys: &[(&str, u64)]) -> SigningKeys {
        let part = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let keys: Vec<_> = keys
            .iter()
            .map(|(kid, from)| {
                format!(
                    r#"{{"kty":"EC","crv":"P-256","x":"{part}","y":"{part}","d":"{part}","kid":"{kid}","from":{from}}}"#
                )
            })
            .collect();
        SigningKeys::parse(&format!("[{}]", keys.join(","))).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn the_newest_key_that_has_begun_signs_whatever_the_order() {
        for keys in [[("a", 10), ("b", 20), ("c", 30)], [("c", 30), ("a", 10), ("b", 20)]] {
            for (now, signer) in
                [(9, "a"), (10, "a"), (19, "a"), (20, "b"), (29, "b"), (30, "c"), (u64::from(u32::MAX), "c")]
            {
                assert_eq!(dated(&keys).signer(UnixMs::from_secs(now)).unwrap().kid, signer, "{keys:?} at {now}");
            }
        }
    }

    /// The five steps of a rotation as `npm run keys -- rotate signing` makes them, each deployed over five minutes, with an
    /// app that keeps the public keys for 300 s. Two instances answer at every second: the new one, and the old one that a
    /// deployment has yet to replace.
    #[test]
    fn t10_no_assertion_is_refused_while_the_keys_rotate() {
        const DAY: u64 = 24 * 3600;
        const DEPLOYING: u64 = 300;
        const APP_KEEPS: u64 = 300;
        let b_from = 1000 + DAY;
        let c_from = 200_000 + DAY;
        let steps: [(u64, &[(&str, u64)]); 5] = [
            (0, &[("a", 0)]),
            (1000, &[("a", 0), ("b", b_from)]),
            (b_from + 3600, &[("b", b_from)]),
            (200_000, &[("b", b_from), ("c", c_from)]),
            (c_from + 3600, &[("c", c_from)]),
        ];
        // What runs at a time: the last step, and the one before while it is being deployed.
        let running = |now: u64| {
            let at = steps.iter().rposition(|(begun, _)| *begun <= now).unwrap();
            let old = (at > 0 && now < steps[at].0 + DEPLOYING).then(|| at - 1);
            [Some(at), old].into_iter().flatten()
        };
        let instances: Vec<SigningKeys> = steps.iter().map(|(_, keys)| dated(keys)).collect();
        let mut signers = std::collections::BTreeSet::new();
        for now in (0..c_from + 2 * 3600).step_by(7) {
            for signing in running(now) {
                let kid = &instances[signing].signer(UnixMs::from_secs(now)).unwrap().kid;
                signers.insert(kid.clone());
                // The app may have asked at any time before, and meets the assertion until it is over.
                for fetched in [now.saturating_sub(APP_KEEPS), now, now + APP_KEEPS] {
                    for publishing in running(fetched) {
                        assert!(
                            instances[publishing].public.contains(&format!(r#""kid":"{kid}""#)),
                            "signed by {kid} at {now}, keys of {fetched}"
                        );
                    }
                }
            }
        }
        assert_eq!(signers.into_iter().collect::<Vec<_>>(), ["a", "b", "c"], "each key has signed");
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
            assert_eq!(keys.signer(UnixMs::from_secs(1)).unwrap().kid, signer);
            assert!(kids.iter().all(|kid| keys.public.contains(&format!(r#""kid":"{kid}""#))));
            assert!(!keys.public.contains(r#""d""#));
        }
        assert!(SigningKeys::parse("[]").is_err());
        assert!(SigningKeys::parse(&format!("[{}]", ["a", "b", "c", "d"].map(key).join(","))).is_err());
    }
}
