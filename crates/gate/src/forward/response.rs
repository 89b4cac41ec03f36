//! The response of the app: headers removed and headers changed. The adapter asks for each header and may cache an answer
//! that depends on the header's text alone.

/// The treatment of a response header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseHeader {
    /// Forwarded as it is.
    Keep,
    /// Mapped by [`public_location`].
    Location,
    /// Each value is confined by [`confined_cookie`].
    SetCookie,
    /// Rewritten by [`private_cache_control`] on a personal page.
    CacheControl,
    /// Removed on a personal page: it lets a shared cache store the response whatever `Cache-Control` says.
    DropIfPrivate,
}

impl ResponseHeader {
    /// A stable name for the adapter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Location => "location",
            Self::SetCookie => "set-cookie",
            Self::CacheControl => "cache-control",
            Self::DropIfPrivate => "drop-if-private",
        }
    }
}

/// Headers for one kind of shared cache (RFC 9213, and older ones of CDNs).
const SHARED_CACHE_HEADERS: [&str; 7] = [
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
    "surrogate-key",
    "cache-tag",
    "x-accel-expires",
    "edge-control",
];
/// Directives by which a shared cache may keep or reuse an answer (RFC 9111 section 5.2.2, RFC 5861).
const SHARED_CACHE_DIRECTIVES: [&str; 6] =
    ["public", "s-maxage", "proxy-revalidate", "stale-while-revalidate", "stale-if-error", "must-understand"];

/// The treatment of a header with this name, without regard to case.
pub fn response_header(name: &str) -> ResponseHeader {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match name.len() {
        8 if is("location") => ResponseHeader::Location,
        10 if is("set-cookie") => ResponseHeader::SetCookie,
        13 if is("cache-control") => ResponseHeader::CacheControl,
        _ if SHARED_CACHE_HEADERS.iter().any(|known| is(known)) => ResponseHeader::DropIfPrivate,
        _ => ResponseHeader::Keep,
    }
}

/// `Location` with the app's scheme and host replaced by the public ones; `None` when it needs no change. A relative
/// reference, another host, and a host that merely begins like the app's stay.
pub fn public_location(location: &str, origin_base: &str, public: &str) -> Option<String> {
    if origin_base == public {
        return None;
    }
    // A network-path reference has no scheme (RFC 3986 section 4.2).
    let without_scheme = origin_base.split_once(':').map_or(origin_base, |(_, rest)| rest);
    let rest = location.strip_prefix(origin_base).or_else(|| location.strip_prefix(without_scheme))?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then(|| format!("{public}{rest}"))
}

/// A cookie of the app without its `Domain` attribute, so that it stays on this host; `None` for a name that is reserved
/// for the gate, without regard to case.
pub fn confined_cookie(cookie: &str, cookie_prefix: &str) -> Option<String> {
    let (pair, attributes) = match cookie.split_once(';') {
        Some((pair, attributes)) => (pair, Some(attributes)),
        None => (cookie, None),
    };
    // A browser returns a nameless cookie as its bare value, so `=ours=x` would come back as ours.
    let name = pair.trim_start_matches(|c: char| c.is_whitespace() || c == '=').split('=').next().unwrap_or_default();
    if name.trim().get(..cookie_prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(cookie_prefix)) {
        return None;
    }
    let mut out = pair.to_owned();
    let is_domain =
        |attribute: &&str| attribute.split('=').next().unwrap_or_default().trim().eq_ignore_ascii_case("domain");
    for attribute in attributes.into_iter().flat_map(|list| list.split(';')).filter(|attribute| !is_domain(attribute)) {
        out.push(';');
        out.push_str(attribute);
    }
    Some(out)
}

/// `Cache-Control` of a personal page, always private. `control` is empty without the header.
pub fn private_cache_control(control: &str) -> String {
    let directives = || control.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    let name = |directive: &str| directive.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let is_shared = |directive: &str| SHARED_CACHE_DIRECTIVES.contains(&name(directive).as_str());
    // `private="a-field"` restricts only that field (RFC 9111 section 5.2.2.7).
    let is_private = directives().any(|directive| directive.eq_ignore_ascii_case("private"));
    if directives().any(|directive| name(directive) == "no-store") || is_private && !directives().any(is_shared) {
        return control.to_owned();
    }
    let mut out = String::from("private");
    for directive in directives().filter(|directive| name(directive) != "private" && !is_shared(directive)) {
        out.push_str(", ");
        out.push_str(directive);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_for_shared_caches_go_and_others_stay() {
        for (name, want) in [
            ("location", ResponseHeader::Location),
            ("Set-Cookie", ResponseHeader::SetCookie),
            ("cache-control", ResponseHeader::CacheControl),
            ("CDN-Cache-Control", ResponseHeader::DropIfPrivate),
            ("cloudflare-cdn-cache-control", ResponseHeader::DropIfPrivate),
            ("surrogate-control", ResponseHeader::DropIfPrivate),
            ("surrogate-key", ResponseHeader::DropIfPrivate),
            ("cache-tag", ResponseHeader::DropIfPrivate),
            ("x-accel-expires", ResponseHeader::DropIfPrivate),
            ("edge-control", ResponseHeader::DropIfPrivate),
            ("content-location", ResponseHeader::Keep),
            ("etag", ResponseHeader::Keep),
            ("x-cache-tag", ResponseHeader::Keep),
            ("", ResponseHeader::Keep),
        ] {
            assert_eq!(response_header(name), want, "{name}");
        }
    }

    #[test]
    fn a_location_shows_the_public_host_and_never_the_apps_own() {
        let mapped = |location: &str| public_location(location, "http://127.0.0.1:9000", "https://app.example.org");
        for (location, want) in [
            ("http://127.0.0.1:9000", Some("https://app.example.org")),
            ("http://127.0.0.1:9000/a?b#c", Some("https://app.example.org/a?b#c")),
            ("//127.0.0.1:9000/a", Some("https://app.example.org/a")),
            ("http://127.0.0.1:9000?x", Some("https://app.example.org?x")),
            ("http://127.0.0.1:90001/a", None),
            ("http://127.0.0.1:9000.evil.example/", None),
            ("http://127.0.0.1:9000@evil.example/", None),
            ("https://127.0.0.1:9000/", None),
            ("/a", None),
            ("a", None),
            ("", None),
            ("https://elsewhere.example/http://127.0.0.1:9000", None),
        ] {
            assert_eq!(mapped(location).as_deref(), want, "{location}");
        }
        assert_eq!(public_location("https://a.example/x", "https://a.example", "https://a.example"), None);
    }

    #[test]
    fn an_app_sets_no_cookie_of_ours_and_none_beyond_its_host() {
        let confined = |cookie: &str| confined_cookie(cookie, "__Host-portcullis");
        for (cookie, want) in [
            ("a=1", Some("a=1")),
            ("a=1; Path=/; HttpOnly", Some("a=1; Path=/; HttpOnly")),
            ("a=1; Domain=example.org; Path=/", Some("a=1; Path=/")),
            ("a=1;DOMAIN = .example.org", Some("a=1")),
            ("a=1; domain", Some("a=1")),
            ("domain=1; Path=/", Some("domain=1; Path=/")),
            ("a=__Host-portcullis", Some("a=__Host-portcullis")),
            ("__Host-portcull=1", Some("__Host-portcull=1")),
            ("__Host-portcullis=1", None),
            ("__host-PORTCULLIS-f-x=1; Path=/", None),
            (" __Host-portcullis =1", None),
            ("=__Host-portcullis=1", None),
            ("= =__Host-portcullis", None),
            ("\t__Host-portcullis-asked=1", None),
            ("é=1; Domain=x", Some("é=1")),
            ("", Some("")),
        ] {
            assert_eq!(confined(cookie).as_deref(), want, "{cookie:?}");
        }
    }

    #[test]
    fn a_personal_page_is_kept_by_no_shared_cache() {
        for (control, want) in [
            ("", "private"),
            ("no-store", "no-store"),
            ("max-age=60, No-Store", "max-age=60, No-Store"),
            ("private, max-age=5", "private, max-age=5"),
            ("Private", "Private"),
            ("public, max-age=60", "private, max-age=60"),
            ("max-age=60", "private, max-age=60"),
            ("S-MaxAge=60, max-age=5", "private, max-age=5"),
            ("private=\"x\", max-age=5", "private, max-age=5"),
            ("private, public", "private"),
            ("private, must-understand", "private"),
            ("stale-while-revalidate=5, stale-if-error=5, proxy-revalidate, no-cache", "private, no-cache"),
            (" , ", "private"),
        ] {
            assert_eq!(private_cache_control(control), want, "{control}");
        }
    }
}
