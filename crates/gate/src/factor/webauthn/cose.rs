//! Public keys in COSE (RFC 9052 section 7, RFC 9053, RFC 8230), and the same as JSON Web Keys for WebCrypto.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, ToJson};

use super::{
    PasskeyError,
    cbor::{NotCbor, Reader},
};

/// The offered signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// All, the preferred one first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The number in the registry of COSE.
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The name in WebCrypto.
    pub const fn web_crypto_name(self) -> &'static str {
        match self {
            Self::Es256 => "ECDSA",
            Self::EdDsa => "Ed25519",
            Self::Rs256 => "RSASSA-PKCS1-v1_5",
        }
    }
}

/// A public key whose parts have the lengths that its algorithm asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKey<'a> {
    /// A point of P-256. Whether it is on the curve is found at the import.
    P256 {
        /// First coordinate.
        x: &'a [u8; 32],
        /// Second coordinate.
        y: &'a [u8; 32],
    },
    /// A point of edwards25519.
    Ed25519(&'a [u8; 32]),
    /// An RSA key of 2048 to 4096 bits.
    Rsa {
        /// Modulus, without leading zeros.
        n: &'a [u8],
        /// Exponent, without leading zeros.
        e: &'a [u8],
    },
}

/// The labels in use, one slot each.
#[derive(Default)]
struct Labels<'a> {
    kty: Option<i64>,
    alg: Option<i64>,
    curve: Option<i64>,
    /// -1 of RSA, -2 and -3.
    bytes: [Option<&'a [u8]>; 3],
}

impl<'a> PublicKey<'a> {
    /// Reads a key, and returns what follows it.
    ///
    /// # Errors
    /// CBOR that is not canonical, an algorithm that is not offered, or a key that does not fit its algorithm.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), PasskeyError> {
        let mut reader = Reader::new(bytes);
        let labels = Labels::read(&mut reader)?;
        let known = |alg: &Algorithm| Some(alg.number()) == labels.alg;
        let algorithm = Algorithm::ALL.iter().find(|alg| known(alg)).ok_or(PasskeyError::Algorithm)?;
        let key = labels.key(*algorithm).ok_or(PasskeyError::Key)?;
        Ok((key, reader.rest()))
    }

    /// Its algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256 { .. } => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// As a JSON Web Key (RFC 7518 section 6, RFC 8037 section 2).
    pub fn jwk(&self) -> String {
        let text = Base64UrlUnpadded::encode_string;
        match self {
            Self::P256 { x, y } => {
                format!(r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#, text(*x), text(*y))
            }
            Self::Ed25519(x) => format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, text(*x)),
            Self::Rsa { n, e } => format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, text(n), text(e)),
        }
    }

    /// The signature as WebCrypto takes it; `None` for one that no key of this kind makes.
    pub fn signature(&self, sent: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::P256 { .. } => super::der::signature(sent).map(Vec::from),
            Self::Ed25519(_) => (sent.len() == 64).then(|| sent.to_vec()),
            Self::Rsa { n, .. } => (sent.len() == n.len()).then(|| sent.to_vec()),
        }
    }
}

impl<'a> Labels<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, PasskeyError> {
        let mut labels = Self::default();
        let cbor = |NotCbor| PasskeyError::Cbor;
        for _ in 0..reader.map().map_err(cbor)? {
            let label = reader.int().map_err(cbor)?;
            let twice = match label {
                1 => labels.kty.replace(reader.int().map_err(cbor)?).is_some(),
                3 => labels.alg.replace(reader.int().map_err(cbor)?).is_some(),
                // The curve, or the modulus of RSA.
                -1 => match (reader.rest().first().map(|byte| byte >> 5), &mut labels) {
                    (Some(2), Self { bytes: [slot, ..], .. }) => slot.replace(reader.bytes().map_err(cbor)?).is_some(),
                    (_, Self { curve, .. }) => curve.replace(reader.int().map_err(cbor)?).is_some(),
                },
                -2 => labels.bytes[1].replace(reader.bytes().map_err(cbor)?).is_some(),
                -3 => labels.bytes[2].replace(reader.bytes().map_err(cbor)?).is_some(),
                // CTAP 2.1 section 6.5.6 allows no others.
                _ => return Err(PasskeyError::Key),
            };
            if twice {
                return Err(PasskeyError::Key);
            }
        }
        Ok(labels)
    }

    fn key(&self, algorithm: Algorithm) -> Option<PublicKey<'a>> {
        match (algorithm, self.kty?, self.curve, self.bytes) {
            (Algorithm::Es256, 2, Some(1), [None, Some(x), Some(y)]) => {
                Some(PublicKey::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
            }
            (Algorithm::EdDsa, 1, Some(6), [None, Some(x), None]) => Some(PublicKey::Ed25519(x.try_into().ok()?)),
            (Algorithm::Rs256, 3, None, [Some(n), Some(e), None]) => rsa(n, e),
            _ => None,
        }
    }
}

fn rsa<'a>(n: &'a [u8], e: &'a [u8]) -> Option<PublicKey<'a>> {
    let (first, last) = (*n.first()?, *n.last()?);
    // A modulus of 256 bytes has 2048 bits only if its first bit is set.
    let long_enough = n.len() > 256 && first != 0 || n.len() == 256 && first >= 0x80;
    let exponent = e.first().is_some_and(|byte| *byte != 0) && e.last().is_some_and(|byte| byte & 1 == 1) && e != [1];
    (long_enough && n.len() <= 512 && last & 1 == 1 && exponent && e.len() <= 4).then_some(PublicKey::Rsa { n, e })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Algorithm, PasskeyError> {
        PublicKey::read(bytes).map(|(key, _)| key.algorithm())
    }

    #[test]
    fn a_key_fits_its_algorithm() {
        let coordinate = |label: u8| [&[label, 0x58, 32][..], &[7; 32]].concat();
        let p256 = |kty: u8, curve: u8| {
            [&[0xa5, 0x01, kty, 0x03, 0x26, 0x20, curve][..], &coordinate(0x21), &coordinate(0x22)].concat()
        };
        let modulus = |len: u16, first: u8, last: u8| {
            let head = [&[0xa4, 0x01, 3, 0x03, 0x39, 1, 0, 0x20, 0x59][..], &len.to_be_bytes()].concat();
            let mut n = vec![7_u8; usize::from(len)];
            (n[0], n[usize::from(len) - 1]) = (first, last);
            [&head[..], &n, &[0x21, 0x43, 1, 0, 1]].concat()
        };
        // The last member of that map, with its length.
        let exponent = |member: &[u8]| {
            let whole = modulus(256, 0x80, 1);
            [&whole[..whole.len() - 4], member].concat()
        };
        let compressed = [&[0xa5, 0x01, 2, 0x03, 0x26, 0x20, 1][..], &coordinate(0x21), &[0x22, 0xf5]].concat();
        for (bytes, want) in [
            (p256(2, 1), Ok(Algorithm::Es256)),
            (p256(1, 1), Err(PasskeyError::Key)),
            (p256(2, 6), Err(PasskeyError::Key)),
            ([&[0xa4, 0x01, 1, 0x03, 0x27, 0x20, 6][..], &coordinate(0x21)].concat(), Ok(Algorithm::EdDsa)),
            ([&[0xa4, 0x01, 1, 0x03, 0x2e, 0x20, 6][..], &coordinate(0x21)].concat(), Err(PasskeyError::Algorithm)),
            (compressed, Err(PasskeyError::Cbor)),
            (modulus(256, 0x80, 1), Ok(Algorithm::Rs256)),
            (modulus(256, 0x7f, 1), Err(PasskeyError::Key)),
            (modulus(257, 0, 1), Err(PasskeyError::Key)),
            (modulus(512, 1, 1), Ok(Algorithm::Rs256)),
            (modulus(513, 1, 1), Err(PasskeyError::Key)),
            (modulus(256, 0x80, 2), Err(PasskeyError::Key)),
            (exponent(&[0x41, 3]), Ok(Algorithm::Rs256)),
            (exponent(&[0x44, 1, 0, 0, 1]), Ok(Algorithm::Rs256)),
            (exponent(&[0x40]), Err(PasskeyError::Key)),
            (exponent(&[0x41, 1]), Err(PasskeyError::Key)),
            (exponent(&[0x43, 1, 0, 2]), Err(PasskeyError::Key)),
            (exponent(&[0x43, 0, 1, 1]), Err(PasskeyError::Key)),
            (exponent(&[0x45, 1, 0, 0, 0, 1]), Err(PasskeyError::Key)),
            (vec![0xa1, 0x02, 0x41, 0], Err(PasskeyError::Key)),
            (vec![0xa2, 0x03, 0x26, 0x03, 0x26], Err(PasskeyError::Key)),
            (vec![0xa0], Err(PasskeyError::Algorithm)),
        ] {
            assert_eq!(read(&bytes), want, "{:x?}", &bytes[..bytes.len().min(12)]);
        }
    }
}
