use crate::{
    Key, Otp, OtpError,
    base32::{LENIENT, decode, decode_hex, write, write_hex},
    bytes::{Block, Pen, Span, text},
    numbers::{MOTP, check, settle},
};

/// An account whose texts lie in somebody else's memory: what an address is read into and written from, without an
/// allocator. It has no `Debug`, because it holds a secret.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The kind of code and its settings.
    pub otp: Otp,
    /// The secret and the PIN.
    pub key: Key<'a>,
    /// Who gave the account out, as UTF-8; empty when nobody said. What is not UTF-8 is for the reader to replace by
    /// U+FFFD, as `String::from_utf8_lossy` and JavaScript's `TextDecoder` do alike.
    pub issuer: &'a [u8],
    /// Whose account it is, in the case it was written in, as UTF-8; may be empty.
    pub name: &'a [u8],
    /// What was let through in reading.
    pub notes: Notes,
}

/// What a reader let through that another program may understand differently. An import report tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes(u8);

base::codes! {
    /// One thing that a reader let through.
    #[derive(Hash)]
    pub enum Note {
        /// The algorithm was spelt in an unusual way.
        AlgorithmSpelling = "OTP_NOTE_ALGORITHM_SPELLING",
        /// The label names another issuer than the setting; the whole label became the name.
        OtherIssuer = "OTP_NOTE_OTHER_ISSUER",
        /// There was no counter, so it begins at 0.
        NoCounter = "OTP_NOTE_NO_COUNTER",
    }
}

impl Note {
    const EVERY: [Self; 3] = [Self::AlgorithmSpelling, Self::OtherIssuer, Self::NoCounter];

    const fn bit(self) -> u8 {
        match self {
            Self::AlgorithmSpelling => 1,
            Self::OtherIssuer => 2,
            Self::NoCounter => 4,
        }
    }
}

impl Notes {
    /// The notes, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::EVERY.into_iter().filter(move |note| self.0 & note.bit() != 0)
    }

    pub(crate) const fn add(&mut self, note: Note) {
        self.0 |= note.bit();
    }
}

/// An account as it lies in a block of bytes: the five numbers of `Otp::numbers`, and where its texts are.
#[derive(Default)]
pub(crate) struct Raw {
    pub(crate) numbers: [u64; 5],
    pub(crate) secret: Span,
    pub(crate) issuer: Span,
    pub(crate) name: Span,
    pub(crate) pin: Span,
    pub(crate) notes: Notes,
}

impl Raw {
    /// Checks everything, and decodes the secret in place: base32, or hexadecimal for mOTP.
    #[inline(never)]
    pub(crate) fn settle(&mut self, block: &mut Block<'_>) -> Result<(), OtpError> {
        settle(&mut self.numbers)?;
        let [kind, ..] = self.numbers;
        if kind < MOTP {
            self.pin = Span::default();
        }
        self.secret = if kind == MOTP { decode_hex(block, self.secret) } else { decode(block, self.secret, &LENIENT) };
        match block.fault {
            Some(fault) => Err(fault),
            None => check(kind, &self.key(block.bytes)),
        }
    }

    pub(crate) fn key<'b>(&self, bytes: &'b [u8]) -> Key<'b> {
        Key { secret: text(bytes, self.secret), pin: text(bytes, self.pin) }
    }

    pub(crate) fn parts<'b>(&self, bytes: &'b [u8]) -> Result<Parts<'b>, OtpError> {
        let (issuer, name) = (text(bytes, self.issuer), text(bytes, self.name));
        Ok(Parts { otp: Otp::new(&self.numbers)?, key: self.key(bytes), issuer, name, notes: self.notes })
    }
}

/// Writes a secret as text: base32, or hexadecimal for mOTP.
pub(crate) fn write_secret(pen: &mut Pen<'_>, kind: u64, secret: &[u8]) {
    if kind == MOTP { write_hex(pen, secret) } else { write(pen, secret) }
}
