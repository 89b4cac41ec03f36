//! The answer of a CAS server: a name that is taken is one that a header and a rule can hold. The first byte chooses the status and
//! the protocol.
#![no_main]

use cas::{Expect, Notations, Protocol, answer::read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else { return };
    let protocol = [Protocol::Cas1, Protocol::Cas2, Protocol::Cas3][usize::from(choice >> 4) % 3];
    let status = [200, 200, 200, 302, 403, 500][usize::from(choice & 15) % 6];
    let mut expect = Expect::new(protocol);
    let taken = read(status, body, &expect);
    expect.notations = Notations::elements();
    expect.notations.lists = vec!["mail".into(), "user".into()];
    expect.notations.encoded = vec!["memberOf".into(), "roles".into()];
    if let (Ok(taken), Ok(wider)) = (&taken, read(status, body, &expect)) {
        assert_eq!(taken.user, expect.notations.spread(wider).user, "no notation names the user");
    }
    expect.notations = Notations::default();
    expect.renew = true;
    if let Ok(renewed) = read(status, body, &expect) {
        assert!(taken.as_ref() == Ok(&renewed), "renew refuses more and changes nothing");
    }
    let Ok(assertion) = taken else { return };
    assert_eq!(status, 200);
    assert!(!assertion.user.is_empty() && assertion.user.trim() == assertion.user);
    assert!(!assertion.user.chars().any(char::is_control));
    assert!(assertion.proxies.is_empty(), "no chain is allowed");
    expect.proxied = true;
    assert!(read(status, body, &expect).is_err(), "and no ticket of a proxy");
});
