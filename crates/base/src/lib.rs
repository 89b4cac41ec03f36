#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "secret")]
extern crate alloc;

mod code;
#[cfg(feature = "moment")]
mod moment;
#[cfg(feature = "secret")]
mod secret;
mod time;

#[cfg(feature = "moment")]
pub use moment::Moment;
#[cfg(feature = "secret")]
pub use secret::Secret;
pub use time::UnixMs;
