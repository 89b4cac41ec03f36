//! Files that need a password.

use alloc::boxed::Box;

use base::Secret;

use crate::{App, Backup, BackupError, Kdf, MaxCost};

/// A file that needs the password that was set in the app that wrote it.
pub struct Locked {
    /// The app that wrote it.
    pub app: &'static App,
    inner: Box<dyn Unlock>,
}

impl Locked {
    /// The cost of one guess, from the file.
    pub fn kdf(&self) -> Kdf {
        self.inner.kdf()
    }

    /// Opens the file. The password is UTF-8 and not normalised.
    ///
    /// # Errors
    /// [`BackupError::WrongPassword`]; [`BackupError::KdfTooCostly`] and [`BackupError::NoMemory`] before any work is
    /// done; [`BackupError::Damaged`] when the password is right but the content is damaged.
    pub fn unlock(&self, password: &Secret, max: MaxCost) -> Result<Backup, BackupError> {
        self.kdf().check(max)?;
        // EXPOSE: the key is derived from the password.
        self.inner.unlock(password.expose(), max).and_then(Backup::finish)
    }
}

/// Opens the locked files of one app.
pub(crate) trait Unlock {
    fn kdf(&self) -> Kdf;
    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError>;
}

/// The result of reading a file.
pub(crate) enum Opened {
    Plain(Backup),
    Locked(Locked),
}

impl Opened {
    pub(crate) fn locked(app: &'static App, inner: impl Unlock + 'static) -> Self {
        Self::Locked(Locked { app, inner: Box::new(inner) })
    }
}
