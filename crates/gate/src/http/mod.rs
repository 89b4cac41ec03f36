//! HTTP as text: heads, paths, cookies, forms, answers. Independent of the policy.

pub(crate) mod address;
pub mod answer;
pub(crate) mod bearer;
pub mod cookie;
pub(crate) mod form;
pub mod head;
pub mod path;
pub mod trace;
