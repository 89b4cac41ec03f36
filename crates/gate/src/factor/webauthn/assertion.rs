//! An assertion (Level 3 section 7.2).

use json::FromJson;
use sha2::{Digest as _, Sha256};

use super::{
    Ceremony, PasskeyError, Signed, Verify,
    authenticator_data::AuthenticatorData,
    client_data::{self, Type},
    cose::PublicKey,
    credential_id, decode, read_response,
};

/// `AuthenticationResponseJSON`; its other members are not believed.
#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
struct Response {
    id: String,
    raw_id: String,
    r#type: String,
    response: Assertion,
}

#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
struct Assertion {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// A stored credential of the person.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// Its key in COSE.
    pub public_key: &'a [u8],
    /// Whether it can be copied, as it said at the registration.
    pub backup_eligible: bool,
}

/// An assertion in which all is right but the signature, which has yet to be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The credential's id.
    pub id: Vec<u8>,
    /// The counter, to be judged by [`counter`] once the signature is verified.
    pub sign_count: u32,
    /// Whether the passkey has been copied to other devices.
    pub backup_state: bool,
    /// Whether the person was verified.
    pub user_verified: bool,
    /// The ask.
    pub verify: Verify,
}

/// Judges an assertion. `known` are the credentials of the person that may be used, and `user_handle` is the person's.
///
/// # Errors
/// The first thing that is wrong.
pub fn judge<'k>(
    ceremony: &Ceremony<'_>,
    text: &str,
    user_handle: &[u8],
    mut known: impl Iterator<Item = Known<'k>>,
) -> Result<Asserted, PasskeyError> {
    let sent: Response = read_response(text)?;
    let id = credential_id(&sent.r#type, &sent.id, &sent.raw_id)?;
    let known = known.find(|known| known.id == id).ok_or(PasskeyError::UnknownCredential)?;
    if let Some(handle) = sent.response.user_handle
        && decode(&handle)? != user_handle
    {
        return Err(PasskeyError::UserHandle);
    }
    let client_data = decode(&sent.response.client_data)?;
    client_data::judge(&client_data, Type::Get, ceremony.challenge, ceremony.origin)?;
    let mut message = decode(&sent.response.authenticator_data)?;
    let data = AuthenticatorData::read(&message)?;
    data.judge(ceremony)?;
    if data.attested.is_some() {
        return Err(PasskeyError::AuthData);
    }
    if data.backup_eligible() != known.backup_eligible {
        return Err(PasskeyError::BackupEligibility);
    }
    let (sign_count, backup_state, user_verified) = (data.sign_count, data.backup_state(), data.user_verified());
    let (key, _) = PublicKey::read(known.public_key)?;
    let signature = key.signature(&decode(&sent.response.signature)?).ok_or(PasskeyError::Signature)?;
    message.extend_from_slice(&Sha256::digest(&client_data));
    let verify = Verify { algorithm: key.algorithm(), jwk: key.jwk(), signed: Some(Signed { signature, message }) };
    Ok(Asserted { id, sign_count, backup_state, user_verified, verify })
}

/// Judges a counter against the stored one (Level 3 section 7.2, step on the signature counter). Both are 0 where an
/// authenticator counts nothing. It is judged after the signature: anybody can write a number.
///
/// # Errors
/// [`PasskeyError::Counter`] when it did not grow.
pub const fn counter(stored: u32, sent: u32) -> Result<(), PasskeyError> {
    if sent > stored || sent == 0 && stored == 0 { Ok(()) } else { Err(PasskeyError::Counter) }
}
