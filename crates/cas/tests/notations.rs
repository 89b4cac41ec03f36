//! Notations of attributes beside the protocol's own, on raw answers. None is read unless it is expected.
#![expect(clippy::unwrap_used, reason = "a test")]

use cas::{AnswerError, Assertion, Expect, Notations, Protocol, answer};
use vectors::cas_notations::{APEREO_INLINE, DJANGO_CAS_SERVER, JAVA_LIST, RUBYCAS, RUBYCAS_CHILDREN};

const RAW: [&str; 5] = [APEREO_INLINE, DJANGO_CAS_SERVER, RUBYCAS, RUBYCAS_CHILDREN, JAVA_LIST];

fn read(raw: &str, set: impl FnOnce(&mut Notations)) -> Assertion {
    let mut expect = Expect::new(Protocol::Cas3);
    set(&mut expect.notations);
    expect.notations.spread(answer::read(200, raw.as_bytes(), &expect).unwrap())
}

#[test]
fn inline_elements_of_apereo() {
    let off = read(APEREO_INLINE, |_| ());
    assert!(off.attributes.is_empty(), "{:?}", off.attributes);
    let on = read(APEREO_INLINE, |read| read.inline = true).attributes;
    assert_eq!(on.all("memberOf"), ["staff", "faculty & <admin>"]);
    assert_eq!(on.one("mail"), Some("casuser@example.org"));
    assert_eq!(on.all("attribute"), [""; 0]);
    let other = read(APEREO_INLINE, |read| (read.name_value, read.children) = (true, true));
    assert!(other.attributes.is_empty(), "the block's notation has a key of its own");
}

#[test]
fn name_value_elements_beside_the_block() {
    let block = read(DJANGO_CAS_SERVER, |_| ()).attributes;
    assert_eq!(read(DJANGO_CAS_SERVER, |read| read.name_value = true).attributes, block, "the copies count once");
    let (before, rest) = DJANGO_CAS_SERVER.split_once("<cas:attributes>").unwrap();
    let without = format!("{before}{}", rest.split_once("</cas:attributes>").unwrap().1);
    assert!(read(&without, |_| ()).attributes.is_empty());
    let beside = read(&without, |read| read.name_value = true).attributes;
    assert_eq!(beside.all("memberOf"), ["staff", "faculty & <admin>"]);
    assert_eq!(beside.one("mail"), Some("casuser@example.org"));
    assert!(read(&without, |read| (read.inline, read.children) = (true, true)).attributes.is_empty());
}

#[test]
fn children_of_rubycas() {
    assert!(read(RUBYCAS_CHILDREN, |_| ()).attributes.is_empty());
    let on = read(RUBYCAS_CHILDREN, |read| read.children = true).attributes;
    assert_eq!(on.one("mail"), Some("casuser@example.org"));
    let both = read(RUBYCAS_CHILDREN, |read| (read.children, read.encoded) = (true, vec!["memberOf".into()]));
    assert_eq!(both.attributes.all("memberOf"), ["staff", "faculty & <admin>"]);
    assert!(read(RUBYCAS_CHILDREN, |read| (read.inline, read.name_value) = (true, true)).attributes.is_empty());
}

#[test]
fn encoded_texts_of_rubycas() {
    let off = read(RUBYCAS, |_| ()).attributes;
    assert_eq!(off.all("roles"), ["[\"reader\",\"it's: a writer\"]"], "one text");
    assert_eq!(off.all("memberOf").len(), 1);
    let names = ["memberOf", "roles", "unit", "mail", "absent"].map(str::to_owned);
    let on = read(RUBYCAS, |read| read.encoded = names.into()).attributes;
    assert_eq!(on.all("memberOf"), ["staff", "faculty & <admin>"]);
    assert_eq!(on.all("roles"), ["reader", "it's: a writer"]);
    assert_eq!(on.all("unit"), off.all("unit"), "a table stays a text");
    assert_eq!(on.one("mail"), Some("casuser@example.org"), "a plain text stays");
    assert!(!on.contains("absent"));
}

#[test]
fn a07_a_list_of_java_in_one_text() {
    let off = read(JAVA_LIST, |_| ()).attributes;
    assert_eq!(off.all("memberOf").len(), 1, "one text");
    let on = read(JAVA_LIST, |read| read.lists = vec!["memberOf".into()]).attributes;
    assert_eq!(on.all("memberOf"), ["CN=staff,OU=Groups,DC=example,DC=org", "CN=faculty,OU=Groups,DC=example,DC=org"]);
    let other = read(JAVA_LIST, |read| read.lists = vec!["mail".into()]).attributes;
    assert_eq!(other.all("memberOf"), off.all("memberOf"), "only the attribute that is named");
}

#[test]
fn x04_no_notation_names_the_user() {
    for raw in RAW {
        let everything = |read: &mut Notations| {
            *read = Notations::elements();
            read.lists = vec!["user".into()];
            read.encoded = vec!["user".into(), "memberOf".into()];
        };
        assert_eq!(read(raw, everything).user, "casuser");
        assert_eq!(read(raw, |_| ()).user, "casuser");
        let mut expect = Expect::new(Protocol::Cas3);
        everything(&mut expect.notations);
        let (before, rest) = raw.split_once("<cas:user>").unwrap();
        let without = format!("{before}{}", rest.split_once("</cas:user>").unwrap().1);
        let got = answer::read(200, without.as_bytes(), &expect);
        assert!(matches!(got, Err(AnswerError::NoUser)), "{got:?}");
    }
}

#[test]
fn g05_a_notation_that_is_not_read_still_makes_a_login_old() {
    let old = |name: &str, value: &str| {
        [
            format!("<cas:attributes><cas:attribute name='{name}' value='{value}'/></cas:attributes>"),
            format!("<cas:attribute name='{name}' value='{value}'/>"),
            format!("<cas:attribute name='{name}'>{value}</cas:attribute>"),
            format!("<cas:{name}>{value}</cas:{name}>"),
            format!("<cas:attributes><cas:{name}>true</cas:{name}></cas:attributes><cas:{name}>{value}</cas:{name}>"),
            format!("<cas:attributes><cas:{name}>[{value}]</cas:{name}></cas:attributes>"),
            format!("<cas:attributes><cas:{name}>[ {value} ]</cas:{name}></cas:attributes>"),
        ]
    };
    for (name, value) in [("isFromNewLogin", "false"), ("isFromNewLogin", "False")] {
        for inside in old(name, value) {
            for notations in [Notations::default(), Notations::elements()] {
                let mut expect = Expect::new(Protocol::Cas3);
                (expect.renew, expect.notations) = (true, notations);
                let raw = format!(
                    "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess><cas:user>ann</cas:user>{inside}</cas:authenticationSuccess></cas:serviceResponse>"
                );
                assert_eq!(answer::read(200, raw.as_bytes(), &expect), Err(AnswerError::NotFresh), "{inside}");
            }
        }
    }
}
