//! The ways to a factor and back: a form that waits for it, an age that is judged before it, a grace that ends, sessions that leave.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "harness/crypto.rs"]
mod crypto;
#[path = "harness/world.rs"]
mod world;

use gate::{Gate, Settings, Why};
use world::{Browser, Done, PUBLIC, REQUIRED, SESSION, World, policy};

const WAYS: &str = r#"
[[rule]]
path = "/form/*"
access = "login"
keep_post = true
factor_max_age_secs = 600
[[rule]]
path = "/unkept/*"
access = "login"
factor_max_age_secs = 600
[[rule]]
path = "/now/*"
access = "fresh"
max_age_secs = 60
keep_post = true
factor_max_age_secs = 120
[[rule]]
path = "/often/*"
access = "fresh"
max_age_secs = 300
factor_max_age_secs = 120
[[rule]]
path = "/plain/*"
access = "login"
factor = "off"
[[rule]]
path = "/*"
access = "login"
"#;

fn world() -> World {
    World::new(&policy(REQUIRED, WAYS))
}

/// Posts a form of the app's.
fn submit(world: &mut World, browser: &mut Browser, page: &str) -> Done {
    let line = format!("POST {page}");
    let lines = [
        line.as_str(),
        "accept: text/html",
        "content-type: application/x-www-form-urlencoded",
        "sec-fetch-site: same-origin",
        "sec-fetch-mode: navigate",
        "user-agent: Firefox",
    ];
    world.send(browser, &lines, "text=draft&password=secret")
}

fn data(page: &Done, name: &str) -> String {
    let rest = page.body().split(&format!("data-{name}=\"")).nth(1).unwrap_or_else(|| panic!("{}", page.body()));
    rest.split('"').next().unwrap().to_owned()
}

/// Where the button of a page leads, on this site.
fn button(page: &Done) -> String {
    let rest = page.body().split("class=\"button\" href=\"").nth(1).unwrap_or_else(|| panic!("{}", page.body()));
    rest.split('"').next().unwrap().replace("&#38;", "&").strip_prefix(PUBLIC).unwrap().to_owned()
}

/// Hands in the form that the tab kept.
fn hand_in(world: &mut World, browser: &mut Browser, fetched: &Done, sealed: &str) -> Done {
    assert_eq!(fetched.why, Why::FormFetched, "{}", fetched.body());
    let body = format!("proof={}&name=x&kept={sealed}", fetched.field("proof"));
    let lines = [
        "POST /.portcullis/kept",
        "accept: text/html",
        "content-type: application/x-www-form-urlencoded",
        "sec-fetch-site: same-origin",
    ];
    world.send(browser, &lines, &body)
}

#[test]
fn f53_a_form_at_an_old_factor_is_kept_and_sent_after_the_factor() {
    let mut world = world();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    assert!(matches!(submit(&mut world, &mut ann, "/form/a?b=1").why, Why::LiveSession | Why::SessionChecked));
    world.now += 600;
    let kept = submit(&mut world, &mut ann, "/form/a?b=1");
    assert_eq!((kept.why, kept.status()), (Why::FormKeptForFactor, 401), "{}", kept.body());
    assert!(!kept.body().contains("draft"), "it is sealed");
    let (sealed, to) = (data(&kept, "value"), button(&kept));
    // The factor comes first, and the form stays in the tab.
    let asked = world.open(&mut ann, "ann", &to);
    assert_eq!(asked.why, Why::FactorPage, "{:?} {}", asked.why, asked.location());
    let (token, page) = (asked.field("token"), asked.field("page"));
    assert_eq!(page, to, "the way is not lost");
    let wrong = world.wrong(&key);
    let again = world.post(&mut ann, "code", &[("token", &token), ("page", &page), ("typed", &wrong)]);
    assert_eq!(again.why, Why::FactorRefused);
    let code = world.code(&key);
    let given = world.post(&mut ann, "code", &[("token", &token), ("page", &page), ("typed", &code)]);
    assert_eq!((given.why, given.location()), (Why::FactorGiven, to.clone()));
    let fetched = world.get(&mut ann, &to);
    let form = hand_in(&mut world, &mut ann, &fetched, &sealed);
    assert_eq!(form.why, Why::FormAsked);
    let body = form.body();
    assert!(body.contains(&format!("action=\"{PUBLIC}/form/a?b=1\"")) && body.contains("value=\"draft\""), "{body}");
    assert!(!body.contains("secret"), "a password is typed again: {body}");
    // One button, and it arrives.
    assert!(matches!(submit(&mut world, &mut ann, "/form/a?b=1").why, Why::LiveSession | Why::SessionChecked));
    // Another session of hers gets nothing by the address.
    let mut other = Browser::default();
    world.now += 60;
    let _ = world.open(&mut other, "ann", "/plain/x");
    assert_eq!(world.give(&mut other, "ann", "/secret", &key).why, Why::FactorGiven);
    let fetched = world.get(&mut other, &to);
    assert_eq!(hand_in(&mut world, &mut other, &fetched, &sealed).why, Why::FormDropped);
}

#[test]
fn f53_a_form_is_kept_only_where_the_rule_says_so_and_a_factor_is_there() {
    let mut world = world();
    let mut ann = Browser::default();
    let _ = world.open(&mut ann, "ann", "/plain/x");
    let done = submit(&mut world, &mut ann, "/form/a");
    assert_eq!(done.why, Why::FactorRequired, "a first factor takes a new login, which the form does not outlive");
    let (_, _) = world.enrol_app(&mut ann, "ann");
    world.now += 600;
    let done = submit(&mut world, &mut ann, "/unkept/a");
    assert_eq!((done.why, done.status()), (Why::FactorRequired, 401));
    let lines =
        ["POST /form/a", "accept: application/json", "content-type: application/json", "sec-fetch-site: same-origin"];
    assert_eq!(world.send(&mut ann, &lines, "{}").why, Why::FactorRequired, "a program is told");
    let lines = [
        "POST /form/a",
        "accept: text/html",
        "content-type: application/x-www-form-urlencoded",
        "sec-fetch-site: cross-site",
    ];
    assert_eq!(world.send(&mut ann, &lines, "a=b").why, Why::FactorRequired, "another site's form is not kept");
}

#[test]
fn f53_a_form_that_waits_for_a_sign_in_waits_for_the_factor_too() {
    let mut world = world();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 24 * 3600;
    let kept = submit(&mut world, &mut ann, "/form/a");
    assert_eq!(kept.why, Why::FormKept);
    let (sealed, to) = (data(&kept, "value"), kept.body().split("id=\"go\"").next().unwrap().to_owned());
    let to = to.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let service = to.split("service=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let callback = cas::percent::decode(service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
    let ticket = world.ticket_for("ann");
    let asked = world.open(&mut ann, "ann", &format!("{callback}?ticket={ticket}"));
    assert_eq!(asked.why, Why::FactorPage, "{}", asked.body());
    let (token, page, code) = (asked.field("token"), asked.field("page"), world.code(&key));
    let given = world.post(&mut ann, "code", &[("token", &token), ("page", &page), ("typed", &code)]);
    assert_eq!(given.why, Why::FactorGiven);
    let fetched = world.get(&mut ann, &given.location());
    assert_eq!(hand_in(&mut world, &mut ann, &fetched, &sealed).why, Why::FormAsked);
}

#[test]
fn f53_a_recent_login_beside_a_slow_factor_goes_round_once() {
    // 90 seconds are longer than the rule's 60: the age of the login is judged when the factor was asked for.
    for (took, opens) in [(90, true), (1_799, true), (1_801, false)] {
        let mut world = world();
        let mut ann = Browser::default();
        let (key, _) = world.enrol_app(&mut ann, "ann");
        world.now += 1_000;
        let asked = world.open(&mut ann, "ann", "/now/x");
        assert_eq!(asked.why, Why::FactorPage, "{took}");
        assert!(world.logins.last().unwrap().contains("renew=true"), "a recent login came first");
        let (token, logins) = (asked.field("token"), world.logins.len());
        world.now += took;
        let code = world.code(&key);
        let given = world.post(&mut ann, "code", &[("token", &token), ("page", "/now/x"), ("typed", &code)]);
        assert_eq!(given.why, Why::FactorGiven, "{took}");
        let page = world.get(&mut ann, "/now/x");
        assert_eq!(page.why == Why::FreshLoginStarted, !opens, "{took}: {:?}", page.why);
        if !opens {
            continue;
        }
        assert_eq!(page.claims()["acr"], "mfa", "{took}");
        assert_eq!(world.logins.len(), logins, "{took}: nobody is asked for the password again");
        // The rest of the minute is what it was, also after a revalidation.
        world.now += 58;
        assert!(matches!(world.get(&mut ann, "/now/x").why, Why::LiveSession | Why::SessionChecked), "{took}");
        world.now += 3;
        assert_eq!(world.get(&mut ann, "/now/x").why, Why::FreshLoginStarted, "{took}");
    }
}

#[test]
fn f53_a_factor_from_before_makes_no_login_younger() {
    let mut world = world();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 1_000;
    let _ = world.open(&mut ann, "ann", "/now/x");
    let early = ann.clone();
    world.now += 30;
    assert_eq!(world.give(&mut ann, "ann", "/now/x", &key).why, Why::FactorGiven);
    assert!(matches!(world.get(&mut ann, "/now/x").why, Why::LiveSession | Why::SessionChecked));
    // The cookie of the session without the deed gains nothing by waiting.
    let mut early = early;
    world.now += 59;
    assert_ne!(world.get(&mut early, "/now/x").why, Why::LiveSession);
    assert_eq!(ann.jar.contains_key(SESSION), early.jar.contains_key(SESSION));
}

#[test]
fn f53_many_slow_factors_do_not_stretch_one_login() {
    let mut world = world();
    let mut ann = Browser::default();
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 1_000;
    assert_eq!(world.open(&mut ann, "ann", "/often/x").why, Why::FactorPage);
    let logins = world.logins.len();
    for opens in [true, false] {
        let token = world.get(&mut ann, "/.portcullis/factor?page=%2Foften%2Fx").field("token");
        world.now += 1_200;
        let code = world.code(&key);
        let given = world.post(&mut ann, "code", &[("token", &token), ("page", "/often/x"), ("typed", &code)]);
        assert_eq!(given.why, Why::FactorGiven);
        assert_eq!(world.get(&mut ann, "/often/x").why == Why::FreshLoginStarted, !opens);
        world.now += 150;
        let again = world.get(&mut ann, "/often/x").why;
        assert_eq!(again, if opens { Why::FactorAsked } else { Why::FreshLoginStarted });
    }
    assert_eq!(world.logins.len(), logins, "the password is asked for by the gate, not given here");
}

#[test]
fn f43_a_grace_of_days_begins_with_the_first_ask_and_never_again() {
    const DAY: u64 = 86_400;
    let text = policy(&format!("{REQUIRED}\ngrace_days = 7"), WAYS);
    let mut world = World::new(&text);
    let begun = world.now;
    let opens = |world: &mut World, browser: &mut Browser, user: &str| {
        let page = world.open(browser, user, "/secret");
        assert!(page.why == Why::FactorPage || page.status() == 0, "{:?}", page.why);
        page.status() == 0
    };
    assert!(opens(&mut world, &mut Browser::default(), "ann"), "the first day");
    for (at, open) in [(3 * DAY, true), (7 * DAY - 1, true), (7 * DAY, false), (30 * DAY, false)] {
        world.now = begun + at;
        assert_eq!(opens(&mut world, &mut Browser::default(), "ann"), open, "{at}: in a new session");
    }
    // Somebody else's days are counted from that person's own first sign-in.
    assert!(opens(&mut world, &mut Browser::default(), "ben"));
    // A session that began within the grace is asked at its end, to the second.
    let mut carl = Browser::default();
    assert!(opens(&mut world, &mut carl, "carl"));
    world.now += 7 * DAY - 600;
    let mut carl = Browser::default();
    assert!(opens(&mut world, &mut carl, "carl"));
    world.now += 599;
    assert!(matches!(world.get(&mut carl, "/secret").why, Why::LiveSession | Why::SessionChecked));
    world.now += 1;
    assert_eq!(world.get(&mut carl, "/secret").why, Why::FactorAsked);
}

#[test]
fn f43_who_has_a_factor_has_no_grace_and_gets_none_back() {
    let text = policy(&format!("{REQUIRED}\ngrace_days = 7"), WAYS);
    let mut world = World::new(&text);
    let mut ann = Browser::default();
    assert_eq!(world.open(&mut ann, "ann", "/secret").status(), 0);
    let page = world.open(&mut ann, "ann", "/.portcullis/factor/enrol");
    let token = page.field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]);
    let (key, id) = (shown.key(), shown.field("id"));
    let code = world.code(&key);
    let done = world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]);
    assert_eq!(done.codes().len(), 10);
    world.now += 60;
    assert_eq!(world.open(&mut Browser::default(), "ann", "/secret").why, Why::FactorPage, "she is asked at once");
    // A day of the policy and days of each person are two graces: one of them is said.
    for wrong in ["grace_days = 7\ngrace_until = \"2030-01-01\"", "grace_days = 0", "grace_days = 91"] {
        let problems = gate::policy::Policy::parse(&policy(&format!("{REQUIRED}\n{wrong}"), WAYS)).unwrap_err();
        assert!(problems.iter().all(|problem| problem.at == "factor.grace_days"), "{problems:?}");
        assert_eq!(problems.len(), 1, "{wrong}");
    }
}

/// The sessions of the person's page, by their buttons.
fn listed(world: &mut World, browser: &mut Browser) -> usize {
    let page = world.get(browser, "/.portcullis/factor/me");
    assert_eq!(page.why, Why::FactorPage, "{}", page.body());
    let list = page.body().split("Where you are signed in").nth(1).unwrap();
    list.split("</ul>").next().unwrap().matches("name=\"id\"").count()
}

/// The CAS server says at an address that the session of a ticket has ended.
fn log_out_at(world: &mut World, path: &str, ticket: &str) -> Done {
    let message = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    );
    let line = format!("POST {path}");
    let lines = [line.as_str(), "content-type: application/x-www-form-urlencoded"];
    world.send(&mut Browser::default(), &lines, &format!("logoutRequest={}", cas::percent::encode(&message)))
}

#[test]
fn f46_a_session_that_ended_leaves_the_persons_list() {
    let mut world = world();
    let mut ann = Browser::default();
    let (_, _) = world.enrol_app(&mut ann, "ann");
    let lone = listed(&mut world, &mut ann);
    // Another browser: a newer sign-in takes the place of its session, then somebody else's does.
    let mut other = Browser::default();
    let _ = world.open(&mut other, "ann", "/plain/x");
    assert_eq!(listed(&mut world, &mut ann), lone + 1);
    for user in ["ann", "ann", "ben"] {
        world.now += 5;
        let held = other.jar.clone();
        other.jar.remove(SESSION);
        let begun = world.get(&mut other, "/plain/x");
        other.jar.extend(held);
        let service = begun.header("location").split("service=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let callback = cas::percent::decode(&service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
        let ticket = world.ticket_for(user);
        assert_eq!(world.get(&mut other, &format!("{callback}?ticket={ticket}")).why, Why::SignedIn);
        assert_eq!(listed(&mut world, &mut ann), lone + usize::from(user == "ann"), "{user}");
    }
    // A sign-out, and a single logout.
    let mut third = Browser::default();
    let _ = world.open(&mut third, "ann", "/plain/x");
    assert_eq!(listed(&mut world, &mut ann), lone + 1);
    let out = ["POST /.portcullis/logout", "accept: text/html", "sec-fetch-site: same-origin"];
    assert_eq!(world.send(&mut third, &out, "").why, Why::LoggedOut);
    assert_eq!(listed(&mut world, &mut ann), lone);
    let mut fourth = Browser::default();
    let begun = world.get(&mut fourth, "/plain/x");
    let service = begun.header("location").split("service=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let callback = cas::percent::decode(&service).unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
    let ticket = world.ticket_for("ann");
    assert_eq!(world.get(&mut fourth, &format!("{callback}?ticket={ticket}")).why, Why::SignedIn);
    assert_eq!(listed(&mut world, &mut ann), lone + 1);
    assert_eq!(log_out_at(&mut world, &callback, &ticket).why, Why::SingleLogout);
    assert_eq!(listed(&mut world, &mut ann), lone);
}

#[test]
fn a_logout_at_the_secret_address_reaches_the_login_of_its_ticket() {
    let secret = "s".repeat(32);
    let mut world = world();
    let gate = world::settings_with(&policy(REQUIRED, WAYS), 7, |settings| {
        Gate::new(&Settings { slo_secret: &secret, ..*settings })
    });
    world.restart(gate.unwrap_or_else(|problems| panic!("{problems:?}")));
    let mut ann = Browser::default();
    assert!(matches!(world.open(&mut ann, "ann", "/plain/x").why, Why::LiveSession | Why::SessionChecked));
    let done = log_out_at(&mut world, &format!("/.portcullis/slo/{secret}"), "ST-1-abc");
    assert_eq!((done.why, done.status()), (Why::SingleLogout, 200));
    assert!(!matches!(world.get(&mut ann, "/plain/x").why, Why::LiveSession | Why::SessionChecked));
}

#[test]
fn f43_a_socket_of_somebody_without_a_factor_ends_with_the_grace_and_with_the_first_factor() {
    // As the plan says it to the adapter: ... factor_until given exempt object sid.
    let watch = |done: &Done| {
        let watch = done.forward().watch.as_ref().unwrap().encode();
        let words: Vec<&str> = watch.split(' ').collect();
        (words[6].parse::<u64>().unwrap(), words[8] == "1")
    };
    let rules = WAYS.replace("[[rule]]\npath = \"/*\"\n", "[[rule]]\npath = \"/*\"\nclose_on_revoke = true\n");
    let mut world = World::new(&policy(&format!("{REQUIRED}\ngrace_days = 7"), &rules));
    let end = world.now + 7 * 86_400;
    let mut ann = Browser::default();
    let open = world.open(&mut ann, "ann", "/socket");
    assert_eq!(watch(&open), (end, true));
    let page = world.open(&mut ann, "ann", "/.portcullis/factor/enrol");
    let token = page.field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]);
    let (key, id) = (shown.key(), shown.field("id"));
    let code = world.code(&key);
    let _ = world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]);
    assert_eq!(watch(&world.get(&mut ann, "/socket")), (0, false), "it has given one");
}

#[test]
fn f16_news_stand_on_each_page_until_an_earlier_factor_dismisses_them() {
    const ME: &str = "/.portcullis/factor/me";
    const BANNER: &str = "Something happened to the ways in which you sign in";
    let mut world = world();
    let mut ann = Browser::default();
    let (key, codes) = world.enrol_app(&mut ann, "ann");
    assert!(!world.get(&mut ann, ME).body().contains("What happened"), "she did it in this session");
    // A thief relays a code, and adds a factor of his own with the next.
    world.now += 60;
    let mut thief = Browser::default();
    assert_eq!(world.give(&mut thief, "ann", "/secret", &key).why, Why::FactorGiven);
    world.now += 60;
    let page = world.get(&mut thief, "/.portcullis/factor/change?change=add-app");
    let (token, code) = (page.field("token"), world.code(&key));
    let shown = world.post(&mut thief, "change", &[("token", &token), ("change", "add-app"), ("typed", &code)]);
    let (his, id) = (shown.key(), shown.field("id"));
    let code = world.code(&his);
    assert_eq!(
        world.post(&mut thief, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]).why,
        Why::FactorGiven
    );
    // Who has given only the password reads that there are news, and none of them.
    world.now += 60;
    let mut new = Browser::default();
    let asked = world.open(&mut new, "ann", "/secret");
    assert!(asked.body().contains(BANNER) && !asked.body().contains("A factor was added"), "{}", asked.body());
    let page = world.get(&mut ann, ME);
    for line in ["A factor was added:", "A factor was given for the first time in <bdi>Firefox</bdi>"] {
        assert!(page.body().contains(line), "{line}: {}", page.body());
    }
    // His own factor dismisses none of them, and no session without a recent one does.
    let token = world.get(&mut thief, ME).field("token");
    assert_eq!(world.post(&mut thief, "seen", &[("token", &token)]).why, Why::FactorChanged);
    let mut accomplice = Browser::default();
    let asked = world.open(&mut accomplice, "ann", "/secret");
    world.now += 30;
    let (token, code) = (asked.field("token"), world.code(&his));
    let given = world.post(&mut accomplice, "code", &[("token", &token), ("page", "/secret"), ("typed", &code)]);
    assert_eq!(given.why, Why::FactorGiven);
    assert_eq!(world.post(&mut accomplice, "seen", &[("token", &token)]).why, Why::FactorChanged);
    assert!(world.get(&mut ann, ME).body().contains("A factor was added:"));
    // Her factor is older than five minutes: it is asked for again, and then it dismisses them.
    world.now += 600;
    let token = world.get(&mut ann, ME).field("token");
    let done = world.post(&mut ann, "seen", &[("token", &token)]);
    assert_eq!(done.why, Why::FactorAsked);
    assert_eq!(world.post(&mut ann, "seen", &[("token", "x")]).why, Why::FactorForged);
    let asked = world.get(&mut ann, &done.location());
    assert_eq!(asked.why, Why::FactorPage, "{}", asked.location());
    let code = world.code(&key);
    let done = world.post(&mut ann, "code", &[("token", &token), ("page", ME), ("typed", &code)]);
    assert_eq!((done.why, done.location().as_str()), (Why::FactorGiven, ME));
    assert_eq!(world.post(&mut ann, "seen", &[("token", &token)]).why, Why::FactorChanged);
    assert!(!world.get(&mut ann, ME).body().contains("What happened"));
    // A recovery code is news too. News end by themselves after thirty days.
    let mut paper = Browser::default();
    let token = world.open(&mut paper, "ann", "/secret").field("token");
    let done = world.post(&mut paper, "recovery", &[("token", &token), ("page", "/secret"), ("typed", &codes[0])]);
    assert_eq!(done.why, Why::FactorGiven);
    assert!(world.get(&mut ann, ME).body().contains("A recovery code was used in"));
    world.now += 30 * 86_400;
    let page = world.open(&mut Browser::default(), "ann", "/secret");
    assert!(page.why == Why::FactorPage && !page.body().contains(BANNER), "{}", page.body());
}

#[test]
fn f37_a_waiting_change_is_cancelled_by_a_factor_that_is_asked_for_again() {
    const ME: &str = "/.portcullis/factor/me";
    let mut world = world();
    let mut ann = Browser::default();
    let (key, codes) = world.enrol_app(&mut ann, "ann");
    let mut thief = Browser::default();
    let token = world.open(&mut thief, "ann", "/secret").field("token");
    let _ = world.post(&mut thief, "recovery", &[("token", &token), ("page", "/secret"), ("typed", &codes[0])]);
    let done = world.post(
        &mut thief,
        "change",
        &[("token", &token), ("change", "codes"), ("recovery", "1"), ("typed", &codes[1])],
    );
    assert_eq!(done.codes().len(), 10);
    world.now += 600;
    let page = world.get(&mut ann, ME);
    let (token, id) = (
        page.field("token"),
        page.body().split("factor/cancel").nth(1).unwrap().split("name=\"id\" value=\"").nth(1).unwrap(),
    );
    let id = id.split('"').next().unwrap().to_owned();
    let done = world.post(&mut ann, "cancel", &[("token", &token), ("id", &id)]);
    assert_eq!(done.why, Why::FactorAsked);
    let asked = world.get(&mut ann, &done.location());
    assert_eq!(asked.why, Why::FactorPage, "the same factor again: {}", asked.location());
    let code = world.code(&key);
    assert_eq!(world.post(&mut ann, "code", &[("token", &token), ("page", ME), ("typed", &code)]).location(), ME);
    assert_eq!(world.post(&mut ann, "cancel", &[("token", &token), ("id", &id)]).why, Why::FactorChanged);
    assert!(!world.get(&mut ann, ME).body().contains("Changes that wait"));
}

#[test]
fn f51_a_policy_that_takes_factors_away_is_told_with_its_list() {
    use gate::factor::anchor::policy_seen;
    let json = |factor: &str, rules: &str| gate::policy::canonical(&policy(factor, rules)).unwrap();
    let strict = json(REQUIRED, WAYS);
    let lax = json(
        REQUIRED,
        &WAYS.replace(
            "path = \"/unkept/*\"\naccess = \"login\"\nfactor_max_age_secs = 600",
            "path = \"/unkept/*\"\naccess = \"login\"\nfactor = \"off\"",
        ),
    );
    assert_eq!(policy_seen(None, &strict), (None, true), "the first one is kept, and is no change");
    assert_eq!(policy_seen(Some(&strict), &strict), (None, false));
    let (change, keeps) = policy_seen(Some(&strict), &lax);
    let change = change.unwrap();
    assert!(keeps && change.was.len() == 12, "{change:?}");
    assert!(change.lost.iter().all(|line| line.contains("/unkept/*: no factor, was factor required")), "{change:?}");
    assert_eq!(change.lost.len(), 2, "GET and POST: {change:?}");
    let (change, _) = policy_seen(Some(&lax), &strict);
    assert!(change.unwrap().lost.is_empty(), "another policy, and nothing is lost");
    // A rolled back release has a policy without factors at all.
    let (change, _) = policy_seen(Some(&strict), "{}");
    assert!(change.unwrap().lost.iter().any(|line| line.contains("/*: no factor, was factor required")));
    // The same policy in another form is none, and one of a newer release is a change whose list is not known.
    assert_eq!(policy_seen(Some(&format!(" {strict}")), &strict), (None, true));
    let (change, keeps) = policy_seen(Some("{\"newer\":1}"), &strict);
    assert!(keeps && change.is_some_and(|change| change.was.is_empty()));
    assert_eq!(
        policy_seen(Some(&strict), "{\"newer\":1}"),
        (None, false),
        "an unreadable one stops the gate elsewhere"
    );
}

/// Adds a token by its seed, paid for by a code of the app.
fn add_token(world: &mut World, browser: &mut Browser, key: &[u8], seed: &[u8; 20]) {
    let page = world.get(browser, "/.portcullis/factor/change?change=add-token");
    let (token, code) = (page.field("token"), world.code(key));
    let paid = world.post(browser, "change", &[("token", &token), ("change", "add-token"), ("typed", &code)]);
    assert!(paid.body().contains("name=\"seed\""), "{:?} {}", paid.why, paid.body());
    let hex = data_encoding::HEXLOWER.encode(seed);
    let fields = [("token", token.as_str()), ("kind", "token"), ("seed", &hex), ("label", "the grey fob")];
    let id = world.post(browser, "enrol", &fields).field("id");
    let codes = [0, 1].map(|at| hotp(seed, at));
    let fields = [("token", token.as_str()), ("id", &id), ("typed", &codes[0]), ("second", &codes[1])];
    assert_eq!(world.post(browser, "confirm", &fields).why, Why::FactorGiven);
}

fn hotp(seed: &[u8], counter: u64) -> String {
    otp::Hotp::DEFAULT.code(seed, otp::HotpCounter::new(counter).unwrap()).as_str().to_owned()
}

#[test]
fn the_last_used_way_comes_first_and_no_label_before_a_factor() {
    let mut world = world();
    let mut ann = Browser::default();
    let page = world.open(&mut ann, "ann", "/secret");
    let token = page.field("token");
    let shown = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app"), ("label", "my old phone")]);
    let (key, id, code) = (shown.key(), shown.field("id"), world.code(&shown.key()));
    assert_eq!(world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]).codes().len(), 10);
    world.now += 60;
    let seed = [5; 20];
    add_token(&mut world, &mut ann, &key, &seed);
    let mut counter = 1;
    for (kind, asks, other) in [
        ("token", "Type the code that your token shows", "Authenticator app"),
        ("app", "Type the code that your authenticator shows", "Token"),
        ("token", "Type the code that your token shows", "Authenticator app"),
    ] {
        world.now += 60;
        let mut browser = Browser::default();
        let _ = world.open(&mut browser, "ann", "/secret");
        let way = world.get(&mut browser, &format!("/.portcullis/factor?page=%2Fsecret&by={kind}")).field("token");
        counter += 1;
        let code = if kind == "app" { world.code(&key) } else { hotp(&seed, counter) };
        assert_eq!(
            world.post(&mut browser, "code", &[("token", &way), ("page", "/secret"), ("typed", &code)]).why,
            Why::FactorGiven
        );
        world.now += 60;
        let mut next = Browser::default();
        let asked = world.open(&mut next, "ann", "/secret");
        let body = asked.body();
        assert!(body.contains(asks), "{kind} was used last: {body}");
        assert!(body.contains(other) && body.contains("Recovery code"), "{kind}: the other ways: {body}");
        for told in ["my old phone", "the grey fob", "Firefox", "10"] {
            assert!(!text_of(body).contains(told), "{told} is shown to one who gave only the password: {body}");
        }
    }
    assert!(world.get(&mut ann, "/.portcullis/factor/me").body().contains("<bdi>my old phone</bdi>"));
}

#[test]
fn a_socket_ends_with_the_age_of_the_kind_that_its_rule_takes() {
    let rules = format!(
        "[[rule]]\npath = \"/token/*\"\naccess = \"login\"\nclose_on_revoke = true\nfactor_kinds = [\"token\"]\nfactor_max_age_secs = 600\n\
         [[rule]]\npath = \"/app/*\"\naccess = \"login\"\nfactor_kinds = [\"app\"]\n{WAYS}"
    );
    let mut world = World::new(&policy(REQUIRED, &rules));
    let (mut ann, seed) = (Browser::default(), [5; 20]);
    let (key, _) = world.enrol_app(&mut ann, "ann");
    world.now += 60;
    add_token(&mut world, &mut ann, &key, &seed);
    world.now += 60;
    let mut laptop = Browser::default();
    let token = world.open(&mut laptop, "ann", "/token/x").field("token");
    let code = hotp(&seed, 2);
    let fields = [("token", token.as_str()), ("page", "/token/x"), ("typed", &code)];
    assert_eq!(world.post(&mut laptop, "code", &fields).why, Why::FactorGiven);
    let end = world.now + 600;
    world.now += 100;
    assert_eq!(world.give(&mut laptop, "ann", "/app/x", &key).why, Why::FactorGiven);
    let open = world.get(&mut laptop, "/token/x");
    let watch = open.forward().watch.as_ref().unwrap().encode();
    assert_eq!(
        watch.split(' ').nth(6),
        Some(end.to_string().as_str()),
        "the app's code is later, and not taken: {watch}"
    );
}

/// The text that a person reads.
fn text_of(body: &str) -> String {
    let body = body.split("</head>").nth(1).unwrap();
    body.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_page_of_the_factor_is_in_five_languages() {
    let mut titles = std::collections::BTreeSet::new();
    for language in ["en", "de", "fr", "es", "nl"] {
        let mut world = world();
        let mut ann = Browser::default();
        let accept = format!("accept-language: {language}");
        let mut get = |world: &mut World, browser: &mut Browser, path: &str| {
            let line = format!("GET {path}");
            let done = world.send(browser, &[&line, "accept: text/html", "user-agent: Firefox", &accept], "");
            assert_eq!(done.header("content-language"), language, "{path}");
            let title = done.body().split("<h1>").nth(1).unwrap().split('<').next().unwrap().to_owned();
            assert!(titles.insert(title.clone()), "{language} {path}: {title} is another language's or page's");
            done
        };
        let _ = world.open(&mut ann, "ann", "/secret");
        let page = get(&mut world, &mut ann, "/.portcullis/factor/enrol?page=%2Fsecret");
        let token = page.field("token");
        let shown = world.post(&mut ann, "enrol", &[("token", &token), ("kind", "app")]);
        let (key, id) = (shown.key(), shown.field("id"));
        let code = world.code(&key);
        let _ = world.post(&mut ann, "confirm", &[("token", &token), ("id", &id), ("typed", &code)]);
        let _ = get(&mut world, &mut ann, "/.portcullis/factor/me");
        let _ = get(&mut world, &mut ann, "/.portcullis/factor/change?change=codes");
        let mut other = Browser::default();
        world.now += 60;
        let _ = world.open(&mut other, "ann", "/plain/x");
        let asked = get(&mut world, &mut other, "/.portcullis/factor?page=%2Fsecret");
        assert!(asked.body().contains("class=\"note\""), "the news, in its language");
        // No key stands in for a text.
        for body in [page.body(), asked.body(), shown.body()] {
            for key in ["news", "me_seen", "ask_title", "enrol_first", "app_scan"] {
                assert!(!text_of(body).split_whitespace().any(|word| word == key), "{language}: {key}");
            }
        }
    }
    assert_eq!(titles.len(), 20);
}
