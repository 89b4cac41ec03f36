use base::UnixMs;
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;

use super::*;

fn keyring(bytes: &[u8]) -> Keyring {
    Keyring::parse(&bytes.iter().map(|b| BASE64URL_NOPAD.encode(&[*b; 32])).collect::<Vec<_>>().join(",")).unwrap()
}

fn moment() -> Moment {
    Moment::new(UnixMs::from_secs(1), [3; 32])
}

const HERE: Scope<'_> = Scope { tenant: "a", host: "https://a.example:13" };

#[test]
fn h06_opens_only_where_and_for_what_it_was_sealed() {
    let ring = keyring(&[1]);
    let sealed = ring.seal(Purpose::Session, HERE, &"ann", &mut moment()).unwrap();
    let open = |ring: &Keyring, purpose, tenant, host| ring.open::<String>(purpose, Scope { tenant, host }, &sealed);
    assert_eq!(open(&ring, Purpose::Session, "a", "https://a.example:13").as_deref(), Some("ann"));
    assert_eq!(open(&ring, Purpose::Flight, "a", "https://a.example:13"), None);
    assert_eq!(open(&ring, Purpose::Session, "b", "https://a.example:13"), None);
    assert_eq!(open(&ring, Purpose::Session, "a", "https://a.example:1"), None);
    assert_eq!(open(&ring, Purpose::Session, "ah", "ttps://a.example:13"), None, "parts are not glued");
    assert_eq!(open(&keyring(&[2]), Purpose::Session, "a", "https://a.example:13"), None, "another key");
    assert_eq!(
        open(&keyring(&[2, 1]), Purpose::Session, "a", "https://a.example:13").as_deref(),
        Some("ann"),
        "an old key"
    );
}

#[test]
fn h06_every_purpose_has_a_cipher_of_its_own_and_opens_at_its_site() {
    let ring = keyring(&[1]);
    for (at, purpose) in Purpose::ALL.into_iter().enumerate() {
        let sealed = ring.seal(purpose, HERE, &"ann", &mut moment()).unwrap();
        for (other_at, other) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(ring.open::<String>(other, HERE, &sealed).is_some(), at == other_at, "{purpose:?} {other:?}");
        }
        for there in [Scope { tenant: "b", ..HERE }, Scope { host: "https://a.example:1", ..HERE }] {
            assert_eq!(ring.open::<String>(purpose, there, &sealed), None, "{purpose:?} {there:?}");
        }
    }
}

#[test]
fn h06_every_flipped_bit_is_seen() {
    let ring = keyring(&[1]);
    let sealed = ring.seal(Purpose::Session, HERE, &"ann", &mut moment()).unwrap();
    let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(ring.open::<String>(Purpose::Session, HERE, &BASE64URL_NOPAD.encode(&forged)), None);
    }
}

#[test]
fn keys_that_are_missing_short_or_unreadable_say_so() {
    assert_eq!(Keyring::parse(" ").err(), Some(KeyError::Missing));
    assert_eq!(Keyring::parse("c2hvcnQ").err(), Some(KeyError::Short));
    assert_eq!(Keyring::parse("!").err(), Some(KeyError::NotBase64));
    assert_eq!(IdKey::parse("").err(), Some(KeyError::Missing));
    let key = BASE64URL_NOPAD.encode(&[1; 32]);
    assert_eq!(IdKey::parse(&format!("{key},{key}")).err(), Some(KeyError::Several), "it never rotates");
    assert!(Keyring::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").is_ok());
}

#[test]
fn f49_a_dropped_key_opens_data_at_rest_alone() {
    let (old, new) = (BASE64URL_NOPAD.encode(&[1; 32]), BASE64URL_NOPAD.encode(&[2; 32]));
    let before = Keyring::parse(&old).unwrap();
    let after = Keyring::parse(&format!("rest:{old},{new}")).unwrap();
    for purpose in Purpose::ALL {
        let sealed = before.seal(purpose, HERE, &"seed", &mut moment()).unwrap();
        assert_eq!(after.open::<String>(purpose, HERE, &sealed).is_some(), purpose == Purpose::Rest, "{purpose:?}");
        assert_eq!(Kid::of(&sealed), Some(before.kid()));
        assert_eq!(Kid::of(&after.seal(purpose, HERE, &"seed", &mut moment()).unwrap()), Some(after.kid()));
    }
    assert!(after.has(&before.kid()) && !before.has(&after.kid()));
    assert_eq!(Kid::parse(&before.kid().text()), Some(before.kid()));
    assert_eq!(Keyring::parse(&format!("rest:{old}")).err(), Some(KeyError::Missing), "none that seals");
}

#[test]
fn f19_a_person_is_one_of_one_server_and_tenant() {
    let key = |b: u8| IdKey::parse(&BASE64URL_NOPAD.encode(&[b; 32])).unwrap();
    let ann = key(1).person("uni", "cas", "ann");
    assert_eq!(ann, key(1).person("uni", "cas", "ann"));
    for other in [
        key(1).person("uni", "cas2", "ann"),
        key(1).person("uni2", "cas", "ann"),
        key(1).person("unic", "as", "ann"),
        key(1).person("uni", "cas", "bob"),
        key(2).person("uni", "cas", "ann"),
    ] {
        assert_ne!(ann, other);
    }
    assert_ne!(key(1).fingerprint(), key(2).fingerprint());
}

#[test]
fn names_depend_on_server_ticket_and_key() {
    let key = |b: u8| IdKey::parse(&BASE64URL_NOPAD.encode(&[b; 32])).unwrap();
    let name = key(1).ticket("cas", "ST-1");
    assert_eq!(name, key(1).ticket("cas", "ST-1"));
    for other in [key(1).ticket("cas", "ST-2"), key(1).ticket("casS", "T-1"), key(2).ticket("cas", "ST-1")] {
        assert_ne!(name, other);
    }
}

#[test]
fn s13_the_mark_of_a_flight_depends_on_host_random_bits_and_key() {
    let key = |b: u8| IdKey::parse(&BASE64URL_NOPAD.encode(&[b; 32])).unwrap();
    let mark = key(1).flight_mark("a.example", &[1, 2]);
    assert_eq!(mark, key(1).flight_mark("a.example", &[1, 2]));
    for other in [
        key(1).flight_mark("b.example", &[1, 2]),
        key(1).flight_mark("a.example", &[1, 3]),
        key(1).flight_mark("a.exampl", &[b'e', 1, 2]),
        key(2).flight_mark("a.example", &[1, 2]),
    ] {
        assert_ne!(mark, other);
    }
}

#[test]
fn h22_each_origin_has_a_value_of_its_own() {
    let value = OriginKey::new("secret").value("binding:APP");
    assert_eq!(value.len(), 43);
    assert_eq!(value, OriginKey::new("secret").value("binding:APP"));
    assert_ne!(value, OriginKey::new("secret").value("binding:OTHER"));
    assert_ne!(value, OriginKey::new("secret2").value("binding:APP"));
}

/// A new version must open what an old one has sealed, and find the objects that it has named.
#[test]
fn what_an_earlier_version_sealed_and_named_is_found() {
    let ring = keyring(&[1]);
    for (purpose, sealed) in [
        (Purpose::Session, "dbTXdDhVU6ojoksU2LvC3_YGJ39ETgSXl65-BD7vyQpt2MAApF_Xs8UdKjOVBwhXoQ"),
        (Purpose::Flight, "dbTXdDhVU6ojoksU2LvC3_YGJ39ETgSXl65-BFSQBZ8JlZUsKLd1O-bv9L_LMdtZnA"),
    ] {
        assert_eq!(ring.open::<String>(purpose, HERE, sealed).as_deref(), Some("ann"), "{purpose:?}");
    }
    let key = IdKey::parse(&BASE64URL_NOPAD.encode(&[1; 32])).unwrap();
    assert_eq!(
        key.login("https://a.example", "flight").as_str(),
        "outfmepdik5fj7c4nsxehjxovhohhcup47c6uk7n4v5zxceyi5wa"
    );
    assert_eq!(
        key.ticket("https://cas.example", "ST-1").as_str(),
        "k3mxyyfxgho3w6mfeqbi5oumkaj6uxd2fv5plb352klhuwmkie6q"
    );
    assert_eq!(BASE64URL_NOPAD.encode(&key.flight_mark("a.example", &[1])), "OwANu6ZZ");
    assert_eq!(OriginKey::new("secret").value("binding:APP"), "p3Mjo3wfGI11f26h02CVpySe_MYvnAIZ0M8hxkhGdws");
}

proptest! {
    #[test]
    fn sealing_is_a_round_trip(value: String, seed: [u8; 32]) {
        let ring = keyring(&[1]);
        let sealed = ring.seal(Purpose::Flight, HERE, &value, &mut Moment::new(UnixMs::from_secs(1), seed)).unwrap();
        prop_assert_eq!(ring.open::<String>(Purpose::Flight, HERE, &sealed), Some(value));
    }

    #[test]
    fn any_text_is_opened_or_refused(text: String) {
        prop_assert_eq!(keyring(&[1]).open::<String>(Purpose::Flight, HERE, &text), None);
    }
}
