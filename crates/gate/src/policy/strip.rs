//! Names of headers that a client may not send to an app.

use super::{Policy, Problem};

/// What the gate itself says about a request, in every spelling: never a client's to say, whatever a policy lets through.
const OWN_PREFIXES: [&str; 6] = ["remote-", "x-remote-", "x-forwarded-", "x-portcullis-", "cas-", "x-cas-"];
const OWN_NAMES: [&str; 27] = [
    "remote",
    "proxy", // CGI makes HTTP_PROXY of it, by which programs send their own requests elsewhere (CVE-2016-5385)
    "forwarded",
    "via-portcullis",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "cf-ipcountry",
    "cf-visitor",
    "cf-ray",
    "cf-ew-via",
    "x-original-url",
    "x-original-uri",
    "x-original-host",
    "x-rewrite-url",
    "x-original-method",
    "x-host",
    "x-user",
    "x-forwarded",
    "connection",
    "te",
    "proxy-authorization",
    "proxy-connection",
];
/// By which a request would be another one for the app than for the policy.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];
/// Identity headers of other products: an app that was set up for one of them would believe a client.
const FOREIGN_PREFIXES: [&str; 15] = [
    "x-webauth-",
    "x-auth-request-",
    "x-authentik-",
    "x-ssl-client-",
    "ssl-client-",
    "oidc-claim-",
    "x-pomerium-",
    "x-vouch-",
    "mellon-",
    "x-ms-client-principal",
    "x-amzn-oidc-",
    "x-goog-authenticated-user-",
    "tailscale-user-",
    "x-credential-",
    "x-consumer-",
];
const FOREIGN_NAMES: [&str; 8] = [
    "cf-access-authenticated-user-email",
    "x-authenticated-user",
    "auth-user",
    "x-proxy-user",
    "x-script-name",
    "client-ip",
    "x-client-cert",
    "x-arr-clientcert",
];

/// The one spelling of a name: lower case, every run of other characters as one `-`, and without the `HTTP_` that CGI puts
/// before a name (RFC 3875 section 4.1.18): some servers read all of these alike.
pub(crate) fn canonical(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            plain.push(c.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
    }
    let mut rest = plain.as_str();
    while let Some(bare) = rest.strip_prefix("http-") {
        rest = bare;
    }
    // `X-Http-Name` is read as `X-Name` by whoever drops `HTTP_` anywhere, but these three are names of their own.
    match rest.strip_prefix("x-http-") {
        Some(bare) if !METHOD_OVERRIDES.contains(&rest) => format!("x-{bare}"),
        _ => rest.to_owned(),
    }
}

/// Whether a name is one that only the gate says. A policy can neither map nor let through any of these.
pub(crate) fn is_own(canonical: &str) -> bool {
    let bare = canonical.trim_end_matches('-');
    OWN_PREFIXES.iter().any(|prefix| canonical.starts_with(prefix))
        || OWN_NAMES.contains(&bare)
        || METHOD_OVERRIDES.contains(&bare)
}

/// The names of a list of the policy, as [`canonical`] spells them.
pub(super) fn read_names(key: &str, names: &[String], prefixes: bool, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut read = |(at, name): (usize, &String)| {
        let mut fail = |what: &str| {
            problems.push(Problem::new(format!("{key}[{at}]"), format!("\"{name}\" {what}")));
            None
        };
        let (bare, star) = match name.strip_suffix('*').filter(|_| prefixes) {
            Some(bare) => (bare, "*"),
            None => (name.as_str(), ""),
        };
        let token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if bare.len() < 2 || bare.len() > 64 || !bare.bytes().all(token) {
            return fail("is no header's name: letters, digits and - only");
        }
        let plain = canonical(bare);
        if is_own(&plain) {
            return fail("is a header that only the gate sends");
        }
        Some(format!("{plain}{star}"))
    };
    names.iter().enumerate().filter_map(&mut read).collect()
}

/// Whether a header of this name is removed from every request.
pub(crate) fn is_stripped(name: &str, policy: &Policy) -> bool {
    let canonical = canonical(name);
    let bare = canonical.trim_end_matches('-');
    if is_own(&canonical) {
        return true;
    }
    // What the policy sets from attributes is never a client's, in any spelling.
    let is_set = |known: &str| bare == known || bare.strip_prefix("x-") == Some(known);
    if policy.peer.as_ref().is_some_and(|peer| peer.canonical() == bare) {
        return true;
    }
    if policy.headers.iter().any(|header| is_set(&self::canonical(&header.name))) {
        return true;
    }
    if policy.pass_headers.iter().any(|known| *known == bare) {
        return false;
    }
    let listed = |known: &String| match known.strip_suffix('*') {
        Some(prefix) => canonical.starts_with(prefix),
        None => *known == bare,
    };
    FOREIGN_PREFIXES.iter().any(|prefix| canonical.starts_with(prefix))
        || FOREIGN_NAMES.contains(&bare)
        || policy.strip_headers.iter().any(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Policy {
        Policy::parse(text).unwrap()
    }

    #[test]
    fn h01_every_spelling_of_a_name_is_one() {
        for (name, want) in [
            ("Remote-User", "remote-user"),
            ("REMOTE_USER", "remote-user"),
            ("remote.user", "remote-user"),
            ("HTTP_REMOTE_USER", "remote-user"),
            ("http-http-dept", "dept"),
            ("X-Http-Dept", "x-dept"),
            ("X_HTTP_DEPT", "x-dept"),
            ("X__Roles", "x-roles"),
            ("_Remote-User", "remote-user"),
            ("X-HTTP-Method-Override", "x-http-method-override"),
            ("department", "department"),
            ("", ""),
        ] {
            assert_eq!(canonical(name), want, "{name}");
        }
    }

    #[test]
    fn h14_identity_headers_of_other_products_go_and_an_apps_own_tokens_stay() {
        let policy = policy("");
        for name in [
            "X-WEBAUTH-USER",
            "x_auth_request_user",
            "X-Auth-Request-Email",
            "X-Authentik-Username",
            "X-SSL-Client-S-DN",
            "SSL_CLIENT_CERT",
            "OIDC_CLAIM_sub",
            "HTTP_OIDC_CLAIM_email",
            "X-Pomerium-Claim-Email",
            "X-Vouch-User",
            "MELLON_NAME_ID",
            "X-MS-CLIENT-PRINCIPAL",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "x-amzn-oidc-data",
            "X-Goog-Authenticated-User-Email",
            "Tailscale-User-Login",
            "X-Credential-Identifier",
            "X-Consumer-Username",
            "Cf-Access-Authenticated-User-Email",
            "X-Authenticated-User",
            "Auth-User",
            "X-Proxy-User",
            "X-Script-Name",
            "Client-IP",
            "X-Client-Cert",
            "X-ARR-ClientCert",
            "X-Forwarded-User",
            "X-Remote-User",
            "HTTP-Remote-User",
            "x_http_remote_user",
        ] {
            assert!(is_stripped(name, &policy), "{name} goes");
        }
        for name in [
            "Authorization",
            "Cf-Access-Jwt-Assertion",
            "CF-Access-Client-Id",
            "X-Auth-Token",
            "X-Auth-Key",
            "X-Auth-Email",
            "X-API-Key",
            "X-Access-Token",
            "X-User-Agent",
            "X-CSRF-Token",
            "department",
            "accept",
            "http2-settings",
            "x-http-thing",
        ] {
            assert!(!is_stripped(name, &policy), "{name} stays");
        }
    }

    #[test]
    fn a_policy_removes_more_and_lets_names_through_but_never_the_gates_own() {
        let policy = policy(
            "strip_headers = [\"X-Tenant\", \"acme-*\"]\npass_headers = [\"X-Vouch-User\"]\n[headers]\nX-Dept = \"department\"\n",
        );
        for (name, want) in [
            ("x_tenant", true),
            ("X-Tenant-Id", false),
            ("ACME_ROLE", true),
            ("X-Vouch-User", false),
            ("X-Vouch-Idp", true),
            ("x-dept", true),
            ("HTTP_X_DEPT", true),
            ("X-X-Dept", true),
            ("Dept", false),
            ("X-Dept-", true),
            ("X-Deptx", false),
            ("Remote-User", true),
        ] {
            assert_eq!(is_stripped(name, &policy), want, "{name}");
        }
        for own in ["Remote-User", "x_forwarded_host", "X-Portcullis-Origin", "connection"] {
            let problems = Policy::parse(&format!("pass_headers = [\"{own}\"]")).unwrap_err();
            assert_eq!(problems.first().map(|p| p.at.as_str()), Some("pass_headers[0]"), "{own}");
        }
    }
}
