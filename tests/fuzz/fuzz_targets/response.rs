//! Headers of an app's answer: its cookies stay on this host, its addresses lead nowhere else, and no shared cache keeps a person's page.
#![no_main]

use gate::forward::{
    address::Addresses,
    request::Keep,
    response::{confined_cookie, personal_cache_control, response_header},
};
use libfuzzer_sys::fuzz_target;

const PUBLIC: &str = "https://app.example.org";

fuzz_target!(|text: &str| {
    let _ = response_header(text);
    if let Some(cookie) = confined_cookie(text, "__Host-portcullis") {
        assert!(confined_cookie(&cookie, "__Host-portcullis").as_deref() == Some(cookie.as_str()));
        let named = |part: &str| part.split('=').next().unwrap_or_default().trim().eq_ignore_ascii_case("domain");
        assert!(!cookie.split(';').skip(1).any(named), "{cookie}");
    }
    for prefix in ["", "/wiki"] {
        let addresses = Addresses { app: "127.0.0.1:8000 origin.example.net app.example.org", public: PUBLIC, prefix };
        if let Some(address) = addresses.to_public(text) {
            let rest = address.strip_prefix(PUBLIC).expect("the public host");
            assert!(rest.is_empty() || rest.starts_with(['/', '?', '#']), "{address}");
        }
        let _ = addresses.refresh_to_public(text);
    }
    let (control, kind) = text.split_once('\n').unwrap_or((text, "text/html"));
    for word in ["private", "revalidate-pages", "revalidate", "no-store"] {
        let kept = personal_cache_control(control, kind, Keep::browser_cache(word)).to_ascii_lowercase();
        assert!(kept.contains("private") || kept.contains("no-store"), "{kept}");
    }
});
