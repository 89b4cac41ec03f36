//! The entries of the npm package: one row, one wasm, one folder in `crates/js/npm`.

/// One entry.
pub(crate) struct Entry {
    /// Its folder, its wasm's name, and the feature of `crates/js` that selects it.
    pub(crate) name: &'static str,
    /// The profile of the workspace's `Cargo.toml` that it is compiled with.
    pub(crate) profile: &'static str,
    /// The crates beside `base` and `js` whose sources it is made from.
    pub(crate) crates: &'static [&'static str],
    pub(crate) glue: Glue,
    /// The most that its wasm and script may have together, in gzip kB. Not looked at for the main entry, which has
    /// rows of its own in `size.rs`.
    pub(crate) budget_kb: f64,
}

impl Entry {
    /// wasm-opt's level: speed for loops over pixels and passes over memory, size for the others.
    pub(crate) fn optimisation(&self) -> &'static str {
        if ["qr", "kdf"].contains(&self.name) { "-O3" } else { "-Oz" }
    }
}

/// How JavaScript and the wasm speak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glue {
    /// By hand over raw exports, without std: 2 kB of gzip less than wasm-bindgen's strings, which decides a budget
    /// here. This entry alone also has the build without WebAssembly.
    Raw,
    /// By wasm-bindgen.
    Bindgen,
}

/// All entries, the main one first.
pub(crate) const ENTRIES: [Entry; 8] = [
    Entry { name: "otp", profile: "entry", crates: &["otp"], glue: Glue::Raw, budget_kb: 10.2 },
    // With the links that people paste, 10 kB of the 48.
    Entry { name: "migration", profile: "edge", crates: &["otp"], glue: Glue::Bindgen, budget_kb: 48.0 },
    // Key derivations and their hashes for speed, all else small; loaded when a file is opened. The goal is 120 kB; this is what
    // 34 kinds of files and five writers take, and 2 %.
    Entry { name: "backup", profile: "backup", crates: &["otp", "backup"], glue: Glue::Bindgen, budget_kb: 159.0 },
    Entry { name: "qr", profile: "edge", crates: &["qr"], glue: Glue::Bindgen, budget_kb: 60.0 },
    // Apart from reading, which is nine tenths of `qr`: a page that enrols an account draws and never reads.
    Entry { name: "qr-draw", profile: "edge", crates: &["qr"], glue: Glue::Bindgen, budget_kb: 18.0 },
    Entry { name: "cas", profile: "edge", crates: &["cas"], glue: Glue::Bindgen, budget_kb: 100.0 },
    Entry { name: "vault", profile: "edge", crates: &["otp", "vault"], glue: Glue::Bindgen, budget_kb: 80.0 },
    // Apart from the vault, because Argon2 is needed to unlock and never to show codes, and runs in a worker that ends.
    Entry { name: "kdf", profile: "edge", crates: &["otp", "vault"], glue: Glue::Bindgen, budget_kb: 25.0 },
];
