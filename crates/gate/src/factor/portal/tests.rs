use super::*;
use crate::{keys::seal::IdKey, policy::demand::Kind};

const SITE: Scope<'_> = Scope { tenant: "uni", host: "https://wiki.example.org" };
const OTHER: Scope<'_> = Scope { tenant: "uni", host: "https://shop.example.org" };

fn keys(byte: u8) -> Keyring {
    Keyring::parse(&Base64UrlUnpadded::encode_string(&[byte; 32])).unwrap()
}

fn person(name: &str) -> ObjectName {
    IdKey::parse(&"A".repeat(43)).unwrap().person("uni", "cas", name)
}

fn moment(secs: u64) -> Moment {
    Moment::new(UnixMs::from_secs(secs), [7; 32])
}

fn answer() -> PortalAnswer {
    PortalAnswer {
        rid: "r1".into(),
        site: "wiki".into(),
        sid: "s1".into(),
        person: person("ann"),
        given: Given::now(Kind::App, "e1".into(), UnixMs::from_secs(1_000)),
        portal_sid: "p1".into(),
        at_secs: 1_000,
    }
}

fn cookie() -> PortalCookie {
    PortalCookie { rid: "r1".into(), sid: "s1".into(), person: person("ann"), page: "/x".into(), at_secs: 900 }
}

#[test]
fn f10_an_answer_is_for_one_request_session_site_and_person() {
    let ann = person("ann");
    let demand = Demand { max_age_secs: Some(300), ..Demand::default() };
    let here = Here { site: "wiki", sid: "s1", person: &ann, demand: &demand };
    let raise = answer().judge(Some(&cookie()), here, &mut moment(1_010)).unwrap();
    assert_eq!((raise.rid.as_str(), raise.given.kind), ("r1", Kind::App));
    let bob = person("bob");
    let strict = Demand { kinds: vec![Kind::Passkey], ..Demand::default() };
    let rows: [(PortalAnswer, Option<PortalCookie>, Here<'_>, u64, NotTaken); 12] = [
        (answer(), None, here, 1_010, NotTaken::OtherRequest),
        (answer(), Some(PortalCookie { rid: "r2".into(), ..cookie() }), here, 1_010, NotTaken::OtherRequest),
        (PortalAnswer { rid: "r2".into(), ..answer() }, Some(cookie()), here, 1_010, NotTaken::OtherRequest),
        (answer(), Some(cookie()), Here { site: "shop", ..here }, 1_010, NotTaken::OtherSite),
        (answer(), Some(cookie()), Here { sid: "s2", ..here }, 1_010, NotTaken::OtherSession),
        (answer(), Some(PortalCookie { sid: "s2".into(), ..cookie() }), here, 1_010, NotTaken::OtherSession),
        (answer(), Some(cookie()), Here { person: &bob, ..here }, 1_010, NotTaken::OtherPerson),
        (PortalAnswer { person: bob.clone(), ..answer() }, Some(cookie()), here, 1_010, NotTaken::OtherPerson),
        (answer(), Some(cookie()), here, 1_030, NotTaken::Over),
        (answer(), Some(cookie()), here, 930, NotTaken::Over),
        (PortalAnswer { at_secs: 3_000, ..answer() }, Some(cookie()), here, 3_010, NotTaken::Over),
        (answer(), Some(cookie()), Here { demand: &strict, ..here }, 1_010, NotTaken::NotEnough),
    ];
    for (answer, cookie, here, now, want) in rows {
        assert_eq!(answer.judge(cookie.as_ref(), here, &mut moment(now)).err(), Some(want));
    }
}

#[test]
fn f31_another_browser_has_no_cookie_of_the_request() {
    let (ann, demand) = (person("ann"), Demand::default());
    let here = Here { site: "wiki", sid: "s1", person: &ann, demand: &demand };
    assert_eq!(answer().judge(None, here, &mut moment(1_010)), Err(NotTaken::OtherRequest));
}

#[test]
fn f17_what_is_sealed_opens_at_its_receiver_alone() {
    let sealed = answer().seal(&keys(1), SITE, &mut moment(1)).unwrap();
    assert_eq!(PortalAnswer::open(&keys(1), SITE, &sealed), Ok(answer()));
    assert_eq!(PortalAnswer::open(&keys(1), OTHER, &sealed), Err(NotTaken::Unreadable));
    assert_eq!(PortalAnswer::open(&keys(2), SITE, &sealed), Err(NotTaken::Unreadable));
    let now = UnixMs::from_secs(1_000);
    assert_eq!(PortalCookie::open(&keys(1), SITE, &sealed, now), None, "an answer is no cookie");
    let sealed = cookie().seal(&keys(1), SITE, &mut moment(1)).unwrap();
    assert_eq!(PortalCookie::open(&keys(1), SITE, &sealed, now), Some(cookie()));
    assert_eq!(PortalCookie::open(&keys(1), OTHER, &sealed, now), None);
    assert_eq!(PortalCookie::open(&keys(1), SITE, &sealed, UnixMs::from_secs(2_700)), None, "over");
}

#[test]
fn a_request_is_read_at_the_portal_while_it_lives() {
    let request = PortalRequest {
        rid: PortalRequest::rid(&mut moment(1)),
        site: "wiki".into(),
        sid: "s1".into(),
        person: person("ann"),
        shown: "ann".into(),
        cas: "cas".into(),
        born_secs: 900,
        browser: "Firefox".into(),
        network: "192.0.2.0/24".into(),
        want: Demand::default(),
        at_secs: 1_000,
    };
    let portal = "https://portal.example.org";
    let sealed = request.seal(&keys(1), "uni", portal, &mut moment(1)).unwrap();
    assert!(sealed.len() < 1_000, "{} letters fit into an address", sealed.len());
    let open = |host: &str, now| PortalRequest::open(&keys(1), "uni", host, &sealed, UnixMs::from_secs(now));
    assert_eq!(open(portal, 2_799), Some(request.clone()));
    assert_eq!(open(portal, 2_800), None);
    assert_eq!(open("https://evil.example", 1_000), None);
    assert_eq!(request.cookie("/x").rid, request.rid);
}

#[test]
fn the_cookies_of_requests_share_one_room() {
    let names = CookieNames::new("https://wiki.example.org");
    let rid = |letter: &str| letter.repeat(RID_LETTERS);
    let name_bytes = names.request.len() + RID_LETTERS;
    let room = MAX_COOKIE_BYTES - 2 * name_bytes - 100;
    for (bytes, began, set) in [(room, Some(1), 1), (room + 1, Some(1), 2), (1, None, 2)] {
        let header = format!("{}{}={}", names.request, rid("a"), "x".repeat(bytes));
        let value = "y".repeat(100);
        let cookies = remember(&names, &[("cookie", &header)], (&rid("b"), &value), |_| began);
        assert_eq!(cookies.len(), set, "{bytes}: the new one is set, and another deleted that has no room or is over");
    }
}
