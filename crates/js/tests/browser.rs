//! In headless Chromium: every vector row, and the browser's source of randomness.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod rows;

use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

rows::as_tests!(codes, verify, verify_counter, addresses, migration);

#[wasm_bindgen_test]
fn two_exports_have_different_numbers() {
    let account: JsValue = js_sys::JSON::parse(r#"{"secret":"JBSWY3DPEHPK3PXP"}"#).unwrap();
    let [a, b] = [(), ()].map(|()| {
        let export = js::migration::write(vec![account.clone()]).unwrap();
        js_sys::JSON::stringify(&rows::field(&export, "parts")).unwrap().as_string().unwrap()
    });
    assert_ne!(a, b, "each export has a new random batch number");
}
