//! Calls, loading and saving for every Durable Object.

use base::UnixMs;
use gate::{ObjectName, state::stored};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use web_sys::{Request, RequestInit, Response};
use worker::{Env, Storage};

use crate::{cas_fetch, moment::clock};

/// Storage key of the record.
const RECORD: &str = "record";
/// Longest accepted call, in bytes.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// Calls an object of the namespace that is bound as `binding`.
///
/// # Errors
/// Any failure of the call; the caller turns it into a verdict.
pub(crate) async fn call<C: Serialize, V: DeserializeOwned>(
    env: &Env,
    binding: &str,
    object: &ObjectName,
    call: &C,
) -> worker::Result<V> {
    let stub = env.durable_object(binding)?.id_from_name(object.as_str())?.get_stub()?;
    // The `worker` crate's own `RequestInit` brings 3 kB of settings for Cloudflare's caches into the bundle.
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&serde_json::to_string(call)?.into());
    let request = Request::new_with_str_and_init("https://object/", &init)?;
    let mut response = stub.fetch_with_request(request.into()).await?;
    response.json().await
}

/// Reads the call in a request to an object.
///
/// # Errors
/// The body is no such call.
pub(crate) async fn called<C: DeserializeOwned>(request: &Request) -> Result<C, JsValue> {
    let body = cas_fetch::read(request.body(), MAX_CALL_BYTES).await.unwrap_or_default();
    serde_json::from_slice(&body).map_err(|_| JsValue::from_str("unreadable call"))
}

/// The response of an object with its verdict.
///
/// # Errors
/// Serialisation fails.
pub(crate) fn verdict<V: Serialize>(verdict: &V) -> Result<Response, JsValue> {
    let text = serde_json::to_string(verdict).map_err(|_| JsValue::from_str("unwritable verdict"))?;
    Response::new_with_opt_str(Some(&text))
}

/// Loads the record of an object; `None` for a new one.
///
/// # Errors
/// The storage fails, or the record is unreadable; the gate then lets nobody in by it.
pub(crate) async fn load<R: DeserializeOwned>(storage: &Storage) -> Result<Option<R>, JsValue> {
    let text: Option<String> = storage.get(RECORD).await?;
    text.map(|text| stored::read(&text).ok_or_else(|| JsValue::from_str("unreadable record"))).transpose()
}

/// Saves a changed record, and sets the alarm that deletes it.
///
/// # Errors
/// The storage fails.
pub(crate) async fn save<R: Serialize + PartialEq>(
    storage: &Storage,
    before: Option<&R>,
    after: Option<&R>,
    forget_at: impl FnOnce(&R) -> UnixMs,
) -> Result<(), JsValue> {
    let Some(record) = after.filter(|after| before != Some(after)) else { return Ok(()) };
    let text = stored::write(record).ok_or_else(|| JsValue::from_str("unwritable record"))?;
    storage.put(RECORD, text).await?;
    // Relative, in milliseconds.
    let wait = forget_at(record).millis_since(clock());
    Ok(storage.set_alarm(i64::try_from(wait).unwrap_or(i64::MAX)).await?)
}
