//! The XML answer of CAS 2.0 and 3.0 (CAS 3.0 section 2.5.2 and appendix A).

use roxmltree::Node;

use super::{AnswerError, Content, Expect, MAX_NAMES, check_name, refusal};
use crate::{
    Attributes, PgtIou,
    xml::{self, XmlError},
};

const NAMESPACE: &str = "http://www.yale.edu/tp/cas";

impl From<XmlError> for AnswerError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Malformed => Self::Malformed,
            XmlError::Forbidden => Self::Doctype,
            XmlError::TooComplex => Self::TooComplex,
            XmlError::Name => Self::AttributeName,
        }
    }
}

pub(super) fn read(text: &str, expect: &Expect) -> Result<Content, AnswerError> {
    let document = xml::parse(text)?;
    let root = document.root_element();
    let namespace = root.tag_name().namespace();
    if !(namespace == Some(NAMESPACE) || namespace.is_none() && expect.allow_no_namespace)
        || !xml::is(root, namespace, "serviceResponse")
    {
        return Err(AnswerError::NotCas);
    }
    let [answer] = xml::elements(root).ok_or(AnswerError::Ambiguous)?[..] else {
        return Err(AnswerError::Ambiguous);
    };
    if xml::is(answer, namespace, "authenticationFailure") {
        return Err(refusal(answer.attribute("code").unwrap_or_default()));
    }
    if !xml::is(answer, namespace, "authenticationSuccess") {
        return Err(AnswerError::NotCas);
    }
    success(answer, namespace, expect)
}

fn success(answer: Node<'_, '_>, namespace: Option<&str>, expect: &Expect) -> Result<Content, AnswerError> {
    let (mut user, mut block, mut proxies, mut pgt_iou) = (None, None, None, None);
    let (mut beside, mut unread) = (Attributes::default(), Attributes::default());
    for node in xml::elements(answer).ok_or(AnswerError::Ambiguous)? {
        if node.tag_name().namespace() != namespace {
            return Err(AnswerError::NotCas);
        }
        match node.tag_name().name() {
            "user" => once(&mut user, text(node)?)?,
            "attributes" => once(&mut block, attributes(node, namespace, expect, &mut unread)?)?,
            "proxies" => once(&mut proxies, chain(node, namespace)?)?,
            "proxyGrantingTicket" => {
                once(&mut pgt_iou, PgtIou::parse(text(node)?.trim_ascii()).ok_or(AnswerError::NotText)?)?;
            }
            _ => {
                let notations = &expect.notations;
                let is_read = if is_name_value(node) { notations.name_value } else { notations.children };
                attribute(node, if is_read { &mut beside } else { &mut unread })?;
            }
        }
    }
    // Some servers write attributes both inside the block and beside it. The block takes precedence.
    let mut attributes: Attributes = block.unwrap_or_default();
    for (name, values) in beside.iter() {
        let place = if attributes.contains(name) { &mut unread } else { &mut attributes };
        place.add(name, values.iter().cloned());
    }
    let (user, proxies) = (user.ok_or(AnswerError::NoUser)?, proxies.unwrap_or_default());
    Ok(Content { user, attributes, proxies, pgt_iou, unread })
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), AnswerError> {
    if place.replace(value).is_some() { Err(AnswerError::Ambiguous) } else { Ok(()) }
}

fn text(node: Node<'_, '_>) -> Result<String, AnswerError> {
    xml::text(node).ok_or(AnswerError::NotText)
}

fn attributes(
    block: Node<'_, '_>,
    namespace: Option<&str>,
    expect: &Expect,
    unread: &mut Attributes,
) -> Result<Attributes, AnswerError> {
    let mut all = Attributes::default();
    for node in xml::elements(block).ok_or(AnswerError::NotText)? {
        if node.tag_name().namespace() != namespace {
            return Err(AnswerError::NotCas);
        }
        let is_read = expect.notations.inline || !is_name_value(node);
        attribute(node, if is_read { &mut all } else { unread })?;
    }
    Ok(all)
}

fn is_name_value(node: Node<'_, '_>) -> bool {
    node.tag_name().name() == "attribute" && node.has_attribute("name")
}

/// `<cas:mail>value</cas:mail>`, or `<cas:attribute name="mail" value="value"/>`, sometimes with the value as text.
fn attribute(node: Node<'_, '_>, all: &mut Attributes) -> Result<(), AnswerError> {
    let (name, value) = match node.attribute("name").filter(|_| is_name_value(node)) {
        Some(name) => (name, node.attribute("value").map(str::to_owned)),
        None => (node.tag_name().name(), None),
    };
    let inside = text(node)?;
    all.push(check_name(name)?, value.unwrap_or(inside));
    if all.len() > MAX_NAMES { Err(AnswerError::TooComplex) } else { Ok(()) }
}

fn chain(node: Node<'_, '_>, namespace: Option<&str>) -> Result<Vec<String>, AnswerError> {
    let hops = xml::elements(node).ok_or(AnswerError::NotText)?;
    hops.into_iter()
        .map(|hop| {
            if xml::is(hop, namespace, "proxy") {
                Ok(text(hop)?.trim_ascii().to_owned())
            } else {
                Err(AnswerError::NotCas)
            }
        })
        .collect()
}
