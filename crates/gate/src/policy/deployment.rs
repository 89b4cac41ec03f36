//! What a deployment's `wrangler.toml` or `.jsonc` would open: for `check-policy`, never in the Worker.

use serde_json::Value;

use super::{Problem, source};

/// What neither the gate nor this check can see, with the remedy.
pub const UNSEEN: [&str; 4] = [
    "whether Bot Fight Mode is on: it blocks the CAS server's single logouts. Allow POST /.portcullis/*",
    "the SSL mode of a zone that also has the CAS server: under Flexible or Full, tickets travel in clear or to anybody. Set Full (strict)",
    "whether a Route fails open when the day's requests are used up: set fail closed",
    "whether Always Use HTTPS is on, and what the zone's own logs keep: addresses have tickets",
];

/// What is wrong with a deployment: in each environment, as wrangler hands keys down to it.
///
/// # Errors
/// The text is neither TOML nor JSON with comments.
pub fn deployment(text: &str) -> Result<Vec<Problem>, Problem> {
    let plain = without_comments(text);
    let base = source::tree(if text.trim_start().starts_with(['{', '/']) { &plain } else { text })?;
    let mut problems = judge(&base, "");
    let none = serde_json::Map::new();
    for (name, own) in base.get("env").and_then(Value::as_object).unwrap_or(&none) {
        let mut whole = base.clone();
        if let (Some(whole), Some(own)) = (whole.as_object_mut(), own.as_object()) {
            whole.extend(own.clone());
        }
        problems.extend(judge(&whole, &format!("env.{name}.")));
    }
    Ok(problems)
}

fn judge(config: &Value, place: &str) -> Vec<Problem> {
    let is = |at: &str, wanted: bool| config.pointer(at).and_then(Value::as_bool) == Some(wanted);
    let mut problems = Vec::new();
    let mut say = |at: &str, what: &str| problems.push(Problem::new(format!("{place}{at}"), what));
    if config.get("cache").is_some() && !is("/cache/enabled", false) {
        say("cache", "answers before the gate asks who is there: enabled = false");
    }
    if config.get("assets").is_some() && !is("/assets/run_worker_first", true) {
        say("assets", "are served to everybody without the gate: run_worker_first = true, and no list of paths");
    }
    let logs = is("/observability/enabled", true) || is("/observability/logs/enabled", true);
    if logs && !is("/observability/logs/invocation_logs", false) {
        say("observability.logs", "keep whole addresses, which have tickets and secret paths: invocation_logs = false");
    }
    if is("/observability/traces/enabled", true) {
        say("observability.traces", "keep whole addresses, which have tickets and secret paths: enabled = false");
    }
    if config.get("tail_consumers").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        say("tail_consumers", "get whole addresses, which have tickets and secret paths: leave them out");
    }
    problems
}

/// JSON without the comments of JSONC. A `//` inside of a text stays.
fn without_comments(text: &str) -> String {
    let (mut out, mut in_text) = (String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match (in_text, letter, rest.peek().copied()) {
            (true, '\\', Some(next)) => {
                rest.next();
                out.extend([letter, next]);
                continue;
            }
            (false, '/', Some('/')) => {
                while rest.next_if(|letter| *letter != '\n').is_some() {}
                continue;
            }
            (false, '/', Some('*')) => {
                rest.next();
                let mut before = ' ';
                for letter in rest.by_ref() {
                    if before == '*' && letter == '/' {
                        break;
                    }
                    before = letter;
                }
                continue;
            }
            (_, '"', _) => in_text = !in_text,
            _ => {}
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        deployment(text).unwrap().into_iter().map(|problem| problem.at).collect()
    }

    #[test]
    fn the_configuration_of_this_repository_opens_nothing() {
        assert_eq!(places(include_str!("../../../../worker/wrangler.toml")), [""; 0]);
    }

    #[test]
    fn k04_static_assets_must_run_the_worker_first() {
        for (text, wanted) in [
            ("[assets]\ndirectory = \"x\"", &["assets"][..]),
            ("[assets]\nrun_worker_first = false", &["assets"]),
            ("[assets]\nrun_worker_first = [\"/app/*\"]", &["assets"]),
            ("[assets]\nrun_worker_first = true", &[]),
            ("[env.live.assets]\ndirectory = \"x\"", &["env.live.assets"]),
            ("[assets]\nrun_worker_first = true\n[env.live.assets]\ndirectory = \"x\"", &["env.live.assets"]),
            ("[cache]\nenabled = true", &["cache"]),
        ] {
            assert_eq!(places(text), wanted, "{text}");
        }
        let commented =
            "// of ours\n{ \"name\": \"a//b\", /* \"assets\": 1 */ \"assets\": { \"directory\": \"https://x\" } }";
        assert_eq!(places(commented), ["assets"]);
    }

    #[test]
    fn d03_logs_and_traces_of_whole_addresses_are_refused() {
        for (text, wanted) in [
            ("[observability]\nenabled = true", &["observability.logs"][..]),
            ("[observability.logs]\nenabled = true", &["observability.logs"]),
            ("[observability.logs]\nenabled = true\ninvocation_logs = true", &["observability.logs"]),
            ("[observability.logs]\nenabled = true\ninvocation_logs = false", &[]),
            ("[observability.traces]\nenabled = true", &["observability.traces"]),
            ("tail_consumers = [{ service = \"x\" }]", &["tail_consumers"]),
            ("[env.live.observability.traces]\nenabled = true", &["env.live.observability.traces"]),
        ] {
            assert_eq!(places(text), wanted, "{text}");
        }
    }

    #[test]
    fn l13_what_cannot_be_seen_is_said_with_its_remedy() {
        assert!(
            UNSEEN.iter().any(|line| line.contains("Bot Fight Mode") && line.contains("Allow POST /.portcullis/*"))
        );
        assert!(UNSEEN.iter().any(|line| line.contains("SSL mode") && line.contains("Full (strict)")), "X23");
    }
}
