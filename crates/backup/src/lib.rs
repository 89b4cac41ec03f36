#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod apps;
mod cipher;
mod csv;
mod detect;
mod error;
mod json;
mod kdf;
mod link;
mod report;
mod series;
mod source;
mod text;
mod unlock;
mod wipe;
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

/// An app whose files are read, and where its export is.
#[derive(Debug)]
pub struct App {
    /// The name for programs; stable.
    pub id: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The file of `src/apps` that reads it.
    pub file: &'static str,
    /// Whether its files have a password.
    pub password: Password,
    /// Where the export is in the app, as its menus name it.
    pub help: &'static str,
}

/// Whether the files of an app have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// None.
    Never,
    /// If the person chose one.
    Maybe,
    /// Each.
    Always,
}
