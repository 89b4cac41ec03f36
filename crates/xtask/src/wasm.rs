//! Compiles a crate to a small wasm with its glue, by cargo, wasm-bindgen and wasm-opt.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    order,
    run::{Outcome, cargo, fresh_folder, go, node_tool, quiet, read, target, text, write},
    stamp::Inputs,
};

/// Selects the compact implementations of `sha2`, 3 kB of gzip less, and of `aes`.
const RUSTFLAGS: &str = "--cfg sha2_backend_soft=\"compact\" --cfg sha2_backend=\"soft\" \
     --cfg aes_backend_soft=\"compact\" --cfg aes_backend=\"soft\"";

/// The compilation target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The WebAssembly features that rustc uses for this target; wasm-opt must enable the same ones.
const FEATURES: [&str; 8] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// The inputs that every wasm shares.
pub(crate) fn inputs(salt: &str) -> Outcome<Inputs> {
    let mut inputs = Inputs::new(&format!("{salt} {RUSTFLAGS}"));
    for path in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "package-lock.json"] {
        inputs = inputs.add(path)?;
    }
    for file in ["build.rs", "bundle.rs", "entries.rs", "npm.rs", "order.rs", "packed.rs", "wasm.rs"] {
        inputs = inputs.add(Path::new("crates/xtask/src").join(file))?;
    }
    Ok(inputs)
}

/// Sets the compiler flags of every wasm.
pub(crate) fn with_flags(cargo: &mut Command) -> &mut Command {
    let flags = RUSTFLAGS.replace(" --cfg ", "\u{1f}--cfg\u{1f}").replace("--cfg ", "--cfg\u{1f}");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags)
}

/// Compiles one crate for wasm32 and returns the path of its wasm.
pub(crate) fn cargo_build(package: &str, file: &str, feature: Option<&str>, profile: &str) -> Outcome<PathBuf> {
    let mut command = cargo();
    command.args(["rustc", "--quiet", "--locked", "--target", TARGET, "-p", package]).args([
        "--profile",
        profile,
        "--lib",
    ]);
    if let Some(feature) = feature {
        command.args(["--no-default-features", "--features", feature]);
    }
    // Only as a cdylib: with an rlib as well, cargo skips link-time optimisation.
    command.args(["--crate-type", "cdylib"]);
    go(&format!("compiling {package} {}", feature.unwrap_or_default()), with_flags(&mut command))?;
    Ok(target().join(TARGET).join(profile).join(format!("{file}.wasm")))
}

/// The kind of wasm-bindgen glue.
#[derive(Clone, Copy)]
pub(crate) enum Glue {
    /// An ES module with `initSync`, for the entries of the npm package.
    Package,
    /// For workerd: the wasm is imported as a module, and a panic can be recovered from by a reset.
    Worker,
}

/// Writes `index.js` and `index_bg.wasm` into `out`.
pub(crate) fn bindgen(wasm: &Path, out: &Path, glue: Glue) -> Outcome {
    fresh_folder(out)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("index")
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false);
    let shaped = match glue {
        Glue::Package => bindgen.web(true).map(|b| b.omit_default_module_path(true)),
        Glue::Worker => bindgen.module(true).map(|b| b.reset_state_function(true).force_enable_abort_handler(true)),
    };
    shaped.and_then(|b| b.generate(out)).map_err(|e| format!("wasm-bindgen: {e:#}"))?;
    let path = out.join("index.js");
    if matches!(glue, Glue::Package) {
        let mut script = text(&path)?;
        for (old, new, times) in [
            // A call before `init` must throw an error of this package, not a TypeError.
            ("wasmInstance, wasm;", "wasmInstance, wasm = unready;", 1),
            ("wasm !== undefined", "wasm !== unready", 2),
            // The package hands over a compiled module. `instanceof` does not know one that an edge runtime has compiled in
            // another realm, and compiling it again throws.
            (
                "    if (!(module instanceof WebAssembly.Module)) {\n        module = new WebAssembly.Module(module);\n    }\n",
                "",
                1,
            ),
        ] {
            if script.matches(old).count() != times {
                return Err(format!("wasm-bindgen no longer writes \"{old}\""));
            }
            script = script.replace(old, new);
        }
        write(&path, format!("import {{ unready }} from \"#unready\";\n{script}"))?;
    }
    if matches!(glue, Glue::Worker) {
        // workerd does not support source-phase imports yet; its plain import of a wasm gives the same module. The pure
        // annotation lets the bundler drop what nothing uses.
        let script = text(&path)?
            .replace("import source ", "import ")
            .replace(": new FinalizationRegistry(", ": /* @__PURE__ */ new FinalizationRegistry(");
        let script = script.lines().filter(|line| !line.starts_with("if (Symbol.dispose) "));
        write(&path, script.collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}

/// Removes the exports that the glue used but the bundle no longer does, and the code that only they reach.
pub(crate) fn keep_exports(wasm: &Path, glue: &str, bundle: &str) -> Outcome {
    let mut module = walrus::Module::from_file(wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))?;
    let used = |name: &str| !glue.contains(&format!("wasm.{name}")) || bundle.contains(&format!(".{name}"));
    let unused: Vec<_> = module.exports.iter().filter(|export| !used(&export.name)).map(|export| export.id()).collect();
    for export in unused {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(&mut module);
    module.emit_wasm_file(wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))
}

/// Blanks the round constants of SHA-256 and SHA-512 (FIPS 180-4 sections 4.2.2 and 4.2.3) and returns their addresses. The
/// bytes do not compress, and JavaScript computes them in fewer: `crates/js/npm/otp/constants.js`.
pub(crate) fn without_constants(wasm: &Path) -> Outcome<[u32; 2]> {
    // The first two constants of each, as they lie in memory, and the length of the table.
    const TABLES: [(u128, usize, usize); 2] =
        [(0x7137_4491_428a_2f98, 8, 4 * 64), (0x7137_4491_23ef_65cd_428a_2f98_d728_ae22, 16, 8 * 80)];
    let mut module = walrus::Module::from_file(wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))?;
    let mut places = [0; 2];
    for (place, (begin, known, len)) in places.iter_mut().zip(TABLES) {
        let begin = begin.to_le_bytes();
        let segments: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
        for segment in segments {
            let data = module.data.get_mut(segment);
            let walrus::DataKind::Active { offset: walrus::ConstExpr::Value(walrus::ir::Value::I32(base)), .. } =
                data.kind
            else {
                continue;
            };
            let found = data.value.windows(known).position(|window| begin.starts_with(window));
            let Some((at, table)) = found.and_then(|at| Some((at, data.value.get_mut(at..at + len)?))) else {
                continue;
            };
            table.fill(0);
            *place = u32::try_from(at).ok().and_then(|at| base.cast_unsigned().checked_add(at)).unwrap_or(0);
        }
        if *place == 0 {
            return Err("the constants of SHA-2 are not in the wasm as they were".into());
        }
    }
    module.emit_wasm_file(wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))?;
    Ok(places)
}

/// Runs wasm-opt on a file in place, twice: a second run removes 1 % more.
pub(crate) fn optimise(wasm: &Path, level: &str) -> Outcome {
    let mut command = node_tool("wasm-opt")?;
    command.arg(wasm).args([level, "--strip-debug", "--strip-producers", "--strip-target-features"]);
    // The first kilobyte is the end of the stack, which only an overflow reaches, and that traps. So an address plus a small offset
    // never wraps, and the offset fits into the instruction: 1 kB of gzip less in the largest entry.
    command.arg("--low-memory-unused");
    command.args(FEATURES).arg("-o").arg(wasm);
    quiet("wasm-opt", &mut command)?;
    // The names are those of the sorted order, and go with the debug information.
    write(wasm, order::named(&read(wasm)?)?)?;
    let mut command = node_tool("wasm-opt")?;
    command.arg(wasm).arg(level).args(["--low-memory-unused", "--reorder-functions-by-name", "--strip-debug"]);
    quiet("wasm-opt", command.args(FEATURES).arg("-o").arg(wasm)).map(drop)
}

/// Translates a wasm to plain JavaScript by binaryen's wasm2js, after lowering it to WebAssembly 1.0, which is all that
/// wasm2js supports.
pub(crate) fn to_js(wasm: &Path, out: &Path) -> Outcome {
    let lowered = out.with_extension("wasm");
    let mut command = node_tool("wasm-opt")?;
    command.arg(wasm).args(FEATURES).args([
        "--llvm-nontrapping-fptoint-lowering",
        "--llvm-memory-copy-fill-lowering",
        "--signext-lowering",
        "-Oz",
        "--strip-debug",
        "--strip-producers",
        "--strip-target-features",
    ]);
    quiet("wasm-opt", command.arg("-o").arg(&lowered))?;
    quiet("wasm2js", node_tool("wasm2js")?.arg(&lowered).arg("-Oz").arg("-o").arg(out))?;
    let script = ["l", "r"].iter().try_fold(text(out)?, |script, side| plain_rotation(&script, side))?;
    write(out, script)
}

/// Replaces a rotation of wasm2js by one without masks, which JavaScript's shifts do not need because they use only five bits
/// of the count. This saves a sixth of the time of a code.
fn plain_rotation(script: &str, side: &str) -> Outcome<String> {
    let name = format!("function __wasm_rot{side}_i32(");
    let Some((before, rest)) = script.split_once(&name) else { return Ok(script.to_owned()) };
    let (_, after) = rest.split_once("\n }\n").ok_or_else(|| format!("wasm2js no longer writes {name} as expected"))?;
    let [one, other] = if side == "l" { ["<<", ">>>"] } else { [">>>", "<<"] };
    Ok(format!("{before}{name}a, b) {{\n  return a {one} b | a {other} 32 - b;\n }}\n{after}"))
}
