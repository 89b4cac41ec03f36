#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "bindgen"), no_std)]

#[cfg(feature = "cas")]
pub mod cas;
#[cfg(feature = "bindgen")]
mod error;
#[cfg(feature = "migration")]
pub mod migration;
#[cfg(feature = "otp")]
pub mod otp;
#[cfg(feature = "qr")]
pub mod qr;
#[cfg(feature = "vault")]
mod random;
#[cfg(feature = "records")]
mod records;
#[cfg(feature = "vault")]
pub mod vault;
