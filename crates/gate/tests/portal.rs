//! The portal: a factor that is given once, on a host of its own, for every site.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "harness/authenticator.rs"]
mod authenticator;
#[path = "harness/crypto.rs"]
mod crypto;
#[path = "harness/world.rs"]
mod world;

use std::collections::BTreeMap;

use authenticator::Authenticator;
use gate::{AuditEvent, Gate, Reply, Settings, Why};
use world::{Browser, Done, REQUIRED, RULES, SESSION, World, policy, settings_with};

const WIKI: &str = "https://wiki.example.org";
const SHOP: &str = "https://shop.example.org";
const PORTAL: &str = "https://id.example.org";
const CAS: &str = "https://cas.example.org/";
const MFA: &str = "[cas.mfa.mfa-gauth]\nhandler = \"GoogleAuthenticatorAuthenticationHandler\"\namr = [\"otp\"]\n";
const GIVEN: &str = "<cas:authnContextClass>mfa-gauth</cas:authnContextClass>\
    <cas:bypassMultifactorAuthentication>false</cas:bypassMultifactorAuthentication>\
    <cas:successfulAuthenticationHandlers>GoogleAuthenticatorAuthenticationHandler</cas:successfulAuthenticationHandlers>\
    <cas:isFromNewLogin>true</cas:isFromNewLogin>";
const OPENER: &str = "cross-origin-opener-policy";

fn world_with(factor: &str) -> World {
    world_under(factor, RULES)
}

fn world_under(factor: &str, rules: &str) -> World {
    let sites = r#"
[[site]]
id = "wiki"
public_url = "https://wiki.example.org"
origin = "http://127.0.0.1:9001"
[[site]]
id = "shop"
public_url = "https://shop.example.org"
origin = "http://127.0.0.1:9002"
"#;
    let text = policy(factor, &format!("{sites}{rules}"));
    let mut world = World::required();
    let gate = settings_with(&text, 7, |settings| Gate::new(&Settings { portal_url: PORTAL, ..*settings }));
    world.restart(gate.unwrap_or_else(|problems| panic!("{problems:?}")));
    world
}

fn portal_world() -> World {
    world_with(REQUIRED)
}

/// A browser with its cookies of each host, and the person who is signed in at the CAS server.
#[derive(Clone)]
struct Tab {
    jars: BTreeMap<&'static str, Browser>,
    user: &'static str,
    agent: &'static str,
    /// The addresses that the last navigation went through.
    chain: Vec<String>,
}

impl Tab {
    fn new(user: &'static str) -> Self {
        Self { jars: BTreeMap::new(), user, agent: "Firefox", chain: Vec::new() }
    }

    fn cookie(&self, base: &str, name: &str) -> Option<String> {
        self.jars.get(split(&format!("{base}/")).0)?.jar.get(name).cloned()
    }

    /// The address of the last navigation that begins so.
    fn at(&self, beginning: &str) -> Option<&String> {
        self.chain.iter().rev().find(|url| url.starts_with(beginning))
    }
}

/// Host and path of an address.
fn split(url: &str) -> (&'static str, &str) {
    let (host, path) = [WIKI, SHOP, PORTAL]
        .iter()
        .find_map(|base| Some((base.strip_prefix("https://")?, url.strip_prefix(base)?)))
        .unwrap_or_else(|| panic!("{url}"));
    (host, path)
}

/// One request, without following where it leads.
fn request(world: &mut World, tab: &mut Tab, url: &str, more: &[&str]) -> Done {
    let (host, path) = split(url);
    world.host = host;
    let (line, agent) = (format!("GET {path}"), format!("user-agent: {}", tab.agent));
    let lines = [&[line.as_str(), "accept: text/html", &agent], more].concat();
    let mut jar = tab.jars.remove(host).unwrap_or_default();
    let done = world.send(&mut jar, &lines, "");
    tab.jars.insert(host, jar);
    assert!(host != "id.example.org" || done.header(OPENER) == "same-origin", "{url}: {:?}", done.why);
    done
}

/// Opens an address, and goes where the answers lead.
fn open(world: &mut World, tab: &mut Tab, url: &str) -> Done {
    tab.chain = vec![url.to_owned()];
    follow(world, tab, url)
}

fn follow(world: &mut World, tab: &mut Tab, url: &str) -> Done {
    let mut url = url.to_owned();
    for _ in 0..16 {
        if url.starts_with(CAS) {
            world.logins.push(url.clone());
            let service = url.split("service=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
            let ticket = world.ticket_for(tab.user);
            url = format!("{}?ticket={ticket}", cas::percent::decode(service).unwrap());
            tab.chain.push(url.clone());
        }
        let done = request(world, tab, &url, &[]);
        match done.header("location") {
            "" => return done,
            to => url = to.to_owned(),
        }
        tab.chain.push(url.clone());
    }
    panic!("goes round: {:#?}", tab.chain);
}

/// Sends a form of the portal, and goes where its answer leads.
fn post(world: &mut World, tab: &mut Tab, path: &str, fields: &[(&str, &str)]) -> Done {
    let done = post_only(world, tab, path, fields);
    match done.header("location") {
        "" => done,
        to => {
            let to = to.to_owned();
            tab.chain = vec![to.clone()];
            follow(world, tab, &to)
        }
    }
}

fn post_only(world: &mut World, tab: &mut Tab, path: &str, fields: &[(&str, &str)]) -> Done {
    world.host = "id.example.org";
    let mut jar = tab.jars.remove(world.host).unwrap_or_default();
    let done = world.post(&mut jar, path, fields);
    tab.jars.insert(world.host, jar);
    assert_eq!(done.header(OPENER), "same-origin", "{path}: {:?}", done.why);
    done
}

/// The fields that every form of a page has, and one more.
fn fields<'f>(page: &'f [String; 2], more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    [&[("token", page[0].as_str()), ("page", page[1].as_str())], more].concat()
}

fn form(page: &Done) -> [String; 2] {
    [page.field("token"), page.field("page")]
}

/// Enrols an authenticator app at the portal, from the wiki's page; its key.
fn enrol(world: &mut World, tab: &mut Tab) -> Vec<u8> {
    let page = open(world, tab, &format!("{WIKI}/secret"));
    assert!(page.body().contains("Add a second factor"), "{:?} {}", page.why, page.body());
    let form = form(&page);
    let shown = post(world, tab, "enrol", &fields(&form, &[("kind", "app"), ("label", "phone")]));
    let (key, id) = (shown.key(), shown.field("id"));
    let code = world.code(&key);
    let done = post(world, tab, "confirm", &fields(&form, &[("id", &id), ("typed", &code)]));
    assert_eq!(done.codes().len(), 10);
    world.now += 60;
    key
}

/// Types a code on a page of the portal.
fn give(world: &mut World, tab: &mut Tab, page: &Done, key: &[u8]) -> Done {
    assert!(page.body().contains("Confirm that it is you"), "{:?} {}", page.why, page.body());
    let (form, code) = (form(page), world.code(key));
    post(world, tab, "code", &fields(&form, &[("typed", &code)]))
}

/// Somebody with a factor, who has given it for the wiki just now.
fn signed_in(world: &mut World) -> (Tab, Vec<u8>) {
    let mut tab = Tab::new("ann");
    let key = enrol(world, &mut tab);
    let mut page = open(world, &mut tab, &format!("{WIKI}/secret"));
    if page.body().contains("Continue to wiki.example.org") {
        let form = form(&page);
        page = post(world, &mut tab, "continue", &fields(&form, &[]));
    }
    assert_eq!(page.claims()["acr"], "mfa");
    (tab, key)
}

fn codes_of(done: &Done) -> Vec<&'static str> {
    let (Reply::Forward(_, events) | Reply::Answer(_, events)) = &done.reply;
    let code = |event: &AuditEvent| match event {
        AuditEvent::FactorRefused { code } => Some(*code),
        _ => None,
    };
    events.iter().filter_map(code).collect()
}

/// A person stands before the code page of the portal, for a page of the wiki.
fn is_asked(done: &Done) -> bool {
    done.why == Why::FactorPage && done.body().contains("Confirm that it is you")
}

#[test]
fn f40_a_factor_given_once_counts_at_every_site() {
    let mut world = portal_world();
    let (mut tab, _) = signed_in(&mut world);
    let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
    assert_eq!(page.claims()["amr"], serde_json::json!(["pwd", "otp", "mfa"]), "{:#?}", tab.chain);
    assert_eq!(page.claims()["aud"], "shop");
    assert!(tab.at(&format!("{SHOP}/.portcullis/factor/back/")).is_some(), "through the portal: {:#?}", tab.chain);
    // A request of a session that has its factor costs what it costs without one.
    assert_eq!(request(&mut world, &mut tab, &format!("{SHOP}/secret"), &[]).asks, [""; 0]);
}

#[test]
fn f40_a_factor_serves_other_sites_for_a_working_day_and_an_hour_without_use() {
    for (age, last_use, asked) in
        [(8 * 3600 - 2, 60, false), (8 * 3600, 60, true), (4000, 3_599, false), (4000, 3_600, true)]
    {
        let mut world = portal_world();
        let (mut tab, _) = signed_in(&mut world);
        let given = world.now - 60;
        // The portal is used in between.
        let mut at = given;
        while at + 3_000 < given + age - last_use {
            at += 3_000;
            world.now = at;
            assert_eq!(open(&mut world, &mut tab, &format!("{PORTAL}/")).status(), 200);
        }
        world.now = given + age - last_use;
        assert_eq!(open(&mut world, &mut tab, &format!("{PORTAL}/")).status(), 200);
        world.now = given + age;
        let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
        assert_eq!(is_asked(&page), asked, "{age} {last_use}: {:?}", page.why);
    }
}

#[test]
fn f40_l12_the_end_of_any_session_ends_the_portals_and_the_levels_from_it() {
    let logout = |world: &mut World, tab: &mut Tab, base: &str| {
        let at = format!("{base}/.portcullis/logout");
        let done = request(world, tab, &at, &["sec-fetch-dest: document", "sec-fetch-site: none"]);
        assert_eq!(done.why, Why::LoggedOut);
    };
    let single_logout = |world: &mut World, tab: &mut Tab, base: &str| {
        let callback = tab.chain.iter().find(|url| url.starts_with(base) && url.contains("?ticket=")).unwrap();
        let (path, ticket) = split(callback).1.split_once("?ticket=").unwrap();
        let body = format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
        );
        world.host = split(&format!("{base}/")).0;
        let line = format!("POST {path}");
        let body = format!("logoutRequest={}", cas::percent::encode(&body));
        let lines = [line.as_str(), "content-type: application/x-www-form-urlencoded"];
        assert_eq!(world.send(&mut Browser::default(), &lines, &body).why, Why::SingleLogout);
    };
    let other = |world: &mut World, tab: &mut Tab, base: &str| {
        // Ben signs in at the CAS server, in the same browser: his sign-in takes the place of Ann's.
        let (mut ben, host) = (Tab::new("ben"), split(&format!("{base}/")).0);
        let jar = tab.jars.get_mut(host).unwrap();
        let kept = jar.jar.clone();
        let location = {
            jar.jar.clear();
            let path = if base == PORTAL { "/" } else { "/plain/x" };
            let done = request(world, tab, &format!("{base}{path}"), &[]);
            done.header("location").to_owned()
        };
        tab.jars.get_mut(host).unwrap().jar.extend(kept);
        ben.jars = tab.jars.clone();
        ben.chain = vec![location.clone()];
        let _ = follow(world, &mut ben, &location);
    };
    let signed_in_again = |world: &mut World, tab: &mut Tab, base: &str| {
        let jar = tab.jars.get_mut(split(&format!("{base}/")).0).unwrap();
        let kept = core::mem::take(&mut jar.jar);
        let path = if base == PORTAL { "/" } else { "/plain/x" };
        let location = request(world, tab, &format!("{base}{path}"), &[]).header("location").to_owned();
        tab.jars.get_mut(split(&format!("{base}/")).0).unwrap().jar.extend(kept);
        tab.chain = vec![location.clone()];
        let _ = follow(world, tab, &location);
        logout(world, tab, base);
    };
    type End<'e> = &'e dyn Fn(&mut World, &mut Tab, &str);
    let ends: [(&str, End<'_>, &str); 8] = [
        ("sign-out after a second sign-in at a site", &signed_in_again, WIKI),
        ("sign-out after a second sign-in at the portal", &signed_in_again, PORTAL),
        ("sign-out at a site", &logout, WIKI),
        ("sign-out at the portal", &logout, PORTAL),
        ("single logout at a site", &single_logout, WIKI),
        ("single logout at the portal", &single_logout, PORTAL),
        ("another person at a site", &other, WIKI),
        ("another person at the portal", &other, PORTAL),
    ];
    for (what, end, base) in ends {
        let mut world = portal_world();
        let (mut tab, key) = signed_in(&mut world);
        // Another browser of hers, which nothing of this touches.
        let mut elsewhere = Tab::new("ann");
        world.now += 60;
        let page = open(&mut world, &mut elsewhere, &format!("{WIKI}/secret"));
        assert_eq!(give(&mut world, &mut elsewhere, &page, &key).claims()["acr"], "mfa");
        world.now += 60;
        // Two sites, each signed in and raised by the portal's session of this browser; the sign-ins stand in the chain.
        tab.jars.clear();
        let mut chain = Vec::new();
        let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
        chain.append(&mut tab.chain.clone());
        assert_eq!(give(&mut world, &mut tab, &page, &key).claims()["acr"], "mfa");
        assert_eq!(open(&mut world, &mut tab, &format!("{SHOP}/secret")).claims()["acr"], "mfa");
        chain.append(&mut tab.chain.clone());
        tab.chain = chain;
        world.now += 5;
        end(&mut world, &mut tab.clone(), base);
        world.now += 61;
        // The levels are gone at the next revalidation, and the portal's session with its factor.
        let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
        assert!(is_asked(&page), "{what}: {:?} {:#?}", page.why, tab.chain);
        assert!(
            tab.chain.iter().any(|url| url.starts_with(&format!("{PORTAL}/.portcullis/cas/"))),
            "{what}: a new session"
        );
        world.now += 60;
        assert_eq!(open(&mut world, &mut elsewhere, &format!("{WIKI}/secret")).claims()["acr"], "mfa", "{what}");
    }
}

#[test]
fn f40_another_persons_session_at_the_portal_is_named_and_answers_nothing() {
    let mut world = portal_world();
    let (mut ann, _) = signed_in(&mut world);
    // Ben has the wiki in this browser, and Ann the portal and the CAS server.
    let mut ben = Tab::new("ben");
    let _ = open(&mut world, &mut ben, &format!("{WIKI}/plain/x"));
    let wiki = ben.jars.remove("wiki.example.org").unwrap();
    ann.jars.insert("wiki.example.org", wiki);
    let page = open(&mut world, &mut ann, &format!("{WIKI}/secret"));
    assert_eq!((page.why, page.status()), (Why::FactorDenied, 403));
    assert!(page.body().contains("signed in here as ann"), "{}", page.body());
    assert!(page.body().contains("for ben"), "{}", page.body());
    assert_eq!(codes_of(&page), ["PORTAL_OTHER_PERSON"]);
    assert!(!ann.chain.iter().any(|url| url.starts_with(CAS)), "an address alone signs nobody in: {:#?}", ann.chain);
    let action = page.header("content-security-policy");
    assert!(action.contains("form-action 'self' https://cas.example.org https://wiki.example.org;"), "{action}");
    // Without the token, and from another site, the button does nothing: her session stays.
    let (form, held) = (form(&page), ann.cookie(PORTAL, SESSION));
    assert_eq!(
        post_only(&mut world, &mut ann, "continue", &[("token", "x"), ("page", &form[1])]).why,
        Why::FactorForged
    );
    // The button, and Ann is still the one at the CAS server: the same page.
    world.now += 1;
    let page = post(&mut world, &mut ann, "continue", &fields(&form, &[]));
    assert_eq!(page.why, Why::FactorDenied);
    assert!(ann.chain.iter().any(|url| url.starts_with(CAS)), "{:#?}", ann.chain);
    assert_ne!(ann.cookie(PORTAL, SESSION), held, "a new session");
    // The right person there: it goes on.
    ann.user = "ben";
    world.now += 1;
    let form = self::form(&page);
    let page = post(&mut world, &mut ann, "continue", &fields(&form, &[]));
    assert!(page.body().contains("Add a second factor"), "{}", page.body());
    // Neither does a form of Ann's session answer for Ben's.
    assert!(!ann.chain.iter().any(|url| url.contains("/factor/back/")));
}

#[test]
fn f41_without_a_deed_only_plain_rules_from_the_same_network_and_browser_are_answered() {
    for (what, page, network, agent, unknown, silent) in [
        ("the same", "/secret", "192.0.2.200", "Firefox", false, true),
        ("a rule with an age", "/recent/x", "192.0.2.1", "Firefox", false, false),
        ("another network", "/secret", "192.0.3.1", "Firefox", false, false),
        ("another browser", "/secret", "192.0.2.1", "Chrome", false, false),
        ("an unknown network", "/secret", "127.0.0.1", "Firefox", true, false),
    ] {
        let mut world = portal_world();
        if unknown {
            world.peer = "127.0.0.1";
        }
        let (mut ann, _) = signed_in(&mut world);
        // The sign-in at the shop comes from there; the portal's session is Ann's.
        let mut thief = Tab { agent, ..Tab::new("ann") };
        world.peer = network;
        let _ = open(&mut world, &mut thief, &format!("{SHOP}/plain/x"));
        let ask = request(&mut world, &mut thief, &format!("{SHOP}/.portcullis/factor?page={page}"), &[]);
        let ask = ask.header("location").to_owned();
        world.peer = if unknown { "127.0.0.1" } else { "192.0.2.1" };
        ann.chain.clear();
        // Ann's browser opens the request; its answer goes to the shop's host, where only the thief's browser has its cookie.
        let done = open(&mut world, &mut ann, &ask);
        let answered = ann.chain.iter().any(|url| url.contains("/factor/back/"));
        assert_eq!(answered, silent, "{what}: {:#?}", ann.chain);
        if silent {
            // Whoever takes it meets the rules that ask for no more. He chose the page that it was asked for.
            let back = ann.at(&format!("{SHOP}/.portcullis/factor/back/")).unwrap().clone();
            assert_eq!(follow(&mut world, &mut thief, &back).claims()["acr"], "mfa", "{what}");
            let strict = request(&mut world, &mut thief, &format!("{SHOP}/recent/x"), &[]);
            assert_eq!(strict.why, Why::FactorAsked, "{what}");
        } else {
            assert_eq!(done.why, Why::FactorPage, "{what}");
            let body = done.body();
            assert!(body.contains("Continue to shop.example.org") && body.contains(agent), "{what}: {body}");
            assert!(body.contains("began 2027-01-15"), "{what}: the time of the sign-in: {body}");
            assert!(body.contains("class=\"button late\""), "{what}: a second click presses nothing");
            // The button goes on, and to nowhere else.
            let form = form(&done);
            let forged = post_only(&mut world, &mut ann, "continue", &[("token", "x"), ("page", &form[1])]);
            assert_eq!(forged.why, Why::FactorForged);
            let done = post_only(&mut world, &mut ann, "continue", &fields(&form, &[]));
            assert!(done.header("location").starts_with(&format!("{SHOP}/.portcullis/factor/back/")), "{what}");
        }
    }
}

#[test]
fn f41_ask_and_back_are_page_loads_of_a_person_alone() {
    let mut world = portal_world();
    let (mut tab, _) = signed_in(&mut world);
    let _ = open(&mut world, &mut tab, &format!("{SHOP}/plain/x"));
    let ask = request(&mut world, &mut tab, &format!("{SHOP}/.portcullis/factor?page=/secret"), &[]);
    let ask = ask.header("location").to_owned();
    let clean = request(&mut world, &mut tab, &ask, &[]).header("location").to_owned();
    let back = request(&mut world, &mut tab, &clean, &[]).header("location").to_owned();
    assert!(back.starts_with(&format!("{SHOP}/.portcullis/factor/back/")), "{back}");
    for url in [ask, clean, back.clone()] {
        for more in [
            &["sec-fetch-dest: iframe", "sec-fetch-mode: navigate"][..],
            &["sec-fetch-dest: empty", "sec-fetch-mode: cors"],
            &["sec-fetch-dest: document", "sec-fetch-mode: navigate", "sec-purpose: prefetch"],
            &["sec-fetch-dest: document", "sec-fetch-mode: navigate", "sec-purpose: prefetch;prerender"],
        ] {
            let done = request(&mut world, &mut tab, &url, more);
            assert_eq!((done.why, done.status()), (Why::FactorRequired, 401), "{url} {more:?}");
        }
    }
    assert_eq!(follow(&mut world, &mut tab, &back).claims()["acr"], "mfa", "and the answer is as good as before");
}

/// The addresses of an answer that is not taken yet, for a page of the shop.
fn answer(world: &mut World, tab: &mut Tab, page: &str) -> String {
    let ask = request(world, tab, &format!("{SHOP}/.portcullis/factor?page={page}"), &[]).header("location").to_owned();
    let clean = request(world, tab, &ask, &[]).header("location").to_owned();
    let back = request(world, tab, &clean, &[]).header("location").to_owned();
    assert!(back.starts_with(SHOP), "{back}");
    back
}

#[test]
fn f17_f31_an_answer_raises_one_session_of_one_site_and_browser_once() {
    let mut world = portal_world();
    let (mut tab, _) = signed_in(&mut world);
    let _ = open(&mut world, &mut tab, &format!("{SHOP}/plain/x"));
    let back = answer(&mut world, &mut tab, "/secret");

    // Another browser, with a session of the same person, has no cookie of the request.
    let mut thief = Tab::new("ann");
    let _ = open(&mut world, &mut thief, &format!("{SHOP}/plain/x"));
    let done = request(&mut world, &mut thief, &back, &[]);
    assert_eq!((done.why, codes_of(&done)), (Why::FactorNotRaised, vec!["PORTAL_OTHER_REQUEST"]));
    // With the request's cookie as well, the session is another one.
    let mut copied = tab.clone();
    let session = thief.cookie(SHOP, SESSION).unwrap();
    copied.jars.get_mut("shop.example.org").unwrap().jar.insert(SESSION.into(), session);
    let done = request(&mut world, &mut copied, &back, &[]);
    assert_eq!((done.why, codes_of(&done)), (Why::FactorNotRaised, vec!["PORTAL_OTHER_SESSION"]));
    // At another site it does not open.
    let elsewhere = back.replace(SHOP, WIKI);
    let done = request(&mut world, &mut tab, &elsewhere, &[]);
    assert_eq!((done.why, codes_of(&done)), (Why::FactorNotRaised, vec!["PORTAL_OTHER_REQUEST"]));
    // With the id of another request of this browser neither.
    let other = answer(&mut world, &mut tab, "/secret");
    let (other_rid, this) = (other.split("?a=").next().unwrap(), back.split("?a=").nth(1).unwrap());
    let done = request(&mut world, &mut tab, &format!("{other_rid}?a={this}"), &[]);
    assert_eq!((done.why, codes_of(&done)), (Why::FactorNotRaised, vec!["PORTAL_OTHER_REQUEST"]));

    // In its own browser it opens once; a second time it leads to its page, and raises nothing.
    let done = request(&mut world, &mut tab, &back, &[]);
    assert_eq!((done.why, done.header("location")), (Why::FactorGiven, "https://shop.example.org/secret"));
    let raised = tab.cookie(SHOP, SESSION).unwrap();
    let objects = format!("{:?}", world.tickets);
    let done = request(&mut world, &mut tab, &back, &[]);
    assert_eq!((done.why, done.header("location")), (Why::FactorGiven, "https://shop.example.org/secret"));
    assert_eq!(format!("{:?}", world.tickets), objects, "nothing is written");
    assert_ne!(raised, "", "{raised}");
    assert_eq!(open(&mut world, &mut tab, &format!("{SHOP}/secret")).claims()["acr"], "mfa");
}

#[test]
fn f40_an_answer_that_is_on_its_way_when_the_portals_session_ends_raises_nothing() {
    for (what, base) in [("at the portal", PORTAL), ("at a site", WIKI)] {
        let mut world = portal_world();
        let (mut tab, _) = signed_in(&mut world);
        let _ = open(&mut world, &mut tab, &format!("{SHOP}/plain/x"));
        let back = answer(&mut world, &mut tab, "/secret");
        let out = format!("{base}/.portcullis/logout");
        let done =
            request(&mut world, &mut tab.clone(), &out, &["sec-fetch-dest: document", "sec-fetch-site: same-origin"]);
        assert_eq!(done.why, Why::LoggedOut, "{what}");
        assert_eq!(request(&mut world, &mut tab, &back, &[]).why, Why::FactorNotRaised, "{what}");
    }
}

#[test]
fn f17_f53_an_answer_below_the_rule_ends_on_a_page_and_a_late_one_begins_again() {
    let mut world = portal_world();
    let (mut tab, key) = signed_in(&mut world);
    let _ = open(&mut world, &mut tab, &format!("{SHOP}/plain/x"));
    // The answer for a plain page is brought to a page that demands a passkey: another request, so it is not even compared.
    let plain = answer(&mut world, &mut tab, "/secret");
    let strict = request(&mut world, &mut tab, &format!("{SHOP}/.portcullis/factor?page=/passkey/x"), &[]);
    assert_eq!(strict.why, Why::FactorAsked);
    // The policy becomes stricter while the person is at the portal: the site judges by its own rule.
    let rules = RULES.replace(
        "path = \"/*\"\naccess = \"login\"",
        "path = \"/*\"\naccess = \"login\"\nfactor_kinds = [\"passkey\"]",
    );
    let sites = "[[site]]\nid = \"wiki\"\npublic_url = \"https://wiki.example.org\"\norigin = \"http://127.0.0.1:9001\"\n[[site]]\nid = \"shop\"\npublic_url = \"https://shop.example.org\"\norigin = \"http://127.0.0.1:9002\"\n";
    let text = policy(REQUIRED, &format!("{sites}{rules}"));
    let gate = settings_with(&text, 7, |settings| Gate::new(&Settings { portal_url: PORTAL, ..*settings })).unwrap();
    world.restart(gate);
    let done = request(&mut world, &mut tab, &plain, &[]);
    assert_eq!((done.why, codes_of(&done)), (Why::FactorDenied, vec!["PORTAL_NOT_ENOUGH"]));
    assert!(done.body().contains("It accepts: Passkey."), "{}", done.body());
    assert_eq!(done.header("location"), "", "one handover for one page");

    // Late: one button, and the page is not lost.
    let mut world = portal_world();
    let (mut tab, _) = signed_in(&mut world);
    let _ = open(&mut world, &mut tab, &format!("{SHOP}/plain/x"));
    let back = answer(&mut world, &mut tab, "/secret?a=1");
    world.now += 30;
    let done = request(&mut world, &mut tab, &back, &[]);
    assert_eq!((done.why, done.status()), (Why::FactorRefused, 403));
    let again = format!("{SHOP}/.portcullis/factor?page=%2Fsecret%3Fa%3D1");
    assert!(done.body().contains(&again), "{}", done.body());
    assert_eq!(open(&mut world, &mut tab, &again).claims()["acr"], "mfa");
    // A request lives half an hour.
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
    world.now += 1_800;
    assert_eq!(give(&mut world, &mut tab, &page, &key).why, Why::FlightExpired);
}

#[test]
fn f38_a_passkey_is_the_portals_and_no_sites() {
    let mut world = portal_world();
    for (origin, taken) in [(WIKI, false), ("https://example.org", false), (PORTAL, true)] {
        let mut tab = Tab::new("ann");
        let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
        let mut key = Authenticator::new(1, origin);
        let form = form(&page);
        let shown = post(&mut world, &mut tab, "enrol", &fields(&form, &[("kind", "passkey")]));
        let options = shown.options();
        assert!(options.contains("\"id\":\"id.example.org\""), "{options}");
        let (id, answer) = (shown.field("id"), key.create(&options));
        let done = post(&mut world, &mut tab, "confirm", &fields(&form, &[("id", &id), ("answer", &answer)]));
        assert_eq!(done.body().contains("Your recovery codes"), taken, "{origin}: {}", done.body());
    }
    for (origin, taken) in [(WIKI, false), (SHOP, false), (PORTAL, true)] {
        world.now += 60;
        let mut tab = Tab::new("ann");
        let page = open(&mut world, &mut tab, &format!("{WIKI}/passkey/x"));
        let mut key = Authenticator::new(1, origin);
        key.count = u32::try_from(world.now % 100_000).unwrap() + 10;
        let (form, answer) = (form(&page), key.get(&page.options()));
        let done = post(&mut world, &mut tab, "passkey", &fields(&form, &[("answer", &answer)]));
        assert_eq!(matches!(done.reply, Reply::Forward(..)), taken, "{origin}: {:?}", done.why);
    }
    let done = request(&mut world, &mut Tab::new("ann"), &format!("{PORTAL}/.well-known/webauthn"), &[]);
    assert_eq!(done.status(), 404);
}

#[test]
fn f52_a_form_may_lead_to_the_site_of_its_request_and_nowhere_else() {
    let mut world = portal_world();
    let (_, _) = signed_in(&mut world);
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains(
            "; form-action https://id.example.org https://shop.example.org; base-uri 'none'; frame-ancestors 'none'"
        ),
        "{policy}"
    );
    // Without a request, the portal's pages lead to themselves.
    let page = open(&mut world, &mut tab, &format!("{PORTAL}/"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("; form-action https://id.example.org; base-uri 'none'"), "{policy}");
}

#[test]
fn the_pages_of_the_factor_are_at_the_portal_alone() {
    let mut world = portal_world();
    let (mut tab, _) = signed_in(&mut world);
    for path in ["me", "enrol", "resync", "change"] {
        let done = request(&mut world, &mut tab, &format!("{WIKI}/.portcullis/factor/{path}"), &[]);
        assert_eq!(done.header("location"), format!("{PORTAL}/.portcullis/factor/{path}"));
    }
    for path in ["code", "enrol", "confirm", "change", "end", "continue"] {
        world.host = "wiki.example.org";
        let jar = tab.jars.get_mut("wiki.example.org").unwrap();
        assert_eq!(world.post(jar, path, &[]).why, Why::NotFound, "{path}");
    }
    for path in ["ask?r=x", "ask/aaaaaaaaaaaaaaaaaaaaaa"] {
        let done = request(&mut world, &mut tab, &format!("{WIKI}/.portcullis/factor/{path}"), &[]);
        assert_eq!(done.why, Why::NotFound, "{path}");
    }
    for path in ["/secret", "/a/b", "/.portcullis/factor/back/aaaaaaaaaaaaaaaaaaaaaa?a=b"] {
        assert_eq!(request(&mut world, &mut tab, &format!("{PORTAL}{path}"), &[]).why, Why::NotFound, "{path}");
    }
    let page = open(&mut world, &mut tab, &format!("{PORTAL}/"));
    assert!(page.body().contains("How you sign in") && page.body().contains("wiki"), "{}", page.body());
}

#[test]
fn h20_a_gates_bearer_opens_nothing_at_the_portal() {
    let mut world = world_under(
        REQUIRED,
        &format!(
            "{RULES}\n[[site]]\nid = \"api\"\npublic_url = \"https://api.example.org\"\norigin = \"http://127.0.0.1:9003\"\ntoken = true\n"
        ),
    );
    let (mut tab, _) = signed_in(&mut world);
    for path in ["/.portcullis/factor/me", "/.portcullis/whoami", "/.portcullis/health"] {
        let url = format!("{PORTAL}{path}");
        assert_ne!(request(&mut world, &mut tab, &url, &[]).why, Why::NotFound, "{path}");
        let bearer = ["authorization: Bearer pc1.abc"];
        assert_eq!(request(&mut world, &mut tab, &url, &bearer).why, Why::NotFound, "{path}");
    }
}

#[test]
fn f12_who_has_no_factor_goes_on_where_one_is_only_offered() {
    let mut world = portal_world();
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{WIKI}/offered/x"));
    assert!(matches!(page.reply, Reply::Forward(..)), "{:?}", page.why);
    assert!(!tab.chain.iter().any(|url| url.starts_with(PORTAL)), "{:#?}", tab.chain);
    let key = enrol(&mut world, &mut tab);
    let mut other = Tab::new("ann");
    let page = open(&mut world, &mut other, &format!("{WIKI}/offered/x"));
    assert!(matches!(give(&mut world, &mut other, &page, &key).reply, Reply::Forward(..)), "and who has one is asked");
}

#[test]
fn a_remembered_browser_is_remembered_by_the_portal() {
    let mut world = world_with(&format!("{REQUIRED}\nremembered = true"));
    let (mut tab, key) = signed_in(&mut world);
    tab.jars.get_mut("id.example.org").unwrap().jar.remove(SESSION);
    let mut fresh = Tab::new("ann");
    let page = open(&mut world, &mut fresh, &format!("{WIKI}/secret"));
    let (form, code) = (form(&page), world.code(&key));
    let done = post(&mut world, &mut fresh, "code", &fields(&form, &[("typed", &code), ("remember", "1")]));
    assert_eq!(done.claims()["acr"], "mfa");
    world.now += 9 * 3600;
    // The sessions are over by their idle time; the device is still known, at the portal.
    for jar in fresh.jars.values_mut() {
        jar.jar.remove(SESSION);
    }
    let page = open(&mut world, &mut fresh, &format!("{SHOP}/secret"));
    assert_eq!(page.claims()["amr"], serde_json::json!(["pwd"]), "{:#?}", fresh.chain);
    let page = open(&mut world, &mut fresh, &format!("{SHOP}/recent/x"));
    assert!(is_asked(&page), "it meets no age");
}

#[test]
fn f40_a_remembered_browser_brings_no_earlier_factor_back() {
    let mut world = world_with(&format!("{REQUIRED}\nremembered = true"));
    let (_, key) = signed_in(&mut world);
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
    let (form, code) = (form(&page), world.code(&key));
    let done = post(&mut world, &mut tab, "code", &fields(&form, &[("typed", &code), ("remember", "1")]));
    assert_eq!(done.claims()["acr"], "mfa");
    // The portal's session lives, and its factor counts for other sites no more.
    world.now += 3700;
    let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
    assert_eq!(page.claims()["amr"], serde_json::json!(["pwd"]), "{:#?}", tab.chain);
    assert!(!tab.chain.iter().any(|url| url.starts_with(&format!("{PORTAL}/.portcullis/cas/"))));
}

#[test]
fn f40_a_session_ended_on_the_persons_page_does_not_come_back_without_a_factor() {
    let mut world = portal_world();
    let (tab, key) = signed_in(&mut world);
    let mut other = Tab::new("ann");
    let page = open(&mut world, &mut other, &format!("{SHOP}/secret"));
    assert_eq!(give(&mut world, &mut other, &page, &key).claims()["acr"], "mfa");
    world.now += 5;
    let page = open(&mut world, &mut other, &format!("{PORTAL}/"));
    let sid =
        open(&mut world, &mut tab.clone(), &format!("{WIKI}/secret")).claims()["sid"].as_str().unwrap().to_owned();
    let form = form(&page);
    let done = post(&mut world, &mut other, "end", &[("token", &form[0]), ("id", &sid)]);
    assert!(done.body().contains("How you sign in"), "{:?}", done.why);
    world.now += 61;
    let mut tab = tab;
    let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
    assert!(is_asked(&page), "{:?}: {:#?}", page.why, tab.chain);
}

#[test]
fn f35_beside_a_portal_the_site_asks_the_cas_server_for_its_factor() {
    let mut world = world_with(&format!("{REQUIRED}\n{MFA}"));
    world.factor = GIVEN.into();
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{WIKI}/secret"));
    assert_eq!(page.claims()["acr"], "mfa", "{:#?}", tab.chain);
    assert!(!tab.chain.iter().any(|url| url.starts_with(PORTAL)), "{:#?}", tab.chain);
    // Without it, the portal offers to enrol, once.
    world.factor.clear();
    let mut other = Tab::new("ann");
    let page = open(&mut world, &mut other, &format!("{WIKI}/secret"));
    assert!(page.body().contains("Add a second factor"), "{:?}", page.why);
    let asked = other.chain.iter().filter(|url| url.contains("&authn_method=mfa-gauth")).count();
    assert_eq!(asked, 2, "by the site for the page, and by the portal for the enrolment: {:#?}", other.chain);
}

#[test]
fn f35_who_has_a_factor_here_reaches_a_page_for_the_cas_servers_alone() {
    let rules = RULES.replace(
        "path = \"/passkey/*\"\naccess = \"login\"\nfactor_kinds = [\"passkey\"]",
        "path = \"/passkey/*\"\naccess = \"login\"\nfactor_kinds = [\"cas\"]",
    );
    let mut world = world_under(&format!("{REQUIRED}\n{MFA}"), &rules);
    world.factor = GIVEN.into();
    // Ann enrols an app at the portal, which takes the CAS server's factor.
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{PORTAL}/.portcullis/factor/enrol"));
    let form = form(&page);
    let shown = post(&mut world, &mut tab, "enrol", &fields(&form, &[("kind", "app")]));
    let (key, id) = (shown.key(), shown.field("id"));
    let code = world.code(&key);
    let done = post(&mut world, &mut tab, "confirm", &fields(&form, &[("id", &id), ("typed", &code)]));
    assert_eq!(done.codes().len(), 10);
    world.now += 600;
    let mut other = Tab::new("ann");
    let page = open(&mut world, &mut other, &format!("{WIKI}/passkey/x"));
    assert_eq!(page.claims()["acr"], "mfa", "{:#?}", other.chain);
    assert!(!other.chain.iter().any(|url| url.starts_with(PORTAL)), "{:#?}", other.chain);
    // Where the CAS server gives none: a page says which kinds count, and nothing goes round.
    world.factor.clear();
    let mut third = Tab::new("ann");
    let page = open(&mut world, &mut third, &format!("{WIKI}/passkey/x"));
    assert_eq!((page.why, page.status()), (Why::FactorDenied, 403));
}

#[test]
fn f62_a_relay_that_asks_the_cas_server_for_its_factor_passes_no_wish_for_the_passkey() {
    let mut world = world_with(&format!("{REQUIRED}\n{MFA}"));
    world.factor = GIVEN.into();
    let mut tab = Tab::new("ann");
    let page = open(&mut world, &mut tab, &format!("{PORTAL}/.portcullis/factor/enrol"));
    let form = form(&page);
    let mut key = Authenticator::new(1, PORTAL);
    let shown = post(&mut world, &mut tab, "enrol", &fields(&form, &[("kind", "passkey")]));
    let (id, answer) = (shown.field("id"), key.create(&shown.options()));
    let done = post(&mut world, &mut tab, "confirm", &fields(&form, &[("id", &id), ("answer", &answer)]));
    assert_eq!(done.codes().len(), 10);
    // A sign-in that brings the CAS server's factor opens the page, whoever asked for it.
    world.now += 60;
    world.attributes = GIVEN.into();
    let mut relay = Tab::new("ann");
    assert_eq!(open(&mut world, &mut relay, &format!("{WIKI}/secret")).claims()["acr"], "mfa");
    // She wants to be asked for the passkey alone.
    let page = open(&mut world, &mut tab, &format!("{PORTAL}/.portcullis/factor/change?change=only-passkey"));
    let token = page.field("token");
    key.count += 1;
    let answer = key.get(&page.options());
    let done =
        post(&mut world, &mut tab, "change", &[("token", &token), ("change", "only-passkey"), ("answer", &answer)]);
    assert!(done.body().contains("Ask me for any factor"), "{:?} {}", done.why, done.body());
    let mut relay = Tab::new("ann");
    let page = open(&mut world, &mut relay, &format!("{WIKI}/secret"));
    assert!(matches!(page.reply, Reply::Answer(..)), "the factor of the relay's own sign-in counts no more");
    assert!(page.body().contains("id=\"passkey\""), "{:?} {}", page.why, page.body());
    world.now += 60;
    key.count += 1;
    let (form, answer) = (self::form(&page), key.get(&page.options()));
    assert_eq!(post(&mut world, &mut relay, "passkey", &fields(&form, &[("answer", &answer)])).claims()["acr"], "mfa");
}

#[test]
fn f16_news_are_told_before_a_site_has_its_answer_without_a_click() {
    let mut world = portal_world();
    let (mut tab, key) = signed_in(&mut world);
    world.now += 60;
    // A new browser of somebody gives a code, after this one has given its factor.
    let mut elsewhere = Tab::new("ann");
    let page = open(&mut world, &mut elsewhere, &format!("{WIKI}/secret"));
    assert_eq!(give(&mut world, &mut elsewhere, &page, &key).claims()["acr"], "mfa");
    world.now += 60;
    let page = open(&mut world, &mut tab, &format!("{SHOP}/secret"));
    let body = page.body();
    assert!(
        body.contains("Something happened") && body.contains("Continue to shop.example.org"),
        "{:?} {body}",
        page.why
    );
    let form = form(&page);
    assert_eq!(post(&mut world, &mut tab, "continue", &fields(&form, &[])).claims()["acr"], "mfa", "one button");
    // The browser in which it happened is told nothing.
    assert_eq!(open(&mut world, &mut elsewhere, &format!("{SHOP}/secret")).claims()["acr"], "mfa");
}
