//! A cookie of the gate, changed: it opens as what it was or not at all. The input is laid over a good one, byte by byte.
#![no_main]

use std::sync::LazyLock;

use base::{Moment, UnixMs};
use gate::keys::seal::{Keyring, Purpose, Scope};
use libfuzzer_sys::fuzz_target;

const SCOPE: Scope<'static> = Scope { tenant: "app", host: "https://app.example.org" };
static KEYS: LazyLock<Keyring> = LazyLock::new(|| Keyring::parse(&"A".repeat(43)).expect("a key"));
static GOOD: LazyLock<String> = LazyLock::new(|| {
    let mut moment = Moment::new(UnixMs::from_secs(1_795_447_980), [7; 32]);
    KEYS.seal(Purpose::Session, SCOPE, &"ann", &mut moment).expect("sealed")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        assert!(text == *GOOD || KEYS.open::<String>(Purpose::Session, SCOPE, text).is_none());
    }
    let mixed: Vec<u8> = GOOD.bytes().zip(bytes.iter().chain(std::iter::repeat(&0))).map(|(a, b)| a ^ b).collect();
    let Ok(mixed) = String::from_utf8(mixed) else { return };
    for purpose in [Purpose::Session, Purpose::Flight, Purpose::Rest, Purpose::Form, Purpose::Bearer] {
        let opened = KEYS.open::<String>(purpose, SCOPE, &mixed);
        assert_eq!(opened.is_some(), purpose == Purpose::Session && mixed == *GOOD, "{mixed}");
    }
});
