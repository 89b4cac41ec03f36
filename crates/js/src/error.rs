//! Real `Error`s for JavaScript, with the stable code of the one list.

use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;

/// The error that a function of the package throws: `name` is "PortcullisError", `code` is one of `codes!`, and the
/// message is that list's sentence, so that neither holds anything that was given.
pub(crate) fn error(code: &str, sentence: &str) -> JsValue {
    let error = Error::new(sentence);
    error.set_name("PortcullisError");
    // Setting a property of an object that was made the line before cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

base::codes! {
    /// What is wrong with the call itself, whichever entry it goes to.
    pub(crate) enum CallError {
        /// An argument has the wrong type, or a field of it is missing.
        BadArgument = "BAD_ARGUMENT",
        /// The entry is not ready: wait for `ready` or `init`, unless WebAssembly is absent or refused here.
        NotReady = "NOT_READY",
        /// The entry stopped after a fault of its own: please report it.
        Broken = "BROKEN",
    }
}

/// Turns an error of any `codes!` list into the thrown one.
macro_rules! thrown {
    ($error:expr) => {{
        let error = $error;
        $crate::error::error(error.code(), &std::string::ToString::to_string(&error))
    }};
}
pub(crate) use thrown;
