//! An address: what is read is written, and what is written is read to the same address again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use otp::{uri, wire};

fuzz_target!(|bytes: &[u8]| {
    let (mut scratch, mut first, mut second) = ([0; uri::MAX_SCRATCH], [0; uri::MAX_URI], [0; uri::MAX_URI]);
    let Ok(parts) = uri::read(bytes, &mut scratch) else { return };
    // A name of letters that must all be escaped may grow beyond what an address can hold.
    let Ok(len) = uri::write(&parts, &mut first) else { return };
    let written = &first[..len];
    let mut scratch = [0; uri::MAX_SCRATCH];
    let again = uri::read(written, &mut scratch).expect("what is written is read");
    let len = uri::write(&again, &mut second).expect("and written");
    assert_eq!(written, &second[..len]);

    let (mut scratch, mut record) = ([0; uri::MAX_SCRATCH], [0; 2 * uri::MAX_URI]);
    let len = wire::parse(written, &mut scratch, &mut record).expect("a record");
    let len = wire::format(&mut record[..len], &mut first).expect("an address");
    assert_eq!(&first[..len], &second[..len]);
});
