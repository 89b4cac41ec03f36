//! The answer of a CAS server to a validation (CAS 3.0 sections 2.4.2 and 2.5.2). The first characters decide its format,
//! because servers send wrong content types.
//!
//! Anything but exactly one plain success is an [`AnswerError`]. No error contains text of the answer: servers write
//! tickets, addresses and proxy-granting tickets into their messages.

mod cas1;
mod json;
mod notation;
mod user;
mod xml;

use serde::Serialize;

pub use self::{
    notation::Notations,
    user::{is_unseen, normalise_by},
};
use crate::{Attributes, Chains, PgtIou, Protocol};

base::codes! {
    /// Why an answer of a CAS server signs nobody in.
    pub enum AnswerError {
        /// The CAS server does not accept this ticket: it was used before, has expired, or was never issued.
        InvalidTicket = "CAS_INVALID_TICKET",
        /// The CAS server does not accept this service, or the ticket was for another one.
        InvalidService = "CAS_INVALID_SERVICE",
        /// The CAS server could not read the request.
        InvalidRequest = "CAS_INVALID_REQUEST",
        /// The CAS server expects another kind of ticket.
        InvalidTicketSpec = "CAS_INVALID_TICKET_SPEC",
        /// The CAS server does not allow this service to act as a proxy.
        UnauthorizedProxy = "CAS_UNAUTHORIZED_PROXY",
        /// The CAS server could not call the address for proxy-granting tickets.
        InvalidProxyCallback = "CAS_INVALID_PROXY_CALLBACK",
        /// The CAS server reports an internal error.
        InternalError = "CAS_INTERNAL_ERROR",
        /// The CAS server refused for a reason that is not in the protocol.
        Refused = "CAS_REFUSED",
        /// The CAS server answered with an HTTP status other than 200.
        BadStatus = "CAS_BAD_STATUS",
        /// The CAS server redirected the validation. Redirects are not followed.
        Redirected = "CAS_REDIRECTED",
        /// The answer of the CAS server is longer than 256 kB.
        TooLong = "CAS_ANSWER_TOO_LONG",
        /// The answer of the CAS server is not in UTF-8.
        NotUtf8 = "CAS_ANSWER_NOT_UTF8",
        /// The answer of the CAS server is empty.
        Empty = "CAS_ANSWER_EMPTY",
        /// The CAS server answered with a web page.
        WebPage = "CAS_ANSWER_WEB_PAGE",
        /// The answer of the CAS server cannot be read.
        Malformed = "CAS_ANSWER_MALFORMED",
        /// The name of an attribute breaks the answer: rename it at the CAS server, leave it out, or ask for JSON.
        AttributeName = "CAS_ATTRIBUTE_NAME",
        /// The answer contains a document type, a processing instruction or an entity, which are forbidden.
        Doctype = "CAS_ANSWER_DOCTYPE",
        /// The answer is nested too deeply, or has too many parts.
        TooComplex = "CAS_ANSWER_TOO_COMPLEX",
        /// The answer does not follow the CAS protocol, or has another XML namespace.
        NotCas = "CAS_ANSWER_NOT_CAS",
        /// The answer is ambiguous: it must contain exactly one success or failure, and each field once.
        Ambiguous = "CAS_ANSWER_AMBIGUOUS",
        /// The answer contains no user.
        NoUser = "CAS_NO_USER",
        /// The user's name contains a forbidden character, or is longer than 1024 bytes.
        BadUser = "CAS_BAD_USER",
        /// A value in the answer is not plain text.
        NotText = "CAS_NOT_TEXT",
        /// The login came through a proxy that is not allowed here.
        ProxyNotAllowed = "CAS_PROXY_NOT_ALLOWED",
        /// A fresh login was requested, but this one is older or was remembered.
        NotFresh = "CAS_NOT_FRESH",
    }
}

impl AnswerError {
    /// Whether the server refused, in contrast to an unusable answer: the ticket is spent, and another login may succeed.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::InvalidTicket
                | Self::InvalidService
                | Self::InvalidRequest
                | Self::InvalidTicketSpec
                | Self::UnauthorizedProxy
                | Self::InvalidProxyCallback
                | Self::Refused
        )
    }
}

/// The longest accepted answer, in bytes. A network reader may stop after one byte more.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The most attributes of one user: each new name is compared with all earlier ones.
const MAX_NAMES: usize = 1000;

/// The conditions that an answer must meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expect {
    /// The protocol of the validation. A plain-text success counts for CAS 1.0 only, so that no other page with `yes`
    /// signs anybody in.
    pub protocol: Protocol,
    /// Validated with `renew`: an answer that reports an old or remembered login is refused.
    pub renew: bool,
    /// A proxy ticket was validated: the answer must list its proxies.
    pub proxied: bool,
    /// The allowed proxy chains.
    pub chains: Chains,
    /// Whether XML without a namespace is accepted. Another namespace never is.
    pub allow_no_namespace: bool,
    /// Notations of attributes that are read beside the protocol's own.
    pub notations: Notations,
}

impl Expect {
    /// The strictest for a service ticket: no proxies, the exact namespace, any age of login, the protocol's own notation of attributes.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, ..Self::default() }
    }
}

/// A login that the server confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Assertion {
    /// The user: trimmed, never empty, in Unicode normalisation form C, without control or direction characters.
    pub user: String,
    /// The attributes of the user.
    pub attributes: Attributes,
    /// The proxies of the login, nearest first; empty for the user's own browser.
    pub proxies: Vec<String>,
    /// The identifier of the proxy-granting ticket that was sent to the call-back address, if one was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pgt_iou: Option<PgtIou>,
}

/// The content of any of the three formats, before the check against `Expect`.
#[derive(Default)]
struct Content {
    user: String,
    attributes: Attributes,
    proxies: Vec<String>,
    pgt_iou: Option<PgtIou>,
    /// Attributes in notations that are not read. They can only make a login older.
    unread: Attributes,
}

/// Reads the answer with HTTP status `status`. Anything but one plain success is an error. A success counts with status
/// 200 only; a refusal is read with 200 and with 4xx, as servers send it.
///
/// # Errors
/// See [`AnswerError`].
pub fn read(status: u16, body: &[u8], expect: &Expect) -> Result<Assertion, AnswerError> {
    match status {
        200 => check(parse(body, expect)?, expect),
        300..=399 => Err(AnswerError::Redirected),
        400..=499 => match parse(body, expect) {
            Err(error) if error.is_refusal() => Err(error),
            _ => Err(AnswerError::BadStatus),
        },
        _ => Err(AnswerError::BadStatus),
    }
}

fn parse(body: &[u8], expect: &Expect) -> Result<Content, AnswerError> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerError::TooLong);
    }
    // No UTF-8 answer contains a NUL; UTF-16 does.
    let text = str::from_utf8(body).ok().filter(|text| !text.contains('\0')).ok_or(AnswerError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let content = match text.as_bytes().first() {
        None => return Err(AnswerError::Empty),
        Some(b'<') if begins("<!doctype html") || begins("<html") => return Err(AnswerError::WebPage),
        Some(b'<') => xml::read(text, expect)?,
        Some(b'{') => json::read(text)?,
        Some(_) => return cas1::read(text, expect),
    };
    // The CAS 1.0 endpoint answers in plain text alone.
    if expect.protocol == Protocol::Cas1 { Err(AnswerError::NotCas) } else { Ok(content) }
}

fn check(content: Content, expect: &Expect) -> Result<Assertion, AnswerError> {
    let Content { user, attributes, proxies, pgt_iou, unread } = content;
    let user = user::read(&user)?;
    if !expect.chains.allow(&proxies) || expect.proxied && proxies.is_empty() {
        return Err(AnswerError::ProxyNotAllowed);
    }
    // Attributes about the login (CAS 3.0 appendix A). Every value counts, so a user's own attribute of the same name
    // can only make the login older. Some servers write a value as the list `[ false ]`.
    let has = |name: &str, value: &str| {
        let mut given = attributes.all(name).iter().chain(unread.all(name));
        given.any(|given| given.trim_matches(['[', ']', ' ']).eq_ignore_ascii_case(value))
    };
    let old = has("isFromNewLogin", "false") || has("longTermAuthenticationRequestTokenUsed", "true");
    if expect.renew && old {
        return Err(AnswerError::NotFresh);
    }
    Ok(Assertion { user, attributes, proxies, pgt_iou })
}

/// The failure codes of CAS 3.0 section 2.5.3, and those seen at Apereo CAS.
fn refusal(code: &str) -> AnswerError {
    match code.trim_ascii() {
        "INVALID_TICKET" => AnswerError::InvalidTicket,
        "INVALID_SERVICE" | "UNAUTHORIZED_SERVICE" => AnswerError::InvalidService,
        "INVALID_REQUEST" => AnswerError::InvalidRequest,
        "INVALID_TICKET_SPEC" => AnswerError::InvalidTicketSpec,
        "UNAUTHORIZED_SERVICE_PROXY" => AnswerError::UnauthorizedProxy,
        "INVALID_PROXY_CALLBACK" => AnswerError::InvalidProxyCallback,
        "INTERNAL_ERROR" => AnswerError::InternalError,
        _ => AnswerError::Refused,
    }
}

/// `__proto__` is refused: as a key of a JavaScript object it would set the prototype.
fn check_name(name: &str) -> Result<&str, AnswerError> {
    if name.is_empty() || name == "__proto__" { Err(AnswerError::AttributeName) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_protocol() -> impl Strategy<Value = Protocol> {
        prop::sample::select(vec![Protocol::Cas1, Protocol::Cas2, Protocol::Cas3])
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    }

    #[test]
    fn x10_more_than_a_thousand_attributes_are_refused() {
        let xml = |n: usize| {
            let names: String = (0..n).map(|i| format!("<c:a{i}/>")).collect();
            format!(
                "<c:serviceResponse xmlns:c='http://www.yale.edu/tp/cas'><c:authenticationSuccess><c:user>ann</c:user>\
                 <c:attributes>{names}</c:attributes></c:authenticationSuccess></c:serviceResponse>"
            )
        };
        let json = |n: usize| {
            let names: Vec<_> = (0..n).map(|i| format!("\"a{i}\":0")).collect();
            format!(
                "{{\"serviceResponse\":{{\"authenticationSuccess\":{{\"user\":\"ann\",\"attributes\":{{{}}}}}}}}}",
                names.join(",")
            )
        };
        let forms: [fn(usize) -> String; 2] = [xml, json];
        for body in forms {
            let names = |n| read(200, body(n).as_bytes(), &Expect::new(Protocol::Cas3)).map(|a| a.attributes.len());
            assert_eq!(names(MAX_NAMES), Ok(MAX_NAMES));
            assert_eq!(names(MAX_NAMES + 1), Err(AnswerError::TooComplex));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(status in 100_u16..600, body: Vec<u8>, protocol in any_protocol()) {
            let _ = read(status, &body, &Expect::new(protocol));
        }

        #[test]
        fn any_pieces_of_an_answer_are_read_or_refused(protocol in any_protocol(), parts in prop::collection::vec(
            prop::sample::select(vec![
                "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>", "</cas:serviceResponse>", "<cas:user>", "</cas:user>",
                "<cas:authenticationSuccess>", "</cas:authenticationSuccess>", "<cas:attributes>", "</cas:attributes>", "ann", "yes\n", "no",
                "{", "}", "\"serviceResponse\"", ":", "\"user\"", "[", "]", ",", "<!--", "-->", "<cas:attribute name='", "'/>",
            ]), 0..30,
        )) {
            let _ = read(200, parts.concat().as_bytes(), &Expect::new(protocol));
        }

        #[test]
        fn xml_and_json_read_the_same(user in "[a-zé@. &<>]{0,8}[a-z]", values in prop::collection::vec("[ -~é\n]{0,12}", 0..4)) {
            let elements: String = values.iter().map(|value| format!("<c:v>{}</c:v>", escaped(value))).collect();
            let xml = format!(
                "<c:serviceResponse xmlns:c='http://www.yale.edu/tp/cas'><c:authenticationSuccess><c:user>{}</c:user>\
                 <c:attributes>{elements}</c:attributes></c:authenticationSuccess></c:serviceResponse>",
                escaped(&user),
            );
            let json = serde_json::json!({"serviceResponse": {"authenticationSuccess": {"user": user, "attributes": {"v": values}}}});
            for body in [xml, json.to_string()] {
                let got = read(200, body.as_bytes(), &Expect::new(Protocol::Cas3)).unwrap();
                prop_assert_eq!(&got.user, user.trim_ascii());
                prop_assert_eq!(got.attributes.all("v"), &values[..]);
            }
        }
    }
}
