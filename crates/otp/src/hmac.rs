#[cfg(feature = "alloc")]
use hmac::{Hmac, KeyInit, Mac};

#[cfg(not(feature = "alloc"))]
use crate::hash::Hash;
use crate::{
    Algorithm,
    hash::{Output, swapped},
};

/// Dynamic truncation of the HMAC of the counter, but eight bytes instead of four, the sign bit cleared. The upper half
/// is the value of RFC 4226 section 5.3; Yandex uses all 63 bits.
pub(crate) fn truncated(algorithm: Algorithm, key: &[u8], counter: u64) -> u64 {
    let mut mac = [0; 64];
    hmac(algorithm, key, counter, &mut mac);
    let last = match algorithm {
        Algorithm::Sha1 => mac[19],
        Algorithm::Sha256 => mac[31],
        Algorithm::Sha512 => mac[63],
    };
    // The offset is at most 15. `mac` has 64 bytes, so eight always follow; for SHA-1 the lower four may be zero
    // padding.
    let bytes = mac.get(usize::from(last & 15)..).and_then(|mac| mac.first_chunk()).copied().unwrap_or_default();
    swapped(u64::from_le_bytes(bytes)) & (u64::MAX >> 1)
}

/// The `hmac` crate, where an allocator exists and size matters less.
#[cfg(feature = "alloc")]
fn hmac(algorithm: Algorithm, key: &[u8], counter: u64, out: &mut Output) {
    let message = counter.to_be_bytes();
    match algorithm {
        Algorithm::Sha1 => by_crate::<Hmac<sha1::Sha1>>(key, &message, out),
        Algorithm::Sha256 => by_crate::<Hmac<sha2::Sha256>>(key, &message, out),
        Algorithm::Sha512 => by_crate::<Hmac<sha2::Sha512>>(key, &message, out),
    }
}

#[cfg(feature = "alloc")]
fn by_crate<M: Mac + KeyInit>(key: &[u8], message: &[u8], out: &mut Output) {
    // HMAC accepts keys of any length, so this never fails.
    if let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) {
        mac.update(message);
        out.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    }
}

/// The smallest WebAssembly entry does without the `hmac` crate; the README has the sizes.
#[cfg(not(feature = "alloc"))]
fn hmac(algorithm: Algorithm, key: &[u8], counter: u64, out: &mut Output) {
    Hash::Of(algorithm).hmac(key, counter, out);
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use proptest::prelude::*;

    use super::{Algorithm, hmac};
    use crate::hash::Hash;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

        #[test]
        fn own_hmac_agrees_with_the_crate(key in prop::collection::vec(any::<u8>(), 0..300), counter: u64) {
            for (algorithm, len) in [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)] {
                let (mut one, mut other) = ([0; 64], [0; 64]);
                hmac(algorithm, &key, counter, &mut one);
                Hash::Of(algorithm).hmac(&key, counter, &mut other);
                prop_assert_eq!(&one[..len], &other[..len]);
            }
        }
    }
}
