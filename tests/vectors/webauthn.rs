//! Rows of `webauthn/`.

use serde::Deserialize;

/// One file: who made it, and its rows.
#[derive(Deserialize)]
struct File {
    rows: Vec<Row>,
}

/// One registration or assertion, and what a verifier must say of it. Binary values are base64url.
#[derive(Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Row {
    pub name: String,
    /// `create` or `get`.
    pub op: String,
    /// `ok`, or the reason of the refusal.
    pub expect: String,
    pub rp_id: String,
    pub origins: Vec<String>,
    pub challenge: String,
    pub user_verification: String,
    /// What the browser gave, as JSON.
    pub credential: serde_json::Value,
    pub registered: Option<Registered>,
    /// The counter to be stored, in rows that are good.
    pub sign_count: Option<u32>,
    /// Whether only the import of the key finds the fault.
    #[serde(default)]
    pub verify: bool,
}

/// What was stored at the registration.
#[derive(Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Registered {
    pub id: String,
    pub public_key: String,
    pub sign_count: u32,
    pub user_handle: String,
    pub backup_eligible: bool,
}

/// Every row: 39 good ones and 44 bad ones.
pub fn all() -> Vec<Row> {
    [
        ("webauthn/good-chromium.json", include_str!("webauthn/good-chromium.json")),
        ("webauthn/good-fido2.json", include_str!("webauthn/good-fido2.json")),
        ("webauthn/bad-fido2.json", include_str!("webauthn/bad-fido2.json")),
    ]
    .into_iter()
    .flat_map(|(name, text)| serde_json::from_str::<File>(text).unwrap_or_else(|e| panic!("{name}: {e}")).rows)
    .collect()
}
