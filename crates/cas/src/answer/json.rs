//! The JSON answer of CAS 3.0 (section 2.5.2), which servers send on `format=JSON`.

use core::fmt;
use std::collections::BTreeSet;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use super::{AnswerError, Content, MAX_NAMES, check_name, refusal};
use crate::{Attributes, PgtIou};

pub(super) fn read(text: &str) -> Result<Content, AnswerError> {
    let root: Json = serde_json::from_str(text).map_err(|error| {
        // The only custom error of the visitor below is a duplicate key.
        if error.is_data() { AnswerError::Ambiguous } else { AnswerError::Malformed }
    })?;
    let Json::Map(mut root) = root else { return Err(AnswerError::NotCas) };
    let Some(Json::Map(mut response)) = take(&mut root, "serviceResponse") else { return Err(AnswerError::NotCas) };
    if !root.is_empty() || response.len() > 1 {
        return Err(AnswerError::Ambiguous);
    }
    match (take(&mut response, "authenticationFailure"), take(&mut response, "authenticationSuccess")) {
        (Some(Json::Map(mut failure)), None) => match take(&mut failure, "code") {
            Some(Json::Text(code)) => Err(refusal(&code)),
            _ => Err(AnswerError::Refused),
        },
        (None, Some(Json::Map(answer))) => success(answer),
        _ => Err(AnswerError::NotCas),
    }
}

fn success(mut answer: Vec<(String, Json)>) -> Result<Content, AnswerError> {
    let user = match take(&mut answer, "user") {
        Some(Json::Text(user)) => user,
        Some(_) => return Err(AnswerError::NotText),
        None => return Err(AnswerError::NoUser),
    };
    let attributes = match take(&mut answer, "attributes") {
        Some(Json::Map(map)) => attributes(map)?,
        None => Attributes::default(),
        Some(Json::List(list)) if list.is_empty() => Attributes::default(), // how PHP writes an empty map
        Some(_) => return Err(AnswerError::NotText),
    };
    let proxies = match take(&mut answer, "proxies") {
        Some(list @ Json::List(_)) => scalars(list)?,
        None => Vec::new(),
        Some(_) => return Err(AnswerError::NotText),
    };
    let pgt_iou = match take(&mut answer, "proxyGrantingTicket") {
        Some(Json::Text(iou)) => Some(PgtIou::parse(&iou).ok_or(AnswerError::NotText)?),
        None => None,
        Some(_) => return Err(AnswerError::NotText),
    };
    Ok(Content { user, attributes, proxies, pgt_iou, ..Content::default() })
}

fn attributes(map: Vec<(String, Json)>) -> Result<Attributes, AnswerError> {
    if map.len() > MAX_NAMES {
        return Err(AnswerError::TooComplex);
    }
    let mut all = Attributes::default();
    for (name, value) in map {
        all.add(check_name(&name)?, scalars(value)?);
    }
    Ok(all)
}

/// One value or a list of values, as text; `null` is an absent value.
fn scalars(value: Json) -> Result<Vec<String>, AnswerError> {
    let scalar = |value| match value {
        Json::Text(text) | Json::Plain(text) => Ok(text),
        _ => Err(AnswerError::NotText),
    };
    match value {
        Json::List(list) => list.into_iter().filter(|value| !matches!(value, Json::Null)).map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

/// The values of a text that is itself JSON: one value, or a list of values.
pub(super) fn values(text: &str) -> Option<Vec<String>> {
    scalars(serde_json::from_str(text).ok()?).ok()
}

fn take(map: &mut Vec<(String, Json)>, name: &str) -> Option<Json> {
    let at = map.iter().position(|(known, _)| known == name)?;
    Some(map.remove(at).1)
}

/// JSON without duplicate keys. A key with `null` counts as absent.
enum Json {
    Null,
    Text(String),
    /// A number or a boolean, as text.
    Plain(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate keys")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let (mut map, mut names) = (Vec::new(), BTreeSet::new());
        while let Some((name, value)) = access.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("duplicate key"));
            }
            if !matches!(value, Json::Null) {
                map.push((name, value));
            }
        }
        Ok(Json::Map(map))
    }
}
