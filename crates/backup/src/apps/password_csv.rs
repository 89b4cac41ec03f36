//! CSV exports of password managers, recognised by the name of a column for codes. An export without one gets its own
//! error.

use alloc::{borrow::ToOwned, vec::Vec};

use super::{app, bitwarden::code_or_link};
use crate::{
    App, Backup, BackupError, Password,
    csv::{Table, cell},
    report::{Draft, Raw},
    text::split_once,
};

const fn row(id: &'static str, title: &'static str, help: &'static str) -> App {
    app(id, title, "password_csv", Password::Never, help)
}

pub(crate) const APPLE: App = row(
    "apple-passwords",
    "Apple Passwords and Safari",
    "On a Mac: File, Export All Passwords; in Safari, Export Browsing Data.",
);
pub(crate) const BITWARDEN: App = row("bitwarden-csv", "Bitwarden (CSV)", "Settings, Export vault: CSV.");
pub(crate) const DASHLANE: App = row("dashlane", "Dashlane", "My account, Settings, Export data: CSV.");
pub(crate) const KEEPASSXC: App = row("keepassxc", "KeePassXC (CSV)", "Database, Export, CSV file.");
pub(crate) const LASTPASS: App = row("lastpass-csv", "LastPass (CSV)", "Advanced options, Export.");
pub(crate) const ONE_PASSWORD: App = row("1password-csv", "1Password (CSV)", "On a computer: File, Export, CSV.");
pub(crate) const PROTON_PASS: App = row("proton-pass-csv", "Proton Pass (CSV)", "Settings, Export: CSV.");
pub(crate) const OTHER: App =
    row("csv", "Other password managers (CSV)", "Any CSV with a column for one-time codes or otpauth addresses.");

/// Names of columns for codes, in the form that `Table::column` compares.
const CODE: [&str; 17] = [
    "otpauth",
    "totp",
    "logintotp",
    "otp",
    "otpurl",
    "otpsecret",
    "otpuri",
    "otpauthurl",
    "otpauthuri",
    "totpsecret",
    "totpuri",
    "2fa",
    "2fasecret",
    "onetimepassword",
    "onetimecode",
    "twofactorsecret",
    "twofactorcode",
];

const TITLE: [&str; 5] = ["title", "name", "account", "service", "issuer"];
const USER: [&str; 7] = ["username", "loginusername", "login", "user", "email", "loginname", "accountname"];
const PASSWORD: [&str; 3] = ["password", "loginpassword", "passwords"];

/// Whether this is an export of a password manager, with codes or without.
pub(crate) fn is(table: &Table) -> bool {
    table.column(&CODE).is_some() || table.column(&PASSWORD).is_some() && table.columns() >= 3
}

fn app_of(table: &Table) -> &'static App {
    let rows: [(&[&str], &App); 8] = [
        (&["title", "url", "username", "password", "otpauth", "favorite", "archived"], &ONE_PASSWORD),
        (&["title", "url", "username", "password", "notes", "otpauth"], &APPLE),
        (&["loginusername", "loginpassword", "logintotp"], &BITWARDEN),
        (&["username", "title", "password", "otpurl"], &DASHLANE),
        (&["username", "title", "password", "otpsecret"], &DASHLANE),
        (&["group", "title", "username", "totp"], &KEEPASSXC),
        (&["url", "username", "password", "totp", "extra", "grouping"], &LASTPASS),
        (&["type", "name", "totp", "vault"], &PROTON_PASS),
    ];
    rows.iter().find(|(columns, _)| table.has(columns)).map_or(&OTHER, |(_, app)| app)
}

pub(crate) fn read(table: &Table) -> Result<Backup, BackupError> {
    let code = table.column(&CODE).ok_or(BackupError::NoCodeColumn)?;
    let app = app_of(table);
    let mut backup = Backup::new(app);
    let (title, url) = (table.column(&TITLE), table.column(&["url", "website", "loginuri", "urls", "domain"]));
    let users: Vec<_> = USER.iter().filter_map(|name| table.column(&[name])).collect();
    let password = table.column(&PASSWORD);
    let groups = table.column(&["group", "folder", "grouping", "tags", "category", "vault", "collections"]);
    let [favorite, archived] = [["favorite", "fav"], ["archived", "deleted"]].map(|names| table.column(&names));
    let yes = |cell: &str| cell.eq_ignore_ascii_case("true") || cell == "1";
    for row in &table.rows {
        if !cell(row, password).is_empty() {
            backup.passwords += 1;
        }
        let code = cell(row, Some(code));
        if code.is_empty() {
            backup.without_code += 1;
            continue;
        }
        let user =
            users.iter().map(|column| cell(row, Some(*column))).find(|text| !text.is_empty()).unwrap_or_default();
        // Apple writes "site (user)".
        let name = cell(row, title);
        let name =
            name.strip_suffix([')']).and_then(|name| name.strip_suffix(user)?.strip_suffix(" (")).unwrap_or(name);
        let group = cell(row, groups);
        // KeePassXC's root group is not a real group.
        let tags = group.split([';', ',']).flat_map(|path| path.rsplit('/').next()).filter(|tag| *tag != "Root");
        let draft = Draft {
            secret: Raw::Text(code),
            issuer: if name.is_empty() { host(cell(row, url)).to_owned() } else { name.to_owned() },
            name: user.to_owned(),
            tags: tags.map(str::to_owned).collect(),
            pinned: yes(cell(row, favorite)),
            trashed: yes(cell(row, archived)) || group.split('/').any(|part| part == "Recycle Bin"),
            ..Draft::default()
        };
        code_or_link(&mut backup, code, draft)?;
    }
    Ok(backup)
}

fn host(url: &str) -> &str {
    let rest = split_once(url, "://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}
