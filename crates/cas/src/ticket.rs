use core::fmt;

use serde::{Deserialize, Serialize};

/// The longest ticket that is read, in bytes. CAS 3.0 section 3.1.1 asks clients for at least 32 and recommends 256;
/// 365 was seen at Apereo CAS with `st.max-length=256`, because the host name comes on top.
pub const MAX_TICKET_BYTES: usize = 512;

/// The characters of section 3.7 (`A-Za-z0-9-`), and `.` and `_`, which host suffixes bring in. Everything else is not a
/// CAS ticket, so nothing that could end a query parameter ever reaches a URL.
fn is_ticket(text: &str, prefix: &str) -> bool {
    text.len() <= MAX_TICKET_BYTES
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        })
}

macro_rules! tickets {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        ///
        /// `Debug` hides it: a ticket is worth a session for some seconds, and ends that session ever after.
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// `None` for anything that is not one: a wrong prefix, another character than `A-Za-z0-9._-`, more than
            /// [`MAX_TICKET_BYTES`] bytes. The prefix counts in capitals only.
            pub fn parse(text: &str) -> Option<Self> {
                is_ticket(text, $prefix).then(|| Self(text.to_owned()))
            }

            /// The ticket as it came: for the validation URL and for naming what belongs to it, never for a log.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotATicket;
            fn try_from(text: String) -> Result<Self, NotATicket> {
                if is_ticket(&text, $prefix) { Ok(Self(text)) } else { Err(NotATicket) }
            }
        }

        impl From<$name> for String {
            fn from(ticket: $name) -> String {
                ticket.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    )+};
}

tickets! {
    /// A service ticket (`ST-`, CAS 3.0 section 3.1): proves one login to one service, once.
    ServiceTicket = "ST-";
    /// A proxy ticket (`PT-`, CAS 3.0 section 3.2): one login, brought by another service.
    ProxyTicket = "PT-";
    /// A proxy-granting ticket (`PGT-`, CAS 3.0 section 3.3): lets its holder get proxy tickets.
    ProxyGrantingTicket = "PGT-";
    /// What an answer holds in place of the proxy-granting ticket (`PGTIOU-`, CAS 3.0 section 3.4).
    PgtIou = "PGTIOU-";
}

/// The text is no ticket of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATicket;

impl fmt::Display for NotATicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is no CAS ticket of the wanted kind.")
    }
}

impl core::error::Error for NotATicket {}

/// What a service can be asked to accept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Ticket {
    /// From the person's own browser.
    Service(ServiceTicket),
    /// From another service in the person's name.
    Proxy(ProxyTicket),
}

impl Ticket {
    /// `ST-` or `PT-`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        ServiceTicket::parse(text).map(Self::Service).or_else(|| ProxyTicket::parse(text).map(Self::Proxy))
    }

    /// The ticket as it came: for the validation URL and for naming what belongs to it, never for a log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Service(ticket) => ticket.as_str(),
            Self::Proxy(ticket) => ticket.as_str(),
        }
    }
}

impl TryFrom<String> for Ticket {
    type Error = NotATicket;
    fn try_from(text: String) -> Result<Self, NotATicket> {
        Self::parse(&text).ok_or(NotATicket)
    }
}

impl From<Ticket> for String {
    fn from(ticket: Ticket) -> String {
        match ticket {
            Ticket::Service(ticket) => ticket.into(),
            Ticket::Proxy(ticket) => ticket.into(),
        }
    }
}

impl From<ServiceTicket> for Ticket {
    fn from(ticket: ServiceTicket) -> Self {
        Self::Service(ticket)
    }
}

impl From<ProxyTicket> for Ticket {
    fn from(ticket: ProxyTicket) -> Self {
        Self::Proxy(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_ticket() {
        let ticket = Ticket::parse("ST-1-abc").unwrap();
        assert_eq!(format!("{ticket:?}"), "Service(ServiceTicket(hidden))");
    }

    #[test]
    fn serde_refuses_what_parse_refuses() {
        assert_eq!(serde_json::to_string(&ServiceTicket::parse("ST-1").unwrap()).unwrap(), "\"ST-1\"");
        assert!(serde_json::from_str::<ServiceTicket>("\"ST-1\"").is_ok());
        assert!(serde_json::from_str::<ServiceTicket>("\"PT-1\"").is_err());
        assert!(serde_json::from_str::<Ticket>("\"ST-1&x\"").is_err());
    }
}
