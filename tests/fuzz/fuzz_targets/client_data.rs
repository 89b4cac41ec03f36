//! Client data: what is taken is an object that holds the challenge and the origin.
#![no_main]

use gate::factor::webauthn::client_data::{Type, judge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for wanted in [Type::Create, Type::Get] {
        if judge(bytes, wanted, &[1, 2], "https://a.example").is_ok() {
            assert!(judge(bytes, wanted, &[1, 3], "https://a.example").is_err());
            assert!(judge(bytes, wanted, &[1, 2], "https://b.example").is_err());
            assert!(bytes.starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"{"));
        }
    }
});
