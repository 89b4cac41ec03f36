//! The parameters of a passphrase as a plain record, for the two entries that know them.

use js_sys::{Object, Reflect};
use vault::{Cost, KdfParams};
use wasm_bindgen::JsValue;

use crate::error::{CallError, thrown};

/// `{ memoryKib, passes, salt }`.
pub(crate) fn to_js(params: &KdfParams) -> JsValue {
    let record = Object::new();
    let salt: String = params.salt.iter().map(|b| format!("{b:02x}")).collect();
    // Setting a property of an object that was made the line before cannot fail.
    let _ = Reflect::set(&record, &"memoryKib".into(), &params.cost.memory_kib.into());
    let _ = Reflect::set(&record, &"passes".into(), &params.cost.passes.into());
    let _ = Reflect::set(&record, &"salt".into(), &salt.into());
    record.into()
}

/// The parameters in such a record.
pub(crate) fn from_js(record: &JsValue) -> Result<KdfParams, JsValue> {
    let field = |name: &str| {
        if record.is_object() { Reflect::get(record, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
    };
    let read = || {
        let cost = Cost { memory_kib: whole(field("memoryKib").as_f64()?)?, passes: whole(field("passes").as_f64()?)? };
        let hex = field("salt").as_string()?;
        let mut salt = [0; 16];
        if hex.len() != 32 || !hex.is_ascii() {
            return None;
        }
        for (at, byte) in salt.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(KdfParams { cost, salt })
    };
    read().ok_or_else(|| thrown!(CallError::BadArgument))
}

/// A whole number in the range of `u32`.
pub(crate) fn whole(number: f64) -> Option<u32> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::as_conversions, reason = "a whole number in the range of u32")]
    fits.then_some(number as u32)
}
