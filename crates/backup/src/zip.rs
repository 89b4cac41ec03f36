//! Zip archives (PKWARE APPNOTE 6.3.10), read by their central directory: stored and deflated entries, ZipCrypto, and
//! WinZip AES. An entry is decompressed only on request, within bounds.

use alloc::{string::String, vec::Vec};

use crate::wipe::Zeroizing;
use aes::cipher::KeyInit;

use crate::{
    BackupError,
    cipher::{Bytes, ctr, hmac1_matches},
    kdf::{Hash, pbkdf2},
};

/// Limits of a decompressed entry: bytes, and ratio to the compressed size.
const MAX_UNPACKED: usize = 64 << 20;
const MAX_RATIO: usize = 200;
const MAX_ENTRIES: usize = 10_000;

pub(crate) struct Zip<'b> {
    bytes: &'b [u8],
    pub(crate) entries: Vec<Entry>,
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) encrypted: bool,
    method: u16,
    aes: Option<Aes>,
    crc: u32,
    check: u8,
    packed: usize,
    offset: usize,
}

#[derive(Clone, Copy)]
struct Aes {
    /// 1 to 3: key of 128, 192 or 256 bits.
    strength: u8,
    /// AE-2 omits the CRC, because it has a tag.
    no_crc: bool,
    method: u16,
}

impl<'b> Zip<'b> {
    /// Reads the list of entries.
    pub(crate) fn open(bytes: &'b [u8]) -> Result<Self, BackupError> {
        // The end record has 22 bytes and a comment of at most 64 KiB.
        let from = bytes.len().saturating_sub(22 + 65_535);
        let tail = bytes.get(from..).unwrap_or_default();
        let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06").ok_or(BackupError::Damaged)?;
        let end = tail.get(at..).unwrap_or_default();
        let count = usize::from(u16_at(end, 10)?);
        let mut place = usize_at(end, 16)?;
        if count > MAX_ENTRIES {
            return Err(BackupError::TooLarge);
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let head = bytes.get(place..).ok_or(BackupError::Damaged)?;
            if !head.starts_with(b"PK\x01\x02") {
                return Err(BackupError::Damaged);
            }
            let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(head, at).map(usize::from));
            let (name, extra, comment) = (name?, extra?, comment?);
            let text = head.get(46..46 + name).ok_or(BackupError::Damaged)?;
            let (flags, crc) = (u16_at(head, 8)?, u32_at(head, 16)?);
            // The check byte is from the modification time if a data descriptor follows (bit 3), otherwise from the
            // CRC.
            let check = if flags & 8 == 0 { crc.to_le_bytes()[3] } else { u16_at(head, 12)?.to_le_bytes()[1] };
            let fields = head.get(46 + name..46 + name + extra).unwrap_or_default();
            // Of 64 bits where the usual field is full: the size, the packed size, the offset.
            let mut wide = field(fields, 1).unwrap_or_default();
            let mut number = |at: usize| -> Result<usize, BackupError> {
                let short = usize_at(head, at)?;
                if u32::try_from(short) != Ok(u32::MAX) {
                    return Ok(short);
                }
                let (number, rest) = wide.split_first_chunk().ok_or(BackupError::Damaged)?;
                wide = rest;
                usize::try_from(u64::from_le_bytes(*number)).map_err(|_| BackupError::TooLarge)
            };
            number(24)?;
            entries.push(Entry {
                name: String::from_utf8_lossy(text).into_owned(),
                // The other bits are of PKWARE's own encryption by certificates and strong keys.
                encrypted: flags & 1 != 0,
                method: if flags & 0x2040 == 0 { u16_at(head, 10)? } else { u16::MAX },
                aes: field(fields, 0x9901).and_then(aes_of),
                crc,
                check,
                packed: number(20)?,
                offset: number(42)?,
            });
            place += 46 + name + extra + comment;
        }
        Ok(Self { bytes, entries })
    }

    /// The content of an entry.
    pub(crate) fn read(&self, entry: &Entry, password: &[u8]) -> Result<Bytes, BackupError> {
        let head = self.bytes.get(entry.offset..).ok_or(BackupError::Damaged)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(BackupError::Damaged);
        }
        let start = 30 + usize::from(u16_at(head, 26)?) + usize::from(u16_at(head, 28)?);
        let data = head.get(start..start.saturating_add(entry.packed)).ok_or(BackupError::Damaged)?;
        if entry.packed > MAX_UNPACKED {
            return Err(BackupError::TooLarge);
        }
        entry.supported()?;
        let (opened, method, checked) = match (entry.encrypted, entry.aes) {
            (false, _) => (Zeroizing::new(data.to_vec()), entry.method, true),
            (true, None) => (zip_crypto(data, password, entry.check)?, entry.method, true),
            (true, Some(aes)) => (winzip(data, password)?, aes.method, !aes.no_crc),
        };
        let content = match method {
            0 => opened,
            8 => inflate(&opened).map_err(|error| if entry.encrypted { BackupError::WrongPassword } else { error })?,
            _ => return Err(BackupError::Archive),
        };
        if checked && crc32(&content) != entry.crc {
            return Err(if entry.encrypted { BackupError::WrongPassword } else { BackupError::Damaged });
        }
        Ok(content)
    }
}

impl Entry {
    /// Known before a password is asked for: packed by deflate or not at all, and encrypted by ZipCrypto or AES-256.
    pub(crate) fn supported(&self) -> Result<(), BackupError> {
        let method = match self.aes {
            Some(Aes { strength: 3, method, .. }) if self.method == 99 => method,
            _ => self.method,
        };
        if matches!(method, 0 | 8) { Ok(()) } else { Err(BackupError::Archive) }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, BackupError> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk());
    two.map(|two| u16::from_le_bytes(*two)).ok_or(BackupError::Damaged)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, BackupError> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map(|four| u32::from_le_bytes(*four)).ok_or(BackupError::Damaged)
}

fn usize_at(bytes: &[u8], at: usize) -> Result<usize, BackupError> {
    usize::try_from(u32_at(bytes, at)?).map_err(|_| BackupError::TooLarge)
}

/// The extra field of this number.
fn field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (id, len) = (u16_at(extra, 0).ok()?, usize::from(u16_at(extra, 2).ok()?));
        let field = extra.get(4..4 + len)?;
        if id == number {
            return Some(field);
        }
        extra = extra.get(4 + len..)?;
    }
    None
}

/// WinZip's AES extra field, 0x9901.
fn aes_of(field: &[u8]) -> Option<Aes> {
    let no_crc = u16_at(field, 0).ok()? == 2;
    Some(Aes { strength: *field.get(4)?, no_crc, method: u16_at(field, 5).ok()? })
}

/// Decompresses raw deflate (RFC 1951) within bounds.
pub(crate) fn inflate(packed: &[u8]) -> Result<Bytes, BackupError> {
    crate::inflate::inflate(packed, packed.len().saturating_mul(MAX_RATIO).clamp(1 << 16, MAX_UNPACKED))
}

/// Decompresses gzip (RFC 1952).
pub(crate) fn gunzip(bytes: &[u8]) -> Result<Bytes, BackupError> {
    let (head, mut rest) = bytes.split_first_chunk::<10>().ok_or(BackupError::Damaged)?;
    let [0x1f, 0x8b, 8, flags, ..] = *head else { return Err(BackupError::Damaged) };
    if flags & 4 != 0 {
        let len = usize::from(u16_at(rest, 0)?);
        rest = rest.get(2 + len..).ok_or(BackupError::Damaged)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or(BackupError::Damaged)?;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
    rest = rest.get(usize::from(flags & 2)..).unwrap_or_default();
    inflate(rest)
}

/// PKWARE's own cipher (APPNOTE section 6.1). One wrong password in 256 passes its check byte; the CRC detects it.
fn zip_crypto(data: &[u8], password: &[u8], check: u8) -> Result<Bytes, BackupError> {
    let table = crc_table();
    let step = |crc: u32, byte: u8| {
        let place = usize::from((crc ^ u32::from(byte)).to_le_bytes()[0]);
        crc >> 8 ^ table.get(place).copied().unwrap_or(0)
    };
    let mut keys = (0x1234_5678_u32, 0x2345_6789_u32, 0x3456_7890_u32);
    let update = |keys: &mut (u32, u32, u32), byte: u8| {
        keys.0 = step(keys.0, byte);
        keys.1 = keys.1.wrapping_add(keys.0 & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        keys.2 = step(keys.2, keys.1.to_le_bytes()[3]);
    };
    password.iter().for_each(|byte| update(&mut keys, *byte));
    let mut plain = Zeroizing::new(Vec::with_capacity(data.len()));
    for byte in data {
        let low = keys.2 | 2;
        let byte = byte ^ low.wrapping_mul(low ^ 1).to_le_bytes()[1];
        update(&mut keys, byte);
        plain.push(byte);
    }
    if plain.get(11) != Some(&check) {
        return Err(BackupError::WrongPassword);
    }
    plain.drain(..12);
    Ok(plain)
}

/// WinZip AES-256: PBKDF2-HMAC-SHA-1 with 1,000 rounds, CTR mode with a little-endian counter from 1, and a tag of ten
/// bytes of HMAC-SHA-1.
fn winzip(data: &[u8], password: &[u8]) -> Result<Bytes, BackupError> {
    let (salt, rest) = data.split_first_chunk::<16>().ok_or(BackupError::Damaged)?;
    let (check, rest) = rest.split_first_chunk::<2>().ok_or(BackupError::Damaged)?;
    let (text, tag) = rest.split_last_chunk::<10>().ok_or(BackupError::Damaged)?;
    let mut keys = Zeroizing::new([0; 66]);
    pbkdf2(Hash::Sha1, password, salt, 1000, keys.as_mut_slice())?;
    let (key, rest) = keys.split_first_chunk::<32>().ok_or(BackupError::Damaged)?;
    let (mac, known) = rest.split_first_chunk::<32>().ok_or(BackupError::Damaged)?;
    if known != check || !hmac1_matches(mac, text, tag) {
        return Err(BackupError::WrongPassword);
    }
    let mut plain = Zeroizing::new(text.to_vec());
    ctr(&aes::Aes256::new(key.into()), &|number| u128::from(number).to_le_bytes(), 1, &mut plain);
    Ok(plain)
}

fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    for (entry, start) in table.iter_mut().zip(0_u32..) {
        *entry = (0..8).fold(start, |crc, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 });
    }
    table
}

#[inline(never)]
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let table = crc_table();
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let place = usize::from((crc ^ u32::from(*byte)).to_le_bytes()[0]);
        crc >> 8 ^ table.get(place).copied().unwrap_or(0)
    })
}
