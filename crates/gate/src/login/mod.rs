//! The begin and the end of a login.

pub(crate) mod begin;
pub(crate) mod finish;
pub(crate) mod kept_form;
mod way;
