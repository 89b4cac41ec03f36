//! Reads a deployment's `wrangler.toml` or `wrangler.jsonc` for what would let requests past the gate or secrets into logs: for
//! `check-policy --wrangler`, never in the Worker.

use serde_json::Value;

use super::{Origin, Policy, Problem, source};
use crate::http::address::{base_url, host_of};

/// What was found in a deployment's configuration.
#[derive(Debug, Default)]
pub struct Deployment {
    /// They open a hole, or the gate would not serve.
    pub errors: Vec<Problem>,
    /// Allowed, and rarely intended.
    pub warnings: Vec<Problem>,
}

/// What no file says: the setting, and what it must be.
pub const UNSEEN: [(&str, &str); 7] = [
    (
        "the Route's request limit failure mode",
        "must be fail closed: with fail open, requests pass the gate when the day's limit is reached",
    ),
    (
        "Always Use HTTPS",
        "should be on: over plain http browsers send no session cookie, but public pages would be served",
    ),
    ("Bot Fight Mode", "blocks the CAS server's single logouts: allow POST /.portcullis/*"),
    ("the zone's own logs of requests", "have tickets in addresses: keep them short, and few may read them"),
    ("the SSL mode of the CAS server's zone", "must not be Flexible, which sends tickets in clear"),
    (
        "single logout (L13)",
        "must be on at the CAS server for this service: sign out there, and see that the session ends here",
    ),
    ("the CAS server's certificate (X23)", "is checked by the platform alone: no setting here can switch that off"),
];

/// Keys that a named environment takes over from the top of the file.
const INHERITED: [&str; 10] = [
    "assets",
    "cache",
    "compatibility_flags",
    "logpush",
    "migrations",
    "observability",
    "preview_urls",
    "route",
    "routes",
    "workers_dev",
];

/// Names of secrets: in the file they would be in the repository and readable in the dashboard.
const SECRETS: [&str; 6] = [
    "PORTCULLIS_KEYS",
    "PORTCULLIS_ID_KEY",
    "PORTCULLIS_SIGNING_KEYS",
    "PORTCULLIS_SLO_SECRET",
    "PORTCULLIS_ORIGIN_SECRET",
    "PORTCULLIS_METRICS_TOKEN",
];

/// Reads the text of a `wrangler.toml`, or of a `wrangler.jsonc` when it begins with `{` or a comment of JSON.
///
/// # Errors
/// The text cannot be parsed.
pub fn deployment(text: &str, policy: &Policy) -> Result<Deployment, Problem> {
    let is_json = ["{", "//", "/*"].iter().any(|begin| text.trim_start().starts_with(begin));
    let whole = source::tree(&if is_json { without_comments(text) } else { text.to_owned() })?;
    let mut found = Deployment::default();
    check("", &whole, policy, &mut found);
    for (name, env) in whole.get("env").and_then(Value::as_object).into_iter().flatten() {
        let mut env = env.clone();
        for key in INHERITED {
            // A route of either spelling replaces both.
            let own = |key: &str| env.get(key).is_some();
            let taken = if key.starts_with("route") { own("route") || own("routes") } else { own(key) };
            if let (false, Some(value), Some(table)) = (taken, whole.get(key), env.as_object_mut()) {
                table.insert(key.to_owned(), value.clone());
            }
        }
        check(&format!("env.{name}."), &env, policy, &mut found);
    }
    Ok(found)
}

/// JSON without comments and without commas before an end. Texts stay as they are.
fn without_comments(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if first == '"' {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |(at, _)| at + 1);
            out.push_str(rest.get(..end).unwrap_or_default());
            end
        } else {
            if matches!(first, '}' | ']') && out.trim_end().ends_with(',') {
                out.truncate(out.trim_end().len() - 1);
            }
            out.push(first);
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

fn check(place: &str, config: &Value, policy: &Policy, found: &mut Deployment) {
    let error =
        |at: &str, what: &str, found: &mut Deployment| found.errors.push(Problem::new(format!("{place}{at}"), what));
    let is = |path: &str| config.pointer(path) == Some(&Value::Bool(true));
    if config.get("cache").is_some() && config.pointer("/cache/enabled") != Some(&Value::Bool(false)) {
        error("cache", "answers before the gate asks who is there: enabled = false, or leave the table out", found);
    }
    if config.get("assets").is_some() && !is("/assets/run_worker_first") {
        let what = "are served to everybody without the gate: run_worker_first = true (a list of paths leaves the others open)";
        error("assets", what, found);
    }
    let variable = |name: &str| config.pointer(&format!("/vars/{name}")).and_then(Value::as_str).unwrap_or_default();
    for name in SECRETS.iter().filter(|name| !variable(name).is_empty()) {
        error(&format!("vars.{name}"), "is a secret: `wrangler secret put` it, and make a new one", found);
    }
    if !variable("POLICY").is_empty() && !variable("POLICY").trim_start().starts_with('{') {
        error(
            "vars.POLICY",
            "is not JSON: write the policy to policy.toml beside this file, and leave the variable out",
            found,
        );
    }
    if !variable("PEER").is_empty() {
        let what =
            "is for workerd without Cloudflare: here the edge says who asks. For `wrangler dev` write it to .dev.vars";
        error("vars.PEER", what, found);
    }
    if !variable("TICKET_OBJECTS").is_empty() {
        let what = "puts logins of all places into a few objects: left out, each has its own, near its person";
        found.warnings.push(Problem::new(format!("{place}vars.TICKET_OBJECTS"), what));
    }
    routes(place, config, policy, variable, found);
    classes(place, config, found);
    logs(place, config, found);
    for (key, what) in [
        ("workers_dev", "is on: the gate has a second address, which answers UNKNOWN_HOST"),
        ("preview_urls", "is on: each version has an address of its own, with the same secrets and objects"),
    ] {
        if is(&format!("/{key}")) {
            found.warnings.push(Problem::new(format!("{place}{key}"), what));
        }
    }
}

/// Each public address needs a route over all its paths: what no route covers reaches the origin without the gate.
fn routes<'v>(
    place: &str,
    config: &Value,
    policy: &Policy,
    variable: impl Fn(&str) -> &'v str,
    found: &mut Deployment,
) {
    let one = config.get("route").into_iter();
    let all: Vec<&Value> = one.chain(config.get("routes").and_then(Value::as_array).into_iter().flatten()).collect();
    let mut public: Vec<String> = policy.sites.iter().map(|site| site.public.clone()).collect();
    public.extend(policy.sites.is_empty().then(|| base_url(variable("PUBLIC_URL"))).flatten());
    if public.is_empty() {
        let what =
            "is no address that people type, so the gate serves nothing. A named environment takes no variables over";
        found.errors.push(Problem::new(format!("{place}vars.PUBLIC_URL"), what));
    }
    public.extend(base_url(variable("PORTAL_URL")));
    for host in public.iter().map(|public| host_of(public)) {
        if !all.iter().any(|route| covers(route, host)) {
            let what = format!("do not cover {host}/*: what no route covers reaches the app without the gate");
            found.errors.push(Problem::new(format!("{place}routes"), what));
        }
    }
    let origins = policy.sites.iter().map(|site| &site.origin).chain(policy.rule_origins());
    let zone = variable("ORIGIN_URL") == "zone" || origins.into_iter().any(|origin| *origin == Origin::Zone);
    let flags = config.get("compatibility_flags").and_then(Value::as_array);
    if zone && flags.into_iter().flatten().any(|flag| flag == "global_fetch_strictly_public") {
        let what = "has global_fetch_strictly_public: requests for the zone's own origin would come back to the gate";
        found.errors.push(Problem::new(format!("{place}compatibility_flags"), what));
    }
}

/// Whether a route covers every path of a host.
fn covers(route: &Value, host: &str) -> bool {
    let Some(pattern) = route.as_str().or_else(|| route.get("pattern").and_then(Value::as_str)) else { return false };
    if route.get("custom_domain") == Some(&Value::Bool(true)) {
        return pattern == host;
    }
    let pattern = pattern.strip_prefix("https://").unwrap_or(pattern);
    let Some(of) = pattern.strip_suffix("/*") else { return false };
    match of.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => of == host,
    }
}

/// Each class of a Durable Object needs a migration that makes it, and the gate needs the one of tickets.
fn classes(place: &str, config: &Value, found: &mut Deployment) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let made: Vec<Value> = list(config.get("migrations"))
        .iter()
        .flat_map(|step| [list(step.get("new_sqlite_classes")), list(step.get("new_classes"))].concat())
        .collect();
    let bindings = list(config.pointer("/durable_objects/bindings"));
    let text = |binding: &Value, key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if !bindings.iter().any(|binding| text(binding, "name") == "TICKETS") {
        let what = "lack TICKETS: no session could begin. A named environment takes no bindings over";
        found.errors.push(Problem::new(format!("{place}durable_objects.bindings"), what));
    }
    for binding in bindings.iter().filter(|binding| binding.get("script_name").is_none()) {
        let class = text(binding, "class_name");
        if !made.iter().any(|known| *known == class.as_str()) {
            found.errors.push(Problem::new(format!("{place}migrations"), format!("no step makes the class {class}")));
        }
    }
}

/// The platform's own lines and spans have whole addresses, with tickets and the secret path of single logout.
fn logs(place: &str, config: &Value, found: &mut Deployment) {
    let at = |path: &str| config.pointer(path).and_then(Value::as_bool);
    let on = at("/observability/enabled").or(at("/observability/logs/enabled")) == Some(true);
    let mut said = Vec::new();
    if on && at("/observability/logs/invocation_logs") != Some(false) {
        said.push(("observability.logs.invocation_logs", "keep whole addresses, with tickets: set it to false"));
    }
    if at("/observability/traces/enabled") == Some(true) {
        said.push(("observability.traces", "keep whole addresses, with tickets: leave them off"));
    }
    for key in ["tail_consumers", "streaming_tail_consumers"] {
        if config.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
            said.push((key, "get whole addresses, with tickets: leave them out"));
        }
    }
    let problem = |(key, what): (&str, &str)| Problem::new(format!("{place}{key}"), what);
    found.errors.extend(said.into_iter().map(problem));
    // What the file leaves out, the dashboard or a later default of the platform may switch on.
    let mut unsaid = Vec::new();
    if at("/observability/redact_query_string") != Some(true) {
        unsaid.push(("observability.redact_query_string", "is not true: queries have tickets"));
    }
    if at("/observability/traces/enabled").is_none() {
        unsaid.push((
            "observability.traces.enabled",
            "is not said: spans have whole addresses, with tickets; set it to false",
        ));
    }
    if config.get("logpush") == Some(&Value::Bool(true)) {
        unsaid.push(("logpush", "is on: send the field Logs, and never Event, which has whole addresses"));
    }
    found.warnings.extend(unsaid.into_iter().map(problem));
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        workers_dev = false
        routes = [{ pattern = "app.example.org/*", zone_name = "example.org" }]
        vars = { PUBLIC_URL = "https://app.example.org", ORIGIN_URL = "zone" }
        durable_objects.bindings = [{ name = "TICKETS", class_name = "TicketDo" }]
        migrations = [{ tag = "v1", new_sqlite_classes = ["TicketDo"] }]
        cache = { enabled = false }
        observability = { redact_query_string = true, logs = { enabled = true, invocation_logs = false }, traces = { enabled = false } }
    "#;

    fn found(text: &str, policy: &str) -> (Vec<String>, Vec<String>) {
        let found = deployment(text, &Policy::parse(policy).unwrap()).unwrap();
        let at = |list: Vec<Problem>| list.into_iter().map(|problem| problem.at).collect();
        (at(found.errors), at(found.warnings))
    }

    #[test]
    fn k04_each_hole_of_a_deployment_is_an_error() {
        assert_eq!(found(GOOD, ""), (vec![], vec![]));
        let app = r#"routes = [{ pattern = "app.example.org/*", zone_name = "example.org" }]"#;
        for (old, new, at) in [
            ("cache = { enabled = false }", "cache = { enabled = true }", "cache"),
            ("cache = { enabled = false }", "assets = { directory = \"x\" }", "assets"),
            (
                "cache = { enabled = false }",
                "assets = { directory = \"x\", run_worker_first = [\"/api/*\"] }",
                "assets",
            ),
            (
                "cache = { enabled = false }",
                "compatibility_flags = [\"global_fetch_strictly_public\"]",
                "compatibility_flags",
            ),
            (app, "", "routes"),
            (app, "route = \"app.example.org/app/*\"", "routes"),
            (app, "route = \"app.example.org\"", "routes"),
            (app, "route = \"http://app.example.org/*\"", "routes"),
            (app, "routes = [\"wiki.example.org/*\"]", "routes"),
            ("new_sqlite_classes = [\"TicketDo\"]", "new_sqlite_classes = [\"Other\"]", "migrations"),
            ("\"TICKETS\"", "\"OTHER\"", "durable_objects.bindings"),
            ("PUBLIC_URL", "CAS_URL", "vars.PUBLIC_URL"),
            ("ORIGIN_URL", "PORTCULLIS_ID_KEY = \"x\", ORIGIN_URL", "vars.PORTCULLIS_ID_KEY"),
            ("ORIGIN_URL", "POLICY = \"[[rule]]\", ORIGIN_URL", "vars.POLICY"),
            ("ORIGIN_URL", "PEER = \"socket\", ORIGIN_URL", "vars.PEER"),
        ] {
            let text = GOOD.replace(old, new);
            assert_ne!(text, GOOD, "{old}");
            assert_eq!(found(&text, "").0, [at], "{new}");
        }
        let spread = GOOD.replace("ORIGIN_URL", "TICKET_OBJECTS = \"16\", ORIGIN_URL");
        assert_eq!(found(&spread, ""), (vec![], vec!["vars.TICKET_OBJECTS".to_owned()]));
        for fine in [
            "route = \"*.example.org/*\"",
            "route = \"https://app.example.org/*\"",
            "routes = [{ pattern = \"app.example.org\", custom_domain = true }]",
        ] {
            assert_eq!(found(&GOOD.replace(app, fine), "").0, [""; 0], "{fine}");
        }
        let sites = "[[site]]\npublic_url = \"https://app.example.org\"\norigin = \"zone\"\n[[site]]\npublic_url = \"https://wiki.example.org\"\norigin = \"zone\"";
        assert_eq!(found(GOOD, sites).0, ["routes"], "a site without a route");
    }

    #[test]
    fn d03_logs_with_addresses_are_an_error() {
        for (old, new, at) in [
            (", invocation_logs = false", "", "observability.logs.invocation_logs"),
            ("traces = { enabled = false }", "traces = { enabled = true }", "observability.traces"),
            ("workers_dev = false", "tail_consumers = [{ service = \"x\" }]", "tail_consumers"),
            ("workers_dev = false", "streaming_tail_consumers = [{ service = \"x\" }]", "streaming_tail_consumers"),
        ] {
            let text = GOOD.replace(old, new);
            assert_ne!(text, GOOD, "{old}");
            assert_eq!(found(&text, ""), (vec![at.to_owned()], vec![]), "{new}");
        }
        for (old, new, at) in [
            ("redact_query_string = true, ", "", "observability.redact_query_string"),
            ("redact_query_string = true", "redact_query_string = false", "observability.redact_query_string"),
            (", traces = { enabled = false }", "", "observability.traces.enabled"),
            ("workers_dev = false", "logpush = true", "logpush"),
        ] {
            let text = GOOD.replace(old, new);
            assert_ne!(text, GOOD, "{old}");
            assert_eq!(found(&text, ""), (vec![], vec![at.to_owned()]), "{new}");
            // A named environment takes the table over, and one of its own replaces it whole.
            let env = format!(
                "{text}\n[env.staging]\nvars = {{ PUBLIC_URL = \"https://app.example.org\" }}\ndurable_objects.bindings = [{{ name = \"TICKETS\", class_name = \"TicketDo\" }}]"
            );
            assert_eq!(found(&env, "").1, [at.to_owned(), format!("env.staging.{at}")], "{new}");
        }
        let open = GOOD.replace("workers_dev = false", "workers_dev = true\npreview_urls = true");
        assert_eq!(found(&open, ""), (vec![], vec!["workers_dev".to_owned(), "preview_urls".to_owned()]));
    }

    #[test]
    fn an_environment_inherits_as_wrangler_does() {
        let env = "[env.staging]\nvars = { PUBLIC_URL = \"https://staging.example.org\" }";
        let (errors, _) = found(&format!("{GOOD}\n{env}"), "");
        assert_eq!(
            errors,
            ["env.staging.routes", "env.staging.durable_objects.bindings"],
            "routes are inherited, bindings are not"
        );
        let own = format!(
            "{env}\nroute = \"staging.example.org/*\"\nassets = {{ directory = \"x\" }}\n\
                           durable_objects.bindings = [{{ name = \"TICKETS\", class_name = \"TicketDo\" }}]"
        );
        assert_eq!(found(&format!("{GOOD}\n{own}"), "").0, ["env.staging.assets"]);
    }

    #[test]
    fn jsonc_is_read_with_its_comments() {
        let text = r#"// a comment, with "quotes"
        { "vars": { "PUBLIC_URL": "https://app.example.org", "NOTE": "a \"//\" /* b */ ,]" }, /* more */
          "route": "app.example.org/*", "durable_objects": { "bindings": [{ "name": "TICKETS", "class_name": "TicketDo", },] },
          "migrations": [{ "tag": "v1", "new_sqlite_classes": ["TicketDo"] }], "assets": { "directory": "x" }, // end
        }"#;
        assert_eq!(found(text, "").0, ["assets"]);
        assert!(deployment("{ \"a\": ", &Policy::parse("").unwrap()).is_err());
    }
}
