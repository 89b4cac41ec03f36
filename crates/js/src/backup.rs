//! The entry `portcullis/backup`: backups of other apps, read and written. `backup::wire` answers; `npm/backup/api.js` is the other
//! side of it.

extern crate alloc;

use alloc::{string::String, vec::Vec};

use base::Secret;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// Given the answer itself, so that it is wiped here as soon as it is read.
    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(text: &str) -> JsValue;
}

/// The answer to one call: see `backup::wire::answer`.
#[wasm_bindgen(js_name = askBackup)]
pub fn ask(ask: String, bytes: Vec<u8>) -> JsValue {
    let answer = backup::wire::answer(&Secret::new(ask.into_bytes()), &Secret::new(bytes));
    // EXPOSE: an import gives secrets, and an export is made of them.
    parse(core::str::from_utf8(answer.expose()).unwrap_or_default())
}
