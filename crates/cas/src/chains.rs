/// The chains of proxies through which a ticket may come (CAS 3.0 section 2.6): each a list of proxy addresses, the
/// nearest to us first, compared byte for byte and in order. None by default.
///
/// There are no patterns, so that no unanchored expression lets `https://app.example.org.evil/` in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains(Vec<Vec<String>>);

impl Chains {
    /// Only the person's own browser.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// These chains, and the person's own browser. An empty chain allows nothing more.
    pub fn only(chains: Vec<Vec<String>>) -> Self {
        Self(chains.into_iter().filter(|chain| !chain.is_empty()).collect())
    }

    /// Whether any proxy is allowed at all: if not, a proxy ticket need not be tried.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a login that came through `proxies`, the nearest first, is allowed. No proxy at all always is.
    pub fn allow(&self, proxies: &[String]) -> bool {
        proxies.is_empty() || self.0.iter().any(|chain| chain.as_slice() == proxies)
    }
}

#[cfg(test)]
mod tests {
    use super::Chains;

    fn chain(hops: &[&str]) -> Vec<String> {
        hops.iter().map(|hop| (*hop).to_owned()).collect()
    }

    #[test]
    fn x15_no_chain_is_allowed_by_default() {
        assert!(Chains::default().is_none());
        assert!(Chains::none().allow(&[]));
        assert!(!Chains::none().allow(&chain(&["https://portal.example.org/pgt"])));
        assert!(Chains::only(vec![vec![]]).is_none());
    }

    #[test]
    fn x16_a_chain_is_matched_whole_and_in_order() {
        let chains = Chains::only(vec![chain(&["https://b.example.org/pgt", "https://a.example.org/pgt"])]);
        assert!(chains.allow(&chain(&["https://b.example.org/pgt", "https://a.example.org/pgt"])));
        for refused in [
            &["https://a.example.org/pgt", "https://b.example.org/pgt"][..],
            &["https://b.example.org/pgt"],
            &["https://a.example.org/pgt"],
            &["https://b.example.org/pgt", "https://a.example.org/pgt", "https://c.example.org/pgt"],
            &["https://b.example.org/pgt.evil", "https://a.example.org/pgt"],
            &["https://b.example.org.evil/pgt", "https://a.example.org/pgt"],
            &["https://B.example.org/pgt", "https://a.example.org/pgt"],
        ] {
            assert!(!chains.allow(&chain(refused)), "{refused:?}");
        }
    }
}
