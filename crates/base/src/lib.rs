#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "secret")]
extern crate alloc;

mod code;
#[cfg(feature = "context")]
mod context;
#[cfg(feature = "secret")]
mod secret;
mod time;

#[cfg(feature = "context")]
pub use context::{Context, Context as Moment};
#[cfg(feature = "secret")]
pub use secret::Secret;
pub use time::UnixMs;
