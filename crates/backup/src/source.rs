//! The accounts of an export.

use alloc::{string::String, vec::Vec};

use otp::{Account, Otp};

/// An account to export.
pub struct Source {
    /// The account.
    pub account: Account,
    /// The user's note.
    pub note: String,
    /// The user's tags.
    pub tags: Vec<String>,
    /// Whether it is pinned.
    pub pinned: bool,
}

impl Source {
    pub(crate) fn copy(&self) -> Self {
        Self { account: self.account.clone(), note: self.note.clone(), tags: self.tags.clone(), pinned: self.pinned }
    }
}

/// Field values that several formats share.
pub(crate) mod fields {
    use alloc::{borrow::ToOwned, vec};

    use super::Otp;
    use crate::text::Wiped;

    /// Base32 without padding.
    pub(crate) fn base32(secret: &[u8]) -> Wiped {
        let mut room = crate::wipe::Zeroizing::new(vec![0; secret.len() * 2 + 8]);
        let len = otp::base32::encode(secret, &mut room).unwrap_or(0);
        let text = room.get(..len).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or_default();
        Wiped::new(text.to_owned())
    }

    pub(crate) fn algorithm(otp: &Otp) -> &'static str {
        otp.algorithm().map_or("SHA1", otp::Algorithm::name)
    }
}
