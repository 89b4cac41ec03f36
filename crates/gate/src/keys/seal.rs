//! Authenticated encryption of cookies, and keyed names of objects.

use base::{Moment, Secret};
use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use json::{FromJson, ToJson};
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
    /// Data at rest: secrets in a person's record.
    Rest,
    /// A site's request to the portal for a second factor.
    PortalRequest,
    /// The portal's answer.
    PortalAnswer,
    /// What a site remembers of its request, in a cookie.
    PortalCookie,
    /// An operator's invitation to enrol.
    Invitation,
    /// A form that waits for a sign-in.
    Form,
    /// The proof that a session came from the login for which a form was kept.
    FormLogin,
    /// The bearer of a machine client.
    Bearer,
}

impl Purpose {
    const ALL: [Self; 10] = [
        Self::Session,
        Self::Flight,
        Self::Rest,
        Self::PortalRequest,
        Self::PortalAnswer,
        Self::PortalCookie,
        Self::Invitation,
        Self::Form,
        Self::FormLogin,
        Self::Bearer,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Session => "portcullis/session/v1",
            Self::Flight => "portcullis/flight/v1",
            Self::Rest => "portcullis/rest/v1",
            Self::PortalRequest => "portcullis/portal-request/v1",
            Self::PortalAnswer => "portcullis/portal-answer/v1",
            Self::PortalCookie => "portcullis/portal-cookie/v1",
            Self::Invitation => "portcullis/invitation/v1",
            Self::Form => "portcullis/form/v1",
            Self::FormLogin => "portcullis/form-login/v1",
            Self::Bearer => "portcullis/bearer/v1",
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
    /// Whether it opens data at rest and nothing else: a leaked key whose cookies are refused, and whose seeds still open.
    rest_alone: bool,
    /// One cipher for each of [`Purpose::ALL`], so that no purpose shares a key.
    ciphers: [(Purpose, XChaCha20Poly1305); Purpose::ALL.len()],
}

/// The keys of `PORTCULLIS_KEYS`: the first seals, and all open.
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// Reads keys in base64 or base64url, newest first, separated by spaces or commas. A key written `rest:KEY` opens data
    /// at rest and nothing else.
    ///
    /// # Errors
    /// No key that seals, a short key, or an unreadable one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for word in words(text) {
            let (rest_alone, word) = word.strip_prefix("rest:").map_or((false, word), |word| (true, word));
            keys.push(Key { rest_alone, ..Key::new(&read_key(word)?) });
        }
        if keys.iter().all(|key| key.rest_alone) {
            return Err(KeyError::Missing);
        }
        Ok(Self(keys))
    }

    /// The id of the key that seals.
    pub fn kid(&self) -> Kid {
        self.first().map_or(Kid([0; KID_BYTES]), |key| Kid(key.kid))
    }

    /// Whether this key is there.
    pub fn has(&self, kid: &Kid) -> bool {
        self.0.iter().any(|key| key.kid == kid.0)
    }

    fn first(&self) -> Option<&Key> {
        self.0.iter().find(|key| !key.rest_alone)
    }

    /// Seals a value: base64url of key id, nonce and ciphertext.
    pub fn seal(&self, purpose: Purpose, scope: Scope<'_>, value: &dyn ToJson, moment: &mut Moment) -> Option<String> {
        let key = self.first()?;
        let nonce: [u8; NONCE_BYTES] = moment.draw();
        let plain = json::to_string(value);
        let aad = associated(purpose, scope);
        let sealed = key.cipher(purpose)?.encrypt(&nonce.into(), Payload { msg: plain.as_bytes(), aad: &aad }).ok()?;
        let mut out = Vec::with_capacity(KID_BYTES + NONCE_BYTES + sealed.len());
        out.extend_from_slice(&key.kid);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Some(Base64UrlUnpadded::encode_string(&out))
    }

    /// Opens a value that was sealed for this purpose and site; `None` for anything else.
    pub fn open<T: FromJson>(&self, purpose: Purpose, scope: Scope<'_>, text: &str) -> Option<T> {
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (kid, rest) = bytes.split_first_chunk::<KID_BYTES>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let key = self.0.iter().find(|key| key.kid == *kid && (!key.rest_alone || purpose == Purpose::Rest))?;
        let aad = associated(purpose, scope);
        let plain = key.cipher(purpose)?.decrypt(nonce.into(), Payload { msg: sealed, aad: &aad }).ok()?;
        json::from_str(core::str::from_utf8(&plain).ok()?).ok()
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
        Self { kid, rest_alone: false, ciphers: Purpose::ALL.map(|purpose| (purpose, cipher(purpose))) }
    }

    fn cipher(&self, purpose: Purpose) -> Option<&XChaCha20Poly1305> {
        self.ciphers.iter().find(|(known, _)| *known == purpose).map(|(_, cipher)| cipher)
    }
}

/// The id of a key of `PORTCULLIS_KEYS`. It leads to no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kid([u8; KID_BYTES]);

impl Kid {
    /// The key that a value was sealed under.
    pub fn of(sealed: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(sealed).ok()?;
        bytes.first_chunk::<KID_BYTES>().map(|kid| Self(*kid))
    }

    /// Six letters of base64url, as records and operators' pages show it.
    pub fn text(self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// Reads [`Kid::text`].
    pub fn parse(text: &str) -> Option<Self> {
        Base64UrlUnpadded::decode_vec(text).ok()?.try_into().ok().map(Self)
    }
}

/// The name of a Durable Object, an HMAC of its ticket: neither leads to the other without the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToJson, FromJson)]
pub struct ObjectName(String);

impl ObjectName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first four letters as a number of 20 bits. A name is the base32 of a hash, so each number is as likely.
    pub(crate) fn number(&self) -> u32 {
        self.0.bytes().take(4).fold(0, |number, letter| {
            let letter = match letter {
                b'a'..=b'z' => letter - b'a',
                digit => digit.saturating_sub(b'2') + 26,
            };
            number << 5 | u32::from(letter & 31)
        })
    }

    /// Reads a name as text.
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == 52 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
        good.then(|| Self(text.to_owned()))
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

    /// The object of a person: one account of one CAS server of one tenant. `user` is the canonical name.
    pub fn person(&self, tenant: &str, cas: &str, user: &str) -> ObjectName {
        let name = mac(&self.0, &[b"portcullis/person/v1", tenant.as_bytes(), cas.as_bytes(), user.as_bytes()]);
        ObjectName(Base32Unpadded::encode_string(&name))
    }

    /// The id of a person in the audit lines of one month (`2026-11`), 16 letters. Only the key's owner can find a person's lines.
    /// It changes each month, so that the log shows nobody's habits over a year. `cas` is the address of a site's own CAS server, where
    /// another person may have this name.
    pub fn audit(&self, month: &str, user: &str, cas: Option<&str>) -> String {
        let [month, user] = [month, user].map(str::as_bytes);
        let whole = match cas {
            None => mac(&self.0, &[b"portcullis/audit/v1", month, user]),
            Some(cas) => mac(&self.0, &[b"portcullis/audit/v1", month, user, cas.as_bytes()]),
        };
        Base64UrlUnpadded::encode_string(whole.get(..12).unwrap_or_default())
    }

    /// The token of a session's forms at a site, 24 letters: a form of another session is refused.
    pub fn form_token(&self, public: &str, sid: &str) -> String {
        let token = mac(&self.0, &[b"portcullis/form/v1", public.as_bytes(), sid.as_bytes()]);
        Base64UrlUnpadded::encode_string(token.get(..18).unwrap_or_default())
    }

    /// By which a changed key is told. It leads to no name.
    pub fn fingerprint(&self) -> String {
        let whole = mac(&self.0, &[b"portcullis/id-key/v1"]);
        Base64UrlUnpadded::encode_string(whole.get(..12).unwrap_or_default())
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
mod tests;
