//! The ticket in a raw query: found and removed without changing any other byte.
//!
//! A query is split at `&` only, as CAS servers write it. The parameter is called exactly `ticket`: `TICKET`, `ticket[]`,
//! `tick%65t` and `;ticket=` in a path belong to the app.

use crate::{Ticket, percent};

/// The ticket, when the query holds exactly one parameter `ticket` and its value is one; `None` leaves the query to the
/// app. For paths that an app shares with CAS.
pub fn only_ticket(query: &str) -> Option<Ticket> {
    let mut values = values(query);
    let value = values.next()?;
    if values.next().is_some() { None } else { parse(value) }
}

/// The ticket in the last parameter `ticket`, whatever stands before: a server appends its own after a `ticket=` that
/// the service URL already had. `None` when the last one is no ticket. For paths that are CAS's alone.
pub fn last_ticket(query: &str) -> Option<Ticket> {
    values(query).last().and_then(parse)
}

/// The query without the parameters that are exactly this ticket; every other byte stays, in its order. `None` when
/// nothing is left of it, so that no bare `?` stays behind.
pub fn without_ticket(query: &str, ticket: &Ticket) -> Option<String> {
    let ours = |pair: &&str| value(pair).and_then(parse).as_ref() == Some(ticket);
    if !query.split('&').any(|pair| ours(&pair)) {
        return Some(query.to_owned());
    }
    let mut rest: Option<String> = None;
    for pair in query.split('&').filter(|pair| !ours(pair)) {
        match &mut rest {
            Some(rest) => {
                rest.push('&');
                rest.push_str(pair);
            }
            None => rest = Some(pair.to_owned()),
        }
    }
    rest.filter(|rest| !rest.is_empty())
}

fn values(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter_map(value)
}

fn value(pair: &str) -> Option<&str> {
    pair.strip_prefix("ticket=")
}

fn parse(value: &str) -> Option<Ticket> {
    percent::decode(value).and_then(|text| Ticket::parse(&text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn s08_stripping_keeps_every_other_byte(before in "[^&]{0,20}(&[^&]{0,20}){0,3}", after in "[^&]{0,20}(&[^&]{0,20}){0,3}") {
            let ticket = Ticket::parse("ST-1-a").unwrap();
            prop_assume!(last_ticket(&before).is_none() && last_ticket(&after).is_none());
            let query = format!("{before}&ticket=ST-1-a&{after}");
            prop_assert_eq!(without_ticket(&query, &ticket), Some(format!("{before}&{after}")));
            prop_assert_eq!(without_ticket(&before, &ticket), Some(before));
        }

        #[test]
        fn any_query_is_read(query: String) {
            if let Some(ticket) = only_ticket(&query) {
                prop_assert_eq!(last_ticket(&query), Some(ticket));
            }
        }
    }
}
