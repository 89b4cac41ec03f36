use base::Secret;
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, KeyInit, Payload},
};

/// 24 bytes, drawn at random for every sealing (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03).
pub(crate) type Nonce = [u8; 24];

/// Cipher text and tag. `aad` names the purpose and version first, so that one sealed thing never passes for another.
pub(crate) fn seal(key: &[u8; 32], nonce: &Nonce, aad: &[&[u8]], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: &aad.concat() };
    // Fails only above 256 GiB, which `envelope` refuses long before; an empty answer is then refused by its length.
    XChaCha20Poly1305::new(key.into()).encrypt(nonce.into(), payload).unwrap_or_default()
}

/// The plain text, if the tag is right.
pub(crate) fn open(key: &[u8; 32], nonce: &Nonce, aad: &[&[u8]], sealed: &[u8]) -> Option<Secret> {
    let payload = Payload { msg: sealed, aad: &aad.concat() };
    XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), payload).ok().map(Secret::new)
}
