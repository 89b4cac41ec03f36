//! The factors that a change of the policy takes away.

use super::{
    Pattern, Policy, Rule,
    factor::{Asked, Enrolling, Mode},
};

/// The factor that a rule asks of everybody; none where the policy only observes.
fn asked(policy: &Policy, rule: &Rule) -> Asked {
    let nothing = policy.factor.as_ref().is_none_or(|factor| factor.observe);
    rule.requirement.factor.clone().filter(|_| !nothing && rule.identity).unwrap_or_default()
}

/// The paths that ask for a weaker factor in `new` than in `old`, or for none, each `factor.when` that is gone, a later grace, and a
/// wider enrolment: one line each.
/// Empty if nothing is lost.
pub fn losses(old: &Policy, new: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    // Each pattern of either policy stands for the paths below it: only there the deciding rule can change.
    let of = |policy: &Policy| {
        let patterns = policy.rules.iter().flat_map(|rule| {
            let hosts = if rule.hosts.is_empty() { vec![String::new()] } else { rule.hosts.clone() };
            let methods =
                if rule.methods.is_empty() { vec!["GET".to_owned(), "POST".into()] } else { rule.methods.clone() };
            rule.patterns.clone().into_iter().flat_map(move |pattern| {
                let methods = methods.clone();
                hosts.clone().into_iter().flat_map(move |host| {
                    let pattern = pattern.clone();
                    methods.clone().into_iter().map(move |method| (host.clone(), method, pattern.clone()))
                })
            })
        });
        patterns.collect::<Vec<_>>()
    };
    let mut places = of(old);
    places.extend(of(new));
    for (host, method, pattern) in places {
        // Samples of the paths that the pattern matches: for a folder, the folder itself and a page below it.
        let (samples, shown) = match &pattern {
            Pattern::Exact(path) => (vec![path.clone()], path.clone()),
            Pattern::Folder(folder) => (vec![format!("{folder}/"), format!("{folder}/x")], format!("{folder}/*")),
        };
        for path in samples {
            let decide = |policy: &Policy| {
                let rule = policy.rules.iter().find(|rule| rule.decides(&host, &method, &path));
                // A path without a rule is closed, so it loses nothing.
                rule.map(|rule| asked(policy, rule))
            };
            let (Some(before), after) = (decide(old), decide(new)) else { continue };
            let Some(after) = after else { continue };
            if !after.is_weaker_than(&before) {
                continue;
            }
            let at = if host.is_empty() { shown.clone() } else { format!("{host}{shown}") };
            let line = format!("{method} {at}: {}, was {}", words(&after), words(&before));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let whens = |policy: &Policy| {
        policy.factor.iter().filter(|factor| !factor.observe).flat_map(|factor| factor.when.clone()).collect::<Vec<_>>()
    };
    let kept = whens(new);
    for (at, when) in whens(old).iter().enumerate() {
        let still = kept.iter().any(|other| {
            let wider = other.conditions.iter().all(|condition| when.conditions.contains(condition));
            wider
                && (other.outside.is_empty() || other.outside == when.outside)
                && !other.asked.is_weaker_than(&when.asked)
        });
        if when.asked.mode != Mode::Off && !still {
            lines.push(format!("factor.when[{at}] of the old policy: {} no more", words(&when.asked)));
        }
    }
    if let (Some(before), Some(after)) = (&old.factor, &new.factor)
        && !before.observe
        && !after.observe
    {
        if after.grace_until_secs > before.grace_until_secs {
            lines.push("factor.grace_until is later: for longer, nobody without a factor is asked".into());
        }
        if after.grace_secs > before.grace_secs {
            lines.push("factor.grace_days is longer: for longer, nobody without a factor is asked".into());
        }
        if is_wider(after.enrolling, before.enrolling) {
            lines.push("factor.enrolment is wider: more people enrol a first factor by the password alone".into());
        }
    }
    lines
}

/// Whether the one lets somebody enrol whom the other does not.
fn is_wider(one: Enrolling, other: Enrolling) -> bool {
    match (one, other) {
        (Enrolling::Invited, _) | (_, Enrolling::Open) => false,
        (Enrolling::Until(one), Enrolling::Until(other)) => one > other,
        (one, other) => one != other,
    }
}

/// The demand in words.
pub(super) fn words(asked: &Asked) -> String {
    let mode = match asked.mode {
        Mode::Off => return "no factor".into(),
        Mode::Offered => "factor offered",
        Mode::Required => "factor required",
    };
    let kinds: Vec<_> = asked.demand.kinds.iter().map(|kind| kind.word()).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let age = asked.demand.max_age_secs.map_or(String::new(), |secs| format!(" not older than {secs} s"));
    let remembered = if asked.demand.remembered { " or remembered" } else { "" };
    format!("{mode}{kinds}{age}{remembered}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTOR: &str = "tenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"cas:user\"\n";

    fn policy(mode: &str, rules: &str) -> Policy {
        Policy::parse(&format!("[factor]\nmode = \"{mode}\"\n{FACTOR}{rules}")).unwrap()
    }

    #[test]
    fn f51_paths_that_lose_a_factor_are_listed() {
        let all = "[[rule]]\npath = \"/*\"\naccess = \"login\"\n";
        let admin = "[[rule]]\npath = \"/admin/*\"\naccess = \"login\"\n";
        let kinds = format!("{admin}factor_kinds = [\"passkey\"]\n{all}");
        let old = policy("required", &kinds);
        for (new, want) in [
            (policy("required", &kinds), &[][..]),
            (
                policy("required", &format!("{admin}factor = \"off\"\n{all}")),
                &["/admin/*: no factor, was factor required (passkey)"][..],
            ),
            (policy("required", all), &["/admin/*: factor required, was factor required (passkey)"]),
            (
                policy("offered", &kinds),
                &["/admin/*: factor offered (passkey)", "/*: factor offered, was factor required"],
            ),
            (policy("observe", &kinds), &["/admin/*: no factor", "/*: no factor, was factor required"]),
            (
                policy(
                    "required",
                    &format!("[[rule]]\npath = \"/admin/open\"\naccess = \"login\"\nfactor = \"off\"\n{kinds}"),
                ),
                &["/admin/open: no factor"],
            ),
        ] {
            let lines = losses(&old, &new);
            for want in want {
                assert!(lines.iter().any(|line| line.contains(want)), "{want}: {lines:?}");
            }
            assert_eq!(lines.is_empty(), want.is_empty(), "{lines:?}");
        }
        let posted = policy("required", &kinds.replacen("access", "methods = [\"POST\"]\naccess", 1));
        assert_eq!(
            losses(&posted, &policy("required", all)),
            ["POST /admin/*: factor required, was factor required (passkey)"],
            "of this method alone"
        );
        let none = Policy::parse("").unwrap();
        assert!(!losses(&old, &none).is_empty(), "the whole table is gone");
        assert!(losses(&none, &old).is_empty());
        let when = "[[factor.when]]\nfactor = \"required\"\nrequire = { memberOf = \"admins\" }\n";
        let old = policy("off", &format!("{when}{all}"));
        assert_eq!(losses(&old, &policy("off", all)), ["factor.when[0] of the old policy: factor required no more"]);
        assert!(losses(&old, &old).is_empty());
        // Without a change of any path, people without a factor are let through, or enrol by the password.
        let with = |more: &str| policy("required", &format!("{more}\n{all}"));
        let (open, until) = (with("enrolment = \"open\""), with("enrolment = \"until 2030-01-01\""));
        let grace = |year: u32| with(&format!("grace_until = \"{year}-01-01\""));
        let days = |days: u32| with(&format!("grace_days = {days}"));
        let more_days = "factor.grace_days is longer: for longer, nobody without a factor is asked";
        let (longer, opened) = (
            "factor.grace_until is later: for longer, nobody without a factor is asked",
            "factor.enrolment is wider: more people enrol a first factor by the password alone",
        );
        for (old, new, want) in [
            (with(""), grace(2030), Some(longer)),
            (grace(2030), grace(2031), Some(longer)),
            (grace(2031), grace(2030), None),
            (grace(2031), with(""), None),
            (with(""), days(1), Some(more_days)),
            (days(7), days(8), Some(more_days)),
            (days(8), days(7), None),
            (days(7), with(""), None),
            (with(""), with("enrolment = \"open\""), Some(opened)),
            (with(""), with("enrolment = \"until 2030-01-01\""), Some(opened)),
            (with("enrolment = \"until 2030-01-01\""), with("enrolment = \"open\""), Some(opened)),
            (open, with(""), None),
            (with("enrolment = \"until 2030-01-01\""), with("enrolment = \"until 2030-01-01\""), None),
            (until, with(""), None),
        ] {
            assert_eq!(losses(&old, &new), want.into_iter().collect::<Vec<_>>());
        }
    }
}
