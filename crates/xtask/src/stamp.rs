//! Stamps each artefact with the hash of its inputs, so that a build with nothing to do takes no time.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Instant,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::run::{Outcome, about, read, root, target, write};

/// Held during a build, because two concurrent builds would write the same files.
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

impl Lock {
    /// Waits until no other build runs in this workspace, with a message if it has to wait.
    pub(crate) fn take() -> Outcome<Self> {
        let path = target().join("xtask.lock");
        write(&path, "")?;
        let file = File::open(&path).map_err(about(&path))?;
        if file.try_lock().is_err() {
            eprintln!("xtask: waiting for another build in this workspace …");
            file.lock().map_err(about(&path))?;
        }
        Ok(Self(file))
    }
}

/// The hash of an artefact's inputs.
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// `salt` represents inputs that are not files: flags, versions.
    pub(crate) fn new(salt: &str) -> Self {
        Self(Sha256::new_with_prefix(salt))
    }

    /// Adds a file, or every file of a folder, with its path from the workspace's root. An absent file counts as empty.
    /// Folders named `tests`, `target`, `node_modules` and `.wrangler` are skipped.
    pub(crate) fn add(mut self, path: impl AsRef<Path>) -> Outcome<Self> {
        let path = root().join(path);
        self.visit(&path)?;
        Ok(self)
    }

    fn visit(&mut self, path: &Path) -> Outcome {
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default();
            if ["node_modules", "tests", "target", ".wrangler"].iter().any(|skipped| name == *skipped) {
                return Ok(());
            }
            let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
                .map_err(about(path))?
                .map(|entry| entry.map(|e| e.path()))
                .collect::<Result<_, _>>()
                .map_err(about(path))?;
            inside.sort();
            return inside.iter().try_for_each(|p| self.visit(p));
        }
        let content = if path.exists() { read(path)? } else { Vec::new() };
        let name = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned();
        self.0.update(format!("\n{name}\n{}\n", content.len()));
        self.0.update(&content);
        Ok(())
    }

    fn hash(&self) -> String {
        HEXLOWER.encode(&self.0.clone().finalize())
    }
}

/// The stamp of an artefact. It is fresh when it has the hash of the inputs and every output exists.
pub(crate) struct Stamp {
    name: String,
    hash: String,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    pub(crate) fn new(name: &str, inputs: &Inputs, outputs: &[PathBuf]) -> Self {
        Self { name: name.to_owned(), hash: inputs.hash(), outputs: outputs.to_vec() }
    }

    fn path(&self) -> PathBuf {
        target().join("stamps").join(&self.name)
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let stamped = std::fs::read_to_string(self.path()).is_ok_and(|old| old == self.hash);
        stamped && self.outputs.iter().all(|output| output.exists())
    }

    /// Makes the artefact and stamps it. A failure leaves no stamp.
    pub(crate) fn renew(&self, made_by: impl FnOnce() -> Outcome) -> Outcome {
        std::fs::remove_file(self.path()).ok();
        made_by()?;
        if let Some(absent) = self.outputs.iter().find(|output| !output.exists()) {
            return Err(format!("{}: the build ended without {}", self.name, absent.display()));
        }
        write(&self.path(), &self.hash)
    }
}

/// Makes an artefact unless it is fresh; returns whether it was made.
pub(crate) fn make(
    name: &str,
    inputs: &Inputs,
    outputs: &[PathBuf],
    made_by: impl FnOnce() -> Outcome,
) -> Outcome<bool> {
    let stamp = Stamp::new(name, inputs, outputs);
    if stamp.is_fresh() {
        return Ok(false);
    }
    stamp.renew(made_by).map(|()| true)
}

/// Runs a step and prints how long it took.
pub(crate) fn timed<T: Into<Made>>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome {
    #[expect(clippy::disallowed_methods, reason = "a build driver reports times")]
    let start = Instant::now();
    let Made(made) = work()?.into();
    let secs = start.elapsed().as_secs_f32();
    if made {
        eprintln!("xtask: {what} built in {secs:.1} s");
    } else {
        eprintln!("xtask: {what} is up to date");
    }
    Ok(())
}

pub(crate) struct Made(bool);

impl From<bool> for Made {
    fn from(made: bool) -> Self {
        Self(made)
    }
}
