//! A policy, as TOML or JSON: what is accepted can be explained, and the Worker reads its canonical form as the same policy.
#![no_main]

use gate::policy::{Policy, canonical, explain};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Policy::parse(text) {
        Ok(policy) => {
            let json = canonical(text).expect("it was read");
            let same = Policy::from_json(&json).expect("its canonical form");
            assert_eq!(same.hash, policy.hash);
            let _ = (policy.warnings(), policy.ended_secs(), policy.attributes());
            for path in ["/", "/public/../private", "/.portcullis/health", "/a%2fb;c?d"] {
                assert!(!explain(&policy, "GET", &format!("https://app.example.org{path}")).is_empty());
            }
        }
        Err(problems) => assert!(!problems.is_empty()),
    }
});
