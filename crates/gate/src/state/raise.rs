//! A factor that raises a session.

use serde::{Deserialize, Serialize};

use crate::policy::demand::Given;

/// The order to raise a session. The ticket's object spends `rid` and raises in one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The request's id.
    pub rid: String,
    /// The session's public id.
    #[serde(default)]
    pub sid: String,
    /// The factor.
    pub given: Given,
    /// The record's generation.
    pub generation: String,
    /// The portal's session; empty where there is no portal.
    pub portal_sid: String,
    /// The session's new cookie id. A copy of the earlier cookie is not raised.
    pub cookie_id: String,
}
