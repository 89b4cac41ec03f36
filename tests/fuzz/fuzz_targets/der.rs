//! A signature in DER: one pair of numbers has one form.
#![no_main]

use gate::factor::webauthn::der::signature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(numbers) = signature(bytes) else { return };
    let (r, s) = numbers.split_at(32);
    let number = |digits: &[u8]| {
        let start = digits.iter().position(|byte| *byte != 0).expect("not zero");
        let mut digits = digits[start..].to_vec();
        if digits[0] >= 0x80 {
            digits.insert(0, 0);
        }
        [&[2, u8::try_from(digits.len()).expect("short")][..], &digits].concat()
    };
    let body = [number(r), number(s)].concat();
    assert_eq!([&[0x30, u8::try_from(body.len()).expect("short")][..], &body].concat(), bytes);
});
