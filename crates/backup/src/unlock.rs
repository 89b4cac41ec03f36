//! Files that are opened by their password.

use base::Secret;

use crate::{App, Backup, BackupError, Kdf, MaxCost};

/// A file that needs its password: the one that was chosen in the app that wrote it.
pub struct Locked {
    /// Whose password is asked for.
    pub app: &'static App,
    inner: Box<dyn Unlock>,
}

impl Locked {
    /// What one guess costs, as the file says.
    pub fn kdf(&self) -> Kdf {
        self.inner.kdf()
    }

    /// Opens the file. The password is taken as it is, in UTF-8.
    ///
    /// # Errors
    /// [`BackupError::WrongPassword`]; [`BackupError::KdfTooCostly`] and [`BackupError::NoMemory`] before any work is done;
    /// [`BackupError::Damaged`] where the password is right and the rest is not.
    pub fn unlock(&self, password: &Secret, max: MaxCost) -> Result<Backup, BackupError> {
        self.kdf().check(max)?;
        // EXPOSE: the key is made from the password.
        self.inner.unlock(password.expose(), max).and_then(Backup::finish)
    }
}

/// How one app's files are opened.
pub(crate) trait Unlock {
    fn kdf(&self) -> Kdf;
    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError>;
}

/// What a reader makes of a file.
pub(crate) enum Opened {
    Plain(Backup),
    Locked(Locked),
}

impl Opened {
    pub(crate) fn locked(app: &'static App, inner: impl Unlock + 'static) -> Self {
        Self::Locked(Locked { app, inner: Box::new(inner) })
    }
}
