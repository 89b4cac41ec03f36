//! The files of the repository: tracked by git, or new and not ignored.

use std::process::Command;

use crate::run::{Outcome, quiet, root, text};

/// One text file.
pub(crate) struct File {
    /// Relative to the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The paths that `wanted` selects, sorted.
pub(crate) fn paths(wanted: impl Fn(&str) -> bool) -> Outcome<Vec<String>> {
    let listed = quiet(
        "git",
        Command::new("git").current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]),
    )?;
    let mut paths: Vec<String> = String::from_utf8_lossy(&listed)
        .split('\0')
        .filter(|path| !path.is_empty() && wanted(path) && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The files that `wanted` selects, with their text.
pub(crate) fn files(wanted: impl Fn(&str) -> bool) -> Outcome<Vec<File>> {
    let read = |path: String| Ok(File { text: text(&root().join(&path))?, path });
    paths(wanted)?.into_iter().map(read).collect()
}

/// The name of a file without its folder.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a file without its folder and extensions.
pub(crate) fn stem(path: &str) -> &str {
    name(path).split('.').next().unwrap_or_default()
}

/// Whether the path lies directly in the folder.
pub(crate) fn directly_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).is_some_and(|rest| !rest.contains('/'))
}
