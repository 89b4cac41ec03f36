//! Helpers for WebCrypto, shared by signing and verifying.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

/// The platform's cryptography.
pub(crate) fn subtle() -> Result<SubtleCrypto, JsValue> {
    Ok(js_sys::global().unchecked_into::<WorkerGlobalScope>().crypto()?.subtle())
}

/// Imports a key in JWK for one usage.
pub(crate) async fn import(
    subtle: &SubtleCrypto,
    jwk: &str,
    algorithm: &Object,
    usage: &str,
) -> Result<CryptoKey, JsValue> {
    let jwk: Object = JSON::parse(jwk)?.unchecked_into();
    let usages = Array::of1(&usage.into());
    let promise = subtle.import_key_with_object("jwk", &jwk, algorithm, false, &usages)?;
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// An object with these members.
pub(crate) fn object(pairs: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in pairs {
        Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value))?;
    }
    Ok(object)
}
