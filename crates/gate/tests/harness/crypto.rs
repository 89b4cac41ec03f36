//! Answers the ask for a signature as WebCrypto does, by `RustCrypto`.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gate::factor::webauthn::{Verify, cose::Algorithm};
use p256::ecdsa::signature::Verifier;
use rsa::{BoxedUint, Pkcs1v15Sign, PublicKey};
use sha2::{Digest as _, Sha256};

/// Imports the key, and verifies the signature where there is one.
pub(crate) fn verify(ask: &Verify) -> bool {
    let jwk: serde_json::Value = serde_json::from_str(&ask.jwk).unwrap();
    let part = |name: &str| BASE64URL_NOPAD.decode(jwk.get(name).unwrap().as_str().unwrap().as_bytes()).unwrap();
    let signed = ask.signed.as_ref();
    match ask.algorithm {
        Algorithm::Es256 => {
            let point = [&[4][..], &part("x"), &part("y")].concat();
            let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point) else { return false };
            signed.is_none_or(|signed| {
                p256::ecdsa::Signature::from_slice(&signed.signature)
                    .is_ok_and(|signature| key.verify(&signed.message, &signature).is_ok())
            })
        }
        Algorithm::EdDsa => {
            let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(&part("x").try_into().unwrap()) else {
                return false;
            };
            signed.is_none_or(|signed| {
                ed25519_dalek::Signature::from_slice(&signed.signature)
                    .is_ok_and(|signature| key.verify(&signed.message, &signature).is_ok())
            })
        }
        Algorithm::Rs256 => {
            let [n, e] = ["n", "e"].map(|name| BoxedUint::from_be_slice_vartime(&part(name)));
            let Ok(key) = PublicKey::new(n, e) else { return false };
            // RFC 8017 section 9.2, note 1: SHA-256.
            let prefix = HEXLOWER.decode(b"3031300d060960864801650304020105000420").unwrap();
            let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: prefix.into_boxed_slice() };
            signed.is_none_or(|signed| key.verify(scheme, &Sha256::digest(&signed.message), &signed.signature).is_ok())
        }
    }
}
