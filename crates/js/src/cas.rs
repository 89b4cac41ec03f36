//! The entry `portcullis/cas`.

use cas::{
    AnswerError, Attributes, Chains, Expect, Format, Login, LoginParams, LogoutError, LogoutRequest, Notations, Prompt,
    Protocol, Server, ServiceUrl, SessionIndex, Ticket, answer, query,
};
use js_sys::{Object, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    error::{CallError, thrown},
    records::{from_js, to_js},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerRecord {
    url: String,
    validate_url: Option<String>,
    protocol: Option<u8>,
    format: Option<FormatRecord>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatRecord {
    Xml,
    Json,
}

#[derive(Deserialize)]
struct LoginRecord {
    #[serde(default)]
    renew: bool,
    #[serde(default)]
    gateway: bool,
}

#[derive(Deserialize)]
struct ValidateRecord {
    #[serde(default)]
    renew: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectRecord {
    protocol: Option<u8>,
    #[serde(default)]
    renew: bool,
    ticket: Option<String>,
    #[serde(default)]
    proxies: Vec<Vec<String>>,
    #[serde(default)]
    allow_no_namespace: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonRecord<'a> {
    user: &'a str,
    attributes: &'a Attributes,
    proxies: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pgt_iou: Option<&'a str>,
}

#[derive(Serialize)]
struct TakenRecord<'a> {
    ticket: &'a str,
    rest: String,
}

/// Where to send the browser to sign in.
#[wasm_bindgen(js_name = loginUrl)]
pub fn login_url(server: &JsValue, service: &str, options: &JsValue) -> Result<String, JsValue> {
    let (server, service) = (read_server(server)?, read_service(service)?);
    let LoginRecord { renew, gateway } = read_options(options)?;
    let prompt = match (renew, gateway) {
        (false, false) => Prompt::Usual,
        (true, false) => Prompt::Renew,
        (false, true) => Prompt::Gateway,
        (true, true) => return Err(thrown!(CallError::BadArgument)),
    };
    let params = read_params(options)?;
    let params = LoginParams::new(params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let params = params.map_err(|e| thrown!(e))?;
    Ok(server.login_url(&service, Login { prompt, params: Some(&params) }))
}

/// Where to ask whether a ticket is good.
#[wasm_bindgen(js_name = validateUrl)]
pub fn validate_url(server: &JsValue, service: &str, ticket: &str, options: &JsValue) -> Result<String, JsValue> {
    let (server, service) = (read_server(server)?, read_service(service)?);
    let ValidateRecord { renew } = read_options(options)?;
    let ticket = Ticket::parse(ticket).ok_or_else(|| thrown!(CallError::BadArgument))?;
    Ok(server.validate(&ticket, &service, renew).url)
}

/// Where to send the browser to sign out.
#[wasm_bindgen(js_name = logoutUrl)]
pub fn logout_url(server: &JsValue, service: Option<String>) -> Result<String, JsValue> {
    let service = service.as_deref().map(read_service).transpose()?;
    Ok(read_server(server)?.logout_url(service.as_ref()))
}

/// Who signed in, as the server's answer says.
#[wasm_bindgen(js_name = readAnswer)]
pub fn read_answer(status: f64, body: &JsValue, expect: &JsValue) -> Result<JsValue, JsValue> {
    let wanted: ExpectRecord = read_options(expect)?;
    let mut expect = Expect::new(read_protocol(wanted.protocol)?);
    expect.renew = wanted.renew;
    expect.notations = Notations::elements();
    expect.allow_no_namespace = wanted.allow_no_namespace;
    expect.chains = Chains::only(wanted.proxies);
    if let Some(ticket) = wanted.ticket {
        let ticket = Ticket::parse(&ticket).ok_or_else(|| thrown!(CallError::BadArgument))?;
        expect.proxied = matches!(ticket, Ticket::Proxy(_));
    }
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    let status = if status.fract() == 0.0 && (100.0..1000.0).contains(&status) { status as u16 } else { 0 };
    let body = read_body(body, answer::MAX_ANSWER_BYTES)?.ok_or_else(|| thrown!(AnswerError::TooLong))?;
    let person = answer::read(status, &body, &expect).map_err(|e| thrown!(e))?;
    to_js(&PersonRecord {
        user: &person.user,
        attributes: &person.attributes,
        proxies: &person.proxies,
        pgt_iou: person.pgt_iou.as_ref().map(cas::PgtIou::as_str),
    })
}

/// The ticket whose session a single logout ends.
#[wasm_bindgen(js_name = readLogoutRequest)]
pub fn read_logout_request(body: &JsValue) -> Result<String, JsValue> {
    let body = read_body(body, cas::MAX_LOGOUT_BYTES)?.ok_or_else(|| thrown!(LogoutError::TooLong))?;
    let request = LogoutRequest::read(&body).map_err(|e| thrown!(e))?;
    Ok(match request.session {
        SessionIndex::Ticket(ticket) => ticket.into(),
        SessionIndex::ProxyGranting(ticket) => ticket.into(),
    })
}

/// The ticket in a query, and the query without it.
#[wasm_bindgen(js_name = takeTicket)]
pub fn take_ticket(query: &str) -> Result<JsValue, JsValue> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let Some(ticket) = query::only_ticket(query) else { return Ok(JsValue::NULL) };
    to_js(&TakenRecord { ticket: ticket.as_str(), rest: query::without_ticket(query, &ticket).unwrap_or_default() })
}

/// An address, or an object with one.
fn read_server(server: &JsValue) -> Result<Server, JsValue> {
    let record = match server.as_string() {
        Some(url) => ServerRecord { url, validate_url: None, protocol: None, format: None },
        None => from_js(server.clone())?,
    };
    let mut server = Server::new(&record.url, read_protocol(record.protocol)?).map_err(|e| thrown!(e))?;
    if let Some(base) = record.validate_url {
        server = server.validated_at(&base).map_err(|e| thrown!(e))?;
    }
    Ok(match record.format {
        Some(FormatRecord::Json) => server.answering_in(Format::Json),
        Some(FormatRecord::Xml) | None => server,
    })
}

fn read_service(service: &str) -> Result<ServiceUrl, JsValue> {
    ServiceUrl::parse(service).map_err(|e| thrown!(e))
}

fn read_protocol(number: Option<u8>) -> Result<Protocol, JsValue> {
    match number {
        Some(1) => Ok(Protocol::Cas1),
        Some(2) => Ok(Protocol::Cas2),
        Some(3) | None => Ok(Protocol::Cas3),
        Some(_) => Err(thrown!(CallError::BadArgument)),
    }
}

/// `api.js` has made the object, of known names and right types alone.
fn read_options<T: serde::de::DeserializeOwned>(options: &JsValue) -> Result<T, JsValue> {
    from_js(options.clone())
}

/// The object `params` of the options, in its own order.
fn read_params(options: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let params = js_sys::Reflect::get(options, &"params".into()).unwrap_or_default();
    if params.is_undefined() || params.is_null() {
        return Ok(Vec::new());
    }
    from_js(Object::entries(params.unchecked_ref()).into())
}

/// Text or bytes; `None` when longer than `cap`, before anything that long is copied.
fn read_body(body: &JsValue, cap: usize) -> Result<Option<Vec<u8>>, JsValue> {
    if let Some(text) = body.dyn_ref::<js_sys::JsString>() {
        // A unit of UTF-16 is at least one byte of UTF-8.
        let short = usize::try_from(text.length()).is_ok_and(|length| length <= cap);
        return Ok(short.then(|| String::from(text).into_bytes()).filter(|bytes| bytes.len() <= cap));
    }
    // `api.js` has looked that it is one; the class of another realm is another class.
    let bytes: &Uint8Array = body.unchecked_ref();
    let short = usize::try_from(bytes.length()).is_ok_and(|length| length <= cap);
    Ok(short.then(|| bytes.to_vec()))
}
