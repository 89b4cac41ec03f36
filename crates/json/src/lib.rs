#![doc = include_str!("../README.md")]

mod read;
mod value;
mod write;

pub use json_derive::{FromJson, ToJson};
pub use read::{FromJson, JsonError, Reader, from_str};
pub use value::{Ignored, Value};
pub use write::{Members, ToJson, Writer, object, to_string};
