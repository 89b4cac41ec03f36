//! A request's target: the normalised path has no way out, and the gate's own paths are never taken for an app's.
#![no_main]

use gate::http::path::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(target) = Target::parse(text) else { return };
    let normal = target.normal();
    assert!(normal.starts_with(b"/"));
    let segments: Vec<_> = normal[1..].split(|byte| *byte == b'/').collect();
    let (last, folders) = segments.split_last().expect("one at least");
    assert!(folders.iter().all(|segment| !matches!(*segment, b"" | b"." | b"..")));
    assert!(!matches!(*last, b"." | b".."));
    assert!(normal.iter().all(|byte| *byte >= b' ' && *byte != 0x7f));
    assert!(target.internal_path().is_none() || target.may_be_internal());
    assert_eq!(target.raw.len() + target.query.map_or(0, |query| query.len() + 1), text.len());
});
