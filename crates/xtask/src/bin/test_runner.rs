//! The wasm-bindgen test runner, at the version of Cargo.lock. Cargo runs tests on wasm32 through it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())?)
}
