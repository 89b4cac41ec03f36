//! What the gate asks of the CAS server's login page. It guards nothing: a person can change the address.

use std::{borrow::Cow, collections::BTreeMap};

use cas::{LoginParams, ServerError};

/// Parameters by which a factor is asked for at Apereo CAS, and in OpenID Connect.
const FACTOR_NAMES: [&str; 2] = ["authn_method", "acr_values"];
/// The value of `locale` that stands for the language of the gate's own pages.
const AUTO: &str = "auto";

/// The parameters of a login address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginAsk {
    params: LoginParams,
    /// Whether `locale` is the reader's.
    auto_locale: bool,
    /// Whether they ask for a factor.
    pub(super) asks_for_factor: bool,
}

impl LoginAsk {
    pub(super) fn read(mut pairs: BTreeMap<String, String>) -> Result<Self, ServerError> {
        let auto_locale = pairs.get("locale").is_some_and(|value| value == AUTO);
        if auto_locale {
            pairs.remove("locale");
        }
        let asks_for_factor =
            pairs.keys().any(|name| FACTOR_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)));
        let params = LoginParams::new(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        Ok(Self { params, auto_locale, asks_for_factor })
    }

    /// A rule's parameters over those of the policy. Whether they ask for a factor goes by the rule's own.
    pub(super) fn over(base: &BTreeMap<String, String>, own: BTreeMap<String, String>) -> Result<Self, ServerError> {
        let asks_for_factor = Self::read(own.clone())?.asks_for_factor;
        let pairs = base.clone().into_iter().chain(own).collect();
        Ok(Self { asks_for_factor, ..Self::read(pairs)? })
    }

    /// The parameters for a reader of this language, a tag of ours and never the header's text.
    pub(crate) fn params(&self, language: &'static str) -> Cow<'_, LoginParams> {
        if !self.auto_locale {
            return Cow::Borrowed(&self.params);
        }
        // Too long with it: the login page then has its own language.
        self.params.with("locale", language).map_or(Cow::Borrowed(&self.params), Cow::Owned)
    }
}
