#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(any(feature = "json", feature = "secret"))]
extern crate alloc;

mod code;
#[cfg(feature = "context")]
mod context;
#[cfg(feature = "json")]
mod json;
pub mod order;
#[cfg(feature = "secret")]
mod secret;
mod time;

#[cfg(feature = "context")]
pub use context::{Context, Context as Moment};
#[cfg(feature = "json")]
pub use json::{JsonWriter, decimal};
#[cfg(feature = "secret")]
pub use secret::Secret;
pub use time::UnixMs;
