//! Settings that must never change. One object with a constant name stores them. With another tenant id, CAS id, naming key
//! or jurisdiction, every person's object would have another name, and everybody would seem to have no factor.

use json::{FromJson, ToJson};

use crate::{
    keys::seal::{IdKey, Keyring, Kid},
    policy::{Policy, losses, short_hash},
};

/// The name of the object. It contains no key, so that it is found whatever changes.
pub const NAME: &str = "anchor";

const VERSION_1: &str = r#"{"v":1,"anchor":"#;

/// The settings of an instance that must never change.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Ids of tenants and of their CAS servers.
    pub servers: Vec<(String, String)>,
    /// The relying party's id of passkeys.
    pub rp_id: String,
    /// Where objects live; empty where the platform decides.
    pub jurisdiction: String,
    /// Of `PORTCULLIS_ID_KEY`.
    pub id_key: String,
}

impl Identity {
    /// The identity of these settings.
    pub fn new(mut servers: Vec<(String, String)>, rp_id: &str, jurisdiction: &str, id_key: &IdKey) -> Self {
        base::order::sort_short(&mut servers, |one, next| one < next);
        servers.dedup();
        Self { servers, rp_id: rp_id.into(), jurisdiction: jurisdiction.into(), id_key: id_key.fingerprint() }
    }

    /// By which an operator names these settings.
    pub fn fingerprint(&self) -> String {
        let servers = self.servers.iter().flat_map(|(tenant, cas)| [tenant.as_str(), cas.as_str()]);
        short_hash([self.rp_id.as_str(), &self.jurisdiction, &self.id_key].into_iter().chain(servers))
    }
}

base::codes! {
    /// Why factors are closed: a setting changed that must not. Only [`AnchorCall::Adopt`] accepts the change.
    #[derive(ToJson, FromJson)]
    pub enum Changed {
        /// The id of a tenant or of a CAS server changed, or is missing.
        Server = "FACTOR_SERVER_CHANGED",
        /// The host of passkeys changed.
        RpId = "FACTOR_RP_ID_CHANGED",
        /// The jurisdiction of the objects changed.
        Jurisdiction = "FACTOR_JURISDICTION_CHANGED",
        /// `PORTCULLIS_ID_KEY` changed.
        IdKey = "FACTOR_ID_KEY_CHANGED",
        /// The anchor's record cannot be read, or is of a newer release.
        Unreadable = "FACTOR_ANCHOR_UNREADABLE",
    }
}

/// Longest policy that is kept, in bytes of its JSON.
pub const MAX_POLICY_BYTES: usize = 100_000;
/// Lines of a change in the log.
const MAX_LOST: usize = 50;

/// The policy is another one than the one that an instance had before.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    /// The hash of the earlier one; empty where this release cannot read it.
    pub was: String,
    /// The paths that lose a factor, as `check-policy --against` lists them.
    pub lost: Vec<String>,
}

/// Compares the policy of an instance that has just begun with the one that was seen last: the change, and whether to keep the new
/// text. A policy without factors is compared too, because it takes all of them away.
pub fn policy_seen(before: Option<&str>, now: &str) -> (Option<PolicyChange>, bool) {
    if before == Some(now) {
        return (None, false);
    }
    let Ok(new) = Policy::from_json(now) else { return (None, false) };
    let Some(before) = before else { return (None, true) };
    let old = Policy::from_json(before).ok();
    if old.as_ref().is_some_and(|old| old.hash == new.hash) {
        return (None, true);
    }
    let mut lost = old.as_ref().map(|old| losses(old, &new)).unwrap_or_default();
    lost.truncate(MAX_LOST);
    (Some(PolicyChange { was: old.map(|old| old.hash).unwrap_or_default(), lost }), true)
}

/// A call to the anchor.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum AnchorCall {
    /// Asked by each instance before its first decision on a factor.
    Check(Identity),
    /// An operator adopts changed settings, by `npm run adopt`.
    Adopt(Identity),
    /// An instance has begun with this policy, in JSON: see [`policy_seen`].
    Deployed(String),
    /// People with a factor, in all and by the id of the key that their secrets are sealed under.
    Counted {
        /// In all.
        people: u64,
        /// By key.
        kids: Vec<(String, u64)>,
    },
}

/// The result of a call to the anchor.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum AnchorVerdict {
    /// Nothing changed.
    Same {
        /// People with a factor, when they were last counted.
        people: u64,
        /// Keys that secrets are sealed under.
        kids: Vec<(String, u64)>,
    },
    /// Whether the policy is another one than before.
    Deployed(Option<PolicyChange>),
    /// This setting changed. Every rule that demands a factor must be closed.
    Changed(Changed),
    /// The object could not be reached. Rules that demand a factor must be closed.
    Unavailable,
}

/// The anchor's record.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct AnchorRecord {
    identity: Identity,
    people: u64,
    kids: Vec<(String, u64)>,
}

impl AnchorRecord {
    /// Handles one call. A returned text must be saved.
    pub fn apply(text: Option<&str>, call: AnchorCall) -> (AnchorVerdict, Option<String>) {
        let Ok(before) = Self::read(text) else {
            return (AnchorVerdict::Changed(Changed::Unreadable), None);
        };
        let mut record = match (&before, call) {
            (_, AnchorCall::Deployed(_)) | (None, AnchorCall::Counted { .. }) => {
                return (AnchorVerdict::Unavailable, None);
            }
            (None, AnchorCall::Check(identity) | AnchorCall::Adopt(identity)) => {
                Self { identity, people: 0, kids: Vec::new() }
            }
            (Some(record), AnchorCall::Adopt(identity)) => Self { identity, ..record.clone() },
            (Some(record), AnchorCall::Counted { people, kids }) => Self { people, kids, ..record.clone() },
            (Some(record), AnchorCall::Check(identity)) => match record.compare(&identity) {
                Some(changed) => return (AnchorVerdict::Changed(changed), None),
                // Servers may be added, and none may be removed.
                None => Self { identity, ..record.clone() },
            },
        };
        record.kids.retain(|(_, count)| *count > 0);
        let verdict = AnchorVerdict::Same { people: record.people, kids: record.kids.clone() };
        let is_new = before.as_ref() != Some(&record);
        (verdict, is_new.then(|| record.write()))
    }

    fn compare(&self, now: &Identity) -> Option<Changed> {
        let gone = self.identity.servers.iter().any(|server| !now.servers.contains(server));
        [
            (gone, Changed::Server),
            (self.identity.rp_id != now.rp_id, Changed::RpId),
            (self.identity.jurisdiction != now.jurisdiction, Changed::Jurisdiction),
            (self.identity.id_key != now.id_key, Changed::IdKey),
        ]
        .into_iter()
        .find_map(|(differs, changed)| differs.then_some(changed))
    }

    fn read(text: Option<&str>) -> Result<Option<Self>, ()> {
        let Some(text) = text else { return Ok(None) };
        let body = text.strip_prefix(VERSION_1).and_then(|rest| rest.strip_suffix('}')).ok_or(())?;
        json::from_str(body).map(Some).map_err(|_| ())
    }

    fn write(&self) -> String {
        format!("{VERSION_1}{}}}", json::to_string(self))
    }
}

/// Keys under which secrets of people are sealed, and which the keyring lacks. They should be reported at the start.
pub fn missing_keys<'k>(kids: &'k [(String, u64)], keys: &Keyring) -> Vec<&'k str> {
    let is_there = |kid: &str| Kid::parse(kid).is_some_and(|kid| keys.has(&kid));
    kids.iter().filter(|(kid, count)| *count > 0 && !is_there(kid)).map(|(kid, _)| kid.as_str()).collect()
}
