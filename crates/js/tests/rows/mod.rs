//! Runs the vector rows through the exports that JavaScript calls: raw exports of the main entry, and wasm-bindgen's
//! exports of the others. A failure names its row.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unsafe_code,
    reason = "a broken row is a broken test, which may panic; the block of the raw exports is memory"
)]

#[allow(dead_code, reason = "written for the native tests, which use all of it")]
#[path = "../../../otp/tests/records/mod.rs"]
mod records;

use js::otp as raw;
use records::{numbers, record, record_account};
use vectors::otp as rows;
use wasm_bindgen::{JsCast, JsValue};

/// Writes bytes into the input block of a call, and returns their length.
fn put(at: usize, bytes: &[u8]) -> usize {
    // SAFETY: the block is 64 KiB and no call runs.
    unsafe { raw::taken().add(at).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    at + bytes.len()
}

fn given(len: usize) -> Vec<u8> {
    // SAFETY: as above; 16 KiB.
    unsafe { core::slice::from_raw_parts(raw::given(), len) }.to_vec()
}

/// The result of a raw export: a number, or the code of an error.
fn answer(number: i32) -> Result<usize, &'static str> {
    usize::try_from(number).map_err(|_| otp::OtpError::ALL[usize::try_from(-1 - number).unwrap()].0)
}

/// A length as the raw export takes it.
fn long(len: usize) -> f64 {
    len as f64
}

fn compare<G, T: PartialEq + core::fmt::Debug>(
    subject: &str,
    rows: Vec<rows::Row<G, T>>,
    run: impl Fn(&G) -> Result<T, &'static str>,
) {
    assert!(!rows.is_empty(), "{subject} has rows");
    for row in rows {
        match (run(&row.given), &row.outcome) {
            (Ok(got), rows::Outcome::Expected { expect }) if got == *expect => {}
            (Err(code), rows::Outcome::Refused { refuse, .. }) if code == refuse => {}
            (got, wanted) => panic!("{subject}: {}: got {got:?}, wanted {wanted:?}", row.name),
        }
    }
}

pub(crate) fn codes() {
    compare("codes", rows::codes(), |row| {
        answer(raw::run(2, put(0, &record(&row.account)), 1.0, row.now_ms, 0.0, 0.0))?;
        let bytes = given(18);
        let [until] = numbers(&bytes);
        let text = String::from_utf8(bytes[8..].to_vec()).unwrap().trim_end().to_owned();
        Ok(rows::Code { text, valid_until_ms: (until != 0.0).then_some(until) })
    });
}

pub(crate) fn verify() {
    compare("verify", rows::verify(), |row| {
        let record = put(0, &record(&row.account));
        let end = put(record, row.typed.as_bytes());
        let found = answer(raw::run(3, end, long(record), row.now_ms, row.window, row.after.unwrap_or(-1.0)))?;
        let [step, drift] = numbers(&given(16));
        Ok((found == 1).then_some(rows::Match { step, drift }))
    });
}

pub(crate) fn verify_counter() {
    compare("verify_counter", rows::verify_counter(), |row| {
        let record = put(0, &record(&row.account));
        let end = put(record, row.typed.as_bytes());
        let found = match &row.second {
            None => raw::run(4, end, long(record), row.look_ahead, 0.0, 0.0),
            Some(second) => raw::run(5, put(end, second.as_bytes()), long(record), row.look_ahead, long(end), 0.0),
        };
        let found = answer(found)?;
        let [counter, next_counter, skipped] = numbers(&given(24));
        Ok((found == 1).then_some(rows::CounterMatch { counter, next_counter, skipped }))
    });
}

pub(crate) fn addresses() {
    compare("uri/read", rows::read(), |row| {
        let len = answer(raw::run(0, put(0, row.uri.as_bytes()), 0.0, 0.0, 0.0, 0.0))?;
        Ok(record_account(&given(len)))
    });
    compare("uri/write", rows::write(), |row| {
        let len = answer(raw::run(1, put(0, &record(&row.account)), 0.0, 0.0, 0.0, 0.0))?;
        Ok(String::from_utf8(given(len)).unwrap())
    });
}

/// Reads texts through wasm-bindgen, and returns records.
pub(crate) fn migration() {
    let rows = rows::migration_read();
    assert!(!rows.is_empty());
    for row in rows {
        let read = js::migration::read(row.given.parts.clone());
        match (read, &row.outcome) {
            (Ok(found), rows::Outcome::Expected { expect }) => {
                assert_eq!(text(&found, "total"), expect.total.to_string(), "{}", row.name);
                let accounts: js_sys::Array = field(&found, "accounts").unchecked_into();
                assert_eq!(accounts.length() as usize, expect.accounts.len(), "{}", row.name);
                for (got, wanted) in accounts.iter().zip(&expect.accounts) {
                    assert_eq!(text(&got, "secret"), wanted.secret, "{}", row.name);
                    assert_eq!(text(&got, "name"), wanted.name, "{}", row.name);
                    assert_eq!(text(&got, "issuer"), wanted.issuer, "{}", row.name);
                }
            }
            (Err(error), rows::Outcome::Refused { refuse, .. }) => {
                assert!(error.is_instance_of::<js_sys::Error>());
                assert_eq!(text(&error, "name"), "PortcullisError");
                assert_eq!(&text(&error, "code"), refuse, "{}", row.name);
            }
            (got, wanted) => panic!("{}: got {got:?}, wanted {wanted:?}", row.name),
        }
    }
}

/// A property of a JavaScript value.
pub(crate) fn field(value: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(value, &name.into()).unwrap()
}

/// A property as a string.
pub(crate) fn text(value: &JsValue, name: &str) -> String {
    let value = field(value, name);
    value.as_string().unwrap_or_else(|| value.as_f64().map_or_else(String::new, |number| number.to_string()))
}

/// Declares one test for each kind of row, in the engine in which the file runs.
macro_rules! as_tests {
    ($($kind:ident),*) => {
        $(
            #[wasm_bindgen_test]
            fn $kind() {
                rows::$kind();
            }
        )*
    };
}
pub(crate) use as_tests;
