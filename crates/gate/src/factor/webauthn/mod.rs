//! Passkeys and security keys (Web Authentication Level 3). The core parses and judges; the platform's cryptography verifies
//! a signature, which is an ask.

pub mod assertion;
pub mod authenticator_data;
pub mod cbor;
pub mod client_data;
pub mod cose;
pub mod der;
pub mod registration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, ToJson};
use sha2::{Digest as _, Sha256};

pub use crate::policy::factor::UserVerification;

base::codes! {
    /// Why a registration or an assertion of a passkey was refused.
    pub enum PasskeyError {
        /// The browser's answer cannot be read.
        Unreadable = "PASSKEY_UNREADABLE",
        /// The client data cannot be read.
        ClientData = "PASSKEY_CLIENT_DATA",
        /// The client data is of the other ceremony.
        Type = "PASSKEY_TYPE",
        /// The client data has another challenge.
        Challenge = "PASSKEY_CHALLENGE",
        /// The passkey was used on another site.
        Origin = "PASSKEY_ORIGIN",
        /// The passkey was used in a frame of another site.
        CrossOrigin = "PASSKEY_CROSS_ORIGIN",
        /// A value of the authenticator is not encoded as it must be.
        Cbor = "PASSKEY_CBOR",
        /// The attestation cannot be read.
        Attestation = "PASSKEY_ATTESTATION",
        /// The authenticator's data cannot be read.
        AuthData = "PASSKEY_AUTH_DATA",
        /// Bytes follow where nothing may.
        Trailing = "PASSKEY_TRAILING",
        /// The passkey belongs to another host.
        RpId = "PASSKEY_RP_ID",
        /// Nobody touched the authenticator.
        Presence = "PASSKEY_PRESENCE",
        /// The authenticator did not verify the person.
        Verification = "PASSKEY_VERIFICATION",
        /// The passkey is backed up and says that it cannot be.
        BackupState = "PASSKEY_BACKUP_STATE",
        /// The passkey can be backed up now and could not before, or the reverse.
        BackupEligibility = "PASSKEY_BACKUP_ELIGIBILITY",
        /// A registration without a credential.
        NoCredential = "PASSKEY_NO_CREDENTIAL",
        /// The credential's id is wrong.
        CredentialId = "PASSKEY_CREDENTIAL_ID",
        /// The public key is wrong.
        Key = "PASSKEY_KEY",
        /// The algorithm was not offered.
        Algorithm = "PASSKEY_ALGORITHM",
        /// The passkey is registered already.
        Known = "PASSKEY_KNOWN",
        /// The signature is wrong.
        Signature = "PASSKEY_SIGNATURE",
        /// The authenticator's counter did not grow.
        Counter = "PASSKEY_COUNTER",
        /// The passkey is not one of this person's.
        UnknownCredential = "PASSKEY_UNKNOWN_CREDENTIAL",
        /// The passkey belongs to another person.
        UserHandle = "PASSKEY_USER_HANDLE",
    }
}

/// Length of a challenge in bytes; Level 3 section 13.4.3 asks for 16 at least.
pub const CHALLENGE_BYTES: usize = 32;
/// Longest answer of a browser, as text. An attestation with its certificates has some kilobytes.
pub const MAX_RESPONSE_BYTES: usize = 65_536;
/// Longest credential id (Level 3 section 6.5.1).
pub const MAX_ID_BYTES: usize = 1023;

/// What both ceremonies compare with.
#[derive(Clone, Copy)]
pub struct Ceremony<'a> {
    /// The relying party's id, a host name.
    pub rp_id: &'a str,
    /// The one origin that is accepted, byte by byte.
    pub origin: &'a str,
    /// The challenge, spent before this is called.
    pub challenge: &'a [u8],
    /// Whether the person must have been verified.
    pub verification: UserVerification,
}

impl Ceremony<'_> {
    fn rp_id_hash(&self) -> [u8; 32] {
        Sha256::digest(self.rp_id.as_bytes()).into()
    }
}

/// What the platform's cryptography is asked: to import a key, and to verify a signature with it. It is plain data, because
/// it crosses into JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// The signature algorithm.
    pub algorithm: cose::Algorithm,
    /// The public key as a JSON Web Key (RFC 7517). Only the import finds a point that is not on its curve.
    pub jwk: String,
    /// The signature and what it is over; absent where the key alone is tried.
    pub signed: Option<Signed>,
}

/// A signature in the form that WebCrypto takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// r and s of 32 bytes each for ES256, else as the authenticator sent it.
    pub signature: Vec<u8>,
    /// The bytes under it: authenticator data and the hash of the client data.
    pub message: Vec<u8>,
}

/// Bytes as base64url without padding, the only spelling that browsers write.
fn decode(text: &str) -> Result<Vec<u8>, PasskeyError> {
    if text.len() > MAX_RESPONSE_BYTES {
        return Err(PasskeyError::Unreadable);
    }
    Base64UrlUnpadded::decode_vec(text).map_err(|_| PasskeyError::Unreadable)
}

/// Reads a browser's answer.
fn read_response<T: FromJson>(text: &str) -> Result<T, PasskeyError> {
    if text.len() > MAX_RESPONSE_BYTES || !text.starts_with('{') {
        return Err(PasskeyError::Unreadable);
    }
    json::from_str(text).map_err(|_| PasskeyError::Unreadable)
}

/// `id` and `rawId` say the same (Level 3 section 5.1); the bytes of both.
fn credential_id(kind: &str, id: &str, raw_id: &str) -> Result<Vec<u8>, PasskeyError> {
    if kind != "public-key" {
        return Err(PasskeyError::Unreadable);
    }
    let bytes = decode(raw_id)?;
    if id != raw_id || bytes.is_empty() || bytes.len() > MAX_ID_BYTES {
        return Err(PasskeyError::CredentialId);
    }
    Ok(bytes)
}

/// The type of every credential.
pub(super) const PUBLIC_KEY: &str = "public-key";

/// A credential as options name it (Level 3 section 5.8.3).
#[derive(ToJson)]
pub(super) struct Named<'a> {
    id: &'a str,
    r#type: &'static str,
}

impl<'a> Named<'a> {
    pub(super) const fn of(id: &'a str) -> Self {
        Self { id, r#type: PUBLIC_KEY }
    }
}
