//! `npm run cas-service -- --for SERVER --policy FILE`: the entry by which a CAS server knows the gate's sites, and no other address.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::process::ExitCode;

use gate::policy::Policy;
use serde_json::json;

const USAGE: &str = "Use: npm run cas-service -- --for apereo|django-cas-server --policy FILE [--public-url URL]

  --for SERVER      apereo: files of its JSON service registry, one after the other
                    django-cas-server: Python for its `manage.py shell`
  --policy FILE     the policy of the gate: its sites, `token`, and the attributes that it uses
  --public-url URL  as the variable PUBLIC_URL, for a policy without [[site]]";

/// A call-back: a flight's id is 26 letters of base32 in lower case.
const FLIGHT: &str = "/.portcullis/cas/";
const FLIGHT_ID: &str = "[a-z2-7]{26}(/again)?";
/// Apereo CAS asks entries by this number, the lowest first. An entry for the whole host would come later.
const FIRST_ORDER: usize = 10;

/// One entry: an address of a site, and what the CAS server does for it.
struct Entry {
    name: String,
    /// A regular expression, without anchors.
    pattern: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The call-back of sign-ins, to which single logouts go.
    SignIn,
    /// The address after a sign-out. Nobody gets a ticket for it.
    WayBack,
    /// The address to which machine clients bring tickets.
    Token,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match printed(&args) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("portcullis: {what}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn printed(args: &[String]) -> Result<String, String> {
    let (mut server, mut file, mut public_url) = (None, None, None);
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        let place = match flag.as_str() {
            "--for" => &mut server,
            "--policy" => &mut file,
            "--public-url" => &mut public_url,
            _ => return Err(format!("there is no argument {flag}.")),
        };
        *place = Some(rest.next().ok_or_else(|| format!("{flag} needs a value."))?);
    }
    let file = file.ok_or("--policy is missing.")?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("the policy {file} cannot be read ({error})."))?;
    let policy = Policy::parse(&text).map_err(|_| format!("{file} has problems: npm run check-policy -- {file}"))?;
    let mut sites: Vec<(String, bool)> = policy.sites.iter().map(|site| (site.public.clone(), site.token)).collect();
    if sites.is_empty() {
        let public = public_url.ok_or("--public-url is missing: the policy has no [[site]].")?;
        sites.push((public.trim_end_matches('/').to_owned(), policy.token));
    }
    let entries: Vec<Entry> = sites.iter().flat_map(|(public, token)| entries(public, *token)).collect();
    match server.map(String::as_str) {
        Some("apereo") => Ok(apereo(&entries, &policy)),
        Some("django-cas-server") => Ok(django(&entries, &policy)),
        _ => Err("--for must be apereo or django-cas-server.".into()),
    }
}

fn entries(public: &str, token: bool) -> Vec<Entry> {
    let host = public.split_once("://").map_or(public, |(_, host)| host);
    let entry = |what: &str, pattern: String, kind| Entry { name: format!("{host} {what}"), pattern, kind };
    let mut all = vec![
        entry("sign-in", format!("{}{FLIGHT_ID}", escaped(&format!("{public}{FLIGHT}"))), Kind::SignIn),
        entry("after sign-out", escaped(&format!("{public}/")), Kind::WayBack),
    ];
    if token {
        all.push(entry("machine clients", escaped(&format!("{public}/.portcullis/token")), Kind::Token));
    }
    all
}

/// Text as a regular expression of Java and of Python that matches it alone.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        if !letter.is_ascii_alphanumeric() && !matches!(letter, '/' | ':' | '-' | '_') {
            out.push('\\');
        }
        out.push(letter);
        out
    })
}

fn apereo(entries: &[Entry], policy: &Policy) -> String {
    let files = entries.iter().enumerate().map(|(at, entry)| {
        let id = 1000 + at;
        let release = if entry.kind == Kind::WayBack {
            json!({ "@class": "org.apereo.cas.services.DenyAllAttributeReleasePolicy" })
        } else {
            json!({
                "@class": "org.apereo.cas.services.ReturnAllowedAttributeReleasePolicy",
                "allowedAttributes": ["java.util.ArrayList", policy.attributes()],
            })
        };
        let access = json!({
            "@class": "org.apereo.cas.services.DefaultRegisteredServiceAccessStrategy",
            "enabled": true,
            // An attribute that nobody has: registered, so that the way back after a sign-out is followed, and no ticket.
            "requiredAttributes": if entry.kind == Kind::WayBack {
                json!({ "@class": "java.util.HashMap", "portcullis-nobody": ["java.util.HashSet", ["nobody"]] })
            } else {
                json!({ "@class": "java.util.HashMap" })
            },
        });
        let content = json!({
            "@class": "org.apereo.cas.services.CasRegisteredService",
            // Apereo CAS compares without regard to case, unless the pattern says otherwise.
            "serviceId": format!("^(?-i){}$", entry.pattern),
            "name": format!("Portcullis, {}", entry.name),
            "id": id,
            "evaluationOrder": FIRST_ORDER + at,
            "attributeReleasePolicy": release,
            "accessStrategy": access,
            "proxyPolicy": { "@class": "org.apereo.cas.services.RefuseRegisteredServiceProxyPolicy" },
            "logoutType": if entry.kind == Kind::SignIn { "BACK_CHANNEL" } else { "NONE" },
        });
        let text = serde_json::to_string_pretty(&content).unwrap_or_default();
        format!("// portcullis-{id}.json: one file of the folder of cas.service-registry.json.location\n{text}\n")
    });
    files.collect()
}

fn django(entries: &[Entry], policy: &Policy) -> String {
    let mut out = "# For `python manage.py shell` of django-cas-server. Run again, it changes its own entries alone.\n\
                   from django.db.models import Min\n\
                   from cas_server.models import ReplaceAttributName, ServicePattern\n\n"
        .to_owned();
    for entry in entries.iter().filter(|entry| entry.kind != Kind::WayBack) {
        // JSON's text is Python's too.
        let (name, pattern) = (json!(format!("Portcullis, {}", entry.name)), json!(format!("^{}\\Z", entry.pattern)));
        let logout = if entry.kind == Kind::SignIn { "True" } else { "False" };
        out.push_str(&format!(
            "first = ServicePattern.objects.aggregate(first=Min(\"pos\"))[\"first\"]\n\
             entry, is_new = ServicePattern.objects.get_or_create(name={name}, defaults={{\"pattern\": {pattern}, \"pos\": 100 if first is None else first - 1}})\n\
             entry.pattern, entry.user_field, entry.single_log_out = {pattern}, \"\", {logout}\n\
             entry.proxy = entry.proxy_callback = entry.restrict_users = False\n\
             entry.save()\n\
             entry.attributs.all().delete()\n"
        ));
        for attribute in policy.attributes() {
            out.push_str(&format!(
                "ReplaceAttributName.objects.create(name={}, service_pattern=entry)\n",
                json!(attribute)
            ));
        }
        out.push('\n');
    }
    out
}
