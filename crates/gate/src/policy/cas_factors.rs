//! Second factors that the CAS server asked for by itself, by the policy's map.

use base::UnixMs;
use json::{FromJson, ToJson};

use super::{
    LoginAsk,
    demand::{Given, Kind},
    naming::Attributes,
};

/// Attributes of an Apereo CAS server that say which factor was given.
const APEREO: [&str; 3] = ["authnContextClass", "bypassMultifactorAuthentication", "successfulAuthenticationHandlers"];
/// Attributes of an Apereo CAS server that say how old the sign-in is.
const TRUSTED: [&str; 3] =
    ["isFromNewLogin", "isFromTrustedMultifactorAuthentication", "longTermAuthenticationRequestTokenUsed"];

/// A factor of an Apereo CAS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasFactor {
    /// The value of `authnContextClass`, whole: `mfa-gauth`.
    pub class: String,
    /// The handler of that factor among `successfulAuthenticationHandlers`. A directory cannot forge it.
    pub handler: String,
    /// The methods in the assertion. They never come from the CAS server.
    pub amr: Vec<String>,
}

/// An attribute of another kind of CAS server. The operator is responsible for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedAttribute {
    /// The attribute's name.
    pub attribute: String,
    /// The whole values that mean that a factor was given.
    pub values: Vec<String>,
    /// The methods in the assertion.
    pub amr: Vec<String>,
}

/// The factors that count from one CAS server. The default counts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasFactors {
    /// Those of an Apereo CAS server, by class.
    pub classes: Vec<CasFactor>,
    /// The one of another kind of server.
    pub attribute: Option<MappedAttribute>,
    /// The parameters of a login that asks for a factor: those of every login, and `authn_method`. Absent where no class is asked
    /// for.
    pub login: Option<LoginAsk>,
}

/// What a login asked of the CAS server beside the password. A later one is worth more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ToJson, FromJson)]
pub enum CasAsked {
    /// Nothing.
    #[default]
    #[serde(rename = "n")]
    Nothing,
    /// The factor that a page needs.
    #[serde(rename = "p")]
    ForPage,
    /// The factor that a first enrolment needs.
    #[serde(rename = "e")]
    ForEnrolment,
}

base::codes! {
    /// Why the CAS server's factor does not count.
    pub enum NotCounted {
        /// The sign-in server reported no factor.
        Silent = "CAS_FACTOR_SILENT",
        /// The class is not in the policy's map.
        UnknownClass = "CAS_FACTOR_UNKNOWN_CLASS",
        /// The factor was bypassed, or the sign-in server did not say that it was not.
        Bypassed = "CAS_FACTOR_BYPASSED",
        /// The factor's handler is not among those that succeeded.
        NoHandler = "CAS_FACTOR_NO_HANDLER",
        /// An attribute of the sign-in server is absent or repeated, so a directory may have sent the others.
        NotReleased = "CAS_FACTOR_NOT_RELEASED",
        /// The gate asked for the factor again, and the sign-in is not new.
        NotRenewed = "CAS_FACTOR_NOT_RENEWED",
    }
}

impl CasFactors {
    /// Whether the policy maps anything.
    pub const fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.attribute.is_none()
    }

    /// Names of the attributes by which a factor is judged.
    pub fn attributes(&self) -> Vec<String> {
        let mapped = self.attribute.iter().map(|mapped| mapped.attribute.clone());
        let own = APEREO.iter().filter(|_| !self.classes.is_empty()).map(|name| (*name).to_owned());
        let both = TRUSTED.iter().filter(|_| !self.is_empty()).map(|name| (*name).to_owned());
        own.chain(both).chain(mapped).collect()
    }

    /// Checks a sign-in. `renewed` means that the gate asked for the factor in this login, by `authn_method` with `renew`. Only
    /// then is its time known, and only then can it pay for a change.
    ///
    /// # Errors
    /// Why nothing counts.
    pub fn judge(&self, attributes: &Attributes<'_>, renewed: bool, now: UnixMs) -> Result<Given, NotCounted> {
        let amr = match self.class(attributes, renewed) {
            Err(NotCounted::Silent) => self.mapped(attributes)?,
            known => known?,
        };
        let is = |name: &str| attributes(name).iter().any(|value| value.eq_ignore_ascii_case("true"));
        let remembered = is("isFromTrustedMultifactorAuthentication") || is("longTermAuthenticationRequestTokenUsed");
        let is_new = renewed && one(attributes, "isFromNewLogin") == Some("true") && !remembered;
        let at_secs = is_new.then(|| now.secs());
        Ok(Given { at_secs, remembered, mapped: amr.to_vec(), ..Given::now(Kind::Cas, String::new(), now) })
    }

    fn class(&self, attributes: &Attributes<'_>, renewed: bool) -> Result<&[String], NotCounted> {
        if self.classes.is_empty() || attributes("authnContextClass").is_empty() {
            return Err(NotCounted::Silent);
        }
        let class = one(attributes, "authnContextClass").ok_or(NotCounted::NotReleased)?;
        let known = self.classes.iter().find(|known| known.class == class).ok_or(NotCounted::UnknownClass)?;
        // Apereo sends all of its own attributes or none. If this one is absent, the others came from the directory.
        let is_new = one(attributes, "isFromNewLogin").ok_or(NotCounted::NotReleased)?;
        match attributes("bypassMultifactorAuthentication") {
            [bypass] if bypass == "false" => {}
            [_] | [] => return Err(NotCounted::Bypassed),
            _ => return Err(NotCounted::NotReleased),
        }
        if !attributes("successfulAuthenticationHandlers").contains(&known.handler) {
            return Err(NotCounted::NoHandler);
        }
        if renewed && is_new != "true" {
            return Err(NotCounted::NotRenewed);
        }
        Ok(&known.amr)
    }

    fn mapped(&self, attributes: &Attributes<'_>) -> Result<&[String], NotCounted> {
        let mapped = self.attribute.as_ref().ok_or(NotCounted::Silent)?;
        let counts = attributes(&mapped.attribute).iter().any(|value| mapped.values.contains(value));
        if counts { Ok(&mapped.amr) } else { Err(NotCounted::Silent) }
    }
}

/// The value of an attribute that has exactly one.
fn one<'a>(attributes: &Attributes<'a>, name: &str) -> Option<&'a str> {
    match attributes(name) {
        [value] => Some(value),
        _ => None,
    }
}
