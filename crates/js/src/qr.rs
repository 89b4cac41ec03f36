//! The entry `portcullis/qr`: reading. Drawing is in `qr_draw.rs`.

use js_sys::{Array, Uint8Array};
use qr::Code;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::error::thrown;

/// Every QR code in a picture of four bytes a pixel: red, green, blue, alpha. A code is an array of its bytes and then its
/// segments: a string, or an array of the label of an encoding, the bytes, and the text that stands when the platform
/// has no such decoder.
#[wasm_bindgen(js_name = readCodes)]
pub fn read(rgba: &[u8], width: u32, height: u32) -> Result<Array, JsValue> {
    let codes = qr::read_rgba(rgba, width, height).map_err(|e| thrown!(e))?;
    Ok(codes.into_iter().map(parts).collect())
}

fn parts(code: Code) -> Array {
    let parts = Array::of1(&Uint8Array::from(code.bytes().as_slice()));
    for segment in code.segments {
        let text = JsValue::from(segment.text);
        parts.push(&match segment.encoding {
            None => text,
            Some(label) => Array::of3(&label.into(), &Uint8Array::from(segment.bytes.as_slice()), &text).into(),
        });
    }
    parts
}
