#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
mod account;
mod algorithm;
pub mod base32;
mod bytes;
mod code;
mod error;
mod hash;
mod hmac;
mod hotp;
mod key;
#[cfg(feature = "migration")]
pub mod links;
#[cfg(feature = "migration")]
pub mod migration;
mod motp;
mod number;
mod numbers;
mod otp;
mod parts;
#[cfg(feature = "record")]
mod record;
mod separators;
mod totp;
pub mod uri;
#[cfg(feature = "wire")]
pub mod wire;
mod yandex;

#[cfg(feature = "alloc")]
pub use account::Account;
pub use algorithm::Algorithm;
pub use code::{Code, MAX_CODE, Typed};
pub use error::OtpError;

pub use hotp::{Hotp, HotpMatch};
pub use key::Key;
pub use number::{Digits, HotpCounter, LookAhead, PeriodSecs, TotpStep, Window};
pub use otp::{Kind, Otp};
pub use parts::{Note, Notes, Parts};
#[cfg(feature = "record")]
pub use record::{AccountRecord, SecretText};
pub use totp::{Totp, TotpMatch};
