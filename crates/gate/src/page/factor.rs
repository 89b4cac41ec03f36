//! The pages of the second factor.

use askama::Template;
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::{CSS, Language, Texts};
use crate::http::answer::{Answer, empty};

/// The style of these pages, after that of the cards.
const FACTOR_CSS: &str = include_str!("factor.css");
/// Asks the browser for a passkey and sends its answer.
pub(crate) const PASSKEY_JS: &str = include_str!("factor/passkey.js");
/// The same, and copies the key of a new account.
pub(crate) const APP_JS: &str = include_str!("factor/app.js");
/// Empties a page with a secret when it is left, so that Back shows nothing.
pub(crate) const BLANK_JS: &str = include_str!("factor/blank.js");

/// The parts that every page has.
pub(crate) struct Frame<'a> {
    pub(crate) language: &'static str,
    pub(crate) css: String,
    pub(crate) site: &'a str,
    pub(crate) title: &'a str,
    /// The code at the foot.
    pub(crate) code: &'a str,
    /// Address of the gate's own paths.
    pub(crate) base: String,
    /// The session's token.
    pub(crate) token: String,
    /// The page that was asked for.
    pub(crate) page: String,
    /// More hidden fields of the form.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// At the portal: which site the factor is for.
    pub(crate) line: String,
    /// Whether a delayed change waits.
    pub(crate) changes_wait: bool,
    /// Whether there are news of the person's factors.
    pub(crate) news: bool,
    pub(crate) script: &'static str,
    texts: &'a Texts,
    tongue: Language,
}

impl<'a> Frame<'a> {
    /// A page with this title.
    pub(crate) fn new(texts: &'a Texts, tongue: Language, title: &'a str, code: &'a str) -> Self {
        Self {
            language: tongue.tag(),
            css: format!("{CSS}{FACTOR_CSS}"),
            site: "",
            title: texts.label(tongue, title),
            code,
            base: String::new(),
            token: String::new(),
            page: String::new(),
            fields: Vec::new(),
            line: String::new(),
            changes_wait: false,
            news: false,
            script: "",
            texts,
            tongue,
        }
    }

    /// The label of this key.
    pub(crate) fn t<'k>(&'k self, key: &'k str) -> &'k str {
        self.texts.label(self.tongue, key)
    }
}

/// Asks for a code.
#[derive(Template)]
#[template(path = "factor/code.html")]
pub(crate) struct CodePage<'a> {
    pub(crate) frame: Frame<'a>,
    /// The last segment of the form's address.
    pub(crate) action: &'static str,
    pub(crate) body: &'static str,
    /// The key of the change that is paid for; empty at a sign-in.
    pub(crate) change: &'static str,
    pub(crate) recovery: bool,
    pub(crate) remember: bool,
    pub(crate) pair: bool,
    pub(crate) error: String,
    pub(crate) ways: Vec<(&'static str, String)>,
}

/// Asks for a passkey, or makes one.
#[derive(Template)]
#[template(path = "factor/passkey.html")]
pub(crate) struct PasskeyPage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) action: &'static str,
    pub(crate) change: &'static str,
    pub(crate) options: &'a str,
    /// Not empty where a passkey is made.
    pub(crate) make: &'static str,
    pub(crate) button: &'static str,
    pub(crate) remember: bool,
    pub(crate) error: String,
    pub(crate) ways: Vec<(&'static str, String)>,
}

/// Asks what to enrol.
#[derive(Template)]
#[template(path = "factor/enrol.html")]
pub(crate) struct EnrolPage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) first: bool,
    pub(crate) apps: bool,
    pub(crate) passkeys: bool,
    /// Whether an invitation may be typed.
    pub(crate) invitation: bool,
}

/// Asks for the codes of a token.
#[derive(Template)]
#[template(path = "factor/token.html")]
pub(crate) struct TokenPage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) action: &'static str,
    pub(crate) timed: bool,
    pub(crate) error: String,
}

/// Shows the secret of a new authenticator app, once, and asks for its first code.
#[derive(Template)]
#[template(path = "factor/app.html")]
pub(crate) struct AppPage<'a> {
    pub(crate) frame: Frame<'a>,
    /// Empty when only the code is asked for again.
    pub(crate) svg: String,
    pub(crate) key: String,
    pub(crate) authenticator: &'a str,
    pub(crate) error: String,
}

/// Shows recovery codes, once.
#[derive(Template)]
#[template(path = "factor/codes.html")]
pub(crate) struct CodesPage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) codes: &'a [String],
    /// From when they work; empty if they work now.
    pub(crate) from: String,
    pub(crate) onward: String,
}

/// Says one thing, with one way on.
#[derive(Template)]
#[template(path = "factor/note.html")]
pub(crate) struct NotePage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) body: String,
    pub(crate) is_error: bool,
    pub(crate) letters: &'a str,
    pub(crate) href: String,
    pub(crate) button: &'static str,
    pub(crate) ways: Vec<(&'static str, String)>,
}

/// Asks before a site has its answer from the portal, or before another person signs in there.
#[derive(Template)]
#[template(path = "factor/continue.html")]
pub(crate) struct ContinuePage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) body: &'a str,
    pub(crate) button: &'a str,
    pub(crate) ways: Vec<(&'static str, String)>,
}

/// A factor on the person's page.
pub(crate) struct FactorRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// From when it can be used; empty if it can be used now.
    pub(crate) from: String,
    pub(crate) links: Vec<(&'static str, String)>,
    /// Whether it waits, and can be cancelled.
    pub(crate) cancel: bool,
}

/// The person's page.
#[derive(Template)]
#[template(path = "factor/me.html")]
pub(crate) struct MePage<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) factors: Vec<FactorRow>,
    pub(crate) codes_left: usize,
    pub(crate) links: Vec<(&'static str, String)>,
    /// Id, key of the change, from when.
    pub(crate) changes: Vec<(String, &'static str, String)>,
    /// Key of the event, label, when.
    pub(crate) news: Vec<(&'static str, String, String)>,
    /// Id, name, since when, whether it is this one.
    pub(crate) sessions: Vec<(String, String, String, bool)>,
    /// Name, last use, whether it is remembered.
    pub(crate) devices: Vec<(String, String, bool)>,
}

/// The answer with this page. Nothing but its own style and script runs, nobody may frame it, and no window of another site keeps
/// a hold of it. `form_action` lists the places that its forms may lead to.
pub(crate) fn answer<T: Template>(page: &T, status: u16, frame: (&str, &str), form_action: &str) -> Answer {
    let (language, script) = frame;
    let hash = |text: &str| format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text.as_bytes())));
    let scripts = if script.is_empty() {
        String::new()
    } else {
        format!("; script-src {}; require-trusted-types-for 'script'", hash(script))
    };
    let policy = format!(
        "default-src 'none'; style-src {}{scripts}; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'",
        hash(&format!("{CSS}{FACTOR_CSS}"))
    );
    let mut answer = empty(status);
    answer.headers.extend([
        ("content-type".into(), "text/html; charset=utf-8".into()),
        ("content-security-policy".into(), policy),
        ("content-language".into(), language.to_owned()),
        ("vary".into(), "accept-language".into()),
        ("x-frame-options".into(), "DENY".into()),
        ("cross-origin-opener-policy".into(), "same-origin".into()),
    ]);
    // A browser without Sec-Fetch headers proves by `Origin` that a form is ours, and sends `null` there under `no-referrer`.
    for (_, value) in answer.headers.iter_mut().filter(|(name, _)| name == "referrer-policy") {
        "same-origin".clone_into(value);
    }
    // A page that cannot be written shows nothing.
    answer.body = page.render().unwrap_or_default();
    answer
}
