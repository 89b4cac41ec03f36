//! What the adapter holds of an open connection: it reads again as the same, and its steps end.
#![no_main]

use base::UnixMs;
use gate::forward::watch::{Watch, WatchStep};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(watch) = Watch::decode(text) else { return };
    assert!(Watch::decode(&watch.encode()) == Some(watch.clone()));
    for (opened, now) in [(0, 0), (1_795_447_980, 1_795_447_981), (1_795_447_980, 0), (0, u64::MAX / 1000)] {
        match watch.step(UnixMs::from_secs(opened), UnixMs::from_secs(now)) {
            WatchStep::Wait(millis) => assert!(millis > 0 && millis <= 3_600_000, "a wait that a timer takes"),
            step => assert!(!step.encode().contains('\n')),
        }
    }
});
