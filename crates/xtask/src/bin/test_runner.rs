//! The runner of wasm-bindgen-test, at the version of Cargo.lock: cargo calls it for tests on wasm32.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())?)
}
