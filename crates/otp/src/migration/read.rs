use alloc::{string::String, vec::Vec};

use base::Secret;
use zeroize::Zeroizing;

use super::{
    MigrationError, base64,
    protobuf::{Fields, Value},
};
use crate::{
    Account, Otp, OtpError,
    bytes::{Block, Span},
    parts::Raw,
    uri::{names, unescape},
};

/// A QR code holds 4,296 characters; percent-encoding triples them.
const MAX_LEN: usize = 16 * 1024;
/// With about ten accounts a part, this allows a thousand accounts.
const MAX_PARTS: u32 = 100;

/// One QR code of an export.
pub struct Part {
    /// The export of the part.
    pub(super) export: Export,
    /// Its index, from 0.
    pub(super) index: u32,
    /// Its accounts, in order.
    pub entries: Vec<Entry>,
}

/// The fields that all parts of one export share. `id` is absent in version 2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) version: u64,
    pub(super) total: u32,
    pub(super) id: Option<i32>,
}

/// One account of an export.
pub struct Entry {
    /// The account, or the reason of its refusal.
    pub account: Result<Account, Refused>,
    /// The unique id of version 2; empty in version 1.
    pub unique_id: String,
}

/// A refused account.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// The issuer.
    pub issuer: String,
    /// The account name.
    pub name: String,
    /// The reason.
    pub why: OtpError,
}

impl Part {
    /// Reads one code.
    ///
    /// # Errors
    /// [`MigrationError`]. A refused account is not an error but an entry of the list.
    pub fn read(uri: &str) -> Result<Self, MigrationError> {
        let uri = uri.trim_ascii();
        if uri.len() > MAX_LEN {
            return Err(MigrationError::TooLong);
        }
        // By a character, because the search for a text in `str` is 3 kB of gzip.
        let (scheme, rest) = uri.split_once(':').ok_or(MigrationError::NotMigration)?;
        let rest = rest.strip_prefix("//").ok_or(MigrationError::NotMigration)?;
        let (_, query) = rest.split_once('?').ok_or(MigrationError::NotMigration)?;
        if !scheme.eq_ignore_ascii_case("otpauth-migration") {
            return Err(MigrationError::NotMigration);
        }
        let data = query.split('&').find_map(|pair| pair.strip_prefix("data=")).ok_or(MigrationError::NotMigration)?;
        let mut room = Zeroizing::new(data.as_bytes().to_vec());
        let mut block = Block::new(&mut room);
        let text = unescape(&mut block, whole(data.as_bytes()), false);
        Self::payload(&Zeroizing::new(base64::decode(block.text(text))?))
    }

    fn payload(payload: &[u8]) -> Result<Self, MigrationError> {
        let (mut version, mut total, mut index, mut id) = (0, 1, 0, None);
        let mut entries = Vec::new();
        let mut fields = Fields(payload);
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Bytes(account)) => entries.push(entry(account)?),
                (2, Value::Varint(value)) => version = value,
                (3, Value::Varint(value)) => total = value.max(1),
                (4, Value::Varint(value)) => index = value,
                // An int32: the upper half of the varint is its sign.
                (5, Value::Varint(value)) => id = Some(i32::from_le_bytes(low(value))),
                _ => {}
            }
        }
        if total > MAX_PARTS.into() || index >= total {
            return Err(MigrationError::BadPart);
        }
        let [total, index] = [total, index].map(|n| u32::from_le_bytes(low(n)));
        Ok(Self { export: Export { version, total, id }, index, entries })
    }
}

/// The range of a whole text; texts here are far shorter than 4 GiB.
fn whole(bytes: &[u8]) -> Span {
    Span::new(0, u32::try_from(bytes.len()).unwrap_or(0))
}

fn low(value: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = value.to_le_bytes();
    [a, b, c, d]
}

fn entry(message: &[u8]) -> Result<Entry, MigrationError> {
    let (mut secret, mut label, mut issuer, mut unique_id): (&[u8], &[u8], &[u8], &[u8]) = (&[], &[], &[], &[]);
    let (mut algorithm, mut digits, mut kind, mut counter) = (0, 0, 0, 0);
    let mut fields = Fields(message);
    while let Some(field) = fields.next()? {
        match field {
            (1, Value::Bytes(value)) => secret = value,
            (2, Value::Bytes(value)) => label = value,
            (3, Value::Bytes(value)) => issuer = value,
            (4, Value::Varint(value)) => algorithm = value,
            (5, Value::Varint(value)) => digits = value,
            (6, Value::Varint(value)) => kind = value,
            (7, Value::Varint(value)) => counter = value,
            (8, Value::Bytes(value)) => unique_id = value,
            _ => {}
        }
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut both = [label, issuer].concat();
    let (label, issuer) = (whole(label), Span::new(whole(label).end(), whole(&both).end()));
    let block = Block::new(&mut both);
    let mut raw = Raw { issuer, ..Raw::default() };
    names(&block, label, &mut raw);
    let (issuer, name) = (text(block.text(raw.issuer)), text(block.text(raw.name)));
    let account = match otp(kind, algorithm, digits, counter) {
        Ok(_) if secret.is_empty() => Err(OtpError::NoSecret),
        other => other,
    };
    let account = match account {
        Ok(otp) => Ok(Account { issuer, name, otp, secret: Secret::from(secret), pin: None }),
        Err(why) => Err(Refused { issuer, name, why }),
    };
    Ok(Entry { account, unique_id: text(unique_id) })
}

/// Maps numbers of the payload to those of [`Otp::numbers`]. Algorithm 4 is MD5, which `Otp::new` refuses.
fn otp(kind: u64, algorithm: u64, digits: u64, counter: u64) -> Result<Otp, OtpError> {
    let kind = match kind {
        0 | 2 => 0,
        1 => 1,
        _ => return Err(OtpError::UnknownKind),
    };
    let digits = match digits {
        0 | 1 => 6,
        2 => 8,
        _ => return Err(OtpError::BadDigits),
    };
    Otp::new(&[kind, algorithm.saturating_sub(1), digits, 30, counter])
}
