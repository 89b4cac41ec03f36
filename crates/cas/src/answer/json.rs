//! The JSON answer of CAS 3.0 (section 2.5.2), which servers send on `format=JSON`.

use json::Value;

use super::{AnswerError, Content, MAX_NAMES, check_name, refusal};
use crate::{Attributes, PgtIou};

pub(super) fn read(text: &str) -> Result<Content, AnswerError> {
    let mut root: Value = json::from_str(text).map_err(|_| AnswerError::Malformed)?;
    if root.has_double() {
        return Err(AnswerError::Ambiguous);
    }
    tidy(&mut root)?;
    let Value::Map(mut root) = root else { return Err(AnswerError::NotCas) };
    let Some(Value::Map(mut response)) = take(&mut root, "serviceResponse") else { return Err(AnswerError::NotCas) };
    if !root.is_empty() || response.len() > 1 {
        return Err(AnswerError::Ambiguous);
    }
    match (take(&mut response, "authenticationFailure"), take(&mut response, "authenticationSuccess")) {
        (Some(Value::Map(mut failure)), None) => match take(&mut failure, "code") {
            Some(Value::Text(code)) => Err(refusal(&code)),
            _ => Err(AnswerError::Refused),
        },
        (None, Some(Value::Map(answer))) => success(answer),
        _ => Err(AnswerError::NotCas),
    }
}

fn success(mut answer: Vec<(String, Value)>) -> Result<Content, AnswerError> {
    let user = match take(&mut answer, "user") {
        Some(Value::Text(user)) => user,
        Some(_) => return Err(AnswerError::NotText),
        None => return Err(AnswerError::NoUser),
    };
    let attributes = match take(&mut answer, "attributes") {
        Some(Value::Map(map)) => attributes(map)?,
        None => Attributes::default(),
        Some(Value::List(list)) if list.is_empty() => Attributes::default(), // how PHP writes an empty map
        Some(_) => return Err(AnswerError::NotText),
    };
    let proxies = match take(&mut answer, "proxies") {
        Some(list @ Value::List(_)) => scalars(list)?,
        None => Vec::new(),
        Some(_) => return Err(AnswerError::NotText),
    };
    let pgt_iou = match take(&mut answer, "proxyGrantingTicket") {
        Some(Value::Text(iou)) => Some(PgtIou::parse(&iou).ok_or(AnswerError::NotText)?),
        None => None,
        Some(_) => return Err(AnswerError::NotText),
    };
    Ok(Content { user, attributes, proxies, pgt_iou, ..Content::default() })
}

fn attributes(map: Vec<(String, Value)>) -> Result<Attributes, AnswerError> {
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
fn scalars(value: Value) -> Result<Vec<String>, AnswerError> {
    let scalar = |value| match value {
        Value::Text(text) | Value::Number(text) => Ok(text),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(AnswerError::NotText),
    };
    match value {
        Value::List(list) => list.into_iter().filter(|value| !matches!(value, Value::Null)).map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

/// The values of a text that is itself JSON: one value, or a list of values.
pub(super) fn values(text: &str) -> Option<Vec<String>> {
    let mut value: Value = json::from_str(text).ok()?;
    tidy(&mut value).ok()?;
    scalars(value).ok()
}

/// A member with `null` counts as absent. A number that only other readers take for infinite is refused.
fn tidy(value: &mut Value) -> Result<(), AnswerError> {
    match value {
        Value::Map(members) => {
            members.retain(|(_, value)| *value != Value::Null);
            members.iter_mut().try_for_each(|(_, value)| tidy(value))
        }
        Value::List(values) => values.iter_mut().try_for_each(tidy),
        Value::Number(digits) if is_beyond(digits) => Err(AnswerError::Malformed),
        _ => Ok(()),
    }
}

/// Whether a number may be none of IEEE 754's doubles, whose largest has 309 digits.
fn is_beyond(digits: &str) -> bool {
    let exponent = digits.split_once(['e', 'E']).map_or("0", |(_, exponent)| exponent.trim_start_matches('+'));
    digits.len() > 308 || exponent.parse().map_or(true, |exponent: i32| exponent > 308)
}

fn take(map: &mut Vec<(String, Value)>, name: &str) -> Option<Value> {
    let at = map.iter().position(|(known, _)| known == name)?;
    Some(map.remove(at).1)
}
