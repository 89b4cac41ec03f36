//! The npm package `portcullis`: one entry a file, one feature an entry. No logic lives here: if a test here needs a
//! table, it is in the wrong crate.

#[cfg(feature = "cas")]
mod cas;
#[cfg(feature = "migration")]
mod migration;
#[cfg(feature = "otp")]
mod otp;
#[cfg(feature = "qr")]
mod qr;
#[cfg(feature = "vault")]
mod vault;
