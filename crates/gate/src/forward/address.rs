//! Addresses between two worlds: what people type, and what the app calls itself.

use crate::http::address::host_of;

/// What is needed to map an address, for one app under one rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addresses<'a> {
    /// Hosts (with port, where it is no default) by which the app may call itself, separated by spaces.
    pub app: &'a str,
    /// Scheme and host that people type.
    pub public: &'a str,
    /// The folder that is cut off before the app sees a path; empty for none.
    pub prefix: &'a str,
}

/// Splits `scheme://authority/rest` or `//authority/rest` at the end of the authority. The scheme, `http` or `https` in
/// any case, is of no interest: an app believes `http` where TLS ends before it.
pub(crate) fn split_absolute(address: &str) -> Option<(&str, &str)> {
    let after = |scheme: &'static str| {
        let (head, rest) = address.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some((rest, scheme))
    };
    let (rest, scheme) = after("https://").or_else(|| after("http://")).or_else(|| after("//"))?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let default_port = if scheme == "https://" { ":443" } else { ":80" };
    Some((authority.strip_suffix(default_port).unwrap_or(authority), rest))
}

/// The hosts by which an app calls itself: its own, the site's name with the app's port (a web server that writes its own
/// port into redirects), and the site's.
pub(crate) fn app_hosts(app: Option<&str>, public: &str) -> String {
    let site = host_of(public);
    let mut hosts = vec![site.to_owned()];
    if let Some(app) = app.map(host_of) {
        hosts.push(app.to_owned());
        let port = |host: &str| {
            host.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']')).map(str::to_owned)
        };
        let name = site.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(site, |(name, _)| name);
        hosts.extend(port(app).map(|port| format!("{name}:{port}")));
    }
    base::order::sort_short(&mut hosts, |one, next| one < next);
    hosts.dedup();
    hosts.join(" ")
}

impl Addresses<'_> {
    /// An address of the app's answer as people know it; `None` when it stays. What changes is always written whole: a
    /// prefix joined to a path could name another host (`//evil`). A path alone stays, because the app may know its
    /// folder from `X-Forwarded-Prefix`; and so does an address on another host.
    pub fn to_public(&self, address: &str) -> Option<String> {
        let (authority, rest) = split_absolute(address)?;
        if !self.app.split(' ').any(|known| known.eq_ignore_ascii_case(authority)) {
            return None;
        }
        if !(rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
            return None;
        }
        // An app that knows its folder writes it into addresses of the public host itself.
        let in_folder =
            rest.strip_prefix(self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        let knows = authority.eq_ignore_ascii_case(host_of(self.public)) && in_folder;
        let prefix = if knows { "" } else { self.prefix };
        let mapped = format!("{}{prefix}{rest}", self.public);
        (mapped != address).then_some(mapped)
    }

    /// `Refresh: 5; url=…` with its address mapped as by [`Addresses::to_public`], its spelling kept; `None` when it stays.
    pub fn refresh_to_public(&self, value: &str) -> Option<String> {
        let mut at = value.find([';', ','])? + 1;
        let skip = |at: usize| at + value.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        at = skip(at);
        if value.get(at..at + 3).is_some_and(|word| word.eq_ignore_ascii_case("url")) {
            let equals = skip(at + 3);
            if value.get(equals..)?.starts_with('=') {
                at = skip(equals + 1);
            }
        }
        let rest = value.get(at..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let from = at + usize::from(quote.is_some());
        let rest = value.get(from..)?;
        let address = quote.and_then(|quote| rest.split(quote).next()).unwrap_or(rest);
        let mapped = self.to_public(address)?;
        Some(format!("{}{mapped}{}", value.get(..from)?, value.get(from + address.len()..)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIRECTS: &str = include_str!("../../../../tests/vectors/redirects.txt");

    #[test]
    fn an_address_shows_the_public_host_and_never_the_apps_own() {
        let app = app_hosts(Some("http://127.0.0.1:9000"), "https://app.example.org");
        assert_eq!(app, "127.0.0.1:9000 app.example.org app.example.org:9000");
        let whole = Addresses { app: &app, public: "https://app.example.org", prefix: "" };
        let folder = Addresses { prefix: "/ng", ..whole };
        for (address, want, in_folder) in [
            ("http://127.0.0.1:9000", Some("https://app.example.org"), Some("https://app.example.org/ng")),
            (
                "http://127.0.0.1:9000/a?b#c",
                Some("https://app.example.org/a?b#c"),
                Some("https://app.example.org/ng/a?b#c"),
            ),
            ("HTTP://127.0.0.1:9000/a", Some("https://app.example.org/a"), Some("https://app.example.org/ng/a")),
            ("https://127.0.0.1:9000/a", Some("https://app.example.org/a"), Some("https://app.example.org/ng/a")),
            ("//127.0.0.1:9000/a", Some("https://app.example.org/a"), Some("https://app.example.org/ng/a")),
            ("http://127.0.0.1:9000?x", Some("https://app.example.org?x"), Some("https://app.example.org/ng?x")),
            ("http://app.example.org:9000/a", Some("https://app.example.org/a"), Some("https://app.example.org/ng/a")),
            ("http://app.example.org:80/a", Some("https://app.example.org/a"), Some("https://app.example.org/ng/a")),
            ("https://app.example.org/a", None, Some("https://app.example.org/ng/a")),
            ("https://app.example.org/ng/a", None, None),
            ("http://app.example.org/ng", Some("https://app.example.org/ng"), Some("https://app.example.org/ng")),
            ("https://app.example.org/nginx", None, Some("https://app.example.org/ng/nginx")),
            ("http://127.0.0.1:90001/a", None, None),
            ("http://127.0.0.1:9000.evil.example/", None, None),
            ("http://127.0.0.1:9000@evil.example/", None, None),
            ("http://127.0.0.1:9000\\@evil.example/", None, None),
            ("http://127.0.0.1:9/", None, None),
            ("/a", None, None),
            ("/ng/a", None, None),
            ("a", None, None),
            ("", None, None),
            ("https://elsewhere.example/http://127.0.0.1:9000", None, None),
        ] {
            assert_eq!(whole.to_public(address).as_deref(), want, "{address}");
            assert_eq!(folder.to_public(address).as_deref(), in_folder, "{address} in a folder");
        }
    }

    #[test]
    fn o01_nothing_behind_the_apps_address_becomes_another_host() {
        let app = app_hosts(Some("http://127.0.0.1:9000"), "https://app.example.org");
        for prefix in ["", "/ng"] {
            let addresses = Addresses { app: &app, public: "https://app.example.org", prefix };
            for form in [
                "http://127.0.0.1:9000",
                "HTTP://127.0.0.1:9000",
                "//127.0.0.1:9000",
                "https://app.example.org:9000",
                "https://app.example.org",
            ] {
                for payload in REDIRECTS.lines() {
                    if let Some(mapped) = addresses.to_public(&format!("{form}{payload}")) {
                        let rest = mapped.strip_prefix("https://app.example.org").unwrap();
                        assert!(rest.is_empty() || rest.starts_with(['/', '?', '#']), "{mapped}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_refresh_keeps_its_spelling_around_the_address() {
        let app = app_hosts(Some("http://127.0.0.1:9000"), "https://a.example");
        let addresses = Addresses { app: &app, public: "https://a.example", prefix: "" };
        for (value, want) in [
            ("0; url=http://127.0.0.1:9000/x", Some("0; url=https://a.example/x")),
            ("5;URL=http://127.0.0.1:9000/next", Some("5;URL=https://a.example/next")),
            ("5, url = 'http://127.0.0.1:9000/a b' ", Some("5, url = 'https://a.example/a b' ")),
            ("5;http://127.0.0.1:9000/x", Some("5;https://a.example/x")),
            ("5; url=/x", None),
            ("5; url=\"http://elsewhere.example/\"", None),
            ("5", None),
            ("5;", None),
            ("", None),
            ("5; urlé", None),
        ] {
            assert_eq!(addresses.refresh_to_public(value).as_deref(), want, "{value}");
        }
    }

    #[test]
    fn an_ipv6_site_and_app_have_no_port_by_their_bracket() {
        assert_eq!(app_hosts(Some("http://[::1]:9000"), "http://[::1]:8787"), "[::1]:8787 [::1]:9000");
        assert_eq!(app_hosts(Some("http://[::1]"), "https://a.example"), "[::1] a.example");
        assert_eq!(app_hosts(None, "https://a.example"), "a.example");
    }
}
