//! The gate's own pages: facts in, HTML out. The template escapes every value.

pub(crate) mod factor;
mod text;

use askama::Template;
use base::{Moment, UnixMs};
use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::{
    http::answer::{Answer, empty},
    policy::{Pages, Problem},
    why::Why,
};

pub(crate) use text::{Language, Text, Texts};

pub(crate) const CSS: &str = include_str!("page.css");
/// `Retry-After` of a 502 or 503, in seconds.
pub(crate) const RETRY_SECS: &str = "10";

/// `Retry-After` of a closed page, in seconds: people close pages for minutes, not for moments.
pub(crate) const CLOSED_RETRY_SECS: &str = "300";

/// The script of a page. Each is a constant, which the content security policy allows by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// Submits the form on load.
    Submit,
    /// Keeps the address with its fragment in this tab, and goes on: the CAS server never gets the fragment.
    KeepAddress,
    /// Goes to the kept address, if it is one of this site and none of the gate's own pages.
    KeptAddress,
    /// Keeps a sealed form in this tab.
    KeepForm,
    /// Posts the kept form, and forgets it.
    KeptForm,
}

impl Script {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Submit => r#"document.getElementById("go").submit()"#,
            Self::KeepAddress => include_str!("keep_address.js"),
            Self::KeptAddress => include_str!("kept_address.js"),
            Self::KeepForm => include_str!("keep_form.js"),
            Self::KeptForm => include_str!("kept_form.js"),
        }
    }
}

/// The hash of the page's own style: beside a page's script, the content security policy allows nothing else.
pub struct Style {
    css: String,
}

impl Style {
    pub(crate) fn new() -> Self {
        Self { css: hash(CSS) }
    }

    fn policy(&self, script: Option<Script>, image: bool, form_action: &str) -> String {
        let image = if image { "; img-src data:" } else { "" };
        let script = script.map_or_else(String::new, |script| format!("; script-src {}", hash(script.text())));
        format!(
            "default-src 'none'; style-src {}{script}{image}; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'",
            self.css
        )
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text.as_bytes())))
}

pub(crate) struct Form {
    pub(crate) to: String,
    /// Names and values that a person does not see.
    pub(crate) fields: Vec<(String, String)>,
    /// Names of fields to fill in again.
    pub(crate) blanks: Vec<String>,
}

pub(crate) enum Button {
    Link(String),
    /// A link, and what its page's script keeps under a name.
    Keep {
        to: String,
        name: String,
        value: String,
    },
    Form(Form),
    None,
}

#[derive(Template)]
#[template(path = "card.html")]
pub(crate) struct Card<'a> {
    pub(crate) language: Language,
    pub(crate) css: &'a str,
    pub(crate) pages: &'a Pages,
    pub(crate) site: &'a str,
    pub(crate) text: Text<'a>,
    pub(crate) detail: &'a str,
    pub(crate) action: Button,
    pub(crate) script: Option<Script>,
    pub(crate) code: &'a str,
    pub(crate) request: &'a str,
    pub(crate) time: &'a str,
}

impl Card<'_> {
    pub(crate) fn answer(&self, status: u16, style: &Style, form_action: &str) -> Answer {
        let mut answer = empty(status);
        answer.headers.extend([
            ("content-type".into(), "text/html; charset=utf-8".into()),
            ("content-security-policy".into(), style.policy(self.script, self.pages.logo.is_some(), form_action)),
            ("content-language".into(), self.language.tag().into()),
            ("vary".into(), "accept-language".into()),
            ("x-frame-options".into(), "DENY".into()),
        ]);
        answer.body = self.render().unwrap_or_else(|_| self.text.title.to_owned());
        answer
    }
}

/// The page of a gate that cannot start. It names each wrong setting, never its value.
pub fn unconfigured(problems: &[Problem]) -> Answer {
    let list: Vec<_> = problems.iter().map(|problem| format!("{}: {}", problem.at, problem.what)).collect();
    let (texts, pages) = (Texts::default(), Pages::default());
    // English, as the problems are: the readers are the operators.
    let mut answer =
        without_site((&texts, Language::default(), &pages), Why::NotConfigured, &list.join(" · "), ("", "")).answer(
            503,
            &Style::new(),
            "'none'",
        );
    answer.headers.push(("retry-after".into(), RETRY_SECS.into()));
    answer
}

/// The page after a panic. It needs no `Gate`: reading the settings may be what panicked.
pub fn internal_error(accept_language: &str, moment: &mut Moment) -> Answer {
    let (request, time) = (request_id(moment), readable(moment.now()));
    let (texts, pages) = (Texts::default(), Pages::default());
    let language = Language::accepted(Some(accept_language));
    let mut answer = without_site((&texts, language, &pages), Why::InternalError, "", (&request, &time)).answer(
        500,
        &Style::new(),
        "'none'",
    );
    answer.request = request;
    answer
}

/// A page outside of any site, without a link onward.
pub(crate) fn without_site<'a>(
    (texts, language, pages): (&'a Texts, Language, &'a Pages),
    why: Why,
    detail: &'a str,
    (request, time): (&'a str, &'a str),
) -> Card<'a> {
    Card {
        language,
        css: CSS,
        pages,
        site: "",
        text: texts.text(language, why),
        detail,
        action: Button::None,
        script: None,
        code: why.code(),
        request,
        time,
    }
}

pub(crate) fn request_id(moment: &mut Moment) -> String {
    Base32Unpadded::encode_string(&moment.draw::<5>())
}

/// `2026-11-24 17:20 UTC`, for the line that people quote to support.
pub(crate) fn readable(time: UnixMs) -> String {
    let secs = time.secs();
    let (days, rest) = (secs / 86_400, secs % 86_400);
    // Howard Hinnant's `civil_from_days`, for days since 1970 only.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3600, rest % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_by_people() {
        assert_eq!(readable(UnixMs::from_secs(1_795_447_980)), "2026-11-23 15:33 UTC");
        assert_eq!(readable(UnixMs::from_secs(951_782_400)), "2000-02-29 00:00 UTC");
    }

    #[test]
    fn each_script_does_its_own_work() {
        for (script, part) in [
            (Script::Submit, ".submit()"),
            (Script::KeepAddress, "location.hash"),
            (Script::KeptAddress, "location.replace"),
            (Script::KeepForm, "sessionStorage.setItem"),
            (Script::KeptForm, "sessionStorage.removeItem"),
        ] {
            assert!(script.text().contains(part), "{script:?}");
        }
    }

    #[test]
    fn a_page_is_escaped_and_allows_only_its_own_style() {
        let answer = unconfigured(&[Problem::new("PORTCULLIS_KEYS", "<script>alert(1)</script>")]);
        assert!(!answer.body.contains("<script>"));
        let csp = answer.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
        assert!(
            csp.1.starts_with("default-src 'none'; style-src 'sha256-") && csp.1.contains("frame-ancestors 'none'")
        );
    }
}
