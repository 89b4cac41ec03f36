//! The entry `portcullis/qr`.

use js_sys::{Reflect, Uint8Array};
use qr::{Correction, Options};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::ImageData;

use crate::error::{CallError, thrown};

/// The text of every QR code in an `ImageData`, or in the same fields from any decoder.
#[wasm_bindgen(js_name = readQr)]
pub fn read(picture: &JsValue) -> Result<Vec<String>, JsValue> {
    let (width, height, rgba) = pixels(picture)?;
    let luma = qr::luma_from_rgba(&rgba, width, height).map_err(|e| thrown!(e))?;
    qr::read(&luma, width, height).map_err(|e| thrown!(e))
}

/// Nodes and workers have no `ImageData`, and a canvas of another frame has another class: what counts is the fields.
fn pixels(picture: &JsValue) -> Result<(u32, u32, Vec<u8>), JsValue> {
    if let Some(image) = picture.dyn_ref::<ImageData>() {
        return Ok((image.width(), image.height(), image.data().0));
    }
    let field = |name: &str| Reflect::get(picture, &name.into()).map_err(|_| thrown!(CallError::BadArgument));
    let number = |name: &str| {
        let value = field(name)?.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
        #[expect(clippy::as_conversions, reason = "a whole number in the range of u32")]
        value.map(|n| n as u32).ok_or_else(|| thrown!(CallError::BadArgument))
    };
    let data = field("data")?;
    let bytes = if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        bytes.to_vec()
    } else {
        let clamped = data.dyn_into::<js_sys::Uint8ClampedArray>().map_err(|_| thrown!(CallError::BadArgument))?;
        clamped.to_vec()
    };
    Ok((number("width")?, number("height")?, bytes))
}

/// A text as an SVG document.
#[wasm_bindgen(js_name = drawQr)]
pub fn draw(text: &str, options: &JsValue) -> Result<String, JsValue> {
    let field = |name: &str| {
        if options.is_object() { Reflect::get(options, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
    };
    let mut drawn = Options::default();
    let title = field("title");
    let title = given(&title, title.as_string())?;
    drawn.title = title.as_deref().unwrap_or(drawn.title);
    let quiet = field("quietZone");
    let quiet_zone = quiet.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=64.0).contains(n));
    #[expect(clippy::as_conversions, reason = "a whole number from 0 to 64")]
    if let Some(modules) = given(&quiet, quiet_zone)? {
        drawn.quiet_zone = modules as u8;
    }
    let level = field("errorCorrection");
    let correction = match level.as_string().as_deref() {
        Some("L") => Some(Correction::Low),
        Some("M") => Some(Correction::Medium),
        Some("Q") => Some(Correction::Quartile),
        Some("H") => Some(Correction::High),
        _ => None,
    };
    drawn.correction = given(&level, correction)?.unwrap_or(drawn.correction);
    qr::draw_svg(text, &drawn).map_err(|e| thrown!(e))
}

/// An optional field: absent is fine, of the wrong type or range is not.
fn given<T>(field: &JsValue, value: Option<T>) -> Result<Option<T>, JsValue> {
    if value.is_none() && !field.is_undefined() { Err(thrown!(CallError::BadArgument)) } else { Ok(value) }
}
