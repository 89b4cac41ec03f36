//! Chance and time enter here, inside a handler only: workerd forbids both at start-up.

use base::{Moment, UnixMs};
use wasm_bindgen::JsValue;

/// A moment of this request.
pub(crate) fn now() -> Result<Moment, JsValue> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| JsValue::from_str("no randomness"))?;
    Ok(Moment::new(clock(), seed))
}

/// The platform's clock.
pub(crate) fn clock() -> UnixMs {
    crate::run::instant(js_sys::Date::now())
}
