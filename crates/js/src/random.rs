//! Where chance enters the package: one seed a call, for the pure core to draw from.

use wasm_bindgen::JsValue;

use crate::error::{CallError, thrown};

/// 32 bytes from the platform's cryptographic source.
pub(crate) fn seed() -> Result<[u8; 32], JsValue> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| thrown!(CallError::Broken))?;
    Ok(seed)
}
