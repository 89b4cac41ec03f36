//! The ticket in a query: it is removed whole, and nothing else is.
#![no_main]

use cas::query::{has_ticket, last_ticket, only_ticket, without_ticket};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    let only = only_ticket(query);
    for ticket in [only.clone(), last_ticket(query)].into_iter().flatten() {
        assert!(has_ticket(query));
        let rest = without_ticket(query, &ticket);
        let pairs = |text: &str| text.split('&').map(str::to_owned).collect::<Vec<_>>();
        let kept = rest.as_deref().map(pairs).unwrap_or_default();
        let mut all = pairs(query).into_iter();
        assert!(kept.iter().all(|pair| pair.is_empty() || all.any(|known| known == *pair)), "in the same order");
        assert!(only.is_none() || rest.is_none_or(|rest| !has_ticket(&rest)));
    }
});
