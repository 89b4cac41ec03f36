//! The entry `portcullis/migration`: Google Authenticator's export codes.

use js_sys::{Array, Object};
use otp::migration::{self, Parts};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    account::{self, set},
    error::thrown,
    random,
};

/// What the parts of an export hold.
#[wasm_bindgen(js_name = readMigration)]
pub fn read(parts: Vec<String>) -> Result<JsValue, JsValue> {
    let parts = zeroize::Zeroizing::new(parts);
    let read = Parts::read(parts.as_slice()).map_err(|(index, e)| placed(thrown!(e), index))?;
    let found = read.finish();
    let refused = found.refused.iter().map(|refused| {
        let record = reason(refused.why.code(), &refused.why.to_string());
        set(&record, "name", refused.name.as_str());
        set(&record, "issuer", refused.issuer.as_str());
        record
    });
    let migration = Object::new();
    set(&migration, "accounts", found.accounts.iter().map(account::to_js).collect::<Array>());
    set(&migration, "total", found.total);
    set(&migration, "missing", found.missing.iter().map(|n| JsValue::from(*n)).collect::<Array>());
    set(&migration, "refused", refused.collect::<Array>());
    Ok(migration.into())
}

/// Accounts as an export.
#[wasm_bindgen(js_name = writeMigration)]
pub fn write(accounts: Vec<JsValue>) -> Result<JsValue, JsValue> {
    let read = |(index, record)| account::from_js(record).map_err(|e| placed(e, index));
    let accounts = accounts.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    let [a, b, c, d, ..] = random::seed()?;
    let written = migration::write(&accounts, i32::from_le_bytes([a, b, c, d]));
    // EXPOSE: the person asked for the codes that hold their secrets.
    let parts = written.parts.iter().map(|part| JsValue::from(core::str::from_utf8(part.expose()).unwrap_or_default()));
    let losses = written.losses.iter().filter_map(|(index, loss)| {
        let record = reason(loss.code(), &loss.to_string());
        set(&record, "index", u32::try_from(*index).ok()?);
        Some(record)
    });
    let export = Object::new();
    set(&export, "parts", parts.collect::<Array>());
    set(&export, "losses", losses.collect::<Array>());
    Ok(export.into())
}

fn reason(code: &str, sentence: &str) -> Object {
    let record = Object::new();
    set(&record, "code", code);
    set(&record, "reason", sentence);
    record
}

/// The error, with its place in the list.
fn placed(error: JsValue, index: usize) -> JsValue {
    if let Ok(index) = u32::try_from(index) {
        set(error.unchecked_ref(), "index", index);
    }
    error
}
