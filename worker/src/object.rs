//! Calls, loading and saving for every Durable Object.

use gate::factor::anchor::MAX_POLICY_BYTES;
use json::{FromJson, ToJson};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestInit, Response};

use crate::{cas_fetch, config, kv::Env};

/// Storage key of the record.
pub(crate) const RECORD: &str = "record";
/// Before the path of a call.
pub(crate) const ADDRESS: &str = "https://object/";
/// Longest accepted call, in bytes. The longest holds a policy, in which each quotation mark becomes two characters.
const MAX_CALL_BYTES: usize = 2 * MAX_POLICY_BYTES + 4096;

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
pub(crate) async fn call<V: FromJson>(
    env: &Env,
    binding: &str,
    object: (&str, &str),
    call: &dyn ToJson,
) -> Result<V, JsValue> {
    let text = send(namespace(env, binding)?, object, json::to_string(call)).await?;
    json::from_str(&text).map_err(|_| JsValue::from_str("unreadable verdict"))
}

/// The same, for objects in the jurisdiction of `PORTCULLIS_JURISDICTION`.
///
/// # Errors
/// Any failure of the call; the caller turns it into a verdict.
pub(crate) async fn call_within<V: FromJson>(
    env: &Env,
    binding: &str,
    object: &str,
    call: &dyn ToJson,
) -> Result<V, JsValue> {
    let all = namespace(env, binding)?;
    let namespace = match config::jurisdiction(env) {
        Some(name) => all.jurisdiction(&name)?,
        None => all,
    };
    let text = send(namespace, (object, ""), json::to_string(call)).await?;
    json::from_str(&text).map_err(|_| JsValue::from_str("unreadable verdict"))
}

fn namespace(env: &Env, binding: &str) -> Result<Namespace, JsValue> {
    Ok(js_sys::Reflect::get(env, &binding.into())?.unchecked_into())
}

/// Texts, so that it is compiled once for all calls.
async fn send(namespace: Namespace, (object, path): (&str, &str), text: String) -> Result<String, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&text.into());
    let request = Request::new_with_str_and_init(&[ADDRESS, path].concat(), &init)?;
    let response: Response = namespace.get_by_name(object)?.fetch(&request).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::from_str("no verdict"));
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}

/// Reads the call in a request to an object.
///
/// # Errors
/// The body is no such call.
pub(crate) async fn called<C: FromJson>(request: &Request) -> Result<C, JsValue> {
    let body = cas_fetch::read(request.body(), MAX_CALL_BYTES).await.unwrap_or_default();
    let text = core::str::from_utf8(&body).unwrap_or_default();
    json::from_str(text).map_err(|_| JsValue::from_str("unreadable call"))
}

/// The response of an object with its verdict.
///
/// # Errors
/// Serialisation fails.
pub(crate) fn verdict(verdict: &dyn ToJson) -> Result<Response, JsValue> {
    let text = json::to_string(verdict);
    Response::new_with_opt_str(Some(&text))
}
