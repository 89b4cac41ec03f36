//! Finds and removes the ticket of a raw query without changing any other byte.
//!
//! A query is split at `&` only, as CAS servers write it. The parameter's name is exactly `ticket`: `TICKET`,
//! `ticket[]`,
//! `tick%65t`, and `;ticket=` in a path belong to the app.

use crate::{Ticket, percent};

/// The ticket of a query with exactly one parameter `ticket`. `None` when there are several or the value is not a
/// ticket: the query then belongs to the app. For paths that an app shares with CAS.
pub fn only_ticket(query: &str) -> Option<Ticket> {
    let mut values = values(query);
    let value = values.next()?;
    if values.next().is_some() { None } else { parse(value) }
}

/// The ticket of the last parameter `ticket`. A server appends its own after a `ticket=` of the service URL. `None`
/// when the last one is not a ticket. For paths that belong to CAS alone.
pub fn last_ticket(query: &str) -> Option<Ticket> {
    values(query).last().and_then(|value| percent::decode(value).and_then(|text| Ticket::parse_odd(&text)))
}

/// Whether there is a parameter `ticket` at all, readable or not.
pub fn has_ticket(query: &str) -> bool {
    values(query).next().is_some()
}

/// The query without the parameters that are exactly this ticket; every other byte stays in its order. `None` when the
/// rest is empty, so that no bare `?` remains.
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

    #[test]
    fn a_ticket_is_found_readable_or_not() {
        for (query, want) in [("", false), ("a=1&Ticket=x", false), ("a=1&ticket=%ff", true), ("ticket=", true)] {
            assert_eq!(has_ticket(query), want, "{query}");
        }
    }

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
