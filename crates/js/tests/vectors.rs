//! Every vector row on wasm32 in Node: 32-bit `usize`, and the exports as JavaScript calls them.

mod rows;

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn codes() {
    rows::codes();
}

#[wasm_bindgen_test]
fn verify() {
    rows::verify();
}

#[wasm_bindgen_test]
fn verify_counter() {
    rows::verify_counter();
}

#[wasm_bindgen_test]
fn addresses() {
    rows::addresses();
}

#[wasm_bindgen_test]
fn migration() {
    rows::migration();
}
