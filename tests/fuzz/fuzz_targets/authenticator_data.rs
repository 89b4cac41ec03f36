//! Authenticator data, and the key in it: the key that is kept reads again as the same one.
#![no_main]

use gate::factor::webauthn::{authenticator_data::AuthenticatorData, cose::PublicKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(data) = AuthenticatorData::read(bytes) else { return };
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert!(AuthenticatorData::read(&longer).is_err());
    if let Some(attested) = data.attested {
        let (key, rest) = PublicKey::read(attested.key_bytes).expect("the same key");
        assert!(key == attested.key && rest.is_empty());
        assert!(!attested.id.is_empty() && key.jwk().starts_with('{'));
    }
});
