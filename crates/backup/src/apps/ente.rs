//! Ente Auth: addresses with display settings, encrypted as one message of libsodium's secretstream. `links` reads
//! plain lists.

use super::{app, links};
use crate::{
    App, Backup, BackupError, Kdf, MaxCost, Password,
    cipher::secretstream,
    json::Value,
    kdf::Argon,
    text::base64,
    unlock::{Opened, Unlock},
};

pub(crate) const APP: App = app(
    "ente",
    "Ente Auth",
    "ente",
    Password::Maybe,
    "Settings, Data, Export codes. Both kinds open, Ente encrypted export and plain text.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.get("kdfParams").is_object() && file.has("encryptedData")
}

pub(crate) fn open(file: Value) -> Result<Opened, BackupError> {
    Ok(Opened::locked(&APP, Sealed(file)))
}

struct Sealed(Value);

impl Sealed {
    fn argon(&self) -> Argon {
        let params = self.0.get("kdfParams");
        let number = |name: &str| params.get(name).int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        Argon::id(number("memLimit") / 1024, number("opsLimit"), 1)
    }
}

impl Unlock for Sealed {
    fn kdf(&self) -> Kdf {
        self.argon().kdf()
    }

    fn unlock(&self, password: &[u8], max: MaxCost) -> Result<Backup, BackupError> {
        let bytes = |value: &Value| base64(value.text()).ok_or(BackupError::Damaged);
        let (salt, nonce) = (bytes(self.0.get("kdfParams").get("salt"))?, bytes(self.0.get("encryptionNonce"))?);
        let sealed = bytes(self.0.get("encryptedData"))?;
        let key = self.argon().key(password, &salt, max)?;
        let plain = secretstream(&key, &nonce, &sealed)?;
        let text = core::str::from_utf8(&plain).map_err(|_| BackupError::Damaged)?;
        let mut backup = links::read(text)?;
        backup.app = &APP;
        Ok(backup)
    }
}
