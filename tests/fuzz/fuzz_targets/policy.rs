//! A policy, as TOML or JSON: what is accepted can be explained, and a page that no rule names stays closed.
#![no_main]

use gate::policy::{Policy, explain};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Policy::parse(text) {
        Ok(policy) => {
            let _ = (policy.warnings(), policy.ended_secs(), policy.attributes());
            for path in ["/", "/public/../private", "/.portcullis/health", "/a%2fb;c?d"] {
                assert!(!explain(&policy, "GET", &format!("https://app.example.org{path}")).is_empty());
            }
        }
        Err(problems) => assert!(!problems.is_empty()),
    }
});
