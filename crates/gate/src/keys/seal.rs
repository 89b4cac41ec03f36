//! Authenticated encryption of cookies, and keyed names of objects.

use base::{Moment, Secret};
use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// Shortest accepted key, in bytes.
pub const MIN_KEY_BYTES: usize = 32;

const KID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

base::codes! {
    /// Why a configured key cannot be used.
    pub enum KeyError {
        /// The key is missing.
        Missing = "KEY_MISSING",
        /// The key is shorter than 32 bytes.
        Short = "KEY_SHORT",
        /// There must be one key and no more: names made with another one would not be found again.
        Several = "KEY_SEVERAL",
        /// The key is neither base64 nor base64url.
        NotBase64 = "KEY_NOT_BASE64",
    }
}

/// The purpose of a sealed value; it opens for this purpose only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The session cookie.
    Session,
    /// A login in flight.
    Flight,
}

impl Purpose {
    const ALL: [Self; 2] = [Self::Session, Self::Flight];

    const fn label(self) -> &'static str {
        match self {
            Self::Session => "portcullis/session/v1",
            Self::Flight => "portcullis/flight/v1",
        }
    }
}

/// The site of a sealed value; it opens at this site only.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The site's id.
    pub tenant: &'a str,
    /// The site's public origin, scheme and port included.
    pub host: &'a str,
}

struct Key {
    kid: [u8; KID_BYTES],
    /// One cipher for each of [`Purpose::ALL`], so that no purpose shares a key.
    ciphers: [(Purpose, XChaCha20Poly1305); Purpose::ALL.len()],
}

/// The keys of `PORTCULLIS_KEYS`: the first seals, and all open.
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// Reads keys in base64 or base64url, newest first, separated by spaces or commas.
    ///
    /// # Errors
    /// No key, a short key, or an unreadable one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let keys = words(text).map(read_key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(KeyError::Missing);
        }
        Ok(Self(keys.iter().map(Key::new).collect()))
    }

    /// Seals a value: base64url of key id, nonce and ciphertext.
    pub fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        scope: Scope<'_>,
        value: &T,
        moment: &mut Moment,
    ) -> Option<String> {
        let key = self.0.first()?;
        let nonce: [u8; NONCE_BYTES] = moment.draw();
        let plain = serde_json::to_vec(value).ok()?;
        let aad = associated(purpose, scope);
        let sealed = key.cipher(purpose)?.encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).ok()?;
        let mut out = Vec::with_capacity(KID_BYTES + NONCE_BYTES + sealed.len());
        out.extend_from_slice(&key.kid);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Some(Base64UrlUnpadded::encode_string(&out))
    }

    /// Opens a value that was sealed for this purpose and site; `None` for anything else.
    pub fn open<T: DeserializeOwned>(&self, purpose: Purpose, scope: Scope<'_>, text: &str) -> Option<T> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (kid, rest) = bytes.split_first_chunk::<KID_BYTES>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let key = self.0.iter().find(|key| key.kid == *kid)?;
        let aad = associated(purpose, scope);
        let plain = key.cipher(purpose)?.decrypt(nonce.into(), Payload { msg: sealed, aad: &aad }).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

impl Key {
    fn new(master: &Secret) -> Self {
        let cipher = |purpose: Purpose| XChaCha20Poly1305::new(&mac(master, &[purpose.label().as_bytes()]).into());
        let id = mac(master, &[b"portcullis/key-id/v1"]);
        let mut kid = [0; KID_BYTES];
        for (to, from) in kid.iter_mut().zip(id) {
            *to = from;
        }
        Self { kid, ciphers: Purpose::ALL.map(|purpose| (purpose, cipher(purpose))) }
    }

    fn cipher(&self, purpose: Purpose) -> Option<&XChaCha20Poly1305> {
        self.ciphers.iter().find(|(known, _)| *known == purpose).map(|(_, cipher)| cipher)
    }
}

/// The name of a Durable Object, an HMAC of its ticket: neither leads to the other without the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ObjectName(String);

impl ObjectName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of `PORTCULLIS_ID_KEY`. It cannot rotate: with another key, every object has another name.
pub struct IdKey(Secret);

impl IdKey {
    /// # Errors
    /// No key, a short key, several keys, or an unreadable one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut words = words(text);
        match (words.next(), words.next()) {
            (None, _) => Err(KeyError::Missing),
            (Some(word), None) => read_key(word).map(Self),
            (Some(_), Some(_)) => Err(KeyError::Several),
        }
    }

    /// 48 bits of HMAC over a flight's random bits, by which a forged flight is detected without a store.
    pub fn flight_mark(&self, host: &str, random: &[u8]) -> [u8; 6] {
        let whole = mac(&self.0, &[b"portcullis/flight-mark/v1", host.as_bytes(), random]);
        let mut mark = [0; 6];
        for (to, from) in mark.iter_mut().zip(whole) {
            *to = from;
        }
        mark
    }

    /// The object that owns what comes of a flight of a site.
    pub fn login(&self, public: &str, flight: &str) -> ObjectName {
        let name = mac(&self.0, &[b"portcullis/login/v1", public.as_bytes(), flight.as_bytes()]);
        ObjectName(Base32Unpadded::encode_string(&name))
    }

    /// The name of this ticket of this CAS server: in the record of its login, and of the object that leads to that login.
    pub fn ticket(&self, server: &str, ticket: &str) -> ObjectName {
        let name = mac(&self.0, &[b"portcullis/ticket/v1", server.as_bytes(), ticket.as_bytes()]);
        ObjectName(Base32Unpadded::encode_string(&name))
    }
}

/// `PORTCULLIS_ORIGIN_SECRET`, from which each app's own value is made: what one app sees of it, in a log or on a debug
/// page, opens no other.
pub struct OriginKey(Secret);

impl OriginKey {
    /// The key of this secret.
    pub fn new(secret: &str) -> Self {
        Self(Secret::from(secret.as_bytes()))
    }

    /// What the gate sends to the app of this origin, as the policy writes it: 43 letters of base64url.
    pub fn value(&self, origin: &str) -> String {
        Base64UrlUnpadded::encode_string(&mac(&self.0, &[b"portcullis/origin/v1", origin.as_bytes()]))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', '\n', '\t', '\r']).filter(|word| !word.is_empty())
}

fn read_key(word: &str) -> Result<Secret, KeyError> {
    let url: String = word
        .trim_end_matches('=')
        .chars()
        .map(|c| {
            if c == '+' {
                '-'
            } else if c == '/' {
                '_'
            } else {
                c
            }
        })
        .collect();
    let bytes = Base64UrlUnpadded::decode_vec(&url).ok().ok_or(KeyError::NotBase64)?;
    if bytes.len() < MIN_KEY_BYTES { Err(KeyError::Short) } else { Ok(Secret::new(bytes)) }
}

/// Length-prefixes each part, so that two different lists never give the same bytes.
fn glue(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

fn associated(purpose: Purpose, scope: Scope<'_>) -> Vec<u8> {
    glue(&[purpose.label().as_bytes(), scope.tenant.as_bytes(), scope.host.as_bytes()])
}

fn mac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // EXPOSE: the key of the HMAC. Every length is valid, so `new_from_slice` cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else { return [0; 32] };
    mac.update(&glue(parts));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use base::UnixMs;
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;

    use super::*;

    fn keyring(bytes: &[u8]) -> Keyring {
        Keyring::parse(&bytes.iter().map(|b| BASE64URL_NOPAD.encode(&[*b; 32])).collect::<Vec<_>>().join(",")).unwrap()
    }

    fn moment() -> Moment {
        Moment::new(UnixMs::from_secs(1), [3; 32])
    }

    const HERE: Scope<'_> = Scope { tenant: "a", host: "https://a.example:13" };

    #[test]
    fn h06_opens_only_where_and_for_what_it_was_sealed() {
        let ring = keyring(&[1]);
        let sealed = ring.seal(Purpose::Session, HERE, &"ann", &mut moment()).unwrap();
        let open =
            |ring: &Keyring, purpose, tenant, host| ring.open::<String>(purpose, Scope { tenant, host }, &sealed);
        assert_eq!(open(&ring, Purpose::Session, "a", "https://a.example:13").as_deref(), Some("ann"));
        assert_eq!(open(&ring, Purpose::Flight, "a", "https://a.example:13"), None);
        assert_eq!(open(&ring, Purpose::Session, "b", "https://a.example:13"), None);
        assert_eq!(open(&ring, Purpose::Session, "a", "https://a.example:1"), None);
        assert_eq!(open(&ring, Purpose::Session, "ah", "ttps://a.example:13"), None, "parts are not glued");
        assert_eq!(open(&keyring(&[2]), Purpose::Session, "a", "https://a.example:13"), None, "another key");
        assert_eq!(
            open(&keyring(&[2, 1]), Purpose::Session, "a", "https://a.example:13").as_deref(),
            Some("ann"),
            "an old key"
        );
    }

    #[test]
    fn h06_every_purpose_has_a_cipher_of_its_own() {
        let ring = keyring(&[1]);
        for (at, purpose) in Purpose::ALL.into_iter().enumerate() {
            let sealed = ring.seal(purpose, HERE, &"ann", &mut moment()).unwrap();
            for (other_at, other) in Purpose::ALL.into_iter().enumerate() {
                assert_eq!(
                    ring.open::<String>(other, HERE, &sealed).is_some(),
                    at == other_at,
                    "{purpose:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn h06_every_flipped_bit_is_seen() {
        let ring = keyring(&[1]);
        let sealed = ring.seal(Purpose::Session, HERE, &"ann", &mut moment()).unwrap();
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(ring.open::<String>(Purpose::Session, HERE, &BASE64URL_NOPAD.encode(&forged)), None);
        }
    }

    #[test]
    fn keys_that_are_missing_short_or_unreadable_say_so() {
        assert_eq!(Keyring::parse(" ").err(), Some(KeyError::Missing));
        assert_eq!(Keyring::parse("c2hvcnQ").err(), Some(KeyError::Short));
        assert_eq!(Keyring::parse("!").err(), Some(KeyError::NotBase64));
        assert_eq!(IdKey::parse("").err(), Some(KeyError::Missing));
        let key = BASE64URL_NOPAD.encode(&[1; 32]);
        assert_eq!(IdKey::parse(&format!("{key},{key}")).err(), Some(KeyError::Several), "it never rotates");
        assert!(Keyring::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").is_ok());
    }

    #[test]
    fn names_depend_on_server_ticket_and_key() {
        let key = |b: u8| IdKey::parse(&BASE64URL_NOPAD.encode(&[b; 32])).unwrap();
        let name = key(1).ticket("cas", "ST-1");
        assert_eq!(name, key(1).ticket("cas", "ST-1"));
        for other in [key(1).ticket("cas", "ST-2"), key(1).ticket("casS", "T-1"), key(2).ticket("cas", "ST-1")] {
            assert_ne!(name, other);
        }
    }

    #[test]
    fn s13_the_mark_of_a_flight_depends_on_host_random_bits_and_key() {
        let key = |b: u8| IdKey::parse(&BASE64URL_NOPAD.encode(&[b; 32])).unwrap();
        let mark = key(1).flight_mark("a.example", &[1, 2]);
        assert_eq!(mark, key(1).flight_mark("a.example", &[1, 2]));
        for other in [
            key(1).flight_mark("b.example", &[1, 2]),
            key(1).flight_mark("a.example", &[1, 3]),
            key(1).flight_mark("a.exampl", &[b'e', 1, 2]),
            key(2).flight_mark("a.example", &[1, 2]),
        ] {
            assert_ne!(mark, other);
        }
    }

    #[test]
    fn h22_each_origin_has_a_value_of_its_own() {
        let value = OriginKey::new("secret").value("binding:APP");
        assert_eq!(value.len(), 43);
        assert_eq!(value, OriginKey::new("secret").value("binding:APP"));
        assert_ne!(value, OriginKey::new("secret").value("binding:OTHER"));
        assert_ne!(value, OriginKey::new("secret2").value("binding:APP"));
    }

    /// A new version must open what an old one has sealed, and find the objects that it has named.
    #[test]
    fn what_an_earlier_version_sealed_and_named_is_found() {
        let ring = keyring(&[1]);
        for (purpose, sealed) in [
            (Purpose::Session, "dbTXdDhVU6ojoksU2LvC3_YGJ39ETgSXl65-BD7vyQpt2MAApF_Xs8UdKjOVBwhXoQ"),
            (Purpose::Flight, "dbTXdDhVU6ojoksU2LvC3_YGJ39ETgSXl65-BFSQBZ8JlZUsKLd1O-bv9L_LMdtZnA"),
        ] {
            assert_eq!(ring.open::<String>(purpose, HERE, sealed).as_deref(), Some("ann"), "{purpose:?}");
        }
        let key = IdKey::parse(&BASE64URL_NOPAD.encode(&[1; 32])).unwrap();
        assert_eq!(
            key.login("https://a.example", "flight").as_str(),
            "outfmepdik5fj7c4nsxehjxovhohhcup47c6uk7n4v5zxceyi5wa"
        );
        assert_eq!(
            key.ticket("https://cas.example", "ST-1").as_str(),
            "k3mxyyfxgho3w6mfeqbi5oumkaj6uxd2fv5plb352klhuwmkie6q"
        );
        assert_eq!(BASE64URL_NOPAD.encode(&key.flight_mark("a.example", &[1])), "OwANu6ZZ");
        assert_eq!(OriginKey::new("secret").value("binding:APP"), "p3Mjo3wfGI11f26h02CVpySe_MYvnAIZ0M8hxkhGdws");
    }

    proptest! {
        #[test]
        fn sealing_is_a_round_trip(value: String, seed: [u8; 32]) {
            let ring = keyring(&[1]);
            let sealed = ring.seal(Purpose::Flight, HERE, &value, &mut Moment::new(UnixMs::from_secs(1), seed)).unwrap();
            prop_assert_eq!(ring.open::<String>(Purpose::Flight, HERE, &sealed), Some(value));
        }

        #[test]
        fn any_text_is_opened_or_refused(text: String) {
            prop_assert_eq!(keyring(&[1]).open::<String>(Purpose::Flight, HERE, &text), None);
        }
    }
}
