//! A secret as text, in Base32 and in hex: what is decoded and encoded again decodes to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::base32::{LENIENT, decode_hex_in_place, decode_in_place, encode, encode_hex};

fuzz_target!(|bytes: &[u8]| {
    let mut out = vec![0; 2 * bytes.len() + 8];
    let mut text = bytes.to_vec();
    if let Ok(secret) = decode_in_place(&mut text, &LENIENT) {
        let secret = secret.to_vec();
        let len = encode(&secret, &mut out).expect("room");
        assert_eq!(decode_in_place(&mut out[..len], &LENIENT).expect("canonical"), secret);
    }
    let mut text = bytes.to_vec();
    if let Ok(secret) = decode_hex_in_place(&mut text) {
        let secret = secret.to_vec();
        let len = encode_hex(&secret, &mut out).expect("room");
        assert_eq!(decode_hex_in_place(&mut out[..len]).expect("canonical"), secret);
    }
});
