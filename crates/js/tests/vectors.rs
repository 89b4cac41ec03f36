//! Every vector row on wasm32 in Node: 32-bit `usize`, and the exports as JavaScript calls them.

mod rows;

use wasm_bindgen_test::wasm_bindgen_test;

rows::as_tests!(codes, verify, verify_counter, addresses, migration);
