//! Google Authenticator's export: `otpauth-migration://` addresses, the texts of its QR codes. `otp::migration` reads
//! them.

use alloc::vec::Vec;

use otp::migration::{Part, Parts};

use super::app;
use crate::{App, Backup, EntryError, Password, Why, link::take, report::Draft};

pub(crate) const APP: App = app(
    "google",
    "Google Authenticator",
    "google",
    Password::Never,
    "Menu, Transfer accounts, Export accounts: take a screenshot of each QR code, and choose all of them.",
);

pub(crate) fn is(line: &str) -> bool {
    line.get(..20).is_some_and(|scheme| scheme.eq_ignore_ascii_case("otpauth-migration://"))
}

/// Reads the codes of one or more exports, in any order.
pub(crate) fn read(backup: &mut Backup, lines: &[&str]) -> Result<(), crate::BackupError> {
    let mut exports: Vec<Parts> = Vec::new();
    for line in lines {
        backup.check_capacity()?;
        let taken = exports.iter_mut().any(|parts| Part::read(line).is_ok_and(|part| parts.add(part).is_ok()));
        if taken {
            continue;
        }
        let mut parts = Parts::new();
        match Part::read(line).and_then(|part| parts.add(part)) {
            Ok(()) => exports.push(parts),
            Err(_) => backup.refused.push(Draft::default().refused(Why::Entry(EntryError::Migration))),
        }
    }
    for parts in exports {
        // A part usually has ten accounts, but another program may write more.
        backup.check_capacity()?;
        take(backup, parts.finish());
    }
    Ok(())
}
