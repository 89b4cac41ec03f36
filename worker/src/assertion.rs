//! ES256 signatures by WebCrypto. A key is imported once an instance.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use crate::web_crypto::{import, object, subtle};

thread_local! {
    /// The key that signed last, with its JWK: another one signs from its day on.
    static KEY: RefCell<Option<(String, CryptoKey)>> = const { RefCell::new(None) };
}

/// Signs `input`: 64 bytes (RFC 7518 section 3.4), or `None` after a failure, which is logged.
pub(crate) async fn sign(jwk: &str, input: &str) -> Option<Vec<u8>> {
    match try_sign(jwk, input).await {
        Ok(signature) => Some(signature),
        Err(_) => {
            crate::log::fault("sign");
            None
        }
    }
}

async fn try_sign(jwk: &str, input: &str) -> Result<Vec<u8>, JsValue> {
    let subtle = subtle()?;
    let algorithm = object(&[("name", "ECDSA"), ("namedCurve", "P-256"), ("hash", "SHA-256")])?;
    let known = KEY.with_borrow(|kept| kept.as_ref().filter(|(known, _)| known == jwk).map(|(_, key)| key.clone()));
    let key = match known {
        Some(key) => key,
        None => {
            let key = import(&subtle, jwk, &algorithm, "sign").await?;
            KEY.with_borrow_mut(|kept| *kept = Some((jwk.to_owned(), key.clone())));
            key
        }
    };
    let promise = subtle.sign_with_object_and_u8_array(&algorithm, &key, input.as_bytes())?;
    Ok(Uint8Array::new(&JsFuture::from(promise).await?).to_vec())
}
