use crate::{ProxyGrantingTicket, Ticket, percent, xml};

const NAMESPACE: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

base::codes! {
    /// Why a single logout request is refused.
    pub enum LogoutError {
        /// The request is not a single logout.
        NotLogout = "CAS_LOGOUT_NOT_LOGOUT",
        /// The request is longer than 16 kB.
        TooLong = "CAS_LOGOUT_TOO_LONG",
        /// The request cannot be read.
        Malformed = "CAS_LOGOUT_MALFORMED",
        /// The request does not name exactly one ticket.
        NoTicket = "CAS_LOGOUT_NO_TICKET",
    }
}

/// The longest single logout request, in bytes.
pub const MAX_LOGOUT_BYTES: usize = 16 * 1024;

/// The session or right that a single logout request ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SessionIndex {
    /// The session that this ticket opened.
    Ticket(Ticket),
    /// A proxy-granting ticket.
    ProxyGranting(ProxyGrantingTicket),
}

/// A back-channel single logout request (CAS 3.0 section 2.3.3, appendix C).
///
/// It is not signed. Knowledge of the ticket authorises the sender to end the session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutRequest {
    /// The session or right to end.
    pub session: SessionIndex,
}

impl LogoutRequest {
    /// Reads the body of a POST: a form with one field `logoutRequest`, as servers send it, or the bare XML of the
    /// specification. The first characters decide which.
    ///
    /// # Errors
    /// [`LogoutError`]. On any error no session may change.
    pub fn read(body: &[u8]) -> Result<Self, LogoutError> {
        if body.len() > MAX_LOGOUT_BYTES {
            return Err(LogoutError::TooLong);
        }
        let text = str::from_utf8(body).map_err(|_| LogoutError::Malformed)?;
        if text.trim_ascii_start().starts_with('<') {
            return Self::read_xml(text.trim_ascii_start());
        }
        let mut fields = text.split('&').filter_map(|pair| pair.strip_prefix("logoutRequest="));
        let value = fields.next().ok_or(LogoutError::NotLogout)?;
        if fields.next().is_some() {
            return Err(LogoutError::Malformed);
        }
        let text = percent::decode_form(value).ok_or(LogoutError::Malformed)?;
        let text = text.trim_ascii_start();
        // Some servers encode the field twice.
        if text.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("%3c")) {
            return Self::read_xml(percent::decode_form(text).ok_or(LogoutError::Malformed)?.trim_ascii_start());
        }
        Self::read_xml(text)
    }

    fn read_xml(text: &str) -> Result<Self, LogoutError> {
        let document = xml::parse(text).map_err(|_| LogoutError::Malformed)?;
        let root = document.root_element();
        if !xml::is(root, Some(NAMESPACE), "LogoutRequest") {
            return Err(LogoutError::NotLogout);
        }
        // Exactly one in the whole request, and a child of the root: two XML readers cannot disagree about it.
        let mut named = root.descendants().filter(|node| node.tag_name().name() == "SessionIndex");
        let (Some(index), None) = (named.next(), named.next()) else { return Err(LogoutError::NoTicket) };
        if !xml::is(index, Some(NAMESPACE), "SessionIndex") || index.parent() != Some(root) {
            return Err(LogoutError::NoTicket);
        }
        let text = xml::text(index).ok_or(LogoutError::Malformed)?;
        let text = text.trim_ascii();
        let session = Ticket::parse_odd(text)
            .map(SessionIndex::Ticket)
            .or_else(|| ProxyGrantingTicket::parse(text).map(SessionIndex::ProxyGranting));
        Ok(Self { session: session.ok_or(LogoutError::NoTicket)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body: Vec<u8>) {
            let _ = LogoutRequest::read(&body);
        }

        #[test]
        fn a_logout_request_is_read_as_xml_and_as_form(ticket in "ST-[A-Za-z0-9._-]{1,80}") {
            let xml = format!("<p:LogoutRequest xmlns:p='{NAMESPACE}'><p:SessionIndex>{ticket}</p:SessionIndex></p:LogoutRequest>");
            let wanted = Ok(LogoutRequest { session: SessionIndex::Ticket(Ticket::parse(&ticket).unwrap()) });
            prop_assert_eq!(&LogoutRequest::read(xml.as_bytes()), &wanted);
            let form = format!("logoutRequest={}", percent::encode(&xml));
            prop_assert_eq!(&LogoutRequest::read(form.as_bytes()), &wanted);
        }
    }
}
