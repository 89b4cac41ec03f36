//! What an adapter tells the core of a request, and what it is told to do.

use std::net::IpAddr;

use crate::{forward::request::Forward, http::answer::Answer};

/// What an adapter knows of a request.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The head as text: see [`Head::parse`](crate::http::head::Head::parse).
    pub head: &'a str,
    /// The peer as the platform knows it, never from a header of a client.
    pub peer: Option<IpAddr>,
    /// The CAS servers that failed several times just now, by their base address.
    pub open_circuits: &'a [String],
}

/// What happens to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It goes on to the app.
    Forward(Box<Forward>, Vec<AuditEvent>),
    /// The gate answers itself.
    Answer(Answer, Vec<AuditEvent>),
}

/// What is worth a line in the log beside the reply itself. Never a ticket, a cookie or a user's name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum AuditEvent {
    /// A session began.
    SignedIn {
        /// Its public id.
        session: String,
    },
    /// A session ended.
    Ended {
        /// Its public id, where it is known.
        session: String,
    },
    /// A sign-in came to nothing at the CAS server.
    SignInFailed {
        /// The code of `cas::AnswerError`.
        code: String,
    },
    /// An identity header was cut short.
    Truncated {
        /// Its name.
        header: String,
    },
}
