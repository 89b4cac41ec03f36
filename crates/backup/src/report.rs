//! The report of an import, the same for every app.

use alloc::{borrow::ToOwned, collections::BinaryHeap, string::String, vec, vec::Vec};

use core::cmp::Reverse;

use base::Secret;
use otp::{Account, AccountRecord, Algorithm, Kind, Note, OtpError, SecretText};

use crate::{App, BackupError, Change, EntryError, json::Value, text::hex};

/// More than any user has.
const MAX_ENTRIES: usize = 10_000;
// The limits of a vault's entry.
const MAX_NOTE_CHARS: usize = 10_000;
const MAX_TAGS: usize = 32;
const MAX_TAG_CHARS: usize = 64;
const MAX_NAME_BYTES: usize = 1024;
const MAX_SOURCE: usize = 16_384;
/// The longest field of an original that is too long as a whole.
const MAX_SOURCE_TEXT: usize = 2048;

/// The content of a backup.
pub struct Backup {
    /// The app that wrote it.
    pub app: &'static App,
    /// The imported accounts, in the order of the other app.
    pub entries: Vec<Entry>,
    /// The refused entries, with the reason.
    pub refused: Vec<Refused>,
    /// The missing codes of a Google Authenticator export, counted from 1.
    pub missing: Vec<u32>,
    /// The number of passwords in the file. None of them is kept.
    pub passwords: usize,
    /// The number of skipped entries of a password manager that have no code.
    pub without_code: usize,
}

/// One imported account.
pub struct Entry {
    /// The account.
    pub account: Account,
    /// The user's note.
    pub note: String,
    /// Its groups in the other app.
    pub tags: Vec<String>,
    /// Whether it was pinned or a favourite.
    pub pinned: bool,
    /// Whether it was in the other app's bin or archive.
    pub trashed: bool,
    /// How often it was used, if the file has it.
    pub uses: Option<u64>,
    /// When it was last used, in milliseconds since the epoch, if the file has it.
    pub used_ms: Option<u64>,
    /// The changes made by the import.
    pub changes: Vec<Changed>,
    /// The index of an earlier entry of this file with the same codes.
    pub duplicate_of: Option<usize>,
}

/// One change, as a code and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A deviation that the reader of addresses accepted.
    Note(Note),
    /// A change made by the importer.
    Change(Change),
}

/// One refused entry.
pub struct Refused {
    /// The issuer, if it can be read.
    pub issuer: String,
    /// The account name, if it can be read.
    pub name: String,
    /// The reason.
    pub why: Why,
    /// The original entry, if it is intact but its codes are not supported, so that it can be kept.
    pub source: Option<SecretText>,
}

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its secret or a setting is wrong or unsupported.
    Otp(OtpError),
    /// Another reason.
    Entry(EntryError),
}

impl Why {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Otp(error) => error.code(),
            Self::Entry(error) => error.code(),
        }
    }

    /// The sentence to display.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Otp(error) => error.sentence(),
            Self::Entry(error) => error.sentence(),
        }
    }
}

impl Changed {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(note) => note.code(),
            Self::Change(change) => change.code(),
        }
    }

    /// The sentence to display.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Note(note) => note.sentence(),
            Self::Change(change) => change.sentence(),
        }
    }
}

impl Backup {
    pub(crate) const fn new(app: &'static App) -> Self {
        Self { app, entries: Vec::new(), refused: Vec::new(), missing: Vec::new(), passwords: 0, without_code: 0 }
    }

    /// Adds an account, or the reason of its refusal.
    #[inline(never)]
    pub(crate) fn add(&mut self, draft: Draft<'_>) -> Result<(), BackupError> {
        self.check_capacity()?;
        match draft.account() {
            Ok((account, notes)) => self.entries.push(draft.entry(account, notes)),
            Err(why) => self.refused.push(draft.refused(Why::Otp(why))),
        }
        Ok(())
    }

    pub(crate) fn check_capacity(&self) -> Result<(), BackupError> {
        let full = self.entries.len() + self.refused.len() >= MAX_ENTRIES;
        if full { Err(BackupError::TooLarge) } else { Ok(()) }
    }

    /// Sorts the entries by the given positions, one for each entry.
    pub(crate) fn sort(&mut self, places: Vec<i64>) {
        if places.len() == self.entries.len() {
            let mut entries: Vec<_> = core::mem::take(&mut self.entries).into_iter().map(Some).collect();
            // A heap, because a sort is three times its size.
            let mut order: BinaryHeap<_> = places.into_iter().zip(0_usize..).map(Reverse).collect();
            while let Some(Reverse((_, at))) = order.pop() {
                self.entries.extend(entries.get_mut(at).and_then(Option::take));
            }
        }
    }

    /// Marks the entries that have the same codes as an earlier one.
    ///
    /// # Errors
    /// [`BackupError::NoAccounts`] for an empty report.
    pub(crate) fn finish(mut self) -> Result<Self, BackupError> {
        if self.entries.is_empty() && self.refused.is_empty() && self.missing.is_empty() && self.without_code == 0 {
            return Err(BackupError::NoAccounts);
        }
        // Compare hashes of everything that determines the codes, so that the time does not depend on the secrets.
        let mut seen: Vec<(usize, [u8; 32])> = Vec::new();
        for (place, entry) in self.entries.iter_mut().enumerate() {
            let otp = entry.account.otp;
            let algorithm = otp.algorithm().map_or("", Algorithm::name);
            let period = otp.period().map_or(0, otp::PeriodSecs::secs).to_le_bytes();
            let words = [otp.kind().name().as_bytes(), algorithm.as_bytes(), &[otp.digits()], &period];
            // EXPOSE: hashed, to find entries with the same secret.
            let hash = *crate::cipher::sha256(&[&words.concat(), entry.account.secret.expose()]);
            match seen.iter().find(|(_, known)| *known == hash) {
                Some((first, _)) => entry.duplicate_of = Some(*first),
                None => seen.push((place, hash)),
            }
        }
        Ok(self)
    }
}

/// A secret as it is written in a file.
#[derive(Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// Base32; for mOTP hexadecimal or base32.
    Text(&'a str),
    Hex(&'a str),
    Bytes(&'a [u8]),
}

/// An unchecked account.
pub(crate) struct Draft<'a> {
    /// The app's name of the kind, in any case.
    pub(crate) kind: &'a str,
    pub(crate) secret: Raw<'a>,
    pub(crate) issuer: String,
    pub(crate) name: String,
    pub(crate) algorithm: &'a str,
    pub(crate) digits: Option<i64>,
    pub(crate) period: Option<i64>,
    pub(crate) counter: Option<i64>,
    pub(crate) pin: &'a str,
    pub(crate) note: String,
    pub(crate) tags: Vec<String>,
    pub(crate) pinned: bool,
    pub(crate) trashed: bool,
    pub(crate) uses: Option<i64>,
    pub(crate) used_ms: Option<i64>,
    pub(crate) changes: Vec<Changed>,
    pub(crate) source: Option<&'a Value>,
}

impl Default for Draft<'_> {
    #[inline(never)]
    fn default() -> Self {
        Self {
            kind: "totp",
            secret: Raw::Text(""),
            issuer: String::new(),
            name: String::new(),
            algorithm: "",
            digits: None,
            period: None,
            counter: None,
            pin: "",
            note: String::new(),
            tags: Vec::new(),
            pinned: false,
            trashed: false,
            uses: None,
            used_ms: None,
            changes: Vec::new(),
            source: None,
        }
    }
}

impl<'v> Draft<'v> {
    /// Reads the fields of an entry by the app's names for kind, secret, issuer, name, algorithm, digits, period,
    /// counter and PIN. One function for most apps saves 10 kB of wasm.
    #[inline(never)]
    pub(crate) fn of(entry: &'v Value, names: [&str; 9]) -> Self {
        let [kind, secret, issuer, name, algorithm, digits, period, counter, pin] = names.map(|name| entry.get(name));
        Self {
            kind: kind.text(),
            secret: Raw::Text(secret.text()),
            issuer: issuer.owned(),
            name: name.owned(),
            algorithm: algorithm.text(),
            digits: digits.int(),
            period: period.int(),
            counter: counter.int(),
            pin: pin.text(),
            source: Some(entry),
            ..Self::default()
        }
    }
}

impl Draft<'_> {
    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(Changed::Change(change));
    }

    fn account(&self) -> Result<(Account, Vec<Changed>), OtpError> {
        let mut notes = Vec::new();
        let kind = kind(self.kind).ok_or(OtpError::UnknownKind)?;
        let algorithm = match kind {
            Kind::Totp | Kind::Hotp if !self.algorithm.trim().is_empty() => {
                let (algorithm, usual) = algorithm(self.algorithm).ok_or(OtpError::BadAlgorithm)?;
                if !usual {
                    notes.push(Changed::Note(Note::AlgorithmSpelling));
                }
                Some(algorithm)
            }
            _ => None,
        };
        // Apps omit a default value or write 0, and all have the same defaults.
        let number = |value: Option<i64>, error: OtpError| match value {
            None | Some(0) => Ok(None),
            Some(value) => u32::try_from(value).map(Some).map_err(|_| error),
        };
        let fixed = !matches!(kind, Kind::Totp | Kind::Hotp);
        let digits = if fixed { None } else { number(self.digits, OtpError::BadDigits)? };
        let period_secs = if kind == Kind::Totp { number(self.period, OtpError::BadPeriod)? } else { None };
        let counter = match (kind, self.counter) {
            (Kind::Hotp, None) => {
                notes.push(Changed::Note(Note::NoCounter));
                Some(0)
            }
            (Kind::Hotp, Some(counter)) => Some(u64::try_from(counter).map_err(|_| OtpError::BadCounter)?),
            _ => None,
        };
        if kind == Kind::Hotp {
            notes.push(Changed::Change(Change::CounterMayLag));
        }
        let pin = Some(self.pin.trim()).filter(|pin| !pin.is_empty()).map(|pin| SecretText::new(pin.to_owned()));
        let [issuer, name] = [&self.issuer, &self.name].map(|text| {
            let cut = cut(text.trim(), MAX_NAME_BYTES);
            if cut.len() < text.trim().len() {
                notes.push(Changed::Change(Change::NameCut));
            }
            cut.to_owned()
        });
        let secret = self.secret_text(kind)?;
        let record = AccountRecord { kind, secret, issuer, name, algorithm, digits, period_secs, counter, pin };
        Ok((record.account()?, notes))
    }

    fn secret_text(&self, kind: Kind) -> Result<SecretText, OtpError> {
        let bytes;
        let bytes = match self.secret {
            Raw::Text(text) if kind == Kind::Motp && hex(text).is_none() => {
                // mOTP secrets are usually hexadecimal, but base32 in some files.
                let mut decoded = crate::wipe::Zeroizing::new(text.as_bytes().to_vec());
                let len = otp::base32::decode_in_place(&mut decoded, &otp::base32::LENIENT)?.len();
                decoded.truncate(len);
                bytes = decoded;
                bytes.as_slice()
            }
            Raw::Text(text) => {
                // White space and invisible characters come from copying, and are not part of the secret.
                let text = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}'));
                return Ok(SecretText::new(text.collect()));
            }
            Raw::Hex(text) => {
                bytes = hex(text.trim()).ok_or(OtpError::BadHex { at: 0 })?;
                bytes.as_slice()
            }
            Raw::Bytes(bytes) => bytes,
        };
        if bytes.is_empty() {
            return Err(OtpError::NoSecret);
        }
        if kind == Kind::Motp {
            let mut text = crate::text::to_hex(bytes);
            return Ok(SecretText::new(core::mem::take(&mut *text)));
        }
        let mut text = crate::wipe::Zeroizing::new(vec![0; bytes.len() * 2 + 8]);
        let len = otp::base32::encode(bytes, &mut text).unwrap_or(0);
        let text = text.get(..len).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or_default();
        Ok(SecretText::new(text.to_owned()))
    }

    #[inline(never)]
    pub(crate) fn entry(mut self, account: Account, notes: Vec<Changed>) -> Entry {
        self.changes.extend(notes);
        let note = self.note.trim();
        let short: String = note.chars().take(MAX_NOTE_CHARS).collect();
        if short.len() < note.len() {
            self.changes.push(Changed::Change(Change::NoteCut));
        }
        let mut tags: Vec<String> = Vec::new();
        let mut tags_cut = false;
        for tag in self.tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
            let short: String = tag.chars().take(MAX_TAG_CHARS).collect();
            tags_cut |= short.len() < tag.len();
            if !tags.contains(&short) {
                tags.push(short);
            }
        }
        tags_cut |= tags.len() > MAX_TAGS;
        tags.truncate(MAX_TAGS);
        if tags_cut {
            self.changes.push(Changed::Change(Change::TagsCut));
        }
        Entry {
            account,
            note: short,
            tags,
            pinned: self.pinned,
            trashed: self.trashed,
            uses: self.uses.and_then(|uses| u64::try_from(uses).ok()),
            used_ms: self.used_ms.and_then(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0),
            changes: self.changes,
            duplicate_of: None,
        }
    }

    #[inline(never)]
    pub(crate) fn refused(self, why: Why) -> Refused {
        let source = self.source.map(|value| {
            let written = |longest: usize| {
                let mut pen = base::JsonWriter::default();
                value.write(&mut pen, longest);
                Secret::new(pen.finish())
            };
            // EXPOSE: the original is kept for the user, as a secret text. Only a picture makes one too long for a vault.
            let whole = Some(written(usize::MAX)).filter(|whole| whole.expose().len() <= MAX_SOURCE);
            let bytes = whole.unwrap_or_else(|| written(MAX_SOURCE_TEXT));
            SecretText::new(String::from_utf8_lossy(bytes.expose()).into_owned())
        });
        Refused { issuer: self.issuer, name: self.name, why, source }
    }
}

/// The kind, from any app's name for it.
#[inline(never)]
pub(crate) fn kind(word: &str) -> Option<Kind> {
    let word = word.trim().to_ascii_lowercase();
    Some(match word.as_str() {
        "" | "totp" => Kind::Totp,
        "hotp" => Kind::Hotp,
        "steam" | "steamtotp" | "steamguard" => Kind::Steam,
        "motp" | "mobileotp" => Kind::Motp,
        "yandex" | "yaotp" => Kind::Yandex,
        _ => return None,
    })
}

/// The algorithm, from any spelling, and whether the spelling is the usual one.
#[inline(never)]
pub(crate) fn algorithm(word: &str) -> Option<(Algorithm, bool)> {
    let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let plain = plain.strip_prefix("HMAC").unwrap_or(&plain);
    let algorithm = Algorithm::named(plain)?;
    Some((algorithm, word.trim().eq_ignore_ascii_case(algorithm.name())))
}

/// Truncates to at most `most` bytes, at a character boundary.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
