//! Input and output of a decision.

use std::net::IpAddr;

use crate::{forward::request::Forward, http::answer::Answer};

/// The adapter's knowledge of a request.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The head as text: see [`Head::parse`](crate::http::head::Head::parse).
    pub head: &'a str,
    /// Address of the peer from the platform, never from a header that a client can write.
    pub peer: Option<IpAddr>,
    /// Base addresses of the CAS servers whose circuit is open.
    pub open_circuits: &'a [String],
}

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Forwarded to the app.
    Forward(Box<Forward>, Vec<AuditEvent>),
    /// Answered by the gate.
    Answer(Answer, Vec<AuditEvent>),
}

/// An event for the log. It never holds a ticket, a cookie or a user's name.
#[derive(Clone, Debug, PartialEq, Eq, json::ToJson)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum AuditEvent {
    /// A session began.
    SignedIn {
        /// Its public id.
        session: String,
        /// The person, as [`IdKey::audit`](crate::keys::seal::IdKey::audit) names one for a month.
        person: String,
    },
    /// A session ended.
    Ended {
        /// Its public id.
        session: String,
        /// The person, as in `SignedIn`.
        person: String,
    },
    /// The CAS server did not confirm a ticket.
    SignInFailed {
        /// The code of `cas::AnswerError`.
        code: String,
    },
    /// A rule asked for a second factor, or would have.
    FactorAsked {
        /// The rule's place in the policy, from 1.
        rule: usize,
        /// Whether the policy only observes.
        observed: bool,
        /// Whether it asked because an attribute is missing.
        missing: bool,
    },
    /// A second factor was given.
    FactorGiven {
        /// The session.
        session: String,
        /// The kind.
        kind: &'static str,
    },
    /// Why a person's object refused.
    FactorRefused {
        /// The code of its refusal.
        code: &'static str,
    },
    /// A setting changed by which people are found.
    FactorIdentityChanged {
        /// The code of the change.
        code: &'static str,
    },
    /// No key of this id opens a secret.
    KeyMissing {
        /// The id of the key.
        kid: String,
    },
    /// The policy is another one than the one that was seen last.
    PolicyChanged {
        /// The hash of the earlier policy.
        was: String,
        /// The paths that lose a factor.
        lost: Vec<String>,
    },
    /// An identity header was cut short.
    Truncated {
        /// Its name.
        header: String,
    },
}
