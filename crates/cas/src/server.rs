use core::fmt;

use json::{FromJson, JsonError, Reader, ToJson, Value, Writer};

use crate::{
    ServiceUrl, Ticket,
    authority::{is_authority, is_loopback, strip_prefix_any_case},
    percent,
};

base::codes! {
    /// Why a CAS server cannot be used as configured.
    pub enum ServerError {
        /// The address of the CAS server must begin with https:// (or http:// on this machine).
        NotHttps = "CAS_URL_NOT_HTTPS",
        /// The address of the CAS server has no host, or one that cannot be read.
        BadHost = "CAS_URL_BAD_HOST",
        /// The address of the CAS server must be a plain base address: no user name, query, fragment or odd character.
        NotBase = "CAS_URL_NOT_BASE",
        /// A login parameter has a name that cannot be passed on, or that the protocol reserves.
        BadParam = "CAS_LOGIN_PARAM_NAME",
        /// The login parameters are longer than 1024 bytes together.
        ParamsTooLong = "CAS_LOGIN_PARAMS_TOO_LONG",
    }
}

/// The endpoint of a validation and the format of its answer.
///
/// Written as `"cas1"`, `"cas2"` or `"cas3"`. A number is read too, because the previous release wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// `/validate` (CAS 3.0 section 2.4): the answer has a user name only. Attribute lines of Apereo CAS are ignored.
    Cas1,
    /// `/serviceValidate` and `/proxyValidate` (CAS 3.0 sections 2.5 and 2.6).
    Cas2,
    /// `/p3/serviceValidate` and `/p3/proxyValidate` (CAS 3.0 sections 2.8 and 2.9): answers contain attributes.
    #[default]
    Cas3,
}

impl Protocol {
    const NAMES: [(Self, &'static str); 3] = [(Self::Cas1, "cas1"), (Self::Cas2, "cas2"), (Self::Cas3, "cas3")];
}

impl ToJson for Protocol {
    fn write(&self, out: &mut Writer) {
        let name = Self::NAMES.iter().find(|(protocol, _)| protocol == self).map_or("", |(_, name)| name);
        out.text(name);
    }
}

impl FromJson for Protocol {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), JsonError> {
        let mut written = Value::Null;
        written.read(from)?;
        let known = match &written {
            Value::Text(text) => Self::NAMES.iter().find(|(_, name)| name == text),
            Value::Number(digits) => {
                ["1", "2", "3"].iter().position(|known| known == digits).and_then(|at| Self::NAMES.get(at))
            }
            _ => None,
        };
        *self = known.ok_or(JsonError)?.0;
        Ok(())
    }
}

/// The requested format of the answer. A server without support for `format=` answers in XML; both are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Supported by every server.
    #[default]
    Xml,
    /// For servers whose attribute names make broken XML (`cn;lang-en` at Apereo CAS).
    Json,
}

/// Whether the server prompts the user (CAS 3.0 section 2.1.1). `renew` and `gateway` together are undefined: Apereo CAS
/// answers that combination without a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// Single sign-on where there is a session, the login page where there is none.
    #[default]
    Usual,
    /// `renew=true`: the server asks for the credentials again, even in an existing session.
    Renew,
    /// `gateway=true`: the server shows no prompt; without a session the browser returns without a ticket.
    Gateway,
}

/// The options of a login.
#[derive(Clone, Copy, Debug, Default)]
pub struct Login<'a> {
    /// Whether to prompt.
    pub prompt: Prompt,
    /// Parameters that the site's policy adds to the login page.
    pub params: Option<&'a LoginParams>,
}

/// Parameters of the login page beyond the protocol's (`locale`, `authn_method`), encoded once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginParams(String);

impl LoginParams {
    /// # Errors
    /// A name outside `A-Za-z0-9._-` or longer than 64, or a name of the protocol: a second `service` would send the
    /// ticket elsewhere, and `method=` or `gateway=false` break servers.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ServerError> {
        pairs.into_iter().try_fold(Self::default(), |params, (name, value)| params.with(name, value))
    }

    /// These parameters and one more.
    ///
    /// # Errors
    /// As [`LoginParams::new`].
    pub fn with(&self, name: &str, value: &str) -> Result<Self, ServerError> {
        const KEPT: [&str; 10] =
            ["service", "renew", "gateway", "method", "ticket", "target", "url", "pgturl", "samlart", "execution"];
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !(1..=64).contains(&name.len())
            || !name.bytes().all(plain)
            || KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name))
        {
            return Err(ServerError::BadParam);
        }
        let encoded = format!("{}&{name}={}", self.0, percent::encode(value));
        if encoded.len() > 1024 {
            return Err(ServerError::ParamsTooLong);
        }
        Ok(Self(encoded))
    }
}

/// A CAS server: its addresses and protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    base: String,
    validate_base: String,
    other_bases: Vec<String>,
    protocol: Protocol,
    format: Format,
}

/// A request to the server. The caller must not follow redirects. `Debug` hides the ticket.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
#[non_exhaustive]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The address. It contains a ticket and must not be logged.
    pub url: String,
    /// The headers. Apereo CAS answers 500 to a request without `User-Agent`.
    pub headers: Vec<(String, String)>,
    /// The body; `None` for a GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Call").field("url", &format_args!("{path}?(hidden)")).finish_non_exhaustive()
    }
}

const HEADERS: &[(&str, &str)] =
    &[("user-agent", concat!("portcullis/", env!("CARGO_PKG_VERSION"))), ("accept", "*/*")];

impl Server {
    /// `base` is the URL to which `/login` is appended, for example `https://cas.example.org/cas`. Trailing slashes are
    /// ignored.
    ///
    /// # Errors
    /// A scheme other than https (http only for `localhost`, `127.0.0.0/8` and `[::1]`, for development), or parts other
    /// than scheme, host, port and path.
    pub fn new(base: &str, protocol: Protocol) -> Result<Self, ServerError> {
        let base = base_url(base)?;
        Ok(Self { validate_base: base.clone(), other_bases: Vec::new(), base, protocol, format: Format::Xml })
    }

    /// Sets the base URL for validations, if it differs from the browser's.
    ///
    /// # Errors
    /// As [`Server::new`].
    pub fn validated_at(self, base: &str) -> Result<Self, ServerError> {
        Ok(Self { validate_base: base_url(base)?, ..self })
    }

    /// Adds another base URL of the same server, for validations when the first cannot be reached.
    ///
    /// # Errors
    /// As [`Server::new`].
    pub fn also_validated_at(mut self, base: &str) -> Result<Self, ServerError> {
        self.other_bases.push(base_url(base)?);
        Ok(self)
    }

    /// Requests another format of the answer.
    #[must_use]
    pub fn answering_in(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// The protocol, for [`Expect::new`](crate::Expect::new).
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Its address for browsers, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The address of the login page (CAS 3.0 section 2.1).
    pub fn login_url(&self, service: &ServiceUrl, login: Login<'_>) -> String {
        let prompt = match login.prompt {
            Prompt::Usual => "",
            Prompt::Renew => "&renew=true",
            Prompt::Gateway => "&gateway=true",
        };
        let params = login.params.map_or("", |params| params.0.as_str());
        format!("{}/login?service={}{prompt}{params}", self.base, service.encoded())
    }

    /// The request that validates a ticket (CAS 3.0 sections 2.4 to 2.9). `renew` must equal that of the login.
    /// A proxy ticket goes to the endpoint for proxy tickets, because another endpoint may invalidate it.
    pub fn validate(&self, ticket: &Ticket, service: &ServiceUrl, renew: bool) -> Call {
        self.validate_at(&self.validate_base, ticket, service, renew)
    }

    /// The same request at each other address of the server. The ticket is single use there, so a second sending cannot sign
    /// in twice.
    pub fn validate_elsewhere(&self, ticket: &Ticket, service: &ServiceUrl, renew: bool) -> Vec<Call> {
        self.other_bases.iter().map(|base| self.validate_at(base, ticket, service, renew)).collect()
    }

    fn validate_at(&self, base: &str, ticket: &Ticket, service: &ServiceUrl, renew: bool) -> Call {
        let path = match (self.protocol, ticket) {
            (Protocol::Cas1, _) => "validate",
            (Protocol::Cas2, Ticket::Service(_)) => "serviceValidate",
            (Protocol::Cas2, Ticket::Proxy(_)) => "proxyValidate",
            (Protocol::Cas3, Ticket::Service(_)) => "p3/serviceValidate",
            (Protocol::Cas3, Ticket::Proxy(_)) => "p3/proxyValidate",
        };
        let renew = if renew { "&renew=true" } else { "" };
        let format = match (self.protocol, self.format) {
            (Protocol::Cas1, _) | (_, Format::Xml) => "",
            (_, Format::Json) => "&format=JSON",
        };
        // Encoded although the charset of a ticket needs none, so that a wider charset stays safe.
        let ticket = percent::encode(ticket.as_str());
        let url = format!("{base}/{path}?service={}&ticket={ticket}{renew}{format}", service.encoded());
        let headers = HEADERS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Call { method: get(), url, headers, body: None }
    }

    /// The address that signs the browser out everywhere, and then sends it to `service` (CAS 3.0 section 2.3). A server
    /// follows `service` to registered addresses only.
    pub fn logout_url(&self, service: Option<&ServiceUrl>) -> String {
        match service {
            Some(service) => format!("{}/logout?service={}", self.base, service.encoded()),
            None => format!("{}/logout", self.base),
        }
    }
}

fn base_url(text: &str) -> Result<String, ServerError> {
    let (rest, https) = match (strip_prefix_any_case(text, "https://"), strip_prefix_any_case(text, "http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return Err(ServerError::NotHttps),
    };
    let clean = |b: u8| (0x21..=0x7e).contains(&b) && !matches!(b, b'\\' | b'?' | b'#' | b'@' | b'"' | b'<' | b'>');
    if !text.bytes().all(clean) || !percent::is_well_formed(text) {
        return Err(ServerError::NotBase);
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if !is_authority(authority) {
        return Err(ServerError::BadHost);
    }
    if !https && !is_loopback(authority) {
        return Err(ServerError::NotHttps);
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_the_address_of_a_call_and_no_ticket() {
        let server = Server::new("https://cas.example.org/cas", Protocol::Cas3).unwrap();
        let service = ServiceUrl::parse("https://app.example.org/x").unwrap();
        let call = server.validate(&Ticket::parse("ST-1-abc").unwrap(), &service, false);
        let text = format!("{call:?}");
        assert!(text.contains("https://cas.example.org/cas/p3/serviceValidate?(hidden)"), "{text}");
        assert!(!text.contains("ST-1"), "{text}");
    }

    #[test]
    fn what_is_no_protocol_is_refused() {
        assert!(json::from_str::<Protocol>("null").is_err());
        assert!(json::from_str::<Protocol>("\"cas4\"").is_err());
    }
}
