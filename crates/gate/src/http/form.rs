//! The body of a form (`application/x-www-form-urlencoded`, WHATWG URL section 5.1).

use std::borrow::Cow;

use cas::percent;

/// The fields of a form, in order and as sent.
pub(crate) struct Form<'b>(Vec<(&'b str, &'b str)>);

impl<'b> Form<'b> {
    /// Splits a body of at most `limit` bytes; `None` for a longer one, or for bytes that are not UTF-8. Names are
    /// compared as sent: no form of ours has a name that needs decoding.
    pub(crate) fn parse(body: &'b [u8], limit: usize) -> Option<Self> {
        let text = core::str::from_utf8(body).ok().filter(|text| text.len() <= limit)?;
        Some(Self(text.split('&').filter_map(|pair| pair.split_once('=')).collect()))
    }

    /// Whether there is a field of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// The decoded value of the last field of this name; `None` where a percent sign or the UTF-8 is broken.
    pub(crate) fn last(&self, name: &str) -> Option<Cow<'b, str>> {
        self.0.iter().rfind(|(known, _)| *known == name).and_then(|(_, value)| percent::decode_form(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_split_and_its_last_value_counts() {
        let form = Form::parse(b"ticket=ST-1&a=b+c%21&empty=&flag&ticket=ST-2&bad=%zz", 100).unwrap();
        assert_eq!(form.last("ticket").as_deref(), Some("ST-2"));
        assert_eq!(form.last("a").as_deref(), Some("b c!"));
        assert_eq!(form.last("empty").as_deref(), Some(""));
        assert_eq!(form.last("bad"), None);
        assert_eq!(form.last("flag"), None);
        assert!(form.has("bad") && form.has("empty") && !form.has("flag") && !form.has("tick"));
    }

    #[test]
    fn a_form_over_its_limit_is_not_read() {
        assert!(Form::parse(b"a=12", 4).is_some());
        assert!(Form::parse(b"a=123", 4).is_none());
        assert!(Form::parse(b"a=\xff", 100).is_none());
    }
}
