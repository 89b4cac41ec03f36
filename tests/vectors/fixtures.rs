//! Files of other projects, which are not in this repository: recordings, backups, photographs.
//!
//! A test of such a file is a trial of `libtest-mimic`, which is ignored when the folder is absent.

use std::{env, path::PathBuf};

/// The folder `name` of `PORTCULLIS_FIXTURES`, by default of `../shared/fixtures` beside the repository.
///
/// # Errors
/// The path that is absent.
pub fn folder(name: &str) -> Result<PathBuf, PathBuf> {
    let folder = env::var_os("PORTCULLIS_FIXTURES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"), PathBuf::from)
        .join(name);
    if folder.is_dir() { Ok(folder) } else { Err(folder) }
}

/// The text of a file in the folder `name`.
///
/// # Errors
/// The file and the reason, as a sentence.
pub fn text(name: &str, file: &str) -> Result<String, String> {
    let path = folder(name).unwrap_or_else(|absent| absent).join(file);
    std::fs::read_to_string(&path)
        .map_err(|e| format!("{}: {e} (PORTCULLIS_FIXTURES names the folder)", path.display()))
}
