//! Links as people paste them: one or many, in words, in quotes, in HTML, beside each other on one line.
//!
//! [`read`] is the one place that decides where a link begins and ends, so that every app finds the same accounts in the
//! same text. What a single address means is [`crate::uri`]'s, what an export code means is [`crate::migration`]'s.

mod cut;
mod find;
mod key;
mod plain;
mod read;

pub use read::read;

use alloc::{string::String, vec::Vec};

use base::Secret;

use crate::{Account, OtpError, migration::MigrationError};

/// The longest text that is looked through, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// The most links that are read in one call.
pub const MAX_LINKS: usize = 2000;

/// What a pasted text holds. It has no `Debug`, because it holds secrets.
#[derive(Default)]
pub struct Links {
    /// The accounts, in the order of the text. Two that are the same in every field are one.
    pub accounts: Vec<Account>,
    /// Accounts of the list whose codes need a PIN that the link does not hold.
    pub needs_pin: Vec<NeedsPin>,
    /// What cannot be taken, and why.
    pub refused: Vec<Refused>,
    /// Google Authenticator's exports, in the order of their first code.
    pub exports: Vec<Export>,
    /// How many links there are, those that came twice and those that were refused among them.
    pub links: usize,
    /// Where there is no link: the key that the text is, in base32 as an address writes it.
    pub key: Option<Secret>,
}

/// An account that shows no code before a person gives its PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsPin {
    /// Its place in [`Links::accounts`].
    pub account: usize,
    /// How many digits the PIN has, where the link says so (Yandex, `pin_length`).
    pub digits: Option<u8>,
}

/// One of Google Authenticator's exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// How many codes it has.
    pub total: u32,
    /// The codes not seen, counted from 1; empty when it is complete.
    pub missing: Vec<u32>,
}

/// A link, or an account of an export, that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which link of the text, from 0.
    pub link: usize,
    /// Who gave the account out, where the link says so.
    pub issuer: String,
    /// Whose it is, where the link says so.
    pub name: String,
    /// Why.
    pub why: LinkError,
}

/// Why a link cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The address, or an account of an export.
    Account(OtpError),
    /// The export code.
    Export(MigrationError),
}

impl LinkError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Account(error) => error.code(),
            Self::Export(error) => error.code(),
        }
    }
}

impl core::fmt::Display for LinkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Account(error) => error.fmt(f),
            Self::Export(error) => error.fmt(f),
        }
    }
}
