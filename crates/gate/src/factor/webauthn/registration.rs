//! A registration (Level 3 section 7.1).

use json::FromJson;

use super::{
    Ceremony, PasskeyError, Verify,
    authenticator_data::AuthenticatorData,
    cbor::{NotCbor, Reader},
    client_data::{self, Type},
    credential_id, decode, read_response,
};

/// `RegistrationResponseJSON`; its other members are not believed.
#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
struct Response {
    id: String,
    raw_id: String,
    r#type: String,
    response: Attestation,
}

#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
}

/// A new credential, to be stored once its key was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The credential's id.
    pub id: Vec<u8>,
    /// The key in COSE, as it was sent.
    pub public_key: Vec<u8>,
    /// The counter to store.
    pub sign_count: u32,
    /// The model of the authenticator, for a name only.
    pub aaguid: [u8; 16],
    /// Whether it can be copied to other devices.
    pub backup_eligible: bool,
    /// Whether it has been.
    pub backup_state: bool,
    /// Whether the person was verified.
    pub user_verified: bool,
    /// The ask that tries the key.
    pub import: Verify,
}

/// Judges a registration. `known` are the ids of the person's credentials.
///
/// # Errors
/// The first thing that is wrong.
pub fn judge<'k>(
    ceremony: &Ceremony<'_>,
    text: &str,
    mut known: impl Iterator<Item = &'k [u8]>,
) -> Result<Registered, PasskeyError> {
    let sent: Response = read_response(text)?;
    let id = credential_id(&sent.r#type, &sent.id, &sent.raw_id)?;
    client_data::judge(&decode(&sent.response.client_data)?, Type::Create, ceremony.challenge, ceremony.origin)?;
    let object = decode(&sent.response.attestation_object)?;
    let data = AuthenticatorData::read(authenticator_data(&object)?)?;
    data.judge(ceremony)?;
    let attested = data.attested.as_ref().ok_or(PasskeyError::NoCredential)?;
    if attested.id != id {
        return Err(PasskeyError::CredentialId);
    }
    if known.any(|known| known == id) {
        return Err(PasskeyError::Known);
    }
    let import = Verify { algorithm: attested.key.algorithm(), jwk: attested.key.jwk(), signed: None };
    Ok(Registered {
        public_key: attested.key_bytes.to_vec(),
        sign_count: data.sign_count,
        aaguid: *attested.aaguid,
        backup_eligible: data.backup_eligible(),
        backup_state: data.backup_state(),
        user_verified: data.user_verified(),
        id,
        import,
    })
}

/// The authenticator data of an attestation object (Level 3 section 6.5.4). A statement is not believed, because none was
/// asked for; under `none` it must be empty.
fn authenticator_data(object: &[u8]) -> Result<&[u8], PasskeyError> {
    let cbor = |NotCbor| PasskeyError::Cbor;
    let mut reader = Reader::new(object);
    if reader.map().map_err(cbor)? != 3 {
        return Err(PasskeyError::Attestation);
    }
    let (mut format, mut statement, mut data) = (None, None, None);
    for _ in 0..3 {
        let twice = match reader.text().map_err(cbor)? {
            "fmt" => format.replace(reader.text().map_err(cbor)?).is_some(),
            "authData" => data.replace(reader.bytes().map_err(cbor)?).is_some(),
            "attStmt" => {
                let pairs = Reader::new(reader.rest()).map().map_err(cbor)?;
                reader.skip().map_err(cbor)?;
                statement.replace(pairs).is_some()
            }
            _ => true,
        };
        if twice {
            return Err(PasskeyError::Attestation);
        }
    }
    if !reader.rest().is_empty() {
        return Err(PasskeyError::Trailing);
    }
    match (format, statement, data) {
        (Some("none"), Some(1..), _) => Err(PasskeyError::Attestation),
        (Some(_), Some(_), Some(data)) => Ok(data),
        _ => Err(PasskeyError::Attestation),
    }
}
