//! KeePass databases, KDBX 4 (keepass.info/help/kb/kdbx.html): AES-256 or ChaCha20, Argon2 or AES-KDF, a password, a
//! key file or both. Codes are in the fields of KeePass, KeePassXC and their plug-ins.

use alloc::{
    borrow::ToOwned,
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};

use crate::wipe::Zeroizing;
use aes::cipher::{KeyIvInit, StreamCipher};
use argon2::Version;

use super::{app, bitwarden::code_or_link};
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::{Bytes, cbc, chacha20, hmac256, same, sha256, sha512},
    kdf::{Argon, Key, aes_kdf},
    report::{Draft, Raw},
    text::{Wiped, base64, has, hex, split_once},
    unlock::{Opened, Unlock},
    xml::{Event, Reader, attribute},
    zip::gunzip,
};

pub(crate) const APP: App = app(
    "keepass",
    "KeePass, KeePassXC and others (KDBX 4)",
    "kdbx",
    Password::Always,
    "The database file itself. A key file is chosen together with it.",
);

const MAGIC: &[u8] = &[0x03, 0xd9, 0xa2, 0x9a];
/// The second signature of KDBX. Pre-release KDBX and KeePass 1 files have others.
const KDBX: &[u8] = &[0x67, 0xfb, 0x4b, 0xb5];

const AES: &str = "31c1f2e6bf714350be5805216afc5aff";
const CHACHA20: &str = "d6038a2b8b6f4cb5a524339a31dbb59a";
const AES_KDF: [&str; 2] = ["c9d9f39a628a4460bf740d08c18a4fea", "7c02bb8279a74ac0927d114a00648238"];
const ARGON2D: &str = "ef636ddf8c29444b91f7a9a403e30a0c";
const ARGON2ID: &str = "9e298b1956db4773b23dfc3ec6f0a1e6";

struct Sealed {
    bytes: Vec<u8>,
    header: Header,
    key_file: Option<Key>,
}

struct Header {
    len: usize,
    chacha: bool,
    packed: bool,
    seed: Vec<u8>,
    iv: Vec<u8>,
    kdf: Stretch,
}

enum Stretch {
    Aes { rounds: u64, seed: [u8; 32] },
    Argon { argon: Argon, salt: Vec<u8>, version: Version },
}

/// Reads the header of a database; `None` for other files.
pub(crate) fn open(bytes: &[u8], beside: &[&[u8]]) -> Option<Result<Opened, BackupError>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let Some(rest) = rest.strip_prefix(KDBX) else { return Some(Err(BackupError::OldKdbx)) };
    let header = match rest {
        [_, _, 4, 0, ..] => header(bytes),
        [_, _, 0..=3, 0, ..] => Err(BackupError::OldKdbx),
        _ => Err(BackupError::TooNew),
    };
    let key_file = beside.first().map(|file| key_file(file));
    Some(header.map(|header| Opened::locked(&APP, Sealed { bytes: bytes.to_vec(), header, key_file })))
}

/// Reads fields in order; numbers are little-endian.
struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], BackupError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(BackupError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, BackupError> {
        self.take(1).map(|byte| byte.first().copied().unwrap_or(0))
    }

    fn u32(&mut self) -> Result<usize, BackupError> {
        let four = self.take(4)?.first_chunk().copied().unwrap_or_default();
        usize::try_from(u32::from_le_bytes(four)).map_err(|_| BackupError::TooLarge)
    }

    /// A field: its id and its bytes.
    fn field(&mut self) -> Result<(u8, &'b [u8]), BackupError> {
        let (id, len) = (self.byte()?, self.u32()?);
        Ok((id, self.take(len)?))
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn header(bytes: &[u8]) -> Result<Header, BackupError> {
    let mut cursor = Cursor(bytes.get(12..).ok_or(BackupError::Damaged)?);
    let (mut cipher, mut packed, mut seed, mut iv, mut kdf) = (String::new(), true, Vec::new(), Vec::new(), None);
    loop {
        match cursor.field()? {
            (0, _) => break,
            (2, id) => cipher = crate::text::to_hex(id).to_string(),
            (3, flag) => packed = number(flag) == 1,
            (4, bytes) => seed = bytes.to_vec(),
            (7, bytes) => iv = bytes.to_vec(),
            (11, bytes) => kdf = Some(stretch(bytes)?),
            _ => {}
        }
    }
    if cipher != AES && cipher != CHACHA20 {
        return Err(BackupError::KdbxCipher);
    }
    let kdf = kdf.ok_or(BackupError::Damaged)?;
    Ok(Header { len: bytes.len() - cursor.0.len(), chacha: cipher == CHACHA20, packed, seed, iv, kdf })
}

/// Reads the variant dictionary of the key derivation.
fn stretch(bytes: &[u8]) -> Result<Stretch, BackupError> {
    let mut cursor = Cursor(bytes);
    cursor.take(2)?;
    let mut values: Vec<(&[u8], &[u8])> = Vec::new();
    while cursor.byte()? != 0 {
        let len = cursor.u32()?;
        let name = cursor.take(len)?;
        let len = cursor.u32()?;
        values.push((name, cursor.take(len)?));
        if values.len() > 64 {
            return Err(BackupError::Hostile);
        }
    }
    let get = |name: &[u8]| values.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, value)| *value);
    let id = crate::text::to_hex(get(b"$UUID"));
    let kind = match id.as_str() {
        ARGON2D => argon2::Algorithm::Argon2d,
        ARGON2ID => argon2::Algorithm::Argon2id,
        id if AES_KDF.contains(&id) => {
            let seed = get(b"S").try_into().map_err(|_| BackupError::Damaged)?;
            return Ok(Stretch::Aes { rounds: number(get(b"R")), seed });
        }
        _ => return Err(BackupError::KdbxKdf),
    };
    if !get(b"K").is_empty() || !get(b"A").is_empty() {
        return Err(BackupError::KdbxKdf);
    }
    let version = match number(get(b"V")) {
        0x10 => Version::V0x10,
        0x13 => Version::V0x13,
        _ => return Err(BackupError::KdbxKdf),
    };
    let argon =
        Argon { kind, memory_kib: number(get(b"M")) / 1024, passes: number(get(b"I")), lanes: number(get(b"P")) };
    Ok(Stretch::Argon { argon, salt: get(b"S").to_vec(), version })
}

/// The key of a key file: XML of version 1 or 2, 32 bytes, 64 hexadecimal digits, or the hash of any other file.
fn key_file(file: &[u8]) -> Key {
    if let Ok(bytes) = <[u8; 32]>::try_from(file) {
        return Zeroizing::new(bytes);
    }
    let text = core::str::from_utf8(file).unwrap_or_default().trim();
    let data = split_once(text, "<Data")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| split_once(rest, "</"));
    let data = data.map_or(text, |(data, _)| data);
    let plain: String = data.chars().filter(|c| !c.is_whitespace()).collect();
    let decoded = hex(&plain).filter(|bytes| bytes.len() == 32).or_else(|| base64(&plain).filter(|_| data != text));
    let key = decoded.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    key.map_or_else(|| sha256(&[file]), Zeroizing::new)
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        match &self.header.kdf {
            Stretch::Aes { rounds, .. } => Kdf::AesKdf { rounds: *rounds },
            Stretch::Argon { argon, .. } => argon.kdf(),
        }
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let hashed = sha256(&[password]);
        let composite = match &self.key_file {
            None => sha256(&[hashed.as_slice()]),
            Some(key) if password.is_empty() => sha256(&[key.as_slice()]),
            Some(key) => sha256(&[hashed.as_slice(), key.as_slice()]),
        };
        let Header { len, seed, .. } = &self.header;
        let key = match &self.header.kdf {
            Stretch::Aes { rounds, seed } => aes_kdf(&composite, seed, *rounds)?,
            Stretch::Argon { argon, salt, version } => argon.run(*version, composite.as_slice(), salt, max)?,
        };
        let mac = sha512(&[seed, key.as_slice(), &[1]]);
        let (head, rest) = self.bytes.split_at_checked(*len).ok_or(BackupError::Damaged)?;
        let mut cursor = Cursor(rest);
        if !same(cursor.take(32)?, sha256(&[head]).as_slice()) {
            return Err(BackupError::Damaged);
        }
        if !same(cursor.take(32)?, hmac256(sha512(&[&[0xff; 8], mac.as_slice()]).as_slice(), &[head]).as_slice()) {
            return Err(BackupError::WrongPassword);
        }
        let sealed = blocks(cursor, mac.as_slice())?;
        let plain = self.decrypt(sha256(&[seed, key.as_slice()]).as_slice(), sealed)?;
        inner(&plain)
    }
}

/// Reads the blocks after the header; the MAC of each covers its index.
fn blocks(mut cursor: Cursor<'_>, mac: &[u8]) -> Result<Bytes, BackupError> {
    let mut sealed = Zeroizing::new(Vec::new());
    for index in 0_u64.. {
        let (tag, size) = (cursor.take(32)?, cursor.take(4)?);
        let len = Cursor(size).u32()?;
        let block = cursor.take(len)?;
        let index = index.to_le_bytes();
        let key = sha512(&[&index, mac]);
        if !same(tag, hmac256(key.as_slice(), &[&index, size, block]).as_slice()) {
            return Err(BackupError::Damaged);
        }
        if block.is_empty() {
            break;
        }
        sealed.extend_from_slice(block);
    }
    Ok(sealed)
}

impl Sealed {
    fn decrypt(&self, key: &[u8], mut sealed: Bytes) -> Result<Bytes, BackupError> {
        // Everything was authenticated, so any failure here is damage.
        let plain = if self.header.chacha {
            chacha20(key, &self.header.iv, &mut sealed)?;
            sealed
        } else {
            cbc(key, &self.header.iv, &sealed).map_err(|_| BackupError::Damaged)?
        };
        if self.header.packed { gunzip(&plain) } else { Ok(plain) }
    }
}

/// The key stream of protected values, one for the whole document.
enum Stream {
    Salsa(Box<salsa20::Salsa20>),
    ChaCha(Box<chacha20::ChaCha20>),
}

impl Stream {
    fn new(kind: u64, key: &[u8]) -> Result<Self, BackupError> {
        match kind {
            2 => {
                let nonce = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];
                let cipher = salsa20::Salsa20::new_from_slices(sha256(&[key]).as_slice(), &nonce);
                cipher.map(|cipher| Self::Salsa(Box::new(cipher))).map_err(|_| BackupError::Damaged)
            }
            3 => {
                let hash = sha512(&[key]);
                let (key, rest) = hash.split_at(32);
                let cipher = chacha20::ChaCha20::new_from_slices(key, rest.get(..12).unwrap_or_default());
                cipher.map(|cipher| Self::ChaCha(Box::new(cipher))).map_err(|_| BackupError::Damaged)
            }
            _ => Err(BackupError::KdbxCipher),
        }
    }

    fn apply(&mut self, bytes: &mut [u8]) {
        match self {
            Self::Salsa(cipher) => cipher.apply_keystream(bytes),
            Self::ChaCha(cipher) => cipher.apply_keystream(bytes),
        }
    }
}

fn inner(plain: &[u8]) -> Result<Backup, BackupError> {
    let mut cursor = Cursor(plain);
    let (mut kind, mut key) = (0, &[][..]);
    loop {
        match cursor.field()? {
            (0, _) => break,
            (1, id) => kind = number(id),
            (2, bytes) => key = bytes,
            _ => {}
        }
    }
    let text = core::str::from_utf8(cursor.0).map_err(|_| BackupError::Damaged)?;
    read(text, Stream::new(kind, key)?)
}

#[derive(Default)]
struct Group {
    id: String,
    name: String,
}

#[derive(Default)]
struct Item {
    fields: Vec<(String, Wiped)>,
    tags: String,
    trashed: bool,
    group: String,
}

impl Item {
    fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim())
    }
}

fn read(text: &str, mut stream: Stream) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let mut reader = Reader::new(text);
    // Open elements: name, whether protected, text so far.
    let mut open: Vec<(&str, bool, Wiped)> = Vec::new();
    let (mut groups, mut items, mut bin) = (Vec::<Group>::new(), Vec::<Item>::new(), String::new());
    let (mut history, mut field) = (0_u32, (String::new(), Wiped::default()));
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(name, attributes) => {
                let protected = attribute(attributes, "Protected").is_some_and(|yes| yes.eq_ignore_ascii_case("true"));
                open.push((name, protected, Wiped::default()));
                match name {
                    "Group" => groups.push(Group::default()),
                    "Entry" => items.push(Item::default()),
                    "History" => history += 1,
                    _ => {}
                }
            }
            Event::Text(text) => {
                if let Some((_, _, so_far)) = open.last_mut() {
                    so_far.push_str(&text);
                }
            }
            Event::Close => {
                let (name, protected, mut text) = open.pop().ok_or(BackupError::Damaged)?;
                if protected {
                    let mut bytes = base64(&text).ok_or(BackupError::Damaged)?;
                    stream.apply(&mut bytes);
                    text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
                }
                let parent = open.last().map_or("", |(name, ..)| *name);
                match (parent, name) {
                    ("Meta", "RecycleBinUUID") => bin = text.trim().to_owned(),
                    ("Group", "UUID") => set(&mut groups, |group| group.id = text.trim().to_owned()),
                    ("Group", "Name") => set(&mut groups, |group| group.name = text.trim().to_owned()),
                    ("Entry", "Tags") => set(&mut items, |item| item.tags = text.trim().to_owned()),
                    ("String", "Key") => field.0 = text.trim().to_owned(),
                    ("String", "Value") => field.1 = text,
                    ("Entry", "String") => {
                        let (key, value) = core::mem::take(&mut field);
                        set(&mut items, |item| item.fields.push((key, value)));
                    }
                    (_, "History") => history = history.saturating_sub(1),
                    (_, "Group") => drop(groups.pop()),
                    (_, "Entry") => {
                        let mut item = items.pop().ok_or(BackupError::Damaged)?;
                        if history == 0 {
                            item.trashed = groups.iter().any(|group| group.id == bin && !bin.is_empty());
                            // The first group is the database itself.
                            item.group =
                                groups.get(1..).and_then(<[Group]>::last).map_or_else(String::new, |g| g.name.clone());
                            take(&mut backup, &item)?;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    if open.is_empty() { Ok(backup) } else { Err(BackupError::Damaged) }
}

fn set<T>(list: &mut [T], change: impl FnOnce(&mut T)) {
    if let Some(last) = list.last_mut() {
        change(last);
    }
}

/// Adds the code of an entry, if it has one.
fn take(backup: &mut Backup, item: &Item) -> Result<(), BackupError> {
    if !item.get("Password").is_empty() {
        backup.passwords += 1;
    }
    let tags = item.tags.split([';', ',']).map(str::to_owned).chain((!item.trashed).then(|| item.group.clone()));
    let [timed, counted] =
        ["TimeOtp-Secret-Base64", "HmacOtp-Secret-Base64"].map(|name| base64(item.get(name)).unwrap_or_default());
    let mut draft = Draft {
        issuer: item.get("Title").to_owned(),
        name: item.get("UserName").to_owned(),
        tags: tags.collect(),
        trashed: item.trashed,
        ..Draft::default()
    };
    let (otp, seed) = (item.get("otp"), item.get("TOTP Seed"));
    let number = |text: &str| text.trim().parse().ok();
    if has(otp, "://") {
        return code_or_link(backup, otp, draft);
    }
    if !otp.is_empty() {
        // KeeOtp: query parameters alone.
        let get = |name: &str| {
            otp.split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map_or("", |(_, value)| value)
        };
        let key = crate::text::unescape(get("key"), false);
        draft.secret = Raw::Text(if get("key").is_empty() { otp } else { &key });
        draft.kind = get("type");
        draft.algorithm = get("otpHashMode");
        (draft.digits, draft.period, draft.counter) =
            (number(get("size")), number(get("step")), number(get("counter")));
        return backup.add(draft);
    }
    if !seed.is_empty() {
        let settings = item.get("TOTP Settings");
        let mut settings = settings.split(';');
        draft.period = settings.next().and_then(number);
        let digits = settings.next().unwrap_or_default();
        if digits.trim().eq_ignore_ascii_case("s") {
            draft.kind = "steam";
        }
        draft.digits = number(digits);
        draft.secret = Raw::Text(seed);
        return backup.add(draft);
    }
    for (kind, prefix, bytes) in [("totp", "TimeOtp-", &timed), ("hotp", "HmacOtp-", &counted)] {
        let get = |name: &str| item.get(&[prefix, name].concat());
        draft.secret = match (get("Secret-Base32"), get("Secret-Hex"), bytes.as_slice(), get("Secret")) {
            ("", "", [], "") => continue,
            ("", "", [], text) => Raw::Bytes(text.as_bytes()),
            ("", "", bytes, _) => Raw::Bytes(bytes),
            ("", text, ..) => Raw::Hex(text),
            (text, ..) => Raw::Text(text),
        };
        draft.kind = kind;
        // KeePass spells these differently, so they are not noted as deviations.
        draft.algorithm = match get("Algorithm") {
            "HMAC-SHA-1" => "SHA1",
            "HMAC-SHA-256" => "SHA256",
            "HMAC-SHA-512" => "SHA512",
            other => other,
        };
        (draft.digits, draft.period) = (number(get("Length")), number(get("Period")));
        draft.counter = if kind == "hotp" { Some(number(get("Counter")).unwrap_or(0)) } else { None };
        return backup.add(draft);
    }
    backup.without_code += 1;
    Ok(())
}
