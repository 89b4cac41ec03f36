//! Real files of other apps, and files made from published format descriptions. Each must open with its password and
//! give the codes that an independent program computed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken row is a broken test, which may panic")]

use std::path::{Path, PathBuf};

use backup::{Backup, BackupError, Detected, Files, MaxCost, detect};
use base::{Secret, UnixMs};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

/// The content of our files, made from published descriptions: `backup/2fauth.json`,
/// `backup/authenticator-extension.json`,
/// `backup/cxf-1.0.json`, `backup/raivo.json`, `backup/refused-by-name.txt`, `backup/winauth.txt`, `backup/wuzf-2fa.json`, and
/// others beside them.
const MADE: &str = "backup/expected.json";
/// Other forms of the same formats, by `tests/parts/python/backup_maker`: `backup/variants/aegis-slots.json`,
/// `backup/variants/bitwarden-organisation.json`, `backup/variants/bitwarden-password.json`, `backup/variants/extension-password.json`,
/// `backup/variants/links-utf16be.txt`, `backup/variants/links-utf16le.txt`, `backup/variants/proton-password.json`,
/// `backup/variants/bitwarden-argon2id.json`, `backup/variants/steam-manifest.json`, `backup/variants/ente-password.txt`,
/// `backup/variants/ente-final-tag.txt`,
/// `backup/variants/totp-authenticator-fixed.txt`, `backup/variants/totp-authenticator-password.txt`, and others beside them.
const VARIANTS: &str = "backup/variants/expected.json";
/// The codes of the files in `PORTCULLIS_FIXTURES`, which belong to other projects.
const THEIRS: &str = "backup/theirs.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    at_ms: u64,
    files: std::collections::BTreeMap<String, Row>,
}

#[derive(Deserialize)]
struct Row {
    password: Option<String>,
    /// Files that were chosen together with it.
    #[serde(default)]
    beside: Vec<String>,
    accounts: Vec<Account>,
    #[serde(default)]
    refused: Vec<String>,
}

#[derive(Deserialize)]
struct Account {
    issuer: Option<String>,
    #[serde(alias = "account")]
    name: Option<String>,
    kind: String,
    code: String,
}

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let given = std::env::var_os("PORTCULLIS_FIXTURES").map_or_else(|| root.join("../shared/fixtures"), PathBuf::from);
    given.join("backups")
}

fn open(bytes: &[u8], beside: &[Vec<u8>], password: Option<&str>) -> Result<Backup, BackupError> {
    let beside: Vec<&[u8]> = beside.iter().map(Vec::as_slice).collect();
    match detect(Files { bytes, beside: &beside }) {
        Detected::Plain(backup) => Ok(backup),
        Detected::Refused(why) => Err(why),
        Detected::Locked(locked) => {
            let password = password.ok_or(BackupError::NeedsPassword)?;
            locked.unlock(&Secret::from(password.as_bytes()), MaxCost::HIGHEST)
        }
    }
}

/// The file, and those beside it.
fn read(path: &Path, row: &Row) -> std::io::Result<(Vec<u8>, Vec<Vec<u8>>)> {
    let beside = row.beside.iter().map(|name| std::fs::read(path.with_file_name(name)));
    Ok((std::fs::read(path)?, beside.collect::<Result<_, _>>()?))
}

fn holds(path: &Path, row: &Row, at_ms: u64) -> Result<(), Failed> {
    let (bytes, beside) = read(path, row)?;
    if row.accounts.is_empty() {
        let why = open(&bytes, &beside, None).err().ok_or("it opened")?;
        return if why == BackupError::NoCodeColumn { Ok(()) } else { Err(format!("{why:?}").into()) };
    }
    if row.password.is_some() {
        for (wrong, expect) in [(None, BackupError::NeedsPassword), (Some("wrong"), BackupError::WrongPassword)] {
            let why = open(&bytes, &beside, wrong).err().ok_or("it opened without its password")?;
            if why != expect {
                return Err(format!("{wrong:?}: {why:?}").into());
            }
        }
    }
    let backup = open(&bytes, &beside, row.password.as_deref()).map_err(|e| e.to_string())?;
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let got = backup.entries.iter().map(|entry| {
        let code = entry.account.code_at(UnixMs::from_millis(at_ms)).map_err(|e| e.to_string())?;
        let expect = row.accounts.iter().find(|account| account.code == code.as_str());
        let if_given = |given: &Option<String>, got: &str| given.as_ref().map_or_else(String::new, |_| got.to_owned());
        let (issuer, name) = expect.map_or((String::new(), String::new()), |expect| {
            (if_given(&expect.issuer, &entry.account.issuer), if_given(&expect.name, &entry.account.name))
        });
        Ok::<_, String>(format!("{issuer}|{name}|{}|{}", entry.account.otp.kind().name(), code.as_str()))
    });
    let got = sorted(got.collect::<Result<_, _>>()?);
    let expect = row.accounts.iter().map(|account| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{}|{}|{}|{}", text(&account.issuer), text(&account.name), account.kind, account.code)
    });
    let expect = sorted(expect.collect());
    if got != expect {
        return Err(format!("got {got:#?}, expected {expect:#?}").into());
    }
    if backup.refused.len() != row.refused.len() {
        return Err(format!("{} were refused", backup.refused.len()).into());
    }
    Ok(())
}

/// No prefix of a file and no file with a changed byte causes a panic or an empty report.
fn broken(path: &Path, row: &Row) -> Result<(), Failed> {
    let (bytes, beside) = read(path, row)?;
    let password = row.password.as_deref();
    // Each try of an encrypted file costs a key derivation, so only a few places are tried.
    let slow = row.password.is_some();
    let step = (bytes.len() / if slow { 3 } else { 60 }).max(1);
    for len in (1..bytes.len()).step_by(step) {
        let cut = bytes.get(..len).unwrap_or_default();
        if let Ok(backup) = open(cut, &beside, password) {
            let count = backup.entries.len() + backup.refused.len() + backup.without_code;
            if count == 0 && backup.missing.is_empty() {
                return Err(format!("the first {len} bytes opened with an empty report").into());
            }
        }
        let mut changed = bytes.clone();
        if let Some(byte) = changed.get_mut(len) {
            *byte ^= 0x55;
        }
        drop(open(&changed, &beside, password));
    }
    Ok(())
}

fn main() {
    let args = Arguments::from_args();
    let mut tests = Vec::new();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let made = vectors.join("backup");
    let variants = made.join("variants");
    for (name, list, folder) in [("made", MADE, made), ("variants", VARIANTS, variants), ("theirs", THEIRS, folder())] {
        let text = std::fs::read_to_string(vectors.join(list)).unwrap();
        let list: List = serde_json::from_str(&text).unwrap();
        for (file, row) in list.files {
            let path = folder.join(&file);
            let (absent, at_ms) = (!path.is_file(), list.at_ms);
            let row = std::sync::Arc::new(row);
            let (other_row, other_path) = (row.clone(), path.clone());
            tests.push(
                Trial::test(format!("{name}::opens::{file}"), move || holds(&path, &row, at_ms))
                    .with_ignored_flag(absent),
            );
            tests.push(
                Trial::test(format!("{name}::broken::{file}"), move || broken(&other_path, &other_row))
                    .with_ignored_flag(absent),
            );
        }
    }
    libtest_mimic::run(&args, tests).exit();
}
