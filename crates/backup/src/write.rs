//! Exports in other apps' formats. [`losses`] lists what a format cannot carry, before anything is written.

use alloc::{vec, vec::Vec};

use base::{Context, Secret};
use otp::{Account, Kind, PeriodSecs, migration};

use crate::{
    BackupError,
    apps::{aegis, links, two_fas},
    source::Source,
};

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A list of `otpauth` addresses, one on each line.
    Links,
    /// Aegis JSON, plain.
    Aegis,
    /// Aegis JSON, encrypted with a password.
    AegisEncrypted,
    /// 2FAS JSON, plain.
    TwoFas,
    /// QR codes for Google Authenticator.
    Google,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Links, Self::Aegis, Self::AegisEncrypted, Self::TwoFas, Self::Google];

    /// The stable identifier.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Aegis => "aegis",
            Self::AegisEncrypted => "aegis-encrypted",
            Self::TwoFas => "2fas",
            Self::Google => "google",
        }
    }

    /// The format of exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

base::codes! {
    /// Something that a format cannot carry.
    pub enum Loss {
        /// The account is left out: the other app has no codes of this kind.
        Kind = "BACKUP_LOSS_KIND",
        /// The account is left out: the other app does not support codes of this length.
        Digits = "BACKUP_LOSS_DIGITS",
        /// The account is left out: the other app does not support this period.
        Period = "BACKUP_LOSS_PERIOD",
        /// The account is left out: it is too large for the format.
        TooLong = "BACKUP_LOSS_TOO_LONG",
        /// Its note is not exported.
        Note = "BACKUP_LOSS_NOTE",
        /// Its tags, or all but the first, are not exported.
        Tags = "BACKUP_LOSS_TAGS",
        /// That it is pinned is not exported.
        Pinned = "BACKUP_LOSS_PINNED",
    }
}

impl Loss {
    /// Whether the whole account is left out.
    pub const fn is_left_out(self) -> bool {
        matches!(self, Self::Kind | Self::Digits | Self::Period | Self::TooLong)
    }
}

/// An export.
pub struct Written {
    /// A file, or the text of each QR code. They contain the secrets.
    pub parts: Vec<Secret>,
    /// The number of accounts in it.
    pub count: usize,
    /// The losses, each with the index of the account.
    pub losses: Vec<(usize, Loss)>,
}

/// What `format` cannot carry of these accounts, to show before anything is written.
pub fn losses(format: Format, sources: &[Source]) -> Vec<(usize, Loss)> {
    let mut losses = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        if let Some(loss) = left_out(format, &source.account) {
            losses.push((place, loss));
            continue;
        }
        let lost = match format {
            Format::Aegis | Format::AegisEncrypted => [false; 3],
            Format::TwoFas => [!source.note.is_empty(), source.tags.len() > 1, source.pinned],
            Format::Links | Format::Google => [!source.note.is_empty(), !source.tags.is_empty(), source.pinned],
        };
        let kinds = [Loss::Note, Loss::Tags, Loss::Pinned].into_iter().zip(lost);
        losses.extend(kinds.filter(|(_, lost)| *lost).map(|(loss, _)| (place, loss)));
    }
    losses
}

/// Why an account must be left out: the other app would show wrong codes, or none.
fn left_out(format: Format, account: &Account) -> Option<Loss> {
    let (kind, period) = (account.otp.kind(), account.otp.period().map_or(30, PeriodSecs::secs));
    match format {
        Format::Links | Format::Aegis | Format::AegisEncrypted => account.to_uri().is_err().then_some(Loss::TooLong),
        Format::TwoFas if matches!(kind, Kind::Motp | Kind::Yandex) => Some(Loss::Kind),
        // The values that the app's own screens offer.
        Format::TwoFas if kind != Kind::Steam && !(5..=8).contains(&account.otp.digits()) => Some(Loss::Digits),
        Format::TwoFas if !matches!(period, 10 | 30 | 60 | 90) => Some(Loss::Period),
        Format::TwoFas => None,
        Format::Google => {
            migration::write(core::slice::from_ref(account), 0).losses.first().map(|(_, loss)| match loss {
                migration::Loss::Kind => Loss::Kind,
                migration::Loss::Digits => Loss::Digits,
                migration::Loss::Period => Loss::Period,
                migration::Loss::TooLong => Loss::TooLong,
            })
        }
    }
}

/// Writes everything that `format` can carry. Only [`Format::AegisEncrypted`] uses `password`.
///
/// # Errors
/// [`BackupError::NeedsPassword`] if it is missing there; [`BackupError::NoMemory`].
pub fn write(
    format: Format,
    sources: &[Source],
    password: Option<&Secret>,
    context: &mut Context,
) -> Result<Written, BackupError> {
    let losses = losses(format, sources);
    let out = |place: usize| losses.iter().any(|(lost, loss)| *lost == place && loss.is_left_out());
    let kept: Vec<Source> =
        sources.iter().enumerate().filter(|(place, _)| !out(*place)).map(|(_, s)| s.copy()).collect();
    let parts = match format {
        Format::Links => vec![links::write(&kept)],
        Format::Aegis => vec![aegis::write(&kept, context)],
        Format::AegisEncrypted => {
            // EXPOSE: checks that it is not empty.
            let password =
                password.filter(|password| !password.expose().is_empty()).ok_or(BackupError::NeedsPassword)?;
            // EXPOSE: the key is derived from the password.
            vec![aegis::write_sealed(&kept, password.expose(), context)?]
        }
        Format::TwoFas => vec![two_fas::write(&kept, context)],
        Format::Google => {
            let accounts: Vec<Account> = kept.iter().map(|source| source.account.clone()).collect();
            let written = migration::write(&accounts, i32::from_le_bytes(context.draw()));
            return Ok(Written { parts: written.parts, count: kept.len(), losses });
        }
    };
    Ok(Written { parts: parts.into_iter().map(Secret::new).collect(), count: kept.len(), losses })
}
