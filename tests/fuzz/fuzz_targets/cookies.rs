//! The `Cookie` headers of a client, one a line: what goes to the app has none of the gate's own.
#![no_main]

use gate::http::cookie::{CookieNames, pairs, without_ours};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let headers: Vec<_> = text.lines().map(|line| ("cookie", line)).collect();
    for public in ["https://app.example.org", "http://localhost:8787"] {
        let names = CookieNames::new(public);
        let ours = pairs(&headers).any(|(name, _)| names.is_ours(name));
        let Some(rest) = without_ours(&names, &headers) else {
            assert!(!ours, "one of ours is noticed");
            continue;
        };
        let rest = [("cookie", rest.as_str())];
        assert!(without_ours(&names, &rest).is_none(), "{rest:?}");
        assert!(!pairs(&rest).any(|(name, _)| names.is_ours(name)), "{rest:?}");
    }
});
