//! Typed rows of the JSON test vectors, for every native test.
//!
//! Each subject has one Rust file and one folder of JSON. Browsers, Node and the Worker read the same JSON by
//! `run.mjs`.

pub mod cas;
pub mod cas_mfa;
pub mod cas_notations;
pub mod fixtures;
pub mod gate;
pub mod otp;
pub mod schema;
pub mod vault;
pub mod webauthn;

/// The rows of one file. Panics with its name if it cannot be parsed, because then the test is broken.
pub fn rows<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("tests/vectors/{name}: {e}"))
}
