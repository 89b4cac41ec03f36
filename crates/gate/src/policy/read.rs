//! Checks a raw policy and converts it.

use std::collections::BTreeMap;

use cas::{Format, Notations, Protocol};

use super::{
    AttributeValues, BrowserCache, Condition, LoginAsk, Network, Origin, Pattern, PeerHeader, Policy, Problem,
    RawAccess, RawPolicy, RawRule, Requirement, Rule, SitePolicy, factor::Mode, headers, pages, raw, read_factor,
    strip,
};
use crate::http::address::{base_url, host_of};

/// Default of `session.absolute_secs`: a working day with breaks.
const ABSOLUTE_SECS: u64 = 10 * 3600;
/// Default of `session.idle_secs`: a long lunch.
const IDLE_SECS: u64 = 2 * 3600;
/// Default of `session.revalidate_secs`: a revocation takes effect within a minute.
const REVALIDATE_SECS: u64 = 60;
/// Default of `session.revalidate_grace_secs`: a short outage of the store signs nobody out.
const GRACE_SECS: u64 = 900;
/// Greatest `session.max_socket_age_secs`: a bound that is longer than a working day bounds nothing.
const MAX_SOCKET_AGE_SECS: u64 = 12 * 3600;
/// Default of `max_age_secs`: time to fill in a form after the password.
const FRESH_SECS: u64 = 300;
/// Longest sentence of a closed page, in characters: a few lines on a phone.
const MAX_CLOSED_LETTERS: usize = 300;
/// Default of `header_cap_bytes`: half of the 8 kB that common servers accept for all headers.
const HEADER_CAP_BYTES: usize = 4096;

impl TryFrom<RawPolicy> for Policy {
    type Error = Vec<Problem>;

    fn try_from(raw: RawPolicy) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let revalidate_secs = raw.session.revalidate_secs.unwrap_or(REVALIDATE_SECS);
        let grace_secs = raw.session.revalidate_grace_secs.unwrap_or(GRACE_SECS);
        let idle_secs = raw.session.idle_secs.unwrap_or(IDLE_SECS);
        let absolute_secs = raw.session.absolute_secs.unwrap_or(ABSOLUTE_SECS);
        if idle_secs < revalidate_secs.saturating_mul(2) || idle_secs == 0 {
            problems.push(Problem::new(
                "session.idle_secs",
                "must be at least twice revalidate_secs, by which use is seen",
            ));
        }
        if absolute_secs < idle_secs || absolute_secs > 31 * 86_400 {
            problems.push(Problem::new("session.absolute_secs", "must be at least idle_secs, and at most 31 days"));
        }
        let max_socket_age_secs = raw.session.max_socket_age_secs;
        if max_socket_age_secs.is_some_and(|secs| !(1..=MAX_SOCKET_AGE_SECS).contains(&secs)) {
            problems.push(Problem::new("session.max_socket_age_secs", "must be 1 to 43200, or left out for no bound"));
        }
        let sites: Vec<SitePolicy> =
            raw.site.into_iter().enumerate().filter_map(|(at, site)| read_site(at, site, &mut problems)).collect();
        let (default_factor, factor) = read_factor::read(raw.factor, &mut problems);
        let cas_factors = read_factor::cas(raw.cas.mfa, raw.cas.mfa_attribute, &raw.login_params, &mut problems);
        let everything = || Rule {
            patterns: vec![Pattern::Folder(String::new())],
            hosts: Vec::new(),
            methods: Vec::new(),
            requirement: Requirement { factor: default_factor.clone(), ..Requirement::LOGIN },
            identity: true,
            conditions: Vec::new(),
            origin: None,
            app: None,
            strip_prefix: false,
            cache: false,
            browser_cache: BrowserCache::default(),
            close_on_revoke: false,
            revalidate_secs,
            grace_secs,
            spa: false,
            keep_post: false,
            closed: None,
            login_ask: None,
        };
        let rules: Vec<Rule> = match raw.rule {
            None => vec![everything()],
            Some(rules) => {
                if rules.is_empty() {
                    problems.push(Problem::new(
                        "rule",
                        "the list is empty, so nothing could be opened; leave it out to want a sign-in everywhere",
                    ));
                }
                rules
                    .into_iter()
                    .enumerate()
                    .map(|(at, rule)| read_rule(at, rule, (everything(), &raw.login_params), &mut problems))
                    .collect()
            }
        };
        let headers = match raw.headers {
            None => headers::usual(),
            Some(map) => {
                map.into_iter().filter_map(|(name, header)| headers::read(name, header, &mut problems)).collect()
            }
        };
        for (at, rule) in
            rules.iter().enumerate().filter(|(_, rule)| idle_secs < rule.revalidate_secs.saturating_mul(2))
        {
            // A value taken over from the session is reported there.
            if rule.revalidate_secs != revalidate_secs {
                let what = "must be at most half of session.idle_secs, because use is seen when a session is looked up";
                problems.push(Problem::new(format!("rule[{at}].revalidate_secs"), what));
            }
        }
        let header_cap_bytes = raw.header_cap_bytes.unwrap_or(HEADER_CAP_BYTES);
        if !(64..=16_384).contains(&header_cap_bytes) {
            problems.push(Problem::new("header_cap_bytes", "must be 64 to 16384"));
        }
        let strip_headers = strip::read_names("strip_headers", &raw.strip_headers, true, &mut problems);
        let pass_headers = strip::read_names("pass_headers", &raw.pass_headers, false, &mut problems);
        let login_ask = LoginAsk::read(raw.login_params).unwrap_or_else(|e| {
            problems.push(Problem::new("login_params", e.to_string()));
            LoginAsk::default()
        });
        let observes = factor.as_ref().is_none_or(|factor| factor.observe);
        for (at, rule) in rules.iter().enumerate() {
            let asked = rule.login_ask.as_ref().is_some_and(|ask| ask.asks_for_factor);
            if asked && !rule.proves_a_factor(observes) {
                let what = "asks for a factor, and the person can remove it from the address: add the factor or the require that proves it";
                problems.push(Problem::new(format!("rule[{at}].login_params"), what));
            }
        }
        let slo_sources = raw
            .slo
            .sources
            .iter()
            .filter_map(|text| {
                let network = Network::parse(text);
                if network.is_none() {
                    problems.push(Problem::new("slo.sources", format!("\"{text}\" is no address or network")));
                }
                network
            })
            .collect();
        if raw.token && !sites.is_empty() {
            problems.push(Problem::new("token", "stands in each [[site]] where there are any"));
        }
        let pages = pages::read(raw.pages, &mut problems);
        let values = AttributeValues::read(raw.attributes, &mut problems);
        let notations = read_notations(raw.cas.attributes, &mut problems);
        let peer = raw.peer.and_then(|peer| PeerHeader::read(&peer, &mut problems));
        if raw.deny_users.iter().flatten().any(|name| name.trim().is_empty()) {
            problems.push(Problem::new("deny_users", "holds an empty name"));
        }
        read_factor::check(&rules, factor.as_ref(), &cas_factors, (&sites, &values), &mut problems);
        if problems.is_empty() {
            Ok(Self {
                sites,
                rules,
                idle_secs,
                absolute_secs,
                revalidate_secs,
                grace_secs,
                max_socket_age_secs,
                headers,
                header_cap_bytes,
                strip_headers,
                pass_headers,
                clear_site_data: raw.session.clear_site_data,
                login_ask,
                slo_sources,
                slo_secret_path_only: raw.slo.secret_path_only,
                protocol: match raw.cas.protocol {
                    Some(raw::RawProtocol::Cas1) => Protocol::Cas1,
                    Some(raw::RawProtocol::Cas2) => Protocol::Cas2,
                    Some(raw::RawProtocol::Cas3) | None => Protocol::Cas3,
                },
                format: match raw.cas.format {
                    Some(raw::RawFormat::Json) => Format::Json,
                    Some(raw::RawFormat::Xml) | None => Format::Xml,
                },
                notations,
                factor,
                cas_factors,
                origin_auth: raw.origin_auth,
                pages,
                deny_users: raw.deny_users,
                values,
                token: raw.token,
                peer,
                hash: String::new(),
            })
        } else {
            Err(problems)
        }
    }
}

fn read_notations(raw: raw::RawNotations, problems: &mut Vec<Problem>) -> Notations {
    let has = |notation| raw.elements.contains(&notation);
    let mut read = Notations {
        inline: has(raw::RawElements::Inline),
        name_value: has(raw::RawElements::NameValue),
        children: has(raw::RawElements::Children),
        ..Notations::default()
    };
    if raw.lists.iter().chain(&raw.encoded).any(String::is_empty) {
        problems.push(Problem::new("cas.attributes", "holds an empty name of an attribute"));
    }
    if raw.lists.iter().any(|name| raw.encoded.contains(name)) {
        problems.push(Problem::new("cas.attributes.lists", "and encoded name one attribute: its text is one of both"));
    }
    (read.lists, read.encoded) = (raw.lists, raw.encoded);
    read
}

fn read_site(at: usize, raw: raw::RawSite, problems: &mut Vec<Problem>) -> Option<SitePolicy> {
    let Some(public) = base_url(&raw.public_url) else {
        problems.push(Problem::new(
            format!("site[{at}].public_url"),
            "must be https://host or http://localhost, without a path",
        ));
        return None;
    };
    let origin = Origin::parse(&raw.origin)
        .map_err(|what| problems.push(Problem::new(format!("site[{at}].origin"), what)))
        .ok()?;
    let id = raw.id.unwrap_or_else(|| host_of(&public).to_owned());
    if id.is_empty() || id.len() > 100 || id.chars().any(char::is_control) {
        problems.push(Problem::new(format!("site[{at}].id"), "must be 1 to 100 printable characters"));
    }
    if raw.cas_url.is_none() && raw.cas_validate_url.is_some() {
        problems.push(Problem::new(format!("site[{at}].cas_validate_url"), "needs cas_url beside it"));
    }
    let validate_url = raw.cas_validate_url.map(|addresses| addresses.into_vec().join(" "));
    let closed = raw.closed;
    if let Some(what) = closed.as_deref().and_then(closed_problem) {
        problems.push(Problem::new(format!("site[{at}].closed"), what));
    }
    Some(SitePolicy { id, public, origin, cas: raw.cas_url.map(|url| (url, validate_url)), closed, token: raw.token })
}

fn read_rule(
    at: usize,
    raw: RawRule,
    (base, login_params): (Rule, &BTreeMap<String, String>),
    problems: &mut Vec<Problem>,
) -> Rule {
    let mut say = |key: &str, what: String| problems.push(Problem::new(format!("rule[{at}].{key}"), what));
    let paths = raw.path.clone().into_vec();
    if paths.is_empty() {
        say("path", "names no path".into());
    }
    let mut patterns = Vec::new();
    for path in &paths {
        match read_pattern(path) {
            Ok(pattern) => patterns.push(pattern),
            Err(what) => say("path", format!("\"{path}\" {what}")),
        }
    }
    let methods: Vec<String> = raw.methods.clone().unwrap_or_default();
    if methods.iter().any(|method| method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')) {
        say("methods", "are written in capitals".into());
    }
    // HEAD is matched as GET, so a rule for HEAD alone would never match.
    if methods.iter().any(|method| method == "HEAD") && !methods.iter().any(|method| method == "GET") {
        say("methods", "HEAD goes with GET: name GET".into());
    }
    if methods.is_empty() && raw.methods.is_some() {
        say("methods", "is empty; leave it out for all".into());
    }
    let hosts = raw.hosts.clone().unwrap_or_default();
    if hosts.is_empty() && raw.hosts.is_some() {
        say("hosts", "is empty; leave it out for all".into());
    }
    for host in &hosts {
        if base_url(&format!("https://{host}")).is_none_or(|base| host_of(&base) != host) {
            say(
                "hosts",
                format!(
                    "\"{host}\" is no host as people type it: lower case, its port unless that is 443, and no more"
                ),
            );
        }
    }
    match (raw.access, raw.max_age_secs) {
        (RawAccess::Fresh, Some(0)) => {
            say("max_age_secs", "must be at least 1: no login is fresher, so each one would begin the next".into())
        }
        (RawAccess::Fresh, _) | (_, None) => {}
        (_, Some(_)) => say("max_age_secs", "is for access = \"fresh\"".into()),
    }
    let fresh = Some(raw.max_age_secs.unwrap_or(FRESH_SECS));
    let factor = read_factor::of_rule(&raw, base.requirement.factor.as_ref(), &mut say);
    let (requirement, identity) = match raw.access {
        RawAccess::Public => (Requirement::default(), false),
        RawAccess::Optional => (Requirement { factor, ..Requirement::default() }, true),
        RawAccess::Login => (Requirement { factor, ..Requirement::LOGIN }, true),
        RawAccess::Fresh => (Requirement { fresh, factor, ..Requirement::LOGIN }, true),
    };
    let mut conditions = Vec::new();
    for (attribute, values) in raw.require.unwrap_or_default() {
        let values = values.into_vec();
        if values.is_empty() || attribute.is_empty() {
            say("require", "an attribute needs a name and at least one value".into());
        }
        conditions.push(Condition { attribute, values });
    }
    if !conditions.is_empty() && !requirement.login {
        say("require", "is for access = \"login\" or \"fresh\"".into());
    }
    let cache = raw.cache.unwrap_or(false);
    if cache && identity {
        say("cache", "is for access = \"public\" alone: a personal page belongs in no shared cache".into());
    }
    let origin = match raw.origin.as_deref().map(Origin::parse) {
        Some(Ok(origin)) => Some(origin),
        Some(Err(what)) => {
            say("origin", what);
            None
        }
        None => None,
    };
    let app = raw.app;
    if app.as_ref().is_some_and(|app| app.is_empty() || app.len() > 100) {
        say("app", "must be 1 to 100 characters".into());
    }
    if app.is_some() && origin.is_none() {
        say("app", "names the app of an origin of the rule's own; the site's app has the site's id".into());
    }
    let strip_prefix = raw.strip_prefix.unwrap_or(false);
    if strip_prefix && !patterns.iter().all(|pattern| matches!(pattern, Pattern::Folder(folder) if !folder.is_empty()))
    {
        say("strip_prefix", "wants paths of the form /folder/*".into());
    }
    let asks = requirement.factor.as_ref().is_some_and(|asked| asked.mode == Mode::Required);
    let strict = !conditions.is_empty() || requirement.fresh.is_some() || asks;
    let browser_cache = match (raw.no_store.unwrap_or(false), raw.browser_cache) {
        (true, Some(_)) => {
            say("browser_cache", "says the opposite of no_store".into());
            BrowserCache::NoStore
        }
        (true, None) => BrowserCache::NoStore,
        (false, Some(raw::RawBrowserCache::App)) => BrowserCache::App,
        (false, None) if strict => BrowserCache::Revalidate,
        (false, None) => BrowserCache::RevalidatePages,
    };
    if !requirement.login && !identity && (raw.no_store.is_some() || raw.browser_cache.is_some()) {
        say("browser_cache", "and no_store are for personal answers, which a public rule has none of".into());
    }
    let close_on_revoke = raw.close_on_revoke.unwrap_or(false);
    if close_on_revoke && !identity {
        say("close_on_revoke", "is for sessions, which a public rule does not look at".into());
    }
    let (spa, keep_post) = (raw.spa.unwrap_or(false), raw.keep_post.unwrap_or(false));
    if spa && !identity {
        say("spa", "is for pages that begin a sign-in, which a public rule does not".into());
    }
    if keep_post && !requirement.login {
        say("keep_post", "is for access = \"login\" or \"fresh\"".into());
    }
    if keep_post && !methods.is_empty() && !methods.iter().any(|method| method == "POST") {
        say("keep_post", "is for POST, which methods does not name".into());
    }
    if let Some(what) = raw.closed.as_deref().and_then(closed_problem) {
        say("closed", what.into());
    }
    let login_ask = (!raw.login_params.is_empty())
        .then(|| LoginAsk::over(login_params, raw.login_params).map_err(|e| say("login_params", e.to_string())).ok())
        .flatten();
    if login_ask.is_some() && !identity {
        say("login_params", "is for pages that begin a sign-in, which a public rule does not".into());
    }
    Rule {
        patterns,
        hosts,
        methods,
        requirement,
        identity,
        conditions,
        origin,
        app,
        strip_prefix,
        cache,
        browser_cache,
        close_on_revoke,
        revalidate_secs: raw.revalidate_secs.unwrap_or(base.revalidate_secs),
        grace_secs: raw.revalidate_grace_secs.unwrap_or(base.grace_secs),
        spa,
        keep_post,
        closed: raw.closed,
        login_ask,
    }
}

/// A closed page shows the sentence as it is.
fn closed_problem(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() || text.chars().count() > MAX_CLOSED_LETTERS {
        return Some("must be a sentence of at most 300 letters");
    }
    text.chars().any(cas::is_unseen).then_some("holds a control, format or direction character")
}

fn read_pattern(path: &str) -> Result<Pattern, &'static str> {
    let (plain, folder) = match path.strip_suffix("/*") {
        Some(folder) => (folder, true),
        None => (path, false),
    };
    if !path.starts_with('/') {
        return Err("must begin with /");
    }
    if plain.bytes().any(|b| {
        matches!(b, b'*' | b'?' | b'#' | b'^' | b'$' | b'|' | b'(' | b')' | b'[' | b']' | b'\\' | b'%' | b';')
            || b <= b' '
    }) {
        return Err("may end in /*, but is no pattern otherwise: no *, ?, ;, % or regular expression elsewhere");
    }
    if plain == "/.portcullis" || plain.starts_with(crate::http::path::INTERNAL_PREFIX) {
        return Err("is the gate's own");
    }
    let whole = if plain.is_empty() { "/" } else { plain };
    let normal = crate::http::path::Target::parse(whole).is_some_and(|target| target.normal() == whole.as_bytes());
    if !normal {
        return Err("is not in its simplest form: no doubled slash, no dot segment");
    }
    Ok(if folder { Pattern::Folder(plain.to_owned()) } else { Pattern::Exact(plain.to_owned()) })
}
