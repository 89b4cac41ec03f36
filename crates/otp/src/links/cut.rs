use alloc::{borrow::ToOwned, string::String};

use zeroize::Zeroizing;

use super::{
    find::{Start, begins},
    key::{self, End},
};
use crate::{
    Account, OtpError,
    bytes::{Block, Span},
    uri::unescape,
};

/// A link without the text around it.
pub(super) type Link = Zeroizing<String>;

/// Cuts out the link at `start`, without quotes, brackets and words around it.
///
/// A raw space belongs to the link, because people write names with spaces. The character before the link and its last
/// setting decide where it ends. `alone`: the whole text is this link on one line.
///
/// # Errors
/// [`OtpError::BadBase32`] where it is unclear whether text after the secret belongs to it.
pub(super) fn cut(start: &Start<'_>, alone: bool) -> Result<Link, (Link, OtpError)> {
    let before = start.before.chars().next_back();
    let link = if start.encoded { value(start.text) } else { closed(start.text, before) };
    // Every link with a secret has a `?`; one with `%3F` instead is percent-encoded as a whole.
    let encoded = start.encoded || !link.contains('?') && (link.contains("%3F") || link.contains("%3f"));
    let link = if encoded { decoded(link) } else { Zeroizing::new(link.to_owned()) };
    let mut end = trimmed(&link).len();
    let mut unclear = None;
    if let Some((name, value)) = last_setting(link.get(..end).unwrap_or_default()) {
        let from = end.saturating_sub(value.len());
        match setting_end(&link, name, value, alone) {
            End::Whole => {}
            End::At(len) => end = from.saturating_add(len),
            End::Unclear => unclear = Some(OtpError::BadBase32 { at: key::first_end(value) }),
        }
    }
    let link = Zeroizing::new(trimmed(link.get(..end).unwrap_or_default()).to_owned());
    match unclear {
        Some(error) => Err((link, error)),
        None => Ok(link),
    }
}

/// The text up to the end of a query value, for a link inside another address.
fn value(text: &str) -> &str {
    let ends = |letter: char| letter.is_whitespace() || letter.is_control() || "&\"'<>()[]{}|`#".contains(letter);
    text.split(ends).next().unwrap_or_default()
}

/// The text up to the end of its line, or to the closing partner of the quote or bracket right before it.
fn closed(text: &str, before: Option<char>) -> &str {
    let closers = match before {
        Some('"' | '“' | '„' | '”') => "\"“”",
        Some('\'' | '‘' | '‚' | '’') => "'‘’",
        Some('«') => "»",
        Some('»') => "«",
        Some('‹') => "›",
        Some('<') => ">",
        Some('`') => "`",
        Some('「') => "」",
        Some('『') => "』",
        Some('*') => "*",
        Some('|') => "|",
        _ => "",
    };
    let (mut asked, mut depth) = (false, 0_i32);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        asked |= letter == '?';
        match letter {
            '(' | '[' | '{' => depth = depth.saturating_add(1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // An apostrophe inside a word is not a closing quote.
        let within = letters.peek().is_some_and(|(_, next)| next.is_alphanumeric() || *next == '%');
        let closes = closers.contains(letter) && !(within && "'’".contains(letter));
        // Characters that no address contains end it, but only in the query: a raw label may contain anything.
        let never = asked && (depth < 0 || "\"“”„«»<>`|".contains(letter));
        // A control character ends it too: a tab separates the columns of a table.
        if closes || never || letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn trimmed(link: &str) -> &str {
    link.trim_end_matches(|letter: char| letter.is_whitespace() || ",;&\u{200b}\u{feff}，；、".contains(letter))
}

/// Name and value of the last setting; for `steam://`, the secret.
fn last_setting(link: &str) -> Option<(&str, &str)> {
    if let Some(key) = link.get(8..).filter(|_| begins(link, "steam://")) {
        return Some(("secret", key));
    }
    let (_, settings) = link.split_once('?')?;
    settings.rsplit('&').next()?.split_once('=')
}

/// Where the value of the last setting ends.
fn setting_end(link: &str, name: &str, value: &str, alone: bool) -> End {
    let name = name.to_ascii_lowercase();
    let plain = value.split('#').next().unwrap_or_default();
    match name.as_str() {
        "secret" => match key::end(plain) {
            End::Whole => sentence_end(value),
            other => other,
        },
        "issuer" if alone => End::Whole,
        // The label repeats the issuer, so words after that name do not belong to the link.
        "issuer" => label_issuer(link).map_or(End::Whole, |issuer| {
            let ends = value.char_indices().filter(|(_, letter)| !letter.is_alphanumeric()).map(|(at, _)| at);
            let is_issuer = |at: &usize| *decoded(value.get(..*at).unwrap_or_default()) == issuer;
            ends.filter(|at| !value.get(*at..).unwrap_or_default().starts_with('%'))
                .find(is_issuer)
                .map_or(End::Whole, End::At)
        }),
        _ => match value.find(char::is_whitespace) {
            Some(at) => sentence_end(value.get(..at).unwrap_or_default()).or(at),
            None => sentence_end(value),
        },
    }
}

/// Punctuation at the end of a sentence does not belong to the link.
fn sentence_end(value: &str) -> End {
    let end = value.trim_end_matches(|letter: char| letter.is_whitespace() || ".!?:".contains(letter)).len();
    if end < value.len() { End::At(end) } else { End::Whole }
}

impl End {
    fn or(self, at: usize) -> Self {
        if self == Self::Whole { Self::At(at) } else { self }
    }
}

/// The issuer in the label.
fn label_issuer(link: &str) -> Option<String> {
    let (label, _) = link.split_once('?')?;
    let label = decoded(label.rsplit('/').next()?);
    let (issuer, _) = label.split_once(':')?;
    Some(issuer.trim().to_owned()).filter(|issuer| !issuer.is_empty())
}

/// Percent-decodes once; invalid UTF-8 becomes U+FFFD.
fn decoded(text: &str) -> Link {
    let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
    let whole = Span::new(0, u32::try_from(bytes.len()).unwrap_or(0));
    let mut block = Block::new(&mut bytes);
    let span = unescape(&mut block, whole, false);
    Zeroizing::new(String::from_utf8_lossy(block.text(span)).into_owned())
}

/// Issuer and name of a refused link. Empty when the label might contain the secret.
pub(super) fn names(link: &str) -> (String, String) {
    const NONE: (String, String) = (String::new(), String::new());
    let Some((head, settings)) = link.split_once('?') else { return NONE };
    let Some((scheme, rest)) = head.split_once("://") else { return NONE };
    let label =
        if scheme.eq_ignore_ascii_case("motp") { Some(rest) } else { rest.split_once('/').map(|(_, label)| label) };
    let Some(label) = label.filter(|label| !label.to_ascii_lowercase().contains("secret")) else { return NONE };
    let issuer = settings.split('&').filter_map(|setting| setting.split_once('='));
    let issuer = issuer.filter(|(name, _)| name.eq_ignore_ascii_case("issuer")).map(|(_, value)| value).next();
    // Let the address reader split the names, with a placeholder secret.
    let uri = alloc::format!("otpauth://totp/{label}?secret=GEZDGNBVGY3TQOJQ&issuer={}", issuer.unwrap_or_default());
    Account::from_uri(&uri).map_or(NONE, |account| (account.issuer, account.name))
}
