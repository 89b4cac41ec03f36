//! Randomness and time, inside handlers only: workerd forbids both at start-up.

use base::{Moment, UnixMs};
use wasm_bindgen::JsValue;

/// Time and random bytes for one request.
pub(crate) fn now() -> Result<Moment, JsValue> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| JsValue::from_str("no randomness"))?;
    Ok(Moment::new(clock(), seed))
}

/// The platform's clock.
pub(crate) fn clock() -> UnixMs {
    instant(js_sys::Date::now())
}

/// Converts JavaScript's time. NaN becomes 0 (1970), so every session is due for revalidation: fails closed.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(crate) fn instant(ms: f64) -> UnixMs {
    UnixMs::from_millis(ms as u64)
}
