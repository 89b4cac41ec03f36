#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod apps;
mod cipher;
mod csv;
mod detect;
mod error;
mod inflate;
mod json;
mod kdf;
mod link;
mod report;
mod series;
mod source;
mod text;
mod unlock;
mod wipe;
pub mod wire;
mod write;
mod xml;
mod zip;

pub use apps::APPS;
pub use detect::{Detected, Files, detect};
pub use error::{BackupError, Change, EntryError};
pub use kdf::{Kdf, MaxCost};
pub use report::{Backup, Changed, Entry, Refused, Why};
pub use series::{MAX_SERIES, Series, armour, series, unarmour};
pub use source::Source;
pub use unlock::Locked;
pub use write::{Format, Loss, Written, losses, write};

/// An app whose files can be read.
#[derive(Debug)]
pub struct App {
    /// A stable identifier.
    pub id: &'static str,
    /// The name to display.
    pub title: &'static str,
    /// The file of `src/apps` that reads it.
    pub file: &'static str,
    /// Whether its files have a password.
    pub password: Password,
    /// Where to find the export in the app's menus.
    pub help: &'static str,
}

/// Whether the files of an app have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// They never have one.
    Never,
    /// They have one if the user set it.
    Maybe,
    /// They always have one.
    Always,
}
