//! The entry `portcullis/migration`: Google Authenticator's export codes, and links as people paste them.

use js_sys::{Array, Object};
use otp::{
    links,
    migration::{self, Parts},
};
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

/// Everything that pasted or scanned texts hold.
#[wasm_bindgen(js_name = readLinks)]
pub fn read_links(texts: Vec<String>) -> Result<JsValue, JsValue> {
    let texts = zeroize::Zeroizing::new(texts);
    let found = links::read(texts.as_slice()).map_err(|e| thrown!(e))?;
    let needs_pin = found.needs_pin.iter().map(|needs| {
        let record = Object::new();
        set(&record, "account", number(needs.account));
        if let Some(digits) = needs.digits {
            set(&record, "digits", digits);
        }
        record
    });
    let refused = found.refused.iter().map(|refused| {
        let record = reason(refused.why.code(), &refused.why.to_string());
        set(&record, "link", number(refused.link));
        set(&record, "name", refused.name.as_str());
        set(&record, "issuer", refused.issuer.as_str());
        record
    });
    let exports = found.exports.iter().map(|export| {
        let record = Object::new();
        set(&record, "total", export.total);
        set(&record, "missing", export.missing.iter().map(|n| JsValue::from(*n)).collect::<Array>());
        record
    });
    let links = Object::new();
    set(&links, "accounts", found.accounts.iter().map(account::to_js).collect::<Array>());
    set(&links, "needsPin", needs_pin.collect::<Array>());
    set(&links, "refused", refused.collect::<Array>());
    set(&links, "exports", exports.collect::<Array>());
    set(&links, "links", number(found.links));
    if let Some(key) = &found.key {
        // EXPOSE: the person pasted it, to add it.
        set(&links, "key", core::str::from_utf8(key.expose()).unwrap_or_default());
    }
    Ok(links.into())
}

/// At most [`links::MAX_LINKS`], or the accounts of as many.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
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
