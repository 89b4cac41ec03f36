//! The normalised path, and the other readings that an app may have of the same bytes.
//!
//! The policy decides on the normalised path. If another reading meets a stricter rule or another origin, the request is
//! refused: dots, slashes, parameters and encodings cannot open a protected page.

use std::borrow::Cow;

use cas::percent;

/// A request target, split into path and query.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The path as sent.
    pub raw: &'a str,
    /// The text after the first `?`.
    pub query: Option<&'a str>,
    normal: Cow<'a, [u8]>,
    others: Vec<Vec<u8>>,
}

impl<'a> Target<'a> {
    /// `None` for a target without a leading slash, or with a control character, a backslash, a fragment, an invalid
    /// percent-encoding or over-long UTF-8: browsers send none of these.
    pub fn parse(target: &'a str) -> Option<Self> {
        let (raw, query) = match target.split_once('?') {
            Some((raw, query)) => (raw, Some(query)),
            None => (target, None),
        };
        let bad = |b: u8| b <= b' ' || b == 0x7f || b == b'\\' || b == b'#';
        if !raw.starts_with('/') || raw.bytes().any(bad) || !percent::is_well_formed(raw) {
            return None;
        }
        if query.is_some_and(|query| query.bytes().any(|b| b <= b' ' || b == 0x7f || b == b'#')) {
            return None;
        }
        if is_plain(raw) {
            return Some(Self { raw, query, normal: Cow::Borrowed(raw.as_bytes()), others: Vec::new() });
        }
        let decoded = decode(raw.as_bytes(), true);
        // Over-long UTF-8 is a classic way to hide a slash from a check.
        let overlong =
            |pair: &[u8]| matches!(pair, [0xc0 | 0xc1, 0x80..=0xbf] | [0xe0, 0x80..=0x9f] | [0xf0, 0x80..=0x8f]);
        if decoded.iter().any(|b| *b < b' ' || *b == 0x7f) || decoded.windows(2).any(overlong) {
            return None;
        }
        let normal = resolve(&decoded, true);
        let kept = decode(raw.as_bytes(), false);
        let mut others = vec![
            kept.clone(),
            resolve(&kept, false),
            resolve(&kept, true),
            resolve(&decoded, false),
            resolve(&decode(&decoded, true), true),
        ];
        let cut = decoded.split(|b| matches!(b, b'#' | b'?')).next().unwrap_or_default();
        others.push(resolve(cut, true));
        others.retain(|other| *other != normal);
        Some(Self { raw, query, normal: Cow::Owned(normal), others })
    }

    /// The normalised path: decoded once, without parameters, empty segments and dot segments.
    pub fn normal(&self) -> &[u8] {
        &self.normal
    }

    /// Other readings of the path.
    pub fn others(&self) -> impl Iterator<Item = &[u8]> {
        self.others.iter().map(Vec::as_slice)
    }

    /// The path below [`INTERNAL_PREFIX`], if the raw path begins with exactly that.
    pub fn internal_path(&self) -> Option<&'a str> {
        self.raw.strip_prefix(INTERNAL_PREFIX)
    }

    /// Whether any reading is an internal path; no such request may reach an app.
    pub fn may_be_internal(&self) -> bool {
        let is_internal = |path: &[u8]| path.starts_with(INTERNAL_PREFIX.as_bytes()) || path == b"/.portcullis";
        is_internal(&self.normal) || self.others.iter().any(|other| is_internal(other))
    }
}

/// The prefix of internal paths on every site.
pub const INTERNAL_PREFIX: &str = "/.portcullis/";

/// Whether all readings are equal: no escape, parameter, empty segment or segment with a leading dot.
fn is_plain(raw: &str) -> bool {
    let mut slash = false;
    raw.bytes().all(|b| {
        let odd = matches!(b, b'%' | b';') || slash && matches!(b, b'/' | b'.');
        slash = b == b'/';
        !odd
    })
}

fn decode(path: &[u8], slashes: bool) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).and_then(|n| u8::try_from(n).ok());
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        let byte = match (b, hex(tail.first()), hex(tail.get(1))) {
            (b'%', Some(high), Some(low)) => Some(high << 4 | low),
            _ => None,
        };
        match byte {
            Some(b'/' | b'\\') if !slashes => out.push(b),
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => out.push(b),
        }
    }
    out
}

/// Removes dot segments (RFC 3986 section 5.2.4), empty segments and, with `params`, the parameters of each segment.
fn resolve(path: &[u8], params: bool) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut folder = false;
    for segment in path.split(|b| matches!(b, b'/' | b'\\')).skip(1) {
        let name = if params { segment.split(|b| *b == b';').next().unwrap_or_default() } else { segment };
        folder = matches!(name, b"" | b"." | b"..");
        match name {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for segment in &segments {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    if folder || out.is_empty() {
        out.push(b'/');
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(target: &str) -> String {
        String::from_utf8(Target::parse(target).unwrap().normal().to_vec()).unwrap()
    }

    #[test]
    fn a01_one_normal_path() {
        for (sent, want) in [
            ("/private?x=/public", "/private"),
            ("/private;/public", "/private/public"),
            ("/public/../private", "/private"),
            ("/public/%2e%2e/private", "/private"),
            ("//private", "/private"),
            ("/public%2f..%2fprivate", "/private"),
            ("/public/..;/private", "/private"),
            ("/a%2Fb", "/a/b"),
            ("/a/./b/", "/a/b/"),
            ("/..", "/"),
            ("/%61", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(normal(sent), want, "{sent}");
        }
    }

    #[test]
    fn a05_what_cannot_be_read_is_refused() {
        for bad in [
            "",
            "a",
            "*",
            "/a\\b",
            "/a b",
            "/a\u{7f}",
            "/%",
            "/%zz",
            "/%1",
            "/%00",
            "/%0a",
            "/a#b",
            "/a?b#c",
            "/%c0%af",
            "http://h/",
        ] {
            assert!(Target::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a02_an_encoded_fragment_is_another_reading() {
        let target = Target::parse("/private%23/public").unwrap();
        assert!(target.others().any(|other| other == b"/private"));
        let target = Target::parse("/x/..%2f.portcullis/health").unwrap();
        assert!(target.may_be_internal() && target.internal_path().is_none());
    }

    proptest! {
        #[test]
        fn a09_normalising_is_stable(path in "(/[a-z.;%2efF/]{0,6}){1,6}") {
            if let Some(target) = Target::parse(&path) {
                let normal = target.normal();
                prop_assert_eq!(resolve(normal, true), normal.to_vec());
                prop_assert!(normal.starts_with(b"/"));
            }
        }

        #[test]
        fn any_target_is_read(target: String) {
            if let Some(target) = Target::parse(&target) {
                prop_assert!(target.normal().starts_with(b"/"));
            }
        }
    }
}
