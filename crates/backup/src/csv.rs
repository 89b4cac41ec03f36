//! Comma-separated values (RFC 4180), as password managers export them; semicolons and tabs are separators too.

use alloc::{string::String, vec::Vec};

use crate::wipe::Zeroizing;

use crate::BackupError;

/// More than the limit of entries, because most rows of a password manager have no code.
const MAX_ROWS: usize = 200_000;

/// A table. The cells are wiped on drop: most of them are passwords.
pub(crate) struct Table {
    header: Vec<String>,
    pub(crate) rows: Vec<Vec<Zeroizing<String>>>,
}

impl Table {
    /// Reads a table whose first row names the columns; `None` without such a row.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, BackupError> {
        let first = text.trim_start().lines().next().unwrap_or_default();
        let count = |separator: char| first.matches(separator).count();
        let separator = [',', ';', '\t'].into_iter().max_by_key(|s| (count(*s), *s == ',')).unwrap_or(',');
        if count(separator) == 0 && !first.trim().eq_ignore_ascii_case("totp") {
            return Ok(None);
        }
        let mut rows = rows(text, separator)?.into_iter();
        let header: Vec<_> = rows.next().unwrap_or_default().iter().map(|cell| plain(cell)).collect();
        let named = header.iter().all(|name| name.len() <= 64) && header.iter().any(|name| !name.is_empty());
        Ok(named.then(|| Self { header, rows: rows.collect() }))
    }

    /// The index of the first of these columns that exists. Names must be in the form of [`plain`].
    #[inline(never)]
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|known| known == name))
    }

    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.column(&[name]).is_some())
    }

    pub(crate) fn columns(&self) -> usize {
        self.header.len()
    }
}

/// The trimmed cell of a row; empty when there is none.
#[inline(never)]
pub(crate) fn cell(row: &[Zeroizing<String>], column: Option<usize>) -> &str {
    column.and_then(|column| row.get(column)).map_or("", |cell| cell.trim())
}

/// A column's name in lower case, without white space and punctuation, for comparison.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

fn rows(text: &str, separator: char) -> Result<Vec<Vec<Zeroizing<String>>>, BackupError> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), Zeroizing::new(String::new()), false);
    let mut chars = text.chars().peekable();
    let mut next = chars.next();
    while let Some(char) = next {
        next = chars.next();
        if quoted {
            match char {
                '"' if next == Some('"') => {
                    cell.push('"');
                    next = chars.next();
                }
                '"' => quoted = false,
                _ => cell.push(char),
            }
            continue;
        }
        match char {
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\r' if next == Some('\n') => {}
            '\n' | '\r' => {
                row.push(core::mem::take(&mut cell));
                end(&mut rows, &mut row)?;
            }
            _ if char == separator => row.push(core::mem::take(&mut cell)),
            _ => cell.push(char),
        }
    }
    row.push(cell);
    end(&mut rows, &mut row)?;
    Ok(rows)
}

/// Appends the row unless it is blank.
fn end(rows: &mut Vec<Vec<Zeroizing<String>>>, row: &mut Vec<Zeroizing<String>>) -> Result<(), BackupError> {
    if row.len() > 512 || rows.len() >= MAX_ROWS {
        return Err(BackupError::TooLarge);
    }
    let row = core::mem::take(row);
    if row.iter().any(|cell| !cell.trim().is_empty()) {
        rows.push(row);
    }
    Ok(())
}
