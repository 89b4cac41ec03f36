//! Writes the synthetic frames of a seed for readers in other languages: `cargo run --release -p qr --example frames --
//! FOLDER [SEED]`. Each is `NUMBER.pgm`; `expected.json` holds their kinds and texts.

#[path = "../tests/frames/mod.rs"]
mod frames;

use std::{fmt::Write, fs, io, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let seed = arguments.next().map_or(Ok(frames::HELD_OUT_SEED), |seed| seed.parse());
    let (Some(folder), Ok(seed)) = (folder, seed) else {
        eprintln!("usage: frames FOLDER [SEED]");
        return ExitCode::from(2);
    };
    match write(&folder, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("frames: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &std::path::Path, seed: u64) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut list = String::from("[\n");
    for (i, frame) in frames::all(seed).enumerate() {
        let file = format!("{i:03}.pgm");
        let mut bytes = format!("P5 {} {} 255\n", frame.width, frame.height).into_bytes();
        bytes.extend_from_slice(&frame.pixels);
        fs::write(folder.join(&file), bytes)?;
        // `{:?}` gives valid JSON here because the texts are ASCII without quotes or backslashes.
        let _ = writeln!(
            list,
            "{}{{\"file\": {file:?}, \"kind\": {:?}, \"texts\": {:?}}}",
            if i == 0 { "" } else { "," },
            frame.kind,
            frame.texts
        );
    }
    fs::write(folder.join("expected.json"), list + "]\n")
}
