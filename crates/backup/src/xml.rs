//! The subset of XML in exports: elements, attributes, text. Document types are skipped, so no entity can expand; other
//! unknown markup is skipped too. The reader gives events in document order, because KeePass encrypts all protected
//! values with one key stream.

use alloc::{borrow::ToOwned, string::String};

use crate::wipe::Zeroizing;

use crate::{BackupError, text::split_once};

const MAX_DEPTH: usize = 64;

pub(crate) enum Event<'t> {
    /// The name, and the raw attributes.
    Open(&'t str, &'t str),
    /// The text between two tags, decoded.
    Text(Zeroizing<String>),
    Close,
}

pub(crate) struct Reader<'t> {
    rest: &'t str,
    depth: usize,
    /// The last tag was an empty element, so its end is the next event.
    closes: bool,
}

impl<'t> Reader<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { rest: text, depth: 0, closes: false }
    }

    /// The next event; `None` at the end of the document.
    pub(crate) fn next(&mut self) -> Result<Option<Event<'t>>, BackupError> {
        loop {
            if core::mem::take(&mut self.closes) {
                self.depth = self.depth.saturating_sub(1);
                return Ok(Some(Event::Close));
            }
            let Some(start) = self.rest.find('<') else {
                return if self.depth == 0 { Ok(None) } else { Err(BackupError::Damaged) };
            };
            let (text, markup) = self.rest.split_at_checked(start).ok_or(BackupError::Damaged)?;
            if let Some(cdata) = markup.strip_prefix("<![CDATA[") {
                let (text, rest) = split_once(cdata, "]]>").ok_or(BackupError::Damaged)?;
                self.rest = rest;
                return Ok(Some(Event::Text(Zeroizing::new(text.to_owned()))));
            }
            if !text.is_empty() && self.depth > 0 {
                self.rest = markup;
                return Ok(Some(Event::Text(unescape(text))));
            }
            let passed =
                [("<!--", "-->"), ("<?", "?>"), ("<!", ">")].into_iter().find(|(open, _)| markup.starts_with(open));
            if let Some((_, end)) = passed {
                self.rest = split_once(markup, end).ok_or(BackupError::Damaged)?.1;
                continue;
            }
            let (tag, rest) = markup.get(1..).and_then(|tag| tag.split_once('>')).ok_or(BackupError::Damaged)?;
            self.rest = rest;
            if tag.starts_with('/') {
                self.depth = self.depth.checked_sub(1).ok_or(BackupError::Damaged)?;
                return Ok(Some(Event::Close));
            }
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(BackupError::Hostile);
            }
            let tag = tag.strip_suffix('/').map_or(tag, |tag| {
                self.closes = true;
                tag
            });
            let (name, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
            return Ok(Some(Event::Open(name, attributes)));
        }
    }
}

/// The value of an attribute.
pub(crate) fn attribute(attributes: &str, name: &str) -> Option<Zeroizing<String>> {
    let mut rest = attributes;
    while let Some((known, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, more) = after.get(1..)?.split_once(quote)?;
        if known.trim() == name {
            return Some(unescape(value));
        }
        rest = more;
    }
    None
}

/// Decodes the five predefined entities and numeric character references.
pub(crate) fn unescape(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        rest = after;
        let named = after.split_once(';').filter(|(name, _)| name.len() < 10);
        let char = named.and_then(|(name, _)| match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let number = name.strip_prefix('#')?;
                let hex = number.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
                code.ok().and_then(char::from_u32)
            }
        });
        match (char, named) {
            (Some(char), Some((_, after))) => {
                out.push(char);
                rest = after;
            }
            _ => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}
