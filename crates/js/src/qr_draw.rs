//! The entry `portcullis/qr-draw`: drawing alone.

use qr::{Correction, Options};
use wasm_bindgen::prelude::wasm_bindgen;

/// A text as an SVG document, or the code of an error, a line feed and its sentence: making the `Error` here would cost
/// another 2 kB. `level` is 0 to 3 for L, M, Q, H; the entry has looked at the options.
#[wasm_bindgen(js_name = drawQr)]
pub fn draw(text: &str, title: &str, quiet_zone: u8, level: u8) -> String {
    let correction = match level {
        0 => Correction::Low,
        1 => Correction::Medium,
        2 => Correction::Quartile,
        _ => Correction::High,
    };
    qr::draw_svg(text, &Options { title, quiet_zone, correction }).unwrap_or_else(|error| {
        let mut told = error.code().to_owned();
        told.push('\n');
        told.push_str(&error.to_string());
        told
    })
}
