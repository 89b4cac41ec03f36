//! wuzf/2fa: JSON, a CSV with Chinese column names, and JSON embedded in a page.

use alloc::borrow::ToOwned;

use super::app;
use crate::{
    App, Backup, BackupError, Password,
    csv::{Table, cell},
    json::Value,
    report::{Draft, Raw},
    text::split_once,
};

pub(crate) const APP: App = app(
    "wuzf-2fa",
    "wuzf/2fa",
    "wuzf",
    Password::Never,
    "Export on its page: JSON, CSV, HTML or text. Backups of its server that are encrypted open only there.",
);

pub(crate) fn is(file: &Value) -> bool {
    file.get("secrets").list().first().is_some_and(|entry| entry.has("secret"))
}

pub(crate) fn read(file: &Value) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    for entry in file.get("secrets").list() {
        let issuer = if entry.has("name") { "name" } else { "issuer" };
        let name = if entry.has("account") { "account" } else { "service" };
        backup
            .add(Draft::of(entry, ["type", "secret", issuer, name, "algorithm", "digits", "period", "counter", ""]))?;
    }
    Ok(backup)
}

/// The JSON embedded in its page.
pub(crate) fn in_page(page: &str) -> Option<&str> {
    let (_, after) = split_once(page, "__2fa_backup_data__")?;
    let (_, json) = after.split_once('>')?;
    split_once(json, "</script").map(|(json, _)| json)
}

/// Whether the file is encrypted with the server's key: `v1:`, nonce and ciphertext.
pub(crate) fn is_sealed(text: &str) -> bool {
    text.trim()
        .strip_prefix("v1:")
        .is_some_and(|rest| rest.matches(':').count() == 1 && !rest.contains(char::is_whitespace))
}

pub(crate) fn is_table(table: &Table) -> bool {
    table.has(&["服务名称", "密钥"])
}

pub(crate) fn read_table(table: &Table) -> Result<Backup, BackupError> {
    let mut backup = Backup::new(&APP);
    let columns = ["服务名称", "账户信息", "密钥", "类型", "位数", "周期秒", "算法", "计数器"];
    let columns = columns.map(|name| table.column(&[name]));
    for row in &table.rows {
        let [issuer, name, secret, kind, digits, period, algorithm, counter] = columns.map(|column| cell(row, column));
        backup.add(Draft {
            kind,
            secret: Raw::Text(secret),
            issuer: issuer.to_owned(),
            name: name.to_owned(),
            algorithm,
            digits: digits.parse().ok(),
            period: period.parse().ok(),
            counter: counter.parse().ok(),
            ..Draft::default()
        })?;
    }
    Ok(backup)
}
