//! In headless Chromium: every vector row again, a real `ImageData`, and the browser's own randomness.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod rows;

use wasm_bindgen::{Clamped, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

rows::as_tests!(codes, verify, verify_counter, addresses, migration);

#[wasm_bindgen_test]
fn an_image_data_without_a_code_has_none() {
    let white = web_sys::ImageData::new_with_u8_clamped_array(Clamped(&[255; 64 * 64 * 4]), 64).unwrap();
    assert_eq!(js::qr::read(&white).unwrap(), [""; 0]);
}

#[wasm_bindgen_test]
fn two_exports_have_different_numbers() {
    let account: JsValue = js_sys::JSON::parse(r#"{"secret":"JBSWY3DPEHPK3PXP"}"#).unwrap();
    let [a, b] = [(), ()].map(|()| {
        let export = js::migration::write(vec![account.clone()]).unwrap();
        js_sys::JSON::stringify(&rows::field(&export, "parts")).unwrap().as_string().unwrap()
    });
    assert_ne!(a, b, "the batch number is drawn anew");
}
