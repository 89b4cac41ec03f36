//! Calls, loading and saving for every Durable Object.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit, Response};
use worker::Env;

use crate::{cas_fetch, config};

/// Storage key of the record.
pub(crate) const RECORD: &str = "record";
/// Before the path of a call.
pub(crate) const ADDRESS: &str = "https://object/";
/// Longest accepted call, in bytes. A passkey's answer, with its attestation, is the longest.
const MAX_CALL_BYTES: usize = 128 * 1024;

#[wasm_bindgen]
extern "C" {
    type Namespace;
    #[wasm_bindgen(method, catch)]
    fn jurisdiction(this: &Namespace, name: &str) -> Result<Namespace, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Namespace, name: &str) -> Result<Stub, JsValue>;
    type Stub;
    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &Stub, request: &Request) -> Result<JsValue, JsValue>;
}

/// Calls the object of this name and path of the namespace that is bound as `binding`.
///
/// # Errors
/// Any failure of the call; the caller turns it into a verdict.
pub(crate) async fn call<C: Serialize, V: DeserializeOwned>(
    env: &Env,
    binding: &str,
    object: (&str, &str),
    call: &C,
) -> Result<V, JsValue> {
    send(js_sys::Reflect::get(env, &binding.into())?.unchecked_into(), object, call).await
}

/// The same, for objects in the jurisdiction of `PORTCULLIS_JURISDICTION`.
///
/// # Errors
/// Any failure of the call; the caller turns it into a verdict.
pub(crate) async fn call_within<C: Serialize, V: DeserializeOwned>(
    env: &Env,
    binding: &str,
    object: &str,
    call: &C,
) -> Result<V, JsValue> {
    let all: Namespace = js_sys::Reflect::get(env, &binding.into())?.unchecked_into();
    let namespace = match config::jurisdiction(env) {
        Some(name) => all.jurisdiction(&name)?,
        None => all,
    };
    send(namespace, (object, ""), call).await
}

async fn send<C: Serialize, V: DeserializeOwned>(
    namespace: Namespace,
    (object, path): (&str, &str),
    call: &C,
) -> Result<V, JsValue> {
    let text = serde_json::to_string(call).map_err(|_| JsValue::from_str("unwritable call"))?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&text.into());
    let request = Request::new_with_str_and_init(&[ADDRESS, path].concat(), &init)?;
    let response: Response = namespace.get_by_name(object)?.fetch(&request).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str("no verdict"));
    }
    let text = wasm_bindgen_futures::JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    gate::json::from_str(&text).map_err(|_| JsValue::from_str("unreadable verdict"))
}

/// Reads the call in a request to an object.
///
/// # Errors
/// The body is no such call.
pub(crate) async fn called<C: DeserializeOwned>(request: &Request) -> Result<C, JsValue> {
    let body = cas_fetch::read(request.body(), MAX_CALL_BYTES).await.unwrap_or_default();
    let text = core::str::from_utf8(&body).unwrap_or_default();
    gate::json::from_str(text).map_err(|_| JsValue::from_str("unreadable call"))
}

/// The response of an object with its verdict.
///
/// # Errors
/// Serialisation fails.
pub(crate) fn verdict<V: Serialize>(verdict: &V) -> Result<Response, JsValue> {
    let text = serde_json::to_string(verdict).map_err(|_| JsValue::from_str("unwritable verdict"))?;
    Response::new_with_opt_str(Some(&text))
}
