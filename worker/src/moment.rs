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
    instant(js_sys::Date::now())
}

/// JavaScript's time as ours. What is no time is 1970, when no session had been checked yet, so each must be.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(crate) fn instant(ms: f64) -> UnixMs {
    UnixMs::from_millis(ms as u64)
}
