//! ES256 signatures by WebCrypto. The key is imported once an instance.

use std::cell::RefCell;

use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

thread_local! {
    static KEY: RefCell<Option<CryptoKey>> = const { RefCell::new(None) };
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
    let subtle = js_sys::global().unchecked_into::<WorkerGlobalScope>().crypto()?.subtle();
    let known = KEY.with_borrow(Clone::clone);
    let key = match known {
        Some(key) => key,
        None => {
            let key = import(&subtle, jwk).await?;
            KEY.with_borrow_mut(|kept| *kept = Some(key.clone()));
            key
        }
    };
    let algorithm = object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())])?;
    let promise = subtle.sign_with_object_and_u8_array(&algorithm, &key, input.as_bytes())?;
    Ok(Uint8Array::new(&JsFuture::from(promise).await?).to_vec())
}

async fn import(subtle: &SubtleCrypto, jwk: &str) -> Result<CryptoKey, JsValue> {
    let algorithm = object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())])?;
    let jwk: Object = JSON::parse(jwk)?.unchecked_into();
    let usages = Array::of1(&"sign".into());
    let promise = subtle.import_key_with_object("jwk", &jwk, &algorithm, false, &usages)?;
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

fn object(pairs: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in pairs {
        Reflect::set(&object, &JsValue::from_str(name), value)?;
    }
    Ok(object)
}
