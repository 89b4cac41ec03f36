use alloc::{string::String, vec::Vec};

use super::{MigrationError, Part, Refused, read::Export};
use crate::Account;

/// The scanned parts of one export, in any order, possibly repeated.
#[derive(Default)]
pub struct Parts {
    export: Option<Export>,
    /// By index, each once. There are few, and a map is 1 kB of gzip larger.
    parts: Vec<Part>,
}

/// The content of an export.
pub struct Found {
    /// The accounts, in the order of the export.
    pub accounts: Vec<Account>,
    /// The refused accounts, with the reason.
    pub refused: Vec<Refused>,
    /// The number of codes of the export.
    pub total: u32,
    /// The codes not seen, counted from 1; empty when the export is complete.
    pub missing: Vec<u32>,
}

impl Parts {
    /// An export without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads parts in any order.
    ///
    /// # Errors
    /// The index and the error of the first part that cannot be added.
    pub fn read<S: AsRef<str>>(uris: &[S]) -> Result<Self, (usize, MigrationError)> {
        let mut parts = Self::new();
        for (place, uri) in uris.iter().enumerate() {
            Part::read(uri.as_ref()).and_then(|part| parts.add(part)).map_err(|error| (place, error))?;
        }
        Ok(parts)
    }

    /// Adds a part. A repeated part changes nothing.
    ///
    /// # Errors
    /// [`MigrationError::OtherExport`] when it cannot be a part of the same export. Version 2 has no `batch_id`, so two
    /// exports with the same number of parts are distinguished only when the same part differs.
    pub fn add(&mut self, part: Part) -> Result<(), MigrationError> {
        if *self.export.get_or_insert(part.export) != part.export {
            return Err(MigrationError::OtherExport);
        }
        match self.place(part.index) {
            Ok(at) if self.parts.get(at).is_some_and(|known| same(known, &part)) => Ok(()),
            Ok(_) => Err(MigrationError::OtherExport),
            Err(at) => {
                self.parts.insert(at, part);
                Ok(())
            }
        }
    }

    fn place(&self, index: u32) -> Result<usize, usize> {
        self.parts.binary_search_by_key(&index, |part| part.index)
    }

    /// The number of codes of the export; 0 before the first part.
    pub fn total(&self) -> u32 {
        self.export.map_or(0, |export| export.total)
    }

    /// The codes not seen yet, counted from 1.
    pub fn missing(&self) -> Vec<u32> {
        (0..self.total()).filter(|index| self.place(*index).is_err()).map(|index| index.saturating_add(1)).collect()
    }

    /// All accounts seen. An account with a repeated unique id is omitted.
    pub fn finish(self) -> Found {
        let (total, missing) = (self.total(), self.missing());
        let mut found = Found { accounts: Vec::new(), refused: Vec::new(), total, missing };
        let mut seen: Vec<String> = Vec::new();
        for entry in self.parts.into_iter().flat_map(|part| part.entries) {
            if !entry.unique_id.is_empty() {
                if seen.contains(&entry.unique_id) {
                    continue;
                }
                seen.push(entry.unique_id);
            }
            match entry.account {
                Ok(account) => found.accounts.push(account),
                Err(refused) => found.refused.push(refused),
            }
        }
        found
    }
}

fn same(a: &Part, b: &Part) -> bool {
    a.entries.len() == b.entries.len()
        && a.entries.iter().zip(&b.entries).all(|(a, b)| {
            a.unique_id == b.unique_id
                && match (&a.account, &b.account) {
                    (Ok(a), Ok(b)) => {
                        // EXPOSE: compares two scans of one code in constant time.
                        (&a.issuer, &a.name, a.otp) == (&b.issuer, &b.name, b.otp) && a.secret.ct_eq(b.secret.expose())
                    }
                    (Err(a), Err(b)) => a == b,
                    _ => false,
                }
        })
}
