//! In Node: plain pictures, and errors that are real.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use js_sys::{Error, JSON, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

fn picture(data: &JsValue, width: f64, height: f64) -> JsValue {
    let picture = js_sys::Object::new();
    for (name, value) in [("data", data), ("width", &width.into()), ("height", &height.into())] {
        Reflect::set(&picture, &name.into(), value).unwrap();
    }
    picture.into()
}

fn code_of(error: &JsValue) -> String {
    assert!(error.is_instance_of::<Error>(), "a real Error");
    assert_eq!(Reflect::get(error, &"name".into()).unwrap(), "PortcullisError");
    Reflect::get(error, &"code".into()).unwrap().as_string().unwrap()
}

#[wasm_bindgen_test]
fn a_plain_picture_is_read_from_both_kinds_of_bytes() {
    let pixels = 64 * 64 * 4;
    let plain = Uint8Array::new_with_length(pixels).fill(255, 0, pixels);
    let clamped = Uint8ClampedArray::new_with_length(pixels).fill(255, 0, pixels);
    for data in [JsValue::from(plain), clamped.into()] {
        assert_eq!(js::qr::read(&picture(&data, 64.0, 64.0)).unwrap(), [""; 0]);
    }
}

#[wasm_bindgen_test]
fn what_is_no_picture_is_refused() {
    let data = JsValue::from(Uint8Array::new_with_length(16));
    let list: JsValue = js_sys::Array::new().into();
    for (given, code) in [
        (JsValue::NULL, "BAD_ARGUMENT"),
        (JsValue::from_str("picture"), "BAD_ARGUMENT"),
        (picture(&list, 2.0, 2.0), "BAD_ARGUMENT"),
        (picture(&data, 2.5, 2.0), "BAD_ARGUMENT"),
        (picture(&data, -2.0, 2.0), "BAD_ARGUMENT"),
        (picture(&data, f64::NAN, 2.0), "BAD_ARGUMENT"),
        (picture(&data, 0.0, 2.0), "QR_EMPTY_PICTURE"),
        (picture(&data, 3.0, 2.0), "QR_WRONG_LENGTH"),
        (picture(&data, 4_294_967_295.0, 4_294_967_295.0), "QR_PICTURE_TOO_LARGE"),
    ] {
        assert_eq!(code_of(&js::qr::read(&given).unwrap_err()), code);
    }
}

#[wasm_bindgen_test]
fn options_of_a_drawing_are_checked() {
    let options = |json: &str| JSON::parse(json).unwrap();
    for good in ["{}", r#"{"title":"An account","quietZone":0,"errorCorrection":"H"}"#] {
        assert!(js::qr::draw("x", &options(good)).unwrap().starts_with("<svg "));
    }
    assert!(js::qr::draw("x", &JsValue::UNDEFINED).is_ok());
    for bad in [r#"{"title":1}"#, r#"{"quietZone":-1}"#, r#"{"quietZone":65}"#, r#"{"errorCorrection":"X"}"#] {
        assert_eq!(code_of(&js::qr::draw("x", &options(bad)).unwrap_err()), "BAD_ARGUMENT", "{bad}");
    }
    assert_eq!(code_of(&js::qr::draw("", &JsValue::UNDEFINED).unwrap_err()), "QR_EMPTY_TEXT");
}

#[wasm_bindgen_test]
fn a_bad_account_of_a_list_is_named_by_its_place() {
    let account = |json: &str| JSON::parse(json).unwrap();
    let list = vec![account(r#"{"secret":"JBSWY3DPEHPK3PXP"}"#), account(r#"{"secret":"JBSWY3DPEHPK3PX1"}"#)];
    let error = js::migration::write(list).unwrap_err();
    assert_eq!(code_of(&error), "OTP_BAD_BASE32");
    assert_eq!(Reflect::get(&error, &"index".into()).unwrap().as_f64(), Some(1.0));
}
