//! The response of the app: headers removed and headers changed. The adapter asks for each header and may cache an answer
//! that depends on the header's text alone.

use crate::policy::BrowserCache;

/// What becomes of a header of the app's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseHeader {
    /// Forwarded as it is.
    Keep,
    /// Its value is an address: asked of [`Addresses::to_public`](super::address::Addresses::to_public).
    Address,
    /// Asked of [`Addresses::refresh_to_public`](super::address::Addresses::refresh_to_public).
    Refresh,
    /// Each value is asked of [`confined_cookie`].
    SetCookie,
    /// On a personal page, its value is asked of [`personal_cache_control`].
    CacheControl,
    /// Removed on a personal page: it lets a shared cache store the response whatever `Cache-Control` says.
    DropIfPrivate,
}

impl ResponseHeader {
    /// A stable name for the adapter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Address => "address",
            Self::Refresh => "refresh",
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
        8 if is("location") => ResponseHeader::Address,
        16 if is("content-location") => ResponseHeader::Address,
        7 if is("refresh") => ResponseHeader::Refresh,
        10 if is("set-cookie") => ResponseHeader::SetCookie,
        13 if is("cache-control") => ResponseHeader::CacheControl,
        _ if SHARED_CACHE_HEADERS.iter().any(|known| is(known)) => ResponseHeader::DropIfPrivate,
        _ => ResponseHeader::Keep,
    }
}

/// A cookie that the app sets, without a `Domain` attribute, so that it stays on this host; `None` for one whose name is
/// kept for the gate, in any case.
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

/// `Cache-Control` of a personal answer: no shared cache keeps it, whatever the app says, and the browser asks again each
/// time where `cache` says so, because the next person at it must not be shown it. Without the header, `control` is empty.
pub fn personal_cache_control(control: &str, content_type: &str, cache: BrowserCache) -> String {
    let directives = || control.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    let name = |directive: &str| directive.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let is_shared = |directive: &str| SHARED_CACHE_DIRECTIVES.contains(&name(directive).as_str());
    if directives().any(|directive| name(directive) == "no-store") {
        return control.to_owned();
    }
    if cache == BrowserCache::NoStore {
        return "no-store".to_owned();
    }
    let revalidated =
        cache == BrowserCache::Revalidate || cache == BrowserCache::RevalidatePages && is_page(content_type);
    // `no-cache="a-field"` and `private="a-field"` speak of that field alone (RFC 9111 section 5.2.2).
    let says = |whole: &str| directives().any(|directive| directive.eq_ignore_ascii_case(whole));
    if says("private") && !directives().any(is_shared) && (!revalidated || says("no-cache")) {
        return control.to_owned();
    }
    let mut out = String::from("private");
    if revalidated {
        out.push_str(", no-cache");
    }
    let dropped = |directive: &str| {
        name(directive) == "private" || is_shared(directive) || revalidated && name(directive) == "no-cache"
    };
    for directive in directives().filter(|directive| !dropped(directive)) {
        out.push_str(", ");
        out.push_str(directive);
    }
    out
}

/// Types in which an app writes what is personal.
fn is_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/json", "application/pdf"].iter().any(|page| kind.eq_ignore_ascii_case(page))
}

/// Whether an app's answer of this status can be passed on. Others are invalid (RFC 9110 section 15), and the platform
/// makes no answer of them; 101 is one only to a request that asked for an upgrade.
pub fn passes_status(status: u16, upgrade: bool) -> bool {
    (200..=599).contains(&status) || status == 101 && upgrade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_for_shared_caches_go_and_others_stay() {
        for (name, want) in [
            ("location", ResponseHeader::Address),
            ("Set-Cookie", ResponseHeader::SetCookie),
            ("cache-control", ResponseHeader::CacheControl),
            ("CDN-Cache-Control", ResponseHeader::DropIfPrivate),
            ("cloudflare-cdn-cache-control", ResponseHeader::DropIfPrivate),
            ("surrogate-control", ResponseHeader::DropIfPrivate),
            ("surrogate-key", ResponseHeader::DropIfPrivate),
            ("cache-tag", ResponseHeader::DropIfPrivate),
            ("x-accel-expires", ResponseHeader::DropIfPrivate),
            ("edge-control", ResponseHeader::DropIfPrivate),
            ("Content-Location", ResponseHeader::Address),
            ("refresh", ResponseHeader::Refresh),
            ("etag", ResponseHeader::Keep),
            ("x-cache-tag", ResponseHeader::Keep),
            ("", ResponseHeader::Keep),
            // As long as the names that are looked at.
            ("x-other", ResponseHeader::Keep),
            ("x-others", ResponseHeader::Keep),
            ("x-other-on", ResponseHeader::Keep),
            ("x-other-ones2", ResponseHeader::Keep),
            ("x-other-header-x", ResponseHeader::Keep),
        ] {
            assert_eq!(response_header(name), want, "{name}");
        }
    }

    #[test]
    fn what_becomes_of_a_header_has_a_stable_word() {
        use ResponseHeader::{Address, CacheControl, DropIfPrivate, Keep, Refresh, SetCookie};
        let words = [Keep, Address, Refresh, SetCookie, CacheControl, DropIfPrivate].map(ResponseHeader::as_str);
        assert_eq!(words, ["keep", "address", "refresh", "set-cookie", "cache-control", "drop-if-private"]);
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
    fn k02_a_personal_answer_is_kept_by_no_shared_cache() {
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
            assert_eq!(personal_cache_control(control, "", BrowserCache::RevalidatePages), want, "{control}");
            assert_eq!(personal_cache_control(control, "text/html", BrowserCache::App), want, "{control}");
        }
    }

    #[test]
    fn k05_a_browser_asks_for_personal_pages_again() {
        use BrowserCache::{App, NoStore, Revalidate, RevalidatePages};
        for (control, kind, cache, want) in [
            ("", "text/html; charset=utf-8", RevalidatePages, "private, no-cache"),
            ("max-age=60", "Application/JSON", RevalidatePages, "private, no-cache, max-age=60"),
            ("private, max-age=60", "application/pdf", RevalidatePages, "private, no-cache, max-age=60"),
            ("private, no-cache", "text/html", RevalidatePages, "private, no-cache"),
            ("no-cache", "text/html", RevalidatePages, "private, no-cache"),
            ("no-cache=\"set-cookie\"", "text/html", RevalidatePages, "private, no-cache"),
            ("no-store", "text/html", RevalidatePages, "no-store"),
            ("private, max-age=60", "text/css", RevalidatePages, "private, max-age=60"),
            ("private, max-age=60", "text/css", Revalidate, "private, no-cache, max-age=60"),
            ("private, max-age=60", "text/html", App, "private, max-age=60"),
            ("public, max-age=60", "text/css", NoStore, "no-store"),
        ] {
            assert_eq!(personal_cache_control(control, kind, cache), want, "{control} {kind} {cache:?}");
        }
    }

    #[test]
    fn a_status_that_is_none_is_not_passed_on() {
        for (status, upgrade, want) in [
            (200, false, true),
            (599, false, true),
            (304, false, true),
            (418, false, true),
            (600, false, false),
            (999, true, false),
            (199, false, false),
            (100, false, false),
            (0, false, false),
            (101, true, true),
            (101, false, false),
        ] {
            assert_eq!(passes_status(status, upgrade), want, "{status}");
        }
    }
}
