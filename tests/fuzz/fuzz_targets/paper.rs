//! A sealed vault as text, and as the texts of QR codes: any lines, in any order.
#![no_main]

use backup::{Series, unarmour};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = unarmour(text);
    let mut series = Series::new();
    for line in text.lines() {
        let _ = series.add(line);
    }
    let whole = series.missing().is_empty();
    assert!(series.finish().is_err() || whole, "a vault with a part missing");
});
