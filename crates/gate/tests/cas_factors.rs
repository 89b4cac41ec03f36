//! What a CAS server did of a second factor: the answers of a real one, and what a directory can make of them.
#![expect(clippy::unwrap_used, reason = "a test")]

use base::UnixMs;
use cas::{Attributes, Expect, Protocol, answer};
use gate::{
    factor::cas_factors::{CasFactor, CasFactors, MappedAttribute, NotCounted},
    policy::demand::{Demand, Kind},
};
use vectors::cas_mfa;

const NOW: UnixMs = UnixMs::from_secs(1_800_000_000);

fn gauth() -> CasFactors {
    let handler = "GoogleAuthenticatorAuthenticationHandler".into();
    CasFactors {
        classes: vec![CasFactor { class: "mfa-gauth".into(), handler, amr: vec!["otp".into()] }],
        ..CasFactors::default()
    }
}

fn judge(
    factors: &CasFactors,
    attributes: &Attributes,
    renewed: bool,
) -> Result<gate::policy::demand::Given, NotCounted> {
    factors.judge(&|name| attributes.all(name), renewed, NOW)
}

fn read(name: &str) -> Attributes {
    let row = cas_mfa::ALL
        .iter()
        .find(|row| row.name.trim_start_matches("cas_mfa/") == name.trim_start_matches("cas_mfa/"))
        .unwrap();
    answer::read(200, row.text.as_bytes(), &Expect::new(Protocol::Cas3)).unwrap().attributes
}

/// The attributes of an answer, with one of them changed.
fn with(name: &str, change: &str, values: &[&str]) -> Attributes {
    let mut changed = Attributes::default();
    for (known, old) in read(name).iter().filter(|(known, _)| *known != change) {
        old.iter().for_each(|value| changed.push(known, value.clone()));
    }
    values.iter().for_each(|value| changed.push(change, (*value).into()));
    changed
}

#[test]
fn x28_answers_of_a_real_server_count_as_they_should() {
    for row in cas_mfa::ALL {
        let attributes = read(row.name);
        assert_eq!(judge(&gauth(), &attributes, false).is_ok(), row.counts, "{}", row.name);
        assert_eq!(judge(&CasFactors::default(), &attributes, false), Err(NotCounted::Silent), "nothing is mapped");
    }
    assert_eq!(cas_mfa::ALL.len(), 8);
    let forged = judge(&gauth(), &read("password-only-forged-by-directory.xml"), false);
    assert_eq!(forged, Err(NotCounted::NoHandler));
    assert_eq!(judge(&gauth(), &read("bypassed.xml"), false), Err(NotCounted::Silent));
}

#[test]
fn x28_a_class_counts_beside_bypass_false_and_its_handler_alone() {
    let good = "otp-given.xml";
    for (change, values, want) in [
        ("mail", &["x@example.org"][..], Ok(())),
        ("bypassMultifactorAuthentication", &["true"], Err(NotCounted::Bypassed)), // PHANTOM: F12
        ("bypassMultifactorAuthentication", &[], Err(NotCounted::Bypassed)),
        ("bypassMultifactorAuthentication", &["False"], Err(NotCounted::Bypassed)),
        ("bypassMultifactorAuthentication", &["false", "true"], Err(NotCounted::NotReleased)),
        ("successfulAuthenticationHandlers", &["Static Credentials"], Err(NotCounted::NoHandler)),
        ("successfulAuthenticationHandlers", &[], Err(NotCounted::NoHandler)),
        (
            "successfulAuthenticationHandlers",
            &["Static Credentials", "GoogleAuthenticatorAuthenticationHandler"],
            Ok(()),
        ),
        ("authnContextClass", &["mfa-duo"], Err(NotCounted::UnknownClass)),
        ("authnContextClass", &["mfa-gauth "], Err(NotCounted::UnknownClass)),
        ("authnContextClass", &["mfa-gauth", "mfa-gauth"], Err(NotCounted::NotReleased)),
        ("authnContextClass", &[], Err(NotCounted::Silent)),
    ] {
        let got = judge(&gauth(), &with(good, change, values), false).map(|_| ());
        assert_eq!(got, want, "{change} {values:?}");
    }
}

#[test]
fn f12_a_provider_that_is_down_gives_no_factor() {
    // PHANTOM: the class comes, and with it that it was bypassed.
    let phantom = with("otp-given.xml", "bypassMultifactorAuthentication", &["true"]);
    assert_eq!(judge(&gauth(), &phantom, false), Err(NotCounted::Bypassed));
}

#[test]
fn x29_names_that_the_server_did_not_release_are_the_directorys() {
    for values in [&[][..], &["true", "true"]] {
        let all = with("otp-given.xml", "isFromNewLogin", values);
        assert_eq!(judge(&gauth(), &all, false), Err(NotCounted::NotReleased), "{values:?}");
    }
}

#[test]
fn a_factor_of_unknown_age_meets_no_age_and_a_renewed_one_must_be_new() {
    let later = judge(&gauth(), &read("same-session-later.json"), false).unwrap();
    assert_eq!((later.kind, later.at_secs), (Kind::Cas, None));
    assert_eq!(later.amr(), ["pwd", "otp", "mfa"]);
    let recent = Demand { max_age_secs: Some(300), ..Demand::default() };
    assert!(recent.is_met(&[later], NOW).is_err());
    assert_eq!(judge(&gauth(), &read("same-session-later.xml"), true), Err(NotCounted::NotRenewed));
    let renewed = judge(&gauth(), &read("otp-given.xml"), true).unwrap();
    assert_eq!(recent.is_met(&[renewed], NOW), Ok(()));
    let trusted = with("otp-given.xml", "isFromTrustedMultifactorAuthentication", &["true"]);
    let remembered = judge(&gauth(), &trusted, true).unwrap();
    assert!(remembered.remembered && remembered.at_secs.is_none());
    assert!(Demand::default().is_met(&[remembered], NOW).is_err());
}

#[test]
fn another_servers_attribute_counts_by_its_whole_value() {
    let mapped = MappedAttribute { attribute: "acr".into(), values: vec!["gold".into()], amr: vec!["hwk".into()] };
    let factors = CasFactors { attribute: Some(mapped), ..CasFactors::default() };
    for (values, want) in [(&["gold"][..], true), (&["silver", "gold"], true), (&["goldfish"], false), (&[], false)] {
        assert_eq!(judge(&factors, &with("password-only.xml", "acr", values), false).is_ok(), want, "{values:?}");
    }
}
