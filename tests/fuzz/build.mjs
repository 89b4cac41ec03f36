// Builds the fuzz targets: cargo-fuzz, and a nightly Rust in a home of this project's own, because its sanitizers need nightly.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { locked, need, once, root, run, setupDir } from "../setup.mjs";

const NIGHTLY = "nightly-2026-05-20";
const CARGO_FUZZ = "0.13.2";
const home = join(setupDir, `rust-${NIGHTLY}`);
const cargoFuzz = join(setupDir, `cargo-fuzz-${CARGO_FUZZ}`);
/** Where the targets are built, and where runs leave what they find. */
export const fuzzDir = join(root, "target", "fuzz");

const host = () => /^host: (.+)$/m.exec(spawnSync("rustc", ["-vV"], { cwd: root, encoding: "utf8" }).stdout)[1];
/** The program of a target. */
export const fuzzBinary = (name) => join(fuzzDir, host(), "release", name);

async function install() {
  await once("rust-nightly", NIGHTLY, "a nightly Rust for fuzzing", () => existsSync(join(home, "toolchains")), () =>
    run("rustup", ["toolchain", "install", NIGHTLY, "--profile", "minimal", "--no-self-update"], { log: "rustup.log", env: { RUSTUP_HOME: home } }),
  );
  await once("fuzz", CARGO_FUZZ, "cargo-fuzz", () => existsSync(join(cargoFuzz, "bin", "cargo-fuzz")), () =>
    run("cargo", ["install", "--quiet", "--locked", "--version", CARGO_FUZZ, "--root", cargoFuzz, "cargo-fuzz"], {
      log: "cargo.log",
      env: { CARGO_TARGET_DIR: join(setupDir, "cargo-fuzz-build") },
    }),
  );
}

/** Builds all targets. Returns why this machine cannot, in one line; nothing when they are built. A target that does not compile is an error. */
export async function buildFuzz() {
  await need("rust");
  try {
    await install();
  } catch (error) {
    return `fuzzing needs ${NIGHTLY} and cargo-fuzz, which could not be installed: ${error.message.split("\n").find((line) => line.includes("ended with")) ?? error.message.split("\n")[0]}`;
  }
  await locked("fuzz-build", () =>
    run(join(cargoFuzz, "bin", "cargo-fuzz"), ["build", "--fuzz-dir", "tests/fuzz", "--target-dir", "target/fuzz"], {
      log: "fuzz.log",
      env: { RUSTUP_HOME: home, RUSTUP_TOOLCHAIN: NIGHTLY },
    }),
  );
}
