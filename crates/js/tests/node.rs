//! In Node: simple pictures, and thrown errors.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use js_sys::{Error, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

fn code_of(error: &JsValue) -> String {
    assert!(error.is_instance_of::<Error>(), "a real Error");
    assert_eq!(Reflect::get(error, &"name".into()).unwrap(), "PortcullisError");
    Reflect::get(error, &"code".into()).unwrap().as_string().unwrap()
}

#[wasm_bindgen_test]
fn a_picture_of_another_size_is_refused() {
    assert_eq!(js::qr::read(&[255; 64 * 64 * 4], 64, 64).unwrap().length(), 0);
    for (width, height, code) in
        [(0, 2, "QR_EMPTY_PICTURE"), (3, 2, "QR_WRONG_LENGTH"), (u32::MAX, u32::MAX, "QR_PICTURE_TOO_LARGE")]
    {
        assert_eq!(code_of(&js::qr::read(&[0; 16], width, height).unwrap_err()), code);
    }
}

#[wasm_bindgen_test]
fn a_text_is_drawn() {
    assert!(js::qr_draw::draw("x", "An account", 0, 3).starts_with("<svg "));
    assert_eq!(js::qr_draw::draw("", "QR code", 4, 1), "QR_EMPTY_TEXT\nThere is no text to draw.");
}

#[wasm_bindgen_test]
fn an_error_has_the_index_of_the_bad_account() {
    let account = |json: &str| JSON::parse(json).unwrap();
    let list = vec![account(r#"{"secret":"JBSWY3DPEHPK3PXP"}"#), account(r#"{"secret":"JBSWY3DPEHPK3PX1"}"#)];
    let error = js::migration::write(list).unwrap_err();
    assert_eq!(code_of(&error), "OTP_BAD_BASE32");
    assert_eq!(Reflect::get(&error, &"index".into()).unwrap().as_f64(), Some(1.0));
}
