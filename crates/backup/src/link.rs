//! Imports one address as an entry of a report, with the deviations of other apps.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use otp::{Account, AccountRecord, Note, Otp, OtpError, migration};

use crate::{
    Backup, BackupError, Change, Changed, EntryError, Refused, Why,
    report::Draft,
    text::{hex, split_once, unescape},
};

/// The scheme of an address, in lower case.
fn scheme(uri: &str) -> Option<String> {
    let (scheme, _) = split_once(uri, "://")?;
    let known =
        scheme.len() <= 24 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'));
    known.then(|| scheme.to_ascii_lowercase())
}

/// Whether this is the address of an account, or one that gets its own error.
#[inline(never)]
pub(crate) fn is_link(text: &str) -> bool {
    const KNOWN: [&str; 8] = [
        "otpauth",
        "otpauth-migration",
        "apple-otpauth",
        "steam",
        "motp",
        "phonefactor",
        "duo",
        "microsoft-authenticator",
    ];
    scheme(text.trim_start()).is_some_and(|scheme| KNOWN.contains(&scheme.as_str()))
}

impl Backup {
    /// Adds an address. `draft` has its tags and notes, and the names to use if the address has none.
    #[inline(never)]
    pub(crate) fn add_link(&mut self, uri: &str, draft: Draft<'_>) -> Result<(), BackupError> {
        self.check_capacity()?;
        add(self, uri, draft);
        Ok(())
    }
}

/// Adds the account of an address, or the reason of its refusal. `draft` supplies what the address lacks.
pub(crate) fn add(backup: &mut Backup, uri: &str, mut draft: Draft<'_>) {
    let uri = uri.trim();
    let scheme = scheme(uri).unwrap_or_default();
    match scheme.as_str() {
        "phonefactor" | "microsoft-authenticator" => {
            backup.refused.push(draft.refused(Why::Entry(EntryError::MicrosoftPush)));
        }
        "duo" => backup.refused.push(draft.refused(Why::Entry(EntryError::DuoPush))),
        "otpauth-migration" => migration(backup, uri, draft),
        _ => match read(uri, &scheme) {
            Ok((account, notes)) => {
                let mut account = account;
                named(&mut account, &mut draft);
                if matches!(account.otp, Otp::Hotp(..)) {
                    draft.change(Change::CounterMayLag);
                }
                let notes = notes.into_iter().map(Changed::Note).collect();
                let entry = draft.entry(account, notes);
                backup.entries.push(entry);
            }
            Err(why) => {
                if let (true, Some((issuer, name))) = (draft.name.is_empty(), label(uri)) {
                    (draft.issuer, draft.name) = (issuer, name);
                }
                let kept = matches!(
                    why,
                    OtpError::BadAlgorithm | OtpError::UnknownKind | OtpError::BadDigits | OtpError::NoPin
                )
                .then(|| otp::SecretText::new(uri.chars().take(8192).collect()));
                let mut refused = draft.refused(Why::Otp(why));
                refused.source = kept.or(refused.source);
                backup.refused.push(refused);
            }
        },
    }
}

/// Names an account whose address has no name.
fn named(account: &mut Account, draft: &mut Draft<'_>) {
    let steam = matches!(account.otp, Otp::Steam) && account.name.is_empty();
    if account.issuer.is_empty() && account.name.is_empty() {
        account.issuer = core::mem::take(&mut draft.issuer);
        account.name = core::mem::take(&mut draft.name);
        if !(account.issuer.is_empty() && account.name.is_empty()) {
            draft.change(Change::Named);
        }
    } else if steam {
        account.name = core::mem::take(if draft.name.is_empty() { &mut draft.issuer } else { &mut draft.name });
    }
}

type Read = Result<(Account, Vec<Note>), OtpError>;

fn read(uri: &str, scheme: &str) -> Read {
    match one(uri) {
        Err(error @ (OtpError::TooLong | OtpError::Repeated | OtpError::BadHex { .. } | OtpError::NoSecret)) => {
            // Ente's display settings and pictures make addresses long, some apps write a setting twice, and some write
            // mOTP secrets in base32. Repair these cases only after the plain reading fails.
            mended(uri, scheme).ok_or(error).and_then(|uri| one(&uri).map_err(|_| error))
        }
        other => other,
    }
}

fn one(uri: &str) -> Read {
    let (account, notes) = Account::from_uri_with_notes(uri)?;
    // An imported account must give codes and be exportable.
    AccountRecord::from(&account).account()?;
    Ok((account, notes.iter().collect()))
}

/// The address with only the known settings, each once. `None` when a setting has two different values.
fn mended(uri: &str, scheme: &str) -> Option<String> {
    const COUNT: [&str; 9] =
        ["secret", "issuer", "algorithm", "digits", "period", "counter", "pin", "encoder", "steam"];
    let (head, query) = uri.split_once('?')?;
    let mut out = String::from(head);
    let mut seen: Vec<(String, &str)> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        // Unknown settings are dropped, among them `pin_length` of Yandex.
        if !COUNT.contains(&name.as_str()) || value.is_empty() && name != "steam" {
            continue;
        }
        match seen.iter().find(|(known, _)| *known == name) {
            Some((_, first)) if unescape(first, true) == unescape(value, true) => continue,
            Some(_) => return None,
            None => {}
        }
        out.push(if seen.is_empty() { '?' } else { '&' });
        let motp = scheme == "motp" || head.to_ascii_lowercase().starts_with("otpauth://motp/");
        if motp && name == "secret" && hex(value).is_none() {
            let mut bytes = crate::wipe::Zeroizing::new(value.as_bytes().to_vec());
            let bytes = otp::base32::decode_in_place(&mut bytes, &otp::base32::LENIENT).ok()?;
            out.push_str("secret=");
            out.push_str(&crate::text::to_hex(bytes));
        } else {
            out.push_str(pair);
        }
        seen.push((name, value));
    }
    Some(out)
}

/// Issuer and name of a refused address, for the report.
pub(crate) fn label(uri: &str) -> Option<(String, String)> {
    let (_, rest) = split_once(uri, "://")?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let label = unescape(path.split_once('/').map_or("", |(_, label)| label), false);
    let issuer = query.split('&').find_map(|pair| pair.strip_prefix("issuer=")).map(|text| unescape(text, true));
    let label: String = label.chars().take(256).collect();
    Some(match (label.split_once(':'), issuer) {
        (Some((issuer, name)), _) => (issuer.trim().to_owned(), name.trim().to_owned()),
        (None, issuer) => (issuer.unwrap_or_default().chars().take(256).collect(), label),
    })
}

/// One code of a Google export among other addresses.
fn migration(backup: &mut Backup, uri: &str, draft: Draft<'_>) {
    match migration::Part::read(uri) {
        Ok(part) => {
            let mut parts = migration::Parts::new();
            // The first part added never belongs to another export.
            let _ = parts.add(part);
            take(backup, parts.finish());
        }
        Err(_) => backup.refused.push(draft.refused(Why::Entry(EntryError::Migration))),
    }
}

/// Adds the accounts of an export to the report.
pub(crate) fn take(backup: &mut Backup, found: migration::Found) {
    for account in found.accounts {
        // A label may be longer than an address may be.
        if let Err(why) = AccountRecord::from(&account).account() {
            let draft = Draft { issuer: account.issuer, name: account.name, ..Draft::default() };
            backup.refused.push(draft.refused(Why::Otp(why)));
            continue;
        }
        let counted = matches!(account.otp, otp::Otp::Hotp(..));
        let changes = counted.then_some(Changed::Change(Change::CounterMayLag)).into_iter().collect();
        backup.entries.push(Draft::default().entry(account, changes));
    }
    for refused in found.refused {
        let migration::Refused { issuer, name, why } = refused;
        backup.refused.push(Refused { issuer, name, why: Why::Otp(why), source: None });
    }
    backup.missing.extend(found.missing);
}
