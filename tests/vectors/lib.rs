//! The one set of test vectors: typed rows of the JSON files beside this one, read by every native test.
//!
//! A subject is one file here and one folder of JSON. Browsers, Node and the Worker read the same files by `run.mjs`.

pub mod cas;
pub mod fixtures;
pub mod gate;
pub mod otp;
pub mod vault;

/// The rows of one file. A file that cannot be read as such rows is a broken test, so this panics with its name.
pub fn rows<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("tests/vectors/{name}: {e}"))
}
