//! WinAuth and Authenticator Plus: lists of addresses, on their own or in a zip with a password. What is in a zip is read as it
//! is anywhere else; here are their rows of the table.

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

/// Whose list of addresses an encrypted zip holds.
pub(crate) fn of(name: &str) -> &'static App {
    if name.ends_with("Accounts.txt") { &AUTHENTICATOR_PLUS } else { &APP }
}
