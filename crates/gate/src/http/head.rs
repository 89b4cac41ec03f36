//! The head of a request as text: the request line, then one header a line. Test rows use the same form.

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// The method, as sent.
    pub method: &'a str,
    /// Host and port of the request URL without a default port; never from a forwarded header.
    pub host: &'a str,
    /// Path and query, byte for byte.
    pub target: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

/// The kind of client, from headers that a browser sets and a page's script cannot change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A page load that can be redirected to a login.
    Page,
    /// A page load by POST: after a login it could not be repeated.
    Submit,
    /// A script, an image, a prefetch or a program: a redirect would be useless or harmful.
    Script,
}

impl<'a> Head<'a> {
    /// Reads `METHOD http://host/path?query`, or `METHOD /path?query` with a `host` header, then `name: value` lines.
    /// `None` without such a first line.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (method, address) = lines.next()?.split_once(' ')?;
        let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        let (host, target) = match rest {
            Some(rest) => match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, "/"),
            },
            None => (headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"))?.1, address),
        };
        let default_port = if address.starts_with("https:") { ":443" } else { ":80" };
        Some(Self { method, host: host.strip_suffix(default_port).unwrap_or(host), target, headers })
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// All headers, in their order.
    pub fn headers(&self) -> &[(&'a str, &'a str)] {
        &self.headers
    }

    /// The kind of client. Only a page load by GET, without prefetch, may begin a login.
    pub fn caller(&self) -> Caller {
        let is = |name: &str, want: &str| self.header(name).is_some_and(|value| value.eq_ignore_ascii_case(want));
        let foretold = ["sec-purpose", "purpose", "x-moz", "x-purpose"].iter().any(|name| {
            self.header(name).is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                value.contains("prefetch") || value.contains("prerender") || value.contains("preview")
            })
        });
        let page = match self.header("sec-fetch-dest") {
            Some(dest) => dest == "document" && self.header("sec-fetch-mode").is_none_or(|mode| mode == "navigate"),
            None => self.header("accept").is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html")),
        };
        if !page || foretold || is("x-requested-with", "XMLHttpRequest") || self.header("upgrade").is_some() {
            Caller::Script
        } else if self.method == "GET" {
            Caller::Page
        } else if self.method == "POST" {
            Caller::Submit
        } else {
            Caller::Script
        }
    }

    /// Whether a page of `origin` itself sent the request, by `Sec-Fetch-Site`, else by `Origin`.
    pub fn is_from(&self, origin: &str) -> bool {
        match self.header("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => self.header("origin") == Some(origin),
        }
    }

    /// Whether a person navigated here by a link of this site or by the address bar.
    pub fn is_own_navigation(&self) -> bool {
        self.header("sec-fetch-dest") == Some("document")
            && matches!(self.header("sec-fetch-site"), Some("same-origin" | "none"))
    }
}

/// Never reach an app: TRACE echoes our headers, CONNECT opens tunnels.
pub(crate) fn is_forbidden_method(method: &str) -> bool {
    matches!(method, "TRACE" | "TRACK" | "CONNECT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_the_first_line() {
        let head = Head::parse("GET https://app.example.org:443/a?b=1\naccept: text/html").unwrap();
        assert_eq!((head.method, head.host, head.target), ("GET", "app.example.org", "/a?b=1"));
        let head = Head::parse("GET /a\nHost: app.example.org").unwrap();
        assert_eq!((head.host, head.target), ("app.example.org", "/a"));
        assert_eq!(Head::parse("GET http://localhost:8787").unwrap().target, "/");
        assert!(Head::parse("nonsense").is_none());
        assert!(Head::parse("").is_none());
    }

    #[test]
    fn g04_s18_only_a_page_load_is_a_page() {
        let caller = |lines: &str| Head::parse(&format!("GET http://h/\n{lines}")).unwrap().caller();
        assert_eq!(caller("accept: text/html,*/*"), Caller::Page);
        assert_eq!(caller("sec-fetch-dest: document\nsec-fetch-mode: navigate"), Caller::Page);
        for script in [
            "accept: */*",
            "accept: application/json",
            "accept: text/event-stream",
            "sec-fetch-dest: empty\naccept: text/html",
            "sec-fetch-dest: iframe\nsec-fetch-mode: navigate\naccept: text/html",
            "sec-fetch-dest: document\nsec-fetch-mode: navigate\nsec-purpose: prefetch;prerender",
            "accept: text/html\nupgrade: websocket",
            "accept: text/html\nx-requested-with: XMLHttpRequest",
            "",
        ] {
            assert_eq!(caller(script), Caller::Script, "{script}");
        }
    }
}
