//! WinAuth and Authenticator Plus: lists of addresses, alone or in a zip with a password. `detect` and `links` read
//! them; this file has their rows of the table.

use super::app;
use crate::{App, Password};

pub(crate) const APP: App =
    app("winauth", "WinAuth", "winauth", Password::Maybe, "Options, Export: a text file, or a zip with a password.");

pub(crate) const AUTHENTICATOR_PLUS: App = app(
    "authenticator-plus",
    "Authenticator Plus",
    "winauth",
    Password::Always,
    "Settings, Backup & Restore, Export as Text and HTML: a zip with Accounts.txt. Its database does not open here.",
);

/// The app of an encrypted zip, by the name of a file in it.
pub(crate) fn of(name: &str) -> &'static App {
    if name.ends_with("Accounts.txt") { &AUTHENTICATOR_PLUS } else { &APP }
}
