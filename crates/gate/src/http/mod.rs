//! The text of HTTP: heads, paths, cookies, answers. Knows no policy.

pub(crate) mod address;
pub mod answer;
pub mod cookie;
pub(crate) mod form;
pub mod head;
pub mod path;
