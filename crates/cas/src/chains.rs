/// The allowed proxy chains of a ticket (CAS 3.0 section 2.6). A chain is a list of proxy addresses, nearest first,
/// compared byte for byte and in order. No chain is allowed by default.
///
/// Patterns are not supported: an unanchored one would accept `https://app.example.org.evil/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains(Vec<Vec<String>>);

impl Chains {
    /// Allows logins of the user's own browser only.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Allows these chains and the user's own browser. An empty chain has no effect.
    pub fn only(chains: Vec<Vec<String>>) -> Self {
        Self(chains.into_iter().filter(|chain| !chain.is_empty()).collect())
    }

    /// Whether any proxy is allowed. If not, a proxy ticket is refused without a validation.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a login through `proxies`, nearest first, is allowed. A login without proxies always is.
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
        assert!(!chains.is_none());
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
