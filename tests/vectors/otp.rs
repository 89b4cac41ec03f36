//! Rows of `otp/`, `uri/`, `links/` and `migration/`.

use serde::Deserialize;

use crate::rows;

/// An account as the npm package writes it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the package's `Account`")]
pub struct Account {
    pub kind: String,
    pub secret: String,
    pub issuer: String,
    pub name: String,
    pub algorithm: String,
    pub digits: f64,
    pub period_secs: Option<f64>,
    pub counter: Option<f64>,
    pub pin: Option<String>,
}

/// The expected outcome of a row: a result, or an error code with the reason and an optional position.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub enum Outcome<T> {
    Refused { refuse: String, why: String, at: Option<usize> },
    Expected { expect: T },
}

/// One row: its name, its input, and its expected outcome.
#[derive(Clone, Debug, Deserialize)]
pub struct Row<G, T> {
    /// The attack that the row covers, if any.
    pub id: Option<String>,
    /// The subject of the row; the test is named after it.
    pub name: String,
    /// The fields of the input.
    #[serde(flatten)]
    pub given: G,
    /// The expected outcome.
    #[serde(flatten)]
    pub outcome: Outcome<T>,
}

/// Fields of a row with an account and a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct At {
    pub account: Account,
    pub now_ms: f64,
}

/// A code in the form of the npm package.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the package's `Code`")]
pub struct Code {
    pub text: String,
    pub valid_until_ms: Option<f64>,
}

/// Fields of a row of `otp/base32.json`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Text {
    pub text: String,
}

/// Fields of a row of `otp/verify.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Verify {
    pub account: Account,
    pub typed: String,
    pub now_ms: f64,
    pub window: f64,
    pub after: Option<f64>,
}

/// A match by time step.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `Match`")]
pub struct Match {
    pub step: f64,
    pub drift: f64,
}

/// Fields of a row of `otp/hotp_verify.json`; with `second`, a resynchronisation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct VerifyCounter {
    pub account: Account,
    pub typed: String,
    pub second: Option<String>,
    pub look_ahead: f64,
}

/// A match by counter.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the package's `HotpMatch`")]
pub struct CounterMatch {
    pub counter: f64,
    pub next_counter: f64,
    pub skipped: f64,
}

/// Fields of a row of `uri/read.json`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Read {
    pub uri: String,
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Fields of a row of `uri/write.json`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Write {
    pub account: Account,
}

/// Fields of a row of `migration/read.json`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Parts {
    pub parts: Vec<String>,
}

/// The content of an export.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `Migration`")]
pub struct Found {
    pub accounts: Vec<Account>,
    pub total: u32,
    pub missing: Vec<u32>,
    pub refused: Vec<Refused>,
}

/// A refused account.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `Migration`")]
pub struct Refused {
    pub issuer: String,
    pub name: String,
    pub code: String,
}

/// Fields of a row of `migration/write.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Export {
    pub accounts: Vec<Account>,
    pub batch_id: i32,
}

/// Fields of a row of `links/read.json`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Texts {
    pub texts: Vec<String>,
    /// The code of each account at 2026-01-01T00:00:00Z.
    pub codes: Option<Vec<String>>,
}

/// The content of pasted texts; absent fields are empty.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the names are those of the package's `Links`")]
pub struct Links {
    pub accounts: Vec<Account>,
    pub refused: Vec<Refused>,
    pub needs_pin: Vec<NeedsPin>,
    pub exports: Vec<ExportParts>,
    pub key: Option<String>,
}

/// An account without its PIN.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `Links`")]
pub struct NeedsPin {
    pub account: usize,
    pub digits: Option<u8>,
}

/// An export and its parts.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `Links`")]
pub struct ExportParts {
    pub total: u32,
    pub missing: Vec<u32>,
}

/// The number of accounts of each code of an export, and the accounts left out.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Written {
    pub accounts: Vec<usize>,
    pub losses: Vec<Loss>,
}

/// An account left out of an export.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the package's `MigrationExport`")]
pub struct Loss {
    pub index: usize,
    pub code: String,
}

/// `otp/{hotp,totp,steam,motp,yandex,refused}.json`
pub fn codes() -> Vec<Row<At, Code>> {
    [
        ("otp/hotp.json", include_str!("otp/hotp.json")),
        ("otp/totp.json", include_str!("otp/totp.json")),
        ("otp/steam.json", include_str!("otp/steam.json")),
        ("otp/motp.json", include_str!("otp/motp.json")),
        ("otp/yandex.json", include_str!("otp/yandex.json")),
        ("otp/refused.json", include_str!("otp/refused.json")),
    ]
    .into_iter()
    .flat_map(|(name, text)| rows(name, text))
    .collect()
}

/// `otp/{base32,typed_secrets}.json`: the expected result is the secret in canonical form.
pub fn base32() -> Vec<Row<Text, String>> {
    [
        ("otp/base32.json", include_str!("otp/base32.json")),
        ("otp/typed_secrets.json", include_str!("otp/typed_secrets.json")),
    ]
    .into_iter()
    .flat_map(|(name, text)| rows(name, text))
    .collect()
}

/// `otp/{verify,typed_codes}.json`
pub fn verify() -> Vec<Row<Verify, Option<Match>>> {
    [
        ("otp/verify.json", include_str!("otp/verify.json")),
        ("otp/typed_codes.json", include_str!("otp/typed_codes.json")),
    ]
    .into_iter()
    .flat_map(|(name, text)| rows(name, text))
    .collect()
}

/// `otp/hotp_verify.json`
pub fn verify_counter() -> Vec<Row<VerifyCounter, Option<CounterMatch>>> {
    rows("otp/hotp_verify.json", include_str!("otp/hotp_verify.json"))
}

/// `uri/read.json`
pub fn read() -> Vec<Row<Read, Account>> {
    rows("uri/read.json", include_str!("uri/read.json"))
}

/// `uri/write.json`
pub fn write() -> Vec<Row<Write, String>> {
    rows("uri/write.json", include_str!("uri/write.json"))
}

/// `migration/read.json`
pub fn migration_read() -> Vec<Row<Parts, Found>> {
    rows("migration/read.json", include_str!("migration/read.json"))
}

/// `links/read.json`
pub fn links() -> Vec<Row<Texts, Links>> {
    rows("links/read.json", include_str!("links/read.json"))
}

/// `migration/write.json`
pub fn migration_write() -> Vec<Row<Export, Written>> {
    rows("migration/write.json", include_str!("migration/write.json"))
}
