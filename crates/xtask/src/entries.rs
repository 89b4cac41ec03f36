//! The entries of the npm package: one row, one wasm, one folder in `crates/js/npm`.

/// One entry.
pub(crate) struct Entry {
    /// Its folder, its wasm's name, and the feature of `crates/js` that selects it.
    pub(crate) name: &'static str,
    /// The profile of the workspace's `Cargo.toml` that it is compiled with.
    pub(crate) profile: &'static str,
    /// Its crates besides `base` and `js`.
    pub(crate) crates: &'static [&'static str],
    pub(crate) glue: Glue,
    /// The limit for its wasm and script together, in gzip kB. Unused for the main entry, which has its own rows in
    /// `size.rs`.
    pub(crate) budget_kb: f64,
}

impl Entry {
    /// wasm-opt's level: speed for image processing and key derivation, size for the others.
    pub(crate) fn optimisation(&self) -> &'static str {
        if ["qr", "kdf"].contains(&self.name) { "-O3" } else { "-Oz" }
    }
}

/// The interface between JavaScript and the wasm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glue {
    /// Raw exports with hand-written glue, without std: 2 kB of gzip less than wasm-bindgen, which the budget of this
    /// entry needs. Only this kind also has a build without WebAssembly.
    Raw,
    /// wasm-bindgen.
    Bindgen,
}

/// All entries, the main one first.
pub(crate) const ENTRIES: [Entry; 8] = [
    Entry { name: "otp", profile: "entry", crates: &["otp"], glue: Glue::Raw, budget_kb: 10.2 },
    // Reading pasted links takes 10 of the 48 kB.
    Entry { name: "migration", profile: "edge", crates: &["otp"], glue: Glue::Bindgen, budget_kb: 49.0 },
    // The profile optimises key derivations for speed and the rest for size. Loaded when a file is opened.
    Entry { name: "backup", profile: "backup", crates: &["otp", "backup"], glue: Glue::Bindgen, budget_kb: 120.0 },
    Entry { name: "qr", profile: "edge", crates: &["qr"], glue: Glue::Bindgen, budget_kb: 60.0 },
    // Separate from `qr`, nine tenths of which is the reader: an enrolment page only draws.
    Entry { name: "qr-draw", profile: "edge", crates: &["qr"], glue: Glue::Bindgen, budget_kb: 18.0 },
    Entry {
        name: "cas",
        profile: "edge",
        crates: &["cas", "json", "json-derive"],
        glue: Glue::Bindgen,
        budget_kb: 100.0,
    },
    Entry { name: "vault", profile: "edge", crates: &["otp", "vault"], glue: Glue::Bindgen, budget_kb: 80.0 },
    // Separate from the vault, because Argon2 is needed only to unlock, and runs in a web worker that is ended
    // afterwards.
    Entry { name: "kdf", profile: "edge", crates: &["otp", "vault"], glue: Glue::Bindgen, budget_kb: 25.0 },
];
