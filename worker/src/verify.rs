//! Verifies signatures of passkeys by WebCrypto. Only the import of a key detects a point that is not on its curve.

use gate::factor::webauthn::Verify;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::web_crypto::{import, object, subtle};

/// Whether the key can be imported and the signature, if there is one, is its own. `None` after a failure of the platform, which
/// is logged.
pub(crate) async fn verify(ask: &Verify) -> Option<bool> {
    match try_verify(ask).await {
        Ok(valid) => Some(valid),
        Err(_) => {
            crate::log::fault("verify");
            None
        }
    }
}

async fn try_verify(ask: &Verify) -> Result<bool, JsValue> {
    let subtle = subtle()?;
    let name = ask.algorithm.web_crypto_name();
    let algorithm = object(&[("name", name), ("namedCurve", "P-256"), ("hash", "SHA-256")])?;
    // WebCrypto throws for a bad key.
    let Ok(key) = import(&subtle, &ask.jwk, &algorithm, "verify").await else { return Ok(false) };
    let Some(signed) = &ask.signed else { return Ok(true) };
    let promise =
        subtle.verify_with_object_and_u8_array_and_u8_array(&algorithm, &key, &signed.signature, &signed.message)?;
    Ok(JsFuture::from(promise).await?.is_truthy())
}
