#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "migration")]
mod account;
#[cfg(feature = "backup")]
pub mod backup;
#[cfg(all(not(feature = "std"), target_arch = "wasm32"))]
mod bare;
#[cfg(feature = "cas")]
pub mod cas;
#[cfg(any(feature = "cas", feature = "kdf", feature = "migration", feature = "qr", feature = "vault"))]
mod error;
#[cfg(feature = "kdf")]
pub mod kdf;
#[cfg(any(feature = "kdf", feature = "vault"))]
mod kdf_params;
#[cfg(feature = "migration")]
pub mod migration;
#[cfg(all(feature = "otp", target_arch = "wasm32"))]
pub mod otp;
#[cfg(feature = "qr")]
pub mod qr;
#[cfg(any(feature = "qr", feature = "qr-draw"))]
pub mod qr_draw;
#[cfg(any(feature = "kdf", feature = "migration", feature = "vault"))]
mod random;
#[cfg(feature = "records")]
mod records;
#[cfg(feature = "vault")]
pub mod vault;
