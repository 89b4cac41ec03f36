//! The authenticator data (Level 3 section 6.1): hash of the relying party's id, flags, counter, and at a registration the
//! new credential.

use super::{
    Ceremony, MAX_ID_BYTES, PasskeyError, UserVerification,
    cbor::{NotCbor, Reader},
    cose::PublicKey,
};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKUP_STATE: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// Authenticator data, read and not yet judged.
#[derive(Debug)]
pub struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: u8,
    /// The signature counter; 0 where the authenticator has none.
    pub sign_count: u32,
    /// The new credential of a registration.
    pub attested: Option<Attested<'a>>,
}

/// Attested credential data (Level 3 section 6.5.1).
#[derive(Debug)]
pub struct Attested<'a> {
    /// The model of the authenticator, for a name only: nothing proves it.
    pub aaguid: &'a [u8; 16],
    /// The credential's id.
    pub id: &'a [u8],
    /// The key.
    pub key: PublicKey<'a>,
    /// The key as it was sent.
    pub key_bytes: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data to its last byte.
    ///
    /// # Errors
    /// Data that ends early or late, or a credential that cannot be used.
    pub fn read(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(PasskeyError::AuthData)?;
        let (flags, rest) = rest.split_first().ok_or(PasskeyError::AuthData)?;
        let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(PasskeyError::AuthData)?;
        let mut attested = None;
        if flags & ATTESTED != 0 {
            let (found, after) = Attested::read(rest)?;
            (attested, rest) = (Some(found), after);
        }
        if flags & EXTENSIONS != 0 {
            rest = skip_map(rest).map_err(|NotCbor| PasskeyError::Cbor)?;
        }
        if !rest.is_empty() {
            return Err(PasskeyError::Trailing);
        }
        Ok(Self { rp_id_hash, flags: *flags, sign_count: u32::from_be_bytes(*count), attested })
    }

    /// Judges what both ceremonies ask for.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn judge(&self, ceremony: &Ceremony<'_>) -> Result<(), PasskeyError> {
        if *self.rp_id_hash != ceremony.rp_id_hash() {
            return Err(PasskeyError::RpId);
        }
        if !self.has(USER_PRESENT) {
            return Err(PasskeyError::Presence);
        }
        if ceremony.verification == UserVerification::Required && !self.user_verified() {
            return Err(PasskeyError::Verification);
        }
        if self.backup_state() && !self.backup_eligible() {
            return Err(PasskeyError::BackupState);
        }
        Ok(())
    }

    /// Whether a PIN, finger or face was checked.
    pub const fn user_verified(&self) -> bool {
        self.has(USER_VERIFIED)
    }

    /// Whether the passkey can be copied to other devices.
    pub const fn backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// Whether it has been.
    pub const fn backup_state(&self) -> bool {
        self.has(BACKUP_STATE)
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'a> Attested<'a> {
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), PasskeyError> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(PasskeyError::AuthData)?;
        let (len, rest) = rest.split_first_chunk::<2>().ok_or(PasskeyError::AuthData)?;
        let len = usize::from(u16::from_be_bytes(*len));
        if len == 0 || len > MAX_ID_BYTES {
            return Err(PasskeyError::CredentialId);
        }
        let (id, rest) = rest.split_at_checked(len).ok_or(PasskeyError::CredentialId)?;
        let (key, after) = PublicKey::read(rest)?;
        let key_bytes = rest.split_at_checked(rest.len().saturating_sub(after.len())).map_or(rest, |(key, _)| key);
        Ok((Self { aaguid, id, key, key_bytes }, after))
    }
}

fn skip_map(bytes: &[u8]) -> Result<&[u8], NotCbor> {
    Reader::new(bytes).map()?;
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    Ok(reader.rest())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_ends_where_it_says() {
        let data = |flags: u8, more: &[u8]| [&[0_u8; 32][..], &[flags, 0, 0, 0, 7], more].concat();
        for (bytes, want) in [
            (data(USER_PRESENT, &[]), Ok(7)),
            (data(USER_PRESENT, &[0]), Err(PasskeyError::Trailing)),
            (data(EXTENSIONS, &[0xa0]), Ok(7)),
            (data(EXTENSIONS, &[0xa0, 0xa0]), Err(PasskeyError::Trailing)),
            (data(EXTENSIONS, &[]), Err(PasskeyError::Cbor)),
            (data(EXTENSIONS, &[0x80]), Err(PasskeyError::Cbor)),
            (data(ATTESTED, &[]), Err(PasskeyError::AuthData)),
            (data(ATTESTED, &[0; 18]), Err(PasskeyError::CredentialId)),
            (vec![0; 36], Err(PasskeyError::AuthData)),
            (Vec::new(), Err(PasskeyError::AuthData)),
        ] {
            assert_eq!(AuthenticatorData::read(&bytes).map(|data| data.sign_count), want, "{bytes:x?}");
        }
    }
}
