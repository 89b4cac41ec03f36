use core::fmt;

use serde::{Deserialize, Serialize};

/// The longest accepted ticket, in bytes. CAS 3.0 section 3.1.1 asks clients for at least 32 and recommends 256;
/// Apereo CAS with `st.max-length=256` sends 365, because it appends the host name.
pub const MAX_TICKET_BYTES: usize = 512;

/// The characters of section 3.7 (`A-Za-z0-9-`), and `.` and `_` of host suffixes. Any other character is refused, so a
/// ticket cannot end a query parameter.
fn is_ticket(text: &str, prefix: &str) -> bool {
    text.len() <= MAX_TICKET_BYTES
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        })
}

/// The characters of [`is_ticket`] and others that real servers write: a star, an address as suffix, base64. None of
/// them ends a query parameter, and each is percent-encoded in the validation URL.
fn is_odd_ticket(text: &str, prefix: &str) -> bool {
    let odd = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'.' | b'_' | b'-' | b'*' | b':' | b'~' | b'+' | b'/' | b'@' | b'!' | b',')
    };
    text.len() <= MAX_TICKET_BYTES
        && text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(odd))
}

macro_rules! tickets {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        ///
        /// `Debug` hides it: a ticket opens a session for some seconds and can end that session later.
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// `None` for a wrong prefix, a character outside `A-Za-z0-9._-`, or more than [`MAX_TICKET_BYTES`] bytes.
            /// The prefix must be in capitals.
            pub fn parse(text: &str) -> Option<Self> {
                is_ticket(text, $prefix).then(|| Self(text.to_owned()))
            }

            /// As [`Self::parse`], but also accepts the characters `*:~+/@!,`, which some servers write. Only for paths
            /// that belong to CAS alone: on a page of an app such a value may be the app's own.
            pub fn parse_odd(text: &str) -> Option<Self> {
                is_odd_ticket(text, $prefix).then(|| Self(text.to_owned()))
            }

            /// The ticket as received, for the validation URL and for deriving object names. Never log it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotATicket;
            fn try_from(text: String) -> Result<Self, NotATicket> {
                if is_odd_ticket(&text, $prefix) { Ok(Self(text)) } else { Err(NotATicket) }
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
    /// A proxy ticket (`PT-`, CAS 3.0 section 3.2): one login, presented by another service.
    ProxyTicket = "PT-";
    /// A proxy-granting ticket (`PGT-`, CAS 3.0 section 3.3): lets its holder get proxy tickets.
    ProxyGrantingTicket = "PGT-";
    /// The identifier that an answer contains instead of the proxy-granting ticket (`PGTIOU-`, CAS 3.0 section 3.4).
    PgtIou = "PGTIOU-";
}

impl ServiceTicket {
    /// A ticket that no server issued, to probe whether a server answers at all.
    pub fn made_up() -> Self {
        Self("ST-0-portcullis-asks-whether-anybody-is-there".to_owned())
    }
}

/// The text is not a ticket of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATicket;

impl fmt::Display for NotATicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is not a CAS ticket of the expected kind.")
    }
}

impl core::error::Error for NotATicket {}

/// A ticket that a service validates.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Ticket {
    /// Presented by the user's own browser.
    Service(ServiceTicket),
    /// Presented by another service on behalf of the user.
    Proxy(ProxyTicket),
}

impl Ticket {
    /// `ST-` or `PT-`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        ServiceTicket::parse(text).map(Self::Service).or_else(|| ProxyTicket::parse(text).map(Self::Proxy))
    }

    /// As [`Self::parse`], with the characters of [`ServiceTicket::parse_odd`].
    pub fn parse_odd(text: &str) -> Option<Self> {
        ServiceTicket::parse_odd(text).map(Self::Service).or_else(|| ProxyTicket::parse_odd(text).map(Self::Proxy))
    }

    /// The ticket as received, for the validation URL and for deriving object names. Never log it.
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
        assert_eq!(NotATicket.to_string(), "This is not a CAS ticket of the expected kind.");
    }

    #[test]
    fn serde_refuses_what_parse_refuses() {
        assert_eq!(serde_json::to_string(&ServiceTicket::parse("ST-1").unwrap()).unwrap(), "\"ST-1\"");
        assert!(serde_json::from_str::<ServiceTicket>("\"ST-1\"").is_ok());
        assert!(serde_json::from_str::<ServiceTicket>("\"PT-1\"").is_err());
        assert!(serde_json::from_str::<Ticket>("\"ST-1&x\"").is_err());
    }
}
