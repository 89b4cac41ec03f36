//! Cookies: ours are removed from requests and added to responses; an app's are left alone.

/// The names of one site's cookies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieNames {
    /// The session cookie.
    pub session: String,
    /// Prefix of a flight's cookie; the flight's id follows.
    pub flight: String,
    /// Set after a passive login without a session, so that it is not repeated at once.
    pub passive_checked: String,
    /// Prefix of the cookie of a request to the portal, at the site and at the portal; the request's id follows.
    pub request: String,
    /// Marks a browser in which a second factor was given.
    pub device: String,
    secure: bool,
}

impl CookieNames {
    /// On https, names with the `__Host-` prefix (RFC 6265bis section 4.1.3.2). On http, which only `localhost` may use,
    /// names that contain the port: all ports of a host share its cookies.
    pub fn new(public: &str) -> Self {
        let host = crate::http::address::host_of(public);
        if public.starts_with("https://") {
            let name = |name: &str| format!("__Host-portcullis{name}");
            Self {
                session: name(""),
                flight: name("-f-"),
                passive_checked: name("-asked"),
                request: name("-r-"),
                device: name("-device"),
                secure: true,
            }
        } else {
            let port = host.rsplit_once(':').map_or(String::new(), |(_, port)| format!("-{port}"));
            let name = |name: &str| format!("portcullis{port}{name}");
            Self {
                session: name(""),
                flight: name("-f-"),
                passive_checked: name("-asked"),
                request: name("-r-"),
                device: name("-device"),
                secure: false,
            }
        }
    }

    /// Whether the gate uses this name.
    pub fn is_ours(&self, name: &str) -> bool {
        let known = name == self.session || name == self.passive_checked || name == self.device;
        known || name.starts_with(&self.flight) || name.starts_with(&self.request)
    }

    /// A `Set-Cookie` value.
    pub fn set(&self, name: &str, value: &str, max_age_secs: Option<u64>) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = max_age_secs.map_or(String::new(), |secs| format!("; Max-Age={secs}"));
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }

    /// A `Set-Cookie` value that deletes a cookie.
    pub fn clear(&self, name: &str) -> String {
        self.set(name, "", Some(0))
    }
}

/// Names and values of the `Cookie` headers, in order. Split at `;` only: a sibling host may set
/// `x="1,__Host-portcullis=…"` for the whole domain, and a split at commas would read our cookie from it.
pub fn pairs<'h, 'a: 'h>(headers: &'h [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> + 'h {
    headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, value)| value.split(';'))
        .filter_map(|pair| pair.trim_ascii().split_once('='))
}

/// The cookies that are for the app, byte for byte; `None` when the request has none of ours, so nothing need change.
pub fn without_ours(names: &CookieNames, headers: &[(&str, &str)]) -> Option<String> {
    let mut ours = false;
    let mut rest = String::new();
    for (_, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
        for pair in value.split(';') {
            // Platforms join two `Cookie` headers by a comma, which may also be part of somebody's value.
            let is_ours = |part: &&str| {
                let part = part.trim_ascii();
                names.is_ours(part.split_once('=').map_or(part, |(name, _)| name).trim_ascii())
            };
            let kept = if pair.split(',').any(|part| is_ours(&part)) {
                ours = true;
                pair.split(',').filter(|part| !is_ours(part)).collect::<Vec<_>>().join(",")
            } else {
                pair.to_owned()
            };
            let kept = kept.trim_ascii();
            if !kept.is_empty() {
                if !rest.is_empty() {
                    rest.push_str("; ");
                }
                rest.push_str(kept);
            }
        }
    }
    ours.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_never_reach_the_app_and_others_stay() {
        let names = CookieNames::new("https://app.example.org");
        let rest = |cookie: &str| without_ours(&names, &[("cookie", cookie)]);
        assert_eq!(
            rest("a=1; __Host-portcullis=x; b=\"2, 3\"; __Host-portcullis-f-abc=y").as_deref(),
            Some("a=1; b=\"2, 3\"")
        );
        assert_eq!(rest("__Host-portcullis=x").as_deref(), Some(""));
        assert_eq!(rest("a=1, __Host-portcullis=x; b=2, 3").as_deref(), Some("a=1; b=2, 3"));
        assert_eq!(rest("a=1; b"), None);
        assert_eq!(rest("a=1; __Host-portcullis").as_deref(), Some("a=1"));
    }

    #[test]
    fn a_plain_name_only_on_http_and_with_its_port() {
        assert_eq!(CookieNames::new("http://localhost:8787").session, "portcullis-8787");
        let names = CookieNames::new("https://a.example");
        assert_eq!(names.set(&names.session, "v", None), "__Host-portcullis=v; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(names.clear("x").ends_with("Max-Age=0"));
    }
}
