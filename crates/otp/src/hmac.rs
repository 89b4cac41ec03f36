//! The only user of `hmac`, `sha1` and `sha2`.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The hash under the HMAC of a code (RFC 6238 section 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA-1, what an address means that names none.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// HMAC of the counter, truncated to 31 bits (RFC 4226 section 5.3, steps 1 and 2).
pub(crate) fn truncated(algorithm: Algorithm, key: &[u8], counter: u64) -> u32 {
    let message = counter.to_be_bytes();
    match algorithm {
        Algorithm::Sha1 => dynamic(&mac::<Hmac<Sha1>>(key, &message)),
        Algorithm::Sha256 => dynamic(&mac::<Hmac<Sha256>>(key, &message)),
        Algorithm::Sha512 => dynamic(&mac::<Hmac<Sha512>>(key, &message)),
    }
}

/// HMAC-SHA-256 of the counter, from the offset that dynamic truncation chooses: eight bytes, the sign bit cleared.
pub(crate) fn truncated_to_63_bits(key: &[u8], counter: u64) -> u64 {
    let mac = mac::<Hmac<Sha256>>(key, &counter.to_be_bytes());
    let at = offset(&mac);
    let bytes = mac.get(at..).and_then(|m| m.first_chunk()).copied().unwrap_or([0; 8]);
    u64::from_be_bytes(bytes) & 0x7fff_ffff_ffff_ffff
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> hmac::digest::Output<M> {
    match M::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes()
        }
        // HMAC takes keys of any length.
        Err(_) => Default::default(),
    }
}

fn offset(mac: &[u8]) -> usize {
    usize::from(mac.last().copied().unwrap_or(0) & 0x0f)
}

fn dynamic(mac: &[u8]) -> u32 {
    let bytes = mac.get(offset(mac)..).and_then(|m| m.first_chunk()).copied().unwrap_or([0; 4]);
    u32::from_be_bytes(bytes) & 0x7fff_ffff
}
