//! One file for each app, with its reader and, for export formats, its writer. [`APPS`] has a row for each app, sorted
//! by title;
//! `cargo xtask check` compares it with this folder.

use crate::{App, Password};

pub(crate) mod aegis;
pub(crate) mod andotp;
pub(crate) mod authenticator_extension;
pub(crate) mod authy;
pub(crate) mod bitwarden;
pub(crate) mod cxf;
pub(crate) mod duo;
pub(crate) mod ente;
pub(crate) mod freeotp;
pub(crate) mod freeotp_plus;
pub(crate) mod google;
pub(crate) mod kdbx;
pub(crate) mod lastpass;
pub(crate) mod links;
pub(crate) mod one_password;
pub(crate) mod password_csv;
pub(crate) mod proton;
pub(crate) mod raivo;
pub(crate) mod steam;
pub(crate) mod stratum;
pub(crate) mod totp_authenticator;
pub(crate) mod two_fas;
pub(crate) mod two_fauth;
pub(crate) mod winauth;
pub(crate) mod wuzf;

/// Every app, sorted by title.
pub const APPS: &[&App] = &[
    &one_password::APP,
    &password_csv::ONE_PASSWORD,
    &two_fas::APP,
    &two_fauth::APP,
    &aegis::APP,
    &andotp::APP,
    &password_csv::APPLE,
    &authenticator_extension::APP,
    &winauth::AUTHENTICATOR_PLUS,
    &authy::APP,
    &bitwarden::APP,
    &password_csv::BITWARDEN,
    &password_csv::DASHLANE,
    &duo::APP,
    &ente::APP,
    &cxf::APP,
    &freeotp::APP,
    &freeotp_plus::APP,
    &google::APP,
    &kdbx::APP,
    &password_csv::KEEPASSXC,
    &password_csv::LASTPASS,
    &lastpass::APP,
    &links::APP,
    &password_csv::OTHER,
    &proton::APP,
    &proton::PASS,
    &password_csv::PROTON_PASS,
    &raivo::APP,
    &steam::APP,
    &stratum::APP,
    &totp_authenticator::APP,
    &winauth::APP,
    &wuzf::APP,
];

/// Makes an [`App`].
const fn app(id: &'static str, title: &'static str, file: &'static str, password: Password, help: &'static str) -> App {
    App { id, title, file, password, help }
}
