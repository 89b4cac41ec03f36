//! Reads the addresses and forms of the second factor.

use crate::{
    factor::{
        call::{Begin, Confirm, Proof},
        record::Change,
    },
    http::{form::Form, path::Target},
    policy::demand::Kind,
    request::{
        factor::{Act, FactorGet, FactorPost, page_of},
        step::MAX_FACTOR_FORM_BYTES,
    },
};

/// Longest query of a page, in bytes.
const MAX_QUERY_BYTES: usize = 4096;
/// Longest invitation, in bytes.
const MAX_INVITATION_BYTES: usize = 1024;
/// Longest id, code or name in a form, in bytes.
const MAX_FIELD_BYTES: usize = 256;

/// The fields of a posted form.
pub(super) fn form(body: &[u8]) -> Option<Form<'_>> {
    Form::parse(body, MAX_FACTOR_FORM_BYTES)
}

fn field(form: &Form<'_>, name: &str) -> Option<String> {
    form.last(name)
        .filter(|value| !value.is_empty() && value.len() <= MAX_FIELD_BYTES)
        .map(std::borrow::Cow::into_owned)
}

fn page(form: &Form<'_>) -> String {
    page_of(form.last("page").as_deref())
}

/// Reads the address of a page; `None` for an unknown or incomplete one.
pub(super) fn opened(at: FactorGet, target: &Target<'_>) -> Option<(Act, String)> {
    let form = Form::parse(target.query.unwrap_or_default().as_bytes(), MAX_QUERY_BYTES)?;
    let way = field(&form, "by").and_then(|word| Kind::named(&word));
    let act = match at {
        FactorGet::Ask => Act::Ask(way),
        FactorGet::Enrol => Act::EnrolPage,
        FactorGet::Me => Act::Me,
        FactorGet::Change => Act::ChangePage(change(&form)?, way),
        FactorGet::Resync => Act::ResyncPage(field(&form, "id")?),
        FactorGet::Handover => return Some((Act::Ask(way), target.raw.to_owned())),
        FactorGet::Request | FactorGet::Back => return None,
    };
    Some((act, page(&form)))
}

/// Reads a posted form; `None` for an incomplete one.
pub(super) fn posted(at: FactorPost, form: &Form<'_>) -> Option<(Act, String)> {
    let typed = || field(form, "typed").unwrap_or_default();
    let answer = || form.last("answer").map(std::borrow::Cow::into_owned).unwrap_or_default();
    let remember = form.has("remember");
    let proof = || match (form.has("answer"), form.has("recovery")) {
        (true, _) => Proof::Passkey(answer()),
        (false, true) => Proof::Recovery(typed()),
        (false, false) => Proof::Code { of: None, typed: typed() },
    };
    let act = match at {
        FactorPost::Code => Act::Check(None, Proof::Code { of: None, typed: typed() }, remember),
        FactorPost::Recovery => Act::Check(None, Proof::Recovery(typed()), false),
        FactorPost::Passkey => Act::Check(None, Proof::Passkey(answer()), remember),
        FactorPost::Change => Act::Check(Some(change(form)?), proof(), false),
        FactorPost::Enrol => {
            let begin = match Kind::named(&field(form, "kind")?)? {
                Kind::App => Begin::App,
                Kind::Passkey => Begin::Passkey,
                Kind::Token => token(form)?,
                Kind::Recovery | Kind::Cas => return None,
            };
            Act::Enrol(begin, field(form, "label").unwrap_or_default())
        }
        FactorPost::Confirm => {
            let id = field(form, "id")?;
            if form.has("answer") {
                Act::Confirm(id, Kind::Passkey, Confirm::Passkey(answer()))
            } else if let Some(second) = field(form, "second") {
                Act::Confirm(id, Kind::Token, Confirm::Codes(typed(), second))
            } else if form.has("timed") {
                Act::Confirm(id, Kind::Token, Confirm::Code(typed()))
            } else {
                Act::Confirm(id, Kind::App, Confirm::Code(typed()))
            }
        }
        FactorPost::End => Act::End(if form.has("all") { None } else { Some(field(form, "id")?) }),
        FactorPost::Cancel => Act::Cancel(field(form, "id")?),
        FactorPost::Continue => Act::Continue,
        FactorPost::Seen => Act::Seen,
        FactorPost::Pair => Act::Pair,
        FactorPost::LetIn => Act::LetIn(typed()),
        FactorPost::Resync => Act::Resync(field(form, "id")?, typed(), field(form, "second").unwrap_or_default()),
    };
    Some((act, page(form)))
}

/// A hardware token, by its seed and settings.
fn token(form: &Form<'_>) -> Option<Begin> {
    Some(Begin::Token {
        seed: field(form, "seed")?,
        timed: form.has("timed"),
        algorithm: field(form, "algorithm").unwrap_or_else(|| "SHA1".into()),
        digits: field(form, "digits").map_or(Some(6), |digits| digits.parse().ok())?,
        period_secs: field(form, "period").map_or(Some(30), |period| period.parse().ok())?,
    })
}

/// An invitation, as it was typed.
pub(super) fn invitation(form: &Form<'_>) -> Option<String> {
    form.last("invitation")
        .filter(|text| (1..=MAX_INVITATION_BYTES).contains(&text.trim().len()))
        .map(|text| text.into_owned())
}

/// The change that a form names.
fn change(form: &Form<'_>) -> Option<Change> {
    let id = || field(form, "id");
    Some(match field(form, "change")?.as_str() {
        "add-app" => Change::Add(Kind::App),
        "add-passkey" => Change::Add(Kind::Passkey),
        "add-token" => Change::Add(Kind::Token),
        "remove" => Change::Remove(id()?),
        "rename" => Change::Rename(id()?, field(form, "label")?),
        "suspend" => Change::Suspend(id()?),
        "resume" => Change::Resume(id()?),
        "codes" => Change::Codes,
        "only-passkey" => Change::OnlyPasskey(true),
        "any-kind" => Change::OnlyPasskey(false),
        _ => return None,
    })
}

/// The fields that name a change again.
pub(super) fn fields(change: &Change) -> Vec<(&'static str, String)> {
    let word = |word: &str| ("change", word.to_owned());
    let with = |name: &str, id: &str| vec![word(name), ("id", id.to_owned())];
    match change {
        Change::Add(Kind::Passkey) => vec![word("add-passkey")],
        Change::Add(Kind::Token) => vec![word("add-token")],
        Change::Add(_) => vec![word("add-app")],
        Change::Remove(id) => with("remove", id),
        Change::Rename(id, label) => [with("rename", id), vec![("label", label.clone())]].concat(),
        Change::Suspend(id) => with("suspend", id),
        Change::Resume(id) => with("resume", id),
        Change::Codes => vec![word("codes")],
        Change::OnlyPasskey(true) => vec![word("only-passkey")],
        Change::OnlyPasskey(false) => vec![word("any-kind")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_again_by_its_fields() {
        for change in [
            Change::Add(Kind::App),
            Change::Add(Kind::Passkey),
            Change::Add(Kind::Token),
            Change::Remove("a".into()),
            Change::Rename("a".into(), "b".into()),
            Change::Suspend("a".into()),
            Change::Resume("a".into()),
            Change::Codes,
            Change::OnlyPasskey(true),
            Change::OnlyPasskey(false),
        ] {
            let body: Vec<String> = fields(&change).iter().map(|(name, value)| format!("{name}={value}")).collect();
            let body = body.join("&");
            let word = body.split('&').next().unwrap().trim_start_matches("change=");
            assert_eq!(super::super::pages::change_key(&change), format!("change_{word}"), "the text of a page");
            assert_eq!(super::change(&form(body.as_bytes()).unwrap()), Some(change), "{body}");
        }
        assert_eq!(super::change(&form(b"change=everything&id=a").unwrap()), None);
        assert_eq!(super::change(&form(b"change=remove&id=").unwrap()), None);
        for (len, is_read) in [(1, true), (MAX_FIELD_BYTES, true), (MAX_FIELD_BYTES + 1, false)] {
            let body = format!("change=remove&id={}", "a".repeat(len));
            assert_eq!(super::change(&form(body.as_bytes()).unwrap()).is_some(), is_read, "{len}");
        }
    }
}
