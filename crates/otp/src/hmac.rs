use crate::hash::Hash;

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

/// HMAC of the counter, from the offset that its last four bits choose: eight bytes, the sign bit cleared. Their upper
/// half is dynamic truncation as in RFC 4226 section 5.3; Yandex uses all of them.
pub(crate) fn truncated(algorithm: Algorithm, key: &[u8], counter: u64) -> u64 {
    let mac = Hash::Of(algorithm).hmac(key, &counter.to_be_bytes());
    let last = match algorithm {
        Algorithm::Sha1 => mac[19],
        Algorithm::Sha256 => mac[31],
        Algorithm::Sha512 => mac[63],
    };
    // An offset is at most 15, so of 20 bytes at least four follow; zeros stand for what a short hash lacks.
    let bytes = mac.get(usize::from(last & 15)..).and_then(|mac| mac.first_chunk()).copied().unwrap_or_default();
    u64::from_be_bytes(bytes) & (u64::MAX >> 1)
}
