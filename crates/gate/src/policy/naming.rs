//! Canonical names of persons. A person is found by name, so an unclear spelling is refused: it must never look like a new
//! person without a factor.

use std::borrow::Cow;

base::codes! {
    /// Why a sign-in names no person.
    pub enum PersonUnclear {
        /// The sign-in server did not send the attribute that names people.
        AttributeAbsent = "PERSON_ATTRIBUTE_ABSENT",
        /// The attribute that names people has several values.
        AttributeDoubled = "PERSON_ATTRIBUTE_DOUBLED",
        /// The name is empty or too long.
        BadLength = "PERSON_BAD_LENGTH",
        /// The name has a character outside `user_chars`.
        BadCharacter = "PERSON_BAD_CHARACTER",
        /// The name ends in a realm that the policy does not know.
        UnknownRealm = "PERSON_UNKNOWN_REALM",
        /// Somebody acts for another person, and the sign-in server does not say who.
        NoPrincipal = "PERSON_NO_PRINCIPAL",
    }
}

/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 256;
/// Characters of a user name beside ASCII letters and digits.
const DEFAULT_CHARS: &str = "._-";

/// The source of a person's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKey {
    /// An attribute, byte by byte: objectGUID is base64, where case counts.
    Attribute(String),
    /// The user name (`"cas:user"` in the policy), folded.
    CasUser,
}

/// How the policy names people. There is no default key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The source of the name.
    pub user_key: UserKey,
    /// Realms of this CAS server: `ann@realm` and `REALM\ann` are `ann`.
    pub realms: Vec<String>,
    /// Characters of user names beside ASCII letters and digits; `._-` by default. If names are mail addresses, `@`
    /// must be added. By default a mail alias is refused, because it would be a second person.
    pub user_chars: Option<String>,
}

/// The person whose factor counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The canonical name.
    pub name: String,
    /// Whether the sign-in is a surrogate's. The principal's factor is asked, and enrolments are refused.
    pub surrogate: bool,
}

/// A sign-in's attributes, by name.
pub type Attributes<'a> = dyn Fn(&str) -> &'a [String] + 'a;

impl Naming {
    /// The person of a sign-in. For a surrogate login, it is the principal, who typed the password.
    ///
    /// # Errors
    /// Why no person is clear. The caller must refuse, and never use another name.
    pub fn canonical(&self, user: &str, attributes: &Attributes<'_>) -> Result<Person, PersonUnclear> {
        let surrogate = attributes("surrogateEnabled").iter().any(|value| value.eq_ignore_ascii_case("true"));
        let name = match (&self.user_key, surrogate) {
            (UserKey::CasUser, false) => self.fold(user)?,
            // The attributes of a surrogate login are those of the impersonated user.
            (_, true) => match attributes("surrogatePrincipal") {
                [principal] if self.user_key == UserKey::CasUser => self.fold(principal)?,
                _ => return Err(PersonUnclear::NoPrincipal),
            },
            (UserKey::Attribute(key), false) => match attributes(key) {
                [] => return Err(PersonUnclear::AttributeAbsent),
                [value] => bounded(value)?.to_owned(),
                _ => return Err(PersonUnclear::AttributeDoubled),
            },
        };
        Ok(Person { name, surrogate })
    }

    /// Characters are judged before letters are folded: the Kelvin sign would fold to `k`.
    fn fold(&self, user: &str) -> Result<String, PersonUnclear> {
        let user = self.without_realm(bounded(user)?)?;
        let chars = self.user_chars.as_deref().unwrap_or(DEFAULT_CHARS);
        let known = |c: char| c.is_ascii_alphanumeric() || chars.contains(c);
        if !user.chars().all(known) {
            return Err(PersonUnclear::BadCharacter);
        }
        bounded(&user.to_lowercase()).map(str::to_owned)
    }

    fn without_realm<'u>(&self, user: &'u str) -> Result<Cow<'u, str>, PersonUnclear> {
        let known = |realm: &str| self.realms.iter().any(|known| known.eq_ignore_ascii_case(realm));
        if let Some((realm, name)) = user.split_once('\\') {
            return if known(realm) { Ok(name.into()) } else { Err(PersonUnclear::UnknownRealm) };
        }
        let may_have_at = self.user_chars.as_ref().is_some_and(|chars| chars.contains('@'));
        match user.rsplit_once('@') {
            Some((name, realm)) if known(realm) => Ok(name.into()),
            Some(_) if !may_have_at => Err(PersonUnclear::UnknownRealm),
            _ => Ok(user.into()),
        }
    }
}

fn bounded(name: &str) -> Result<&str, PersonUnclear> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES { Err(PersonUnclear::BadLength) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_user() -> Naming {
        Naming { user_key: UserKey::CasUser, realms: vec!["corp".into(), "corp.example".into()], user_chars: None }
    }

    fn named(naming: &Naming, user: &str, attributes: &[(&str, &[&str])]) -> Result<Person, PersonUnclear> {
        let owned: Vec<(String, Vec<String>)> = attributes
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| (*v).to_owned()).collect()))
            .collect();
        naming.canonical(user, &|name| {
            owned.iter().find(|(known, _)| known == name).map_or(&[][..], |(_, v)| v.as_slice())
        })
    }

    fn name(naming: &Naming, user: &str) -> Result<String, PersonUnclear> {
        named(naming, user, &[]).map(|person| person.name)
    }

    #[test]
    fn f13_one_person_has_one_name() {
        for user in ["ann", "ANN", "ann@corp", "Ann@CORP.example", r"CORP\ann", r"corp\Ann"] {
            assert_eq!(name(&by_user(), user).as_deref(), Ok("ann"), "{user}");
        }
    }

    #[test]
    fn f18_a_spelling_that_is_not_clear_is_nobodys() {
        for (user, why) in [
            ("ánn", PersonUnclear::BadCharacter),
            ("a\u{301}nn", PersonUnclear::BadCharacter),
            ("ａｎｎ", PersonUnclear::BadCharacter),
            ("ann ", PersonUnclear::BadCharacter),
            (" ann", PersonUnclear::BadCharacter),
            ("\u{212a}im", PersonUnclear::BadCharacter), // the Kelvin sign
            ("ann\0", PersonUnclear::BadCharacter),
            ("ann.lee@mail.example", PersonUnclear::UnknownRealm),
            (r"OTHER\ann", PersonUnclear::UnknownRealm),
            (r"corp\ann@other", PersonUnclear::BadCharacter),
            ("@corp", PersonUnclear::BadLength),
            ("", PersonUnclear::BadLength),
        ] {
            let want = if user == "@corp" { PersonUnclear::BadLength } else { why };
            assert_eq!(name(&by_user(), user), Err(want), "{user:?}");
        }
        let mail = Naming { user_chars: Some("._-@".into()), ..by_user() };
        assert_eq!(name(&mail, "Ann.Lee@mail.example").as_deref(), Ok("ann.lee@mail.example"));
        assert_eq!(name(&mail, "ann@corp").as_deref(), Ok("ann"));
    }

    #[test]
    fn f33_an_attribute_is_taken_byte_by_byte_or_not_at_all() {
        let by_id = Naming { user_key: UserKey::Attribute("objectGUID".into()), realms: vec![], user_chars: None };
        for (values, want) in [
            (&["aGVsbG8="][..], Ok("aGVsbG8=")),
            (&["AGVsbG8="], Ok("AGVsbG8=")),
            (&[], Err(PersonUnclear::AttributeAbsent)),
            (&[""], Err(PersonUnclear::BadLength)),
            (&["a", "a"], Err(PersonUnclear::AttributeDoubled)),
        ] {
            let got = named(&by_id, "ann", &[("objectGUID", values)]).map(|person| person.name);
            assert_eq!(got.as_deref().map_err(|e| *e), want, "{values:?}");
        }
    }

    #[test]
    fn f21_a_surrogate_is_the_one_who_typed_the_password() {
        let acts = |principal: &[&str]| {
            named(&by_user(), "boss", &[("surrogateEnabled", &["true"]), ("surrogatePrincipal", principal)])
        };
        assert_eq!(acts(&["Ann"]), Ok(Person { name: "ann".into(), surrogate: true }));
        assert_eq!(acts(&[]), Err(PersonUnclear::NoPrincipal));
        assert_eq!(acts(&["ann", "bob"]), Err(PersonUnclear::NoPrincipal));
        let off = named(&by_user(), "boss", &[("surrogateEnabled", &["false"])]);
        assert_eq!(off, Ok(Person { name: "boss".into(), surrogate: false }));
        let by_id = Naming { user_key: UserKey::Attribute("id".into()), ..by_user() };
        let acts =
            named(&by_id, "boss", &[("surrogateEnabled", &["true"]), ("surrogatePrincipal", &["ann"]), ("id", &["7"])]);
        assert_eq!(acts, Err(PersonUnclear::NoPrincipal), "the attributes are the other user's");
    }
}
