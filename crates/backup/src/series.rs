//! An encrypted vault as text: a file that every app can share, and a series of QR codes for paper. Both contain
//! ciphertext only.

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use base::decimal;

use crate::{
    BackupError,
    cipher::sha256,
    text::{base64, to_base64, to_hex},
};

/// The most codes of one series; scanning more takes too long.
pub const MAX_SERIES: usize = 24;
/// Bytes of a vault in one code, few enough for a phone to read it from a printed page.
const PER_CODE: usize = 1200;
/// The prefix of a code's text, in characters of alphanumeric mode (ISO/IEC 18004 section 7.4.4).
const SCHEME: &str = "PORTCULLIS1:";
/// The first words of a vault as text.
const FIRST_LINE: &str = "Portcullis vault, encrypted";

/// Writes a vault as text: a first line that says what it is and where to open it, then base64.
pub fn armour(vault: &[u8], address: &str) -> String {
    let mut text = [FIRST_LINE, ". Open it at ", address, "\n"].concat();
    let letters = to_base64(vault);
    let mut rest = letters.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(76).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text
}

/// Reads a vault from the text that [`armour`] wrote.
pub fn unarmour(text: &str) -> Option<Vec<u8>> {
    let (first, rest) = text.trim_start_matches('\u{feff}').trim_start().split_once('\n')?;
    let bytes = first.starts_with(FIRST_LINE).then(|| base64(rest))??;
    bytes.starts_with(b"PTCVAULT").then(|| bytes.to_vec())
}

/// Splits a vault into the texts of a series of QR codes. `vault_id` identifies the vault on paper.
///
/// # Errors
/// [`BackupError::TooLarge`] over [`MAX_SERIES`] codes; use a file instead.
pub fn series(vault: &[u8], vault_id: [u8; 4]) -> Result<Vec<String>, BackupError> {
    let parts = vault.chunks(PER_CODE);
    let count = parts.len();
    if count == 0 || count > MAX_SERIES {
        return Err(BackupError::TooLarge);
    }
    let hash = sha256(&[vault]);
    let number = |number: usize| decimal(i128::try_from(number).unwrap_or(0));
    let (id, hash) = (to_hex(&vault_id), to_hex(hash.get(..8).unwrap_or_default()));
    let ([id, hash], count) = ([id, hash].map(|hex| hex.to_ascii_uppercase()), number(count));
    let text = |(index, part): (usize, &[u8])| {
        let mut room = vec![0; part.len().div_ceil(5) * 8 + 8];
        let len = otp::base32::encode(part, &mut room).unwrap_or(0);
        room.truncate(len);
        let data = String::from_utf8(room).unwrap_or_default();
        [SCHEME, &id, ":", &number(index + 1), ":", &count, ":", &hash, ":", &data].concat()
    };
    Ok(parts.enumerate().map(text).collect())
}

/// Collects the codes of a series, in any order and possibly repeated.
#[derive(Default)]
pub struct Series {
    /// Vault id, number of codes and hash, which all parts share.
    head: Option<[String; 3]>,
    parts: Vec<Option<Vec<u8>>>,
}

impl Series {
    /// A series without codes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a code. A repeated code changes nothing.
    ///
    /// # Errors
    /// [`BackupError::Unknown`] for another text, [`BackupError::Damaged`], [`BackupError::OtherSeries`].
    pub fn add(&mut self, text: &str) -> Result<(), BackupError> {
        let rest = text.trim().strip_prefix(SCHEME).ok_or(BackupError::Unknown)?;
        let fields: Vec<&str> = rest.split(':').collect();
        let [id, index, count, hash, data] = fields.as_slice() else { return Err(BackupError::Damaged) };
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| (1..=MAX_SERIES).contains(n));
        let (Some(index), Some(total)) = (number(index), number(count)) else { return Err(BackupError::Damaged) };
        let mut bytes = data.as_bytes().to_vec();
        let len =
            otp::base32::decode_in_place(&mut bytes, &otp::base32::LENIENT).map_err(|_| BackupError::Damaged)?.len();
        bytes.truncate(len);
        let head = [*id, *count, *hash].map(ToOwned::to_owned);
        if self.head.get_or_insert_with(|| head.clone()) != &head {
            return Err(BackupError::OtherSeries);
        }
        self.parts.resize(total, None);
        let place = self.parts.get_mut(index - 1).ok_or(BackupError::Damaged)?;
        if place.as_ref().is_some_and(|known| *known != bytes) {
            return Err(BackupError::OtherSeries);
        }
        *place = Some(bytes);
        Ok(())
    }

    /// The number of codes of the series; 0 before the first.
    pub fn total(&self) -> usize {
        self.parts.len()
    }

    /// The codes not seen yet, counted from 1.
    pub fn missing(&self) -> Vec<usize> {
        self.parts.iter().zip(1..).filter(|(part, _)| part.is_none()).map(|(_, number)| number).collect()
    }

    /// The vault, once no code is missing.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] when a code is missing, or when the hash of the whole does not match.
    pub fn finish(&self) -> Result<Vec<u8>, BackupError> {
        let parts: Option<Vec<&[u8]>> = self.parts.iter().map(Option::as_deref).collect();
        let vault = parts.filter(|parts| !parts.is_empty()).ok_or(BackupError::Damaged)?.concat();
        let hash = to_hex(sha256(&[&vault]).get(..8).unwrap_or_default()).to_ascii_uppercase();
        let whole = self.head.as_ref().is_some_and(|[_, _, known]| *known == hash);
        if whole { Ok(vault) } else { Err(BackupError::Damaged) }
    }
}
