//! Paths of the workspace, running other programs, and files.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// `target/` of the workspace, whatever the caller's `CARGO_TARGET_DIR` is.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// A program of `node_modules/.bin`, run in the workspace's root. Its PATH begins with the Node of the npm package
/// `node`.
pub(crate) fn node_tool(name: &str) -> Outcome<Command> {
    let bin = root().join("node_modules/.bin");
    let tool = bin.join(name);
    if !tool.exists() {
        return Err(format!(
            "{} is missing.\nIt is one of the npm dependencies.\nRun `npm ci` in {}.",
            tool.display(),
            root().display()
        ));
    }
    let mut command = Command::new(tool);
    command.current_dir(root()).env("PATH", path_with(&bin));
    Ok(command)
}

/// The caller's PATH with one folder added in front.
pub(crate) fn path_with(first: &Path) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(first.to_path_buf()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap_or(rest)
}

/// cargo, building into the workspace's own `target/`.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CARGO_TARGET_DIR", target());
    command
}

/// Runs a command with its output on the terminal. `what` names the step in the error.
pub(crate) fn go(what: &str, command: &mut Command) -> Outcome {
    let status = command.status().map_err(|e| format!("{what}: {} cannot be started: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{what}: {} ended with {status}", shown(command))) }
}

/// Runs a command and returns its standard output. The error contains everything that it printed.
pub(crate) fn quiet(what: &str, command: &mut Command) -> Outcome<Vec<u8>> {
    let output = command.output().map_err(|e| format!("{what}: {} cannot be started: {e}", shown(command)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    Err(format!("{what}: {} ended with {}\n{stderr}{stdout}", shown(command), output.status))
}

fn shown(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Adds the path to an I/O error.
pub(crate) fn about(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |e| format!("{}: {e}", path.display())
}

pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(about(path))
}

pub(crate) fn text(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(about(path))
}

/// Writes a file, and creates its folder if needed.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(about(folder))?;
    }
    std::fs::write(path, bytes).map_err(about(path))
}

/// Creates an empty folder, replacing an existing one.
pub(crate) fn fresh_folder(path: &Path) -> Outcome {
    if path.exists() {
        std::fs::remove_dir_all(path).map_err(about(path))?;
    }
    std::fs::create_dir_all(path).map_err(about(path))
}

/// Copies a file, or a folder with its contents.
pub(crate) fn copy(from: &Path, to: &Path) -> Outcome {
    if from.is_dir() {
        std::fs::create_dir_all(to).map_err(about(to))?;
        for entry in std::fs::read_dir(from).map_err(about(from))? {
            let entry = entry.map_err(about(from))?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(about(folder))?;
    }
    std::fs::copy(from, to).map_err(about(from)).map(drop)
}
