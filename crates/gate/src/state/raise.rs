//! A factor that raises a session.

use json::{FromJson, ToJson};

use crate::{keys::seal::ObjectName, policy::demand::Given};

/// The order to raise a session. The ticket's object spends `rid` and raises in one write.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The request's id.
    pub rid: String,
    /// The session's public id.
    #[serde(default)]
    pub sid: String,
    /// The factor.
    pub given: Given,
    /// The session at the portal that the factor was given in; absent where there is no portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<PortalLink>,
    /// The session's new cookie id. A copy of the earlier cookie is not raised.
    pub cookie_id: String,
}

/// The session at the portal that gave a session its factor. When either ends, the person's object must hear of it.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PortalLink {
    /// The person's object.
    pub person: ObjectName,
    /// The public id of the portal's session.
    pub sid: String,
}
