//! Reads an `otpauth` link and writes it; reading and writing that text again gives the same text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::{uri, wire};

fuzz_target!(|bytes: &[u8]| {
    let (mut scratch, mut first, mut second) = ([0; uri::MAX_SCRATCH], [0; uri::MAX_URI], [0; uri::MAX_URI]);
    let Ok(parts) = uri::read(bytes, &mut scratch) else { return };
    // Escaping can make a name too long for a link.
    let Ok(len) = uri::write(&parts, &mut first) else { return };
    let written = &first[..len];
    let mut scratch = [0; uri::MAX_SCRATCH];
    let read_back = uri::read(written, &mut scratch).expect("our own link is readable");
    let len = uri::write(&read_back, &mut second).expect("a link");
    assert_eq!(written, &second[..len]);

    let (mut scratch, mut record) = ([0; uri::MAX_SCRATCH], [0; 2 * uri::MAX_URI]);
    let len = wire::parse(written, &mut scratch, &mut record).expect("a record");
    let len = wire::format(&mut record[..len], &mut first).expect("a link");
    assert_eq!(&first[..len], &second[..len]);
});
