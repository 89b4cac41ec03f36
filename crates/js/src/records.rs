//! Records as plain JavaScript objects, under the hand-written types of `crates/js/npm`.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::error::{CallError, thrown};

/// A record or a list of records as `JSON.parse` would give it: objects instead of `Map`s, `null` for nothing.
pub(crate) fn to_js<T: Serialize + ?Sized>(record: &T) -> Result<JsValue, JsValue> {
    record.serialize(&Serializer::json_compatible()).map_err(|_| thrown!(CallError::BadArgument))
}

/// The record in a JavaScript value. The error does not repeat what serde says, which may hold what was given.
#[cfg(feature = "cas")]
pub(crate) fn from_js<T: serde::de::DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|_| thrown!(CallError::BadArgument))
}
