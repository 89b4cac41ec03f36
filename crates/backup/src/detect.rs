//! Finds the app that wrote a file by its content, and reads the file.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    Backup, BackupError, Kdf, Locked, MaxCost,
    apps::{
        aegis, andotp, authenticator_extension, authy, bitwarden, cxf, duo, ente, freeotp, freeotp_plus, kdbx,
        lastpass, links, one_password, password_csv, proton, raivo, steam, stratum, totp_authenticator, two_fas,
        two_fauth, winauth, wuzf,
    },
    csv::Table,
    json::Value,
    series::unarmour,
    text::{decode, has},
    unlock::{Opened, Unlock},
    wipe::Zeroizing,
    xml,
    zip::{Zip, gunzip},
};

/// The largest accepted file, in bytes.
pub(crate) const MAX_INPUT: usize = 64 << 20;
/// The most files of a zip that are examined.
const MAX_INSIDE: usize = 64;

/// A file, with the files that belong to it: Steam's `manifest.json` or KeePass's key file.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Other files that the user chose together with it.
    pub beside: &'a [&'a [u8]],
}

/// The result of [`detect`].
pub enum Detected {
    /// The file was read.
    Plain(Backup),
    /// The file needs its password.
    Locked(Locked),
    /// The file cannot be opened, with the reason.
    Refused(BackupError),
}

/// Finds the app that wrote a file, and reads the file if it needs no password. Uses at most a few times the memory of
/// the file. The file and its decompressed content are limited to 64 MiB each.
pub fn detect(files: Files<'_>) -> Detected {
    match opened(files, 2) {
        Ok(Opened::Plain(backup)) => backup.finish().map_or_else(Detected::Refused, Detected::Plain),
        Ok(Opened::Locked(locked)) => Detected::Locked(locked),
        Err(why) => Detected::Refused(why),
    }
}

fn opened(files: Files<'_>, depth: u8) -> Result<Opened, BackupError> {
    let Files { bytes, beside } = files;
    if bytes.len() > MAX_INPUT {
        return Err(BackupError::TooLarge);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(BackupError::Empty);
    }
    if let Some(opened) = stratum::sealed(bytes) {
        return Ok(opened);
    }
    if let Some(opened) = kdbx::open(bytes, beside).or_else(|| freeotp::open(bytes)) {
        return opened;
    }
    // Magic numbers of files that get their own error.
    let marks: [(&[u8], BackupError); 15] = [
        (b"PTCVAULT", BackupError::IsVault),
        (b"SQLite format 3\0", BackupError::Database),
        (b"\x89PNG", BackupError::IsPicture),
        (b"\xff\xd8\xff", BackupError::IsPicture),
        (b"GIF8", BackupError::IsPicture),
        (b"RIFF", BackupError::IsPicture),
        (b"%PDF", BackupError::Unknown),
        (b"-----BEGIN PGP", BackupError::OpenPgp),
        // The first packet of a message: a session key for a password or for a public key.
        (b"\x8c\x0d\x04", BackupError::OpenPgp),
        (b"\x85\x01\x0c\x03", BackupError::OpenPgp),
        (b"\x85\x01\x8c\x03", BackupError::OpenPgp),
        (b"\x85\x02\x0c\x03", BackupError::OpenPgp),
        (b"\x84\x5e\x03", BackupError::OpenPgp),
        (b"7z\xbc\xaf\x27\x1c", BackupError::Archive),
        (b"Rar!\x1a\x07", BackupError::Archive),
    ];
    if let Some((_, why)) = marks.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Err(*why);
    }
    let inside = depth.checked_sub(1);
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return open_zip(bytes, beside, inside.ok_or(BackupError::Hostile)?);
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let plain = gunzip(bytes)?;
        return opened(Files { bytes: &plain, beside }, inside.ok_or(BackupError::Hostile)?);
    }
    match decode(bytes) {
        // The line ends of old Macs, which some spreadsheets still write.
        Some(text) if text.contains('\r') && !text.contains('\n') => {
            open_text(&Zeroizing::new(text.replace('\r', "\n")), bytes, beside)
        }
        Some(text) => open_text(&text, bytes, beside),
        None => {
            andotp::Sealed::new(bytes).map(|sealed| Opened::locked(&andotp::APP, sealed)).ok_or(BackupError::Unknown)
        }
    }
}

fn open_text(text: &str, bytes: &[u8], beside: &[&[u8]]) -> Result<Opened, BackupError> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return open_json(Value::read(start)?);
    }
    if start.starts_with('<') {
        return open_page(start);
    }
    if unarmour(text).is_some() {
        return Err(BackupError::IsVault);
    }
    if links::is(text) {
        return links::read(text).map(Opened::Plain);
    }
    if wuzf::is_sealed(text) {
        return Err(BackupError::ServerKey);
    }
    if let Some(table) = Table::read(authy::unquoted(text).unwrap_or(text))? {
        if authy::is(&table) {
            return authy::open(table);
        }
        if wuzf::is_table(&table) {
            return wuzf::read_table(&table).map(Opened::Plain);
        }
        if password_csv::is(&table) {
            return password_csv::read(&table).map(Opened::Plain);
        }
    }
    if let Some(sealed) = totp_authenticator::Sealed::new(text) {
        if let Some(manifest) = beside.iter().find_map(|file| manifest(file)) {
            return steam::sealed(text, manifest);
        }
        return Ok(match sealed.without_password() {
            Some(backup) => Opened::Plain(backup),
            None => Opened::locked(&totp_authenticator::APP, sealed),
        });
    }
    // A short encrypted file can be valid UTF-8 by chance.
    let noise = bytes.iter().any(|byte| !byte.is_ascii_graphic() && !byte.is_ascii_whitespace() && *byte < 0x20);
    andotp::Sealed::new(bytes)
        .filter(|_| noise)
        .map(|sealed| Opened::locked(&andotp::APP, sealed))
        .ok_or(BackupError::Unknown)
}

fn manifest(file: &[u8]) -> Option<Value> {
    Value::read(&decode(file)?).ok().filter(steam::is_manifest)
}

fn open_json(file: Value) -> Result<Opened, BackupError> {
    // Each test requires fields that no other app has.
    type Is = fn(&Value) -> bool;
    type Reader = fn(Value) -> Result<Opened, BackupError>;
    let sealable: [(Is, Reader); 6] = [
        (aegis::is, aegis::open),
        (two_fas::is, two_fas::open),
        (ente::is, ente::open),
        (bitwarden::is, bitwarden::open),
        (proton::is, proton::open),
        (authenticator_extension::is, authenticator_extension::open),
    ];
    type Plain = fn(&Value) -> Result<Backup, BackupError>;
    let plain: [(Is, Plain); 13] = [
        (andotp::is, andotp::read),
        (stratum::is, stratum::read),
        (cxf::is, cxf::read),
        (one_password::is, one_password::read),
        (proton::is_pass, proton::open_pass),
        (raivo::is, raivo::read),
        (duo::is, duo::read),
        (lastpass::is, lastpass::read),
        (freeotp_plus::is, freeotp_plus::read),
        (two_fauth::is, two_fauth::read),
        (steam::is, steam::read),
        (wuzf::is, wuzf::read),
        (totp_list, totp_authenticator::read),
    ];
    if steam::is_manifest(&file) {
        return Err(BackupError::SteamFiles);
    }
    if cxf::is_transfer(&file) {
        return Err(BackupError::Cxp);
    }
    if let Some((_, read)) = plain.iter().find(|(is, _)| is(&file)) {
        return read(&file).map(Opened::Plain);
    }
    match sealable.iter().find(|(is, _)| is(&file)) {
        Some((_, open)) => open(file),
        None => Err(BackupError::Unknown),
    }
}

fn totp_list(file: &Value) -> bool {
    file.list().first().is_some_and(|entry| entry.has("key") && entry.has("base"))
}

/// XML and HTML: settings files from a rooted phone, and pages with embedded data.
fn open_page(text: &str) -> Result<Opened, BackupError> {
    if let Some(json) = wuzf::in_page(text) {
        return open_json(Value::read(json.trim())?);
    }
    if !has(text, "<map") {
        return Err(BackupError::Unknown);
    }
    let mut reader = xml::Reader::new(text);
    let (mut name, mut strings) = (String::new(), Vec::new());
    while let Some(event) = reader.next()? {
        match event {
            xml::Event::Open("string", attributes) => {
                name = xml::attribute(attributes, "name").map(|name| name.to_string()).unwrap_or_default();
            }
            xml::Event::Text(text) if !name.is_empty() => strings.push((core::mem::take(&mut name), text)),
            _ => {}
        }
    }
    if let Some((_, list)) = strings.iter().find(|(name, _)| name == totp_authenticator::SETTING) {
        return totp_authenticator::read(&Value::read(list)?).map(Opened::Plain);
    }
    freeotp::read_settings(&strings).unwrap_or(Err(BackupError::Database)).map(Opened::Plain)
}

/// The entries of an archive that may be an export. Attachments are never decompressed.
fn candidates<'z>(zip: &'z Zip<'_>) -> impl Iterator<Item = &'z crate::zip::Entry> {
    let named = |name: &str| {
        let name = name.to_ascii_lowercase();
        let base = name.rsplit('/').next().unwrap_or_default();
        let ends = [".json", ".csv", ".txt", ".data", ".2fas", ".authpro", ".bin", ".xml", ".html", ".jwe"];
        !name.starts_with("files/")
            && !name.starts_with("__macosx")
            && (!base.contains('.') && !base.is_empty() || ends.iter().any(|end| base.ends_with(end)))
    };
    zip.entries.iter().filter(move |entry| named(&entry.name)).take(MAX_INSIDE)
}

fn open_zip(bytes: &[u8], beside: &[&[u8]], depth: u8) -> Result<Opened, BackupError> {
    let zip = Zip::open(bytes)?;
    if let Some(entry) = candidates(&zip).find(|entry| entry.encrypted) {
        entry.supported()?;
        let app =
            if entry.name.to_ascii_lowercase().ends_with(".json") { &raivo::APP } else { winauth::of(&entry.name) };
        return Ok(Opened::locked(app, SealedZip(bytes.to_vec())));
    }
    let mut why = BackupError::Unknown;
    let mut empty = None;
    for entry in candidates(&zip) {
        let content = zip.read(entry, b"")?;
        if content.starts_with(b"eyJ") && content.iter().filter(|byte| **byte == b'.').count() == 4 {
            return Err(BackupError::Cxp);
        }
        match opened(Files { bytes: &content, beside }, depth) {
            Ok(Opened::Plain(backup)) if backup.entries.is_empty() && backup.refused.is_empty() => empty = Some(backup),
            Ok(opened) => return Ok(opened),
            // Prefer a specific reason over `Unknown` for another file of the archive.
            Err(other) if matches!(why, BackupError::Unknown | BackupError::Empty) => why = other,
            Err(_) => {}
        }
    }
    empty.map(Opened::Plain).ok_or(why)
}

struct SealedZip(Vec<u8>);

impl Unlock for SealedZip {
    fn kdf(&self) -> Kdf {
        Kdf::Pbkdf2 { rounds: 1000 }
    }

    fn unlock(&self, password: &[u8], _: MaxCost) -> Result<Backup, BackupError> {
        let zip = Zip::open(&self.0)?;
        let mut why = BackupError::Unknown;
        for entry in candidates(&zip) {
            let content = zip.read(entry, password)?;
            match opened(Files { bytes: &content, beside: &[] }, 1) {
                Ok(Opened::Plain(mut backup)) => {
                    if backup.app.id == links::APP.id {
                        backup.app = winauth::of(&entry.name);
                    }
                    return Ok(backup);
                }
                Ok(Opened::Locked(_)) => why = BackupError::NeedsPassword,
                Err(other) => why = other,
            }
        }
        Err(why)
    }
}
