//! Canonical CBOR: what is passed over is the same again, and a prefix of it never is.
#![no_main]

use gate::factor::webauthn::cbor::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(bytes);
    if reader.skip().is_err() {
        return;
    }
    let item = &bytes[..bytes.len() - reader.rest().len()];
    let mut again = Reader::new(item);
    again.skip().expect("the same item");
    assert!(again.rest().is_empty());
    assert!(Reader::new(&item[..item.len() - 1]).skip().is_err());
});
