use crate::{
    Key, Otp, OtpError,
    base32::{LENIENT, decode, decode_hex, write, write_hex},
    bytes::{Block, Pen, Span, text},
    numbers::{MOTP, check, settle},
};

/// An account with borrowed texts, for readers and writers of addresses without an allocator. No `Debug`, because it
/// contains a secret.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The kind of code and its settings.
    pub otp: Otp,
    /// The secret and the PIN.
    pub key: Key<'a>,
    /// The issuer; empty when unknown. Usually UTF-8: the caller replaces invalid sequences by U+FFFD, as
    /// `String::from_utf8_lossy` and JavaScript's `TextDecoder` do.
    pub issuer: &'a [u8],
    /// The account name in its original case, encoded as the issuer; may be empty.
    pub name: &'a [u8],
    /// Deviations that the reader accepted.
    pub notes: Notes,
}

/// Deviations that a reader accepted and another program may read differently, for an import report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes(u8);

base::codes! {
    /// One accepted deviation.
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

/// An account in a block of bytes: the five numbers of `Otp::numbers`, and the ranges of its texts.
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
    /// Checks the numbers and texts, and decodes the secret in place: base32, or hexadecimal for mOTP.
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
