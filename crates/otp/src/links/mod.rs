//! Links in pasted text: one or many, among words, in quotes, in HTML, side by side on one line.
//!
//! [`read`] alone decides where a link begins and ends, so that every app finds the same accounts in the same text.
//! [`crate::uri`] then reads an address, and [`crate::migration`] an export code.

mod cut;
mod find;
mod key;
mod plain;
mod read;

pub use read::read;

use alloc::{string::String, vec::Vec};

use base::Secret;

use crate::{Account, OtpError, migration::MigrationError};

/// The longest accepted text, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// The most links that are read in one call.
pub const MAX_LINKS: usize = 2000;

/// The content of a pasted text. No `Debug`, because it contains secrets.
#[derive(Default)]
pub struct Links {
    /// The accounts, in the order of the text. An account equal to an earlier one in every field is omitted.
    pub accounts: Vec<Account>,
    /// Accounts whose codes need a PIN that the link does not contain.
    pub needs_pin: Vec<NeedsPin>,
    /// Refused links and accounts, with the reason.
    pub refused: Vec<Refused>,
    /// Google Authenticator exports, in the order of their first code.
    pub exports: Vec<Export>,
    /// The number of links, including repeated and refused ones.
    pub links: usize,
    /// The bare secret that the text consists of, in base32; only when there is no link.
    pub key: Option<Secret>,
}

/// An account that needs its PIN before it can show codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsPin {
    /// Its index in [`Links::accounts`].
    pub account: usize,
    /// The length of the PIN, if the link has it (Yandex, `pin_length`).
    pub digits: Option<u8>,
}

/// One Google Authenticator export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The number of codes of the export.
    pub total: u32,
    /// The codes not seen, counted from 1; empty when it is complete.
    pub missing: Vec<u32>,
}

/// A refused link, or a refused account of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The index of the link in the text, from 0.
    pub link: usize,
    /// The issuer, if the link has one.
    pub issuer: String,
    /// The account name, if the link has one.
    pub name: String,
    /// The reason.
    pub why: LinkError,
}

/// Why a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// An error of an address, or of an account of an export.
    Account(OtpError),
    /// An error of an export code.
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
