//! Where the pages of the second factor are: on the host of the only site that asks for one, or on a host of their own.

use super::{Policy, Problem};
use crate::http::address::{base_url, host_of, hostname};

/// The setting of the portal's address.
const SETTING: &str = "PORTAL_URL";

/// The problems of a portal at this address, beside these sites: pairs of their public address, and whether a factor is asked for
/// there. An empty address is no portal.
pub fn portal_problems(portal: &str, sites: &[(&str, bool)]) -> Vec<Problem> {
    if portal.is_empty() {
        let what = "asks for a second factor on several hosts. They need a portal: set PORTAL_URL to a host of its own";
        let asking = sites.iter().filter(|(_, asks)| *asks).count();
        return if asking > 1 { vec![Problem::new("factor", what)] } else { Vec::new() };
    }
    let Some(base) = base_url(portal) else {
        return vec![Problem::new(SETTING, "must be the address of a host of its own: https://host, without a path")];
    };
    let own = hostname(host_of(&base)).to_ascii_lowercase();
    let is_near = |site: &str| {
        let site = hostname(host_of(site)).to_ascii_lowercase();
        site == own || site.strip_suffix(&own).is_some_and(|rest| rest.ends_with('.'))
    };
    // A site there could use the passkeys of the portal, whose relying party is the host.
    let near = sites.iter().filter(|(site, _)| is_near(site));
    near.map(|(site, _)| {
        let what =
            format!("is the host of the site {site}, or a parent domain of it: the portal needs a host of its own");
        Problem::new(SETTING, what)
    })
    .collect()
}

/// The problems and warnings of a policy with a portal at this address, for `check-policy`. Without an address, what such an
/// installation cannot carry is a warning, because the address is a setting of the Worker.
pub fn check_portal(policy: &Policy, portal: Option<&str>) -> (Vec<Problem>, Vec<Problem>) {
    let sites: Vec<_> =
        policy.sites.iter().map(|site| (site.public.as_str(), policy.asks_at(host_of(&site.public)))).collect();
    let found = portal_problems(portal.unwrap_or_default(), &sites);
    if portal.is_some() {
        return (found, Vec::new());
    }
    if !policy.asks_for_factors() || !found.is_empty() {
        return (Vec::new(), found);
    }
    let what = "has its pages on the app's host, where each script of the app can read the codes that people type. \
                PORTAL_URL gives them a host of their own: see it with --portal URL";
    (Vec::new(), vec![Problem::new("factor", what)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f38_the_portal_is_no_sites_host_and_no_parent_domain_of_one() {
        let sites = [("https://wiki.example.org", true), ("https://shop.example.org:8443", true)];
        for (portal, want) in [
            ("https://id.example.org", 0),
            ("https://id.example.org:8443", 0),
            ("https://wiki.example.org", 1),
            ("https://wiki.example.org:444", 1),
            ("https://WIKI.example.org", 1),
            ("https://example.org", 2),
            ("https://org", 2),
            ("https://ki.example.org", 0),
            ("https://shop.wiki.example.org", 0),
            ("https://id.example.org/path", 1),
            ("id.example.org", 1),
            ("", 1),
        ] {
            assert_eq!(portal_problems(portal, &sites).len(), want, "{portal}");
        }
        assert!(
            portal_problems("", &[("https://wiki.example.org", true), ("https://shop.example.org", false)]).is_empty()
        );
    }

    #[test]
    fn check_policy_says_what_one_host_cannot_carry() {
        let factor = "[factor]\nmode = \"required\"\ntenant_id = \"a\"\ncas_id = \"b\"\nuser_key = \"c\"\n";
        let site = |host: &str| format!("[[site]]\npublic_url = \"https://{host}\"\norigin = \"zone\"\n");
        let rule = "[[rule]]\npath = \"/*\"\naccess = \"login\"\n";
        let told = |text: &str, portal| {
            let (problems, warnings) = check_portal(&Policy::parse(text).unwrap(), portal);
            [problems, warnings].map(|list| list.iter().map(|problem| problem.at.clone()).collect::<Vec<_>>())
        };
        let none = Vec::<String>::new;
        assert_eq!(told(rule, None), [none(), none()]);
        assert_eq!(told(&format!("{factor}{rule}"), None), [none(), vec!["factor".into()]]);
        let two = format!("{factor}{}{}{rule}", site("wiki.example.org"), site("shop.example.org"));
        assert_eq!(told(&two, None), [none(), vec!["factor".into()]]);
        assert_eq!(told(&two, Some("https://id.example.org")), [none(), none()]);
        assert_eq!(told(&two, Some("https://shop.example.org")), [vec!["PORTAL_URL".into()], none()]);
    }
}
